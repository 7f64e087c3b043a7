//! Indents JSON while it arrives, in constant memory.

/// The deepest indentation in levels. A hostile document with a million brackets would otherwise become a million lines of up
/// to a million blanks.
const DEEPEST: usize = 64;

/// Indents a JSON document that arrives in pieces, with two blanks for each level. A text that is not an object or a list stays
/// as it is.
#[derive(Debug, Default)]
pub(crate) struct Indenter {
    state: State,
    depth: usize,
}

#[derive(Debug, Default, PartialEq)]
enum State {
    /// Before the first byte that is not a blank.
    #[default]
    Start,
    /// In something that is no object and no list.
    Other,
    /// Right after an opening bracket.
    Opened,
    /// Between the parts of the document.
    Between,
    /// In a text.
    Text,
    /// In a text, after a backslash.
    Escaped,
}

impl Indenter {
    /// Returns the indented form of the next bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len() * 2);
        for byte in bytes {
            self.push_byte(*byte, &mut out);
        }
        out
    }

    fn push_byte(&mut self, byte: u8, out: &mut Vec<u8>) {
        match self.state {
            State::Start if byte.is_ascii_whitespace() => {}
            State::Start if !matches!(byte, b'{' | b'[') => self.keep(State::Other, byte, out),
            State::Start => self.open(byte, out),
            State::Other => out.push(byte),
            State::Text => self.keep(
                match byte {
                    b'"' => State::Between,
                    b'\\' => State::Escaped,
                    _ => State::Text,
                },
                byte,
                out,
            ),
            State::Escaped => self.keep(State::Text, byte, out),
            State::Opened | State::Between => self.push_between(byte, out),
        }
    }

    fn push_between(&mut self, byte: u8, out: &mut Vec<u8>) {
        let is_opened = self.state == State::Opened;
        let closes = matches!(byte, b'}' | b']');
        if byte.is_ascii_whitespace() {
            return;
        }
        if closes {
            self.depth = self.depth.saturating_sub(1);
        }
        // An empty object or list stays in one line.
        if is_opened != closes {
            self.break_line(out);
        }
        match byte {
            b'{' | b'[' => self.open(byte, out),
            b'"' => self.keep(State::Text, byte, out),
            _ => self.keep(State::Between, byte, out),
        }
        match byte {
            b',' => self.break_line(out),
            b':' => out.push(b' '),
            _ => {}
        }
    }

    fn open(&mut self, byte: u8, out: &mut Vec<u8>) {
        self.depth += 1;
        self.keep(State::Opened, byte, out);
    }

    fn keep(&mut self, state: State, byte: u8, out: &mut Vec<u8>) {
        self.state = state;
        out.push(byte);
    }

    fn break_line(&self, out: &mut Vec<u8>) {
        out.push(b'\n');
        out.extend(std::iter::repeat_n(b' ', 2 * self.depth.min(DEEPEST)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Indents a text in one piece and byte by byte, which must be equal.
    fn indent(text: &str) -> String {
        let whole = Indenter::default().push(text.as_bytes());
        let mut indenter = Indenter::default();
        let bytes = text.as_bytes().iter();
        let single: Vec<u8> = bytes.flat_map(|byte| indenter.push(&[*byte])).collect();
        assert_eq!(whole, single, "{text}");
        String::from_utf8(whole).expect("the text stays UTF-8")
    }

    #[test]
    fn each_field_and_each_item_has_a_line() {
        let text = r#" {"a" : [1,{"b":null} ],"c":{}, "d":[ ],"e":-1.5e3}"#;
        let expected = r#"{
  "a": [
    1,
    {
      "b": null
    }
  ],
  "c": {},
  "d": [],
  "e": -1.5e3
}"#;
        assert_eq!(indent(text), expected);
        assert_eq!(indent(expected), expected);
    }

    #[test]
    fn texts_stay_as_they_are() {
        for text in [r#"["{[, :]}"]"#, r#"["\"[\\"]"#, r#"["é\u00e9"]"#] {
            let inner = &text[1..text.len() - 1];
            assert_eq!(indent(text), format!("[\n  {inner}\n]"));
        }
    }

    #[test]
    fn a_body_that_is_no_object_and_no_list_stays_as_it_is() {
        for text in ["", "Not  found, {sorry}", "12", r#""a, b""#] {
            assert_eq!(indent(text), text);
        }
    }

    #[test]
    fn a_document_with_many_levels_grows_little() {
        let deep = "[".repeat(10_000);
        assert!(indent(&deep).len() < 10_000 * (2 * DEEPEST + 2));
        // More brackets close than open.
        assert!(indent("[]]]}}").starts_with("[]"));
    }
}
