//! Renders a value as JSON. A terminal never gets a character that controls it.

use crate::{Value, text::replacement_for};

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
            escaped.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            escaped.push(character);
        }
    }
    escaped
}

fn needs_escape(character: char) -> bool {
    character != '\n' && replacement_for(character).is_some()
}
