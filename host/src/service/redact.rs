//! What no text may show: the token, and every value that was marked sensitive, in whatever encoding a text could have it.
//!
//! A secret is searched for character by character: as itself, percent-encoded, with JSON's escapes, made visible, or a mixture of them, as servers
//! and logs write them; and as base64.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::config::Token;

/// Shorter values are hidden by their position only: a search for `y` would hide every y.
const SHORTEST: usize = 8;
/// Down to this length they are searched for in what a server says of a failure, where they stand alone.
const SHORTEST_ALONE: usize = 4;

/// What stands in a secret's place.
pub(super) const REDACTED: &str = "[redacted]";

/// What is searched for.
struct Needle {
    text: Zeroizing<String>,
    /// Whether the letters beside it belong to it in part: in base64, three bytes are four letters.
    shares_first: bool,
    shares_last: bool,
}

/// The secrets of a run.
pub(super) struct Redactor {
    needles: Mutex<Needles>,
    short: Mutex<Vec<Zeroizing<String>>>,
    last: Mutex<Option<Seen>>,
}

/// The body that was looked through last, and what came of it: to a thousand calls, a server that fails says the same.
struct Seen {
    body: Zeroizing<Vec<u8>>,
    shown: Vec<u8>,
}

/// Each secret as it is and in base64, by its first letter: a file can have thousands.
#[derive(Default)]
struct Needles(HashMap<char, Vec<Needle>>);

impl Needles {
    fn add(&mut self, needle: Needle) {
        if let Some(first) = needle.text.chars().next() {
            self.0.entry(first).or_default().push(needle);
        }
    }

    fn has(&self, text: &str) -> bool {
        let first = text.chars().next().and_then(|first| self.0.get(&first));
        first.is_some_and(|needles| needles.iter().any(|needle| *needle.text == *text))
    }

    /// The longest that the text begins with in some encoding, and what follows it.
    fn at<'a>(&self, text: &'a str) -> Option<(&Needle, &'a str)> {
        let first = text.chars().next()?;
        let mut firsts = vec![first];
        firsts.extend(first_of_encoded(text));
        // What turns the reading order round is shown as one and the same.
        if first == char::REPLACEMENT_CHARACTER {
            let is_odd = |letter: &&char| !letter.is_ascii() && **letter != first;
            firsts.extend(self.0.keys().filter(is_odd));
        }
        firsts
            .iter()
            .filter_map(|letter| self.0.get(letter))
            .flatten()
            .filter_map(|needle| Some((needle, after(&needle.text, text)?)))
            .min_by_key(|(_, left)| left.len())
    }
}

/// What the first letter of a text stands for, where it begins an encoding.
fn first_of_encoded(text: &str) -> Option<char> {
    let mut letters = text.chars();
    match letters.next()? {
        '+' => Some(' '),
        // `␊` is a line feed.
        picture @ '\u{2400}'..='\u{2420}' => char::from_u32(u32::from(picture) - 0x2400),
        '\u{2421}' => Some('\u{7f}'),
        '%' => {
            let bytes: Vec<u8> = text
                .split('%')
                .skip(1)
                .map_while(|part| u8::from_str_radix(part.get(..2)?, 16).ok())
                .take(4)
                .collect();
            // Of several letters the first, of a broken one none.
            let whole = (1..=bytes.len()).find_map(|end| std::str::from_utf8(&bytes[..end]).ok());
            whole?.chars().next()
        }
        '\\' => match letters.next()? {
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'b' => Some('\u{8}'),
            'f' => Some('\u{c}'),
            'u' => {
                let unit = |text: &str| u16::from_str_radix(text.get(..4)?, 16).ok();
                let units = [
                    unit(&text[2..]),
                    text.get(6..)
                        .and_then(|text| unit(text.strip_prefix("\\u")?)),
                ];
                char::decode_utf16(units.into_iter().flatten()).next()?.ok()
            }
            other => Some(other),
        },
        _ => None,
    }
}

impl Redactor {
    pub(super) fn new(token: Option<&Token>) -> Self {
        let this = Self {
            needles: Mutex::default(),
            short: Mutex::default(),
            last: Mutex::default(),
        };
        if let Some(token) = token {
            this.add(Zeroizing::new(token.expose().to_owned()));
        }
        this
    }

