//! Arguments: what the derives are made of, and the builder beneath them.

use std::path::PathBuf;

use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{
    ArgKind, ArgValue, Arguments, ByName, PossibleValue, ValueKind, ValueSource,
};

use crate::{Error, ErrorKind, Result, Secret};

/// The arguments of a command as a type. Derive it; its documentation is [there](derive@crate::Args).
///
/// `()` is a command without arguments, and [`Values`] one whose arguments were built with [`Arg`].
pub trait Args: Sized {
    /// One line on what the command does; the first paragraph of the doc comment.
    fn about() -> &'static str {
        ""
    }

    /// What else there is to say: the rest of the doc comment.
    fn details() -> &'static str {
        ""
    }

    /// The arguments.
    fn args() -> Vec<Arg>;

    /// Sets of arguments, by name, of which exactly one must be given.
    fn exactly_one_of() -> Vec<Vec<String>> {
        Vec::new()
    }

    /// Takes the arguments' values.
    ///
    /// # Errors
    /// When a value isn't of the type that it was declared with, which the host sees to that it is.
    fn from_values(values: &mut Values) -> Result<Self>;
}

impl Args for () {
    fn args() -> Vec<Arg> {
        Vec::new()
    }

    fn from_values(_: &mut Values) -> Result<Self> {
        Ok(())
    }
}

/// The values of a command's arguments, by name.
///
/// ```
/// use tw_plugin_api::{Arg, Command, Host, Output, Result, Values, json};
///
/// fn repeat(mut values: Values, _: &Host) -> Result<Output> {
///     let text: String = values.take("text")?;
///     let times: i64 = values.take("times")?;
///     let text = text.repeat(usize::try_from(times).unwrap_or(0));
///     Output::message(&json!({ "text": text }), &text)
/// }
///
/// Command::new("repeat", repeat)
///     .arg(Arg::positional("text").required())
///     .arg(Arg::option("times").short('n').long("times").integer().default_value("2"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Values {
    pub(crate) arguments: Arguments,
    pub(crate) sources: ByName<ValueSource>,
}

impl Values {
    /// Takes the value of the argument of this name.
    ///
    /// # Errors
    /// When it isn't of this type, or is absent and the type has no way to say so.
    pub fn take<T: Field>(&mut self, name: &str) -> Result<T> {
        T::from_value(self.arguments.take(name)).ok_or_else(|| mistyped(name))
    }

    /// Whether the value of this argument was typed on the command line, where others can see it.
    pub fn was_typed(&self, name: &str) -> bool {
        self.sources.get(name) == Some(&ValueSource::CommandLine)
    }
}

/// Once in a library, whatever types its arguments have.
#[cold]
#[inline(never)]
fn mistyped(name: &str) -> Error {
    Error::new(
        ErrorKind::BadRequest,
        format!("the value of the argument `{name}` is not of the type that was declared"),
    )
}

impl Args for Values {
    fn args() -> Vec<Arg> {
        Vec::new()
    }

    fn from_values(values: &mut Values) -> Result<Self> {
        Ok(std::mem::take(values))
    }
}

/// A type that one value of an argument can have: `String`, `i64`, `PathBuf`, [`Secret`], or an enum with the
/// derive [`Choice`](derive@crate::Choice).
pub trait Single: Sized {
    /// States what is special about an argument of this type.
    fn describe(arg: Arg) -> Arg;

    /// The value, when it is of this type.
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
        String::from_one(value).map(Self::from)
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

/// A type that a field of an arguments struct can have: a [`Single`] (required, unless it has a default), an `Option` of one,
/// a `Vec` of one (it may come several times), or `bool` (a flag).
pub trait Field: Sized {
    /// States what is special about an argument of this type.
    fn describe(arg: Arg) -> Arg;

    /// The value, when it is of this type.
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
        arg.flag_kind()
    }

    fn from_value(value: Option<ArgValue>) -> Option<Self> {
        match value {
            None => Some(false),
            Some(ArgValue::Flag(set)) => Some(set),
            Some(_) => None,
        }
    }
}

/// An argument, built by hand. The derive [`Args`](derive@crate::Args) writes the same.
///
/// ```
/// use tw_plugin_api::Arg;
///
/// Arg::option("max").short('m').long("max").integer().range(1, 1000).default_value("100").help("The most that are shown");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Arg(pub(crate) protocol::Arg);

