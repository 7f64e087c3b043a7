//! Renders a value as JSON.

use crate::{Value, text::replacement_for};

/// Renders a value with two blanks per level, its keys in their own order, and one line feed at the end.
///
/// serde_json escapes control characters below U+0020 only. The other unsafe characters are escaped in the finished text. That
/// is correct because JSON's own syntax is ASCII, so these characters occur only inside strings and keys.
pub(crate) fn render(value: &Value) -> String {
    // Serializing a value never fails, because every key is a string.
    let plain = serde_json::to_string_pretty(value).unwrap_or_default() + "\n";
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
