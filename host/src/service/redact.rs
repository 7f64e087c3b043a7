//! What no text may show: the token, and every value that was marked sensitive, in whatever encoding a text could have it.
//!
//! A secret is searched for letter by letter: as itself, percent-encoded, with JSON's or HTML's escapes, made visible, or a mixture of them, as
//! servers and logs write them; the same within each of these encodings, and within base64.

mod layer;
mod needles;
mod reading;

use std::{
    ops::Range,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;
use zeroize::Zeroizing;

use self::{layer::found_in_all, needles::Needles};
use crate::config::Token;

/// Shorter values are hidden by their position only: a search for `y` would hide every y.
const SHORTEST: usize = 8;
/// Down to this length they are searched for in what a server says of a failure, where they stand alone.
const SHORTEST_ALONE: usize = 4;

/// What stands in a secret's place.
pub(super) const REDACTED: &str = "[redacted]";

/// The secrets of a run.
pub(super) struct Redactor(Mutex<Secrets>);

#[derive(Default)]
struct Secrets {
    long: Needles<SHORTEST>,
    short: Needles<SHORTEST_ALONE>,
    last: Option<Seen>,
}

/// The body that was looked through last, and what came of it: to a thousand calls, a server that fails says the same.
struct Seen {
    body: Zeroizing<Vec<u8>>,
    shown: Vec<u8>,
}

impl Redactor {
    pub(super) fn new(token: Option<&Token>) -> Self {
        let this = Self(Mutex::default());
        if let Some(token) = token {
            this.add(Zeroizing::new(token.expose().to_owned()));
        }
        this
    }

    /// One more secret.
    pub(super) fn add(&self, secret: Zeroizing<String>) {
        let mut secrets = self.secrets();
        secrets.last = None;
        // A server can repeat it without the blanks at its ends, with other line ends, or a line of it.
        let trimmed = secret.trim();
        if trimmed.contains(['\n', '\r']) {
            let lines = trimmed.split(['\n', '\r']);
            lines.for_each(|line| secrets.add(line.trim()));
            let whole = Zeroizing::new(trimmed.replace("\r\n", "\n").replace('\r', "\n"));
            secrets.add(&Zeroizing::new(whole.replace('\n', "\r\n")));
            secrets.add(&whole);
        }
        secrets.add(trimmed);
        secrets.add(&secret);
    }

    /// The text without them.
    pub(super) fn redact(&self, text: &str) -> String {
        let secrets = self.secrets();
        without(text, found_in_all(text, |text| secrets.long.found(text)))
    }

    /// The body of an answer that tells a failure, without them and without those that are short. In JSON, the texts are looked through as they
    /// read, for what stands in one can be JSON itself.
    pub(super) fn redact_body(&self, bytes: Vec<u8>) -> Vec<u8> {
        let mut secrets = self.secrets();
        if let Some(seen) = secrets.last.as_ref().filter(|seen| *seen.body == bytes) {
            return seen.shown.clone();
        }
        let shown = secrets.of_body(&bytes).unwrap_or_else(|| bytes.clone());
        secrets.last = Some(Seen {
            body: Zeroizing::new(bytes),
            shown: shown.clone(),
        });
        shown
    }

    fn secrets(&self) -> MutexGuard<'_, Secrets> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Secrets {
    fn add(&mut self, secret: &str) {
        match secret.chars().count() {
            ..SHORTEST_ALONE => {}
            SHORTEST_ALONE..SHORTEST => self.short.add(secret),
            _ => self.long.add(secret),
        }
    }

    /// The body without them; none where it is JSON and has none.
    fn of_body(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        match serde_json::from_slice(bytes) {
            Ok(mut value) => self
                .in_value(&mut value)
                .then(|| value.to_string().into_bytes()),
            // What isn't JSON for us can be for a plugin, which passes over what it doesn't look for.
            Err(_) => Some(
                self.in_failure(&String::from_utf8_lossy(bytes))
                    .into_bytes(),
            ),
        }
    }

    /// Whether anything in it was one.
    fn in_value(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => self.in_text(text),
            Value::Number(number) => {
                let mut text = number.to_string();
                let is_changed = self.in_text(&mut text);
                if is_changed {
                    *value = Value::String(text);
                }
                is_changed
            }
            Value::Array(items) => items
                .iter_mut()
                .fold(false, |changed, item| self.in_value(item) | changed),
            Value::Object(fields) => {
                let mut is_changed = false;
                let all = std::mem::take(fields).into_iter();
                *fields = all
                    .map(|(mut key, mut field)| {
                        is_changed |= self.in_text(&mut key) | self.in_value(&mut field);
                        (key, field)
                    })
                    .collect();
                is_changed
            }
            _ => false,
        }
    }

    fn in_text(&self, text: &mut String) -> bool {
        let shown = self.in_failure(text);
        let is_changed = shown != *text;
        *text = shown;
        is_changed
    }

    /// A text without them, and without short ones between other than letters and digits.
    fn in_failure(&self, text: &str) -> String {
        let found = found_in_all(text, |text| {
            let mut found = self.long.found(text);
            found.extend(self.short.found_alone(text));
            found
        });
        without(text, found)
    }
}

