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
        let reason = error.to_string();
        let wrong = error.wrong_value();
        if let Some(error) = wrong.and_then(|wrong| self.wrong_value(command, wrong, &reason)) {
            return error;
        }
        let tip = error.next_step().map(|hint| format!("\n\n  tip: {hint}"));
        let message = format!("{}{}", visible(&reason), tip.unwrap_or_default());
        command.error(ErrorKind::ValueValidation, message)
    }

    /// Returns clap's error of a value that the plugin can't parse. `None` if the command has no such argument.
    fn wrong_value(
        &self,
        command: &Command,
        wrong: &WrongValue,
        reason: &str,
    ) -> Option<clap::Error> {
        let declared = self.args.iter().find(|arg| arg.name == wrong.name)?;
        let mut args = command.get_arguments();
        let arg = args.find(|arg| *arg.get_id() == *wrong.name)?;
        // The reason of a plugin's parser may repeat a part of the value.
        let reason = match declared.sensitive {
            true => "its form is wrong".to_owned(),
            false => visible(reason).into_owned(),
        };
        let fail = move |_: &str| Err::<(), _>(reason.clone());
        let typed = || {
            let mut raw = self.matches.get_raw(&wrong.name)?;
            raw.next().map(|value| value.to_string_lossy().into_owned())
        };
        let value = match wrong.value.is_empty() {
            true => typed()?,
            false => wrong.value.clone(),
        };
        let value = visible(&value);
        fail.parse_ref(command, Some(arg), value.as_ref().as_ref())
            .err()
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
