//! The words of a command line and what each is, as far as that can be told of a line that is wrong.

use std::ffi::OsString;

use clap::Command;

use super::{is_called, name_of};
use crate::cli::line::{looks_like_option, takes_value, wants_next};

/// The kind of a word.
#[derive(Debug, PartialEq)]
pub(super) enum Role {
    /// The name of a command.
    Command,
    Option,
    /// The value of the option of this name.
    ValueOf(String),
    /// Any other word.
    Value,
}

/// A word of the command line.
pub(super) struct Step<'a> {
    pub(super) word: &'a str,
    pub(super) role: Role,
    /// The command at which the word stands.
    pub(super) level: &'a Command,
    /// The number of commands above that command.
    pub(super) depth: usize,
}

/// The words up to `--`, and the command that they lead to.
pub(super) struct Walk<'a> {
    pub(super) steps: Vec<Step<'a>>,
    pub(super) end: &'a Command,
    /// The commands from `tw` down to the end.
    levels: Vec<&'a Command>,
}

impl<'a> Walk<'a> {
    /// Walks along the words. A word that is no command where it stands doesn't end the walk: the commands after it count too.
    pub(super) fn along(tree: &'a Command, words: &'a [OsString]) -> Self {
        let words = words.iter().take_while(|word| *word != "--");
        let mut words = words.filter_map(|word| word.to_str()).peekable();
        let mut levels = vec![tree];
        let mut steps = Vec::new();
        while let Some(word) = words.next() {
            let level = levels[levels.len() - 1];
            let depth = levels.len() - 1;
            let step = |word, role| Step {
                word,
                role,
                level,
                depth,
            };
            if looks_like_option(word.as_ref()) {
                steps.push(step(word, Role::Option));
                if wants_next(level, word)
                    && let Some(value) = words.next()
                {
                    steps.push(step(value, Role::ValueOf(option_name(level, word))));
                }
            } else if let Some(below) = level.find_subcommand(word) {
                steps.push(step(word, Role::Command));
                // `help secrets` is about `secrets`.
                if below.get_name() != "help" {
                    levels.push(below);
                }
            } else {
                steps.push(step(word, Role::Value));
            }
        }
        let end = levels[levels.len() - 1];
        Self { steps, end, levels }
    }

    /// Returns the word that is no command, no option and no value of an option. `None` if the line has no such word.
    pub(super) fn find_value(&self, word: &str) -> Option<&Step<'a>> {
        let mut steps = self.steps.iter();
        steps.find(|step| step.role == Role::Value && step.word == word)
    }

    /// Returns the words after this one.
    pub(super) fn after(&self, step: &Step<'a>) -> impl Iterator<Item = &Step<'a>> {
        let at = self.position(step);
        self.steps
            .iter()
            .skip(at.map_or(self.steps.len(), |at| at + 1))
    }

    /// Returns the word before this one.
    pub(super) fn before(&self, step: &Step<'a>) -> Option<&Step<'a>> {
        self.steps.get(self.position(step)?.checked_sub(1)?)
    }

    fn position(&self, step: &Step<'a>) -> Option<usize> {
        let mut steps = self.steps.iter();
        steps.position(|other| std::ptr::eq(other, step))
    }

    /// True if the command at the end has an option of this name.
    pub(super) fn has(&self, long: &str) -> bool {
        let mut options = self.end.get_arguments();
        options.any(|arg| arg.get_long() == Some(long))
    }

    /// True if the line is `tw help WORDS`.
    pub(super) fn asks_for_help(&self) -> bool {
        let mut commands = self.steps.iter().filter(|step| step.role == Role::Command);
        commands.next().is_some_and(|step| step.word == "help")
    }

    /// Returns the names of the commands from `tw` to the end.
    pub(super) fn path(&self) -> Vec<&'a str> {
        self.levels.iter().map(|level| level.get_name()).collect()
    }

    /// Returns the names of the commands from `tw` to the one at which the word stands.
    pub(super) fn path_to(&self, step: &Step<'_>) -> Vec<&'a str> {
        self.path().into_iter().take(step.depth + 1).collect()
    }

    /// True if the line leads to a command below the one at which the word stands.
    pub(super) fn end_is_below(&self, step: &Step<'_>) -> bool {
        self.levels.len() > step.depth + 1
    }
}

/// Returns the name of the option that a word contains, as it was typed.
fn option_name(level: &Command, word: &str) -> String {
    let mut options = level.get_arguments().filter(|arg| takes_value(arg));
    match options.find(|arg| is_called(arg, word)) {
        Some(_) if word.starts_with("--") => word.to_owned(),
        Some(option) => name_of(option),
        None => word.to_owned(),
    }
}
