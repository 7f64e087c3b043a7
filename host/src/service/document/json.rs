//! Reads JSON, strictly.
//!
//! `serde_json` checks the whole text and returns it as a raw value, which is then split level by level. Raw values are slices of the text, so their
//! addresses give their lines, and numbers keep their spelling. Each level parses its part of the text again, at most [`MAX_DEPTH`] times.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use tw_plugin_protocol::{Entry, Node, NodeValue};

use super::lines::Lines;
use super::{MAX_DEPTH, TOO_DEEP};
use crate::error::Error;

/// Reads a JSON document.
pub(super) fn parse(text: &str) -> Result<Node, Error> {
    let reader = Reader {
        text,
        lines: Lines::of(text),
    };
    match serde_json::from_str(text) {
        Ok(root) => reader.read_node(root, 0),
        Err(error) => Err(reader.explain(&error)),
    }
}

struct Reader<'a> {
    text: &'a str,
    lines: Lines<'a>,
}

impl<'a> Reader<'a> {
    /// Reads a value that is nested `depth` deep.
    fn read_node(&self, raw: &'a RawValue, depth: usize) -> Result<Node, Error> {
        let text = raw.get();
        let value = match text.as_bytes().first() {
            Some(b'{' | b'[') if depth == MAX_DEPTH => return Err(self.error(raw, TOO_DEEP)),
            Some(b'{') => NodeValue::Map(self.read_entries(raw, depth + 1)?),
            Some(b'[') => NodeValue::List(self.read_items(raw, depth + 1)?),
            Some(b'"') => NodeValue::Text(self.read_text(raw)?),
            Some(b't') => NodeValue::Boolean(true),
            Some(b'f') => NodeValue::Boolean(false),
            Some(b'n') => NodeValue::Null,
            _ => NodeValue::Number(text.to_owned()),
        };
        Ok(Node::new(self.line(raw), value))
    }

    fn read_entries(&self, raw: &'a RawValue, depth: usize) -> Result<Vec<Entry>, Error> {
        let Entries(entries) = self.parse_part(raw)?;
        let entry = |(key, value): (&'a RawValue, &'a RawValue)| {
            Ok(Entry::new(
                self.read_text(key)?,
                self.line(key),
                self.read_node(value, depth)?,
            ))
        };
        entries.into_iter().map(entry).collect()
    }

    fn read_items(&self, raw: &'a RawValue, depth: usize) -> Result<Vec<Node>, Error> {
        let items: Vec<&RawValue> = self.parse_part(raw)?;
        items
            .into_iter()
            .map(|item| self.read_node(item, depth))
            .collect()
    }

    /// Reads a string. Only a surrogate pair in its escapes can be wrong: `serde_json` has checked everything else with the whole text.
    fn read_text(&self, raw: &'a RawValue) -> Result<String, Error> {
        serde_json::from_str(raw.get())
            .map_err(|_| self.error(raw, "a `\\u` escape is half of a surrogate pair"))
    }

    fn parse_part<T: Deserialize<'a>>(&self, raw: &'a RawValue) -> Result<T, Error> {
        serde_json::from_str(raw.get()).map_err(|_| self.error(raw, NOT_JSON))
    }

    fn line(&self, raw: &RawValue) -> u32 {
        self.lines.line(self.offset(raw))
    }

    fn offset(&self, raw: &RawValue) -> usize {
        raw.get()
            .as_ptr()
            .addr()
            .saturating_sub(self.text.as_ptr().addr())
    }

    fn error(&self, raw: &RawValue, reason: &'static str) -> Error {
        self.lines.error_at(self.offset(raw), reason)
    }

    /// Maps a parser's error to our wording.
    fn explain(&self, error: &serde_json::Error) -> Error {
        let offset = self.lines.offset(error.line(), error.column());
        let after_comma = || {
            let before = self.text.get(..offset).unwrap_or_default();
            before.trim_end().ends_with(',')
        };
        let reason = match self.text.as_bytes().get(offset) {
            Some(b'/') => "comments are not allowed in JSON",
            Some(b']' | b'}') if after_comma() => "trailing commas are not allowed in JSON",
            _ => find_reason(&error.to_string()),
        };
        self.lines.error_at(offset, reason)
    }
}

/// The entries of an object, including duplicate keys.
struct Entries<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Entries<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Entries(entries))
    }
}

const NOT_JSON: &str = "this is not valid JSON";

