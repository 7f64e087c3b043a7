//! Public keys and signatures in minisign's format: the `minisign` tool verifies our signatures, and `tw` verifies those of the tool.
//!
//! A trusted key is a file `NAME.pub` in the user's configuration. The user chooses the name.

use std::{
    fs,
    io::Cursor,
    path::{Path, PathBuf},
};

use minisign::{PublicKey, SignatureBox};
use tw_render::text::visible;

use crate::{
    error::{Context as _, Error, ErrorKind},
    files::{self, show_path},
};

/// The suffix of a signature's file, after the name of the signed file.
pub(crate) const SUFFIX: &str = ".minisig";

/// A public key, written in base64 as minisign shows it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Key(PublicKey);

impl Key {
    /// Parses a key in base64, or the content of a minisign public key file.
    ///
    /// # Errors
    /// The text is neither.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let line = text
            .lines()
            .map(str::trim)
            .rfind(|line| !line.is_empty() && !line.starts_with("untrusted comment:"));
        let key = line.and_then(|line| PublicKey::from_base64(line).ok());
        key.map(Self).ok_or_else(|| {
            Error::new(ErrorKind::Input, "it is not a public key").hint(
                "a public key looks like `RWQ…` and has 56 characters; its owner has it in a \
                 file `NAME.pub`",
            )
        })
    }

    pub(crate) fn to_text(&self) -> String {
        self.0.to_base64()
    }

    /// Verifies that this key signed these bytes.
    ///
    /// # Errors
    /// Another key made the signature, or it is the signature of other bytes.
    pub(crate) fn verify(&self, signature: &Signature, bytes: &[u8]) -> Result<(), Error> {
        if signature.0.keynum() != self.0.keynum() {
            return Err(Error::new(
                ErrorKind::Refused,
                "its signature was made with another key than the trusted one",
            )
            .hint(
                "get it from its publisher; if they have a new key, trust it with \
                 `tw plugin key trust NAME KEY`",
            ));
        }
        minisign::verify(
            &self.0,
            &signature.0,
            Cursor::new(bytes),
            true,
            false,
            false,
        )
        .map_err(|_| {
            Error::new(
                ErrorKind::Refused,
                "its signature doesn't match its content",
            )
            .hint("it is damaged or was changed: get it again from its publisher")
        })
    }
}

impl From<PublicKey> for Key {
    fn from(key: PublicKey) -> Self {
        Self(key)
    }
}

/// The publisher who signed a package.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signer {
    /// The publisher's name: the user's own name for the key, or the name in the index.
    pub(crate) name: String,
    /// The public key, as minisign writes it.
    pub(crate) key: String,
}

/// A detached signature.
#[derive(Clone)]
pub(crate) struct Signature(SignatureBox);

impl Signature {
    /// Returns the ID of the key that made the signature, as minisign writes it.
    pub(crate) fn key_id(&self) -> String {
        self.0
            .keynum()
            .iter()
            .rev()
            .map(|byte| format!("{byte:02X}"))
            .collect()
    }

    /// Parses the content of a `.minisig` file.
    ///
    /// # Errors
    /// The content is not a minisign signature.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, Error> {
        let text = std::str::from_utf8(text).ok();
        let signature = text.and_then(|text| SignatureBox::from_string(text).ok());
        signature.map(Self).ok_or_else(|| {
            Error::new(ErrorKind::Input, "its signature can't be read").hint(
                "get it again from its publisher; `tw plugin sign` and minisign make signatures",
            )
        })
    }
}

/// The keys that the user trusts.
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
    /// A file can't be read, or is not a key.
    pub(crate) fn all(&self) -> Result<Vec<(String, Key)>, Error> {
        let entries = self
            .folder
            .as_ref()
            .and_then(|folder| folder.read_dir().ok());
        let mut keys = Vec::new();
        for entry in entries.into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(name) = name.strip_suffix(".pub") {
                keys.push((name.to_owned(), read(&path)?));
            }
        }
        keys.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(keys)
    }

    /// Trusts a key under a name.
    ///
    /// # Errors
    /// Another key has the name, or the file can't be written.
    pub(crate) fn trust(&self, name: &str, key: &Key) -> Result<(), Error> {
        let path = self.path(name)?;
        if path.exists() && read(&path)? != *key {
            return Err(Error::new(
                ErrorKind::Refused,
                format!("another key is trusted as `{name}`"),
            )
            .hint(format!(
                "choose another name, or stop trusting that key: `tw plugin key remove {name}`"
            )));
        }
        let text = format!("untrusted comment: trusted as {name}\n{}\n", key.to_text());
        files::replace(&path, text.as_bytes()).map_err(|error| Error::unwritable(&path, error))
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

    /// Finds the trusted signer of these bytes; returns `None` if the key of the signature isn't trusted.
    ///
    /// # Errors
    /// A trusted key made the signature, but of other bytes.
    pub(crate) fn signer(
        &self,
        signature: &Signature,
        bytes: &[u8],
    ) -> Result<Option<Signer>, Error> {
        for (name, key) in self.all()? {
            if key.0.keynum() == signature.0.keynum() {
                key.verify(signature, bytes)?;
                let key = key.to_text();
                return Ok(Some(Signer { name, key }));
            }
        }
        Ok(None)
    }

    fn path(&self, name: &str) -> Result<PathBuf, Error> {
        if !is_name(name) {
            return Err(Error::new(
                ErrorKind::Input,
                format!("`{}` is not a valid key name", visible(name)),
            )
            .hint("use small letters, digits and hyphens"));
        }
        let folder = self.folder.as_ref().ok_or_else(Error::no_home)?;
        Ok(folder.join(format!("{name}.pub")))
    }
}

/// True if a text is a valid name of a plugin, an index or a key: small letters, digits and hyphens, which are easy to type and allowed in every
/// file name.
pub(crate) fn is_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    name.bytes().next().is_some_and(letter)
        && name.len() <= 64
        && name.bytes().all(|byte| letter(byte) || byte == b'-')
}

fn read(path: &Path) -> Result<Key, Error> {
    let text = files::read_text(path).map_err(|error| {
        Error::new(
            ErrorKind::Input,
            format!("the key {} can't be read: {error}", show_path(path)),
        )
        .hint("make the file readable, or remove it")
    })?;
    Key::parse(&text).context(|| format!("the key {}", show_path(path)))
}
