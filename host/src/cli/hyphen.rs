//! Values that begin with a hyphen: `-v -x` gives `-x`, unless `-x` is one of the command's own options.
//!
//! clap either refuses all such values, or accepts even the command's own options as values. So before clap sees the arguments, an option and a
//! value with a hyphen become one argument: `--value=-x`.

use std::ffi::{OsStr, OsString};

use clap::{Arg, Command};

use super::line::{has_long, has_short, looks_like_option, takes_value};
use crate::config::options::is_root_option;

/// Returns the arguments with values that begin with a hyphen attached to their options.
pub(super) fn attach(tree: &Command, arguments: &[OsString]) -> Vec<OsString> {
    let mut out = Vec::with_capacity(arguments.len());
    let mut level = Level {
        command: tree,
        is_root: true,
    };
    let mut positionals = 0;
    let mut rest = arguments.iter().cloned().peekable();
    while let Some(argument) = rest.next() {
        if argument == "--" {
            out.push(argument);
            break;
        }
        if !looks_like_option(&argument) {
            match level.command.find_subcommand(&argument) {
                Some(below) => {
                    level = Level {
                        command: below,
                        is_root: false,
                    }
                }
                // No command has this name, so the options that follow are unknown.
                None if level.is_root => {
                    out.push(argument);
                    break;
                }
                None => positionals += 1,
            }
            out.push(argument);
            if level.is_in_trailing(positionals) {
                break;
            }
            continue;
        }
        let option = level.option(&argument.to_string_lossy());
        let value = option.and_then(|_| rest.next_if(|next| !level.has_own_option(next)));
        match (option, value) {
            (Some(option), Some(value)) if looks_like_option(&value) => {
                out.push(join(option, &argument, &value))
            }
            (_, Some(value)) => out.extend([argument, value]),
            (_, None) => out.push(argument),
        }
    }
    out.extend(rest);
    out
}

/// True if the command line takes a text as the value of the option that the arguments end with.
pub(super) fn is_value(tree: &Command, arguments: &[OsString], text: &OsStr) -> bool {
    let whole = [arguments, &[text.to_owned()]].concat();
    attach(tree, &whole).len() == attach(tree, arguments).len()
}

/// A level of the command line: `tw`, or a command below it.
struct Level<'a> {
    command: &'a Command,
    is_root: bool,
}

impl<'a> Level<'a> {
    /// Finds the option that is exactly this text and takes a value. `None` if there is no such option.
    fn option(&self, text: &str) -> Option<&'a Arg> {
        let is_exactly = |arg: &&Arg| {
            if let Some(word) = text.strip_prefix("--") {
                return has_long(arg, word);
            }
            let mut letters = text.chars().skip(1);
            matches!((letters.next(), letters.next()), (Some(letter), None) if has_short(arg, letter))
        };
        let mut options = self.command.get_arguments().filter(|arg| takes_value(arg));
        options.find(is_exactly)
    }

    /// True if the text is an option of the command itself, alone or with its value attached. Root options count only at the root.
    fn has_own_option(&self, text: &OsStr) -> bool {
        if text == "--" {
            return true;
        }
        if !looks_like_option(text) {
            return false;
        }
        let text = text.to_string_lossy();
        let mut own = self
            .command
            .get_arguments()
            .filter(|arg| self.is_root || !is_root_option(arg.get_id().as_str()));
        if let Some(word) = text.strip_prefix("--") {
            let word = word.split('=').next().unwrap_or(word);
            return word == "help" || own.any(|arg| has_long(arg, word));
        }
        let letter = text.chars().nth(1).unwrap_or('-');
        text == "-h" || own.any(|arg| has_short(arg, letter))
    }

    /// True if everything after this many positionals belongs to the last positional.
    fn is_in_trailing(&self, positionals: usize) -> bool {
        let last = self.command.get_positionals().enumerate().last();
        positionals > 0
            && last.is_some_and(|(at, arg)| arg.is_trailing_var_arg_set() && positionals > at)
    }
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

    fn attach_in(line: &str) -> String {
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
        let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let out = attach(&tree, &arguments);
        out.iter()
            .map(|part| part.to_string_lossy().into_owned())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn a_command_named_like_the_binary_keeps_values_that_look_like_options() {
        let command = Command::new("tw")
            .arg(Arg::new("word"))
            .arg(Arg::new("value").short('v').action(ArgAction::Set));
        let tree = Command::new("tw").subcommand(command);
        let arguments = ["tw", "hello", "-v", "-x"].map(OsString::from);
        assert_eq!(attach(&tree, &arguments), ["tw", "hello", "-v=-x"]);
    }

    #[test]
    fn a_value_may_look_like_an_option() {
        assert_eq!(attach_in("add -n A -v -x"), "add -n A --value=-x");
        assert_eq!(
            attach_in("add --value --secret -n A"),
            "add --value=--secret -n A"
        );
        assert_eq!(
            attach_in("-t -abc add -n A"),
            "--access-token=-abc add -n A"
        );
    }

    #[test]
    fn an_option_of_the_command_is_no_value() {
        assert_eq!(attach_in("add -v --overwrite"), "add -v --overwrite");
        assert_eq!(attach_in("add -v -nA"), "add -v -nA");
        assert_eq!(attach_in("add -v --name=A"), "add -v --name=A");
        assert_eq!(attach_in("add -v --help"), "add -v --help");
    }

    #[test]
    fn a_value_is_never_taken_for_an_option() {
        assert_eq!(attach_in("add -n -- -v -x"), "add -n -- -v -x");
        assert_eq!(attach_in("add -n --name -v -x"), "add -n --name --value=-x");
        assert_eq!(attach_in("add -v - -n A"), "add -v - -n A");
        assert_eq!(attach_in("add -v=-x"), "add -v=-x");
    }

    #[test]
    fn trailing_values_are_left_alone() {
        assert_eq!(attach_in("exec ls -v -x"), "exec ls -v -x");
    }
}
