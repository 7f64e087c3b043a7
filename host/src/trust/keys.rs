//! Public keys and signatures in minisign's format: the `minisign` tool verifies our signatures, and `tw` verifies those of the tool.

use std::io::Cursor;

use minisign::{PublicKey, SignatureBox};
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind};

/// The suffix of a signature's file, after the name of the signed file.
pub(crate) const SUFFIX: &str = ".minisig";

/// The size limit for a name of a plugin, an index or a key, in characters.
pub(super) const MAX_NAME: usize = 64;
/// The first bytes of a public key, which name the algorithm.
const ALGORITHM: &[u8] = b"Ed";
/// The number of hexadecimal digits of a key's ID.
const ID_DIGITS: usize = 16;

/// A public key, written in base64 as minisign shows it.
///
/// Two keys are equal if the same secret key belongs to them. The key's number is not compared: whoever has the secret key chooses the number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Key(PublicKey);

impl Key {
    /// Parses a key in base64, or the content of a minisign public key file.
    ///
    /// # Errors
    /// The text is neither, or has several keys.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let mut lines = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with("untrusted comment:"));
        let line = lines.next().filter(|_| lines.next().is_none());
        if line.is_some_and(is_key_id) {
            return Err(Error::new(
                ErrorKind::Input,
                "it is the ID of a public key, and the whole key is needed",
            )
            .hint(KEY_HINT));
        }
        let key = line.and_then(|line| PublicKey::from_base64(line).ok());
        key.filter(|key| key.to_bytes().starts_with(ALGORITHM))
            .map(Self)
            .ok_or_else(|| Error::new(ErrorKind::Input, "it is not a public key").hint(KEY_HINT))
    }

    /// True if the key has the number of the key that made a signature.
    pub(super) fn has_number_of(&self, signature: &Signature) -> bool {
        self.0.keynum() == signature.0.keynum()
    }

    pub(crate) fn to_text(&self) -> String {
        self.0.to_base64()
    }

    /// Verifies that this key signed these bytes.
    ///
    /// # Errors
    /// Another key made the signature, or it is the signature of other bytes.
    pub(crate) fn verify(&self, signature: &Signature, bytes: &[u8]) -> Result<(), Error> {
        if !self.has_number_of(signature) {
            return Err(Error::new(
                ErrorKind::Refused,
                "its signature was made with another key than the trusted one",
            )
            .hint(
                "get it from its publisher; if they have a new key, trust it with \
                 `tw plugin key trust NAME KEY --plugin PLUGIN`",
            ));
        }
        let allow_legacy = true;
        minisign::verify(
            &self.0,
            &signature.0,
            Cursor::new(bytes),
            true,
            false,
            allow_legacy,
        )
        .map_err(|_| {
            Error::new(
                ErrorKind::Refused,
                "its signature doesn't match its content",
            )
            .hint("it is damaged or was changed: get it again from its publisher")
        })?;
        // A signature that matches says that the publisher must sign again, and not that somebody changed the content.
        signature.check_format()
    }
}

const KEY_HINT: &str =
    "a public key looks like `RWQ…` and has 56 characters; its owner has it in a file `NAME.pub`";

/// True if a text is the ID of a key, as minisign shows it in the comment of a public key.
fn is_key_id(text: &str) -> bool {
    text.len() == ID_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl TryFrom<String> for Key {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text)
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.to_text()
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_text())
    }
}

impl From<PublicKey> for Key {
    fn from(key: PublicKey) -> Self {
        Self(key)
    }
}

/// The publisher who signed a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signer {
    /// The publisher's name: the user's own name for the key, or the name in the index.
    pub(crate) name: String,
    pub(crate) key: Key,
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

    /// Refuses the legacy format, which signs the content itself and not a hash of it.
    ///
    /// # Errors
    /// The signature has the legacy format.
    pub(crate) fn check_format(&self) -> Result<(), Error> {
        match self.0.is_prehashed() {
            true => Ok(()),
            false => Err(Error::new(
                ErrorKind::Refused,
                "its signature has minisign's legacy format, which tw doesn't accept",
            )
            .hint(
                "its publisher signs it again with `tw plugin sign`, or with `minisign -S` without `-l` (`minisign -S -H` before minisign 0.10)",
            )),
        }
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

/// True if a text is a valid name of a plugin, an index or a key: small letters, digits and hyphens, which are easy to type and allowed in every
/// file name.
pub(crate) fn is_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    name.bytes().next().is_some_and(letter)
        && name.len() <= MAX_NAME
        && name.bytes().all(|byte| letter(byte) || byte == b'-')
}
