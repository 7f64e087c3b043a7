//! Reads YAML from the parser's events, with a stack of its own, so that no nesting can overflow the program's.
//!
//! Aliases are expanded, within bounds. Merge keys (`<<`) are refused: YAML 1.2 has none, and passing them on as a key
//! of that name would lose values without a word.

mod anchors;
mod errors;
mod scalar;

use std::borrow::Cow;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};
use tw_plugin_protocol::{Entry, Node, NodeValue};

use self::anchors::Anchors;
use super::lines::{Lines, narrow};
use super::{DocumentError, MAX_DEPTH, TOO_DEEP};

/// Reads a YAML document. One without content is null.
pub(super) fn parse(text: &str) -> Result<Node, DocumentError> {
    let lines = Lines::of(text);
    if let Some(offset) = text.find('\0') {
        // The parser ends a text at some of them, and says different things at others.
        return Err(lines.error(offset, "there is a NUL character"));
    }
    let mut builder = Builder {
        end: is_unterminated(text).then(|| text.chars().count()),
        lines,
        open: Vec::new(),
        anchors: Anchors::default(),
        documents: 0,
        root: None,
    };
    for event in Parser::new_from_str(text) {
        let (place, taken) = match event {
            Ok((event, span)) => (span.start, builder.take(event, span)),
            Err(error) => (*error.marker(), Err(errors::reason(&error))),
        };
        if let Err(reason) = taken {
            // The parser counts columns from 0.
            let (line, column) = (narrow(place.line()), narrow(place.col() + 1));
            return Err(builder.lines.error_on(line, column, reason));
        }
    }
    Ok(builder.root.unwrap_or(Node {
        line: 1,
        value: NodeValue::Null,
    }))
}

/// Whether the last line is more than blanks, and has no line end.
fn is_unterminated(text: &str) -> bool {
    let last = text.rsplit(['\n', '\r']).next().unwrap_or_default();
    !last.trim().is_empty()
}

/// The document as far as it is read. What it refuses is refused with the reason, at the event it was given.
struct Builder<'a> {
    lines: Lines<'a>,
    /// The end of a text whose last line has no line end, in characters.
    end: Option<usize>,
    /// The lists and maps that are begun and not ended, the outermost first.
    open: Vec<Open>,
    anchors: Anchors,
    documents: usize,
    root: Option<Node>,
}

/// A list or a map that is not ended.
struct Open {
    line: u32,
    anchor: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    /// The entries, and the key whose value comes next.
    Map(Vec<Entry>, Option<Key>),
}

