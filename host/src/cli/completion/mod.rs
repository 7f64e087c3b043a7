//! Shell completion. The shell asks `tw` each time, so completion offers the commands of the plugins that are installed at that moment.

pub(super) mod install;
mod shell;
mod values;
mod words;

use std::{
    ffi::{OsStr, OsString},
    io::Read,
    sync::OnceLock,
};

use clap::{Arg, ArgMatches, Command, ValueEnum, ValueHint, value_parser};
use clap_complete::{
    CompletionCandidate,
    engine::{ArgValueCandidates, ArgValueCompleter, complete},
};

use self::{
    shell::{Answer, Shell},
    words::Current,
};
use super::{
    alias, builtin, external, hyphen,
    line::{self, Line},
    tree,
};
use crate::{
    config::{Configuration, Settings},
    error::{Error, exit},
    files::MAX_TEXT,
    plugin::{Catalog, Need},
    stdio,
};

pub(super) use self::values::{
    DEADLINE, completer, completes, indices, installable, installed, keys, linked, plugins,
};

/// The first argument of a process that answers a shell. No command has such a name.
pub(super) const ARGUMENT: &str = "__complete";

/// The words between `tw` and the word at the cursor.
static WORDS: OnceLock<Vec<OsString>> = OnceLock::new();

/// The beginning of a candidate that stands for all files, or for all folders.
const FILES: &str = "\0files";
const FOLDERS: &str = "\0folders";

/// Answers a shell and returns the exit code. `arguments` are those after [`ARGUMENT`]: the shell, and, instead of standard input, `--` and words without
/// quotes. Any failure is silent, because the shell's line editor is on the screen.
pub(super) fn answer(arguments: impl Iterator<Item = OsString>) -> u8 {
    let arguments: Vec<String> = arguments
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    let text = arguments.split_first().and_then(|(shell, arguments)| {
        let shell = Shell::from_str(shell, false).ok()?;
        let (words, current) = match arguments.split_first() {
            Some((dashes, words)) if dashes == "--" => shell::of_words(words)?,
            _ => shell.read(&read_items()?)?,
        };
        let answer = find(shell, words, &current)?;
        Some(shell.write(&answer, &current))
    });
    match text.map(|text| stdio::print(&text)) {
        Some(Ok(())) => exit::SUCCESS,
        _ => exit::FAILURE,
    }
}

/// Reads texts from standard input, each of which ends in a zero byte.
pub(super) fn read_items() -> Option<Vec<String>> {
    let mut bytes = Vec::new();
    let input = std::io::stdin().lock();
    input.take(MAX_TEXT).read_to_end(&mut bytes).ok()?;
    let text = String::from_utf8_lossy(crate::files::without_mark(&bytes)).into_owned();
    // PowerShell adds a line feed.
    let (items, _) = text.rsplit_once('\0')?;
    Some(items.split('\0').map(str::to_owned).collect())
}

/// Finds the candidates for the word at the cursor. `words` are those before it.
fn find(shell: Shell, words: Vec<String>, current: &Current) -> Option<Answer> {
    let word = &*current.word;
    let files = || Answer::Paths {
        only_folders: false,
        before: String::new(),
    };
    if current.is_target {
        return Some(files());
    }
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
            return Some(files());
        }
        Some(_) => {}
    }
    if !shell.completes_paths() {
        return ask(tree, all);
    }
    let answer = ask(with_paths(tree.clone()), all.clone())?;
    let is_beyond = matches!(&answer, Answer::Paths { only_folders, before } if *only_folders || !before.is_empty());
    match is_beyond && !shell.completes_all_paths() {
        true => ask(tree, all),
        false => Some(answer),
    }
}

