//! The values that only this machine or a plugin knows.
//!
//! Values that a plugin completes come from a child process, because a plugin may crash, hang, or print while the line editor is on the screen.

use std::{
    ffi::{OsStr, OsString},
    io::{Read, Write},
    process::Stdio,
    sync::mpsc,
    time::Duration,
};

use clap_complete::{CompletionCandidate, engine::ArgValueCompleter};
use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{Candidate, ValueKind};
use tw_render::text::visible;

use super::{FILES, WORDS};
use crate::{
    cli::{builtin, candidates},
    error::Error,
    files::MAX_TEXT,
    package::index::Indices,
    plugin::{Catalog, Need},
    process::{TOKEN, secret, start},
    stdio,
    store::{Lock, Store},
    trust::{Policy, trusted::Keys},
};

/// Time limit for a plugin to complete a value, because the user waits.
pub(in crate::cli) const DEADLINE: Duration = Duration::from_millis(800);

/// True if the values of an argument can be completed only while the user types: by its plugin, or because they are workspaces.
pub(in crate::cli) fn completes(argument: &protocol::Arg) -> bool {
    argument.completes || argument.value == ValueKind::Workspace
}

/// Returns what completes the values of the argument of this name.
pub(in crate::cli) fn completer(argument: &str) -> ArgValueCompleter {
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
        .arg(candidates::ARGUMENT)
        // The child takes it out of its environment before it maps the plugin.
        .envs(secret(TOKEN).map(|token| (TOKEN, token)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(stdio::sink().ok()?);
    let mut child = start(&mut command).ok()?;
    // Every user can read the arguments of a process, and the words can hold a token or the value of a secret.
    let mut items = Vec::new();
    let texts = [OsStr::new(argument), word.as_ref()].into_iter();
    for text in texts.chain(WORDS.get()?.iter().map(OsString::as_os_str)) {
        items.extend_from_slice(text.as_encoded_bytes());
        items.push(0);
    }
    child.stdin.take()?.write_all(&items).ok()?;
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
        value.starts_with(word) && is_shown_unchanged(value)
    };
    Some(candidates.into_iter().filter(is_offered).collect())
}

/// True if a text has no character that a terminal can't show. The shells quote all others.
fn is_shown_unchanged(value: &str) -> bool {
    !value.is_empty() && visible(value) == value
}

/// Returns the names of all plugins on this machine.
pub(in crate::cli) fn plugins() -> Vec<CompletionCandidate> {
    let catalog = Catalog::open(builtin::NAMES, Need::All);
    let names = catalog.map(|catalog| {
        let plugins = catalog.plugins().iter();
        plugins.map(|plugin| plugin.name()).collect::<Vec<_>>()
    });
    to_candidates(names.unwrap_or_default())
}

/// Returns the names of the installed plugins.
pub(in crate::cli) fn installed() -> Vec<CompletionCandidate> {
    to_candidates(read_lock().plugins.into_keys())
}

/// Returns the names of the linked plugins.
pub(in crate::cli) fn linked() -> Vec<CompletionCandidate> {
    to_candidates(read_lock().links.into_keys())
}

fn read_lock() -> Lock {
    let lock = Store::of_user().and_then(|store| Lock::read(&store.lock_file()).ok());
    lock.unwrap_or_default()
}

/// Returns the names of the trusted keys.
pub(in crate::cli) fn keys() -> Vec<CompletionCandidate> {
    let keys = Keys::of_user().all().unwrap_or_default();
    to_candidates(keys.into_iter().map(|(name, _)| name))
}

/// Returns the names of the indices.
pub(in crate::cli) fn indices() -> Vec<CompletionCandidate> {
    let indices = read_indices();
    let names = indices.map(|indices| indices.all().keys().cloned().collect::<Vec<_>>());
    to_candidates(names.unwrap_or_default())
}

/// Returns the plugins in the local copies of the indices that begin with a word, as `tw plugin install` takes them. If there are none, the word is the
/// beginning of a file.
pub(in crate::cli) fn installable(word: &OsStr) -> Vec<CompletionCandidate> {
    let word = word.to_string_lossy();
    let mut found: Vec<String> = Vec::new();
    if let Ok(indices) = read_indices() {
        for (index, document) in indices.copies() {
            let names = document.plugins.into_keys();
            found.extend(names.map(|name| format!("{index}/{name}")));
        }
    }
    found.retain(|name| name.starts_with(&*word));
    match found.is_empty() {
        true => to_candidates([FILES]),
        false => to_candidates(found),
    }
}

fn read_indices() -> Result<Indices, Error> {
    let catalog = Catalog::open(builtin::NAMES, Need::Nothing).map_err(Error::system)?;
    Indices::read(&Policy::read(catalog.binary())?)
}

fn to_candidates(names: impl IntoIterator<Item = impl Into<OsString>>) -> Vec<CompletionCandidate> {
    names.into_iter().map(CompletionCandidate::new).collect()
}
