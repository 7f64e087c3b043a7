//! The arguments of a command: their declarations, and the values that the user gave.

use std::collections::BTreeMap;

use tw_plugin_protocol::{Arguments, ValueSource};

use crate::{Arg, Field, Result};

/// The arguments of a command, as a type. [Derive it](derive@crate::Args) on a struct with a field for each argument.
///
/// Two types implement it without the derive: `()` for a command without arguments, and [`Values`] for a command whose
/// arguments are built with [`Arg`].
pub trait Args: Sized {
    /// Returns one line that says what the command does. The derive takes the first paragraph of the doc comment.
    fn about() -> &'static str {
        ""
    }

    /// Returns a longer text, which only `--help` shows, below the line of [`about`](Self::about). The derive takes the
    /// other paragraphs of the doc comment.
    fn details() -> &'static str {
        ""
    }

    /// Returns the declarations of the arguments. The command line has the positional ones in this order.
    fn args() -> Vec<Arg>;

    /// Returns sets of arguments, by name. A command line must have exactly one argument of each set.
    fn exactly_one_of() -> Vec<Vec<String>> {
        Vec::new()
    }

    /// Takes the values of the arguments out of `values`.
    ///
    /// # Errors
    /// If a value doesn't have the declared type. The host checks every value against its declaration before it runs
    /// the command, so this fails only if the declaration and the type differ.
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
    pub(crate) sources: BTreeMap<String, ValueSource>,
}

impl Values {
    /// Takes the value of the argument `name` out. An argument without a value reads as `None`, as an empty `Vec`, or
    /// as `false`. The type is that of the declaration: [`Field`] lists the types.
    ///
    /// # Errors
    /// If the value isn't a `T`. If the argument has no value, and `T` is a type such as `String`, which has no value
    /// for that case.
    pub fn take<T: Field>(&mut self, name: &str) -> Result<T> {
        T::take(self, name)
    }

    /// Returns true if the value of this argument was typed on the command line, where the list of processes shows it.
    /// Returns false if the value comes from an environment variable or from a setting, or is the default.
    pub fn was_typed(&self, name: &str) -> bool {
        self.sources.get(name) == Some(&ValueSource::CommandLine)
    }
}

impl Args for Values {
    fn args() -> Vec<Arg> {
        Vec::new()
    }

    fn from_values(values: &mut Values) -> Result<Self> {
        Ok(std::mem::take(values))
    }
}
