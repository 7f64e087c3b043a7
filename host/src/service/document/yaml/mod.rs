//! Reads YAML from the events of a parser. Open lists and maps are on a stack of our own, so deep nesting can't overflow the call stack.
//!
//! Aliases are expanded up to a limit. Merge keys (`<<`) are refused: YAML 1.2 has none, and values would be lost silently if `<<` were read as an
//! ordinary key.

mod anchors;
mod errors;
mod scalar;

use std::borrow::Cow;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};
use tw_plugin_protocol::{Entry, Node, NodeValue};

use self::anchors::Anchors;
use super::lines::{Lines, narrow};
use super::{MAX_DEPTH, TOO_DEEP};
use crate::error::Error;

/// Reads a YAML document. An empty document is null.
pub(super) fn parse(text: &str) -> Result<Node, Error> {
    let lines = Lines::of(text);
    if let Some(offset) = text.find('\0') {
        // At some NUL characters the parser ends the text, and at others it reports various errors.
        return Err(lines.error_at(offset, "the document contains a NUL character"));
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
        let (place, result) = match event {
            Ok((event, span)) => (span.start, builder.take(event, span)),
            Err(error) => (*error.marker(), Err(errors::explain(&error))),
        };
        if let Err(reason) = result {
            // The parser counts columns from 0.
            let (line, column) = (narrow(place.line()), narrow(place.col() + 1));
            return Err(builder.lines.error_at_place(line, column, reason));
        }
    }
    Ok(builder.root.unwrap_or(Node::new(1, NodeValue::Null)))
}

/// True if the last line is not blank, and has no line end.
fn is_unterminated(text: &str) -> bool {
    let last = text.rsplit(['\n', '\r']).next().unwrap_or_default();
    !last.trim().is_empty()
}

/// The part of the document that is read so far. Errors are reasons only; their place is the place of the event.
struct Builder<'a> {
    lines: Lines<'a>,
    /// The length of the text in characters. `None` if the last line has a line end, or is blank.
    end: Option<usize>,
    /// The open lists and maps, the outermost first.
    open: Vec<Open>,
    anchors: Anchors,
    documents: usize,
    root: Option<Node>,
}

/// A list or a map whose end is not read yet.
struct Open {
    line: u32,
    anchor: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    /// The entries, and the key whose value is expected next.
    Map(Vec<Entry>, Option<Key>),
}

/// A key and its line.
type Key = (String, u32);

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), &'static str> {
        // The parser places a missing value at the end of the text on the line after the last.
        let line = narrow(span.start.line()).min(self.lines.last());
        match event {
            Event::DocumentStart(_) => self.begin_document(),
            Event::Scalar(text, style, anchor, tag) => {
                let text = self.strip_added_line_end(text, style, &span);
                let value = read_scalar(&text, style, tag.as_deref())?;
                if self.key_is_next() {
                    return self.take_key(&text, style, anchor, Node::new(line, value));
                }
                let line = self.line_of_scalar(line, &text, style);
                self.complete(anchor, Node::new(line, value))
            }
            Event::Alias(anchor) => {
                self.refuse_as_key()?;
                let value = self.anchors.expand(anchor, self.open.len())?;
                self.add(Node::new(line, value));
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
            return Err("a second document begins, but only one is supported");
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
        self.complete(anchor, Node::new(line, value))
    }

    /// Takes a key with its spelling. Its anchor is kept too, because an alias can use the key as a value.
    fn take_key(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        node: Node,
    ) -> Result<(), &'static str> {
        if text == "<<" && style == ScalarStyle::Plain {
            return Err("merge keys (`<<`) are not supported; write out the values");
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

    /// Adds a value to the innermost list or map, or makes it the root.
    fn add(&mut self, node: Node) {
        match self.innermost() {
            Some(Content::List(items)) => items.push(node),
            Some(Content::Map(entries, key)) => {
                if let Some((key, line)) = key.take() {
                    entries.push(Entry::new(key, line, node));
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
            return Err("a key must be a plain or quoted string, not a list, a map or an alias");
        }
        Ok(())
    }

    /// Removes the line end that the parser adds to a block scalar at the end of a text without a line end.
    fn strip_added_line_end<'t>(
        &self,
        text: Cow<'t, str>,
        style: ScalarStyle,
        span: &Span,
    ) -> Cow<'t, str> {
        let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        match text.strip_suffix('\n') {
            Some(stripped) if is_block && self.end == Some(span.end.index()) => {
                stripped.to_owned().into()
            }
            _ => text,
        }
    }

    /// Returns the line on which a value begins. The parser reports a later one in two cases: for a block scalar the line after its `|` or `>`,
    /// and for a missing value the line of the next part of the document.
    fn line_of_scalar(&self, line: u32, text: &str, style: ScalarStyle) -> u32 {
        let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let missing = text.is_empty() && (block || style == ScalarStyle::Plain);
        match self.open.last().map(|open| &open.content) {
            Some(Content::Map(_, Some((_, key_line)))) if missing => *key_line,
            _ if block && !missing => self.lines.last_nonblank_before(line),
            _ => line,
        }
    }
}

/// Returns the value of a scalar. `!!str` and `!` make a string of a plain scalar. `!!int`, `!!float`, `!!bool` and `!!null` are accepted and
/// don't change the value. Any other tag is refused, because it says that the text encodes another value, such as bytes in base64 or encrypted
/// text.
fn read_scalar(
    text: &str,
    style: ScalarStyle,
    tag: Option<&Tag>,
) -> Result<NodeValue, &'static str> {
    if tag.is_some_and(|tag| matches!(&*tag.suffix, "vault" | "vault-encrypted")) {
        return Err("the value is encrypted: decrypt it with `ansible-vault` first");
    }
    let tag = tag.map(|tag| match tag.is_yaml_core_schema() {
        true => tag.suffix.as_str(),
        false if tag.handle.is_empty() && tag.suffix == "!" => "str",
        false => "",
    });
    match (tag, style) {
        (None | Some("int" | "float" | "bool" | "null"), ScalarStyle::Plain) => {
            Ok(scalar::read_plain(text))
        }
        (None | Some("str"), _) => Ok(NodeValue::Text(text.to_owned())),
        _ => Err("a tag changes the meaning of the value; write the plain value instead"),
    }
}

#[cfg(test)]
mod rendered_tests;
#[cfg(test)]
mod tests;
