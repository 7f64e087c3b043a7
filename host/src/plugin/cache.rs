//! The manifest cache: the manifests of all libraries in one file, so that help, completion and dispatch open no library.
//!
//! The file has a line, a head and parts. The line is `tw-plugin-cache FORMAT LENGTH CRC`: the length of the head in bytes, and the CRC-32 of
//! all that follows the line. The head says who owns each command and at which offset each plugin's part begins. A part is the JSON of a plugin,
//! of its manifest as the plugin wrote it, or of one of its commands. Each command is a part of its own, because a command line needs only one
//! of them. A file that is damaged, or of another format, or written by another binary, counts as empty and is replaced.
//!
//! The file is replaced atomically. If two processes replace it at once, the file of the last one stays.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tw_plugin_protocol::{Command, to_bytes};

use super::{
    known::{Plugin, Span, State, Stub, Summary},
    locate::{FileKey, Places},
    ownership::Owners,
};
use crate::{config, files, store::PluginManifest, timing::measure};

/// The format of the file. Raise it with every change of the types that are stored.
const FORMAT: u32 = 6;

const MAGIC: &str = "tw-plugin-cache";

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Head {
    /// The binary that wrote the file. Another binary may judge plugins differently.
    host: FileKey,
    /// The folders and files that list the libraries. If they are unchanged, no library was added, removed or renamed. `None` if a later
    /// change might not show in their keys.
    places: Option<Places>,
    /// The number of plugins that can't be used.
    broken: usize,
    owners: Owners,
    /// The parts of the plugins, in the order in which their libraries were found.
    plugins: Vec<Span>,
}

/// The cache, as it is in the file.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Cache {
    bytes: Vec<u8>,
    /// The offset of the parts in `bytes`.
    parts: usize,
    head: Head,
}

impl Cache {
    /// Reads the cache of this user. A file that can't be used is an empty cache.
    pub(super) fn read(host: FileKey) -> Self {
        measure("cache read", || {
            let bytes = path().and_then(|path| std::fs::read(path).ok());
            bytes
                .and_then(|bytes| Self::parse(bytes, host))
                .unwrap_or_default()
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
        (head.host == host).then_some(Self { bytes, parts, head })
    }

    /// Writes the cache to its file. If that fails, the next start asks the libraries again.
    pub(super) fn write(&self) {
        if let Some(path) = path() {
            let _ = files::replace_cache(&path, &self.bytes);
        }
    }

    pub(super) fn places(&self) -> Option<Places> {
        self.head.places
    }

    pub(super) fn count_broken(&self) -> usize {
        self.head.broken
    }

    pub(super) fn owners(&self) -> &Owners {
        &self.head.owners
    }

    /// Reads all plugins, in the order in which their libraries were found.
    pub(super) fn plugins(&self) -> Vec<Plugin> {
        let spans = self.head.plugins.iter();
        spans.filter_map(|span| self.part(*span)).collect()
    }

    /// Reads one plugin. `None` if there is no such number, or if the part can't be read.
    pub(super) fn plugin(&self, number: usize) -> Option<Plugin> {
        self.part(*self.head.plugins.get(number)?)
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

    /// Adds the plugins and makes the cache.
    pub(super) fn finish(
        mut self,
        host: FileKey,
        places: Option<Places>,
        owners: Owners,
        plugins: &[&Plugin],
    ) -> Cache {
        let is_broken =
            |plugin: &&&Plugin| matches!(plugin.state, State::Unusable(_)) && !plugin.replaced;
        let head = Head {
            host,
            places,
            broken: plugins.iter().filter(is_broken).count(),
            owners,
            plugins: plugins.iter().map(|plugin| self.part(plugin)).collect(),
        };
        let content = [to_bytes(&head), self.0].concat();
        let length = to_bytes(&head).len();
        let line = format!("{MAGIC} {FORMAT} {length} {}\n", crc32fast::hash(&content));
        Cache {
            parts: line.len() + length,
            bytes: [line.as_bytes(), &content].concat(),
            head,
        }
    }
}

/// Reads everything in a cache whose head and parts are these bytes: a line of JSON, and the parts.
#[cfg(any(test, fuzzing))]
pub(crate) fn fuzz(content: &[u8]) {
    let length = content
        .split(|byte| *byte == b'\n')
        .next()
        .map_or(0, <[u8]>::len);
    let line = format!("{MAGIC} {FORMAT} {length} {}\n", crc32fast::hash(content));
    let bytes = [line.as_bytes(), content].concat();
    let Some(cache) = Cache::parse(bytes, FileKey::default()) else {
        return;
    };
    for plugin in cache.plugins() {
        if let Some(summary) = plugin.summary() {
            let _ = cache.manifest(summary);
        }
        for stub in plugin.commands() {
            let _ = cache.command(stub, &|_| true);
        }
    }
}
