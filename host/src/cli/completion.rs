//! Shell completion. The shell asks `tw` each time, so completion offers the commands of the plugins that are installed at that moment.
//!
//! Values that a plugin completes come from a child process, because a plugin may crash, hang, or print while the line editor is on the screen.

use std::{
    ffi::{OsStr, OsString},
    io::Read,
    process::Stdio,
    sync::mpsc,
    time::Duration,
};

use clap::{Arg, ArgMatches, Command};
use clap_complete::{
    CompletionCandidate,
    engine::ArgValueCompleter,
    env::{CompleteEnv, Shells},
};
use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{Candidate, ValueKind};
use tw_render::text::visible;

use super::candidates;
use crate::{
    error::{Error, exit},
    files::MAX_TEXT,
    process::{TOKEN, secret, start, variable},
    stdio,
};

/// The variable that the shell sets when it asks.
const VARIABLE: &str = "COMPLETE";

/// The variable in which bash, zsh and elvish pass the number of the word at the cursor. Other shells pass only the words up to the cursor.
const INDEX_VARIABLE: &str = "_CLAP_COMPLETE_INDEX";

/// Time limit for a plugin to complete a value, because the user waits.
const DEADLINE: Duration = Duration::from_millis(800);

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

/// True if the values of an argument can be completed only while the user types: by its plugin, or because they are workspaces.
pub(super) fn completes(argument: &protocol::Arg) -> bool {
    argument.completes || argument.value == ValueKind::Workspace
}

/// Returns what completes the values of the argument of this name.
pub(super) fn completer(argument: &str) -> ArgValueCompleter {
    let argument = argument.to_owned();
    ArgValueCompleter::new(move |word: &OsStr| {
        let found = find_candidates(&argument, word).unwrap_or_default();
        let of = |candidate: Candidate| {
            let help = visible(&candidate.help).into_owned();
            let help = Some(help).filter(|help| !help.is_empty());
            CompletionCandidate::new(candidate.value).help(help.map(Into::into))
        };
        found.into_iter().map(of).collect::<Vec<_>>()
    })
}

/// Asks a child process for the values that begin with a word. `None` if that fails or takes too long.
fn find_candidates(argument: &str, word: &OsStr) -> Option<Vec<Candidate>> {
    let word = word.to_str()?;
    let mut command = std::process::Command::new(std::env::current_exe().ok()?);
    command
        .args([candidates::ARGUMENT, argument, word])
        .args(words_before_cursor())
        .env_remove(VARIABLE)
        // The child takes it out of its environment before it maps the plugin.
        .envs(secret(TOKEN).map(|token| (TOKEN, token)))
        .stdin(stdio::empty().ok()?)
        .stdout(Stdio::piped())
        .stderr(stdio::sink().ok()?);
    let mut child = start(&mut command).ok()?;
    let stdout = child.stdout.take()?;
    let (sender, receiver) = mpsc::channel();
    let reader = std::thread::Builder::new().spawn(move || {
        let mut answer = Vec::new();
        let read = stdout.take(MAX_TEXT).read_to_end(&mut answer);
        // The receiver has gone if the deadline has passed.
        let _ = sender.send(read.map(|_| answer));
    });
    reader.ok()?;
    // After the deadline the child goes on, so that the next Tab finds what it remembers.
    let answer = receiver.recv_timeout(DEADLINE);
    let candidates: Vec<Candidate> = serde_json::from_slice(&answer.ok()?.ok()?).ok()?;
    let is_offered = |candidate: &Candidate| {
        let value = &candidate.value;
        // The command line would take `-x` as an option, and zsh takes `=x` as a command.
        let is_safe = !word.is_empty() || !value.starts_with(['-', '=']);
        value.starts_with(word) && is_safe && is_plain(value)
    };
    Some(candidates.into_iter().filter(is_offered).collect())
}

/// True if a shell takes a text literally. Shells insert a value into the command line without quotes, and the next Enter would run what is in it.
fn is_plain(value: &str) -> bool {
    let is_plain =
        |character: char| character.is_alphanumeric() || "-_./:@%+,=".contains(character);
    !value.is_empty() && value.chars().all(is_plain)
}

/// Returns the words of the command line between `tw` and the cursor. The shell passes the command line after `--`.
fn words_before_cursor() -> Vec<OsString> {
    let words = std::env::args_os().skip_while(|word| word != "--").skip(1);
    let words: Vec<OsString> = words.collect();
    let index = variable(INDEX_VARIABLE).and_then(|index| index.to_str()?.parse().ok());
    let index = index.unwrap_or(words.len().saturating_sub(1));
    let before = words.into_iter().take(index);
    before.skip(1).collect()
}
