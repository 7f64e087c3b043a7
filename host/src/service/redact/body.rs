//! Replaces secrets in the texts, numbers and keys of a JSON document, and keeps everything else to the byte.

use std::borrow::Cow;

use serde::de::IgnoredAny;

/// Replaces texts of a JSON document. `replace` returns the new text, or `None` if no text of the document may be shown; the whole result is `None`
/// then. A number that is replaced becomes a text.
///
/// The inner value of the result is `None` if the document is not JSON.
pub(super) fn replace_in_json(
    document: &str,
    mut replace: impl FnMut(&str) -> Option<String>,
) -> Option<Option<String>> {
    if serde_json::from_str::<IgnoredAny>(document).is_err() {
        return Some(None);
    }
    let mut replaced = String::with_capacity(document.len());
    let mut rest = document;
    while let Some(begin) = rest.find(|letter| letter == '"' || is_of_number(letter)) {
        let (between, token) = rest.split_at(begin);
        let end = match token.strip_prefix('"') {
            Some(text) => 1 + find_end(text),
            None => token
                .find(|letter| !is_of_number(letter))
                .unwrap_or(token.len()),
        };
        let (token, after) = token.split_at(end);
        let text = read(token);
        let new = replace(&text)?;
        replaced += between;
        match new == *text {
            true => replaced += token,
            // Serializing a text never fails.
            false => replaced += &serde_json::to_string(&new).unwrap_or_default(),
        }
        rest = after;
    }
    Some(Some(replaced + rest))
}

/// True for a letter of a number. `true`, `false` and `null` have an `e`, but no digit before it: they are taken for texts without secrets.
fn is_of_number(letter: char) -> bool {
    matches!(letter, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')
}

/// Returns the length of the rest of a quoted text, with the quotation mark at its end.
fn find_end(text: &str) -> usize {
    let mut is_escaped = false;
    let end = text.bytes().position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    });
    end.map_or(text.len(), |end| end + 1)
}

/// Returns what a text or a number says. A text with an escape that stands for no letter is returned as it is.
fn read(token: &str) -> Cow<'_, str> {
    match serde_json::from_str::<String>(token) {
        Ok(text) => text.into(),
        Err(_) => token.trim_matches('"').into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replace_with(document: &str, secret: &str) -> String {
        let replaced = replace_in_json(document, |text| Some(text.replace(secret, "*")));
        replaced.flatten().unwrap()
    }

    #[test]
    fn everything_but_the_replaced_texts_stays() {
        let document =
            "{ \"a\\u0062\" : [1.50, -2e9, true, null, false], \"a\" : \"b\\\\\" , \"a\": {} }\n";
        assert_eq!(replace_with(document, "secret"), document);
    }

    #[test]
    fn texts_keys_and_numbers_are_replaced() {
        let replaced = replace_with(r#"{"k\u0065y":["a\"key\"",-1.5e3,12]}"#, "key");
        assert_eq!(replaced, r#"{"*":["a\"*\"",-1.5e3,12]}"#);
        assert_eq!(replace_with("[12,-1.5e3]", "-1.5e3"), r#"[12,"*"]"#);
    }

    #[test]
    fn a_text_that_ends_in_a_backslash_ends_at_its_quotation_mark() {
        assert_eq!(replace_with(r#"["a\\","key"]"#, "key"), r#"["a\\","*"]"#);
    }

    #[test]
    fn what_is_no_json_is_not_replaced() {
        assert_eq!(replace_in_json("{", |_| None), Some(None));
        assert_eq!(replace_in_json("[1]", |_| None), None);
    }
}
