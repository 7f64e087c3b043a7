//! The built-in commands: `tw plugin` and `tw completion`.

use clap::{ArgMatches, Command};

use super::{completion, line::Line, plugin};
use crate::{
    config::{Settings, options},
    error::Error,
    plugin::Catalog,
};

/// The names that no command of a plugin can have.
pub(super) const NAMES: &[&str] = &["plugin", "completion", "generate-completion", "help"];

/// A built-in command.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum BuiltIn {
    Plugin,
    Completion,
    /// The command of the existing CLI that prints the script for bash.
    GenerateCompletion,
}

impl BuiltIn {
    pub(super) const ALL: [Self; 3] = [Self::Plugin, Self::Completion, Self::GenerateCompletion];

    /// Returns the built-in command of this name. `None` for any other name, and for `help`, which clap adds.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|command| command.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Plugin => "plugin",
            Self::Completion => "completion",
            Self::GenerateCompletion => "generate-completion",
        }
    }

    /// Returns the clap command. It is complete if the line names the command; otherwise it has only a name and a line of help.
    pub(super) fn command(self, line: &Line) -> Command {
        match (self, line.names(self.name())) {
            (Self::Plugin, true) => plugin::command(line),
            (Self::Plugin, false) => Command::new(self.name()).about(plugin::ABOUT),
            (Self::Completion, true) => options::add_to_command(completion::command()),
            (Self::Completion, false) => completion::command(),
            (Self::GenerateCompletion, _) => options::add_to_command(generate_completion()),
        }
    }

    /// Runs the command and returns the exit code. `matches` are the matches of the command itself, not of `tw`.
    pub(super) fn run(
        self,
        catalog: &Catalog,
        matches: &ArgMatches,
        settings: &Settings,
    ) -> Result<u8, Error> {
        match self {
            Self::Plugin => plugin::run(catalog, matches, settings),
            Self::Completion | Self::GenerateCompletion => completion::run(matches),
        }
    }
}

/// Returns the command that is `tw completion bash` under the name that the existing CLI has for it. Help doesn't list it.
fn generate_completion() -> Command {
    let shell = completion::shell().hide(true).default_value("bash");
    Command::new("generate-completion")
        .about(
            "Print the script that makes bash complete tw's commands, as `tw completion bash` does",
        )
        .hide(true)
        .arg(shell)
}
