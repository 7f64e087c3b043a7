//! The manifest index: what is known of every library, in one cached file, so that no library is opened to show help.
//!
//! The file is a line, a head and parts. The line is `tw-plugin-index FORMAT LENGTH CRC`, with the length of the head and the checksum of
//! all that follows the line. The head says who owns each command and where the entries stand; an entry has what the list of commands
//! shows of a library, and says where its manifest stands. All are JSON, and each is parsed when it is needed: a line that begins with a
//! command needs one entry and one manifest, however many there are. A file that isn't whole, or not of this format, or not of this
//! binary, counts as none and is written anew. It is replaced atomically; of two processes at once, the last one's stays.

use std::{
    collections::HashMap,
    io::Write,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tw_plugin_protocol::{Manifest, to_bytes};

use super::locate::{FileKey, Found};
use crate::{error::Error, store::name_of, trust::Origin};

/// The format of the file. A file of another is ignored and replaced: it is a cache. Raise it with every change of the types below.
const FORMAT: u32 = 3;

const MAGIC: &str = "tw-plugin-index";

/// What the start of every command needs. The names are borrowed from the file: they are plain words, so none is escaped there.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Head<'a> {
    /// The binary that wrote it: another may judge otherwise of every plugin.
    host: FileKey,
    /// While they are like this, no library has come, gone or been replaced by a rename. None where that isn't certain.
    places: Option<Places>,
    /// How many libraries can't be used.
    broken: usize,
    /// Commands at the top that belong to one plugin, and their aliases, each with the number of the plugin's entry.
    #[serde(borrow)]
    commands: Vec<(&'a str, usize)>,
    /// Where the entries stand, in the order in which the libraries were found.
    entries: Vec<Span>,
}

/// The places that say which libraries there are; a key of nothing where there is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Places {
    /// The folder of the bundled ones.
    pub(super) folder: FileKey,
    /// The lock of what is installed and linked.
    pub(super) lock: FileKey,
}

/// A part: where it begins, counted from the end of the head, and how long it is.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Span(usize, usize);

/// What is known of a library.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Where it is; with the key, it says which file this is about.
    pub(super) path: String,
    /// A file with another key is another file.
    pub(super) key: FileKey,
    pub(super) origin: Origin,
    /// Whether another with its name is used in its place.
    pub(super) replaced: bool,
    /// What it is, or why it can't be used: failures are remembered too.
    pub(super) state: Result<Summary, Error>,
}

impl Entry {
    /// Whether it is about this file as it is now.
    pub(super) fn is_of(&self, library: &Found) -> bool {
        self.key == library.key
            && self.origin == library.origin
            && self.path == library.path.to_string_lossy()
    }

    /// Whether it needn't be found out again. Why an installed one can't be used is: its files can be mended in their place, and its key
    /// says nothing of them.
    pub(super) fn still_holds(&self, library: &Found) -> bool {
        let can_be_mended = self.origin == Origin::Installed && self.state.is_err();
        self.is_of(library) && !can_be_mended
    }

    /// Whether it still holds, while the places are as they were: of libraries that can change in their place, the file is looked at.
    pub(super) fn is_as_it_was(&self) -> bool {
        match self.origin {
            Origin::Installed => self.state.is_ok(),
            _ => FileKey::at(Path::new(&self.path)) == Some(self.key),
        }
    }

    /// The plugin's name, or what its file is called when it can't say.
    fn name(&self) -> String {
        match &self.state {
            Ok(summary) => summary.name.clone(),
            Err(_) => name_of(Path::new(&self.path)),
        }
    }

    fn commands(&self) -> &[TopCommand] {
        match &self.state {
            Ok(summary) if !self.replaced => &summary.commands,
            _ => &[],
        }
    }
}

/// What the list of commands needs of a manifest.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Summary {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) abi: u32,
    /// Its commands at the top.
    pub(crate) commands: Vec<TopCommand>,
    /// Where its manifest stands.
    manifest: Span,
}

/// A command at the top, as the list of commands shows it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct TopCommand {
    pub(crate) name: String,
    /// Those that no other command has for its name or alias.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) aliases: Vec<String>,
    pub(crate) about: String,
    #[serde(default)]
    pub(crate) hidden: bool,
}

/// The index, as it is in the file.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Cache {
    bytes: Vec<u8>,
    head: std::ops::Range<usize>,
    pub(super) places: Option<Places>,
    pub(super) broken: usize,
}

impl Cache {
    /// Reads the file; a damaged one is an empty one.
    pub(super) fn read(file: &Path, host: FileKey) -> Self {
        let bytes = std::fs::read(file).unwrap_or_default();
        Self::parse(bytes, host).unwrap_or_default()
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
        let place = begin..begin.checked_add(length.parse().ok()?)?;
        let head: Head<'_> = serde_json::from_slice(bytes.get(place.clone())?).ok()?;
        let Head { places, broken, .. } = head;
        (head.host == host).then_some(Self {
            bytes,
            head: place,
            places,
            broken,
        })
    }

    fn of(head: &Head<'_>, parts: &[u8]) -> Self {
        let content = [&to_bytes(head), parts].concat();
        let length = content.len() - parts.len();
        let line = format!("{MAGIC} {FORMAT} {length} {}\n", crc32fast::hash(&content));
        Self {
            bytes: [line.as_bytes(), &content].concat(),
            head: line.len()..line.len() + length,
            places: head.places,
            broken: head.broken,
        }
    }

