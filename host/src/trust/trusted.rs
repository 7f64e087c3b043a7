//! The keys that the user trusts.
//!
//! A trusted key is a file `keys/NAME.toml` in the user's configuration, with the key and the plugins that it may sign. The user chooses the name.
//!
//! ```toml
//! key = "RWQ…"
//! plugins = ["acme-*", "hello"]
//! ```

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tw_render::text::visible;

use super::{
    keys::{Key, Signature, Signer, is_name},
    names::NamePattern,
};
use crate::{
    error::{Error, ErrorKind},
    files::{self, show_path},
    owners::{self, Distrust},
};

/// The ending of the file of a trusted key.
const ENDING: &str = ".toml";

/// A key that the user trusts for some plugins. An unknown field is an error, because it could be a limit.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrustedKey {
    pub(crate) key: Key,
    /// The names of the plugins that the key may sign.
    pub(crate) plugins: Vec<NamePattern>,
}

impl TrustedKey {
    /// Returns the names of the plugins that the key may sign, as a sentence lists them.
    pub(crate) fn list_plugins(&self) -> String {
        let names = self.plugins.iter().map(|name| format!("`{name}`"));
        names.collect::<Vec<_>>().join(", ")
    }
}

/// The trusted keys that made a signature, by name. The user can trust one key under several names.
#[derive(Debug)]
pub(crate) struct Signers(Vec<(String, TrustedKey)>);

impl Signers {
    /// Returns the signer of the plugin with this name.
    ///
    /// # Errors
    /// The user doesn't trust the key for this plugin.
    pub(crate) fn for_plugin(self, plugin: &str) -> Result<Signer, Error> {
        let may_sign =
            |trusted: &TrustedKey| trusted.plugins.iter().any(|name| name.matches(plugin));
        if let Some((name, trusted)) = self.0.iter().find(|(_, trusted)| may_sign(trusted)) {
            return Ok(Signer {
                name: name.clone(),
                key: trusted.key.clone(),
            });
        }
        let names = self.0.iter().map(|(name, trusted)| {
            format!("the key `{name}` may sign only {}", trusted.list_plugins())
        });
        let names = names.collect::<Vec<_>>().join(", and ");
        let plugin = visible(plugin);
        let error = Error::new(
            ErrorKind::Refused,
            format!("it is signed, but {names}, not `{plugin}`"),
        );
        Err(match self.0.first() {
            None => error,
            Some((name, trusted)) => {
                let old = trusted.plugins.iter();
                let old: String = old.map(|name| format!("--plugin '{name}' ")).collect();
                error.hint(format!(
                    "if the key's owner may publish this plugin: \
                     `tw plugin key trust {name} {} {old}--plugin {plugin}`",
                    trusted.key
                ))
            }
        })
    }
}

/// The folder of the trusted keys.
#[derive(Debug)]
pub(crate) struct Keys {
    folder: Option<PathBuf>,
}

impl Keys {
    pub(crate) fn of_user() -> Self {
        let folder = crate::config::folder().map(|folder| folder.join("keys"));
        Self { folder }
    }

