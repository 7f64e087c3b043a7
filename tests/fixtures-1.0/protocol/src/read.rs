//! How messages are read. Plugins of other versions and in other languages write them, so a reader is more tolerant than
//! serde's derive:
//!
//! - `null` reads as absent, for fields and for items of lists.
//! - A number that is too large for its type reads as the largest one.
//! - A kind that is no text, or a text that the reader doesn't know, reads as `Unknown`.
//! - A part of a failure that can't be read never hides the rest.
//!
//! The functions here are for `#[serde(deserialize_with)]`. Some of them read a field as [`RawValue`] first, because a
//! parser can't go back to the beginning of a value. They therefore need JSON text, and fail on a `serde_json::Value`.

use std::collections::BTreeMap;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error},
};
use serde_json::value::RawValue;

use crate::ErrorMessage;

/// Reads a message. An empty text and `null` read as a message with all defaults.
///
/// # Errors
/// If the text is not JSON, or if a field has a value of another type.
pub fn from_bytes<T: DeserializeOwned + Default>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    match bytes {
        [] => Ok(T::default()),
        _ => serde_json::from_slice(bytes).map(|Message(message)| message),
    }
}

/// A message as a whole: a JSON object, or `null` for a message with all defaults.
#[derive(Debug, Deserialize)]
#[serde(bound = "T: Deserialize<'de> + Default")]
pub struct Message<T>(#[serde(deserialize_with = "object")] pub T);

/// Reads a field. `null` reads as the default.
pub(crate) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Reads a list. `null` reads as an empty list, and items that are `null` are left out.
pub(crate) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let items: Option<Vec<Option<T>>> = Option::deserialize(deserializer)?;
    Ok(items.unwrap_or_default().into_iter().flatten().collect())
}

/// Reads a field with a message. `null` reads as the default. serde's derive would read a list too, as the values of the
/// fields in their order, and an empty list as a message with all defaults.
pub(crate) fn object<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?.get();
    match raw.as_bytes() {
        [b'{', ..] => serde_json::from_str(raw).map_err(D::Error::custom),
        b"null" => Ok(T::default()),
        _ => Err(D::Error::custom("not an object")),
    }
}

/// Reads a list of messages, as [`object`] reads each. Items that are `null` are left out.
pub(crate) fn objects<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    struct Object<T>(Option<T>);
    impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            object(deserializer).map(Self)
        }
    }
    let items: Vec<Object<T>> = list(deserializer)?;
    Ok(items.into_iter().filter_map(|Object(item)| item).collect())
}

/// Reads a list of lists, as [`list`] reads each.
pub(crate) fn lists<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<Vec<T>>, D::Error> {
    let lists: Vec<Vec<Option<T>>> = list(deserializer)?;
    let lists = lists.into_iter();
    Ok(lists
        .map(|items| items.into_iter().flatten().collect())
        .collect())
}

/// Reads values by name. `null` reads as no values, and values that are `null` are left out.
pub(crate) fn by_name<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, T>, D::Error> {
    let values: Option<BTreeMap<String, Option<T>>> = Option::deserialize(deserializer)?;
    let values = values.unwrap_or_default().into_iter();
    Ok(values
        .filter_map(|(name, value)| Some((name, value?)))
        .collect())
}

/// A type of integer, or an `Option` of one.
pub(crate) trait Integer: Default {
    /// Converts a number. A number that is too large becomes the largest one, and a number that is too small the smallest
    /// one. Returns `None` for a negative number if the type has none.
    fn saturate(number: i128) -> Option<Self>;
}

macro_rules! integers {
    ($($type:ty)*) => {$(
        impl Integer for $type {
            fn saturate(number: i128) -> Option<Self> {
                let nearest = match number {
                    ..0 => (Self::MIN != 0).then_some(Self::MIN),
                    0.. => Some(Self::MAX),
                };
                Self::try_from(number).ok().or(nearest)
            }
        }
    )*};
}

integers!(u8 u16 u32 u64 i64);

impl<T: Integer> Integer for Option<T> {
    fn saturate(number: i128) -> Option<Self> {
        T::saturate(number).map(Some)
    }
}

