//! Changes of the user's configuration file. They keep its comments and its order, and are checked before they are written.

use std::{
    fs,
    path::{Path, PathBuf},
};

use toml_edit::{Decor, DocumentMut, Item, Table, TableLike};

use super::{
    file::{File, Trust, invalid, user_path},
    schema::{DEFAULT_PROFILE, PROFILE},
};
use crate::{
    error::{Error, ErrorKind},
    files::{self, show_path},
    owners::{Distrust, check_own, lock_own_folder},
};

/// The permissions of a new configuration file, which may hold the password of a proxy.
const MODE: u32 = 0o600;

/// A change of the user's file. No other `tw` changes the file in the meantime.
#[derive(Debug)]
pub(crate) struct Edit {
    path: PathBuf,
    /// The text before the change; empty if there was no file.
    pub(crate) old: String,
    /// The text above all keys. It is no part of the document, so that no new key moves above it.
    head: String,
    document: DocumentMut,
    _busy: fs::File,
}

impl Edit {
    /// Begins a change. Waits until no other process changes the file.
    ///
    /// # Errors
    /// If somebody else could have written the file, or if it can't be read or has a mistake. If its folder can't be made or locked.
    pub(crate) fn begin() -> Result<Self, Error> {
        let (path, busy) = lock()?;
        let old = match File::read(&path, Trust::Own)? {
            Some(file) => file.text.to_owned(),
            None => String::new(),
        };
        let (head, rest) = split_head(&old);
        let document = rest.parse().map_err(|_| {
            let message = format!("{} can't be changed", show_path(&path));
            Error::new(ErrorKind::Input, message).hint("change it with `tw config edit`")
        })?;
        Ok(Self {
            path,
            head: head.to_owned(),
            old,
            document,
            _busy: busy,
        })
    }

    /// Sets the key at this path. Makes the sections on the path.
    pub(crate) fn set(&mut self, path: &[&str], mut value: toml_edit::Value) {
        let Some((key, sections)) = path.split_last() else {
            return;
        };
        let Some(table) = open_sections(self.document.as_table_mut(), sections) else {
            return;
        };
        let is_new = !table.contains_key(key);
        if let Some(Item::Value(old)) = table.get(key) {
            *value.decor_mut() = old.decor().clone();
        }
        if is_new && sections.is_empty() {
            value.decor_mut().set_suffix(MARK.to_string());
        }
        table.insert(key, Item::Value(value));
        self.separate();
    }

    /// Puts a blank line below the value with [`MARK`], so that the comment of the first section doesn't become a comment of the value.
    fn separate(&mut self) {
        let text = self.document.to_string();
        let Some((before, after)) = text.split_once(MARK) else {
            return;
        };
        let below = after.strip_prefix('\r').unwrap_or(after);
        let below = below.strip_prefix('\n').unwrap_or(below);
        let gap = match below.trim().is_empty() || below.starts_with(['\r', '\n']) {
            true => "",
            false => "\n",
        };
        if let Ok(document) = [before, gap, after].concat().parse() {
            self.document = document;
        }
    }

    /// Removes the key or the section at this path, with the comment directly above it. Returns false if there is none.
    pub(crate) fn remove(&mut self, path: &[&str]) -> bool {
        let Some((key, sections)) = path.split_last() else {
            return false;
        };
        let root = self.document.as_table_mut();
        let Some(item) = find_section(root, sections).and_then(|table| table.get(key)) else {
            return false;
        };
        // The sections below have lines of their own, perhaps elsewhere in the file.
        let below = item.as_table().into_iter().flat_map(Table::iter);
        let below = below.filter(|(_, item)| item.is_table());
        let below: Vec<String> = below.map(|(name, _)| name.to_owned()).collect();
        for name in &below {
            self.remove(&[path, &[name.as_str()]].concat());
        }
        self.remove_lines(sections, key);
        true
    }

    /// Removes a key, or a section with its keys. A comment that a blank line separates from it belongs to what stands above, and stays.
    fn remove_lines(&mut self, sections: &[&str], key: &str) {
        let mark = |table: &mut dyn TableLike| mark(table, key);
        let above = find_section(self.document.as_table_mut(), sections).and_then(mark);
        let marked = self.document.to_string();
        if let Some(table) = find_section(self.document.as_table_mut(), sections) {
            table.remove(key);
        }
        let (Some(above), Some(at)) = (above, marked.find(MARK)) else {
            return;
        };
        let text = self.document.to_string();
        let (before, after) = text.split_at(at.min(text.len()));
        let gap = match after.is_empty() || after.starts_with(['\n', '\r']) {
            true => "",
            false => "\n",
        };
        if let Ok(document) = [before, &above, gap, after].concat().parse() {
            self.document = document;
        }
    }

    /// Returns the profile that the file chooses. `None` if the file chooses none.
    pub(crate) fn default_profile(&self) -> Option<&str> {
        self.document.get(DEFAULT_PROFILE)?.as_str()
    }

    /// True if the file has this profile.
    pub(crate) fn has_profile(&self, name: &str) -> bool {
        let profiles = self.document.get(PROFILE).and_then(Item::as_table_like);
        profiles.is_some_and(|profiles| profiles.contains_key(name))
    }

