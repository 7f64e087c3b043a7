//! Policies: which plugins may be loaded on this machine.
//!
//! The administrator's policies are `/etc/tw/policy.toml` (Windows: `%ProgramData%\tw\policy.toml`), and `PREFIX/etc/tw/policy.toml` for a `tw` in
//! `PREFIX/bin`. The user's policies are `policy.toml` in the user's configuration, and the file that `TW_POLICY` names. Every policy must allow a
//! plugin, so no policy can weaken another. A policy that can't be read allows nothing.

use std::{
    collections::BTreeMap,
    ops::Range,
    path::{Path, PathBuf},
};

use semver::Version;

use super::{Origin, PrescribedIndex, Services, Subject, rules::Rules};
use crate::{
    error::{Error, ErrorKind},
    files::{self, show_path},
};

/// The policies that apply on this machine.
#[derive(Debug)]
pub(crate) struct Policy(Vec<File>);

#[derive(Debug)]
struct File {
    path: PathBuf,
    text: String,
    rules: Rules,
}

impl Policy {
    /// Reads the policies that apply to this binary.
    ///
    /// # Errors
    /// A policy can't be read. No plugin may be loaded then.
    pub(crate) fn read(binary: &Path) -> Result<Self, Error> {
        let mut files = Vec::new();
        for path in machine_files(binary) {
            files.extend(File::read(path)?);
        }
        if let Some(folder) = crate::config::folder() {
            let path = folder.join("policy.toml");
            // A user who can't enter the folder can't have put a policy there.
            if path.symlink_metadata().is_ok() {
                files.extend(File::read(path)?);
            }
        }
        if let Some(path) = crate::process::variable("TW_POLICY").map(PathBuf::from) {
            let file = File::read(path.clone())?;
            files.push(file.ok_or_else(|| unreadable(&path, "doesn't exist"))?);
        }
        // A rule can name only the indices of its own policy and of the policies before it: a person's index must not meet a rule of the administrator.
        let mut prescribed = BTreeMap::new();
        for File { path, text, rules } in &mut files {
            for (name, index) in &rules.indices {
                let key = prescribed.entry(name.clone());
                key.or_insert_with(|| index.key.clone());
            }
            rules.resolve(&prescribed).map_err(|mistake| {
                incomprehensible(path, text, Some(mistake.part), &mistake.message)
                    .hint(mistake.hint)
            })?;
        }
        Ok(Self(files))
    }

    /// Checks that all policies allow a plugin.
    ///
    /// # Errors
    /// A policy forbids the plugin. The message names the file and the rule.
    pub(crate) fn check(&self, subject: &Subject<'_>) -> Result<(), Error> {
        for File { path, rules, .. } in &self.0 {
            if let Some(rule) = rules.find_violation(subject) {
                return Err(Error::new(
                    ErrorKind::Refused,
                    format!("the policy {} forbids it: {rule}", show_path(path)),
                )
                .hint("ask the policy's administrator, or use another plugin or version"));
            }
        }
        Ok(())
    }

    /// Checks that a library may be described, which runs the library. Rules about versions don't apply, because the version isn't known
    /// yet.
    ///
    /// # Errors
    /// A policy forbids the plugin.
    pub(crate) fn check_without_version(&self, name: &str, origin: Origin) -> Result<(), Error> {
        let subject = Subject {
            services: Services::Undescribed,
            ..Subject::unlocked(name, None, origin)
        };
        let files = self.0.iter().map(|file| File {
            path: file.path.clone(),
            text: String::new(),
            rules: file.rules.without_versions(),
        });
        Self(files.collect()).check(&subject)
    }

    /// Returns the version that a plugin is pinned to; `None` if no policy pins it.
    pub(crate) fn pin(&self, name: &str) -> Option<&Version> {
        self.0.iter().find_map(|file| file.rules.pin(name))
    }

    /// Returns the indices that policies prescribe, by name. If two policies prescribe different indices with one name, the policy that is
    /// read first wins: the administrator's before the user's.
    pub(crate) fn indices(&self) -> BTreeMap<&str, &PrescribedIndex> {
        let files = self.0.iter().rev();
        let indices = files.flat_map(|file| &file.rules.indices);
        indices
            .map(|(name, index)| (name.as_str(), index))
            .collect()
    }
}

fn machine_files(binary: &Path) -> Vec<PathBuf> {
    let machine = match std::env::var_os("ProgramData").filter(|_| cfg!(windows)) {
        Some(data) => PathBuf::from(data).join("tw"),
        None => PathBuf::from("/etc/tw"),
    };
    let folder = binary.parent().filter(|folder| folder.ends_with("bin"));
    let prefix = folder.and_then(Path::parent);
    let of_prefix = prefix.map(|prefix| prefix.join("etc").join("tw"));
    std::iter::once(machine)
        .chain(of_prefix)
        .map(|folder| folder.join("policy.toml"))
        .collect()
}

fn unreadable(path: &Path, what: &str) -> Error {
    Error::new(
        ErrorKind::Refused,
        format!(
            "the policy {} {what}, so nothing may be loaded",
            show_path(path)
        ),
    )
    .hint("ask the policy's administrator to correct it")
}

/// Makes the error of a policy with a mistake in this part of its text.
fn incomprehensible(path: &Path, text: &str, part: Option<Range<usize>>, message: &str) -> Error {
    let line = files::line_of(text, part);
    unreadable(
        path,
        &format!("can't be understood (line {line}: {message})"),
    )
}

impl File {
    /// Reads a policy; returns `None` if there is no file.
    fn read(path: PathBuf) -> Result<Option<Self>, Error> {
        let text = match files::read_text(&path) {
            Ok(text) => text,
            // A broken link is a policy that can't be read, not a missing one.
            Err(error) if files::is_absent(&error) && path.symlink_metadata().is_err() => {
                return Ok(None);
            }
            Err(error) => return Err(unreadable(&path, &format!("can't be read ({error})"))),
        };
        let rules: Rules = toml::from_str(&text).map_err(|error| {
            let message = error.message().replace('\n', ", ");
            incomprehensible(&path, &text, error.span(), &message)
        })?;
        Ok(Some(Self { path, text, rules }))
    }
}
