//! Makes untrusted text safe to show: replaces characters that control a terminal, that reverse the reading order, or that are invisible, with
//! visible ones.

use std::borrow::Cow;

use crate::invisible::{is_ignorable, is_kept, needs_neighbors};

/// Replaces every control, bidirectional and invisible character with a visible one.
///
/// ASCII control characters become their Unicode control picture: `ESC` becomes `␛`, a line feed `␊`. The others (U+0080 to
/// U+009F, bidirectional marks and overrides, line and paragraph separators, and everything that Unicode calls ignorable) become `�`.
/// An invisible character stays only between two characters that it joins: in an emoji, and in a word of a script that needs joiners.
/// Text without any of these characters is borrowed.
///
/// ```
/// assert_eq!(tw_render::text::visible("a\x1b[31mb\n"), "a␛[31mb␊");
/// assert_eq!(tw_render::text::visible("pay\u{200b}pal"), "pay�pal");
/// ```
pub fn visible(text: &str) -> Cow<'_, str> {
    replace(text, None, replacement_for)
}

/// Replaces the same characters as [`visible`] does, and every invisible one. For texts by which people decide, such as names: two names that look the
/// same must be the same.
///
/// ```
/// assert_eq!(tw_render::text::visible_name("👩\u{200d}💻"), "👩�💻");
/// ```
pub fn visible_name(text: &str) -> Cow<'_, str> {
    let replaced = |character| {
        let replacement = char::REPLACEMENT_CHARACTER;
        replacement_for(character).or_else(|| is_ignorable(character).then_some(replacement))
    };
    match text.chars().all(|character| replaced(character).is_none()) {
        true => Cow::Borrowed(text),
        false => text
            .chars()
            .map(|character| replaced(character).unwrap_or(character))
            .collect(),
    }
}

/// Replaces the same characters as [`visible`] does, but keeps line feeds.
///
/// ```
/// assert_eq!(tw_render::text::visible_lines("one\ntwo\r"), "one\ntwo␍");
/// ```
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    replace(text, None, |character| match character {
        '\n' => None,
        other => replacement_for(other),
    })
}

/// Replaces the same characters as [`visible`] does, but keeps line feeds and tabs.
pub(crate) fn visible_document(text: &str) -> Cow<'_, str> {
    visible_part(text, None)
}

