//! The number of values in a JSON answer. A small answer can become large: 58 KB of gzip hold a list of 2.5 million entries, which takes gigabytes
//! once it is parsed.

/// The limit for the values of an answer: texts, numbers, lists, objects and so on. With [`LARGEST_BODY`](super::LARGEST_BODY), a list of secrets with all
/// their fields reaches the limit for bytes first.
pub(super) const MOST_VALUES: u64 = 1_000_000;

/// Counts the values of a JSON answer that arrives in pieces. An answer is taken for JSON if it begins with a list or an object. It need not be valid:
/// a parser builds its values up to the first mistake.
#[derive(Default)]
pub(super) struct ValueCounter {
    count: u64,
    state: State,
}

#[derive(Default, Clone, Copy, PartialEq)]
enum State {
    #[default]
    Start,
    /// The answer is no JSON.
    Other,
    Outside,
    InText,
    /// The next byte of a text is escaped.
    Escaped,
}

impl ValueCounter {
    /// Adds the next piece of the answer, and returns the number of values so far.
    pub(super) fn add(&mut self, piece: &[u8]) -> u64 {
        for byte in piece {
            self.state = match (self.state, byte) {
                (State::Start, b' ' | b'\t' | b'\r' | b'\n') => State::Start,
                (State::Start, b'[' | b'{') | (State::Outside, b'[' | b'{' | b',') => {
                    self.count += 1;
                    State::Outside
                }
                (State::Start | State::Other, _) => State::Other,
                (State::Outside, b'"') => State::InText,
                (State::InText, b'"') => State::Outside,
                (State::InText, b'\\') => State::Escaped,
                (State::Escaped, _) => State::InText,
                (state, _) => state,
            };
        }
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(pieces: &[&str]) -> u64 {
        let mut counter = ValueCounter::default();
        pieces
            .iter()
            .fold(0, |_, piece| counter.add(piece.as_bytes()))
    }

    #[test]
    fn each_list_object_and_separator_counts() {
        assert_eq!(count(&["[1, 2, {\"a\": [], \"b\": null}]"]), 6);
        assert_eq!(count(&[" \n{}"]), 1);
        assert_eq!(count(&["[{},{},{}"]), 6);
    }

    #[test]
    fn texts_do_not_count_and_pieces_can_end_anywhere() {
        let text = r#"{"a,[": "\\\",[{", "b": "\\"}"#;
        assert_eq!(count(&[text]), 2);
        for at in 0..text.len() {
            assert_eq!(count(&[&text[..at], &text[at..]]), 2, "{at}");
        }
    }

    #[test]
    fn an_answer_that_is_no_json_has_no_values() {
        assert_eq!(count(&["a,b,c", "[1,2]"]), 0);
        assert_eq!(count(&[""]), 0);
    }
}
