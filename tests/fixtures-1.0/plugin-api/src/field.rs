//! The types that an argument's value can have.

use std::{ffi::OsString, path::PathBuf};

use tw_plugin_protocol::ArgValue;

use crate::{Arg, Secret};

/// A type for one value of an argument: `String`, `i64`, `f64`, `PathBuf`, `OsString`, [`Secret`], or an enum with the
/// derive [`Choice`](derive@crate::Choice).
pub trait Single: Sized {
    /// Adds to the declaration what this type implies: `i64` adds [`Arg::integer`], [`Secret`] adds [`Arg::sensitive`].
    fn describe(arg: Arg) -> Arg;

    /// Converts a value. Returns `None` if the value has another type.
    fn from_one(value: ArgValue) -> Option<Self>;
}

impl Single for String {
    fn describe(arg: Arg) -> Arg {
        arg
    }

    fn from_one(value: ArgValue) -> Option<Self> {
        match value {
            ArgValue::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl Single for Secret {
    fn describe(arg: Arg) -> Arg {
        arg.sensitive()
    }

    fn from_one(value: ArgValue) -> Option<Self> {
        String::from_one(value).map(Self::new)
    }
}

impl Single for PathBuf {
    fn describe(arg: Arg) -> Arg {
        arg.path()
    }

    fn from_one(value: ArgValue) -> Option<Self> {
        OsString::from_one(value).map(Self::from)
    }
}

impl Single for OsString {
    fn describe(arg: Arg) -> Arg {
        arg.os_text()
    }

    fn from_one(value: ArgValue) -> Option<Self> {
        match value {
            ArgValue::Text(text) => Some(text.into()),
            ArgValue::Bytes(text) => Some(text.into()),
            _ => None,
        }
    }
}

impl Single for f64 {
    fn describe(arg: Arg) -> Arg {
        arg.float()
    }

    fn from_one(value: ArgValue) -> Option<Self> {
        match value {
            ArgValue::Float(number) => Some(number),
            // Integers of 53 bits are exact, and larger ones are rounded as if they had been typed with a fraction.
            ArgValue::Integer(number) => Some(number as f64),
            _ => None,
        }
    }
}

impl Single for i64 {
    fn describe(arg: Arg) -> Arg {
        arg.integer()
    }

    fn from_one(value: ArgValue) -> Option<Self> {
        match value {
            ArgValue::Integer(number) => Some(number),
            _ => None,
        }
    }
}

/// A type for all that the user gives for an argument.
///
/// | Type | Argument |
/// |---|---|
/// | a [`Single`] | required, unless it has a default |
/// | `Option` of a [`Single`] | optional |
/// | `Vec` of a [`Single`] | may be given several times |
/// | `bool` | a flag |
pub trait Field: Sized {
    /// Adds to the declaration what this type implies: `bool` makes the argument a flag, `Vec` adds [`Arg::repeated`].
    fn describe(arg: Arg) -> Arg;

    /// Converts the value of an argument, which is `None` if the argument was not given and has no default. Returns
    /// `None` if the value has another type.
    fn from_value(value: Option<ArgValue>) -> Option<Self>;
}

impl<T: Single> Field for T {
    fn describe(arg: Arg) -> Arg {
        T::describe(arg).required()
    }

    fn from_value(value: Option<ArgValue>) -> Option<Self> {
        T::from_one(value?)
    }
}

impl<T: Single> Field for Option<T> {
    fn describe(arg: Arg) -> Arg {
        T::describe(arg)
    }

    fn from_value(value: Option<ArgValue>) -> Option<Self> {
        match value {
            None => Some(None),
            Some(value) => T::from_one(value).map(Some),
        }
    }
}

impl<T: Single> Field for Vec<T> {
    fn describe(arg: Arg) -> Arg {
        T::describe(arg).repeated()
    }

    fn from_value(value: Option<ArgValue>) -> Option<Self> {
        match value {
            None => Some(Vec::new()),
            Some(ArgValue::List(values)) => values.into_iter().map(T::from_one).collect(),
            Some(value) => T::from_one(value).map(|value| vec![value]),
        }
    }
}

impl Field for bool {
    fn describe(arg: Arg) -> Arg {
        arg.into_flag()
    }

    fn from_value(value: Option<ArgValue>) -> Option<Self> {
        match value {
            None => Some(false),
            Some(ArgValue::Flag(is_set)) => Some(is_set),
            Some(_) => None,
        }
    }
}
