//! Constraints between arguments: conflicts, requirements, and sets of which exactly one must be given.
//!
//! clap would count values from the environment too. Here only what was typed counts, because nobody should have to unset a variable to use
//! an option. clap words the messages.

use clap::{
    ArgMatches, Command,
    error::{ContextKind, ContextValue, ErrorKind},
    parser::ValueSource,
};
use tw_plugin_protocol::Arg;

use crate::process::variable;

/// Checks the arguments that were typed for a command. `sets` are the sets of which exactly one must be given; clap has checked that one is.
///
/// # Errors
/// Two arguments conflict, or an argument lacks one that it requires.
pub(super) fn check(
    command: &mut Command,
    args: &[&Arg],
    sets: &[Vec<String>],
    matches: &ArgMatches,
) -> Result<(), clap::Error> {
    let from = |name: &str, source| matches.value_source(name) == Some(source);
    let is_typed = |name: &str| from(name, ValueSource::CommandLine);
    let typed = args.iter().filter(|arg| is_typed(&arg.name));
    for arg in typed {
        if let Some(other) = arg.conflicts.iter().find(|other| is_typed(other)) {
            return Err(conflict(command, &arg.name, other));
        }
        let missing = arg.requires.iter().filter(|other| !is_typed(other));
        let missing: Vec<&str> = missing.map(String::as_str).collect();
        if !missing.is_empty() {
            return Err(required(command, args, &missing));
        }
    }
    for set in sets {
        let of_source = |source| set.iter().filter(move |name| from(name, source));
        let typed: Vec<&String> = of_source(ValueSource::CommandLine).collect();
        let given = match typed.is_empty() {
            true => of_source(ValueSource::EnvVariable).collect(),
            false => typed,
        };
        if let [first, second, ..] = given.as_slice() {
            return Err(conflict(command, first, second));
        }
    }
    Ok(())
}

fn conflict(command: &mut Command, name: &str, other: &str) -> clap::Error {
    let mut error = error(command, ErrorKind::ArgumentConflict);
    error.insert(
        ContextKind::InvalidArg,
        ContextValue::String(written(command, name)),
    );
    error.insert(
        ContextKind::PriorArg,
        ContextValue::String(written(command, other)),
    );
    error
}

fn required(command: &mut Command, args: &[&Arg], names: &[&str]) -> clap::Error {
    let mut error = error(command, ErrorKind::MissingRequiredArgument);
    let line = |name: &&str| {
        let arg = args.iter().find(|arg| arg.name == **name);
        let set = arg
            .and_then(|arg| arg.env.as_ref())
            .filter(|name| variable(name).is_some());
        match set {
            Some(variable) => format!(
                "{} ({variable} is set, but only a typed option counts)",
                written(command, name)
            ),
            None => written(command, name),
        }
    };
    error.insert(
        ContextKind::InvalidArg,
        ContextValue::Strings(names.iter().map(line).collect()),
    );
    error
}

fn error(command: &mut Command, kind: ErrorKind) -> clap::Error {
    let mut error = clap::Error::new(kind).with_cmd(command);
    error.insert(
        ContextKind::Usage,
        ContextValue::StyledStr(command.render_usage()),
    );
    error
}

/// Returns an argument as clap writes it: `--name <NAME>`. An argument that takes its value from a variable shows the variable too.
fn written(command: &Command, name: &str) -> String {
    let mut args = command.get_arguments();
    let arg = args.find(|arg| arg.get_id() == name);
    arg.map_or_else(|| name.to_owned(), ToString::to_string)
}