    fn head(&self) -> Option<Head<'_>> {
        serde_json::from_slice(self.bytes.get(self.head.clone())?).ok()
    }

    fn part(&self, Span(offset, length): Span) -> Option<&[u8]> {
        let begin = self.head.end.checked_add(offset)?;
        self.bytes.get(begin..begin.checked_add(length)?)
    }

    fn entry(&self, span: Span) -> Option<Entry> {
        serde_json::from_slice(self.part(span)?).ok()
    }

    /// What is known of all libraries, in the order in which they were found.
    pub(super) fn entries(&self) -> Vec<Entry> {
        let spans = self.head().map(|head| head.entries).unwrap_or_default();
        spans
            .into_iter()
            .filter_map(|span| self.entry(span))
            .collect()
    }

    /// The plugin to which this command belongs alone.
    pub(super) fn owner(&self, command: &str) -> Option<Entry> {
        let head = self.head()?;
        let (_, number) = head.commands.iter().find(|(name, _)| *name == command)?;
        self.entry(*head.entries.get(*number)?)
    }

    /// The manifest.
    pub(super) fn manifest(&self, summary: &Summary) -> Option<Manifest> {
        serde_json::from_slice(self.part(summary.manifest)?).ok()
    }

    /// Writes it in place of the old one. Where that can't be, the next start finds out again.
    pub(super) fn write(&self, file: &Path) {
        let _ = self.try_write(file);
    }

    fn try_write(&self, file: &Path) -> std::io::Result<()> {
        let folder = file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut new = tempfile::NamedTempFile::new_in(folder)?;
        new.write_all(&self.bytes)?;
        new.persist(file)?;
        Ok(())
    }
}

/// An index that is being made.
#[derive(Debug, Default)]
pub(super) struct Draft {
    entries: Vec<Entry>,
    /// What follows the head.
    parts: Vec<u8>,
}

impl Draft {
    /// Adds what was found out about a file.
    pub(super) fn add(&mut self, library: &Found, state: Result<Manifest, Error>) {
        let state = state.map(|manifest| self.store(manifest));
        self.entries.push(Entry {
            path: library.path.to_string_lossy().into_owned(),
            key: library.key,
            origin: library.origin,
            replaced: false,
            state,
        });
    }

    fn store(&mut self, manifest: Manifest) -> Summary {
        let bytes = to_bytes(&manifest);
        let span = Span(self.parts.len(), bytes.len());
        self.parts.extend_from_slice(&bytes);
        let top = |command: tw_plugin_protocol::Command| TopCommand {
            name: command.name,
            aliases: command.aliases,
            about: command.about,
            hidden: command.hidden,
        };
        Summary {
            name: manifest.name,
            version: manifest.version,
            abi: manifest.abi,
            commands: manifest.commands.into_iter().map(top).collect(),
            manifest: span,
        }
    }

    /// The index. A name that one plugin alone claims is its own; those of built-ins are no plugin's.
    pub(super) fn finish(
        mut self,
        host: FileKey,
        places: Option<Places>,
        built_in: &[&str],
    ) -> Cache {
        let mut used: HashMap<String, Origin> = HashMap::new();
        for entry in &self.entries {
            let origin = used.entry(entry.name()).or_insert(entry.origin);
            *origin = entry.origin.max(*origin);
        }
        for entry in &mut self.entries {
            entry.replaced = used[&entry.name()] > entry.origin;
        }
        let mut names: HashMap<String, usize> = HashMap::new();
        let mut aliases: HashMap<String, usize> = HashMap::new();
        for command in self.entries.iter().flat_map(Entry::commands) {
            *names.entry(command.name.clone()).or_default() += 1;
            for alias in &command.aliases {
                *aliases.entry(alias.clone()).or_default() += 1;
            }
        }
        let built_in = |name: &str| built_in.contains(&name);
        for entry in &mut self.entries {
            let Ok(summary) = &mut entry.state else {
                continue;
            };
            for command in &mut summary.commands {
                command.aliases.retain(|alias| {
                    aliases[alias] == 1 && !names.contains_key(alias) && !built_in(alias)
                });
            }
        }
        let own = self.entries.iter().enumerate().flat_map(|(at, entry)| {
            let own = |command: &&TopCommand| names[&command.name] == 1 && !built_in(&command.name);
            entry
                .commands()
                .iter()
                .filter(own)
                .flat_map(move |command| {
                    std::iter::once(&command.name)
                        .chain(&command.aliases)
                        .map(move |name| (name.as_str(), at))
                })
        });
        let mut parts = self.parts;
        let mut put = |entry: &Entry| {
            let bytes = to_bytes(entry);
            let span = Span(parts.len(), bytes.len());
            parts.extend_from_slice(&bytes);
            span
        };
        let head = Head {
            host,
            places,
            broken: self
                .entries
                .iter()
                .filter(|entry| entry.state.is_err() && !entry.replaced)
                .count(),
            commands: own.collect(),
            entries: self.entries.iter().map(&mut put).collect(),
        };
        Cache::of(&head, &parts)
    }
}

/// Where the index is; nowhere when there is no home.
pub(super) fn file() -> Option<PathBuf> {
    Some(crate::config::cache_folder()?.join("plugins.index"))
}
