//! Explains why the body of an answer can't be decoded: the path of the value and what was expected there, never a value.
//!
//! serde's own texts quote values: `invalid type: string "s3cret", expected u8`. A deserializer that tracks the path, such
//! as `serde_path_to_error`, would link the code of each decoded type into a plugin twice. The path is therefore found
//! afterwards, from the position at which the decoder stopped.

use serde_json::error::Category;

/// The longest part of a key or of a type's description that is shown, in characters.
const MAX_TEXT: usize = 100;

/// Returns the message of an answer that can't be decoded. `call` names the request, such as `GET /user-info`, and `error`
/// comes from decoding `body`.
///
/// ```
/// use tw_plugin_protocol::explain_decoding;
///
/// let body = br#"{ "version": 26 }"#;
/// let error = serde_json::from_slice::<std::collections::HashMap<String, String>>(body).unwrap_err();
/// assert_eq!(
///     explain_decoding("GET /service-info", body, &error),
///     "The server's answer to GET /service-info is not of the expected form: version: expected a string, found a number"
/// );
/// ```
pub fn explain_decoding(call: &str, body: &[u8], error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    let what = match error.classify() {
        Category::Data => {
            let mismatch = explain_mismatch(body, "", error);
            format!("is not of the expected form: {mismatch}")
        }
        Category::Eof if body.is_empty() => "is empty".to_owned(),
        Category::Eof => format!("is cut short (line {line}, column {column})"),
        _ if is_html(body) => format!("is {HTML_PAGE}"),
        _ => format!("is not JSON (line {line}, column {column})"),
    };
    format!("The server's answer to {call} {what}")
}

/// Describes an answer that is no answer of the API.
pub const HTML_PAGE: &str = "an HTML page: the address of the API may lack `/api` at its end";

/// True if an answer is a page for people.
pub fn is_html(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

/// Returns the path of the value that has another form than expected, and what was expected there, as `PATH: REASON`.
/// `inside` is the path of `body` itself if `body` is a part of an answer, otherwise empty.
pub fn explain_mismatch(body: &[u8], inside: &str, error: &serde_json::Error) -> String {
    let mut path = inside.to_owned();
    for step in find_path(body, find_offset(body, error.line(), error.column())) {
        match step {
            Step::Item(at) => path.push_str(&format!("[{at}]")),
            Step::Field { key: Some(key), .. } => push_key(&mut path, key),
            Step::Field { key: None, .. } => {}
        }
    }
    let text = error.to_string();
    let text = text
        .rsplit_once(" at line ")
        .map_or(&*text, |(text, _)| text);
    let reason = match text.strip_prefix("missing field ") {
        Some(name) => {
            push_key(&mut path, name.trim_matches('`').as_bytes());
            "missing field".to_owned()
        }
        None => explain_reason(text),
    };
    match path.is_empty() {
        true => reason,
        false => format!("{path}: {reason}"),
    }
}

fn push_key(path: &mut String, key: &[u8]) {
    if !path.is_empty() {
        path.push('.');
    }
    path.extend(String::from_utf8_lossy(key).chars().take(MAX_TEXT));
}

/// Returns what serde's message says, without the value that the message quotes. The texts of other crates are not shown,
/// because they can quote values anywhere.
fn explain_reason(text: &str) -> String {
    // A quoted value can contain `, expected ` too, so the last one counts.
    let expected = text
        .rsplit_once(", expected ")
        .map(|(_, expected)| expected);
    let kinds = [
        "invalid type: ",
        "invalid value: ",
        "invalid length ",
        "unknown variant ",
    ];
    let is_known = kinds.iter().any(|kind| text.starts_with(kind));
    match expected {
        Some(expected) if is_known => {
            let expected = describe_expected(expected);
            match text.strip_prefix("invalid type: ").and_then(describe_found) {
                Some(found) => format!("expected {expected}, found {found}"),
                None => format!("expected {expected}"),
            }
        }
        _ if text.starts_with("unknown field ") => "unknown field".to_owned(),
        _ if text.starts_with("duplicate field ") => "duplicate field".to_owned(),
        _ => "a value of another form".to_owned(),
    }
}

/// Translates the name of a Rust type into the terms of JSON.
fn describe_expected(expected: &str) -> String {
    match expected {
        "i8" => format!("an integer from {} to {}", i8::MIN, i8::MAX),
        "i16" => format!("an integer from {} to {}", i16::MIN, i16::MAX),
        "i32" => format!("an integer from {} to {}", i32::MIN, i32::MAX),
        "i64" | "i128" | "isize" => "an integer".to_owned(),
        "u8" => format!("an integer from 0 to {}", u8::MAX),
        "u16" => format!("an integer from 0 to {}", u16::MAX),
        "u32" => format!("an integer from 0 to {}", u32::MAX),
        "u64" | "u128" | "usize" => "an integer from 0".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a map" => "an object".to_owned(),
        "a sequence" => "a list".to_owned(),
        _ if expected.starts_with("struct ") => "an object".to_owned(),
        _ => expected.chars().take(MAX_TEXT).collect(),
    }
}

/// Returns the kind of the value that serde quotes. Returns `None` for a kind that JSON doesn't have.
fn describe_found(found: &str) -> Option<&'static str> {
    const KINDS: [(&str, &str); 7] = [
        ("string ", "a string"),
        ("integer ", "a number"),
        ("floating point ", "a number"),
        ("boolean ", "a boolean"),
        ("null,", "null"),
        ("map,", "an object"),
        ("sequence,", "a list"),
    ];
    let kind = KINDS.iter().find(|(kind, _)| found.starts_with(kind));
    kind.map(|(_, name)| *name)
}

