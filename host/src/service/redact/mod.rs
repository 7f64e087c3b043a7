//! Hides secrets in texts that are shown: the token, and every value that is marked as sensitive.
//!
//! Servers and logs write a value in many ways: percent-encoded, with the escapes of JSON or HTML, in base64, or with one encoding within
//! another. So a text is decoded repeatedly, and after each time all secrets are searched for at once, in a time that depends on the length
//! of the text and hardly on the number of secrets.

mod decode;
mod layer;
mod needles;

use std::{
    ops::Range,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tw_plugin_protocol::ArgValue;
use tw_render::Value;
use zeroize::Zeroizing;

use self::{
    decode::{SIGNS, decode_levels, decode_text, fold, join},
    layer::find_decoded,
    needles::{HEAD, Needles},
};
use crate::config::Token;

/// Shorter values are hidden only by their position: a search for `y` would hide every y.
const SHORTEST: usize = 8;
/// Values of at least this length are also searched for in a failure's body, if no letter or digit is next to them.
const SHORTEST_ALONE: usize = HEAD;

/// The text that replaces a secret.
pub(super) const REDACTED: &str = "[redacted]";

/// The secrets of a run.
///
/// The secrets are not wiped at the end of the run, because the process ends too, and clap, reqwest and the plugin have copies of them. All
/// copies are protected in the same way: the process can't be traced and leaves no core dump.
pub(super) struct Redactor(Mutex<Secrets>);

#[derive(Default)]
struct Secrets {
    long: Needles,
    short: Needles,
}

impl Redactor {
    pub(super) fn new(token: Option<&Token>) -> Self {
        let redactor = Self(Mutex::default());
        if let Some(token) = token {
            redactor.add(token.expose());
        }
        redactor
    }

    /// Adds a secret. A server may repeat it without the blanks around it, with other line ends, or a single line of it.
    pub(super) fn add(&self, secret: &str) {
        let mut secrets = self.secrets();
        let trimmed = secret.trim();
        if trimmed.contains(['\n', '\r']) {
            let lines = trimmed.split(['\n', '\r']);
            lines.for_each(|line| secrets.add(line.trim()));
            let unix = trimmed.replace("\r\n", "\n").replace('\r', "\n");
            secrets.add(&unix.replace('\n', "\r\n"));
            secrets.add(&unix);
        }
        secrets.add(trimmed);
        secrets.add(secret);
    }

    /// Replaces the long secrets in a text.
    pub(super) fn redact(&self, text: &str) -> String {
        let secrets = self.searchable();
        replace(text, find_decoded(text, |text| secrets.long.find(text)))
    }

    /// Replaces the long and short secrets in the body of a failed response. In JSON, each text is searched by itself, because it can be
    /// JSON again.
    pub(super) fn redact_body(&self, bytes: Vec<u8>) -> Vec<u8> {
        let secrets = self.searchable();
        match Value::parse(&bytes) {
            Some(value) => {
                let text = value.to_string();
                let redacted = secrets.redact_value(value).to_string();
                match redacted == text {
                    true => bytes,
                    false => redacted.into_bytes(),
                }
            }
            // This body is not valid JSON here, but a plugin's parser may still accept it.
            None => secrets
                .redact_failure(&String::from_utf8_lossy(&bytes))
                .into_bytes(),
        }
    }

    fn searchable(&self) -> MutexGuard<'_, Secrets> {
        let mut secrets = self.secrets();
        secrets.long.build();
        secrets.short.build();
        secrets
    }

    /// Adds the texts of an argument's value.
    pub(super) fn add_argument(&self, value: &ArgValue) {
        let number = |text: String| self.add(&Zeroizing::new(text));
        match value {
            ArgValue::Text(text) => self.add(text),
            ArgValue::Integer(value) => number(value.to_string()),
            ArgValue::Float(value) => number(value.to_string()),
            ArgValue::Bytes(text) => number(String::from_utf8_lossy(&text.bytes).into_owned()),
            ArgValue::List(values) => values.iter().for_each(|value| self.add_argument(value)),
            _ => {}
        }
    }

    fn secrets(&self) -> MutexGuard<'_, Secrets> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Secrets {
    /// Adds a secret in each form that it can have in a decoded text.
    fn add(&mut self, secret: &str) {
        let needles = match secret.chars().count() {
            ..SHORTEST_ALONE => return,
            SHORTEST_ALONE..SHORTEST => &mut self.short,
            _ => &mut self.long,
        };
        let joined = SIGNS.into_iter().filter_map(|sign| join(sign, secret));
        for form in joined.chain([secret.to_owned()]) {
            for form in decode_levels(form, |form| decode_text(form)) {
                let folded: String = form.chars().map(fold).collect();
                if folded.chars().count() >= SHORTEST_ALONE {
                    needles.add(folded);
                }
            }
        }
    }

    /// Replaces secrets in the texts, numbers and keys of a JSON value.
    fn redact_value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.redact_failure(&text)),
            Value::Number(number) => {
                let redacted = self.redact_failure(number.text());
                match redacted == number.text() {
                    true => Value::Number(number),
                    false => Value::String(redacted),
                }
            }
            Value::Array(items) => {
                let items = items.into_iter().map(|item| self.redact_value(item));
                Value::Array(items.collect())
            }
            Value::Object(fields) => {
                let fields = fields.into_iter();
                let redact = |(key, field): (String, Value)| {
                    (self.redact_failure(&key), self.redact_value(field))
                };
                Value::Object(fields.map(redact).collect())
            }
            other => other,
        }
    }

    /// Replaces the long secrets in a text, and the short ones that have no letter or digit next to them.
    fn redact_failure(&self, text: &str) -> String {
        let found = find_decoded(text, |text| {
            let is_alone = |part: &Range<usize>| {
                !text[..part.start].ends_with(char::is_alphanumeric)
                    && !text[part.end..].starts_with(char::is_alphanumeric)
            };
            let mut found = self.short.find(text);
            found.retain(is_alone);
            found.extend(self.long.find(text));
            found
        });
        replace(text, found)
    }
}

/// Replaces parts of a text, which can overlap.
fn replace(text: &str, mut parts: Vec<Range<usize>>) -> String {
    parts.sort_unstable_by_key(|part| part.start);
    let mut redacted = String::with_capacity(text.len());
    let mut rest = 0;
    for Range { start, end } in parts {
        if start >= rest {
            redacted += &text[rest..start];
            redacted += REDACTED;
        }
        rest = rest.max(end);
    }
    redacted + &text[rest..]
}

/// Hides a secret in the answer of a server.
#[cfg(any(test, fuzzing))]
pub(crate) fn fuzz(body: &[u8]) {
    const SECRET: &str = "correct horse battery";
    let redactor = Redactor::new(None);
    redactor.add(SECRET);
    let redacted = redactor.redact_body(body.to_vec());
    assert!(!String::from_utf8_lossy(&redacted).contains(SECRET));
    assert!(
        !redactor
            .redact(&String::from_utf8_lossy(body))
            .contains(SECRET)
    );
}

#[cfg(test)]
mod tests;
