//! Shell completion. The shell asks `tw` each time, so completion offers the commands of the plugins that are installed at that moment.

pub(super) mod install;
mod shell;
mod values;
mod words;

use std::{ffi::OsString, sync::OnceLock};

use clap::{Arg, ArgMatches, Command, ValueEnum, ValueHint, value_parser};
use clap_complete::{
    CompletionCandidate,
    engine::{ArgValueCandidates, ArgValueCompleter, complete},
};

use self::shell::{Answer, Shell};
use super::{alias, builtin, external, line::Line, tree};
use crate::{
    config::Configuration,
    error::{Error, exit},
    plugin::{Catalog, Need},
    stdio,
};

pub(super) use self::values::{
    completer, completes, indices, installable, installed, keys, linked, plugins,
};

/// The first argument of a process that answers a shell. No command has such a name.
pub(super) const ARGUMENT: &str = "__complete";

/// The words between `tw` and the word at the cursor.
static WORDS: OnceLock<Vec<OsString>> = OnceLock::new();

/// The beginning of a candidate that stands for all files, or for all folders.
const FILES: &str = "\0files";
const FOLDERS: &str = "\0folders";

/// Answers a shell and returns the exit code. `arguments` are those after [`ARGUMENT`]. Any failure is silent, because the shell's line editor is on
/// the screen.
pub(super) fn answer(arguments: impl Iterator<Item = OsString>) -> u8 {
    let arguments: Vec<String> = arguments
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let text = arguments.split_first().and_then(|(shell, arguments)| {
        let shell = Shell::from_str(shell, false).ok()?;
        let (words, current) = shell.read(arguments)?;
        let answer = find(shell, words, &current.word)?;
        Some(shell.write(&answer, &current))
    });
    match text.map(|text| stdio::print(&text)) {
        Some(Ok(())) => exit::SUCCESS,
        _ => exit::FAILURE,
    }
}

/// Finds the candidates for the word at the cursor. `words` are those before it.
fn find(shell: Shell, words: Vec<String>, word: &str) -> Option<Answer> {
    let before: Vec<OsString> = words.into_iter().skip(1).map(OsString::from).collect();
    let before = Line::new(OsString::from("tw"), before);
    let catalog = Catalog::open(builtin::NAMES, Need::All).ok()?;
    let before = expand_alias(&catalog, before);
    let command = before.command().map(str::to_owned);
    let mut all = WORDS.get_or_init(|| before.arguments).clone();
    all.push(OsString::from(word));
    let line = Line::new(OsString::from("tw"), all.clone());
    line.hide_tokens();
    let mut tree = tree::of_all(&catalog, &line);
    match command {
        None => tree = with_own_commands(tree),
        // Nobody but the external command knows its arguments, and most commands take files.
        Some(name) if tree.find_subcommand(&name).is_none() && name != "help" => {
            external::find(&name)?;
            return Some(Answer::Paths {
                only_folders: false,
                before: String::new(),
            });
        }
        Some(_) => {}
    }
    if shell.completes_paths() {
        tree = with_paths(tree);
    }
    all.insert(0, OsString::from("tw"));
    let last = all.len() - 1;
    let here = std::env::current_dir().ok();
    let found = complete(&mut tree, all, last, here.as_deref()).ok()?;
    Some(choose(found, word))
}

/// Replaces an alias by its command line. A line without an alias, or with one that can't be expanded, stays as it is.
fn expand_alias(catalog: &Catalog, line: Line) -> Line {
    let name = line
        .command()
        .filter(|name| !alias::is_command(catalog, name));
    let text = name.and_then(|name| alias::find(name).ok().flatten());
    let expanded = text.and_then(|text| alias::expand(&line, &text).ok());
    expanded.unwrap_or(line)
}

/// Adds the user's own commands to the tree: aliases and external commands.
fn with_own_commands(mut tree: Command) -> Command {
    let aliases = Configuration::load().map(Configuration::aliases);
    let aliases = aliases.unwrap_or_default().into_iter();
    let aliases = aliases.map(|(name, text)| (name.to_owned(), format!("Alias of `tw {text}`")));
    let external = external::all().into_keys();
    let external = external.map(|name| (name, "External command".to_owned()));
    for (name, about) in aliases.chain(external) {
        if tree.find_subcommand(&name).is_none() && name != "help" {
            tree = tree.subcommand(Command::new(name).about(about));
        }
    }
    tree
}

/// Replaces the completion of paths by marks, in every command of the tree.
fn with_paths(tree: Command) -> Command {
    let tree = tree.mut_args(|arg| {
        let is_other =
            arg.get::<ArgValueCompleter>().is_some() || arg.get::<ArgValueCandidates>().is_some();
        let mark = match arg.get_value_hint() {
            _ if is_other => return arg,
            ValueHint::AnyPath | ValueHint::FilePath | ValueHint::ExecutablePath => FILES,
            ValueHint::DirPath => FOLDERS,
            _ => return arg,
        };
        arg.add(ArgValueCompleter::new(move |_: &std::ffi::OsStr| {
            vec![CompletionCandidate::new(mark)]
        }))
    });
    tree.mut_subcommands(with_paths)
}

/// Chooses what is offered: paths if the word can be one, and options only if nothing else is possible or the word begins like an option.
fn choose(mut found: Vec<CompletionCandidate>, word: &str) -> Answer {
    let is_option = |candidate: &CompletionCandidate| {
        candidate.get_value().as_encoded_bytes().starts_with(b"-")
    };
    let mark = |candidate: &CompletionCandidate| {
        let value = candidate.get_value().to_string_lossy().into_owned();
        let at = value.find('\0')?;
        Some(Answer::Paths {
            only_folders: value.ends_with(FOLDERS),
            before: value[..at].to_owned(),
        })
    };
    let paths = found.iter().find_map(mark);
    found.retain(|candidate| mark(candidate).is_none());
    if let Some(paths) = paths.filter(|_| !word.starts_with('-') || found.is_empty()) {
        return paths;
    }
    if word.is_empty() && found.iter().any(|candidate| !is_option(candidate)) {
        found.retain(|candidate| !is_option(candidate));
    }
    Answer::Candidates(found)
}

/// Returns the command `tw completion`.
pub(super) fn command() -> Command {
    let install = Command::new("install")
        .about("Turn on completion for your shell, in the file that the shell reads when it starts")
        .arg(shell().help("The shell [default: the shell in SHELL]"));
    Command::new("completion")
        .about("Print the script that makes a shell complete tw's commands")
        .after_help("Examples:\n  tw completion install                                     for your shell\n  source <(tw completion bash)                              in ~/.bashrc\n  tw completion zsh > ~/.zfunc/_tw                          if ~/.zfunc is in fpath")
        .args_conflicts_with_subcommands(true)
        .subcommand_negates_reqs(true)
        .disable_help_subcommand(true)
        .subcommand(install)
        .arg(shell().required(true).help("The shell"))
}

/// Returns the argument that names a shell.
pub(super) fn shell() -> Arg {
    Arg::new("shell")
        .value_name("SHELL")
        .value_parser(value_parser!(Shell))
}

/// Prints the script that registers `tw` with a shell, or installs it.
pub(super) fn run(matches: &ArgMatches) -> Result<u8, Error> {
    if let Some(("install", matches)) = matches.subcommand() {
        return install::install(matches.get_one("shell").copied());
    }
    let shell: Option<&Shell> = matches.get_one("shell");
    let script = shell.map_or("", |shell| shell.script());
    stdio::print(script).map_err(Error::output)?;
    Ok(exit::SUCCESS)
}
