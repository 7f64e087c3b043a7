//! Tips for a command line that clap rejects: what the user probably meant, and how to write it.
//!
//! clap suggests names of a similar spelling. Here are the mistakes that it can't know: a word that other programs use, an option before the command
//! that has it, a value without its option, a value without quotes, and commands of the existing CLI. A tip never repeats a word that may be
//! a secret.

mod command;
mod glyph;
mod legacy;
pub(in crate::cli) mod near;
mod option;
mod plain;
mod value;
mod walk;
mod words;

use std::ffi::OsString;

use clap::{
    Arg, Command,
    error::{ContextKind, ContextValue, ErrorKind},
};
use tw_plugin_protocol as protocol;
use tw_render::text::visible;

use self::walk::Walk;
pub(super) use self::words::nouns;
use super::line::{Line, has_long, has_short};

/// A command line that was rejected.
pub(super) struct Scene<'a> {
    pub(super) tree: &'a Command,
    pub(super) line: &'a Line,
    /// The command of a plugin that a word of the line names, with all commands below it. `None` if there is no such command.
    pub(super) group: Option<&'a protocol::Command>,
    /// The arguments of the plugin's command that the line names. Empty if it names no command of a plugin.
    pub(super) args: Vec<&'a protocol::Arg>,
}

/// A tip about the mistake in a command line.
enum Tip {
    /// Sentences that belong together.
    Text(Vec<String>),
    /// A command with a similar name.
    Command(String),
    /// An option with a similar name.
    Option(String),
    /// A similar value.
    Value(String),
}

impl Tip {
    fn text(text: impl Into<String>) -> Self {
        Self::Text(vec![text.into()])
    }

    fn insert_into(self, error: &mut clap::Error) {
        let name = |name: String| ContextValue::String(visible(&name).into_owned());
        match self {
            Self::Text(tips) => {
                let tips = tips.iter().map(|tip| visible(tip).into_owned().into());
                let tips = ContextValue::StyledStrs(tips.collect());
                error.insert(ContextKind::Suggested, tips);
            }
            Self::Command(near) => drop(error.insert(ContextKind::SuggestedSubcommand, name(near))),
            Self::Option(near) => drop(error.insert(ContextKind::SuggestedArg, name(near))),
            Self::Value(near) => drop(error.insert(ContextKind::SuggestedValue, name(near))),
        }
    }
}

/// The places of the tips of an error.
pub(super) const TIPS: [ContextKind; 4] = [
    ContextKind::Suggested,
    ContextKind::SuggestedArg,
    ContextKind::SuggestedSubcommand,
    ContextKind::SuggestedValue,
];

/// Puts a tip in the place of clap's. There is no tip if nothing is known.
pub(super) fn advise(mut error: clap::Error, scene: &Scene<'_>) -> clap::Error {
    if !error.use_stderr() {
        return error;
    }
    // clap's own tips go by spelling alone: they name commands that delete for harmless words, and values that must follow `--`.
    for kind in TIPS {
        error.remove(kind);
    }
    let walk = Walk::along(scene.tree, &scene.line.arguments);
    let tip = find_tip(&error, scene, &walk);
    let mut error = plain::rephrase(error, scene.tree);
    if let Some(tip) = tip {
        tip.insert_into(&mut error);
    }
    error
}

/// Returns the first tip that fits, because of two tips one is wrong. What explains the whole line comes before what explains a word, and a guess by spelling
/// comes last.
fn find_tip(error: &clap::Error, scene: &Scene<'_>, walk: &Walk<'_>) -> Option<Tip> {
    let text = |key| error.get(key).map(ToString::to_string);
    let argument = text(ContextKind::InvalidArg).unwrap_or_default();
    let value = text(ContextKind::InvalidValue);
    let name = text(ContextKind::InvalidSubcommand);
    let word = name.as_ref().or(value.as_ref()).unwrap_or(&argument);
    glyph::advise(walk, word)
        .or_else(|| option::advise_on_swallowed(walk))
        .or_else(|| option::advise_on_hyphen(walk))
        .or_else(|| match (error.kind(), value.as_deref()) {
            (ErrorKind::InvalidSubcommand, _) => command::advise(scene, walk, word),
            (ErrorKind::UnknownArgument, _) if word.starts_with('-') => {
                option::advise(scene, walk, word)
            }
            (ErrorKind::UnknownArgument, _) => value::advise(scene, walk, word),
            (ErrorKind::InvalidValue, Some("")) => value::advise_on_missing(scene, &argument),
            (ErrorKind::InvalidValue | ErrorKind::ValueValidation, Some(value)) => {
                value::advise_on_invalid(error, scene, walk, &argument, value)
            }
            (ErrorKind::MissingRequiredArgument, _) => {
                option::advise_on_key(walk, None).or_else(|| value::advise_on_choices(error, walk))
            }
            _ => None,
        })
}

/// Names the word that an option has taken as its value, for a line that names no command. `None` if no word could be a command.
pub(super) fn note_taken(tree: &Command, line: &Line) -> Option<String> {
    option::note_taken(&Walk::along(tree, &line.arguments))
}

/// Returns the number of words after `help` that name commands. The others can only be arguments of a command, which help doesn't need.
pub(super) fn count_names(tree: &Command, words: &[OsString]) -> usize {
    let walk = Walk::along(tree, words);
    let is_argument = |step: &walk::Step<'_>| {
        step.role != walk::Role::Command && step.depth > 0 && !step.level.has_subcommands()
    };
    let at = walk.steps.iter().position(is_argument);
    at.unwrap_or(words.len())
}

/// True if an argument of a plugin is called so, as it was typed: `--name`, `--name=VALUE`, `-n` or `-nVALUE`.
fn is_named(arg: &protocol::Arg, typed: &str) -> bool {
    match typed.strip_prefix("--") {
        Some(word) => {
            let word = word.split('=').next().unwrap_or(word);
            let mut names = arg.aliases.iter().chain(&arg.long);
            names.any(|name| name == word)
        }
        None => typed.strip_prefix('-').and_then(|word| word.chars().next()) == arg.short,
    }
}

/// True if this text, as it was typed, is the option: `--name`, `--name=VALUE`, `-n` or `-nVALUE`.
fn is_called(arg: &Arg, typed: &str) -> bool {
    match typed.strip_prefix("--") {
        Some(word) => has_long(arg, word.split('=').next().unwrap_or(word)),
        None => {
            let mut letters = typed.strip_prefix('-').unwrap_or_default().chars();
            letters.next().is_some_and(|letter| has_short(arg, letter))
        }
    }
}

/// Returns the shortest form of an option.
fn name_of(arg: &Arg) -> String {
    match arg.get_short() {
        Some(letter) => format!("-{letter}"),
        None => format!("--{}", arg.get_long().unwrap_or_default()),
    }
}
