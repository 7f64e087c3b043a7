//! The arguments of the process, and where the command stands among them.

use std::ffi::{OsStr, OsString};

use clap::{Arg, Command};

use crate::{
    config::options,
    process::{self, ColorChoice},
};

/// The arguments of the process.
pub(super) struct Line {
    pub(super) program: OsString,
    pub(super) arguments: Vec<OsString>,
    /// The index of the command's name in `arguments`; `None` if there are only options.
    command: Option<usize>,
}

impl Line {
    /// Reads the arguments of this process.
    pub(super) fn of_process() -> Self {
        let mut arguments = std::env::args_os();
        let program = arguments.next().unwrap_or_else(|| OsString::from("tw"));
        Self::new(program, arguments.collect())
    }

    pub(super) fn new(program: OsString, arguments: Vec<OsString>) -> Self {
        Self {
            command: position_of_command(&arguments),
            program,
            arguments,
        }
    }

    /// Overwrites the values of the access token option in the arguments of the process, which every user can read. The line keeps them.
    pub(super) fn hide_tokens(&self) {
        for token in tokens(&self.arguments) {
            process::hide_argument(&token);
        }
    }

    /// Returns the value of `--color`. `None` if it isn't typed, or has another value. Only the look of the output depends on it, so nothing else is decided
    /// before the line is parsed.
    pub(super) fn color(&self) -> Option<ColorChoice> {
        let words = self.arguments.iter().map(|word| word.to_str());
        let words: Vec<Option<&str>> = words.take_while(|word| *word != Some("--")).collect();
        let named = |at: usize| match words[at]? {
            "--color" => ColorChoice::named((*words.get(at + 1)?)?),
            word => ColorChoice::named(word.strip_prefix("--color=")?),
        };
        (0..words.len()).rev().find_map(named)
    }

    /// Returns the command's name. `None` if the line has only options, or if the name is not UTF-8.
    pub(super) fn command(&self) -> Option<&str> {
        self.arguments[self.command?].to_str()
    }

    /// Returns the arguments before the command's name: root options and their values.
    pub(super) fn before_command(&self) -> &[OsString] {
        &self.arguments[..self.command.unwrap_or(self.arguments.len())]
    }

    /// Returns the arguments after the command's name.
    pub(super) fn after_command(&self) -> &[OsString] {
        self.command
            .map_or(&[], |command| &self.arguments[command + 1..])
    }

    /// True if this word is one of the arguments.
    pub(super) fn names(&self, word: &str) -> bool {
        self.arguments.iter().any(|argument| argument == word)
    }
}

/// Returns the texts that can be the value of the access token option: `-t X`, `-tX`, `-vtX`, `--access-token X`, `--access-token=X`. A letter `t` may belong to
/// another option, but hiding too much does no harm.
fn tokens(arguments: &[OsString]) -> Vec<String> {
    let mut found = Vec::new();
    let mut words = arguments.iter().map(|word| word.to_string_lossy());
    while let Some(word) = words.next() {
        let attached = match word.strip_prefix("--") {
            Some("access-token") => Some(""),
            Some(long) => long.strip_prefix("access-token="),
            None => word
                .strip_prefix('-')
                .and_then(|letters| letters.split_once('t'))
                .map(|(_, value)| value),
        };
        let value = match attached {
            Some("") => words.next(),
            Some(value) => Some(value.strip_prefix('=').unwrap_or(value).to_owned().into()),
            None => None,
        };
        let value = value.map(|value| value.into_owned());
        found.extend(value.filter(|value| !value.is_empty()));
    }
    found
}

/// Finds the first argument that is neither a root option nor its value. `None` if there is none.
fn position_of_command(arguments: &[OsString]) -> Option<usize> {
    // Most lines begin with the command's name, so the root options don't have to be built.
    if !looks_like_option(arguments.first()?) {
        return Some(0);
    }
    let root = options::add_to_root(Command::new("tw"));
    let mut at = 0;
    while let Some(argument) = arguments.get(at) {
        if argument == "--" {
            return None;
        }
        if !looks_like_option(argument) {
            return Some(at);
        }
        at += 1 + usize::from(wants_next(&root, &argument.to_string_lossy()));
    }
    None
}

/// True if the value of this option is the next argument: `--output json`, `-o json`, `-vo json`.
pub(super) fn wants_next(level: &Command, text: &str) -> bool {
    if let Some(word) = text.strip_prefix("--") {
        let mut arguments = level.get_arguments();
        return arguments.any(|arg| has_long(arg, word) && takes_value(arg));
    }
    let mut letters = text.chars().skip(1);
    let taker = letters.find(|letter| {
        let mut arguments = level.get_arguments();
        arguments.any(|arg| has_short(arg, *letter) && takes_value(arg))
    });
    // Any letters after the option are its value.
    taker.is_some() && letters.next().is_none()
}

pub(super) fn looks_like_option(text: &OsStr) -> bool {
    let bytes = text.as_encoded_bytes();
    bytes.len() > 1 && bytes[0] == b'-'
}

/// True if the next argument can be the value of this option.
pub(super) fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values() && !arg.is_require_equals_set()
}

pub(super) fn has_long(arg: &Arg, word: &str) -> bool {
    arg.get_long_and_visible_aliases()
        .is_some_and(|words| words.contains(&word))
}

pub(super) fn has_short(arg: &Arg, letter: char) -> bool {
    arg.get_short_and_visible_aliases()
        .is_some_and(|letters| letters.contains(&letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command_of(line: &str) -> Option<String> {
        let arguments = line.split_whitespace().map(OsString::from).collect();
        let line = Line::new(OsString::from("tw"), arguments);
        line.command().map(str::to_owned)
    }

    #[test]
    fn the_command_is_the_first_word_that_is_no_option_and_no_value() {
        for line in [
            "secrets list",
            "-v secrets",
            "-o json secrets",
            "-ojson secrets",
            "-vo json secrets",
            "--output json --verbose secrets",
            "--output=json secrets",
            "-vv secrets",
            "--verbose=2 secrets",
            "-vvo json secrets",
            "-t -abc secrets",
            "--unknown secrets",
        ] {
            assert_eq!(command_of(line).as_deref(), Some("secrets"), "{line}");
        }
    }

    #[test]
    fn every_form_of_a_token_is_found() {
        for (line, expected) in [
            ("-t X list", "X"),
            ("list -tX", "X"),
            ("-t=X list", "X"),
            ("-vtX list", "X"),
            ("-vt X list", "X"),
            ("--access-token X list", "X"),
            ("list --access-token=X", "X"),
            ("list -t", ""),
            ("--timeout 5 -v list --token-stdin", ""),
        ] {
            let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            assert_eq!(tokens(&arguments).join(" "), expected, "{line}");
        }
    }

    #[test]
    fn a_line_of_options_has_no_command() {
        for line in ["", "-v", "-o secrets", "--output secrets", "-- secrets"] {
            assert_eq!(command_of(line), None, "{line}");
        }
    }
}
