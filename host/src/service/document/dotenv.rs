//! Reads dotenv: `NAME=value` lines, quoted the way people quote them.
//!
//! Nothing is substituted: `$X` and `${X}` stay as they are, because a value that changes with the environment of
//! whoever runs the command is not the value that stands in the file.

use tw_plugin_protocol::{Entry, Node, NodeValue};

use super::DocumentError;
use super::lines::Lines;

/// What separates. Other white space can be part of a value.
const BLANKS: [char; 2] = [' ', '\t'];

/// Reads a dotenv document; its root is a map of texts.
pub(super) fn parse(text: &str) -> Result<Node, DocumentError> {
    let mut reader = Reader {
        text,
        at: 0,
        lines: Lines::of(text),
    };
    let mut entries = Vec::new();
    while reader.at < text.len() {
        if let Some(entry) = reader.assignment()? {
            entries.push(entry);
        }
    }
    Ok(Node {
        line: 1,
        value: NodeValue::Map(entries),
    })
}

struct Reader<'a> {
    text: &'a str,
    /// The offset of what is read next: the start of a line between two assignments.
    at: usize,
    lines: Lines<'a>,
}

impl<'a> Reader<'a> {
    /// Reads one line, or as many as its quoted value has; `None` for a blank line or a comment.
    fn assignment(&mut self) -> Result<Option<Entry>, DocumentError> {
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
            return Err(self.error("a `=` is missing"));
        };
        let key = before.trim_end_matches(BLANKS);
        if key.is_empty() {
            return Err(self.error("a name is missing before the `=`"));
        }
        // A name is shown, and this is no name: a file whose lines somebody's mailer or editor has folded.
        let value = &line[before.len() + 1..];
        if key.contains(['/', '+']) || (!value.is_empty() && value.bytes().all(|byte| byte == b'='))
        {
            return Err(self.error("this looks like the rest of the value before it"));
        }
        // Nor is this: `NAME:value=`, the address of a server.
        if key.contains(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))) {
            return Err(self.error("a name has letters, digits, `_`, `-` and `.` alone"));
        }
        let key_line = self.lines.line(self.at);
        self.at += before.len() + 1;
        self.skip_blanks();
        let line = self.lines.line(self.at);
        let value = self.value()?;
        self.next_line();
        Ok(Some(Entry {
            key: key.to_owned(),
            line: key_line,
            value: Node {
                line,
                value: NodeValue::Text(value),
            },
        }))
    }

    fn value(&mut self) -> Result<String, DocumentError> {
        let rest = self.rest_of_line();
        match rest.chars().next() {
            Some(quote @ ('"' | '\'' | '`')) => self.quoted(quote),
            _ => {
                self.refuse_carriage_return()?;
                Ok(unquoted(rest, self.text[..self.at].ends_with(BLANKS)).to_owned())
            }
        }
    }

    /// Reads a quoted value, over lines if need be. A `\r\n` in it is the file's line end, so it becomes `\n`.
    fn quoted(&mut self, quote: char) -> Result<String, DocumentError> {
        let body = &self.text[self.at + quote.len_utf8()..];
        let mut value = String::new();
        let mut characters = body.char_indices().peekable();
        while let Some((offset, character)) = characters.next() {
            let next = characters.peek().map(|(_, next)| *next);
            match (character, next) {
                ('\\', Some(escape)) if quote == '"' => {
                    characters.next();
                    match unescape(escape) {
                        Some(meant) => value.push(meant),
                        // Not an escape: both stay. The `\r` of a line end is dropped here as well.
                        None if escape == '\r' && body[offset + 2..].starts_with('\n') => {
                            value.push('\\')
                        }
                        None => value.extend(['\\', escape]),
                    }
                }
                ('\r', Some('\n')) => {}
                (character, _) if character == quote => {
                    self.at += quote.len_utf8() + offset + character.len_utf8();
                    return self.end_of_quoted().map(|()| value);
                }
                (character, _) => value.push(character),
            }
        }
        Err(self.error("a quote is not closed"))
    }

    /// Some take it for the end of a line, others don't: what follows would be part of a value or a comment.
    fn refuse_carriage_return(&self) -> Result<(), DocumentError> {
        match self.rest_of_line().contains('\r') {
            false => Ok(()),
            true => Err(self.error("a carriage return stands in the line; put it into quotes, or end the line with a line feed")),
        }
    }

    /// Only blanks and a comment may follow a closing quote.
    fn end_of_quoted(&self) -> Result<(), DocumentError> {
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

    /// Skips `export`, unless it is itself the name that is given a value.
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

    /// What is left of the line, without its end.
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

    fn error(&self, reason: &'static str) -> DocumentError {
        self.lines.error(self.at, reason)
    }
}

