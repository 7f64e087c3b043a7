//! Makes untrusted text safe to show: replaces characters that control a terminal, or that reverse the reading order, with
//! visible ones.

use std::borrow::Cow;

/// Replaces every control and bidirectional character with a visible one.
///
/// ASCII control characters become their Unicode control picture: `ESC` becomes `␛`, a line feed `␊`. The others (U+0080 to
/// U+009F, bidirectional marks and overrides, line and paragraph separators, the byte order mark) become `�`. Text without
/// any of them is borrowed.
///
/// ```
/// assert_eq!(tw_render::text::visible("a\x1b[31mb\n"), "a␛[31mb␊");
/// ```
pub fn visible(text: &str) -> Cow<'_, str> {
    replace(text, replacement_for)
}

/// Replaces the same characters as [`visible`] does, but keeps line feeds.
///
/// ```
/// assert_eq!(tw_render::text::visible_lines("one\ntwo\r"), "one\ntwo␍");
/// ```
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    replace(text, |character| match character {
        '\n' => None,
        other => replacement_for(other),
    })
}

/// Replaces the same characters as [`visible`] does, but keeps line feeds and tabs.
pub(crate) fn visible_document(text: &str) -> Cow<'_, str> {
    replace(text, |character| match character {
        '\n' | '\t' => None,
        other => replacement_for(other),
    })
}

/// Makes a document visible that arrives in pieces: replaces the same characters as [`visible`] does, but keeps line feeds and tabs. A piece may end in
/// the middle of a character. Bytes that are not UTF-8 become `�`.
///
/// ```
/// let mut stream = tw_render::text::VisibleStream::default();
/// assert_eq!(stream.push(b"caf\xc3"), "caf");
/// assert_eq!(stream.push(b"\xa9\n\x1b["), "é\n␛[");
/// assert_eq!(stream.end(), "");
/// ```
#[derive(Debug, Default)]
pub struct VisibleStream {
    /// The bytes of a character whose other bytes have not arrived: at most 3.
    begun: Vec<u8>,
}

impl VisibleStream {
    /// Returns the visible text of the next piece. The bytes of an unfinished character at its end wait for the next piece.
    pub fn push(&mut self, bytes: &[u8]) -> String {
        let bytes = [&self.begun[..], bytes].concat();
        let (whole, begun) = bytes.split_at(bytes.len() - count_begun(&bytes));
        self.begun = begun.to_vec();
        visible_document(&String::from_utf8_lossy(whole)).into_owned()
    }

    /// Ends the document. Returns `�` if it ended in the middle of a character, and otherwise an empty text.
    pub fn end(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.begun)).into_owned()
    }
}

/// Returns the number of bytes at the end that begin a character and don't complete it.
fn count_begun(bytes: &[u8]) -> usize {
    let is_begun = |count: &usize| {
        let tail = &bytes[bytes.len() - count..];
        std::str::from_utf8(tail)
            .is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
    };
    (1..=bytes.len().min(3)).find(is_begun).unwrap_or_default()
}

fn replace(text: &str, replacement_for: impl Fn(char) -> Option<char>) -> Cow<'_, str> {
    if text
        .chars()
        .all(|character| replacement_for(character).is_none())
    {
        return Cow::Borrowed(text);
    }
    text.chars()
        .map(|character| replacement_for(character).unwrap_or(character))
        .collect()
}

/// Returns the visible character to show instead, or `None` if the character is safe.
pub(crate) fn replacement_for(character: char) -> Option<char> {
    match character {
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(character)),
        '\x7f' => Some('\u{2421}'),
        '\u{80}'..='\u{9f}'
        | '\u{61c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}' => Some(char::REPLACEMENT_CHARACTER),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visible_borrows_ordinary_text_of_any_script() {
        let text = "Straße 漢字 עברית 👩\u{200d}👩\u{200d}👧 |";
        assert!(matches!(visible(text), Cow::Borrowed(same) if same == text));
    }

    #[test]
    fn visible_replaces_each_control_character_with_its_picture() {
        assert_eq!(visible("\0\t\n\r\x1b\x1f\x7f"), "␀␉␊␍␛␟␡");
        assert_eq!(visible("\u{80}\u{9b}\u{9f}"), "���");
    }

    #[test]
    fn visible_replaces_characters_that_reverse_the_reading_order_or_break_a_line() {
        for character in
            "\u{61c}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202e}\u{2066}\u{2069}\u{feff}"
                .chars()
        {
            assert_eq!(visible(&character.to_string()), "\u{fffd}", "{character:?}");
        }
    }

    #[test]
    fn a_stream_gives_the_same_text_wherever_its_pieces_end() {
        let document = "é\t漢字\r\n👩\u{200d}\u{202e}\u{9b}\u{1b}[31m ende".as_bytes();
        let document = [document, b" \xff\xe6\xbc"].concat();
        let expected = "é\t漢字␍\n👩\u{200d}��␛[31m ende ��";
        for size in 1..=document.len() {
            let mut stream = VisibleStream::default();
            let mut text: String = document
                .chunks(size)
                .map(|piece| stream.push(piece))
                .collect();
            text += &stream.end();
            assert_eq!(text, expected, "pieces of {size} bytes");
        }
    }

    #[test]
    fn a_stream_shows_a_finished_character_at_once() {
        let mut stream = VisibleStream::default();
        assert_eq!(stream.push("漢".as_bytes()), "漢");
        assert_eq!(stream.push(b"\xe6\xbc"), "");
        assert_eq!(stream.push(b"a"), "�a");
    }

    #[test]
    fn visible_lines_keeps_line_feeds_only() {
        assert_eq!(visible_lines("a\nb\r\x1b"), "a\nb␍␛");
    }
}