/// The text with a mark in place of these parts of it.
fn without(text: &str, mut parts: Vec<Range<usize>>) -> String {
    parts.sort_unstable_by_key(|part| part.start);
    let mut shown = String::with_capacity(text.len());
    let mut rest = 0;
    for Range { start, end } in parts {
        if start >= rest {
            shown += &text[rest..start];
            shown += REDACTED;
        }
        rest = rest.max(end);
    }
    shown + &text[rest..]
}

#[cfg(test)]
mod tests {
    use base64::{
        Engine,
        engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
    };
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

    use super::*;

    fn redactor(secret: &str) -> Redactor {
        let redactor = Redactor::new(None);
        redactor.add(Zeroizing::new(secret.to_owned()));
        redactor
    }

    #[test]
    fn a_secret_is_found_in_every_encoding() {
        let secret = "pass\"\\word/+ ö\n𝄞\u{202e}";
        let redactor = redactor(secret);
        let percent = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
        let texts = [
            secret.to_owned(),
            serde_json::to_string(secret).unwrap(),
            "pass\\\"\\\\word\\/+ \\u00f6\\u000A\\uD834\\udd1e\\u202E".to_owned(),
            percent.to_lowercase(),
            percent.replace("%20", "+"),
            percent,
            tw_render::text::visible(secret).into_owned(),
            html(secret),
            "pass&#x22;\\word/+ &#246;&#xa;&#119070;&#x202E;".to_owned(),
            STANDARD_NO_PAD.encode(secret) + "==",
            URL_SAFE_NO_PAD.encode(secret),
        ];
        for text in texts {
            let shown = redactor.redact(&format!("before {text} after"));
            assert!(
                shown.contains(REDACTED) && !shown.contains("word"),
                "{shown}"
            );
            assert!(
                shown.starts_with("before ") && shown.ends_with(" after"),
                "{shown}"
            );
        }
    }

    /// As templates write it.
    fn html(text: &str) -> String {
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        text.replace('>', "&gt;")
            .replace('"', "&quot;")
            .replace('\'', "&#39;")
    }

    #[test]
    fn a_secret_is_found_in_an_encoding_within_another() {
        let secret = "p<a&s's\"\\word/+ ö\n𝄞";
        let redactor = redactor(secret);
        let json = |text: &str| {
            serde_json::to_string(text)
                .unwrap()
                .trim_matches('"')
                .to_owned()
        };
        let ascii =
            |_: &str| "p\\u003ca\\u0026s's\\\"\\\\word\\/+ \\u00f6\\n\\ud834\\udd1e".to_owned();
        let percent = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let base64 = |text: &str| STANDARD_NO_PAD.encode(text);
        let encodings: [&dyn Fn(&str) -> String; 5] = [&ascii, &json, &percent, &html, &base64];
        for (at, inner) in encodings.iter().enumerate() {
            // Base64 twice is not looked for.
            let outers = if at == 4 { 1..4 } else { 1..5 };
            for outer in &encodings[outers] {
                let text = outer(&inner(secret));
                let shown = redactor.redact(&format!("before {text} after"));
                assert_eq!(shown, "before [redacted] after", "{text}");
            }
        }
    }

