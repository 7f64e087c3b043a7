//! The manifest cache: the manifests of all libraries in one file, so that help, completion and dispatch open no library.
//!
//! The cache says what a library is, and nothing else: the folders and the lock file say which libraries there are, and where they came from. An
//! entry counts only for the file that it was made for. A failure to ask a library has no entry, because its cause may be gone at the next start. A cache that somebody else could have written is not used.
//!
//! The file has a line, a head and parts. The line is `tw-plugin-cache FORMAT LENGTH CRC`: the length of the head in bytes, and the CRC-32 of
//! all that follows the line. The head has an entry for each library. A part is the JSON of a plugin's manifest, as the plugin wrote it, or of one
//! of its commands. Each command is a part of its own, because a command line needs only one of them. A file that is damaged, or of another format,
//! or written by another binary, counts as empty and is replaced.
//!
//! The file is replaced atomically. If two processes replace it at once, the file of the last one stays.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tw_plugin_protocol::{Command, to_bytes};

use super::{
    known::{Span, State, Stub, Summary},
    locate::FileKey,
};
use crate::{
    config,
    error::Error,
    files::{self, show_path},
    owners::{self, Distrust},
    store::PluginManifest,
    timing::measure,
};

/// The format of the file. Raise it with every change of the types that are stored.
const FORMAT: u32 = 8;

const MAGIC: &str = "tw-plugin-cache";

/// The size limit for the file, in bytes: the limit of a manifest times more plugins than anybody has.
const LARGEST: u64 = 256 << 20;

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Head {
    /// The binary that wrote the file. Another binary may judge plugins differently.
    host: FileKey,
    libraries: Vec<Entry>,
}

/// What is known about a library.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// The path of the library. A path that isn't UTF-8 has replacement characters: the key tells two such libraries apart.
    path: String,
    /// The key of the file that was described.
    key: FileKey,
    state: State,
}

impl Entry {
    pub(super) fn new(path: &Path, key: FileKey, state: State) -> Self {
        let path = path.to_string_lossy().into_owned();
        Self { path, key, state }
    }
}

/// The cache, as it is in the file.
#[derive(Debug, Default)]
pub(super) struct Cache {
    bytes: Vec<u8>,
    /// The offset of the parts in `bytes`.
    parts: usize,
    /// What is known about each library, by its path.
    libraries: HashMap<String, (FileKey, State)>,
}

impl Cache {
    /// Reads the cache of this user. A file that can't be used is an empty cache.
    ///
    /// # Errors
    /// If somebody else could have written the file. The error is a warning, because an empty cache only costs time.
    pub(super) fn read(host: FileKey) -> Result<Self, Error> {
        measure("cache read", || {
            let Some(path) = path() else {
                return Ok(Self::default());
            };
            match owners::read_own(&path, LARGEST) {
                Ok(bytes) => Ok(Self::parse(bytes, host).unwrap_or_default()),
                Err(Distrust::Missing | Distrust::Unreadable(_)) => Ok(Self::default()),
                Err(distrust) => {
                    let what = format!("the manifest cache {}", show_path(&path));
                    Err(distrust.explain(&what, "run the command again"))
                }
            }
        })
    }

    fn parse(bytes: Vec<u8>, host: FileKey) -> Option<Self> {
        let line = bytes.split(|byte| *byte == b'\n').next()?;
        let begin = line.len() + 1;
        let line = std::str::from_utf8(line).ok()?;
        let [magic, format, length, crc] = line.split(' ').collect::<Vec<_>>().try_into().ok()?;
        if magic != MAGIC || format.parse() != Ok(FORMAT) {
            return None;
        }
        if crc.parse() != Ok(crc32fast::hash(bytes.get(begin..)?)) {
            return None;
        }
        let parts = begin.checked_add(length.parse().ok()?)?;
        let head: Head = serde_json::from_slice(bytes.get(begin..parts)?).ok()?;
        (head.host == host).then(|| Self::new(bytes, parts, head))
    }

    fn new(bytes: Vec<u8>, parts: usize, head: Head) -> Self {
        let libraries = head.libraries.into_iter();
        Self {
            bytes,
            parts,
            libraries: libraries
                .map(|entry| (entry.path, (entry.key, entry.state)))
                .collect(),
        }
    }

