//! The value of a result: JSON whose numbers keep their spelling.
//!
//! `serde_json::Value` holds a number as an `i64`, a `u64` or an `f64`, so it prints `12345678901234567.89` as `12345678901234568.0`. Its feature
//! `arbitrary_precision` keeps the digits, but Cargo turns a feature on for every crate of a build, and this feature changes how serde parses
//! tagged and untagged enums that contain numbers.

use std::fmt;

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::value::RawValue;
use tw_plugin_protocol::{Json, array_index, pointer_tokens};

use crate::text::visible;

/// The deepest nesting that [`Value::parse`] accepts, which is the limit of `serde_json::Value`.
const MAX_DEPTH: usize = 127;

/// A JSON value whose numbers keep their spelling and whose fields keep their order.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
#[allow(missing_docs, reason = "JSON defines the kinds of values")]
pub enum Value {
    Null,
    Bool(bool),
    Number(Number),
    String(String),
    Array(Vec<Value>),
    Object(IndexMap<String, Value>),
}

/// A JSON number, which can have any number of digits.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Number(Box<RawValue>);

impl Number {
    /// Returns the number as the plugin spelled it.
    pub fn text(&self) -> &str {
        self.0.get()
    }

    /// Returns the nearest `f64`. `None` if the number is too large for an `f64`.
    pub(crate) fn as_f64(&self) -> Option<f64> {
        let number: f64 = self.text().parse().ok()?;
        number.is_finite().then_some(number)
    }
}

impl Value {
    /// Parses a JSON text. Of fields with the same name, the last value counts, at the place of the first.
    ///
    /// Returns `None` if the text is not JSON, or if it is nested more than 127 levels deep.
    ///
    /// ```
    /// let value = tw_render::Value::parse(br#"{"pi": 3.14159265358979323846, "one": 1.0}"#);
    /// assert_eq!(value.unwrap().to_string(), r#"{"pi":3.14159265358979323846,"one":1.0}"#);
    /// ```
    pub fn parse(json: &[u8]) -> Option<Self> {
        Self::read(serde_json::from_slice(json).ok()?, 0)
    }

    /// Parses a value that is nested `depth` deep. Each level parses its part of the text again, because only a [`RawValue`] gives the spelling
    /// of a number. A parse of 10 MB of rows took about 180 ms, and 85 ms into a `serde_json::Value`.
    fn read(raw: &RawValue, depth: usize) -> Option<Self> {
        let text = raw.get();
        Some(match text.as_bytes().first()? {
            b'{' | b'[' if depth == MAX_DEPTH => return None,
            b'{' => {
                let fields: IndexMap<String, &RawValue> = serde_json::from_str(text).ok()?;
                let fields = fields.into_iter();
                let fields =
                    fields.map(|(name, field)| Some((name, Self::read(field, depth + 1)?)));
                Self::Object(fields.collect::<Option<_>>()?)
            }
            b'[' => {
                let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
                let items = items.into_iter().map(|item| Self::read(item, depth + 1));
                Self::Array(items.collect::<Option<_>>()?)
            }
            b'"' => Self::String(serde_json::from_str(text).ok()?),
            b't' => Self::Bool(true),
            b'f' => Self::Bool(false),
            b'n' => Self::Null,
            _ => Self::Number(Number(raw.to_owned())),
        })
    }

    /// Returns the value at a JSON pointer (RFC 6901). `None` if the pointer matches nothing.
    pub fn pointer(&self, pointer: &str) -> Option<&Self> {
        // Rendering 100,000 rows looks up a million pointers, and hardly one of them has anything escaped.
        if pointer.contains('~') {
            return self.find(pointer);
        }
        let mut tokens = pointer.split('/');
        let before_slash = tokens.next()?;
        match before_slash.is_empty() {
            true => tokens.try_fold(self, |value, token| value.child(token)),
            false => None,
        }
    }

    /// Returns the value at a JSON pointer, for changing it. `None` if the pointer matches nothing.
    pub fn pointer_mut(&mut self, pointer: &str) -> Option<&mut Self> {
        pointer_tokens(pointer)?.try_fold(self, |value, token| match value {
            Self::Object(fields) => fields.get_mut(&token),
            Self::Array(items) => items.get_mut(array_index(&token)?),
            _ => None,
        })
    }

    /// Refuses a number that is too large for an `f64`, such as `1E400`. Many JSON readers reject such a number or read it as infinity.
    ///
    /// # Errors
    ///
    /// Fails with the first such number and its place.
    pub fn check_numbers(&self) -> Result<(), NumberTooLarge> {
        match self {
            Self::Number(number) if number.as_f64().is_none() => Err(NumberTooLarge {
                number: number.text().to_owned(),
                pointer: String::new(),
            }),
            Self::Array(items) => items.iter().enumerate().try_for_each(|(index, item)| {
                let checked = item.check_numbers();
                checked.map_err(|error| error.below(&index.to_string()))
            }),
            Self::Object(fields) => fields.iter().try_for_each(|(name, field)| {
                let checked = field.check_numbers();
                checked.map_err(|error| error.below(name))
            }),
            _ => Ok(()),
        }
    }

    pub(crate) fn as_number(&self) -> Option<&Number> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }

    /// True if the value is an array or an object.
    pub(crate) fn is_nested(&self) -> bool {
        matches!(self, Self::Array(_) | Self::Object(_))
    }
}

impl Json for Value {
    fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => fields.get(name),
            _ => None,
        }
    }

    fn items(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl From<&serde_json::Value> for Value {
    fn from(value: &serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match value {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            // serde_json writes every number as valid JSON, so the conversion never fails.
            Json::Number(number) => RawValue::from_string(number.to_string())
                .map_or(Self::Null, |raw| Self::Number(Number(raw))),
            Json::String(text) => Self::String(text.clone()),
            Json::Array(items) => Self::Array(items.iter().map(Self::from).collect()),
            Json::Object(fields) => {
                let fields = fields.iter();
                Self::Object(
                    fields
                        .map(|(name, field)| (name.clone(), field.into()))
                        .collect(),
                )
            }
        }
    }
}

impl fmt::Display for Value {
    /// Writes the value as JSON on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

/// The error for a number that is too large for an `f64`. Its message names the number and its JSON pointer.
#[derive(Debug, PartialEq, Eq)]
pub struct NumberTooLarge {
    number: String,
    pointer: String,
}

impl NumberTooLarge {
    /// Prepends the name or index of a value that contains the number.
    fn below(mut self, token: &str) -> Self {
        self.pointer
            .insert_str(0, &format!("/{}", escape_token(token)));
        self
    }
}

impl std::error::Error for NumberTooLarge {}

impl fmt::Display for NumberTooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the number {}", shorten(&self.number, 40))?;
        if !self.pointer.is_empty() {
            write!(f, " at {}", shorten(&self.pointer, 200))?;
        }
        f.write_str(" is too large for JSON readers")
    }
}

/// Returns a text that is safe to show and has at most `length` characters. An ellipsis marks a cut.
fn shorten(text: &str, length: usize) -> String {
    let mut short: String = text.chars().take(length).collect();
    if short.len() < text.len() {
        short.pop();
        short.push('…');
    }
    visible(&short).into_owned()
}

/// Escapes a name as RFC 6901 requires in a JSON pointer.
pub(crate) fn escape_token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
