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
    fn visible_lines_keeps_line_feeds_only() {
        assert_eq!(visible_lines("a\nb\r\x1b"), "a\nb␍␛");
    }
}
