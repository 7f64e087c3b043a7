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

use super::{PrescribedIndex, Subject, rules::Rules};
use crate::{
    config,
    error::{Error, ErrorKind},
    files::{self, show_path},
    owners::{Distrust, Trusted},
    process::Shortage,
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
        let own = Trusted::this_user();
        let mut files = Vec::new();
        files.extend(File::read(config::machine_folder().join(NAME), &own)?);
        if let Some(path) = config::prefix_folder(binary).map(|folder| folder.join(NAME)) {
            // A user who can replace `tw` can also decide what `tw` loads. A folder that can't be entered may have a policy.
            let is_absent = path
                .symlink_metadata()
                .is_err_and(|error| files::is_absent(&error));
            if !is_absent {
                let trusted = own.clone().with_writers_of(binary);
                let trusted = trusted.map_err(|distrust| untrusted(&path, distrust))?;
                files.extend(File::read(path, &trusted)?);
            }
        }
        if let Some(folder) = config::folder() {
            let path = folder.join(NAME);
            // A user who can't enter the folder can't have put a policy there.
            if path.symlink_metadata().is_ok() {
                files.extend(File::read(path, &own)?);
            }
        }
        if let Some(path) = crate::process::variable("TW_POLICY").map(PathBuf::from) {
            let file = File::read(path.clone(), &own)?;
            files.push(file.ok_or_else(|| unreadable(&path, "doesn't exist"))?);
        }
        // A rule can name only the indices of its own policy and of the policies before it: a user's index must not meet a rule of the administrator.
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

    /// Returns the version that a plugin is pinned to; `None` if no policy pins it.
    pub(crate) fn pin(&self, name: &str) -> Option<&Version> {
        self.0.iter().find_map(|file| file.rules.pin(name))
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

/// The file name of a policy.
const NAME: &str = "policy.toml";

/// Makes the error of a policy that somebody could have written who must not decide.
fn untrusted(path: &Path, distrust: Distrust) -> Error {
    let what = format!(
        "nothing may be loaded, because the policy {}",
        show_path(path)
    );
    distrust
        .explain(&what, "")
        .hint("ask the policy's administrator to check its content, and who can write it")
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
    fn read(path: PathBuf, trusted: &Trusted) -> Result<Option<Self>, Error> {
        let read = trusted
            .check(&path)
            .and_then(|real| files::read_at_most(&real, files::MAX_TEXT).map_err(Distrust::from));
        let text = match read {
            Ok(bytes) => String::from_utf8(bytes).map_err(|error| {
                match files::find_leftover(error.as_bytes()) {
                    Some((what, hint)) => unreadable(&path, &what).hint(hint),
                    None => unreadable(&path, "can't be read (it is not UTF-8)"),
                }
            })?,
            // A broken link is a policy that can't be read, not a missing one.
            Err(Distrust::Missing) if path.symlink_metadata().is_err() => return Ok(None),
            Err(Distrust::Missing) => return Err(unreadable(&path, "is a link to nothing")),
            Err(Distrust::Unreadable(error)) => {
                let unreadable = unreadable(&path, &format!("can't be read ({error})"));
                return Err(match Shortage::of(&error) {
                    Some(shortage) => unreadable.hint(shortage.remedy()),
                    None => unreadable,
                });
            }
            Err(distrust) => return Err(untrusted(&path, distrust)),
        };
        let rules: Rules = toml::from_str(&text).map_err(|error| {
            if let Some((what, hint)) = files::find_leftover(text.as_bytes()) {
                return unreadable(&path, &what).hint(hint);
            }
            let message = error.message().replace('\n', ", ");
            incomprehensible(&path, &text, error.span(), &message)
        })?;
        Ok(Some(Self { path, text, rules }))
    }
}

/// Reads the rules of a policy, and applies them to a plugin. Returns true if the rules can be read.
#[cfg(any(test, fuzzing))]
pub(crate) fn fuzz(text: &str) -> bool {
    let Ok(mut rules) = toml::from_str::<Rules>(text) else {
        return false;
    };
    let indices = rules.indices.iter();
    let prescribed = indices.map(|(name, index)| (name.clone(), index.key.clone()));
    let _ = rules.resolve(&prescribed.collect());
    let version = Version::new(1, 2, 3);
    let linked = super::Origin::Linked;
    let _ = rules.find_violation(&Subject::unlocked("hello", Some(&version), linked));
    true
}
