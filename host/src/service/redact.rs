//! What no text may show: the token, and every value that was marked sensitive, in whatever encoding a text could have it.

use std::sync::{Mutex, PoisonError};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

use crate::config::Token;

/// Shorter values are hidden by their position only: a search for `y` would hide every y.
const SHORTEST: usize = 8;

/// What stands in a secret's place.
pub(super) const REDACTED: &str = "[redacted]";

/// The secrets of a run.
pub(super) struct Redactor {
    /// Each in every encoding, the longest first.
    needles: Mutex<Vec<Zeroizing<String>>>,
}

impl Redactor {
    pub(super) fn new(token: Option<&Token>) -> Self {
        let this = Self {
            needles: Mutex::default(),
        };
        if let Some(token) = token {
            this.add(Zeroizing::new(token.expose().to_owned()));
        }
        this
    }

    /// One more secret.
    pub(super) fn add(&self, secret: Zeroizing<String>) {
        if secret.chars().count() < SHORTEST {
            return;
        }
        let mut needles = self.needles.lock().unwrap_or_else(PoisonError::into_inner);
        if needles.contains(&secret) {
            return;
        }
        let json = serde_json::to_string(&*secret)
            .map(Zeroizing::new)
            .unwrap_or_default();
        let encodings = [
            // Without the quotation marks.
            json.get(1..json.len().saturating_sub(1))
                .unwrap_or_default()
                .to_owned(),
            utf8_percent_encode(&secret, NON_ALPHANUMERIC).to_string(),
            STANDARD_NO_PAD.encode(&*secret),
            URL_SAFE_NO_PAD.encode(&*secret),
        ];
        needles.push(secret);
        needles.extend(
            encodings
                .into_iter()
                .map(Zeroizing::new)
                .filter(|needle| needle.len() >= SHORTEST),
        );
        needles.sort_by_key(|needle| std::cmp::Reverse(needle.len()));
        needles.dedup();
    }

    /// The text without them.
    pub(super) fn redact(&self, text: &str) -> String {
        let needles = self.needles.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = text.to_owned();
        for needle in needles.iter().filter(|needle| !needle.is_empty()) {
            if text.contains(needle.as_str()) {
                text = text.replace(needle.as_str(), REDACTED);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor(secret: &str) -> Redactor {
        let redactor = Redactor::new(None);
        redactor.add(Zeroizing::new(secret.to_owned()));
        redactor
    }

    #[test]
    fn a_secret_is_found_in_every_encoding() {
        let secret = "pass\"word/+ ö";
        let redactor = redactor(secret);
        let texts = [
            secret.to_owned(),
            serde_json::to_string(secret).unwrap(),
            utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
            STANDARD_NO_PAD.encode(secret),
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

    #[test]
    fn a_short_secret_is_not_searched_for() {
        assert_eq!(redactor("y").redact("my value"), "my value");
    }
}
