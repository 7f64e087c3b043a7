//! Reads TOML.
//!
//! The parser returns tables sorted by name. Sorting by the places of the keys restores the order of the document.

use std::ops::Range;

use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue};
use tw_plugin_protocol::{Entry, Node, NodeValue};

use super::lines::Lines;
use super::{MAX_DEPTH, TOO_DEEP, refuse};
use crate::error::Error;

/// Reads a TOML document. Its root is a map.
pub(super) fn parse(text: &str) -> Result<Node, Error> {
    let reader = Reader {
        text,
        lines: Lines::of(text),
    };
    match DeTable::parse(text) {
        Ok(root) => Ok(Node::new(1, reader.read_table(root.get_ref(), 0..0, 0)?)),
        Err(error) => Err(reader.explain(error.message(), error.span())),
    }
}

struct Reader<'a> {
    text: &'a str,
    lines: Lines<'a>,
}

impl Reader<'_> {
    /// Reads a value that is nested `depth` deep.
    fn read_node(&self, value: &Spanned<DeValue<'_>>, depth: usize) -> Result<Node, Error> {
        let span = value.span();
        let line = self.lines.line(span.start);
        let spelling = || self.text.get(span.clone()).unwrap_or_default().to_owned();
        let value = match value.get_ref() {
            DeValue::String(text) => NodeValue::Text(text.clone().into_owned()),
            DeValue::Integer(_) | DeValue::Float(_) => NodeValue::Number(spelling()),
            DeValue::Boolean(value) => NodeValue::Boolean(*value),
            DeValue::Datetime(_) => NodeValue::Text(spelling()),
            DeValue::Array(_) if depth == MAX_DEPTH => {
                return Err(self.lines.error_at(span.start, TOO_DEEP));
            }
            DeValue::Array(items) => NodeValue::List(
                items
                    .iter()
                    .map(|item| self.read_node(item, depth + 1))
                    .collect::<Result<_, _>>()?,
            ),
            DeValue::Table(table) => self.read_table(table, span, depth)?,
        };
        Ok(Node::new(line, value))
    }

    fn read_table(
        &self,
        table: &DeTable<'_>,
        span: Range<usize>,
        depth: usize,
    ) -> Result<NodeValue, Error> {
        if depth == MAX_DEPTH {
            return Err(self.lines.error_at(span.start, TOO_DEEP));
        }
        let mut sorted: Vec<_> = table.iter().collect();
        sorted.sort_by_key(|(key, _)| key.span().start);
        let mut entries = Vec::with_capacity(sorted.len());
        for (key, value) in sorted {
            entries.push(Entry::new(
                key.get_ref().to_string(),
                self.lines.line(key.span().start),
                self.read_node(value, depth + 1)?,
            ));
        }
        Ok(NodeValue::Map(entries))
    }

    /// Maps a parser's error to our wording.
    fn explain(&self, message: &str, span: Option<Range<usize>>) -> Error {
        let reason = find_reason(message);
        match span {
            Some(span) => self.lines.error_at(span.start, reason),
            None => refuse(None, reason),
        }
    }
}

/// Our wording for the parser's messages, by their beginnings. The parser doesn't export the kinds of its errors.
#[rustfmt::skip]
const REASONS: &[(&str, &str)] = &[
    ("duplicate key", "a key is given twice"),
    ("recursion limit", TOO_DEEP),
    ("cannot recurse further", TOO_DEEP),
    ("cannot extend value of type", "a dotted key passes through a value that is not a table"),
    ("unclosed array table", "a table header is not closed"),
    ("unclosed table", "a table header is not closed"),
    ("unclosed array", "a list is not closed"),
    ("unclosed inline table", "a table is not closed"),
    ("key with no value", "a key has no `=` and value"),
    ("missing value", "a value is missing after the `=`"),
    ("missing key", "a key is missing before the `=`"),
    ("extra `=`", "there is one `=` too many"),
    ("unexpected `=`", "there is one `=` too many"),
    ("extra comma", "there is one `,` too many"),
    ("missing comma", "a `,` is missing"),
    ("missing assignment", "an `=` is missing"),
    ("string values must be quoted", "a string must be in quotes"),
    ("unquoted keys cannot be empty", "a key is missing"),
    ("keys cannot be multi-line", "a key must be on one line"),
    ("invalid unquoted key", "a key contains a character that needs quotes"),
    ("invalid basic string", INVALID_TEXT),
    ("invalid literal string", INVALID_TEXT),
    ("invalid multi-line basic string", INVALID_TEXT),
    ("invalid multi-line literal string", INVALID_TEXT),
    ("missing escaped value", "TOML has no such escape sequence"),
    ("too few unicode value digits", "TOML has no such escape sequence"),
    ("carriage return must be followed by newline", "a carriage return is not followed by a line feed"),
    ("invalid comment character", "a comment contains a control character"),
    ("unexpected leading zero", INVALID_NUMBER),
    ("redundant", INVALID_NUMBER),
    ("radix must be lowercase", INVALID_NUMBER),
    ("integers with a radix", INVALID_NUMBER),
    ("`_` may only go between digits", INVALID_NUMBER),
];

