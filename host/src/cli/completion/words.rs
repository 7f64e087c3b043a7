//! The words of a command line as bash and fish pass it: one text up to the cursor, with quotes and redirections.

/// A shell whose quotes `tw` reads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Syntax {
    Bash,
    Fish,
}

/// The word at the cursor.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Current {
    /// The word without quotes, up to the cursor.
    pub(super) word: String,
    /// The word as it was typed.
    pub(super) raw: String,
    /// The beginning of the word that bash doesn't replace, without quotes.
    pub(super) kept: String,
    /// The quote in which the part begins that bash replaces.
    pub(super) quote: Option<char>,
    /// True if the word is the file of a redirection.
    pub(super) is_target: bool,
}

/// Splits a command line, which ends at the cursor, and leaves out its redirections. `replaced` is the end of the line that the shell replaces. Returns the
/// words before the current one, and the current one.
pub(super) fn read(line: &str, replaced: &str, syntax: Syntax) -> (Vec<String>, Current) {
    let mut reader = Reader {
        syntax,
        words: Vec::new(),
        raw: String::new(),
        is_target: false,
    };
    reader.read(line);
    let Reader {
        words,
        raw,
        is_target,
        ..
    } = reader;
    let (kept, quote) = unquote(raw.strip_suffix(replaced).unwrap_or_default(), syntax);
    let current = Current {
        word: unquote(&raw, syntax).0,
        raw,
        kept,
        quote,
        is_target,
    };
    let words = words.iter().map(|word| unquote(word, syntax).0);
    (words.collect(), current)
}

/// Reads a line character by character.
struct Reader {
    syntax: Syntax,
    /// The words that are complete, with quotes.
    words: Vec<String>,
    /// The word that isn't complete.
    raw: String,
    /// True if that word is the file of a redirection.
    is_target: bool,
}

impl Reader {
    fn read(&mut self, line: &str) {
        let mut quote = None;
        let mut depth = 0_usize;
        let mut rest = line.chars().peekable();
        while let Some(character) = rest.next() {
            let is_escape =
                character == '\\' && (quote != Some('\'') || self.syntax == Syntax::Fish);
            match character {
                _ if is_escape => {
                    self.raw.push(character);
                    self.raw.extend(rest.next());
                }
                _ if quote.is_some() => {
                    quote = quote.filter(|open| *open != character);
                    self.raw.push(character);
                }
                '"' | '\'' => {
                    quote = Some(character);
                    self.raw.push(character);
                }
                // The output of a command is a part of the word: `$(…)`, `<(…)`, and in fish `(…)`.
                '(' => {
                    depth += 1;
                    self.raw.push(character);
                }
                _ if depth > 0 => {
                    depth -= usize::from(character == ')');
                    self.raw.push(character);
                }
                '<' | '>' if rest.peek() == Some(&'(') => self.raw.push(character),
                '<' | '>' => {
                    // In `2>file`, the number is no word.
                    if self.raw.chars().all(|digit| digit.is_ascii_digit()) {
                        self.raw.clear();
                    }
                    self.end_word();
                    while rest.next_if(|next| "<>&|?".contains(*next)).is_some() {}
                    self.is_target = true;
                }
                '&' if rest.peek() == Some(&'>') => self.end_word(),
                // The line has several commands, and the last one counts.
                ';' | '|' | '&' | '\n' => {
                    self.words.clear();
                    self.raw.clear();
                    self.is_target = false;
                }
                ' ' | '\t' => self.end_word(),
                _ => self.raw.push(character),
            }
        }
    }

    fn end_word(&mut self) {
        let word = std::mem::take(&mut self.raw);
        if !word.is_empty() && !std::mem::take(&mut self.is_target) {
            self.words.push(word);
        }
    }
}

/// Removes the quotes from a part of a command line. Returns the text, and the quote that is open at its end.
fn unquote(raw: &str, syntax: Syntax) -> (String, Option<char>) {
    let mut text = String::new();
    let mut quote = None;
    let mut characters = raw.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), character) if character == open => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, '\\') => text.extend(characters.next()),
            (Some(open), '\\') if open == '"' || syntax == Syntax::Fish => {
                let escaped = if open == '"' { "\"\\$`" } else { "'\\" };
                let next = characters.next();
                if next.is_none_or(|next| !escaped.contains(next)) {
                    text.push('\\');
                }
                text.extend(next);
            }
            (_, character) => text.push(character),
        }
    }
    (text, quote)
}

impl Current {
    /// Returns what bash inserts for a candidate.
    pub(super) fn insert(&self, candidate: &str) -> String {
        quote(
            candidate.strip_prefix(&self.kept).unwrap_or(candidate),
            self.quote,
        )
    }