/// Reads an integer. `null` reads as the default, and a number that is too large as the largest one. `1e3` is an integer
/// too, because some writers spell large integers so.
///
/// Fails for a negative number if the type has none: a size or a time limit of less than nothing is a mistake, and 0 can
/// mean "no limit".
pub(crate) fn integer<'de, D: Deserializer<'de>, T: Integer>(
    deserializer: D,
) -> Result<T, D::Error> {
    let Some(number) = Option::<serde_json::Number>::deserialize(deserializer)? else {
        return Ok(T::default());
    };
    let integer = match (number.as_i64(), number.as_u64(), number.as_f64()) {
        (Some(number), _, _) => i128::from(number),
        (_, Some(number), _) => i128::from(number),
        // A conversion with `as` saturates, and so does the one to `T`.
        (_, _, Some(number)) if number.fract() == 0.0 => number as i128,
        _ => return Err(D::Error::custom("not an integer")),
    };
    T::saturate(integer).ok_or_else(|| D::Error::custom("a negative number"))
}

/// A type with a variant for values that this reader doesn't know.
pub(crate) trait Kind: Default {
    const UNKNOWN: Self;
}

macro_rules! kinds {
    ($($type:ident)*) => {$(
        impl crate::read::Kind for $type {
            const UNKNOWN: Self = Self::Unknown;
        }
    )*};
}
pub(crate) use kinds;

/// Reads a kind. `null` reads as the default, and a value that can't be read as `Unknown`.
pub(crate) fn kind<'de, D: Deserializer<'de>, T: Deserialize<'de> + Kind>(
    deserializer: D,
) -> Result<T, D::Error> {
    Tolerant::deserialize(deserializer).map(|Tolerant(kind)| kind)
}

/// Reads a list of kinds, as [`kind`] reads each.
pub(crate) fn kind_list<'de, D: Deserializer<'de>, T: Deserialize<'de> + Kind>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let items: Vec<Tolerant<T>> = list(deserializer)?;
    Ok(items.into_iter().map(|Tolerant(kind)| kind).collect())
}

/// Reads kinds by name, as [`kind`] reads each.
pub(crate) fn kind_by_name<'de, D: Deserializer<'de>, T: Deserialize<'de> + Kind>(
    deserializer: D,
) -> Result<BTreeMap<String, T>, D::Error> {
    let kinds: BTreeMap<String, Tolerant<T>> = by_name(deserializer)?;
    let kinds = kinds.into_iter();
    Ok(kinds.map(|(name, Tolerant(kind))| (name, kind)).collect())
}

struct Tolerant<T>(T);

impl<'de, T: Deserialize<'de> + Kind> Deserialize<'de> for Tolerant<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        let kind: Option<T> = serde_json::from_str(raw.get()).unwrap_or(Some(T::UNKNOWN));
        Ok(Self(kind.unwrap_or_default()))
    }
}

/// Reads a part of a failure. `null` and values of another type read as the default.
pub(crate) fn if_readable<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?;
    let value: Option<T> = serde_json::from_str(raw.get()).unwrap_or_default();
    Ok(value.unwrap_or_default())
}

/// Reads a text for people. `null` reads as an empty text, and any other value as its JSON.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?.get();
    let text: Option<String> = serde_json::from_str(raw).unwrap_or_else(|_| Some(raw.to_owned()));
    Ok(text.unwrap_or_default())
}

/// Reads texts for people, as [`text`] reads each. A single text reads as a list of one.
pub(crate) fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?;
    let items: Vec<&RawValue> = match serde_json::from_str(raw.get()) {
        Ok(items) => Option::unwrap_or_default(items),
        Err(_) => vec![raw],
    };
    let texts: Result<Vec<String>, serde_json::Error> = items.into_iter().map(text).collect();
    let mut texts = texts.map_err(D::Error::custom)?;
    texts.retain(|text| !text.is_empty());
    Ok(texts)
}

/// Reads a failure beside a result. `null` reads as no failure, and a value that is no message as a failure with the
/// value as its text.
pub(crate) fn failure<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<ErrorMessage>, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?.get();
    Ok((raw != "null").then(|| ErrorMessage::from_bytes(raw.as_bytes())))
}

/// Reads an exit code. A value that is no exit code reads as 255, so that a failure never reads as a success.
pub(crate) fn exit_code<'de, D: Deserializer<'de>, T: Integer>(
    deserializer: D,
) -> Result<T, D::Error> {
    let raw = <&RawValue>::deserialize(deserializer)?;
    let code = serde_json::from_str(raw.get()).unwrap_or(Some(u8::MAX));
    Ok(code
        .and_then(|code| T::saturate(code.into()))
        .unwrap_or_default())
}
