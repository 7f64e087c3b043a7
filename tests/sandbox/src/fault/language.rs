//! Parses the text form of a fault, which `tw-sandbox --fault` takes.

use std::str::FromStr;
use std::time::Duration;

use super::Fault;

/// The description of the fault language, for help pages.
pub const LANGUAGE: &str = "\
A fault consists of a method, a path and one or more words, separated by blanks:

  METHOD PATH [WORD | KEY=VALUE]...

METHOD is GET, POST, ... or *. In PATH, * matches any text. A value that contains blanks needs quotes: text=\"not now\"

Requests to hit:
  times=N             only N requests (default: all)
  after=N             only requests after the first N

Effect (only one; delay= can be added to any):
  delay=TIME          wait, such as 200ms, 1.5s or 2m, before the effect or the normal answer
  status=CODE         answer with this status without processing the request; options:
    json=, text=, html=BODY   send this body
    empty                     send no body
    header=NAME:VALUE         add a header; may be repeated
    retry-after=SECONDS       short for header=Retry-After:SECONDS
    processed                 process the request before answering
  not-json            answer 200 with HTML
  redirect=URL        answer 302, or status=CODE, with this location
  reset=before        reset the connection without processing the request
  reset=after         process the request, then reset the connection
  refuse              refuse the request over HTTP/2; close the connection of HTTP/1.1
  truncate            process the request, then send half of the answer
  oversized=SIZE      answer with this many bytes of blanks, such as 500k or 64m
  drip=SIZE/TIME      process the request, then send the answer in pieces of SIZE, one every TIME
  echo                answer 400 with the request's token and body in the message";

/// The error for a fault that cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// A quote is not closed.
    #[error("a quote is not closed")]
    OpenQuote,
    /// The method or the path is missing.
    #[error("a fault starts with a method and a path, such as `GET /pipeline-secrets`")]
    NoRoute,
    /// The method has a character other than ASCII letters.
    #[error("`{0}` is not an HTTP method; use GET, POST, PUT, DELETE or *")]
    Method(String),
    /// The path cannot match any request.
    #[error("the path `{0}` must start with `/` or `*`")]
    Path(String),
    /// The word is unknown.
    #[error(
        "unknown word `{0}`; the words are times, after, delay, status, json, text, html, empty, header, retry-after, processed, not-json, redirect, reset, refuse, truncate, oversized, drip and echo"
    )]
    Word(String),
    /// The word needs a value.
    #[error("`{word}` needs a value: {expected}")]
    NoValue {
        /// The word.
        word: String,
        /// A description of the expected value.
        expected: &'static str,
    },
    /// The word takes no value.
    #[error("`{0}` takes no value")]
    Surplus(String),
    /// The value is invalid for its word.
    #[error("`{word}={value}`: expected {expected}")]
    Value {
        /// The word.
        word: String,
        /// The value.
        value: String,
        /// A description of the expected value.
        expected: &'static str,
    },
    /// The fault has two effects.
    #[error("`{0}` and `{1}` cannot be combined")]
    Conflict(&'static str, &'static str),
    /// The fault has no effect.
    #[error(
        "the fault has no effect; add status=, delay=, reset=, refuse, truncate, oversized=, drip=, redirect=, not-json or echo"
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

