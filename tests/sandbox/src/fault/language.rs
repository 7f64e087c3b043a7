//! The text form of a fault, as `tw-sandbox --fault` takes it.

use std::str::FromStr;
use std::time::Duration;

use super::Fault;

/// The language, for a help page.
pub const LANGUAGE: &str = "\
A fault is a method, a path and what becomes of the requests that match, with blanks in between:

  METHOD PATH [WORD | KEY=VALUE]...

METHOD is GET, POST, ... or *. In PATH, * stands for any text. A value with blanks goes into quotes: text=\"not now\"

Which of the requests that match:
  times=N             only N of them (default: all)
  after=N             only after the first N

What becomes of them (one of these; delay= goes with each):
  delay=TIME          wait first, such as 200ms, 1.5s or 2m; alone, the answer is the normal one
  status=CODE         answer with this status, unprocessed; with it or for it:
    json=, text=, html=BODY   this body
    empty                     no body
    header=NAME:VALUE         one more header, as often as you like
    retry-after=SECONDS       short for header=Retry-After:SECONDS
    processed                 process the request first, and answer this all the same
  not-json            answer 200 with HTML
  redirect=URL        answer 302, or status=CODE, with this location
  reset=before        reset the connection instead of processing the request
  reset=after         process it, then reset the connection instead of answering
  refuse              say over HTTP/2 that nobody looked at it; close a connection of HTTP/1.1
  truncate            process it, announce the whole answer, send half of it
  oversized=SIZE      answer with so many bytes of blanks, such as 500k or 64m
  drip=SIZE/TIME      process it, then send the answer in pieces of SIZE, one each TIME
  echo                answer 400 with the request's token and body in the message";

/// What is wrong with the text of a fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// A quote that nothing closes.
    #[error("a quote is not closed")]
    OpenQuote,
    /// No method or no path.
    #[error("a fault begins with a method and a path, such as `GET /pipeline-secrets`")]
    NoRoute,
    /// A method with a character that no method has.
    #[error("`{0}` is no HTTP method; say GET, POST, PUT, DELETE or *")]
    Method(String),
    /// A path that can't match anything.
    #[error("the path `{0}` begins with neither `/` nor `*`")]
    Path(String),
    /// A word that the language doesn't have.
    #[error(
        "unknown word `{0}`; the words are times, after, delay, status, json, text, html, empty, header, retry-after, processed, not-json, redirect, reset, refuse, truncate, oversized, drip and echo"
    )]
    Word(String),
    /// A word that needs a value.
    #[error("`{word}` needs a value: {expected}")]
    NoValue {
        /// The word.
        word: String,
        /// What the value looks like.
        expected: &'static str,
    },
    /// A word that takes no value.
    #[error("`{0}` takes no value")]
    Surplus(String),
    /// A value that doesn't fit its word.
    #[error("`{word}={value}`: expected {expected}")]
    Value {
        /// The word.
        word: String,
        /// The value.
        value: String,
        /// What the value looks like.
        expected: &'static str,
    },
    /// Two effects that exclude each other.
    #[error("`{0}` and `{1}` exclude each other")]
    Conflict(&'static str, &'static str),
    /// A route and no effect.
    #[error(
        "the fault says no effect: add status=, delay=, reset=, truncate, oversized=, drip=, redirect=, not-json or echo"
    )]
    NoEffect,
}

const NUMBER: &str = "a number, such as 2";
const TIME: &str = "a time, such as 200ms, 1.5s or 2m";
const CODE: &str = "a status from 200 to 599";
const SIZE: &str = "a number of bytes, such as 500, 500k or 64m";
const HEADER: &str = "a name and a value, such as Retry-After:1";
const TEXT: &str = "a text";
const URL: &str = "a URL or a path";
const RESET: &str = "before or after";
const DRIP: &str = "bytes and a time, such as 1/100ms";

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let words = split(text)?;
        let [method, path, rest @ ..] = words.as_slice() else {
            return Err(FaultError::NoRoute);
        };
        let is_method = method == "*"
            || (!method.is_empty() && method.bytes().all(|byte| byte.is_ascii_alphabetic()));
        if !is_method {
            return Err(FaultError::Method(method.clone()));
        }
        if !path.starts_with(['/', '*']) {
            return Err(FaultError::Path(path.clone()));
        }
        let mut draft = Draft {
            fault: Fault::on(method, path),
            status: None,
            effect: None,
        };
        for word in rest {
            draft.apply(word)?;
        }
        draft.finish()
    }
}

/// A fault that is being read.
struct Draft {
    fault: Fault,
    /// Kept until the end, because a redirect has a status of its own.
    status: Option<u16>,
    /// The effect so far, named by one of its words.
    effect: Option<&'static str>,
}

impl Draft {
    fn apply(&mut self, text: &str) -> Result<(), FaultError> {
        let (word, value) = match text.split_once('=') {
            Some((word, value)) => (word, Some(value)),
            None => (text, None),
        };
        match word {
            "status" | "json" | "text" | "html" | "empty" | "header" | "retry-after"
            | "processed" | "not-json" | "redirect" => self.choose("status")?,
            "reset" => self.choose("reset")?,
            "refuse" => self.choose("refuse")?,
            "truncate" => self.choose("truncate")?,
            "oversized" => self.choose("oversized")?,
            "drip" => self.choose("drip")?,
            "echo" => self.choose("echo")?,
            "times" | "after" | "delay" => {}
            _ => return Err(FaultError::Word(text.into())),
        }
        self.fault = self.read(&Given { word, value })?;
        Ok(())
    }