/// Returns the number of bytes that the decoder had read. It counts lines from 1, and the columns of a line in bytes.
fn find_offset(body: &[u8], line: usize, column: usize) -> usize {
    let ends = body.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let mut starts = std::iter::once(0).chain(ends.map(|(at, _)| at + 1));
    starts.nth(line.saturating_sub(1)).unwrap_or_default() + column
}

/// A step from an object or a list to one of its values.
enum Step<'a> {
    Item(usize),
    Field {
        /// `None` before the first key and after a comma.
        key: Option<&'a [u8]>,
        is_key_next: bool,
    },
}

const NEXT_FIELD: Step<'_> = Step::Field {
    key: None,
    is_key_next: true,
};

/// Returns the path of the value that the first `end` bytes of valid JSON end in or after.
fn find_path(body: &[u8], end: usize) -> Vec<Step<'_>> {
    let body = body.get(..end).unwrap_or(body);
    let mut path = Vec::new();
    let mut at = 0;
    while let Some(byte) = body.get(at) {
        match (byte, path.last_mut()) {
            (b'{', _) => path.push(NEXT_FIELD),
            (b'[', _) => path.push(Step::Item(0)),
            (b'}' | b']', _) => drop(path.pop()),
            (b',', Some(Step::Item(item))) => *item += 1,
            (b',', Some(field)) => *field = NEXT_FIELD,
            (b':', Some(Step::Field { is_key_next, .. })) => *is_key_next = false,
            (b'"', last) => {
                let text = read_string(&body[at + 1..]);
                at += text.len() + 1;
                if let Some(Step::Field {
                    key,
                    is_key_next: true,
                }) = last
                {
                    *key = Some(text);
                }
            }
            _ => {}
        }
        at += 1;
    }
    path
}