    /// Reads all trusted keys, in the order of their names.
    ///
    /// # Errors
    /// A file can't be read, others could have written it, or it is not a trusted key.
    pub(crate) fn all(&self) -> Result<Vec<(String, TrustedKey)>, Error> {
        let Some(folder) = &self.folder else {
            return Ok(Vec::new());
        };
        match owners::check_own(folder) {
            Ok(_) => {}
            Err(Distrust::Missing) => return Ok(Vec::new()),
            Err(distrust) => {
                let what = format!("the folder of trusted keys {}", show_path(folder));
                return Err(distrust.explain(&what, TRUST_AGAIN));
            }
        }
        let entries = folder.read_dir().ok();
        let mut keys = Vec::new();
        for entry in entries.into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(name) = name.strip_suffix(ENDING).filter(|name| is_name(name)) {
                keys.push((name.to_owned(), read(&path)?));
            }
        }
        keys.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(keys)
    }

    /// Trusts a key under a name. Replaces the plugins that the key could sign under this name.
    ///
    /// # Errors
    /// Another key has the name, or the file can't be written.
    pub(crate) fn trust(&self, name: &str, trusted: &TrustedKey) -> Result<(), Error> {
        let path = self.path(name)?;
        if path.symlink_metadata().is_ok() && read(&path)?.key != trusted.key {
            return Err(Error::new(
                ErrorKind::Refused,
                format!("another key is trusted as `{name}`"),
            )
            .hint(format!(
                "choose another name, or stop trusting that key: `tw plugin key remove {name}`"
            )));
        }
        let text = toml::to_string(trusted)
            .map_err(|error| Error::unwritable(&path, std::io::Error::other(error.to_string())))?;
        owners::replace_own(&path, text.as_bytes())
    }

    /// Stops trusting the key with this name.
    ///
    /// # Errors
    /// No key has the name, or the file can't be removed.
    pub(crate) fn remove(&self, name: &str) -> Result<(), Error> {
        let path = self.path(name)?;
        fs::remove_file(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::new(
                ErrorKind::NotFound,
                format!("no key is trusted as `{name}`"),
            )
            .hint("`tw plugin key list` shows the trusted keys"),
            _ => Error::unwritable(&path, error),
        })
    }

    /// Finds the trusted keys that signed these bytes; returns `None` if the key of the signature isn't trusted.
    ///
    /// # Errors
    /// The signature has the number of a trusted key, but is not that key's signature of these bytes.
    pub(crate) fn find_signers(
        &self,
        signature: &Signature,
        bytes: &[u8],
    ) -> Result<Option<Signers>, Error> {
        let keys = self.all()?.into_iter();
        let keys = keys.filter(|(_, trusted)| trusted.key.has_number_of(signature));
        let mut signers = Vec::new();
        let mut error = None;
        for (name, trusted) in keys {
            match trusted.key.verify(signature, bytes) {
                Ok(()) => signers.push((name, trusted)),
                Err(other) => error = Some(other),
            }
        }
        match (signers.is_empty(), error) {
            (true, Some(error)) => Err(error),
            (true, None) => Ok(None),
            (false, _) => Ok(Some(Signers(signers))),
        }
    }

    /// Checks that a key can have this name.
    ///
    /// # Errors
    /// The name is not valid.
    pub(crate) fn check_name(name: &str) -> Result<(), Error> {
        match is_name(name) {
            true => Ok(()),
            false => Err(Error::new(
                ErrorKind::Input,
                format!("`{}` is not a valid key name", visible(name)),
            )
            .hint("use small letters, digits and hyphens")),
        }
    }

    fn path(&self, name: &str) -> Result<PathBuf, Error> {
        Self::check_name(name)?;
        let folder = self.folder.as_ref().ok_or_else(Error::no_home)?;
        Ok(folder.join(format!("{name}{ENDING}")))
    }
}

const TRUST_AGAIN: &str = "trust the key again";

fn name_file(path: &Path) -> String {
    format!("the trusted key {}", show_path(path))
}

fn read(path: &Path) -> Result<TrustedKey, Error> {
    let invalid = |reason: String| {
        Error::new(ErrorKind::Input, format!("{} {reason}", name_file(path)))
            .hint("correct the file, or remove it and trust the key again")
    };
    let text = match owners::read_own(path, files::MAX_TEXT) {
        Ok(bytes) => {
            if let Some((what, hint)) = files::find_leftover(&bytes) {
                return Err(invalid(what).hint(hint));
            }
            String::from_utf8(bytes).map_err(|_| invalid("is not UTF-8".to_owned()))?
        }
        Err(Distrust::Unreadable(error)) => {
            return Err(invalid(format!("can't be read: {error}")));
        }
        Err(distrust) => return Err(distrust.explain(&name_file(path), TRUST_AGAIN)),
    };
    toml::from_str(&text).map_err(|error| {
        let line = files::line_of(&text, error.span());
        let message = error.message().replace('\n', ", ");
        invalid(format!("can't be understood (line {line}: {message})"))
    })
}
