//! Policies: which plugins may be loaded on this machine.
//!
//! The administrator's policies are `/etc/tw/policy.toml` (Windows: `%ProgramData%\tw\policy.toml`), and `PREFIX/etc/tw/policy.toml` for a `tw` in
//! `PREFIX/bin`. The user's policies are `policy.toml` in the user's configuration, and the file that `TW_POLICY` names. Every policy must allow a
//! plugin, so no policy can weaken another. A policy that can't be read allows nothing.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use semver::Version;

use super::{Origin, PrescribedIndex, Subject, rules::Rules};
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
        Ok(Self(files))
    }

    /// Checks that all policies allow a plugin.
    ///
    /// # Errors
    /// A policy forbids the plugin. The message names the file and the rule.
    pub(crate) fn check(&self, subject: &Subject<'_>) -> Result<(), Error> {
        for File { path, rules } in &self.0 {
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
        let subject = Subject::unlocked(name, None, origin);
        let files = self.0.iter().map(|file| File {
            path: file.path.clone(),
            rules: file.rules.without_versions(),
        });
        Self(files.collect()).check(&subject)
    }

    /// Returns the version that a plugin is pinned to; `None` if no policy pins it.
    pub(crate) fn pin(&self, name: &str) -> Option<&Version> {
        self.0.iter().find_map(|file| file.rules.pins.get(name))
    }

    /// Returns the libraries that plugins may need besides those of the system. The policy that is read first decides: the administrator's, if there
    /// is one. So no other policy can widen what the administrator's allows.
    pub(crate) fn libraries(&self) -> &[String] {
        let first = self.0.first();
        first.map_or(&[], |file| &file.rules.libraries)
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
        let rules = toml::from_str(&text).map_err(|error| {
            let line = files::line_of(&text, error.span());
            let message = error.message().replace('\n', ", ");
            unreadable(
                &path,
                &format!("can't be understood (line {line}: {message})"),
            )
        })?;
        Ok(Some(Self { path, rules }))
    }
}

/// Reads the rules of a policy, and applies them to a plugin.
#[cfg(any(test, fuzzing))]
pub(crate) fn fuzz(text: &str) {
    if let Ok(rules) = toml::from_str::<Rules>(text) {
        let version = Version::new(1, 2, 3);
        let _ = rules.find_violation(&Subject::unlocked("hello", Some(&version), Origin::Linked));
        let _ = rules.without_versions();
    }
}