/// A key and its line.
type Key = (String, u32);

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), &'static str> {
        // What isn't written at the end of the text is, for the parser, on a line after it.
        let line = narrow(span.start.line()).min(self.lines.last());
        match event {
            Event::DocumentStart(_) => self.begin_document(),
            Event::Scalar(text, style, anchor, tag) => {
                let text = self.without_end_of_text(text, style, &span);
                let value = scalar_value(&text, style, tag.as_deref())?;
                if self.key_is_next() {
                    return self.key(&text, style, anchor, Node { line, value });
                }
                let line = self.line_of_scalar(line, &text, style);
                self.complete(anchor, Node { line, value })
            }
            Event::Alias(anchor) => {
                self.refuse_as_key()?;
                let value = self.anchors.expand(anchor, self.open.len())?;
                self.add(Node { line, value });
                Ok(())
            }
            Event::SequenceStart(anchor, _) => self.begin(Open {
                line,
                anchor,
                content: Content::List(Vec::new()),
            }),
            Event::MappingStart(anchor, _) => self.begin(Open {
                line,
                anchor,
                content: Content::Map(Vec::new(), None),
            }),
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
        }
    }

    fn begin_document(&mut self) -> Result<(), &'static str> {
        self.documents += 1;
        if self.documents > 1 {
            return Err("a second document begins, and only one is read");
        }
        Ok(())
    }

    fn begin(&mut self, open: Open) -> Result<(), &'static str> {
        self.refuse_as_key()?;
        if self.open.len() == MAX_DEPTH {
            return Err(TOO_DEEP);
        }
        self.open.push(open);
        Ok(())
    }

    fn end(&mut self) -> Result<(), &'static str> {
        let Some(Open {
            line,
            anchor,
            content,
        }) = self.open.pop()
        else {
            return Ok(());
        };
        let value = match content {
            Content::List(items) => NodeValue::List(items),
            Content::Map(entries, _) => NodeValue::Map(entries),
        };
        self.complete(anchor, Node { line, value })
    }

    /// Takes a key as it is written. An anchor on it is kept: an alias may use it for a value.
    fn key(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        node: Node,
    ) -> Result<(), &'static str> {
        if text == "<<" && style == ScalarStyle::Plain {
            return Err("merge keys (`<<`) are not read; write the values out");
        }
        self.anchors.keep(anchor, &node)?;
        if let Some(Content::Map(_, key)) = self.innermost() {
            *key = Some((text.to_owned(), node.line));
        }
        Ok(())
    }

    fn complete(&mut self, anchor: usize, node: Node) -> Result<(), &'static str> {
        self.anchors.keep(anchor, &node)?;
        self.add(node);
        Ok(())
    }

    /// Puts a value where it belongs.
    fn add(&mut self, node: Node) {
        match self.innermost() {
            Some(Content::List(items)) => items.push(node),
            Some(Content::Map(entries, key)) => {
                if let Some((key, line)) = key.take() {
                    entries.push(Entry {
                        key,
                        line,
                        value: node,
                    });
                }
            }
            None => self.root = Some(node),
        }
    }

    fn innermost(&mut self) -> Option<&mut Content> {
        self.open.last_mut().map(|open| &mut open.content)
    }

    fn key_is_next(&self) -> bool {
        matches!(
            self.open.last(),
            Some(Open {
                content: Content::Map(_, None),
                ..
            })
        )
    }

    fn refuse_as_key(&self) -> Result<(), &'static str> {
        if self.key_is_next() {
            return Err("a key must be a plain or quoted text, not a list, a map or an alias");
        }
        Ok(())
    }

    /// The parser takes the end of the text for the end of a line, and a block of text would get a line end that isn't written.
    fn without_end_of_text<'t>(
        &self,
        text: Cow<'t, str>,
        style: ScalarStyle,
        span: &Span,
    ) -> Cow<'t, str> {
        let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        match text.strip_suffix('\n') {
            Some(written) if is_block && self.end == Some(span.end.index()) => {
                written.to_owned().into()
            }
            _ => text,
        }
    }

    /// The line on which a value begins. The parser tells another one for a block of text, which for it begins after
    /// its `|` or `>`, and for a value that isn't written, which it notices only at what comes next.
    fn line_of_scalar(&self, line: u32, text: &str, style: ScalarStyle) -> u32 {
        let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let missing = text.is_empty() && (block || style == ScalarStyle::Plain);
        match self.open.last().map(|open| &open.content) {
            Some(Content::Map(_, Some((_, key_line)))) if missing => *key_line,
            _ if block && !missing => self.lines.written_before(line),
            _ => line,
        }
    }
}