/// Returns the text up to the closing quote, with its escapes.
fn read_string(text: &[u8]) -> &[u8] {
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => return &text[..at],
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde::{Deserialize, de::DeserializeOwned};

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase")]
    #[allow(dead_code, reason = "the fields are only decoded")]
    struct User {
        #[serde(default)]
        id: u8,
        full_name: String,
        #[serde(default)]
        role: Option<Role>,
        #[serde(default)]
        tags: Vec<Tag>,
        #[serde(default, deserialize_with = "refuse")]
        date: String,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "the fields are only decoded")]
    struct Tag {
        name: String,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Role {
        Owner,
        Member,
    }

    fn refuse<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        let text = String::deserialize(deserializer)?;
        Err(serde::de::Error::custom(format!(
            "no date: {text}, expected {text}"
        )))
    }

    #[track_caller]
    fn explain<T: DeserializeOwned + std::fmt::Debug>(body: &str) -> String {
        let error = serde_json::from_str::<T>(body).expect_err("the body has another form");
        assert_eq!(error.classify(), Category::Data, "{error}");
        let shown = explain_mismatch(body.as_bytes(), "", &error);
        assert!(!shown.contains("s3cret"), "{shown}");
        shown
    }

    type Users = HashMap<String, Vec<User>>;

    #[test]
    fn a_mismatch_names_the_path_and_what_was_expected() {
        for (body, shown) in [
            (
                r#"{"users":[{"fullName":"a"},{"id":1}]}"#,
                "users[1].fullName: missing field",
            ),
            (
                "{\n \"users\": [\n  {\"fullName\": \"s3cret\", \"id\": \"s3cret\"}]}",
                "users[0].id: expected an integer from 0 to 255, found a string",
            ),
            (
                r#"{"users":[{"id":300,"fullName":"s3cret"}]}"#,
                "users[0].id: expected an integer from 0 to 255",
            ),
            (
                r#"{"a":[],"users":[{"role":"s3cret, expected s3cret","id":1}]}"#,
                "users[0].role: expected `owner` or `member`",
            ),
            (
                r#"{"users":[{"tags":[{"name":"s3cret"},{"name":["s3cret"]}]}]}"#,
                "users[0].tags[1].name: expected a string, found a list",
            ),
            (
                r#"{"users":[{"tags":[{"name":"s3cret","name":"s3cret"}]}]}"#,
                "users[0].tags[0].name: duplicate field",
            ),
            (
                r#"{"users":[{"tags":[{"label":"s3cret"}]}]}"#,
                "users[0].tags[0].label: unknown field",
            ),
            (
                r#"{"users":[{"date":"s3cret","id":1}]}"#,
                "users[0].date: a value of another form",
            ),
            (
                r#"{"users":{"s3cret":1}}"#,
                "users: expected a list, found an object",
            ),
            (
                r#"{"us\"ers":[null]}"#,
                r#"us\"ers[0]: expected an object, found null"#,
            ),
            (
                r#"{"users":[true]}"#,
                "users[0]: expected an object, found a boolean",
            ),
            ("[\"s3cret\"]", "expected an object, found a list"),
        ] {
            assert_eq!(explain::<Users>(body), shown, "{body}");
        }
    }

    #[test]
    fn a_value_that_looks_like_a_message_stays_hidden() {
        let body = r#"{"users":[{"id":"x\", expected s3cret at line 1 column 1"}]}"#;
        assert_eq!(
            explain::<Users>(body),
            "users[0].id: expected an integer from 0 to 255, found a string"
        );
    }

    #[test]
    fn a_part_of_an_answer_has_a_path_of_its_own() {
        let body = r#"[{"fullName":"a"},{}]"#;
        let error = serde_json::from_str::<Vec<User>>(body).expect_err("a field is missing");
        let shown = explain_mismatch(body.as_bytes(), "workflows", &error);
        assert_eq!(shown, "workflows[1].fullName: missing field");
    }

    #[test]
    fn a_body_that_is_no_json_is_explained_by_its_position() {
        for (body, what) in [
            ("", "is empty"),
            ("{\"a\":", "is cut short (line 1, column 5)"),
            ("s3cret", "is not JSON (line 1, column 1)"),
            (
                "\n<!DOCTYPE html>",
                "is an HTML page: the address of the API may lack `/api` at its end",
            ),
        ] {
            let error = serde_json::from_str::<Users>(body).expect_err("the body is no JSON");
            let shown = explain_decoding("GET /users", body.as_bytes(), &error);
            assert_eq!(shown, format!("The server's answer to GET /users {what}"));
        }
    }
}
