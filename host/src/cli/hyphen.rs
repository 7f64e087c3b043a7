//! Values that begin with a hyphen: `-v -x` gives `-x`, unless it is one of the command's own options.
//!
//! clap either takes no such value, or takes the command's own options for values too. So where an option is followed by something with a hyphen that
//! is no option of the command, the two are written as one, `--value=-x`, before clap sees them.

use std::ffi::{OsStr, OsString};

use clap::{Arg, Command};

use crate::config::options::is_root_option;

/// The arguments, with such values attached to their options.
pub(super) fn attach(tree: &Command, arguments: Vec<OsString>) -> Vec<OsString> {
    let mut out = Vec::with_capacity(arguments.len());
    let mut level = tree;
    let mut positionals = 0;
    let mut rest = arguments.into_iter().peekable();
    while let Some(argument) = rest.next() {
        let text = argument.to_string_lossy().into_owned();
        if text == "--" {
            out.push(argument);
            break;
        }
        if !looks_like_option(&text) {
            match level.find_subcommand(&text) {
                Some(below) => level = below,
                // What follows it is an external command's.
                None if level.get_name() == "tw" => {
                    out.push(argument);
                    break;
                }
                None => positionals += 1,
            }
            out.push(argument);
            if is_trailing(level, positionals) {
                break;
            }
            continue;
        }
        let option = level
            .get_arguments()
            .find(|arg| is_exactly(arg, &text) && takes_value(arg));
        let value = option.and_then(|_| rest.next_if(|next| !is_own_option(level, next)));
        match (option, value) {
            (Some(option), Some(value)) if looks_like_option(&value.to_string_lossy()) => {
                out.push(join(option, &argument, &value))
            }
            (_, Some(value)) => out.extend([argument, value]),
            (_, None) => out.push(argument),
        }
    }
    out.extend(rest);
    out
}

fn looks_like_option(text: &str) -> bool {
    text.len() > 1 && text.starts_with('-')
}

fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values()
}

fn is_long(arg: &Arg, word: &str) -> bool {
    arg.get_long_and_visible_aliases()
        .is_some_and(|words| words.contains(&word))
}

fn is_short(arg: &Arg, letter: char) -> bool {
    arg.get_short_and_visible_aliases()
        .is_some_and(|letters| letters.contains(&letter))
}

/// Whether the text is this option and nothing else.
fn is_exactly(arg: &Arg, text: &str) -> bool {
    if let Some(word) = text.strip_prefix("--") {
        return is_long(arg, word);
    }
    let mut letters = text.chars().skip(1);
    matches!((letters.next(), letters.next()), (Some(letter), None) if is_short(arg, letter))
}

/// Whether the text is an option of the command itself, alone or with its value attached; at the root, of the root.
fn is_own_option(level: &Command, text: &OsStr) -> bool {
    let text = text.to_string_lossy();
    if text == "--" {
        return true;
    }
    if !looks_like_option(&text) {
        return false;
    }
    let at_root = level.get_name() == "tw";
    let mut own = level
        .get_arguments()
        .filter(|arg| at_root || !is_root_option(arg.get_id().as_str()));
    if let Some(word) = text.strip_prefix("--") {
        let word = word.split('=').next().unwrap_or(word);
        return word == "help" || own.any(|arg| is_long(arg, word));
    }
    let letter = text.chars().nth(1).unwrap_or('-');
    text == "-h" || own.any(|arg| is_short(arg, letter))
}

/// Whether all that follows this many positionals belongs to the last of them.
fn is_trailing(level: &Command, positionals: usize) -> bool {
    let last = level.get_positionals().enumerate().last();
    positionals > 0
        && last.is_some_and(|(at, arg)| arg.is_trailing_var_arg_set() && positionals > at)
}

fn join(option: &Arg, typed: &OsStr, value: &OsStr) -> OsString {
    let mut joined = match option.get_long() {
        Some(word) => OsString::from(format!("--{word}")),
        None => typed.to_owned(),
    };
    joined.push("=");
    joined.push(value);
    joined
}

#[cfg(test)]
mod tests {
    use clap::ArgAction;

    use super::*;

    fn attached(line: &str) -> String {
        let add = Command::new("add")
            .arg(
                Arg::new("name")
                    .short('n')
                    .long("name")
                    .action(ArgAction::Set),
            )
            .arg(
                Arg::new("value")
                    .short('v')
                    .long("value")
                    .action(ArgAction::Set),
            )
            .arg(
                Arg::new("overwrite")
                    .long("overwrite")
                    .action(ArgAction::SetTrue),
            );
        let exec = Command::new("exec").arg(
            Arg::new("rest")
                .num_args(1..)
                .trailing_var_arg(true)
                .allow_hyphen_values(true),
        );
        let tree = crate::config::options::add_to_root(Command::new("tw")).subcommands([add, exec]);
        let arguments = line.split(' ').map(OsString::from).collect();
        let out = attach(&tree, arguments);
        out.iter()
            .map(|part| part.to_string_lossy().into_owned())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn a_value_may_look_like_an_option() {
        assert_eq!(attached("add -n A -v -x"), "add -n A --value=-x");
        assert_eq!(
            attached("add --value --secret -n A"),
            "add --value=--secret -n A"
        );
        assert_eq!(attached("-t -abc add -n A"), "--access-token=-abc add -n A");
    }

    #[test]
    fn but_not_one_of_the_commands_own() {
        assert_eq!(attached("add -v --overwrite"), "add -v --overwrite");
        assert_eq!(attached("add -v -nA"), "add -v -nA");
        assert_eq!(attached("add -v --name=A"), "add -v --name=A");
        assert_eq!(attached("add -v --help"), "add -v --help");
    }

    #[test]
    fn a_value_is_never_taken_for_an_option() {
        assert_eq!(attached("add -n -- -v -x"), "add -n -- -v -x");
        assert_eq!(attached("add -n --name -v -x"), "add -n --name --value=-x");
        assert_eq!(attached("add -v - -n A"), "add -v - -n A");
        assert_eq!(attached("add -v=-x"), "add -v=-x");
    }

    #[test]
    fn trailing_values_are_left_alone() {
        assert_eq!(attached("exec ls -v -x"), "exec ls -v -x");
    }
}
