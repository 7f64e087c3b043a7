//! The child process that completes a value of an argument: see [`completion`](super::completion).
//!
//! The child is this binary with the arguments [`ARGUMENT`], the name of the argument, the part of the value that was typed, and the words before it.
//! It writes a JSON list of candidates to standard output. Any failure is silent.

use std::{
    ffi::OsString,
    io::Write,
    path::PathBuf,
    time::{Duration, SystemTime},
};

use tw_plugin_protocol::{Candidate, RunRequest, to_bytes};

use super::{builtin, dispatch, line::Line};
use crate::{
    config::{self, Settings},
    error::exit,
    files, owners,
    plugin::{Catalog, Need},
    process::exit_now,
    stdio,
    store::Digest,
};

/// The first argument of the child process.
pub(super) const ARGUMENT: &str = "__candidates";

/// How long candidates are remembered, because a user presses Tab several times.
const LIFETIME: Duration = Duration::from_secs(20);

/// The time limit of the child process. The user has long gone on, but the next Tab finds what it remembers.
const LIMIT: Duration = Duration::from_secs(10);

/// The value that a shell wants to complete.
pub(super) struct Wanted {
    /// The name of the argument.
    pub(super) argument: String,
    /// The part of the value that was typed.
    pub(super) word: String,
}

/// Answers in the child process and ends it. `arguments` are those after [`ARGUMENT`].
pub(super) fn answer(mut arguments: impl Iterator<Item = OsString>) -> u8 {
    let mut text = || arguments.next()?.into_string().ok();
    let (Some(argument), Some(word)) = (text(), text()) else {
        return exit::USAGE;
    };
    // If there is no room for a thread, nobody waits for this process anyway.
    let _ = std::thread::Builder::new().spawn(|| {
        std::thread::sleep(LIMIT);
        exit_now(exit::FAILURE);
    });
    let line = Line::new(OsString::from("tw"), arguments.collect());
    line.hide_tokens();
    // Standard output is replaced before the plugin is loaded, because the plugin must not write into the answer.
    let Ok(mut answer) = stdio::keep_for_answer() else {
        return exit::FAILURE;
    };
    let candidates = find(&line, &Wanted { argument, word }).unwrap_or_default();
    let written = answer.write_all(&to_bytes(&candidates));
    exit_now(u8::from(written.is_err()))
}

fn find(line: &Line, wanted: &Wanted) -> Option<Vec<Candidate>> {
    let catalog = Catalog::open(builtin::NAMES, Need::Owner(line.command()?)).ok()?;
    dispatch::complete(&catalog, line, wanted)
}

/// The file that remembers the candidates of a command line.
pub(super) struct Memory(Option<PathBuf>);

impl Memory {
    /// Returns the file for this command line of this account. Its name reveals neither the token nor the arguments.
    pub(super) fn of(
        plugin: &str,
        settings: &Settings,
        request: &RunRequest,
        wanted: &Wanted,
    ) -> Self {
        let token = settings.token.as_ref().map(|token| token.value.expose());
        // Without a token on the line or in the environment, the place of the token stands for the account.
        let profile = settings.profile.as_ref().map(|profile| &profile.value);
        let file = settings.token_file.as_ref().map(|file| &file.path);
        let known = (
            plugin,
            token,
            profile,
            file,
            request,
            &wanted.argument,
            &wanted.word,
        );
        let name = Digest::of(&to_bytes(&known)).folder();
        Self(folder().map(|folder| folder.join(name)))
    }

    /// Returns the candidates; `None` if they are not known or too old.
    pub(super) fn read(&self) -> Option<Vec<Candidate>> {
        let path = self.0.as_ref()?;
        let age = path.metadata().ok()?.modified().ok()?.elapsed().ok()?;
        let bytes = (age < LIFETIME).then(|| owners::read_own(path, files::MAX_TEXT))?;
        serde_json::from_slice(&bytes.ok()?).ok()
    }

    /// Remembers candidates, and forgets those of command lines that are too old. Completion works without the file too.
    /// Doesn't remember that there are none, because the first may be created at any moment.
    pub(super) fn write(&self, candidates: &[Candidate]) {
        let Some(path) = self.0.as_ref().filter(|_| !candidates.is_empty()) else {
            return;
        };
        if owners::check_own_folder(path).is_ok() {
            let _ = files::replace_cache(path, &to_bytes(&candidates));
        }
        let entries = folder().and_then(|folder| folder.read_dir().ok());
        for entry in entries.into_iter().flatten().flatten() {
            let modified = entry.metadata().and_then(|data| data.modified());
            let is_old = |time: SystemTime| time.elapsed().is_ok_and(|age| age >= LIFETIME);
            if modified.is_ok_and(is_old) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

fn folder() -> Option<PathBuf> {
    Some(config::cache_folder()?.join("completion"))
}
