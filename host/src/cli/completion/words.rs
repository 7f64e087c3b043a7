//! The words of a command line as bash and fish pass them: with quotes, and in bash broken at `=`, `:` and other characters.

/// Removes the quotes from a part of a command line, which may end within them.
pub(super) fn unquote(raw: &str) -> String {
    let mut text = String::new();
    let mut quote = None;
    let mut characters = raw.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), character) if character == open => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, '\\') => text.extend(characters.next()),
            (Some('"'), '\\') => match characters.next() {
                Some(escaped @ ('"' | '\\' | '$' | '`')) => text.push(escaped),
                other => text.extend(std::iter::once('\\').chain(other)),
            },
            (_, character) => text.push(character),
        }
    }
    text
}

/// The current word of a command line in bash.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Current {
    /// The word without quotes, up to the cursor.
    pub(super) word: String,
    /// The beginning of the word that bash doesn't replace, without quotes.
    pub(super) kept: String,
    /// The quote in which the cursor stands.
    pub(super) quote: Option<char>,
}

/// Joins the words that bash has broken: `--output`, `=` and `js` are one word if the line has no blank between them. `words` ends with the word at the
/// cursor, and `replaced` is the part of it that bash replaces. Returns the words before the current one, and the current one.
pub(super) fn join(line: &str, words: &[String], replaced: &str) -> (Vec<String>, Current) {
    let mut joined: Vec<String> = Vec::new();
    let mut rest = line;
    for word in words {
        let before = rest.len();
        rest = rest.trim_start();
        let is_new = joined.is_empty() || rest.len() < before;
        rest = rest.strip_prefix(word.as_str()).unwrap_or(rest);
        match joined.last_mut().filter(|_| !is_new) {
            Some(last) => last.push_str(word),
            None => joined.push(word.clone()),
        }
    }
    let last = words.last().map(String::as_str).unwrap_or_default();
    let mut raw = joined.pop().unwrap_or_default();
    // The word at the cursor can be longer than the part before the cursor, or be nothing but `=`, after which a new part begins.
    let is_separator =
        replaced.is_empty() && !last.is_empty() && last.chars().all(|c| "=:@><;|&(".contains(c));
    if !is_separator {
        raw.truncate(raw.len() - last.len());
    }
    let quote = last
        .chars()
        .next()
        .filter(|first| "\"'".contains(*first) && !replaced.starts_with(*first));
    let kept = unquote(&raw);
    let current = match quote {
        Some(quote) => unquote(&format!("{quote}{replaced}")),
        None => unquote(replaced),
    };
    let words = joined.iter().map(|word| unquote(word)).collect();
    let current = Current {
        word: format!("{kept}{current}"),
        kept,
        quote,
    };
    (words, current)
}

impl Current {
    /// Returns what bash inserts for a candidate.
    pub(super) fn insert(&self, candidate: &str) -> String {
        quote(
            candidate.strip_prefix(&self.kept).unwrap_or(candidate),
            self.quote,
        )
    }
}

/// Quotes a text for bash, within the quote that the user has opened.
fn quote(text: &str, open: Option<char>) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:@%+,=^".contains(c);
    let mut quoted = String::with_capacity(text.len());
    for character in text.chars() {
        match open {
            Some('\'') if character == '\'' => quoted.push_str("'\\'"),
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

    fn joined(line: &str, words: &[&str], replaced: &str) -> (Vec<String>, String, String) {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let (words, current) = join(line, &words, replaced);
        (words, current.kept, current.word)
    }

    fn expect(words: &[&str], kept: &str, word: &str) -> (Vec<String>, String, String) {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        (words, kept.to_owned(), word.to_owned())
    }

    #[test]
    fn quotes_are_removed_also_if_they_are_open() {
        for (raw, text) in [
            ("a\\ b", "a b"),
            ("'a b'c", "a bc"),
            ("\"a \\\"b\\\\ \\c", "a \"b\\ \\c"),
            ("'it\\", "it\\"),
            ("a\\", "a"),
        ] {
            assert_eq!(unquote(raw), text, "{raw}");
        }
    }

    #[test]
    fn parts_without_a_blank_between_them_are_one_word() {
        let words = ["tw", "--output", "=", "js"];
        let expected = expect(&["tw"], "--output=", "--output=js");
        assert_eq!(joined("tw --output=js", &words, "js"), expected);
        let words = ["tw", "--output", "="];
        let expected = expect(&["tw"], "--output=", "--output=");
        assert_eq!(joined("tw --output=", &words, ""), expected);
        let words = ["tw", "--output", "=", ""];
        let expected = expect(&["tw", "--output", "="], "", "");
        assert_eq!(joined("tw --output = ", &words, ""), expected);
        let words = ["tw", "-u", "http", ":", "//x", "secrets", ""];
        let expected = expect(&["tw", "-u", "http://x", "secrets"], "", "");
        assert_eq!(joined("tw  -u http://x secrets ", &words, ""), expected);
    }

    #[test]
    fn the_current_word_ends_at_the_cursor_and_may_be_in_quotes() {
        let expected = expect(&["tw"], "", "sec");
        assert_eq!(joined("tw secrets", &["tw", "secrets"], "sec"), expected);
        let words: Vec<String> = ["tw", "-w", "\"acme co"].map(str::to_owned).to_vec();
        let (_, current) = join("tw -w \"acme co", &words, "acme co");
        assert_eq!((&*current.word, current.quote), ("acme co", Some('"')));
        assert_eq!(current.insert("acme co$/a\"b"), "acme co\\$/a\\\"b");
    }

    #[test]
    fn a_candidate_is_quoted_and_lacks_what_bash_keeps() {
        let current = |kept: &str, quote| Current {
            word: String::new(),
            kept: kept.to_owned(),
            quote,
        };
        assert_eq!(current("--output=", None).insert("--output=json"), "json");
        assert_eq!(
            current("", None).insert("a b;$(c)~"),
            "a\\ b\\;\\$\\(c\\)\\~"
        );
        assert_eq!(current("", Some('\'')).insert("it's"), "it'\\''s");
    }
}