/// What the derive does for every argument: once in a library.
#[doc(hidden)]
#[inline(never)]
pub fn push(args: &mut Vec<Arg>, arg: Arg) {
    args.push(arg);
}

/// The same for those of another type.
#[doc(hidden)]
#[inline(never)]
pub fn append<T>(to: &mut Vec<T>, mut more: Vec<T>) {
    to.append(&mut more);
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident($($argument:ident: $type:ty),*) $body:expr;)*) => {
        impl Arg {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(mut self $(, $argument: $type)*) -> Self {
                    let set: fn(&mut protocol::Arg $(, $type)*) = $body;
                    set(&mut self.0 $(, $argument)*);
                    self
                }
            )*
        }
    };
}

impl Arg {
    fn of(name: &str, kind: ArgKind) -> Self {
        Self(protocol::Arg {
            name: name.to_owned(),
            kind,
            ..Default::default()
        })
    }

    /// An option with a value; give it [`short`](Self::short) or [`long`](Self::long).
    pub fn option(name: &str) -> Self {
        Self::of(name, ArgKind::Option)
    }

    /// A flag, which has no value; give it [`short`](Self::short) or [`long`](Self::long).
    pub fn flag(name: &str) -> Self {
        Self::of(name, ArgKind::Flag)
    }

    /// A positional; they stand in the order in which they are added.
    pub fn positional(name: &str) -> Self {
        Self::of(name, ArgKind::Positional)
    }

    /// The name under which its value is found.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    fn flag_kind(mut self) -> Self {
        self.0.kind = ArgKind::Flag;
        self
    }
}

setters! {
    /// The letter of `-n`.
    short(letter: char) |arg, letter| arg.short = Some(letter);
    /// The word of `--name`.
    long(word: &str) |arg, word| arg.long = Some(word.to_owned());
    /// One more word that means the same.
    alias(word: &str) |arg, word| arg.aliases.push(word.to_owned());
    /// What help calls the value.
    value_name(name: &str) |arg, name| arg.value_name = name.to_owned();
    /// One line of help.
    help(text: &str) |arg, text| arg.help = text.to_owned();
    /// More of it, which `--help` shows and `-h` doesn't.
    details(text: &str) |arg, text| arg.details = text.to_owned();
    /// There is no way without it.
    required() |arg| arg.required = arg.default.is_empty();
    /// It may come several times.
    repeated() |arg| arg.repeated = true;
    /// One occurrence may carry several values with this between them; it is repeated then.
    delimiter(delimiter: char) |arg, delimiter| { arg.delimiter = Some(delimiter); arg.repeated = true; };
    /// As the last positional: takes all that follows, options too.
    trailing() |arg| { arg.trailing = true; arg.repeated = true; };
    /// The value when nothing gives one; more than once for a repeated argument.
    default_value(value: &str) |arg, value| { arg.default.push(value.to_owned()); arg.required = false; };
    /// The environment variable that gives the value when the command line doesn't; empty counts as unset.
    env(variable: &str) |arg, variable| arg.env = Some(variable.to_owned());
    /// One of the values that are taken, and what it means; without any, all are.
    possible(value: &str, help: &str) |arg, value, help| arg.possible.push(PossibleValue { name: value.to_owned(), help: help.to_owned() });
    /// The possible values are taken in any case.
    ignore_case() |arg| arg.ignore_case = true;
    /// The value is a 64-bit integer, which may be negative.
    integer() |arg| arg.value = ValueKind::Integer;
    /// The least and the most that are taken of an integer.
    range(min: i64, max: i64) |arg, min, max| { arg.min = Some(min); arg.max = Some(max); };
    /// The value is a file's path.
    path() |arg| arg.value = ValueKind::Path;
    /// The value is a workspace, as `-w` takes it.
    workspace() |arg| arg.value = ValueKind::Workspace;
    /// It can't stand beside the argument of this name.
    conflicts(name: &str) |arg, name| arg.conflicts.push(name.to_owned());
    /// It can't stand without the argument of this name.
    requires(name: &str) |arg, name| arg.requires.push(name.to_owned());
    /// Help and completion leave it out.
    hidden() |arg| arg.hidden = true;
    /// The value is a secret: it is redacted wherever it could show.
    sensitive() |arg| arg.sensitive = true;
}