    /// Returns the new text, with the line ends of the old one.
    fn text(&self) -> String {
        let below = self.document.to_string();
        let is_only_head = self.head.len() == self.old.len();
        let gap = match self.head.trim_start_matches('\u{feff}') {
            head if !is_only_head || below.is_empty() || head.is_empty() => "",
            head if head.ends_with("\n\n") => "",
            head if head.ends_with('\n') => "\n",
            _ => "\n\n",
        };
        let text = [self.head.as_str(), gap, &below].concat();
        match self.old.contains("\r\n") {
            true => text.replace("\r\n", "\n").replace('\n', "\r\n"),
            false => text,
        }
    }

    /// Checks the new text and writes it. Returns false if nothing has changed.
    ///
    /// # Errors
    /// If the new text has a mistake, or if the file can't be written. The old file is then unchanged.
    pub(crate) fn save(self) -> Result<bool, Error> {
        let text = self.text();
        if text == self.old {
            return Ok(false);
        }
        check_text(&self.path, &text)?;
        write(&self.path, &text)?;
        Ok(true)
    }
}

/// Splits a text below its head: a byte order mark, and the comments that a blank line or the end of the text separates from the first key.
fn split_head(text: &str) -> (&str, &str) {
    let mark = text.len() - text.trim_start_matches('\u{feff}').len();
    let (mut head, mut at) = (mark, mark);
    for line in text[mark..].split_inclusive('\n') {
        at += line.len();
        match line.trim() {
            "" => head = at,
            comment if comment.starts_with('#') => {}
            _ => return text.split_at(head),
        }
    }
    text.split_at(text.len())
}

/// A character that no configuration has.
const MARK: char = '\0';

/// Puts [`MARK`] in the place of the blank lines and comments above a key or a section. Returns those that belong to what stands above; `None` if there is
/// no such comment.
fn mark(table: &mut dyn TableLike, key: &str) -> Option<String> {
    match table.get_mut(key) {
        Some(Item::Table(section)) if !section.is_dotted() => mark_decor(section.decor_mut()),
        _ => mark_decor(table.key_mut(key)?.leaf_decor_mut()),
    }
}

fn mark_decor(decor: &mut Decor) -> Option<String> {
    let comments = decor.prefix()?.as_str()?.to_owned();
    decor.set_prefix(MARK.to_string());
    let mut at = 0;
    let mut end = 0;
    for line in comments.split_inclusive('\n') {
        if line.trim().is_empty() {
            end = at;
        }
        at += line.len();
    }
    let above = comments[..end].trim_end();
    (!above.is_empty()).then(|| format!("{above}\n"))
}

/// Returns the section at this path. `None` if there is none.
fn find_section<'a>(root: &'a mut Table, path: &[&str]) -> Option<&'a mut dyn TableLike> {
    let mut table: &mut dyn TableLike = root;
    for section in path {
        table = table.get_mut(section)?.as_table_like_mut()?;
    }
    Some(table)
}

/// Returns the section at this path, and makes the sections that are missing. `None` if a value is in the way.
fn open_sections<'a>(root: &'a mut Table, path: &[&str]) -> Option<&'a mut dyn TableLike> {
    let mut table: &mut dyn TableLike = root;
    for (at, section) in path.iter().enumerate() {
        let mut new = Table::new();
        // A section that only contains other sections needs no line of its own.
        new.set_implicit(at + 1 < path.len());
        let below = table.entry(section).or_insert(Item::Table(new));
        table = below.as_table_like_mut()?;
    }
    Some(table)
}

/// Locks the user's file against changes by other processes. Returns its path, and the lock.
pub(crate) fn lock() -> Result<(PathBuf, fs::File), Error> {
    let path = user_path().ok_or_else(Error::no_home)?;
    let busy = lock_own_folder(files::parent(&path), "the configuration")?;
    Ok((path, busy))
}

/// Compares a text with the schema, as if it were the file.
///
/// # Errors
/// The first mistake of the text.
pub(crate) fn check_text(path: &Path, text: &str) -> Result<(), Error> {
    let text: &'static str = text.to_owned().leak();
    let table = toml::de::DeTable::parse(text).map_err(|error| invalid(path, text, &error))?;
    let file = File {
        path: path.to_owned(),
        text,
        table: table.into_inner(),
    };
    match file.mistakes().into_iter().next() {
        Some(mistake) => Err(file.explain(mistake)),
        None => Ok(()),
    }
}

/// Writes a text that was checked. A link stays a link, and the file that it leads to keeps its permissions.
///
/// # Errors
/// If somebody else could write the file, or if it can't be written. The old file is then unchanged.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Error> {
    let real = match check_own(path) {
        Ok(real) => real,
        Err(Distrust::Missing) => path.to_owned(),
        Err(Distrust::Unreadable(error)) => return Err(Error::unwritable(path, error)),
        Err(distrust) => return Err(distrust.explain(&show_path(path), "write it again")),
    };
    files::replace_with_mode(&real, text.as_bytes(), mode_of(&real))
        .map_err(|error| Error::unwritable(path, error))
}

#[cfg(unix)]
fn mode_of(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    path.metadata()
        .map_or(MODE, |data| data.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn mode_of(_: &Path) -> u32 {
    MODE
}
