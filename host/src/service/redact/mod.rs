//! Hides secrets in texts that are shown: the token, and every value that is marked as sensitive.
//!
//! Servers and logs write a value in many ways: percent-encoded, in quoted-printable, with the escapes of JSON or HTML, in base64 or hexadecimal, or with
//! one encoding within another. So a text is decoded repeatedly, and after each time all secrets are searched for at once, in a time that depends on
//! the length of the text and hardly on the number of secrets.
//!
//! A hostile text can have so many encodings, or so much that almost is a secret, that the search takes minutes. Each text therefore has a budget, and a text
//! that needs more is not shown. The search takes so little time that it doesn't leave the network's thread.

mod body;
mod budget;
mod decode;
mod layer;
mod needles;
mod packed;

use std::{
    ops::Range,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tw_plugin_protocol::ArgValue;
use zeroize::Zeroizing;

use self::{
    body::replace_in_json,
    budget::{Budget, RESERVE},
    decode::{decode_levels, decode_text, fold, join, signs},
    layer::find_decoded,
    needles::{HEAD, Needles},
};
use crate::config::Token;

/// Shorter values are hidden only by their position: a search for `y` would hide every y.
const SHORTEST: usize = 8;
/// Values of at least this length are also searched for in a failure's body, if no letter or digit is next to them.
const SHORTEST_ALONE: usize = HEAD;

/// The number of letters of a token that is never shown, even if the rest of the token is missing.
const PART: usize = 16;
/// The number of parts of a token that are searched for. A token of Seqera has about 60.
const MOST_PARTS: usize = 1024;

/// The text that replaces a secret.
pub(super) const REDACTED: &str = "[redacted]";

/// The text that replaces a text whose search takes more than its budget.
const NOT_SEARCHED: &str = "[not shown: it takes too long to search it for secrets]";

/// The secrets of a run.
///
/// The secrets are not wiped at the end of the run, because the process ends too, and clap, reqwest and the plugin have copies of them. All
/// copies are protected in the same way: the process can't be traced and leaves no core dump.
pub(super) struct Redactor(Mutex<Secrets>);

#[derive(Default)]
struct Secrets {
    long: Needles,
    short: Needles,
    /// The steps that the searches of this run took from its reserve.
    taken: usize,
}

impl Redactor {
    pub(super) fn new(token: Option<&Token>) -> Self {
        let redactor = Self(Mutex::default());
        if let Some(token) = token {
            redactor.add_token(token.expose());
        }
        redactor
    }

    /// Adds the access token, what it is made of, and the parts of both. A token of Seqera is `{"tid": 1}.SIGNATURE` in base64.
    pub(super) fn add_token(&self, token: &str) {
        self.add(token);
        self.add_parts_of(token);
        let base64 = &packed::PACKINGS[0];
        for run in base64.find_runs(token, PART) {
            base64.decode_run(&run, 0, PART, |text, _| {
                self.add(text);
                self.add_parts_of(text);
                if let Some((_, signature)) = text.split_once("}.") {
                    self.add(signature);
                }
            });
        }
    }

    /// Adds each part of a secret that has [`PART`] letters.
    fn add_parts_of(&self, secret: &str) {
        let letters: Vec<char> = secret.chars().collect();
        let mut secrets = self.secrets();
        for part in letters.windows(PART).take(MOST_PARTS) {
            secrets.add(&Zeroizing::new(part.iter().collect::<String>()));
        }
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
        let redacted = self.search(text.len(), |secrets, budget| {
            let long = |text: &str, budget: &mut Budget| secrets.long.find(text, budget);
            Some(replace(text, find_decoded(text, budget, SHORTEST, long)?))
        });
        redacted.unwrap_or_else(|| NOT_SEARCHED.to_owned())
    }

    /// Replaces the long secrets in a text of a server, and the short ones that have no letter or digit next to them.
    pub(super) fn redact_foreign(&self, text: &str) -> String {
        let redacted = self.search(text.len(), |secrets, budget| {
            secrets.redact_foreign(text, budget)
        });
        redacted.unwrap_or_else(|| NOT_SEARCHED.to_owned())
    }

    /// Replaces the long and short secrets in the body of a failed response. In JSON, each text is searched by itself, because it can be
    /// JSON again.
    pub(super) fn redact_body(&self, bytes: Vec<u8>) -> Vec<u8> {
        self.search(bytes.len(), |secrets, budget| {
            let mut redact = |text: &str| secrets.redact_foreign(text, budget);
            if let Ok(text) = std::str::from_utf8(&bytes) {
                match replace_in_json(text, &mut redact) {
                    Some(Some(redacted)) => return redacted.into_bytes(),
                    None => return format!("{{\"message\":\"{NOT_SEARCHED}\"}}").into_bytes(),
                    // This body is not valid JSON here, but a plugin's parser may still accept it.
                    Some(None) => {}
                }
            }
            let redacted = redact(&String::from_utf8_lossy(&bytes));
            let redacted = redacted.unwrap_or_else(|| NOT_SEARCHED.to_owned());
            redacted.into_bytes()
        })
    }

    /// Searches a text of this length.
    fn search<T>(&self, length: usize, work: impl FnOnce(&Secrets, &mut Budget) -> T) -> T {
        let mut secrets = self.secrets();
        secrets.long.build();
        secrets.short.build();
        let mut budget = Budget::new(length, RESERVE - secrets.taken);
        let result = work(&secrets, &mut budget);
        secrets.taken += budget.taken();
        result
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
        let joined = signs().filter_map(|sign| join(sign, secret));
        for form in joined.chain([secret.to_owned()]) {
            for form in decode_levels(form, |form| decode_text(form)) {
                let folded: String = form.chars().map(fold).collect();
                if folded.chars().count() >= SHORTEST_ALONE {
                    needles.add(folded);
                }
            }
        }
    }

    /// Replaces the long secrets in a text, and the short ones that have no letter or digit next to them. Returns `None` if the search takes more than the
    /// budget.
    fn redact_foreign(&self, text: &str, budget: &mut Budget) -> Option<String> {
        let shortest = match self.short.is_empty() {
            true => SHORTEST,
            false => SHORTEST_ALONE,
        };
        let found = find_decoded(text, budget, shortest, |text, budget| {
            let is_alone = |part: &Range<usize>| {
                !text[..part.start].ends_with(char::is_alphanumeric)
                    && !text[part.end..].starts_with(char::is_alphanumeric)
            };
            let mut found = self.short.find(text, budget)?;
            found.retain(is_alone);
            found.extend(self.long.find(text, budget)?);
            Some(found)
        })?;
        Some(replace(text, found))
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
mod encoding_tests;
#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod tests;
