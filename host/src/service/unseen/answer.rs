//! An answer that is read from a terminal byte by byte.
//!
//! A terminal in the mode "bracketed paste" sends `ESC [ 200 ~` before a pasted text and `ESC [ 201 ~` after it.

use zeroize::Zeroizing;

/// The number in the control sequence before a pasted text.
const PASTE_BEGINS: u32 = 200;
/// The number in the control sequence of the key Enter, if a terminal sends each key as a sequence.
const ENTER: u32 = 13;
/// The control sequence after a pasted text.
const PASTE_END: &[u8] = b"\x1b[201~";

const CTRL_C: u8 = 0x03;
const CTRL_D: u8 = 0x04;
const BACKSPACE: u8 = 0x08;
const CTRL_U: u8 = 0x15;
const CTRL_W: u8 = 0x17;
const ESCAPE: u8 = 0x1b;
const CTRL_BACKSLASH: u8 = 0x1c;
const DELETE: u8 = 0x7f;

/// An event that the next byte caused.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Event {
    /// The user ended the answer with Enter or Ctrl-D.
    Ended,
    /// A paste with this number of lines ended.
    Pasted(usize),
    /// The user pressed a key that ends a program.
    Interrupted,
    /// The user pressed a key that has no meaning here.
    Refused,
}

#[derive(Clone, Copy, Default)]
enum State {
    #[default]
    Typed,
    /// An escape character was read.
    Escape,
    /// The beginning of a control sequence was read, with this number.
    Sequence(u32),
    /// The pasted text is read. It starts at this byte of the answer.
    Pasted { start: usize },
}

/// An answer that may be incomplete.
#[derive(Default)]
pub(super) struct Answer {
    bytes: Zeroizing<Vec<u8>>,
    state: State,
}

impl Answer {
    /// Returns the bytes of the answer. The lines of a pasted text end in line feeds.
    pub(super) fn into_bytes(self) -> Zeroizing<Vec<u8>> {
        self.bytes
    }

    /// True if the next byte belongs to a pasted text.
    pub(super) fn is_pasted(&self) -> bool {
        matches!(self.state, State::Pasted { .. })
    }

    /// Adds the next byte that the terminal sent.
    pub(super) fn add(&mut self, byte: u8) -> Option<Event> {
        match (self.state, byte) {
            (State::Typed | State::Escape | State::Sequence(_), byte) if is_interrupt(byte) => {
                self.state = State::Typed;
                return Some(Event::Interrupted);
            }
            (State::Typed, byte) => return self.add_typed(byte),
            (State::Pasted { start }, byte) => return self.add_pasted(start, byte),
            (State::Escape, b'[' | b'O') => self.state = State::Sequence(0),
            (State::Sequence(number), b'0'..=b'9') => {
                let number = number
                    .saturating_mul(10)
                    .saturating_add(u32::from(byte - b'0'));
                self.state = State::Sequence(number);
            }
            (State::Sequence(PASTE_BEGINS), b'~') => {
                let start = self.bytes.len();
                self.state = State::Pasted { start };
            }
            // Enter on the keypad, and Enter of terminals that send each key as a sequence.
            (State::Sequence(0), b'M') | (State::Sequence(ENTER), b'u') => {
                self.state = State::Typed;
                return Some(Event::Ended);
            }
            // The middle of a control sequence, such as the `;` in the sequence of Ctrl-Left.
            (State::Sequence(_), 0x20..0x40) => {}
            // The end of another key's sequence.
            (State::Escape | State::Sequence(_), _) => {
                self.state = State::Typed;
                return Some(Event::Refused);
            }
        }
        None
    }

    fn add_typed(&mut self, byte: u8) -> Option<Event> {
        match byte {
            b'\r' | b'\n' | CTRL_D => return Some(Event::Ended),
            BACKSPACE | DELETE => self.remove_character(),
            CTRL_U => self.bytes.clear(),
            CTRL_W => self.remove_word(),
            ESCAPE => self.state = State::Escape,
            b'\t' | 0x20.. => self.bytes.push(byte),
            _ => return Some(Event::Refused),
        }
        None
    }

    fn add_pasted(&mut self, start: usize, byte: u8) -> Option<Event> {
        self.bytes.push(byte);
        let pasted = self.bytes[start..].strip_suffix(PASTE_END)?;
        let pasted = Zeroizing::new(to_line_feeds(pasted));
        self.bytes.truncate(start);
        self.bytes.extend_from_slice(&pasted);
        self.state = State::Typed;
        let lines = pasted.split_inclusive(|byte| *byte == b'\n').count();
        Some(Event::Pasted(lines))
    }

