//! The built-in commands.

use clap::{ArgMatches, Command};

use super::{
    alias, candidates, completion, config, doctor, generate, help, hints::Given, info, line::Line,
    login, plugin, profile, results, token,
};
use crate::{
    config::{Settings, options},
    error::Error,
    plugin::Catalog,
    process,
};

/// The names that no command of a plugin can have: those of the built-in commands, and `help`, which clap adds.
pub(super) const NAMES: &[&str] = &{
    let mut names = ["help"; BuiltIn::ALL.len() + 1];
    let mut at = 0;
    while at < BuiltIn::ALL.len() {
        names[at] = BuiltIn::ALL[at].name();
        at += 1;
    }
    names
};

/// A built-in command.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum BuiltIn {
    Info,
    Doctor,
    Login,
    Logout,
    Whoami,
    Token,
    Profile,
    Config,
    Alias,
    Plugin,
    Completion,
    /// The command of the existing CLI that prints the script for bash.
    GenerateCompletion,
    Generate,
}

impl BuiltIn {
    pub(super) const ALL: [Self; 13] = [
        Self::Info,
        Self::Doctor,
        Self::Login,
        Self::Logout,
        Self::Whoami,
        Self::Token,
        Self::Profile,
        Self::Config,
        Self::Alias,
        Self::Plugin,
        Self::Completion,
        Self::GenerateCompletion,
        Self::Generate,
    ];

    /// Returns the built-in command of this name. `None` for any other name, and for `help`, which clap adds.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|command| command.name() == name)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Doctor => "doctor",
            Self::Login => "login",
            Self::Logout => "logout",
            Self::Whoami => "whoami",
            Self::Token => "token",
            Self::Plugin => "plugin",
            Self::Profile => "profile",
            Self::Config => "config",
            Self::Alias => "alias",
            Self::Completion => "completion",
            Self::GenerateCompletion => "generate-completion",
            Self::Generate => "generate",
        }
    }

    /// Returns the clap command. It is complete if the line names the command; otherwise it has only a name and a line of help.
    pub(super) fn command(self, line: &Line) -> Command {
        let stub = |about| Command::new(self.name()).about(about);
        let command = match (self, line.names(self.name())) {
            (Self::Info, true) => info::command(),
            (Self::Info, false) => stub(info::ABOUT),
            (Self::Doctor, true) => doctor::command(),
            (Self::Doctor, false) => stub(doctor::ABOUT),
            (Self::Login, true) => login::command(),
            (Self::Login, false) => stub(login::ABOUT),
            (Self::Logout, true) => login::logout_command(),
            (Self::Logout, false) => stub(login::ABOUT_LOGOUT),
            (Self::Whoami, true) => login::whoami_command(),
            (Self::Whoami, false) => stub(login::ABOUT_WHOAMI),
            (Self::Token, true) => token::command(line),
            (Self::Token, false) => stub(token::ABOUT),
            (Self::Plugin, true) => plugin::command(line),
            (Self::Plugin, false) => stub(plugin::ABOUT),
            (Self::Profile, true) => profile::command(line),
            (Self::Profile, false) => stub(profile::ABOUT),
            (Self::Config, true) => config::command(line),
            (Self::Config, false) => stub(config::ABOUT),
            (Self::Alias, true) => alias::command(line),
            (Self::Alias, false) => stub(alias::ABOUT),
            (Self::Completion, true) => {
                let command = completion::command().mut_subcommands(options::add_to_command);
                help::hide_result_options(options::add_to_command(command))
            }
            (Self::Completion, false) => completion::command(),
            (Self::GenerateCompletion, _) => options::add_to_command(generate_completion()),
            (Self::Generate, _) => help::hide_result_options(generate::command()),
        };
        match line.names(self.name()) {
            true => help::add_sections_to_all(command),
            false => command,
        }
    }

    /// Reads the settings that the command needs.
    fn settings(self, levels: &[&ArgMatches]) -> Result<Settings, Error> {
        match self {
            Self::Info | Self::Login | Self::Whoami | Self::Token | Self::Alias | Self::Plugin => {
                Settings::read(levels)
            }
            Self::Logout => login::logout_settings(levels),
            Self::Doctor | Self::Profile | Self::Config => Settings::read_leniently(levels),
            Self::Completion | Self::GenerateCompletion | Self::Generate => {
                Settings::read_without_files(levels)
            }
        }
    }

    /// Runs the command and returns the exit code. `levels` are the matches of `tw`, of the command, and so on down.
    pub(super) fn run(self, catalog: &Catalog, levels: &[&ArgMatches]) -> Result<u8, Error> {
        let settings = self.settings(levels)?;
        if settings.shown.jq.is_some() {
            results::check(&settings, process::binary().map_err(Error::system)?)?;
        }
        let matches = levels[1];
        let hints = Given::new(self.name(), &[], levels, &settings);
        let improve = |error| hints.improve(error);
        match self {
            Self::Info => info::run(settings, &hints).map_err(improve),
            Self::Doctor => doctor::run(catalog, levels, settings, &hints),
            Self::Login => login::run(matches, settings).map_err(improve),
            Self::Logout => {
                candidates::forget();
                login::logout(matches, &settings).map_err(improve)
            }
            Self::Whoami => login::whoami(settings).map_err(improve),
            Self::Token => token::run(matches, settings, &hints).map_err(improve),
            Self::Plugin => plugin::run(catalog, matches, &settings),
            Self::Profile => profile::run(matches, &settings),
            Self::Config => config::run(catalog, levels, &settings),
            Self::Alias => alias::run(catalog, matches, &settings),
            Self::Completion | Self::GenerateCompletion => completion::run(matches, &settings),
            Self::Generate => generate::run(catalog, matches),
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