/// An unquoted value without its comment, which begins at a `#` after a blank.
fn unquoted(rest: &str, mut after_blank: bool) -> &str {
    let comment = rest.char_indices().find(|(_, character)| {
        let begins = *character == '#' && after_blank;
        after_blank = BLANKS.contains(character);
        begins
    });
    comment
        .map_or(rest, |(at, _)| &rest[..at])
        .trim_end_matches(BLANKS)
}

/// What a character after a backslash means in double quotes.
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
mod tests {
    use proptest::prelude::*;

    use super::super::DocumentFormat::Dotenv;
    use super::super::tests::{refused, shown};
    use super::*;

    #[test]
    fn names_and_values_come_with_their_lines() {
        assert_eq!(
            shown("# c\n\nA=1\n  B = two words \nA=again", Dotenv),
            r#"{A@3: "1"@3, B@4: "two words"@4, A@5: "again"@5}@1"#
        );
        assert_eq!(shown("", Dotenv), "{}@1");
    }

    #[test]
    fn export_is_skipped_unless_it_is_the_name() {
        assert_eq!(
            shown(
                "export A=1\nexport\tB=2\nexport=3\nexport = 4\nexported=5",
                Dotenv
            ),
            r#"{A@1: "1"@1, B@2: "2"@2, export@3: "3"@3, export@4: "4"@4, exported@5: "5"@5}@1"#
        );
    }

    #[test]
    fn a_comment_begins_after_a_blank_only() {
        assert_eq!(
            shown(
                "A=x # c\nB=x#y\nC= # c\nD=#x\nE='#' # c\nF=a\t#c\n  # c",
                Dotenv
            ),
            r##"{A@1: "x"@1, B@2: "x#y"@2, C@3: ""@3, D@4: "#x"@4, E@5: "#"@5, F@6: "a"@6}@1"##
        );
    }

    #[test]
    fn other_white_space_is_part_of_a_value() {
        assert_eq!(
            shown("A=x\u{a0}#y\nB=\u{2028}x\u{2028}\nC=\u{a0}#x\n", Dotenv),
            "{A@1: \"x\\u{a0}#y\"@1, B@2: \"\\u{2028}x\\u{2028}\"@2, C@3: \"\\u{a0}#x\"@3}@1"
        );
        for text in ["A\u{a0}=x", "\u{a0}A=x"] {
            assert_eq!(
                refused(text, Dotenv),
                "line 1, column 1: a name has letters, digits, `_`, `-` and `.` alone"
            );
        }
    }

    #[test]
    fn nothing_is_substituted() {
        assert_eq!(
            shown("A=$HOME\nB=\"${HOME} \\$HOME\"\nC='$HOME'\nD=$(id)", Dotenv),
            r#"{A@1: "$HOME"@1, B@2: "${HOME} $HOME"@2, C@3: "$HOME"@3, D@4: "$(id)"@4}@1"#
        );
    }