    /// Returns the path after the beginning of the word, with the quotes that were typed.
    pub(super) fn raw_path(&self, before: &str) -> String {
        match self.raw.strip_prefix(before) {
            Some(path) => path.to_owned(),
            None => quote(self.word.strip_prefix(before).unwrap_or_default(), None),
        }
    }
}

/// Quotes a text for bash, within the quote that the user has opened.
fn quote(text: &str, open: Option<char>) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:@%+,=^".contains(c);
    let mut quoted = String::with_capacity(text.len());
    for character in text.chars() {
        match open {
            Some('\'') if character == '\'' => quoted.push_str("'\\'"),
            // Within double quotes, bash would replace `!` by a line of the history.
            Some('"') if character == '!' => {
                quoted.push_str("\"\\!\"");
                continue;
            }
            Some('"') if "\"\\$`".contains(character) => quoted.push('\\'),
            None if !is_plain(character) => quoted.push('\\'),
            _ => {}
        }
        quoted.push(character);
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_removed_also_if_they_are_open() {
        for (raw, text, open) in [
            ("a\\ b", "a b", None),
            ("'a b'c", "a bc", None),
            ("\"a \\\"b\\\\ \\c", "a \"b\\ \\c", Some('"')),
            ("'it\\", "it\\", Some('\'')),
            ("a\\", "a", None),
            ("\"a\"\\!\"b", "a!b", Some('"')),
        ] {
            let unquoted = unquote(raw, Syntax::Bash);
            assert_eq!(unquoted, (text.to_owned(), open), "{raw}");
        }
        assert_eq!(unquote("'it\\'s \\x'", Syntax::Fish).0, "it's \\x");
    }

    #[test]
    fn a_line_has_words_and_a_current_word_of_which_a_part_is_replaced() {
        for (line, replaced, words, kept, word) in [
            ("tw --output=js", "js", "tw", "--output=", "--output=js"),
            ("tw --output=", "", "tw", "--output=", "--output="),
            ("tw --output = ", "", "tw|--output|=", "", ""),
            (
                "tw  -u http://x secrets ",
                "",
                "tw|-u|http://x|secrets",
                "",
                "",
            ),
            ("tw -w \"a b\" 'c d", "c d", "tw|-w|a b", "", "c d"),
            ("tw -n \"a\"\\!\"b", "b", "tw|-n", "a!", "a!b"),
            ("tw -n a\\ b", "a\\ b", "tw|-n", "", "a b"),
            ("tw \"$(a; b | c)\" x", "x", "tw|$(a; b | c)", "", "x"),
            (
                "tw $(a 'b)' c) <(d -e) x",
                "x",
                "tw|$(a b) c)|<(d -e)",
                "",
                "x",
            ),
            ("echo; tw x", "x", "tw", "", "x"),
        ] {
            let (found, current) = read(line, replaced, Syntax::Bash);
            let expected = (words.to_owned(), kept.to_owned(), word.to_owned());
            assert_eq!((found.join("|"), current.kept, current.word), expected);
        }
    }

    #[test]
    fn redirections_are_no_words() {
        for (line, words, word, is_target) in [
            ("tw >/tmp/x sec", "tw", "sec", false),
            ("tw 2>&1 sec", "tw", "sec", false),
            ("tw list &>/dev/null -o j", "tw|list|-o", "j", false),
            ("tw list 2>> a < 'b c' -o j", "tw|list|-o", "j", false),
            ("tw a1>b c", "tw|a1", "c", false),
            ("tw list >", "tw|list", "", true),
            ("tw list > a", "tw|list", "a", true),
            ("tw login <a", "tw|login", "a", true),
            ("tw 'a > b' \\> c", "tw|a > b|>", "c", false),
        ] {
            for syntax in [Syntax::Bash, Syntax::Fish] {
                let (found, current) = read(line, "", syntax);
                let expected = (words.to_owned(), word.to_owned(), is_target);
                assert_eq!((found.join("|"), current.word, current.is_target), expected);
            }
        }
    }

    #[test]
    fn a_candidate_is_quoted_and_lacks_what_bash_keeps() {
        let current = |kept: &str, quote| Current {
            kept: kept.to_owned(),
            quote,
            ..Current::default()
        };
        assert_eq!(current("--output=", None).insert("--output=json"), "json");
        assert_eq!(
            current("", None).insert("a b;$(c)~!"),
            "a\\ b\\;\\$\\(c\\)\\~\\!"
        );
        assert_eq!(current("", Some('\'')).insert("it's!"), "it'\\''s!");
        assert_eq!(
            current("", Some('"')).insert("a$/b\"!!x"),
            "a\\$/b\\\"\"\\!\"\"\\!\"x"
        );
    }
}
