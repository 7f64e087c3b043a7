//! Words of the command line and variables that are not UTF-8. clap refuses them without saying which one it means.

use std::ffi::{OsStr, OsString};

use clap::{Arg, Command, error::ErrorKind};

use super::line::{has_long, has_short, looks_like_option, takes_value, wants_next};

/// Returns clap's error about a text that is not UTF-8 with the name of the option, the variable or the argument. Other errors are unchanged. The text
/// itself may be a secret, so it is not shown.
pub(super) fn name_culprit(
    error: clap::Error,
    tree: &mut Command,
    arguments: &[OsString],
) -> clap::Error {
    if error.kind() != ErrorKind::InvalidUtf8 {
        return error;
    }
    let mut level = tree;
    let mut words = arguments.iter().enumerate().peekable();
    while let Some((at, word)) = words.next() {
        let Some(text) = word.to_str() else {
            let what = match find_option(level, word) {
                Some(option) => format!("the value of '{option}'"),
                None => format!("argument {} of the command line", at + 1),
            };
            return refuse(level, &what);
        };
        if looks_like_option(word) {
            let option = find_option(level, word).filter(|_| wants_next(level, text));
            if let (Some(option), Some((_, value))) = (option, words.peek()) {
                if value.to_str().is_none() {
                    return refuse(level, &format!("the value of '{option}'"));
                }
                words.next();
            }
        } else if level.find_subcommand(text).is_some() {
            // The subcommand is searched twice, because the borrow of the first result would last into the next round.
            let Some(below) = level.find_subcommand_mut(text) else {
                return error;
            };
            level = below;
        }
    }
    let is_culprit =
        |name: &OsString| std::env::var_os(name).is_some_and(|value| value.to_str().is_none());
    let variables = level.get_arguments().filter_map(Arg::get_env);
    let variables: Vec<OsString> = variables.map(OsStr::to_owned).collect();
    let culprit = variables.into_iter().find(is_culprit);
    match culprit {
        Some(name) => {
            let name = name.to_string_lossy();
            refuse(level, &format!("the environment variable {name}"))
        }
        None => error,
    }
}

fn refuse(level: &mut Command, what: &str) -> clap::Error {
    level.error(ErrorKind::InvalidUtf8, format!("{what} is not UTF-8"))
}

/// Finds the option that takes a value in a word: `--name`, `--name=VALUE`, `-n`, `-nVALUE`, or `-vn` with a flag before it. `None` if the word has none.
fn find_option(level: &Command, word: &OsStr) -> Option<String> {
    let text = word.to_string_lossy();
    let mut arguments = level.get_arguments();
    let option = match text.strip_prefix("--") {
        Some(long) => {
            let name = long.split_once('=').map_or(long, |(name, _)| name);
            arguments.find(|arg| has_long(arg, name))
        }
        None => {
            let letters = text.strip_prefix('-')?.chars();
            let mut options = letters.map_while(|letter| {
                let mut arguments = level.get_arguments();
                arguments.find(|arg| has_short(arg, letter))
            });
            options.find(|arg| takes_value(arg))
        }
    };
    option
        .filter(|arg| arg.get_action().takes_values())
        .map(ToString::to_string)
}
