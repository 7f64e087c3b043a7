//! A command line that clap rejects, and help that was asked for.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use semver::VersionReq;
use tw_plugin_protocol as protocol;

use super::{command, line::Line, report, values};
use crate::{
    error::{Error, code, exit},
    package::index::Indices,
    plugin::Catalog,
    stdio,
    trust::Policy,
};

/// Prints clap's message, and returns the exit code. `top` is the command of a plugin that the line names, and `reason` the plugin's own refusal of
/// the line.
pub(super) fn print(
    catalog: &Catalog,
    line: &Line,
    top: Option<&protocol::Command>,
    error: clap::Error,
    reason: Option<&Error>,
) -> u8 {
    let error = match top {
        Some(top) => hide_secrets(error, &secret_arguments(top, line)),
        None => error,
    };
    if error.use_stderr() && stdio::has_json_errors() {
        return report::fail(&to_error(&error, reason));
    }
    let written = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp => {
            report::warn_of_broken(catalog);
            report::warn_of_empty(catalog);
        }
        ErrorKind::InvalidSubcommand => {
            report::warn_of_broken(catalog);
            report::warn_of_none(catalog);
            if let Some(ContextValue::String(name)) = error.get(ContextKind::InvalidSubcommand) {
                suggest_install(catalog, name);
            }
        }
        _ => {}
    }
    match written {
        Err(problem) if problem.kind() != std::io::ErrorKind::BrokenPipe && !error.use_stderr() => {
            report::fail(&Error::output(problem))
        }
        _ => u8::try_from(error.exit_code()).unwrap_or(exit::USAGE),
    }
}

/// Converts clap's error, whose text has a message, tips, and the usage.
fn to_error(error: &clap::Error, reason: Option<&Error>) -> Error {
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let (message, rest) = text.split_once("\n\n").unwrap_or((text, ""));
    let message: Vec<&str> = message.lines().map(str::trim).collect();
    let lines = rest.lines().map(str::trim);
    let tips: Vec<&str> = lines
        .filter_map(|line| line.strip_prefix("tip: "))
        .collect();
    let code = reason.map_or_else(|| code_of(error), Error::stable_code);
    let mut converted = Error::usage(message.join(" ")).code(code);
    if let Some(plugin) = reason.and_then(Error::plugin) {
        converted = converted.about_plugin(plugin);
    }
    match tips.is_empty() {
        true => converted,
        false => converted.hint(tips.join("\n")),
    }
}

fn code_of(error: &clap::Error) -> &'static str {
    match error.kind() {
        ErrorKind::InvalidSubcommand => code::UNKNOWN_COMMAND,
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            code::MISSING_COMMAND
        }
        ErrorKind::UnknownArgument => {
            let argument = error.get(ContextKind::InvalidArg).map(ToString::to_string);
            match argument.is_some_and(|argument| argument.starts_with('-')) {
                true => code::UNKNOWN_OPTION,
                false => code::UNEXPECTED_ARGUMENT,
            }
        }
        ErrorKind::TooManyValues => code::UNEXPECTED_ARGUMENT,
        ErrorKind::MissingRequiredArgument => code::MISSING_ARGUMENT,
        ErrorKind::ArgumentConflict => code::CONFLICTING_OPTIONS,
        ErrorKind::InvalidValue
        | ErrorKind::ValueValidation
        | ErrorKind::InvalidUtf8
        | ErrorKind::NoEquals
        | ErrorKind::TooFewValues
        | ErrorKind::WrongNumberOfValues => code::INVALID_VALUE,
        _ => code::USAGE,
    }
}

/// Returns the secret arguments of the command that the line names, as clap's messages show them.
fn secret_arguments(top: &protocol::Command, line: &Line) -> Vec<String> {
    let words: Vec<&str> = line
        .after_command()
        .iter()
        .filter_map(|word| word.to_str())
        .collect();
    let secret = values::arguments_of(top, &words)
        .into_iter()
        .filter(|argument| argument.sensitive);
    let mut level = clap::Command::new("tw").disable_help_flag(true);
    level = level.args(secret.map(command::argument));
    // clap knows the number of values only then, which is a part of the text.
    level.build();
    level.get_arguments().map(ToString::to_string).collect()
}

/// Removes values from the error that may be secrets: the value of a secret option, and a value that was typed without an option.
fn hide_secrets(mut error: clap::Error, secret: &[String]) -> clap::Error {
    let text =
        |error: &clap::Error, key| error.get(key).map(ToString::to_string).unwrap_or_default();
    let is_of_secret = |error: &clap::Error| {
        let argument = text(error, ContextKind::InvalidArg);
        secret.contains(&argument)
    };
    let key = match error.kind() {
        _ if secret.is_empty() => return error,
        ErrorKind::UnknownArgument if !text(&error, ContextKind::InvalidArg).starts_with('-') => {
            ContextKind::InvalidArg
        }
        ErrorKind::TooManyValues => ContextKind::InvalidValue,
        // An empty value can't be a secret, and clap has a message of its own for an empty value.
        ErrorKind::InvalidValue | ErrorKind::ValueValidation
            if is_of_secret(&error) && !text(&error, ContextKind::InvalidValue).is_empty() =>
        {
            ContextKind::InvalidValue
        }
        _ => return error,
    };
    error.insert(
        key,
        ContextValue::String("(not shown, it may be a secret)".to_owned()),
    );
    error
}

/// Suggests the plugins in the indices that have an unknown command. Reads only the copies of the indices on this machine.
fn suggest_install(catalog: &Catalog, name: &str) {
    let indices = Policy::read(catalog.binary()).and_then(|policy| Indices::read(&policy));
    let Ok(indices) = indices else { return };
    for (index, document) in indices.copies() {
        for (plugin, entry) in &document.plugins {
            let newest = entry.newest(&VersionReq::STAR);
            if newest
                .is_some_and(|(_, release)| release.commands.iter().any(|command| command == name))
            {
                stdio::print_error(format!(
                    "`tw {name}` is a command of a plugin that isn't installed: `tw plugin install {index}/{plugin}`\n"
                ));
            }
        }
    }
}