/// Replaces as [`visible_document`] does in a part of a document that stands after the character `before`.
fn visible_part(text: &str, before: Option<char>) -> Cow<'_, str> {
    replace(text, before, |character| match character {
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
    /// The bytes that wait for the next piece: a joiner, whose fate depends on the next character, and up to 3 bytes of an unfinished character.
    waiting: Vec<u8>,
    /// The character before the waiting bytes. `None` at the beginning.
    before: Option<char>,
}

impl VisibleStream {
    /// Returns the visible text of the next piece. A joiner or the bytes of an unfinished character at its end wait for the next piece.
    pub fn push(&mut self, bytes: &[u8]) -> String {
        let bytes = [&self.waiting[..], bytes].concat();
        let (whole, _) = bytes.split_at(bytes.len() - count_begun(&bytes));
        let joiner = std::str::from_utf8(&whole[whole.len().saturating_sub(3)..]).ok();
        let joiner = joiner.filter(|text| text.chars().next().is_some_and(needs_neighbors));
        let (whole, waiting) = bytes.split_at(whole.len() - joiner.map_or(0, str::len));
        self.waiting = waiting.to_vec();
        self.show(&String::from_utf8_lossy(whole))
    }

    /// Ends the document. Returns the joiner at its end, and `�` if it ended in the middle of a character.
    pub fn end(&mut self) -> String {
        let waiting = std::mem::take(&mut self.waiting);
        self.show(&String::from_utf8_lossy(&waiting))
    }

    fn show(&mut self, text: &str) -> String {
        let shown = visible_part(text, self.before).into_owned();
        self.before = text.chars().next_back().or(self.before);
        shown
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

/// Replaces characters of a text that stands after the character `before`.
fn replace(
    text: &str,
    before: Option<char>,
    replacement_for: impl Fn(char) -> Option<char>,
) -> Cow<'_, str> {
    let is_safe = |character| replacement_for(character).is_none() && !is_ignorable(character);
    if text.chars().all(is_safe) {
        return Cow::Borrowed(text);
    }
    let mut characters = text.chars().peekable();
    let (mut before, mut is_changed) = (before, false);
    let mut replaced = String::with_capacity(text.len());
    while let Some(character) = characters.next() {
        let after = characters.peek().copied();
        let replacement = match is_ignorable(character) {
            true if is_kept(before, character, after) => None,
            true => Some(char::REPLACEMENT_CHARACTER),
            false => replacement_for(character),
        };
        is_changed |= replacement.is_some();
        replaced.push(replacement.unwrap_or(character));
        before = Some(character);
    }
    match is_changed {
        true => Cow::Owned(replaced),
        false => Cow::Borrowed(text),
    }
}

/// Returns the visible character to show instead of one that controls the terminal or the line. `None` for any other character.
pub(crate) fn replacement_for(character: char) -> Option<char> {
    match character {
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(character)),
        '\x7f' => Some('\u{2421}'),
        '\u{80}'..='\u{9f}' | '\u{2028}' | '\u{2029}' => Some(char::REPLACEMENT_CHARACTER),
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
    fn visible_replaces_invisible_characters() {
        for character in "\u{ad}\u{34f}\u{115f}\u{1160}\u{17b4}\u{17b5}\u{180b}\u{180e}\u{200b}\u{2060}\u{2064}\u{206a}\u{206f}\u{3164}\u{fe00}\u{ffa0}\u{fff9}\u{fffb}\u{1bca0}\u{1d173}\u{1d17a}\u{e0001}\u{e0041}\u{e007f}\u{e0100}\u{e01ef}".chars() {
            let text = format!("a{character}b");
            assert_eq!(visible(&text), "a\u{fffd}b", "{character:?}");
            assert_eq!(visible_name(&text), "a\u{fffd}b", "{character:?}");
        }
    }

    #[test]
    fn visible_keeps_the_joiners_that_a_text_needs() {
        for text in [
            "❤\u{fe0f} ☎\u{fe0e} 1\u{fe0f}\u{20e3}",
            "👩\u{1f3fd}\u{200d}💻 🏳\u{fe0f}\u{200d}🌈 👩\u{200d}❤\u{fe0f}\u{200d}👩",
            "می\u{200c}خواهم",
            "क\u{94d}\u{200d}ष",
        ] {
            assert!(
                matches!(visible(text), Cow::Borrowed(same) if same == text),
                "{text}"
            );
            assert!(visible_name(text).contains('�'), "{text}");
        }
    }

    #[test]
    fn visible_replaces_joiners_where_they_join_nothing() {
        for text in [
            "pay\u{200d}pal",
            "pay\u{200c}pal",
            "a\u{fe0f}b",
            "1\u{fe0f}2",
            "👩\u{200d}",
            "👩\u{200d}a",
            "می\u{200c}",
            "\u{200c}می",
            "می\u{200c}a",
        ] {
            assert!(visible(text).contains('�'), "{text:?}");
            assert_eq!(visible(text).chars().count(), text.chars().count());
        }
        assert_eq!(visible("👩\u{200d}\u{200d}💻"), "👩��💻");
    }

    #[test]
    fn a_stream_gives_the_same_text_wherever_its_pieces_end() {
        let document = "é\t漢字\r\n👩\u{200d}\u{202e}\u{9b}\u{1b}[31m ende 👩\u{200d}💻".as_bytes();
        let document = [document, b" \xff\xe6\xbc"].concat();
        let expected = "é\t漢字␍\n👩���␛[31m ende 👩\u{200d}💻 ��";
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
