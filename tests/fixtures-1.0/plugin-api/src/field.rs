//! The types that an argument's value can have.

use std::{
    ffi::OsString,
    fmt::Display,
    path::PathBuf,
    str::FromStr,
    time::{Duration, SystemTime},
};

use tw_plugin_protocol::ArgValue;

use crate::{
    Arg, Error, ErrorKind, Secret, Size, Source,
    kind::{Count, Kind, Shape},
};

/// The reason why a value can't be a field's.
#[derive(Debug)]
pub enum Mismatch {
    /// The value has another type than the declaration.
    Type,
    /// The plugin can't parse the text.
    Text {
        /// The text.
        text: String,
        /// What the parser says about the text.
        reason: String,
    },
}

impl Mismatch {
    pub(crate) fn into_error(self, name: &str) -> Error {
        match self {
            Self::Type => Error::new(
                ErrorKind::BadRequest,
                format!("the value of the argument `{name}` is not of the type that was declared"),
            ),
            Self::Text { text, reason } => Error::of_argument(name, text, reason),
        }
    }
}

/// The supertrait of the argument traits. It has no use of its own, and only this crate and its derives implement it.
pub trait Argument {}

/// A type for one value of an argument.
///
/// | Type | What a user types |
/// |---|---|
/// | `String` | any text |
/// | [`Secret`] | any text, which the host redacts in logs and messages |
/// | `i8` to `i64`, `u8` to `u64`, `isize`, `usize` | an integer that fits the type; at most 2^63 - 1, which is the largest integer in a message |
/// | `f64` | a number such as `0.5`, neither infinite nor NaN |
/// | `PathBuf` | the path of a file, which may not be UTF-8 |
/// | `OsString` | a text that may not be UTF-8 |
/// | [`Source`] | the path of a file, or `-` for standard input |
/// | [`Duration`] | a duration such as `90d`, `1h30m` or `500ms`, in whole milliseconds |
/// | [`Size`] | a size such as `10MiB`, `1.5GB` or `4096` |
/// | [`SystemTime`] | an RFC 3339 time, a date (its midnight in UTC), or an age such as `2d` (2 days ago), in whole milliseconds |
/// | an enum with the derive [`Choice`](derive@crate::Choice) | one of the enum's words |
///
/// A type that implements `FromStr` takes the key `parse` of the derive [`Args`](derive@crate::Args).
///
/// Other crates can't implement this trait, so that later versions can add to it:
///
/// ```compile_fail
/// struct Color(String);
///
/// impl tw_plugin_api::Single for Color {
///     # const KIND: tw_plugin_api::__private::Kind = tw_plugin_api::__private::Kind::Text;
///     #
///     # fn from_one(_: tw_plugin_api::__private::ArgValue) -> Result<Self, tw_plugin_api::__private::Mismatch> {
///     #     Ok(Self(String::new()))
///     # }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the type of an argument",
    label = "not the type of an argument",
    note = "`#[arg(parse)]` accepts every type that implements `FromStr`, with an `Err` that implements `Display`"
)]
pub trait Single: Sized + Argument {
    #[doc(hidden)]
    const KIND: Kind;

    #[doc(hidden)]
    fn describe(arg: Arg) -> Arg {
        Self::KIND.describe(arg)
    }

    #[doc(hidden)]
    fn from_one(value: ArgValue) -> Result<Self, Mismatch>;
}

macro_rules! single {
    ($($type:ty: $kind:expr, $pattern:pat => $value:expr;)*) => {$(
        impl Argument for $type {}
        impl Single for $type {
            const KIND: Kind = $kind;

            #[allow(unreachable_patterns)]
            fn from_one(value: ArgValue) -> Result<Self, Mismatch> {
                match value {
                    $pattern => $value.ok_or(Mismatch::Type),
                    _ => Err(Mismatch::Type),
                }
            }
        }
    )*};
}

single! {
    String: Kind::Text, ArgValue::Text(text) => Some(text);
    Secret: Kind::Secret, ArgValue::Text(text) => Some(Self::new(text));
    Duration: Kind::Duration, ArgValue::Integer(ms) => u64::try_from(ms).ok().map(Self::from_millis);
    Size: Kind::Size, ArgValue::Integer(bytes) => u64::try_from(bytes).ok().map(Self::from_bytes);
    SystemTime: Kind::Time, ArgValue::Integer(ms) => to_time(ms);
    OsString: Kind::OsText, value => to_os_text(value);
    PathBuf: Kind::Path, value => to_os_text(value).map(Self::from);
    Source: Kind::Source, value => to_os_text(value).map(Self::from_argument);
    // Integers of 53 bits are exact, and larger ones are rounded as if they had been typed with a fraction.
    f64: Kind::Float, value => match value {
        ArgValue::Float(number) => Some(number),
        ArgValue::Integer(number) => Some(number as f64),
        _ => None,
    };
}

macro_rules! integers {
    ($($type:ident)*) => {$(
        single! {
            $type: Kind::Integer { min: $type::MIN as i128, max: at_most_i64($type::MAX as i128) },
                ArgValue::Integer(number) => Self::try_from(number).ok();
        }
    )*};
}