    /// Removes the last word and the blanks after it.
    fn remove_word(&mut self) {
        let is_blank = |byte: &u8| byte.is_ascii_whitespace();
        let end = self.bytes.iter().rposition(|byte| !is_blank(byte));
        let word = &self.bytes[..end.map_or(0, |end| end + 1)];
        let start = word.iter().rposition(is_blank);
        self.bytes.truncate(start.map_or(0, |start| start + 1));
    }

    /// Removes the last character, which may have several bytes.
    fn remove_character(&mut self) {
        let continues = |byte: u8| byte & 0b1100_0000 == 0b1000_0000;
        while self.bytes.pop().is_some_and(continues) {}
    }
}

/// True for the keys that a terminal usually turns into signals: Ctrl-C and Ctrl-\.
pub(super) fn is_interrupt(byte: u8) -> bool {
    matches!(byte, CTRL_C | CTRL_BACKSLASH)
}

/// Returns the text with a line feed for each line end. A terminal sends the key Enter, a carriage return, for each line feed of a pasted text.
fn to_line_feeds(pasted: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(pasted.len());
    for (at, byte) in pasted.iter().enumerate() {
        match byte {
            b'\r' if pasted.get(at + 1) == Some(&b'\n') => {}
            b'\r' => bytes.push(b'\n'),
            byte => bytes.push(*byte),
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Adds all bytes, and returns the answer and the events.
    fn read(sent: &[u8]) -> (Vec<u8>, Vec<Event>) {
        let mut answer = Answer::default();
        let events = sent.iter().filter_map(|byte| answer.add(*byte)).collect();
        (answer.into_bytes().to_vec(), events)
    }

    #[test]
    fn enter_and_ctrl_d_end_an_answer() {
        for end in ["\r", "\n", "\u{4}", "\u{1b}OM", "\u{1b}[13u"] {
            let sent = format!("correct\thörse{end}");
            let expected = ("correct\thörse".as_bytes().to_vec(), vec![Event::Ended]);
            assert_eq!(read(sent.as_bytes()), expected);
        }
    }

    #[test]
    fn keys_remove_a_character_a_word_or_everything() {
        let (answer, _) = read(b"one two  \x17three \x17four");
        assert_eq!(answer, b"one four");
        assert_eq!(read(b"one\x17").0, b"");
        let (answer, events) = read("wröng\u{15}aö\u{7f}\u{8}\u{8}böb\u{7f}".as_bytes());
        assert_eq!((answer, events), ("bö".as_bytes().to_vec(), vec![]));
    }

    #[test]
    fn keys_without_a_meaning_add_nothing() {
        for key in [
            "\u{1}",
            "\u{1b}[D",
            "\u{1b}[1;5C",
            "\u{1b}OP",
            "\u{1b}x",
            "\u{1b}[3~",
        ] {
            let sent = format!("a{key}b");
            assert_eq!(
                read(sent.as_bytes()),
                (b"ab".to_vec(), vec![Event::Refused])
            );
        }
    }

    #[test]
    fn ctrl_c_interrupts_at_any_place_outside_of_a_paste() {
        for key in ["\u{3}", "\u{1c}"] {
            for before in ["", "a", "\u{1b}", "\u{1b}[1"] {
                let (_, events) = read(format!("{before}{key}").as_bytes());
                assert_eq!(events, [Event::Interrupted], "{before:?}");
            }
            let (answer, events) = read(format!("\u{1b}[200~a{key}b\u{1b}[201~").as_bytes());
            let expected = (format!("a{key}b").into_bytes(), vec![Event::Pasted(1)]);
            assert_eq!((answer, events), expected);
        }
    }

    #[test]
    fn a_paste_of_several_lines_is_one_answer() {
        let (answer, events) = read(b"<\x1b[200~one\rtwo\r\nthree\n\x1b[201~>\r");
        assert_eq!(answer, b"<one\ntwo\nthree\n>");
        assert_eq!(events, [Event::Pasted(3), Event::Ended]);
    }

    #[test]
    fn the_end_of_a_paste_is_not_found_in_typed_bytes_before_it() {
        let (answer, _) = read(b"x\x1b[200~[201~\x1b[201~y");
        assert_eq!(answer, b"x[201~y");
    }

    proptest! {
        #[test]
        fn a_paste_keeps_its_bytes(pasted in prop::collection::vec(any::<u8>(), 0..200)) {
            let text: Vec<u8> = pasted.into_iter().filter(|byte| !b"\x1b\r".contains(byte)).collect();
            let sent = [b"\x1b[200~", &*text, PASTE_END].concat();
            prop_assert_eq!(read(&sent).0, text);
        }

        #[test]
        fn no_bytes_panic(sent in prop::collection::vec(any::<u8>(), 0..200)) {
            read(&sent);
        }
    }
}
