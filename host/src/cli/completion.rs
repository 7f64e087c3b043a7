//! Completion: the shell asks `tw` itself, so what it offers is what there is, whichever plugins come and go.

use std::ffi::OsString;

use clap::{Arg, ArgMatches, Command};
use clap_complete::env::{CompleteEnv, Shells};

use crate::error::Error;

/// Set by the shell when it asks.
const VARIABLE: &str = "COMPLETE";

/// Whether a shell asks.
pub(super) fn requested() -> bool {
    crate::process::variable(VARIABLE).is_some()
}

/// Answers the shell, by the tree for the words that were typed.
pub(super) fn answer(tree: impl Fn(&[OsString]) -> Command) -> u8 {
    let words: Vec<OsString> = std::env::args_os().collect();
    let here = std::env::current_dir().ok();
    match CompleteEnv::with_factory(|| tree(&words))
        .var(VARIABLE)
        .try_complete(words.clone(), here.as_deref())
    {
        Ok(_) => 0,
        // The shell shows its own line editor; a message would be in its way.
        Err(_) => 1,
    }
}

/// `tw completion SHELL`.
pub(super) fn command() -> Command {
    let shells: Vec<&'static str> = Shells::builtins().names().collect();
    Command::new("completion")
        .about("Print the line that makes a shell complete tw's commands")
        .after_help("Examples:\n  source <(tw completion bash)                             in ~/.bashrc\n  tw completion fish > ~/.config/fish/completions/tw.fish   once")
        .arg(Arg::new("shell").value_name("SHELL").required(true).value_parser(shells).help("The shell"))
}

/// Prints the registration for a shell.
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
    crate::stdio::print(&String::from_utf8_lossy(&script)).map_err(Error::output)?;
    Ok(0)
}
