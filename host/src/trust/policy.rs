//! What may be loaded on this machine: said by its administrator, and narrowed by the person.
//!
//! A policy is a file. The machine's is `/etc/tw/policy.toml` (Windows: `%ProgramData%\tw\policy.toml`), and `PREFIX/etc/tw/policy.toml` for a `tw` in
//! `PREFIX/bin`; the person's is `policy.toml` in their own configuration, and whatever `TW_POLICY` names. A plugin needs the consent of each of
//! them, so none can widen another. One that can't be read consents to nothing.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use semver::Version;

use super::{Origin, PrescribedIndex, Subject, rules::Rules};
use crate::{
    error::{Error, ErrorKind},
    files,
};

/// The policies that are in force.
#[derive(Debug)]
pub(crate) struct Policy(Vec<File>);

#[derive(Debug)]
struct File {
    path: PathBuf,
    rules: Rules,
}

impl Policy {
    /// Reads the policies for this binary.
    ///
    /// # Errors
    /// One of them can't be read: then nothing may be loaded.
    pub(crate) fn read(binary: &Path) -> Result<Self, Error> {
        let mut files = Vec::new();
        for path in machine_files(binary) {
            files.extend(File::read(path)?);
        }
        if let Some(folder) = crate::config::folder() {
            let path = folder.join("policy.toml");
            // Whoever can't look into a folder has put nothing there.
            if path.symlink_metadata().is_ok() {
                files.extend(File::read(path)?);
            }
        }
        if let Some(path) = crate::process::variable("TW_POLICY").map(PathBuf::from) {
            let file = File::read(path.clone())?;
            files.push(file.ok_or_else(|| unreadable(&path, "isn't there"))?);
        }
        Ok(Self(files))
    }

    /// Whether all policies consent to this plugin.
    ///
    /// # Errors
    /// The file and the rule in it that refuses.
    pub(crate) fn check(&self, subject: &Subject<'_>) -> Result<(), Error> {
        for File { path, rules } in &self.0 {
            if let Some(rule) = rules.refusal(subject) {
                return Err(Error::new(
                    ErrorKind::Refused,
                    format!("the policy {} forbids it: {rule}", path.display()),
                )
                .hint("ask whoever keeps that file, or use another plugin or version"));
            }
        }
        Ok(())
    }

    /// Whether a library may be asked what it is, which runs it. Only its name is known yet: rules about its version are for later.
    ///
    /// # Errors
    /// The file and the rule in it that refuses.
    pub(crate) fn check_without_version(&self, name: &str, origin: Origin) -> Result<(), Error> {
        let subject = Subject::unlocked(name, None, origin);
        let unasked = self.0.iter().map(|file| File {
            path: file.path.clone(),
            rules: file.rules.without_versions(),
        });
        Self(unasked.collect()).check(&subject)
    }

    /// The version that a plugin is pinned to.
    pub(crate) fn pin(&self, name: &str) -> Option<&Version> {
        self.0.iter().find_map(|file| file.rules.pins.get(name))
    }

    /// The indices that policies prescribe, by name. Where two files differ about one, the first counts: a person's comes last.
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
            path.display()
        ),
    )
    .hint("ask whoever keeps that file to mend it")
}

impl File {
    /// Reads a policy; none where there is no file.
    fn read(path: PathBuf) -> Result<Option<Self>, Error> {
        let text = match files::read_text(&path) {
            Ok(text) => text,
            // A link that leads to nothing is a policy all the same.
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