    /// One more secret.
    pub(super) fn add(&self, secret: Zeroizing<String>) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = None;
        match secret.chars().count() {
            ..SHORTEST_ALONE => return,
            SHORTEST_ALONE..SHORTEST => {
                let mut short = self.short.lock().unwrap_or_else(PoisonError::into_inner);
                if !short.contains(&secret) {
                    short.push(secret);
                }
                return;
            }
            _ => {}
        }
        let mut needles = self.needles.lock().unwrap_or_else(PoisonError::into_inner);
        if needles.has(&secret) {
            return;
        }
        add_base64(&mut needles, secret.as_bytes());
        // In base64 of JSON, what JSON escapes is escaped before.
        if let Ok(json) = serde_json::to_string(&*secret).map(Zeroizing::new)
            && json.len() > secret.len() + 2
        {
            add_base64(&mut needles, &json.as_bytes()[1..json.len() - 1]);
        }
        needles.add(Needle {
            text: secret,
            shares_first: false,
            shares_last: false,
        });
    }

    /// The text without them.
    pub(super) fn redact(&self, text: &str) -> String {
        let needles = self.needles.lock().unwrap_or_else(PoisonError::into_inner);
        let mut shown = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            match needles.at(rest) {
                Some((needle, left)) => {
                    if needle.shares_first && shown.ends_with(is_base64) {
                        shown.pop();
                    }
                    shown += REDACTED;
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
}

impl Redactor {
    /// The body of an answer without them. In JSON, the texts are looked through as they read, for what stands in one can be JSON itself.
    pub(super) fn redact_body(&self, bytes: Vec<u8>) -> Vec<u8> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(seen) = last.as_ref().filter(|seen| *seen.body == bytes) {
            return seen.shown.clone();
        }
        let shown = self.redacted_body(bytes.clone());
        *last = Some(Seen {
            body: Zeroizing::new(bytes),
            shown: shown.clone(),
        });
        shown
    }

    fn redacted_body(&self, bytes: Vec<u8>) -> Vec<u8> {
        if let Ok(mut value) = serde_json::from_slice(&bytes) {
            return match self.redact_value(&mut value) {
                true => value.to_string().into_bytes(),
                false => bytes,
            };
        }
        String::from_utf8(bytes).map_or_else(
            |error| error.into_bytes(),
            |text| self.redact_alone(self.redact(&text)).into_bytes(),
        )
    }

    /// The text without the short secrets that stand in it between other than letters and digits.
    fn redact_alone(&self, text: String) -> String {
        let short = self.short.lock().unwrap_or_else(PoisonError::into_inner);
        short.iter().fold(text, |text, secret| {
            let alone = |at: usize| {
                let (before, behind) = (&text[..at], &text[at + secret.len()..]);
                !before.ends_with(char::is_alphanumeric)
                    && !behind.starts_with(char::is_alphanumeric)
            };
            let mut shown = String::new();
            let mut rest = 0;
            for (at, _) in text
                .match_indices(secret.as_str())
                .filter(|(at, _)| alone(*at))
            {
                shown += &text[rest..at];
                shown += REDACTED;
                rest = at + secret.len();
            }
            shown + &text[rest..]
        })
    }

    /// Whether anything in it was one.
    fn redact_value(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => {
                let shown = self.redact_alone(self.redact(text));
                let is_changed = shown != *text;
                *text = shown;
                is_changed
            }
            Value::Array(items) => items
                .iter_mut()
                .fold(false, |changed, item| self.redact_value(item) | changed),
            Value::Object(fields) => fields
                .values_mut()
                .fold(false, |changed, field| self.redact_value(field) | changed),
            _ => false,
        }
    }
}

/// The secret in base64, wherever in the encoded text it stands: after a multiple of three bytes, or one or two more.
fn add_base64(needles: &mut Needles, secret: &[u8]) {
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
            needles.add(Needle {
                text,
                shares_first: before != 0,
                shares_last: bytes.len() % 3 != 0,
            });
        }
    }
}

fn is_base64(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '+' | '/' | '-' | '_')
}