const INVALID_TEXT: &str = "a string is not closed, or contains a character that must be escaped";
const INVALID_NUMBER: &str = "a number is not valid in TOML";

fn find_reason(message: &str) -> &'static str {
    REASONS
        .iter()
        .find(|(theirs, _)| message.starts_with(theirs))
        .map_or("this is not valid TOML", |(_, ours)| ours)
}

#[cfg(test)]
mod tests {
    use super::super::DocumentFormat::Toml;
    use super::super::tests::{error_of, render};

    #[test]
    fn the_order_is_kept_and_every_part_has_its_line() {
        let text = "z = 1\na.b = 'x'\n\n[t]\nlist = [true,\n  {k = \"v\"}]\n[[many]]\nn = 1\n[[many]]\nn = 2\n";
        assert_eq!(
            render(text, Toml),
            concat!(
                r#"{z@1: 1@1, a@2: {b@2: "x"@2}@2, t@4: {list@5: [true@5, {k@6: "v"@6}@6]@5}@4, "#,
                r#"many@7: [{n@8: 1@8}@7, {n@10: 2@10}@9]@7}@1"#
            )
        );
        assert_eq!(render("", Toml), "{}@1");
    }

    #[test]
    fn numbers_and_dates_keep_their_spelling() {
        assert_eq!(
            render(
                "a = [1_000, 0xfF, 2.50, -inf]\nb = [1979-05-27T07:32:00Z, 07:32:00]",
                Toml
            ),
            r#"{a@1: [1_000@1, 0xfF@1, 2.50@1, -inf@1]@1, b@2: ["1979-05-27T07:32:00Z"@2, "07:32:00"@2]@2}@1"#
        );
    }

    #[test]
    fn strings_of_several_lines_are_read() {
        let text = "a = \"\"\"\nx\ny\\n\"\"\"\nb = '''z'''";
        assert_eq!(render(text, Toml), r#"{a@1: "x\ny\n"@1, b@4: "z"@4}@1"#);
    }

    #[test]
    fn an_error_has_a_place_and_a_reason() {
        for (text, error) in [
            ("a = 1\na = 2", "line 2, column 1: a key is given twice"),
            ("[a]\n[a]", "line 2, column 2: a key is given twice"),
            (
                "a = 1\n[a.b]",
                "line 2, column 2: a dotted key passes through a value that is not a table",
            ),
            (
                "a = {b = 1, b = 2}",
                "line 1, column 13: a key is given twice",
            ),
            (
                "é = 1",
                "line 1, column 1: a key contains a character that needs quotes",
            ),
            ("a = x", "line 1, column 5: a string must be in quotes"),
            ("a", "line 1, column 2: a key has no `=` and value"),
            ("a = [1", "line 1, column 7: a list is not closed"),
            ("a = 01", "line 1, column 5: a number is not valid in TOML"),
        ] {
            assert_eq!(error_of(text, Toml), error, "{text}");
        }
        let dotted = format!("{}a = 1", "a.".repeat(100_000));
        assert!(error_of(&dotted, Toml).contains("more than 30 deep"));
    }
}