/// The value of a scalar. `!!str` and `!` say that a plain scalar is text, and those of numbers and the like what it is anyhow. Another tag says that what
/// is meant isn't what is written: bytes in base64, what a program has encrypted.
fn scalar_value(
    text: &str,
    style: ScalarStyle,
    tag: Option<&Tag>,
) -> Result<NodeValue, &'static str> {
    let tag = tag.map(|tag| match tag.is_yaml_core_schema() {
        true => tag.suffix.as_str(),
        false if tag.handle.is_empty() && tag.suffix == "!" => "str",
        false => "",
    });
    match (tag, style) {
        (None | Some("int" | "float" | "bool" | "null"), ScalarStyle::Plain) => {
            Ok(scalar::plain(text))
        }
        (None | Some("str"), _) => Ok(NodeValue::Text(text.to_owned())),
        _ => Err("a tag says that the value is more than its text; write the text itself"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::DocumentFormat::Yaml;
    use super::super::tests::{refused, shown};

    #[test]
    fn a_document_comes_with_the_lines_of_its_parts() {
        let text = "# c\na: 1\nm:\n  # c\n  k: v\n  l:\n    - x\n    - [y,\n       z]\n";
        assert_eq!(
            shown(text, Yaml),
            r#"{a@2: 1@2, m@3: {k@5: "v"@5, l@6: ["x"@7, ["y"@8, "z"@9]@8]@7}@5}@2"#
        );
    }

    #[test]
    fn duplicate_keys_are_kept() {
        assert_eq!(
            shown("a: 1\nb: 2\na: 3\n", Yaml),
            "{a@1: 1@1, b@2: 2@2, a@3: 3@3}@1"
        );
    }

    #[test]
    fn blocks_of_text_begin_at_their_indicator_and_keep_their_lines() {
        assert_eq!(
            shown("a: |\n  x\n   y\n\n  z\nb: 1\n", Yaml),
            r#"{a@1: "x\n y\n\nz\n"@1, b@6: 1@6}@1"#
        );
        assert_eq!(shown("a: >-\n\n  x\n  y\n", Yaml), r#"{a@1: "\nx y"@1}@1"#);
        assert_eq!(
            shown("- |+\n  x\n\n- |\n  | y\n", Yaml),
            r#"["x\n\n"@1, "| y\n"@4]@1"#
        );
        assert_eq!(
            shown("a: |\r\n  x\r\n  y\r\n", Yaml),
            r#"{a@1: "x\ny\n"@1}@1"#
        );
        assert_eq!(shown("a: |\nb: >\n", Yaml), r#"{a@1: ""@1, b@2: ""@2}@1"#);
    }

    #[test]
    fn the_end_of_the_text_is_no_line_end() {
        for (text, value) in [
            ("a: |\n  x", r#""x""#),
            ("a: |\n  é\n  x", r#""é\nx""#),
            ("a: >\n  é\n  x", r#""é x""#),
            ("a: |+\n  x", r#""x""#),
            ("a: |-\n  x", r#""x""#),
            ("a: |\n  x\n ", r#""x\n""#),
            ("a: |+\n  x\n\n ", r#""x\n\n""#),
            ("a: |\n  x\n# c", r#""x\n""#),
            ("a: |\n  x\n", r#""x\n""#),
            ("a: |\r  x\r", r#""x\n""#),
            ("a: \"x\n\n  \"", r#""x\n""#),
        ] {
            assert_eq!(
                shown(text, Yaml),
                format!("{{a@1: {value}@1}}@1"),
                "{text:?}"
            );
        }
        assert_eq!(
            shown("m:\n  a: |\n    x\n  b: 1", Yaml),
            r#"{m@1: {a@2: "x\n"@2, b@4: 1@4}@2}@1"#
        );
    }

    #[test]
    fn lines_are_counted_whatever_ends_them() {
        for end in ["\n", "\r", "\r\n"] {
            let text = ["a: x", "b: [", "  y]", "c: d"].join(end);
            assert_eq!(
                shown(&text, Yaml),
                r#"{a@1: "x"@1, b@2: ["y"@3]@2, c@4: "d"@4}@1"#
            );
        }
    }

    #[test]
    fn a_value_that_is_not_written_is_null_on_the_line_of_its_key() {
        assert_eq!(
            shown("a:\nb:\n\n\nc: {d, e: }\n", Yaml),
            "{a@1: null@1, b@2: null@2, c@5: {d@5: null@5, e@5: null@5}@5}@1"
        );
        assert_eq!(shown("", Yaml), "null@1");
    }

    #[test]
    fn quotes_make_text_and_so_does_a_tag() {
        assert_eq!(
            shown(
                r#"[1, '1', "tr\u00fce", true, ~, 0x1F, !!int 2, !!str 3, ! 4, 'it''s']"#,
                Yaml
            ),
            r#"[1@1, "1"@1, "trüe"@1, true@1, null@1, 0x1F@1, 2@1, "3"@1, "4"@1, "it's"@1]@1"#
        );
    }

    #[test]
    fn a_value_that_is_not_its_text_is_refused() {
        for tag in [
            "!vault",
            "!!binary",
            "!x",
            "!<tag:example.com,2000:x>",
            "!!int '1' #",
        ] {
            assert_eq!(
                refused(&format!("a: 1\nb: {tag} aGk="), Yaml),
                "line 2, column 4: a tag says that the value is more than its text; write the text itself",
                "{tag}"
            );
        }
    }

    #[test]
    fn what_has_no_place_in_the_result_is_refused() {
        let second = "line 2, column 1: a second document begins, and only one is read";
        assert_eq!(refused("a: 1\n---\nb: 2\n", Yaml), second);
        let key = "a key must be a plain or quoted text, not a list, a map or an alias";
        assert_eq!(
            refused("? [a]\n: 1", Yaml),
            format!("line 1, column 3: {key}")
        );
        assert_eq!(
            refused("- &x a\n- *x : 1", Yaml),
            format!("line 2, column 3: {key}")
        );
        assert!(
            refused("a: &x {b: 1}\nc:\n  <<: *x\n", Yaml)
                .starts_with("line 3, column 3: merge keys")
        );
        assert_eq!(
            refused("a: x\0y", Yaml),
            "line 1, column 5: there is a NUL character"
        );
    }
}