    #[test]
    fn only_double_quotes_have_escapes() {
        let value = |text| shown(text, Dotenv);
        assert_eq!(
            value(r#"A="\n\r\t\"\\\$\q""#),
            r#"{A@1: "\n\r\t\"\\$\\q"@1}@1"#
        );
        assert_eq!(value(r#"A='\n"`'"#), r#"{A@1: "\\n\"`"@1}@1"#);
        assert_eq!(value(r#"A=`\n"'`"#), r#"{A@1: "\\n\"'"@1}@1"#);
        assert_eq!(value(r#"A=\n"x"it's"#), r#"{A@1: "\\n\"x\"it's"@1}@1"#);
    }

    #[test]
    fn a_quoted_value_may_have_several_lines() {
        let text = "A='x\n# y\nB=1'\nC=2";
        assert_eq!(
            shown(text, Dotenv),
            r#"{A@1: "x\n# y\nB=1"@1, C@4: "2"@4}@1"#
        );
    }

    #[test]
    fn windows_line_ends_are_no_part_of_a_value() {
        assert_eq!(
            shown("A=1\r\n\r\nB='x\r\ny'\r\nC=\"z\\\r\n\"\r\nD=\r\n", Dotenv),
            r#"{A@1: "1"@1, B@3: "x\ny"@3, C@5: "z\\\n"@5, D@7: ""@7}@1"#
        );
    }

    #[test]
    fn names_and_values_may_hold_more_than_letters() {
        assert_eq!(
            shown("A=a=b==\nü.x-1=né", Dotenv),
            r#"{A@1: "a=b=="@1, ü.x-1@2: "né"@2}@1"#
        );
    }

    #[test]
    fn an_error_says_where_and_what() {
        for (text, error) in [
            ("A=1\nB", "line 2, column 1: a `=` is missing"),
            ("export A", "line 1, column 8: a `=` is missing"),
            ("A: 1", "line 1, column 1: a `=` is missing"),
            (" = 1", "line 1, column 2: a name is missing before the `=`"),
            (
                "A B=1",
                "line 1, column 1: a name has letters, digits, `_`, `-` and `.` alone",
            ),
            (
                "'A'=1",
                "line 1, column 1: a name has letters, digits, `_`, `-` and `.` alone",
            ),
            (
                "A=1\nB='x\nC=2\n",
                "line 2, column 3: a quote is not closed",
            ),
            ("B=\"x\\\"", "line 1, column 3: a quote is not closed"),
            (
                "A=1\rB=2\r",
                "line 1, column 3: a carriage return stands in the line; put it into quotes, or end the line with a line feed",
            ),
            (
                "# c\rA=1\nB=2",
                "line 1, column 1: a carriage return stands in the line; put it into quotes, or end the line with a line feed",
            ),
            (
                "A='x' # c\rB=1\n",
                "line 1, column 6: a carriage return stands in the line; put it into quotes, or end the line with a line feed",
            ),
            (
                "A=1\nuser:secret@host?a=b",
                "line 2, column 1: a name has letters, digits, `_`, `-` and `.` alone",
            ),
            (
                "A='x\ny'z",
                "line 2, column 3: there is text after the closing quote",
            ),
            (
                "A='x'#c",
                "line 1, column 6: there is text after the closing quote",
            ),
        ] {
            assert_eq!(refused(text, Dotenv), error, "{text}");
        }
    }

    /// Every way in which a person could write this value.
    fn spellings(value: &str) -> Vec<String> {
        let mut escaped = String::new();
        for letter in value.chars() {
            match letter {
                '\n' => escaped.push_str("\\n"),
                '\r' => escaped.push_str("\\r"),
                '"' | '\\' => escaped.extend(['\\', letter]),
                _ => escaped.push(letter),
            }
        }
        let mut spellings = vec![
            format!("\"{escaped}\""),
            format!("\"{escaped}\" # a comment"),
        ];
        // A line end that is written as it is is a line feed.
        if !value.contains('\r') {
            let quotes = ['\'', '`'].into_iter();
            let quotes = quotes.filter(|quote| !value.contains(*quote));
            spellings.extend(quotes.map(|quote| format!("{quote}{value}{quote}")));
            if !value.contains(['\n', '#', '"', '\'', '`']) && value.trim_matches(BLANKS) == value
                // Base64 ends so, and a line that is nothing else is the rest of one.
                && (value.is_empty() || value.contains(|letter| letter != '='))
            {
                spellings.push(value.to_owned());
            }
        }
        spellings
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            values in prop::collection::vec(("[a-zA-Z_][a-zA-Z0-9_]{0,9}", "[ -~\n\r\t\u{a0}é𝄞]{0,20}|[#\"'`\\\\ \n\r\\$]{0,9}"), 1..8),
            spelling in any::<prop::sample::Index>(),
            end in prop::sample::select(vec!["\n", "\r\n", "\n\n# a comment\n"]),
        ) {
            let mut text = String::new();
            for (at, (name, value)) in values.iter().enumerate() {
                let export = if at % 2 == 0 { "export " } else { "" };
                let spellings = spellings(value);
                text += &format!("{export}{name}={}{end}", spelling.get(&spellings));
            }
            let NodeValue::Map(entries) = parse(&text).unwrap().value else {
                panic!("not a map");
            };
            let read = entries.into_iter().map(|entry| match entry.value.value {
                NodeValue::Text(value) => (entry.key, value),
                _ => panic!("not a text"),
            });
            prop_assert_eq!(read.collect::<Vec<_>>(), values);
        }
    }
}
