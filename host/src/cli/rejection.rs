//! A command line that clap rejects, and help that was asked for.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use semver::VersionReq;
use tw_plugin_protocol as protocol;

use super::{
    advice::{Scene, TIPS, advise},
    command,
    line::Line,
    pager, report, values,
};
use crate::{
    error::{Error, code, exit},
    package::index::Indices,
    plugin::{Catalog, Owner},
    process::has_color,
    stdio,
    trust::Policy,
};

/// A command line that clap or a plugin rejects.
#[derive(Clone, Copy)]
pub(super) struct Rejected<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) line: &'a Line,
    pub(super) tree: &'a clap::Command,
    /// The command of a plugin that the line names. `None` if it names no such command.
    pub(super) top: Option<&'a protocol::Command>,
}

/// Prints clap's message with tips, and returns the exit code. `reason` is the plugin's own refusal of the line.
pub(super) fn print(rejected: Rejected<'_>, error: clap::Error, reason: Option<&Error>) -> u8 {
    let Rejected {
        catalog,
        line,
        tree,
        top,
    } = rejected;
    let args = top.map(|top| arguments(top, line)).unwrap_or_default();
    let group = match error.use_stderr() {
        true => find_group(catalog, line),
        false => None,
    };
    let group = group.as_ref();
    let scene = Scene {
        tree,
        line,
        group,
        args,
    };
    let error = advise(error, &scene);
    // Users paste the token behind these commands.
    let is_about_token = matches!(
        line.command(),
        Some("login" | "logout" | "token" | "whoami")
    );
    let error = hide_secrets(error, &secret_arguments(&scene.args), is_about_token);
    if error.use_stderr() && stdio::has_json_errors() {
        let mut converted = to_error(&error, reason);
        let installable = installable(catalog, &error);
        if !installable.is_empty() {
            let known = converted.next_step().map(str::to_owned).into_iter();
            let hints: Vec<String> = known.chain(installable).collect();
            converted = converted.hint(hints.join("\n"));
        }
        if error.kind() == ErrorKind::InvalidSubcommand {
            report::warn_of_broken(catalog);
            report::warn_of_none(catalog);
        }
        return report::fail(&converted);
    }
    if error.kind() == ErrorKind::DisplayHelp
        && let Some(exit) = pager::show_help(line, &render(&error, &std::io::stdout()))
    {
        return exit;
    }
    let written = print_styled(&error);
    match error.kind() {
        ErrorKind::DisplayHelp => {
            report::warn_of_broken(catalog);
            report::warn_of_empty(catalog);
        }
        ErrorKind::InvalidSubcommand => {
            report::warn_of_broken(catalog);
            report::warn_of_none(catalog);
            for suggestion in installable(catalog, &error) {
                stdio::print_error(format!("{suggestion}\n"));
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
    match error.use_stderr() {
        true => stdio::print_error(render(error, &std::io::stderr())),
        false => return stdio::print(&render(error, &std::io::stdout())),
    }
    Ok(())
}

fn render(error: &clap::Error, stream: &impl std::io::IsTerminal) -> String {
    let text = error.render();
    match has_color(stream) {
        true => text.ansi().to_string(),
        false => text.to_string(),
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
    let usage = || rest.lines().find(|line| line.starts_with("Usage: "));
    match tips.is_empty() {
        false => converted.hint(tips.join("\n")),
        true => match usage() {
            Some(usage) => converted.hint(usage),
            None => converted,
        },
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

/// Returns the command of a plugin that a word of the line names, with all commands below it. The word needs not be the first one, because an option before
/// the command can be wrong too.
fn find_group(catalog: &Catalog, line: &Line) -> Option<protocol::Command> {
    let mut words = line.arguments.iter().filter_map(|word| word.to_str());
    match words.find_map(|word| catalog.owner(word))? {
        Owner::Plugin(_, stub) => catalog.command(stub, &|_| true),
        Owner::Conflict(_) => None,
    }
}

/// Returns the arguments of the plugin's command that the line names.
fn arguments<'a>(top: &'a protocol::Command, line: &Line) -> Vec<&'a protocol::Arg> {
    let words = line.after_command().iter();
    let words: Vec<&str> = words.filter_map(|word| word.to_str()).collect();
    values::arguments_of(top, &words)
}

/// Returns the secret arguments as clap's messages show them.
fn secret_arguments(args: &[&protocol::Arg]) -> Vec<String> {
    let secret = args.iter().copied().filter(|argument| argument.sensitive);
    let mut level = clap::Command::new("tw").disable_help_flag(true);
    level = level.args(secret.map(command::argument));
    // clap knows the number of values only then, which is a part of the text.
    level.build();
    level.get_arguments().map(ToString::to_string).collect()
}

/// Removes values from the error that may be secrets: the value of a secret option, and a value that was typed without an option.
fn hide_secrets(mut error: clap::Error, secret: &[String], is_about_token: bool) -> clap::Error {
    let text =
        |error: &clap::Error, key| error.get(key).map(ToString::to_string).unwrap_or_default();
    let is_of_secret = |error: &clap::Error| {
        let argument = text(error, ContextKind::InvalidArg);
        secret.contains(&argument)
    };
    let key = match error.kind() {
        _ if secret.is_empty() && !is_about_token => return error,
        ErrorKind::InvalidSubcommand if is_about_token => ContextKind::InvalidSubcommand,
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
    // A mistyped name of a command is no token, but the value of a secret can be any word.
    if secret.is_empty() && is_plain_word(&text(&error, key)) {
        return error;
    }
    let hidden = text(&error, key);
    let quoted = shell_words::quote(&hidden);
    let repeats = |tip: &ContextValue| {
        let tip = tip.to_string();
        tip.contains(&hidden) || tip.contains(&*quoted)
    };
    for tip in TIPS {
        if error.get(tip).is_some_and(repeats) {
            error.remove(tip);
        }
    }
    error.insert(
        key,
        ContextValue::String("(not shown, it may be a secret)".to_owned()),
    );
    error
}

/// True if a word is too short and too simple for a token.
pub(super) fn is_plain_word(word: &str) -> bool {
    const LONGEST: usize = 16;
    let is_simple = |c: char| c.is_ascii_lowercase() || c == '-';
    word.len() <= LONGEST && word.chars().all(is_simple)
}

/// Returns a suggestion for each plugin in the indices that has an unknown command. Reads only the copies of the indices on this machine.
fn installable(catalog: &Catalog, error: &clap::Error) -> Vec<String> {
    let Some(ContextValue::String(name)) = error.get(ContextKind::InvalidSubcommand) else {
        return Vec::new();
    };
    let indices = Policy::read(catalog.binary()).and_then(|policy| Indices::read(&policy));
    let Ok(indices) = indices else {
        return Vec::new();
    };
    let mut suggestions = Vec::new();
    for (index, document) in indices.copies() {
        for (plugin, entry) in &document.plugins {
            let newest = entry.newest(&VersionReq::STAR);
            if newest
                .is_some_and(|(_, release)| release.commands.iter().any(|command| command == name))
            {
                suggestions.push(format!(
                    "`tw {name}` is a command of a plugin that isn't installed: `tw plugin install {index}/{plugin}`"
                ));
            }
        }
    }
    suggestions
}
