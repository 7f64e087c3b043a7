//! The value as JSON.

use serde_json::Value;

use crate::text::picture;

/// The value as it is: two blanks a level, keys in their order, one line feed at the end.
///
/// The serializer escapes control characters below U+0020 only. The others that no terminal should see can stand
/// nowhere but inside strings and keys, for all of JSON's own characters are ASCII: so they are escaped in the finished text.
pub(crate) fn text(value: &Value) -> String {
    let plain = format!("{value:#}\n");
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
    character != '\n' && picture(character).is_some()
}