    /// The fault so far with one more word.
    fn read(&mut self, given: &Given<'_>) -> Result<Fault, FaultError> {
        let fault = self.fault.clone();
        Ok(match given.word {
            "times" => fault.times(given.number()?),
            "after" => fault.after(given.number()?),
            "delay" => fault.delay(given.parsed(TIME, time)?),
            "status" => {
                let code = given.parsed(CODE, status)?;
                self.status = Some(code);
                fault.status(code)
            }
            "json" => fault.json(given.value(TEXT)?),
            "text" => fault.text(given.value(TEXT)?),
            "html" => fault.html(given.value(TEXT)?),
            "header" => {
                let (name, value) = given.parsed(HEADER, header)?;
                fault.header(name, value)
            }
            "retry-after" => fault.header("Retry-After", &given.number()?.to_string()),
            "redirect" => fault.redirect(given.parsed(URL, location)?, self.status.unwrap_or(302)),
            "reset" => match given.parsed(RESET, Some)? {
                "before" => fault.reset_before(),
                "after" => fault.reset_after(),
                _ => return Err(given.unfit(RESET)),
            },
            "oversized" => fault.oversized(given.parsed(SIZE, size)?),
            "drip" => {
                let (chunk, every) = given.parsed(DRIP, drip)?;
                fault.slow_drip(chunk, every)
            }
            bare => {
                given.no_value()?;
                match bare {
                    "empty" => fault.empty(),
                    "processed" => fault.processed(),
                    "not-json" => fault.not_json(),
                    "refuse" => fault.refuse(),
                    "truncate" => fault.truncate(),
                    "echo" => fault.echo(),
                    _ => return Err(FaultError::Word(bare.into())),
                }
            }
        })
    }

    fn choose(&mut self, effect: &'static str) -> Result<(), FaultError> {
        match self.effect.replace(effect) {
            Some(before) if before != effect => Err(FaultError::Conflict(before, effect)),
            _ => Ok(()),
        }
    }

    fn finish(self) -> Result<Fault, FaultError> {
        if self.effect.is_none() && self.fault.delay.is_none() {
            return Err(FaultError::NoEffect);
        }
        Ok(self.fault)
    }
}

/// A word of a fault, with its value.
struct Given<'a> {
    word: &'a str,
    value: Option<&'a str>,
}

impl<'a> Given<'a> {
    fn value(&self, expected: &'static str) -> Result<&'a str, FaultError> {
        self.value.ok_or_else(|| FaultError::NoValue {
            word: self.word.into(),
            expected,
        })
    }

    fn parsed<T>(
        &self,
        expected: &'static str,
        parse: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<T, FaultError> {
        let value = self.value(expected)?;
        parse(value).ok_or_else(|| self.unfit(expected))
    }

    fn unfit(&self, expected: &'static str) -> FaultError {
        FaultError::Value {
            word: self.word.into(),
            value: self.value.unwrap_or_default().into(),
            expected,
        }
    }

    fn number(&self) -> Result<usize, FaultError> {
        self.parsed(NUMBER, |value| value.parse().ok())
    }

    fn no_value(&self) -> Result<(), FaultError> {
        match self.value {
            Some(_) => Err(FaultError::Surplus(self.word.into())),
            None => Ok(()),
        }
    }
}

/// Splits at blanks; quotes, single or double, keep blanks together and vanish.
fn split(text: &str) -> Result<Vec<String>, FaultError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for character in text.chars() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '"' | '\'') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, _) if character.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(character),
        }
    }
    if quote.is_some() {
        return Err(FaultError::OpenQuote);
    }
    words.extend(word);
    Ok(words)
}

fn status(value: &str) -> Option<u16> {
    value.parse().ok().filter(|code| (200..=599).contains(code))
}

fn time(value: &str) -> Option<Duration> {
    let (number, unit) =
        value.split_at(value.find(|character: char| character.is_ascii_alphabetic())?);
    let seconds: f64 = number.parse().ok()?;
    let seconds = match unit {
        "ms" => seconds / 1000.0,
        "s" => seconds,
        "m" => seconds * 60.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(seconds).ok()
}

fn size(value: &str) -> Option<u64> {
    let (number, factor) = match value.strip_suffix(['k', 'K']) {
        Some(number) => (number, 1024),
        None => match value.strip_suffix(['m', 'M']) {
            Some(number) => (number, 1024 * 1024),
            None => (value, 1),
        },
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

fn drip(value: &str) -> Option<(usize, Duration)> {
    let (chunk, every) = value.split_once('/')?;
    let chunk = usize::try_from(size(chunk)?)
        .ok()
        .filter(|chunk| *chunk > 0)?;
    Some((chunk, time(every)?))
}

fn location(value: &str) -> Option<&str> {
    (!value.is_empty() && !value.contains(|c: char| c.is_control())).then_some(value)
}

fn header(value: &str) -> Option<(&str, &str)> {
    let (name, value) = value.split_once(':')?;
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let value = value.trim();
    let is_carried =
        !name.is_empty() && name.bytes().all(is_token) && !value.contains(|c: char| c.is_control());
    is_carried.then_some((name, value))
}

#[cfg(test)]
#[path = "language_tests.rs"]
mod tests;