/// What follows the secret, where the text begins with it in some encoding.
///
/// Two backslashes can be two or one that is escaped, so all ways to read the text are followed side by side.
fn after<'a>(secret: &str, text: &'a str) -> Option<&'a str> {
    let (secret, text) = after_plain(secret, text)?;
    let mut ways = vec![text];
    for letter in secret.chars() {
        let mut buffer = [0; 4];
        let visible = tw_render::text::visible(letter.encode_utf8(&mut buffer)).into_owned();
        let read = |text: &'a str| {
            let blank = (letter == ' ').then(|| text.strip_prefix('+')).flatten();
            let ways = [
                text.strip_prefix(letter),
                text.strip_prefix(&*visible),
                blank,
                after_percent(text, letter),
                after_escape(text, letter),
            ];
            ways.into_iter().flatten()
        };
        ways = ways.into_iter().flat_map(read).collect();
        ways.sort_unstable_by_key(|left| left.len());
        ways.dedup_by_key(|left| left.len());
        if ways.is_empty() {
            return None;
        }
    }
    ways.first().copied()
}

/// Passes over what can be nothing but itself, as most of most texts: what is left of the secret and of the text.
fn after_plain<'s, 't>(mut secret: &'s str, mut text: &'t str) -> Option<(&'s str, &'t str)> {
    while let Some(letter) = secret.chars().next() {
        if letter.is_control() || letter == '\\' || text.starts_with(['%', '\\', '+']) {
            break;
        }
        match text.strip_prefix(letter) {
            Some(rest) => (secret, text) = (&secret[letter.len_utf8()..], rest),
            // A letter that turns the reading order round is shown as another.
            None if letter.is_ascii() => return None,
            None => break,
        }
    }
    Some((secret, text))
}

/// `%C3%B6`.
fn after_percent(text: &str, letter: char) -> Option<&str> {
    let mut buffer = [0; 4];
    letter
        .encode_utf8(&mut buffer)
        .bytes()
        .try_fold(text, |text, byte| {
            let digits = text.strip_prefix('%')?.get(..2)?;
            (u8::from_str_radix(digits, 16) == Ok(byte)).then(|| &text[3..])
        })
}

/// `\n`, `\/`, `\u00f6`.
fn after_escape(text: &str, letter: char) -> Option<&str> {
    let short = match letter {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\u{8}' => "\\b",
        '\u{c}' => "\\f",
        '"' => "\\\"",
        '\\' => "\\\\",
        '/' => "\\/",
        _ => "\\u",
    };
    if short != "\\u"
        && let Some(rest) = text.strip_prefix(short)
    {
        return Some(rest);
    }
    let mut buffer = [0; 2];
    letter
        .encode_utf16(&mut buffer)
        .iter()
        .try_fold(text, |text, unit| {
            let digits = text.strip_prefix("\\u")?.get(..4)?;
            (u16::from_str_radix(digits, 16) == Ok(*unit)).then(|| &text[6..])
        })
}

#[cfg(test)]
mod tests {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

    use super::*;

    fn redactor(secret: &str) -> Redactor {
        let redactor = Redactor::new(None);
        redactor.add(Zeroizing::new(secret.to_owned()));
        redactor
    }

    #[test]
    fn a_secret_is_found_in_every_encoding() {
        let secret = "pass\"\\word/+ ö\n𝄞";
        let redactor = redactor(secret);
        let percent = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
        let texts = [
            secret.to_owned(),
            serde_json::to_string(secret).unwrap(),
            "pass\\\"\\\\word\\/+ \\u00f6\\u000A\\uD834\\udd1e".to_owned(),
            percent.to_lowercase(),
            percent.replace("%20", "+"),
            percent,
            tw_render::text::visible(secret).into_owned(),
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
        let json = r#"{"message":"body '{\"value\":\"pa \\\"q\"}'"}"#;
        assert!(!body("pa \\\"q", json).contains("pa "));
        assert_eq!(
            body("y", r#"{"message":"not y"}"#),
            r#"{"message":"not y"}"#
        );
        assert_eq!(redactor("1234").redact("no 1234"), "no 1234");
    }
}