/// A fault that is being parsed.
struct Draft {
    fault: Fault,
    /// The value of `status=`. `None` if no `status=` has been read yet. `redirect=` keeps this status instead of its default,
    /// 302.
    status: Option<u16>,
    /// The effect so far, named after one of its words. `None` before the first effect.
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
            | "processed" | "not-json" | "redirect" => self.choose_effect("status")?,
            "reset" => self.choose_effect("reset")?,
            "refuse" => self.choose_effect("refuse")?,
            "truncate" => self.choose_effect("truncate")?,
            "oversized" => self.choose_effect("oversized")?,
            "drip" => self.choose_effect("drip")?,
            "echo" => self.choose_effect("echo")?,
            "times" | "after" | "delay" => {}
            _ => return Err(FaultError::Word(text.into())),
        }
        self.fault = self.extend(&Given { word, value })?;
        Ok(())
    }

    /// Returns the fault so far with one more word applied.
    fn extend(&mut self, given: &Given<'_>) -> Result<Fault, FaultError> {
        let fault = self.fault.clone();
        Ok(match given.word {
            "times" => fault.times(given.parse_number()?),
            "after" => fault.after(given.parse_number()?),
            "delay" => fault.delay(given.parse(TIME, parse_time)?),
            "status" => {
                let code = given.parse(CODE, parse_status)?;
                self.status = Some(code);
                fault.status(code)
            }
            "json" => fault.json(given.require_value(TEXT)?),
            "text" => fault.text(given.require_value(TEXT)?),
            "html" => fault.html(given.require_value(TEXT)?),
            "header" => {
                let (name, value) = given.parse(HEADER, parse_header)?;
                fault.header(name, value)
            }
            "retry-after" => fault.header("Retry-After", &given.parse_number()?.to_string()),
            "redirect" => fault.redirect(
                given.parse(URL, parse_location)?,
                self.status.unwrap_or(302),
            ),
            "reset" => match given.parse(RESET, Some)? {
                "before" => fault.reset_before(),
                "after" => fault.reset_after(),
                _ => return Err(given.reject(RESET)),
            },
            "oversized" => fault.oversized(given.parse(SIZE, parse_size)?),
            "drip" => {
                let (chunk, every) = given.parse(DRIP, parse_drip)?;
                fault.slow_drip(chunk, every)
            }
            bare => {
                given.refuse_value()?;
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

    fn choose_effect(&mut self, effect: &'static str) -> Result<(), FaultError> {
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
    fn require_value(&self, expected: &'static str) -> Result<&'a str, FaultError> {
        self.value.ok_or_else(|| FaultError::NoValue {
            word: self.word.into(),
            expected,
        })
    }

    fn parse<T>(
        &self,
        expected: &'static str,
        parse: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<T, FaultError> {
        let value = self.require_value(expected)?;
        parse(value).ok_or_else(|| self.reject(expected))
    }

    fn reject(&self, expected: &'static str) -> FaultError {
        FaultError::Value {
            word: self.word.into(),
            value: self.value.unwrap_or_default().into(),
            expected,
        }
    }

    fn parse_number(&self) -> Result<usize, FaultError> {
        self.parse(NUMBER, |value| value.parse().ok())
    }

    fn refuse_value(&self) -> Result<(), FaultError> {
        match self.value {
            Some(_) => Err(FaultError::Surplus(self.word.into())),
            None => Ok(()),
        }
    }
}

/// Splits a text at blanks. Text in single or double quotes keeps its blanks and loses the quotes.
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

fn parse_status(value: &str) -> Option<u16> {
    value.parse().ok().filter(|code| (200..=599).contains(code))
}

fn parse_time(value: &str) -> Option<Duration> {
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

fn parse_size(value: &str) -> Option<u64> {
    let (number, factor) = match value.strip_suffix(['k', 'K']) {
        Some(number) => (number, 1024),
        None => match value.strip_suffix(['m', 'M']) {
            Some(number) => (number, 1024 * 1024),
            None => (value, 1),
        },
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

fn parse_drip(value: &str) -> Option<(usize, Duration)> {
    let (chunk, every) = value.split_once('/')?;
    let chunk = usize::try_from(parse_size(chunk)?)
        .ok()
        .filter(|chunk| *chunk > 0)?;
    Some((chunk, parse_time(every)?))
}

fn parse_location(value: &str) -> Option<&str> {
    (!value.is_empty() && !value.contains(|c: char| c.is_control())).then_some(value)
}

fn parse_header(value: &str) -> Option<(&str, &str)> {
    let (name, value) = value.split_once(':')?;
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let value = value.trim();
    let is_valid =
        !name.is_empty() && name.bytes().all(is_token) && !value.contains(|c: char| c.is_control());
    is_valid.then_some((name, value))
}

#[cfg(test)]
#[path = "language_tests.rs"]
mod tests;
