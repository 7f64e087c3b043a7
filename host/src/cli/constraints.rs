//! Constraints between arguments: conflicts, requirements, and sets of which exactly one must be given.
//!
//! clap's own checks would count values from the environment too. Here only typed arguments count, because nobody should have to unset a
//! variable to use an option. The messages are clap's.

use clap::{
    ArgMatches, Command,
    builder::TypedValueParser,
    error::{ContextKind, ContextValue, ErrorKind},
    parser::ValueSource,
};
use tw_plugin_protocol::{Arg, WrongValue};
use tw_render::text::visible;

use crate::error::Error;

/// The arguments of a command, and where their values come from.
pub(super) struct Given<'a> {
    pub(super) args: &'a [&'a Arg],
    pub(super) matches: &'a ArgMatches,
}

/// Checks the arguments that were typed for a command. `sets` are the sets of arguments of which exactly one must be given. clap has already
/// checked that at least one is given.
///
/// # Errors
/// If two arguments conflict, or if an argument is given without another that it requires.
pub(super) fn check(
    command: &mut Command,
    given: &Given<'_>,
    sets: &[Vec<String>],
) -> Result<(), clap::Error> {
    for arg in given.args.iter().filter(|arg| given.is_typed(&arg.name)) {
        if let Some(other) = arg.conflicts.iter().find(|other| given.is_typed(other)) {
            return Err(given.conflict(command, &arg.name, other));
        }
        let missing = arg.requires.iter().filter(|other| !given.is_typed(other));
        let missing: Vec<&str> = missing.map(String::as_str).collect();
        if !missing.is_empty() {
            return Err(given.required(command, &missing));
        }
    }
    for set in sets {
        let mut counted: Vec<&String> = set.iter().filter(|name| given.is_typed(name)).collect();
        if counted.is_empty() {
            counted = set
                .iter()
                .filter(|name| given.is_from_variable(name))
                .collect();
        }
        if let [first, second, ..] = counted.as_slice() {
            return Err(given.conflict(command, first, second));
        }
    }
    Ok(())
}

impl Given<'_> {
    /// Returns clap's error of a command line that the plugin refuses. It names the argument and its value if the plugin named the argument.
    pub(super) fn usage_error(&self, command: &mut Command, error: &Error) -> clap::Error {
        let tip = error.next_step().map(|hint| format!("\n\n  tip: {hint}"));
        let reason = format!("{}{}", visible(&error.to_string()), tip.unwrap_or_default());
        let named = error.wrong_value().and_then(|wrong| {
            let mut args = self.args.iter();
            let arg = args.find(|arg| arg.name == wrong.name)?;
            Some((*arg, wrong))
        });
        let Some((arg, wrong)) = named else {
            return command.error(ErrorKind::ValueValidation, reason);
        };
        // The reason of a plugin's parser may repeat a part of the value.
        let reason = match arg.sensitive {
            true => "its form is wrong".to_owned(),
            false => reason,
        };
        match self.find_value(arg, wrong) {
            Some(value) => self.wrong_value(command, arg, &value, reason),
            None => {
                let option = self.display(command, &arg.name);
                let message = format!("invalid value for '{option}': {reason}");
                command.error(ErrorKind::ValueValidation, message)
            }
        }
    }

    /// Returns the wrong value of an argument: the one that the plugin names, or the only one that was given. `None` if that is not known.
    fn find_value(&self, arg: &Arg, wrong: &WrongValue) -> Option<String> {
        if !wrong.value.is_empty() {
            return Some(wrong.value.clone());
        }
        let is_given = self.is_typed(&arg.name) || self.is_from_variable(&arg.name);
        let mut raw = self.matches.get_raw(&arg.name).filter(|_| is_given)?;
        match (raw.next(), raw.next()) {
            (Some(value), None) => Some(value.to_string_lossy().into_owned()),
            _ => None,
        }
    }

    /// Returns clap's error of a wrong value.
    fn wrong_value(
        &self,
        command: &mut Command,
        arg: &Arg,
        value: &str,
        reason: String,
    ) -> clap::Error {
        let fail = move |_: &str| Err::<(), _>(reason.clone());
        let value = visible(value);
        let mut args = command.get_arguments();
        let declared = args.find(|declared| *declared.get_id() == *arg.name);
        match fail.parse_ref(command, declared, value.as_ref().as_ref()) {
            Err(error) => error,
            Ok(()) => unreachable!("the parser always fails"),
        }
    }

    fn is_typed(&self, name: &str) -> bool {
        self.matches.value_source(name) == Some(ValueSource::CommandLine)
    }

    fn is_from_variable(&self, name: &str) -> bool {
        self.matches.value_source(name) == Some(ValueSource::EnvVariable)
    }

    fn conflict(&self, command: &mut Command, name: &str, other: &str) -> clap::Error {
        let mut error = usage_error(command, ErrorKind::ArgumentConflict);
        let text = |name| ContextValue::String(self.display(command, name));
        error.insert(ContextKind::InvalidArg, text(name));
        error.insert(ContextKind::PriorArg, text(other));
        error
    }

    /// Returns clap's error of required arguments without a value.
    pub(super) fn required(&self, command: &mut Command, names: &[&str]) -> clap::Error {
        let mut error = usage_error(command, ErrorKind::MissingRequiredArgument);
        let names = names.iter().map(|name| self.display(command, name));
        error.insert(
            ContextKind::InvalidArg,
            ContextValue::Strings(names.collect()),
        );
        error
    }

    /// Returns an argument as clap writes it, such as `--name <NAME>`. If its value comes from a variable, the text says so.
    fn display(&self, command: &Command, name: &str) -> String {
        let mut args = command.get_arguments();
        let arg = args.find(|arg| arg.get_id() == name);
        let text = arg.map_or_else(|| name.to_owned(), ToString::to_string);
        let declared = self.args.iter().find(|arg| arg.name == name);
        match declared.and_then(|arg| arg.env.as_ref()) {
            Some(variable) if self.is_from_variable(name) => {
                format!("{text} (set by the variable {variable}, not typed)")
            }
            _ => text,
        }
    }
}

fn usage_error(command: &mut Command, kind: ErrorKind) -> clap::Error {
    let mut error = clap::Error::new(kind).with_cmd(command);
    error.insert(
        ContextKind::Usage,
        ContextValue::StyledStr(command.render_usage()),
    );
    error
}
