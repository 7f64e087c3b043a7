//! The child process that completes a value of an argument: see [`completion`].
//!
//! The child is this binary with the argument [`ARGUMENT`]. It reads the name of the argument, the part of the value that was typed, and the words before it
//! from standard input, and writes a JSON list of candidates to standard output. Any failure is silent.

use std::{
    ffi::OsString,
    fs::{DirEntry, File},
    io::Write,
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, SystemTime},
};

use tw_plugin_protocol::{Candidate, RunRequest, to_bytes};

use super::{builtin, completion, completion::DEADLINE, dispatch, line::Line};
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

/// The beginning of the name of a file that a process locks while it asks a server.
const TURN: &str = "turn-";

/// True after this process has waited for others that ask the same server.
static HAS_TURN: AtomicBool = AtomicBool::new(false);

/// The value that a shell wants to complete.
pub(super) struct Wanted {
    /// The name of the argument.
    pub(super) argument: String,
    /// The part of the value that was typed.
    pub(super) word: String,
}

/// Answers in the child process and ends it.
pub(super) fn answer() -> u8 {
    let mut items = completion::read_items().unwrap_or_default().into_iter();
    let (Some(argument), Some(word)) = (items.next(), items.next()) else {
        return exit::USAGE;
    };
    // If there is no room for a thread, nobody waits for this process anyway.
    let _ = std::thread::Builder::new().spawn(|| {
        std::thread::sleep(DEADLINE);
        if HAS_TURN.load(Ordering::Relaxed) {
            std::thread::sleep(LIMIT.saturating_sub(DEADLINE));
        }
        exit_now(exit::FAILURE);
    });
    let line = Line::new(OsString::from("tw"), items.map(OsString::from).collect());
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

/// The files that remember the candidates of a command line, and keep other processes from asking its server. `None` if there is no home folder.
pub(super) struct Memory(Option<Files>);

struct Files {
    candidates: PathBuf,
    turn: PathBuf,
}

impl Memory {
    /// Returns the files for this command line of this account. Their names reveal neither the token nor the arguments.
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
        let account = (token, profile, file, &settings.endpoint);
        let known = (plugin, account, request, &wanted.argument, &wanted.word);
        let name = Digest::of(&to_bytes(&known)).folder();
        let turn = TURN.to_owned() + &Digest::of(&to_bytes(&account)).folder();
        Self(folder().map(|folder| Files {
            candidates: folder.join(name),
            turn: folder.join(turn),
        }))
    }

    /// Waits until no other process asks this server with this token, and makes the others wait until the result is dropped. A user who presses Tab at a
    /// server that hangs would otherwise send the token again and again.
    pub(super) fn wait_for_turn(&self) -> Option<File> {
        let lock = || {
            let path = &self.0.as_ref()?.turn;
            files::make_cache_folder(files::parent(path)).ok()?;
            owners::check_own_folder(path).ok()?;
            let mut options = File::options();
            let file = options.create(true).truncate(false).write(true).open(path);
            let file = file.ok()?;
            file.lock().ok()?;
            // The file counts as new, so that no other process removes it.
            file.set_modified(SystemTime::now()).ok()?;
            Some(file)
        };
        let turn = lock();
        HAS_TURN.store(true, Ordering::Relaxed);
        turn
    }

    /// Returns the candidates; `None` if they are not known or too old.
    pub(super) fn read(&self) -> Option<Vec<Candidate>> {
        let path = &self.0.as_ref()?.candidates;
        let age = path.metadata().ok()?.modified().ok()?.elapsed().ok()?;
        let bytes = (age < LIFETIME).then(|| owners::read_own(path, files::MAX_TEXT))?;
        serde_json::from_slice(&bytes.ok()?).ok()
    }

    /// Remembers candidates, and forgets those of command lines that are too old. Completion works without the file too.
    /// Doesn't remember that there are none, because the first may be created at any moment.
    pub(super) fn write(&self, candidates: &[Candidate]) {
        if let Some(files) = self.0.as_ref().filter(|_| !candidates.is_empty())
            && owners::check_own_folder(&files.candidates).is_ok()
        {
            let _ = files::replace_cache(&files.candidates, &to_bytes(&candidates));
        }
        remove(|entry| {
            let modified = entry.metadata().and_then(|data| data.modified());
            let is_old = |time: SystemTime| time.elapsed().is_ok_and(|age| age >= LIFETIME);
            modified.is_ok_and(is_old)
        });
    }
}

/// Forgets all candidates. A command may have changed what there is, and the user wants to complete the new names.
pub(super) fn forget() {
    remove(|entry| {
        !entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(TURN.as_bytes())
    });
}

/// Removes files of the folder. Completion works with them too.
fn remove(is_removed: impl Fn(&DirEntry) -> bool) {
    let entries = folder().and_then(|folder| folder.read_dir().ok());
    for entry in entries.into_iter().flatten().flatten() {
        if is_removed(&entry) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn folder() -> Option<PathBuf> {
    Some(config::cache_folder()?.join("completion"))
}