/// Asks clap for the candidates of the last word.
fn ask(mut tree: Command, mut words: Vec<OsString>) -> Option<Answer> {
    let (word, before) = words.split_last()?;
    let (word, before) = (word.clone(), before.to_vec());
    let place = Place::of(&tree, &before);
    if place.follows_unknown {
        return Some(Answer::Candidates(Vec::new()));
    }
    words.insert(0, OsString::from("tw"));
    let last = words.len() - 1;
    let here = std::env::current_dir().ok();
    let mut found = complete(&mut tree, words, last, here.as_deref()).ok()?;
    let has_values = found.iter().any(|candidate| !is_option(candidate));
    if hyphen::is_value(&tree, &before, OsStr::new("-\0")) {
        // All of them are values of an option.
        found.retain(|candidate| {
            !is_option(candidate) || hyphen::is_value(&tree, &before, candidate.get_value())
        });
    } else if word.is_empty() && (place.wants_value || has_values) {
        // The expected value is unknown to `tw`. If only options were offered, the shell would insert `--`.
        found.retain(|candidate| !is_option(candidate));
    }
    Some(choose(found, &word.to_string_lossy()))
}

/// The place of the cursor in the tree.
#[derive(Default)]
struct Place {
    /// True if the word before the cursor is an option that the command doesn't have, so that the word at the cursor may be its value.
    follows_unknown: bool,
    /// True if the command takes a value that is no option's.
    wants_value: bool,
}

impl Place {
    fn of(tree: &Command, before: &[OsString]) -> Self {
        let mut level = tree;
        let mut values = 0;
        let mut follows_unknown = false;
        let mut words = before.iter();
        while let Some(word) = words.next() {
            let text = word.to_string_lossy();
            follows_unknown = false;
            if line::looks_like_option(word) {
                follows_unknown = !has_option(level, &text);
                if line::wants_next(level, &text) {
                    words.next();
                }
            } else if let Some(below) = level.find_subcommand(word) {
                level = below;
            } else {
                values += 1;
            }
        }
        let takes_more = |arg: &Arg| {
            matches!(arg.get_action(), clap::ArgAction::Append)
                || arg
                    .get_num_args()
                    .is_some_and(|count| count.max_values() > 1)
        };
        let mut positionals = level.get_positionals().enumerate();
        Self {
            follows_unknown: follows_unknown && level.has_subcommands(),
            wants_value: positionals.any(|(at, arg)| at >= values || takes_more(arg)),
        }
    }
}

/// True if a command has the option that a word begins with, or if every command has it.
fn has_option(level: &Command, word: &str) -> bool {
    let mut options = level.get_arguments();
    match word.strip_prefix("--") {
        Some(long) => {
            let long = long.split('=').next().unwrap_or(long);
            ["", "help", "version"].contains(&long) || options.any(|arg| line::has_long(arg, long))
        }
        None => word.chars().nth(1).is_some_and(|letter| {
            "hV".contains(letter) || options.any(|arg| line::has_short(arg, letter))
        }),
    }
}

fn is_option(candidate: &CompletionCandidate) -> bool {
    candidate.get_value().as_encoded_bytes().starts_with(b"-")
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
    let configuration = Configuration::read_leniently();
    let aliases = configuration.aliases().into_iter();
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

/// Chooses what is offered: paths if the word can be one and doesn't begin like an option, and otherwise the candidates.
fn choose(mut found: Vec<CompletionCandidate>, word: &str) -> Answer {
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
    Answer::Candidates(found)
}

/// Returns the command `tw completion`.
pub(super) fn command() -> Command {
    let install = Command::new("install")
        .about("Turn on completion for your shell, in the file that the shell reads when it starts")
        .after_help(install::help())
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
pub(super) fn run(matches: &ArgMatches, settings: &Settings) -> Result<u8, Error> {
    if let Some(("install", matches)) = matches.subcommand() {
        return install::install(matches.get_one("shell").copied(), settings);
    }
    let shell: Option<&Shell> = matches.get_one("shell");
    let script = shell.map_or("", |shell| shell.script());
    stdio::print(script).map_err(Error::output)?;
    Ok(exit::SUCCESS)
}
