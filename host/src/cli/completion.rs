//! Shell completion. The shell asks `tw` each time, so completion offers the commands of the plugins that are installed at that moment.

use std::ffi::OsString;

use clap::{Arg, ArgMatches, Command};
use clap_complete::env::{CompleteEnv, Shells};

use crate::{
    error::{Error, exit},
    process::variable,
    stdio,
};

/// The variable that the shell sets when it asks.
const VARIABLE: &str = "COMPLETE";

/// True if a shell asks for completions.
pub(super) fn is_requested() -> bool {
    variable(VARIABLE).is_some()
}

/// Answers the shell and returns the exit code. `tree` builds the commands for the words that were typed.
pub(super) fn answer(tree: impl Fn() -> Command) -> u8 {
    let words: Vec<OsString> = std::env::args_os().collect();
    let here = std::env::current_dir().ok();
    match CompleteEnv::with_factory(tree)
        .var(VARIABLE)
        .try_complete(words, here.as_deref())
    {
        Ok(_) => exit::SUCCESS,
        // The shell's line editor is on the screen, and a message would disturb it.
        Err(_) => exit::FAILURE,
    }
}

/// Returns the command `tw completion SHELL`.
pub(super) fn command() -> Command {
    let shells: Vec<&'static str> = Shells::builtins().names().collect();
    Command::new("completion")
        .about("Print the line that makes a shell complete tw's commands")
        .after_help("Examples:\n  source <(tw completion bash)                             in ~/.bashrc\n  tw completion fish > ~/.config/fish/completions/tw.fish   once")
        .arg(Arg::new("shell").value_name("SHELL").required(true).value_parser(shells).help("The shell"))
}

/// Prints the script that registers `tw` with a shell.
pub(super) fn register(matches: &ArgMatches) -> Result<u8, Error> {
    let shells = Shells::builtins();
    let shell = matches
        .get_one::<String>("shell")
        .and_then(|name| shells.completer(name));
    let mut script = Vec::new();
    if let Some(shell) = shell {
        shell
            .write_registration(VARIABLE, "tw", "tw", "tw", &mut script)
            .map_err(Error::output)?;
    }
    stdio::print(&String::from_utf8_lossy(&script)).map_err(Error::output)?;
    Ok(exit::SUCCESS)
}