/// Our wording for the messages of `serde_json`, by their beginnings. `serde_json` doesn't export the kinds of its errors.
#[rustfmt::skip]
const REASONS: &[(&str, &str)] = &[
    ("EOF while parsing a list", "the document ends inside a list"),
    ("EOF while parsing an object", "the document ends inside an object"),
    ("EOF while parsing a string", "a string is not closed"),
    ("EOF while parsing a value", "the document ends where a value is expected"),
    ("expected `:`", "a `:` is missing after a name"),
    ("expected `,` or `]`", "a `,` or `]` is missing"),
    ("expected `,` or `}`", "a `,` or `}` is missing"),
    ("expected ident", "a word is not `true`, `false` or `null`"),
    ("expected value", "a value is expected"),
    ("invalid escape", "JSON has no such escape sequence"),
    ("unexpected end of hex escape", "JSON has no such escape sequence"),
    ("invalid number", "a number is not valid in JSON"),
    ("control character", "a string contains a line break or a control character, or is not closed"),
    ("key must be a string", "a name must be in double quotes"),
    ("trailing characters", "there is text after the end of the document"),
];

fn find_reason(message: &str) -> &'static str {
    REASONS
        .iter()
        .find(|(theirs, _)| message.starts_with(theirs))
        .map_or(NOT_JSON, |(_, ours)| ours)
}

#[cfg(test)]
mod tests {
    use super::super::DocumentFormat::Json;
    use super::super::tests::{error_of, render};

    #[test]
    fn every_part_has_its_line() {
        let text = "\n{\n  \"a\": [1,\n    null, true],\n  \"b\"\n:\n{\"\\u00e9\": \"x\\n\"}\n}\n";
        assert_eq!(
            render(text, Json),
            r#"{a@3: [1@3, null@4, true@4]@3, b@5: {é@7: "x\n"@7}@7}@2"#
        );
    }

    #[test]
    fn duplicate_keys_and_the_order_of_keys_are_kept() {
        let text = r#"{"b": 1, "a": 2, "b": false}"#;
        assert_eq!(render(text, Json), "{b@1: 1@1, a@1: 2@1, b@1: false@1}@1");
    }

    #[test]
    fn numbers_keep_their_spelling() {
        let numbers = "[123456789012345678901234567890, 1.10, -0, 6.02E+23, 1e999]";
        let rendered = numbers.replace(',', "@1,").replace(']', "@1]@1");
        assert_eq!(render(numbers, Json), rendered);
    }

    #[test]
    fn an_error_has_a_place_and_a_reason() {
        for (text, error) in [
            (
                "",
                "line 1, column 1: the document ends where a value is expected",
            ),
            (
                "{\n  // c\n}",
                "line 2, column 3: comments are not allowed in JSON",
            ),
            (
                "[1, /* c */ 2]",
                "line 1, column 5: comments are not allowed in JSON",
            ),
            (
                "[1,\n]",
                "line 2, column 1: trailing commas are not allowed in JSON",
            ),
            (
                "{\"é\": 1,}",
                "line 1, column 9: trailing commas are not allowed in JSON",
            ),
            (
                "{a: 1}",
                "line 1, column 2: a name must be in double quotes",
            ),
            (
                "{\"a\" 1}",
                "line 1, column 6: a `:` is missing after a name",
            ),
            ("[1 2]", "line 1, column 4: a `,` or `]` is missing"),
            ("['a']", "line 1, column 2: a value is expected"),
            ("[1}", "line 1, column 3: a `,` or `]` is missing"),
            ("{\"a\":}", "line 1, column 6: a value is expected"),
            (
                "nulx",
                "line 1, column 4: a word is not `true`, `false` or `null`",
            ),
            ("01", "line 1, column 2: a number is not valid in JSON"),
            (
                "1 2",
                "line 1, column 3: there is text after the end of the document",
            ),
            (
                r#"["a\x"]"#,
                "line 1, column 5: JSON has no such escape sequence",
            ),
            (
                "[\n\"\\ud800\"]",
                "line 2, column 1: a `\\u` escape is half of a surrogate pair",
            ),
            (
                r#"{"\udc00": 1}"#,
                "line 1, column 2: a `\\u` escape is half of a surrogate pair",
            ),
            ("[\"a", "line 1, column 3: a string is not closed"),
        ] {
            assert_eq!(error_of(text, Json), error, "{text}");
        }
        assert!(error_of("[\"a\n\"]", Json).contains("a string contains a line break"));
    }
}
