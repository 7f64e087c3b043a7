//! Reads dotenv: `NAME=value` lines, with values in any of the usual quotes.
//!
//! Variables are not substituted: with `$X` replaced, the same file would give other values in another environment.

use tw_plugin_protocol::{Entry, Node, NodeValue};

use super::{Doubts, lines::Lines};
use crate::error::Error;

/// The separators. Other white space can be part of a value.
const BLANKS: [char; 2] = [' ', '\t'];

/// Reads a dotenv document. Its root is a map of strings.
pub(super) fn parse(text: &str) -> Result<(Node, Doubts), Error> {
    let mut reader = Reader {
        text,
        at: 0,
        lines: Lines::of(text),
        doubts: Doubts::default(),
    };
    let mut entries = Vec::new();
    while reader.at < text.len() {
        if let Some(entry) = reader.read_assignment()? {
            entries.push(entry);
        }
    }
    Ok((Node::new(1, NodeValue::Map(entries)), reader.doubts))
}

struct Reader<'a> {
    text: &'a str,
    /// The offset of the next byte to read. Between two assignments, this is the start of a line.
    at: usize,
    lines: Lines<'a>,
    doubts: Doubts,
}

impl<'a> Reader<'a> {
    /// Reads one assignment, which has several lines if its quoted value does. Returns `None` for a blank line or a comment.
    fn read_assignment(&mut self) -> Result<Option<Entry>, Error> {
        self.skip_blanks();
        let line = self.rest_of_line();
        if line.is_empty() || line.starts_with('#') {
            self.refuse_carriage_return()?;
            self.next_line();
            return Ok(None);
        }
        self.skip_export();
        let line = self.rest_of_line();
        let Some((before, _)) = line.split_once('=') else {
            return Err(self.error("an `=` is missing"));
        };
        let key = before.trim_end_matches(BLANKS);
        if key.is_empty() {
            return Err(self.error("a name is missing before the `=`"));
        }
        // Such a line is probably the rest of a long base64 value that a mailer or an editor has folded. Messages show names, so the rest of a secret
        // must not pass for a name.
        let value = &line[before.len() + 1..];
        if key.contains(['/', '+']) || (!value.is_empty() && value.bytes().all(|byte| byte == b'='))
        {
            return Err(self.error("this looks like the rest of the previous value"));
        }
        // Other characters are refused for the same reason: the line can be `NAME:value=`, or an address with a password.
        if key.contains(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))) {
            return Err(self.error("a name can contain only letters, digits, `_`, `-` and `.`"));
        }
        let key_line = self.lines.line(self.at);
        self.at += before.len() + 1;
        self.skip_blanks();
        let line = self.lines.line(self.at);
        let value = self.read_value()?;
        self.next_line();
        Ok(Some(Entry::new(
            key.to_owned(),
            key_line,
            Node::new(line, NodeValue::Text(value)),
        )))
    }

    fn read_value(&mut self) -> Result<String, Error> {
        let rest = self.rest_of_line();
        match rest.chars().next() {
            Some(quote @ ('"' | '\'' | '`')) => self.read_quoted(quote),
            _ => {
                self.refuse_carriage_return()?;
                let value = strip_comment(rest, self.text[..self.at].ends_with(BLANKS));
                let line = self.lines.line(self.at);
                if value.len() < rest.trim_end_matches(BLANKS).len() {
                    self.doubts.comments.push(line);
                }
                if value.contains("${") || value.contains("$(") {
                    self.doubts.references.push(line);
                }
                Ok(value.to_owned())
            }
        }
    }

    /// Reads a quoted value, which can have several lines. A `\r\n` in it is a line end of the file, and becomes `\n`.
    fn read_quoted(&mut self, quote: char) -> Result<String, Error> {
        let body = &self.text[self.at + quote.len_utf8()..];
        let mut value = String::new();
        let mut has_reference = false;
        let mut characters = body.char_indices().peekable();
        while let Some((offset, character)) = characters.next() {
            let next = characters.peek().map(|(_, next)| *next);
            match (character, next) {
                ('\\', Some(escape)) if quote == '"' => {
                    characters.next();
                    match unescape(escape) {
                        Some(meant) => value.push(meant),
                        // An unknown escape is kept as it is. Before a line end, its `\r` is dropped as everywhere.
                        None if escape == '\r' && body[offset + 2..].starts_with('\n') => {
                            value.push('\\')
                        }
                        None => value.extend(['\\', escape]),
                    }
                }
                ('\r', Some('\n')) => {}
                (character, _) if character == quote => {
                    if has_reference {
                        self.doubts.references.push(self.lines.line(self.at));
                    }
                    self.at += quote.len_utf8() + offset + character.len_utf8();
                    return self.check_after_quote().map(|()| value);
                }
                (character, next) => {
                    has_reference |=
                        quote == '"' && character == '$' && matches!(next, Some('{' | '('));
                    value.push(character);
                }
            }
        }
        Err(self.error("a quote is not closed"))
    }

    /// Refuses a lone carriage return. Some programs treat it as a line end and others don't, so the text after the carriage return could be
    /// lost in a value or a comment.
    fn refuse_carriage_return(&self) -> Result<(), Error> {
        match self.rest_of_line().contains('\r') {
            false => Ok(()),
            true => Err(self.error("the line contains a carriage return; put the value in quotes, or end the line with a line feed")),
        }
    }

    /// Checks that only blanks and a comment follow the closing quote.
    fn check_after_quote(&self) -> Result<(), Error> {
        self.refuse_carriage_return()?;
        let rest = self.rest_of_line();
        let trimmed = rest.trim_start_matches(BLANKS);
        let comment = trimmed.starts_with('#') && trimmed.len() < rest.len();
        if trimmed.is_empty() || comment {
            Ok(())
        } else {
            Err(self.error("there is text after the closing quote"))
        }
    }

    /// Skips the keyword `export`, unless it is the name of the assignment.
    fn skip_export(&mut self) {
        let line = self.rest_of_line();
        if let Some(rest) = line.strip_prefix("export") {
            let name = rest.trim_start_matches(BLANKS);
            if name.len() < rest.len() && !name.starts_with('=') {
                self.at += line.len() - name.len();
            }
        }
    }

    fn skip_blanks(&mut self) {
        let line = self.rest_of_line();
        self.at += line.len() - line.trim_start_matches(BLANKS).len();
    }

    /// Returns the rest of the line without its line end.
    fn rest_of_line(&self) -> &'a str {
        let rest = &self.text[self.at..];
        let line = rest.split_once('\n').map_or(rest, |(line, _)| line);
        line.strip_suffix('\r').unwrap_or(line)
    }

    fn next_line(&mut self) {
        let rest = &self.text[self.at..];
        self.at = rest
            .find('\n')
            .map_or(self.text.len(), |end| self.at + end + 1);
    }

    fn error(&self, reason: &'static str) -> Error {
        self.lines.error_at(self.at, reason)
    }
}

/// Removes the comment from an unquoted value. A comment begins at a `#` after a blank.
fn strip_comment(rest: &str, mut after_blank: bool) -> &str {
    let comment = rest.char_indices().find(|(_, character)| {
        let begins = *character == '#' && after_blank;
        after_blank = BLANKS.contains(character);
        begins
    });
    comment
        .map_or(rest, |(at, _)| &rest[..at])
        .trim_end_matches(BLANKS)
}

/// Returns the meaning of a character after a backslash in double quotes. `None` if it is not an escape sequence.
fn unescape(escape: char) -> Option<char> {
    match escape {
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        '"' | '\\' | '$' => Some(escape),
        _ => None,
    }
}

#[cfg(test)]
#[path = "dotenv_tests.rs"]
mod tests;
