//! A command line that clap rejects, and help that was asked for.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use semver::VersionReq;
use tw_plugin_protocol as protocol;

use super::{command, line::Line, report, values};
use crate::{
    error::{Error, exit},
    package::index::Indices,
    plugin::Catalog,
    process::has_color,
    stdio,
    trust::Policy,
};

/// Prints clap's message, and returns the exit code. `top` is the command of a plugin that the line names.
pub(super) fn print(
    catalog: &Catalog,
    line: &Line,
    top: Option<&protocol::Command>,
    error: clap::Error,
) -> u8 {
    let error = match top {
        Some(top) => hide_secrets(error, &secret_arguments(top, line)),
        None => error,
    };
    let written = print_styled(&error);
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

/// Prints help to standard output, and an error to standard error, with colors if the stream shows them.
fn print_styled(error: &clap::Error) -> std::io::Result<()> {
    let text = error.render();
    let render = |has_color| match has_color {
        true => text.ansi().to_string(),
        false => text.to_string(),
    };
    match error.use_stderr() {
        true => stdio::print_error(render(has_color(&std::io::stderr()))),
        false => return stdio::print(&render(has_color(&std::io::stdout()))),
    }
    Ok(())
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