    #[test]
    fn a_secret_is_found_in_base64_at_any_offset() {
        let secret = "pass\"\\word/+ ö?>~";
        let redactor = redactor(secret);
        for begin in ["", "u", "us", "user:", "{\"value\":\""] {
            for end in ["", "\"", "\"}", "\"}\n"] {
                for secret in [
                    secret,
                    serde_json::to_string(secret).unwrap().trim_matches('"'),
                ] {
                    let text = format!("{begin}{secret}{end}");
                    for encoded in [STANDARD_NO_PAD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
                        for encoded in [
                            encoded.clone(),
                            utf8_percent_encode(&encoded, NON_ALPHANUMERIC).to_string(),
                        ] {
                            let shown = redactor.redact(&format!("before {encoded} after"));
                            let left = shown
                                .strip_prefix("before ")
                                .and_then(|shown| shown.strip_suffix(" after"))
                                .and_then(|shown| shown.split_once(REDACTED))
                                .unwrap_or_else(|| panic!("{text}: {shown}"));
                            // What is left is what stood before and behind.
                            assert!(left.0.len() <= begin.len() * 4 / 3, "{text}: {shown}");
                            assert!(left.1.len() <= end.len() * 4 / 3 + 4, "{text}: {shown}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_secret_of_several_lines_is_found_trimmed_and_with_other_line_ends() {
        for secret in ["first-line\nsecond-line\n", "first-line\r\nsecond-line\r\n"] {
            let redactor = redactor(secret);
            for text in [
                secret,
                "first-line\nsecond-line",
                "first-line\r\nsecond-line",
                "first-line\\r\\nsecond-line",
                "first-line",
                "second-line",
            ] {
                let shown = redactor.redact(&format!("before {text} after"));
                assert!(
                    shown.starts_with("before [redacted]") && !shown.contains("line"),
                    "{text}: {shown}"
                );
            }
        }
        let mac = redactor("first-line\rsecond-line");
        for text in ["first-line", "second-line", "first-line\nsecond-line"] {
            let shown = mac.redact(&format!("it:\n{text}\nis so"));
            assert_eq!(shown, "it:\n[redacted]\nis so", "{text}");
        }
        let shown = redactor("  only-one-line ").redact("<only-one-line>");
        assert_eq!(shown, "<[redacted]>");
        let shown = redactor("only-one-line\n").redact("Invalid value: only-one-line");
        assert_eq!(shown, "Invalid value: [redacted]");
    }

    #[test]
    fn a_secret_is_found_whatever_the_case() {
        let redactor = redactor("Straße-Äpfel-99");
        for text in [
            "straße-äpfel-99",
            "Stra\\xc3\\x9fe-\\xc3\\x84pfel-99",
            "Stra\\xdfe-\\xc4pfel-99",
        ] {
            assert_eq!(redactor.redact(text), "[redacted]", "{text}");
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        let text = "nothing %4 \\u12 \\ % + ö to see";
        assert_eq!(redactor("a secret that isn't there").redact(text), text);
    }

    #[test]
    fn a_short_secret_is_searched_for_in_a_failure_only_and_alone() {
        assert_eq!(redactor("y").redact("my value"), "my value");
        let body = |secret, text: &str| {
            String::from_utf8(redactor(secret).redact_body(text.as_bytes().to_vec())).unwrap()
        };
        assert_eq!(body("1234", "no 1234, 12345"), "no [redacted], 12345");
        assert_eq!(
            body("12345678", r#"{"12345678":12345678,"n":1}"#),
            r#"{"[redacted]":"[redacted]","n":1}"#
        );
        let json = r#"{"message":"body '{\"value\":\"pa \\\"q\"}'"}"#;
        for secret in ["pa \\\"q", "pa \"q"] {
            assert_eq!(
                body(secret, json),
                r#"{"message":"body '{\"value\":\"[redacted]\"}'"}"#
            );
        }
        for text in ["<pa \"q>", "<pa &quot;q>", "<pa+%22q>", "(pa%2520%2522q)"] {
            assert!(body("pa \"q", text).contains("[redacted]"), "{text}");
        }
        assert_eq!(
            body("y", r#"{"message":"not y"}"#),
            r#"{"message":"not y"}"#
        );
        assert_eq!(redactor("1234").redact("no 1234"), "no 1234");
    }
}
