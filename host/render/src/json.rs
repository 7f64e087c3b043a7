//! Renders a value as JSON. A terminal never gets a character that controls it.

use crate::{
    Value,
    invisible::{is_ignorable, needs_neighbors},
    text::replacement_for,
};

/// Renders a value with two blanks per level, its keys in their own order, and one line feed at the end.
pub(crate) fn render(value: &Value) -> String {
    // Serializing a value never fails, because every key is a string.
    escape(serde_json::to_string_pretty(value).unwrap_or_default() + "\n")
}

/// Renders a value on one line, which ends in a line feed.
pub(crate) fn render_line(value: &Value) -> String {
    escape(value.to_string() + "\n")
}

/// Escapes the unsafe characters that serde_json doesn't escape, which are those above U+001F. JSON's own syntax is ASCII, so these characters
/// occur only inside strings and keys, and the finished text can be escaped.
fn escape(plain: String) -> String {
    if !plain.chars().any(needs_escape) {
        return plain;
    }
    let mut escaped = String::with_capacity(plain.len());
    for character in plain.chars() {
        if needs_escape(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// True for the characters that the console replaces, except joiners, which emoji have.
fn needs_escape(character: char) -> bool {
    let is_invisible = is_ignorable(character) && !needs_neighbors(character);
    character != '\n' && (replacement_for(character).is_some() || is_invisible)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escaped_character_is_the_same_for_a_reader_of_json() {
        let text = "\u{9b}\u{202e}\u{ad}\u{e0041}\u{1d173}👩\u{200d}💻";
        let shown = render_line(&(&serde_json::json!(text)).into());
        assert_eq!(
            shown,
            "\"\\u009b\\u202e\\u00ad\\udb40\\udc41\\ud834\\udd73👩\u{200d}💻\"\n"
        );
        let read: String = serde_json::from_str(&shown).unwrap();
        assert_eq!(read, text);
    }
}