    /// Writes the cache to its file, unless somebody else could then change the file. If that fails, the next start asks the libraries again.
    pub(super) fn write(&self) {
        let path = path().filter(|path| {
            path.parent()
                .is_some_and(|folder| owners::check_own_folder(folder).is_ok())
        });
        if let Some(path) = path {
            let _ = files::replace_cache(&path, &self.bytes);
        }
    }

    /// True if two caches are the same file.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }

    /// Returns what is known about the library at a path, with the key of the file that was described. `None` if nothing is known.
    pub(super) fn find(&self, path: &Path) -> Option<&(FileKey, State)> {
        self.libraries.get(&*path.to_string_lossy())
    }

    pub(super) fn manifest(&self, summary: &Summary) -> Option<PluginManifest> {
        self.part(summary.manifest)
    }

    /// Reads a command. `None` if the cache is damaged. The subcommands that `wanted` names are complete; the others have a name and a line of
    /// help.
    pub(super) fn command(&self, stub: &Stub, wanted: &dyn Fn(&Stub) -> bool) -> Option<Command> {
        let (mut command, below): (Command, Vec<Stub>) = self.part(stub.command)?;
        command.subcommands = below
            .iter()
            .map(|below| match wanted(below) {
                true => self.command(below, wanted),
                false => Some(Command {
                    name: below.name.clone(),
                    aliases: below.aliases.clone(),
                    about: below.about.clone(),
                    hidden: below.hidden,
                    ..Command::default()
                }),
            })
            .collect::<Option<_>>()?;
        Some(command)
    }

    fn part<T: for<'a> Deserialize<'a>>(&self, Span(offset, length): Span) -> Option<T> {
        let begin = self.parts.checked_add(offset)?;
        let part = self.bytes.get(begin..begin.checked_add(length)?)?;
        serde_json::from_slice(part).ok()
    }
}

/// Returns the path of the cache; `None` if no home directory is set.
fn path() -> Option<PathBuf> {
    Some(config::cache_folder()?.join("plugins.cache"))
}

/// Collects the parts of a new cache.
#[derive(Debug, Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    fn part(&mut self, value: &impl Serialize) -> Span {
        let bytes = to_bytes(value);
        let span = Span(self.0.len(), bytes.len());
        self.0.extend_from_slice(&bytes);
        span
    }

    /// Adds a manifest and its commands.
    pub(super) fn manifest(&mut self, manifest: &PluginManifest) -> Summary {
        Summary {
            manifest: self.part(manifest),
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            abi: manifest.abi,
            services: manifest.services.clone(),
            commands: self.commands(manifest.commands.clone()),
        }
    }

    fn commands(&mut self, commands: Vec<Command>) -> Vec<Stub> {
        let stub = |mut command: Command| {
            let below = self.commands(std::mem::take(&mut command.subcommands));
            Stub {
                command: self.part(&(&command, below)),
                name: command.name,
                aliases: command.aliases,
                about: command.about,
                hidden: command.hidden,
            }
        };
        commands.into_iter().map(stub).collect()
    }

    /// Adds the entries and makes the cache.
    pub(super) fn finish(self, host: FileKey, libraries: Vec<Entry>) -> Cache {
        let head = Head { host, libraries };
        let bytes = to_bytes(&head);
        let length = bytes.len();
        let content = [bytes, self.0].concat();
        let line = format!("{MAGIC} {FORMAT} {length} {}\n", crc32fast::hash(&content));
        let bytes = [line.as_bytes(), &content].concat();
        Cache::new(bytes, line.len() + length, head)
    }
}

/// Reads everything in a cache whose head and parts are these bytes: a line of JSON, and the parts. Returns true if the head can be read.
#[cfg(any(test, fuzzing))]
pub(crate) fn fuzz(content: &[u8]) -> bool {
    let head = content.split_inclusive(|byte| *byte == b'\n').next();
    let length = head.map_or(0, <[u8]>::len);
    let line = format!("{MAGIC} {FORMAT} {length} {}\n", crc32fast::hash(content));
    let bytes = [line.as_bytes(), content].concat();
    let Some(cache) = Cache::parse(bytes, FileKey::default()) else {
        return false;
    };
    for (_, state) in cache.libraries.values() {
        if let State::Usable(summary) = state {
            let _ = cache.manifest(summary);
            for stub in &summary.commands {
                let _ = cache.command(stub, &|_| true);
            }
        }
    }
    true
}
