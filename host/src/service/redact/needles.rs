//! What is searched for: each secret as it is, and in base64.

use std::collections::HashMap;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use zeroize::Zeroizing;

use super::reading::{after, normal, readings};

/// One of them.
struct Needle {
    text: Zeroizing<String>,
    /// Whether the letters beside it belong to it in part: in base64, three bytes are four letters.
    shares_first: bool,
    shares_last: bool,
}

/// All of them, by their first letters: a file can have thousands of secrets.
#[derive(Default)]
pub(super) struct Needles(HashMap<char, Vec<Needle>>);

impl Needles {
    /// One more secret.
    pub(super) fn add(&mut self, secret: &str) {
        let text = Zeroizing::new(normal(secret));
        if self.has(&text) {
            return;
        }
        self.add_base64(secret.as_bytes());
        // In base64 of JSON, what JSON escapes is escaped before.
        if let Ok(json) = serde_json::to_string(secret).map(Zeroizing::new)
            && json.len() > secret.len() + 2
        {
            self.add_base64(&json.as_bytes()[1..json.len() - 1]);
        }
        self.insert(Needle {
            text,
            shares_first: false,
            shares_last: false,
        });
    }

    fn has(&self, text: &str) -> bool {
        let first = text.chars().next().and_then(|first| self.0.get(&first));
        first.is_some_and(|needles| needles.iter().any(|needle| *needle.text == *text))
    }

    fn insert(&mut self, needle: Needle) {
        if let Some(first) = needle.text.chars().next() {
            self.0.entry(first).or_default().push(needle);
        }
    }

    /// The secret in base64, wherever in the encoded text it stands: after a multiple of three bytes, or one or two more.
    fn add_base64(&mut self, secret: &[u8]) {
        for before in 0..3 {
            let mut bytes = Zeroizing::new(vec![0; before]);
            bytes.extend_from_slice(secret);
            // The letters that hold bits of the secret alone.
            let (begin, end) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
            let encoded = [STANDARD_NO_PAD, URL_SAFE_NO_PAD]
                .map(|engine| Zeroizing::new(engine.encode(&*bytes)[begin..end].to_owned()));
            let [standard, url_safe] = encoded;
            let is_same = standard == url_safe;
            for text in std::iter::once(standard).chain((!is_same).then_some(url_safe)) {
                self.insert(Needle {
                    text,
                    shares_first: before != 0,
                    shares_last: bytes.len() % 3 != 0,
                });
            }
        }
    }

    /// The text with this in place of each of them.
    pub(super) fn replace(&self, text: &str, with: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            match self.at(rest) {
                Some((needle, left)) => {
                    if needle.shares_first && shown.ends_with(is_base64) {
                        shown.pop();
                    }
                    shown += with;
                    rest = match needle.shares_last {
                        true => left.strip_prefix(is_base64).unwrap_or(left),
                        false => left,
                    };
                }
                None => {
                    shown.push(letter);
                    rest = &rest[letter.len_utf8()..];
                }
            }
        }
        shown
    }

    /// The longest that the text begins with in some encoding, and what follows it.
    fn at<'a>(&self, text: &'a str) -> Option<(&Needle, &'a str)> {
        readings(text)
            .filter_map(|(letter, _)| self.0.get(&letter))
            .flatten()
            .filter_map(|needle| Some((needle, after(&needle.text, text)?)))
            .min_by_key(|(_, left)| left.len())
    }
}

fn is_base64(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '+' | '/' | '-' | '_')
}
