//! Text that others wrote, made safe to show: characters that would steer a terminal, or turn the reading order round,
//! are replaced by visible ones.

use std::borrow::Cow;

/// The text with every control and bidirectional character replaced by a visible one: `ESC` by `␛`, a line feed by `␊`, and
/// those that have no picture of their own by `�`.
///
/// ```
/// assert_eq!(tw_render::text::visible("a\x1b[31mb\n"), "a␛[31mb␊");
/// ```
pub fn visible(text: &str) -> Cow<'_, str> {
    replace(text, picture)
}

/// The same, but line feeds stay.
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    replace(text, |character| match character {
        '\n' => None,
        other => picture(other),
    })
}

/// The same, but line feeds and tabs stay.
pub(crate) fn visible_document(text: &str) -> Cow<'_, str> {
    replace(text, |character| match character {
        '\n' | '\t' => None,
        other => picture(other),
    })
}

fn replace(text: &str, picture: impl Fn(char) -> Option<char>) -> Cow<'_, str> {
    if text.chars().all(|character| picture(character).is_none()) {
        return Cow::Borrowed(text);
    }
    text.chars()
        .map(|character| picture(character).unwrap_or(character))
        .collect()
}

/// What stands for a character that must not be shown as it is.
pub(crate) fn picture(character: char) -> Option<char> {
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
    fn ordinary_text_of_any_script_stays_as_it_is() {
        let text = "Straße 漢字 עברית 👩\u{200d}👩\u{200d}👧 |";
        assert!(matches!(visible(text), Cow::Borrowed(same) if same == text));
    }

    #[test]
    fn each_control_character_has_its_picture() {
        assert_eq!(visible("\0\t\n\r\x1b\x1f\x7f"), "␀␉␊␍␛␟␡");
        assert_eq!(visible("\u{80}\u{9b}\u{9f}"), "���");
    }

    #[test]
    fn nothing_turns_the_reading_order_round_or_breaks_a_line() {
        for character in
            "\u{61c}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202e}\u{2066}\u{2069}\u{feff}"
                .chars()
        {
            assert_eq!(visible(&character.to_string()), "\u{fffd}", "{character:?}");
        }
    }

    #[test]
    fn line_feeds_stay_where_lines_are_meant() {
        assert_eq!(visible_lines("a\nb\r\x1b"), "a\nb␍␛");
    }
}