integers!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize);

/// Returns the largest value of a type that a message can hold.
const fn at_most_i64(max: i128) -> i128 {
    match max > i64::MAX as i128 {
        true => i64::MAX as i128,
        false => max,
    }
}

fn to_os_text(value: ArgValue) -> Option<OsString> {
    match value {
        ArgValue::Text(text) => Some(text.into()),
        ArgValue::Bytes(text) => Some(text.into()),
        _ => None,
    }
}

fn to_time(ms: i64) -> Option<SystemTime> {
    let distance = Duration::from_millis(ms.unsigned_abs());
    match ms < 0 {
        true => SystemTime::UNIX_EPOCH.checked_sub(distance),
        false => SystemTime::UNIX_EPOCH.checked_add(distance),
    }
}

/// A value that the plugin parses, for the key `parse` of the derive.
#[derive(Debug)]
pub struct Parsed<T>(pub T);

impl<T> Argument for Parsed<T> {}

impl<T: FromStr> Single for Parsed<T>
where
    T::Err: Display,
{
    const KIND: Kind = Kind::Parsed;

    fn from_one(value: ArgValue) -> Result<Self, Mismatch> {
        let text = String::from_one(value)?;
        match text.parse() {
            Ok(value) => Ok(Self(value)),
            Err(reason) => Err(Mismatch::Text {
                reason: T::Err::to_string(&reason),
                text,
            }),
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
/// | `Option<Vec>` of a [`Single`] | may be given several times; `None` if it isn't given |
/// | `bool` | a flag |
/// | `Option<bool>` | an option with the value `true` or `false` |
///
/// Other crates can't implement this trait, so that later versions can add to it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the type of an argument",
    label = "not the type of an argument",
    note = "`#[arg(parse)]` accepts every type that implements `FromStr`, with an `Err` that implements `Display`"
)]
pub trait Field: Sized + Argument {
    #[doc(hidden)]
    const SHAPE: Shape;

    #[doc(hidden)]
    fn describe(arg: Arg) -> Arg;

    /// Converts the value of an argument, which is `None` if the argument was not given and has no default.
    #[doc(hidden)]
    fn from_value(value: Option<ArgValue>) -> Result<Self, Mismatch>;

    #[doc(hidden)]
    fn take(values: &mut crate::Values, name: &str) -> crate::Result<Self> {
        Self::from_value(values.arguments.take(name)).map_err(|wrong| wrong.into_error(name))
    }
}

const fn shape(kind: Kind, count: Count) -> Shape {
    Shape { kind, count }
}

impl<T: Single> Field for T {
    const SHAPE: Shape = shape(T::KIND, Count::One);

    fn describe(arg: Arg) -> Arg {
        T::describe(arg).required()
    }

    fn from_value(value: Option<ArgValue>) -> Result<Self, Mismatch> {
        T::from_one(value.ok_or(Mismatch::Type)?)
    }
}

impl<T: Argument> Argument for Option<T> {}
impl<T: Argument> Argument for Vec<T> {}

impl<T: Single> Field for Option<T> {
    const SHAPE: Shape = shape(T::KIND, Count::Optional);

    fn describe(arg: Arg) -> Arg {
        T::describe(arg)
    }

    fn from_value(value: Option<ArgValue>) -> Result<Self, Mismatch> {
        value.map(T::from_one).transpose()
    }
}

impl<T: Single> Field for Vec<T> {
    const SHAPE: Shape = shape(T::KIND, Count::List);

    fn describe(arg: Arg) -> Arg {
        T::describe(arg).repeated()
    }

    fn from_value(value: Option<ArgValue>) -> Result<Self, Mismatch> {
        match value {
            None => Ok(Vec::new()),
            Some(ArgValue::List(values)) => values.into_iter().map(T::from_one).collect(),
            Some(value) => T::from_one(value).map(|value| vec![value]),
        }
    }
}

impl<T: Single> Field for Option<Vec<T>> {
    const SHAPE: Shape = shape(T::KIND, Count::OptionalList);

    fn describe(arg: Arg) -> Arg {
        T::describe(arg).repeated()
    }

    fn from_value(value: Option<ArgValue>) -> Result<Self, Mismatch> {
        let value = value.map(|value| Vec::from_value(Some(value)));
        value.transpose()
    }
}

impl Argument for bool {}

impl Field for bool {
    const SHAPE: Shape = shape(Kind::Flag, Count::One);

    fn describe(arg: Arg) -> Arg {
        Kind::Flag.describe(arg)
    }

    fn from_value(value: Option<ArgValue>) -> Result<Self, Mismatch> {
        match value {
            None => Ok(false),
            Some(ArgValue::Flag(is_set)) => Ok(is_set),
            Some(_) => Err(Mismatch::Type),
        }
    }
}

impl Field for Option<bool> {
    const SHAPE: Shape = shape(Kind::Boolean, Count::Optional);

    fn describe(arg: Arg) -> Arg {
        Kind::Boolean.describe(arg)
    }

    fn from_value(value: Option<ArgValue>) -> Result<Self, Mismatch> {
        let value = value.map(|value| bool::from_value(Some(value)));
        value.transpose()
    }
}
