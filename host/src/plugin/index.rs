//! The manifest index: what is known of every library, in one cached file, so that no library is opened to show help.
//!
//! The file is a line, a JSON header, and the manifests. The line is `tw-plugin-index FORMAT LENGTH CRC`, with the length and the
//! checksum of the header; the header has an entry a library with what the start of a command needs, and says where its manifest
//! stands, which is read only when its commands are expanded. A file that isn't whole, or not of this format, or not of this
//! binary, counts as none and is written anew. It is replaced atomically; of two processes at once, the last one's stays.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tw_plugin_protocol::{Manifest, to_bytes};

use super::{Problem, locate::FileKey};

/// The format of the file. A file of another is ignored and replaced: it is a cache. Raise it with every change of the types below.
const FORMAT: u32 = 1;

const MAGIC: &str = "tw-plugin-index";

/// What the header says.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Header {
    /// The binary that wrote it: another may judge otherwise of every plugin.
    host: FileKey,
    /// The checksum of the manifests: a file that is damaged anywhere is none.
    manifests: u32,
    /// In the order in which the libraries were found.
    entries: Vec<Entry>,
}

/// What is known of a library.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Where it is; with the key, it says which file this is about.
    pub(super) path: String,
    /// A file with another key is another file.
    pub(super) key: FileKey,
    /// What it is, or why it can't be used: failures are remembered too.
    pub(super) state: Result<Summary, Problem>,
}

/// What the start of a command needs of a manifest.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Summary {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) abi: u32,
    /// Its commands at the top.
    pub(crate) commands: Vec<TopCommand>,
    /// Where its manifest stands, counted from the end of the header.
    offset: u64,
    length: u64,
}

/// A command at the top, as the list of commands shows it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct TopCommand {
    pub(crate) name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) aliases: Vec<String>,
    pub(crate) about: String,
    #[serde(default)]
    pub(crate) hidden: bool,
}

/// The index, as it was read.
#[derive(Debug, Default)]
pub(super) struct Index {
    entries: Vec<Entry>,
    manifests: Vec<u8>,
}

impl Index {
    /// Reads the file; a damaged one is an empty one.
    pub(super) fn read(file: &Path, host: FileKey) -> Self {
        Self::try_read(file, host).unwrap_or_default()
    }

    fn try_read(file: &Path, host: FileKey) -> Option<Self> {
        let bytes = std::fs::read(file).ok()?;
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let line = std::str::from_utf8(&bytes[..end]).ok()?;
        let [magic, format, length, crc] = line.split(' ').collect::<Vec<_>>().try_into().ok()?;
        if magic != MAGIC || format.parse() != Ok(FORMAT) {
            return None;
        }
        let header = bytes.get(end + 1..(end + 1).checked_add(length.parse().ok()?)?)?;
        if crc.parse() != Ok(crc32fast::hash(header)) {
            return None;
        }
        let manifests = bytes[end + 1 + header.len()..].to_vec();
        let header: Header = serde_json::from_slice(header).ok()?;
        let whole = header.manifests == crc32fast::hash(&manifests);
        (whole && header.host == host).then_some(Self {
            entries: header.entries,
            manifests,
        })
    }

    /// What is known of this file, if it is still the one that was looked at. Libraries are mostly found in the order in which they are
    /// kept, so the place of the one that is looked for is tried first.
    pub(super) fn find(&self, at: usize, path: &Path, key: FileKey) -> Option<&Entry> {
        let path = path.to_string_lossy();
        let is_it = |entry: &&Entry| entry.key == key && entry.path == path;
        self.entries
            .get(at)
            .filter(is_it)
            .or_else(|| self.entries.iter().find(is_it))
    }

    /// Forgets the libraries that failed, so that they are asked again.
    pub(super) fn forget_failures(&mut self) {
        self.entries.retain(|entry| entry.state.is_ok());
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The manifest.
    pub(super) fn manifest(&self, summary: &Summary) -> Option<Manifest> {
        let begin = usize::try_from(summary.offset).ok()?;
        let bytes = self
            .manifests
            .get(begin..begin.checked_add(usize::try_from(summary.length).ok()?)?)?;
        serde_json::from_slice(bytes).ok()
    }

    /// Adds what was found out about a file.
    pub(super) fn add(&mut self, path: &Path, key: FileKey, state: Result<Manifest, Problem>) {
        let state = state.map(|manifest| self.store(&manifest));
        self.entries.push(Entry {
            path: path.to_string_lossy().into_owned(),
            key,
            state,
        });
    }

    fn store(&mut self, manifest: &Manifest) -> Summary {
        let bytes = to_bytes(manifest);
        let summary = Summary {
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            abi: manifest.abi,
            commands: manifest
                .commands
                .iter()
                .map(|command| TopCommand {
                    name: command.name.clone(),
                    aliases: command.aliases.clone(),
                    about: command.about.clone(),
                    hidden: command.hidden,
                })
                .collect(),
            offset: self.manifests.len() as u64,
            length: bytes.len() as u64,
        };
        self.manifests.extend_from_slice(&bytes);
        summary
    }

    /// Writes it in place of the old one. Where that can't be, the next start finds out again.
    pub(super) fn write(&self, file: &Path, host: FileKey) {
        let _ = self.try_write(file, host);
    }

    fn try_write(&self, file: &Path, host: FileKey) -> std::io::Result<()> {
        let folder = file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let header = to_bytes(&Header {
            host,
            manifests: crc32fast::hash(&self.manifests),
            entries: self.entries.clone(),
        });
        let mut new = tempfile::NamedTempFile::new_in(folder)?;
        writeln!(
            new,
            "{MAGIC} {FORMAT} {} {}",
            header.len(),
            crc32fast::hash(&header)
        )?;
        new.write_all(&header)?;
        new.write_all(&self.manifests)?;
        new.persist(file)?;
        Ok(())
    }
}

/// Where the index is; nowhere when there is no home.
pub(super) fn file() -> Option<PathBuf> {
    Some(crate::config::cache_folder()?.join("plugins.index"))
}
