//! Keys and signatures, as minisign has them: its own tool verifies ours, and we verify its.
//!
//! A trusted key is a file `NAME.pub` in the person's configuration; the name is the person's own for whoever has the key.

use std::{
    fs,
    io::{Cursor, Write},
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use minisign::{KeyPair, PublicKey, SecretKey, SecretKeyBox, SignatureBox};
use tw_render::text::visible;
use zeroize::Zeroizing;

use crate::{
    error::{Context as _, Error, ErrorKind},
    files,
    process::SIGNING_PASSWORD,
};

/// How the file of a signature ends, behind the name of what it signs.
pub(crate) const SUFFIX: &str = ".minisig";

/// How many bytes a secret key has, encrypted or not.
const SECRET: usize = 158;

/// A public key, in base64, as minisign shows it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Key(PublicKey);

impl Key {
    /// The key in base64, or in a file as minisign writes it.
    ///
    /// # Errors
    /// It is neither.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let line = text
            .lines()
            .map(str::trim)
            .rfind(|line| !line.is_empty() && !line.starts_with("untrusted comment:"));
        let key = line.and_then(|line| PublicKey::from_base64(line).ok());
        key.map(Self).ok_or_else(|| {
            Error::new(ErrorKind::Input, "it is not the public key of a signature").hint("a key looks like `RWQ…` and has 56 characters: its owner has it in a file `NAME.pub`")
        })
    }

    pub(crate) fn to_text(&self) -> String {
        self.0.to_base64()
    }

    /// Whether this key made this signature of these bytes.
    ///
    /// # Errors
    /// Another key made it, or it is of other bytes.
    pub(crate) fn verify(&self, signature: &Signature, bytes: &[u8]) -> Result<(), Error> {
        if signature.0.keynum() != self.0.keynum() {
            return Err(Error::new(ErrorKind::Refused, "its signature was made with another key than the one that is trusted for it").hint("get it from its publisher; if they have a new key, `tw plugin key trust NAME KEY` trusts it"));
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
            Error::new(ErrorKind::Refused, "its signature is not of these bytes")
                .hint("somebody changed it, or it is damaged: get it anew from its publisher")
        })
    }
}

/// Who signed a package, and who says that this is their key.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signer {
    /// The publisher's name: the person's own for the key, or the index's.
    pub(crate) name: String,
    /// The public key, as minisign writes it.
    pub(crate) key: String,
}

/// A detached signature.
#[derive(Clone)]
pub(crate) struct Signature(SignatureBox);

impl Signature {
    /// The number of the key that made it, as minisign writes it.
    pub(crate) fn key_id(&self) -> String {
        self.0
            .keynum()
            .iter()
            .rev()
            .map(|byte| format!("{byte:02X}"))
            .collect()
    }

    /// Reads the content of a `.minisig`.
    ///
    /// # Errors
    /// It is none.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, Error> {
        let text = std::str::from_utf8(text).ok();
        let signature = text.and_then(|text| SignatureBox::from_string(text).ok());
        signature.map(Self).ok_or_else(|| {
            Error::new(ErrorKind::Refused, "its signature can't be read").hint("get it anew from its publisher: it is a file as `tw plugin sign` or minisign makes it")
        })
    }
}

/// The keys that a person trusts.
#[derive(Debug)]
pub(crate) struct Keys {
    folder: Option<PathBuf>,
}

impl Keys {
    pub(crate) fn of_person() -> Self {
        let folder = crate::config::folder().map(|folder| folder.join("keys"));
        Self { folder }
    }

    /// All of them, in the order of their names.
    ///
    /// # Errors
    /// One can't be read, or is none.
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

    /// Trusts a key from here on, under this name.
    ///
    /// # Errors
    /// The name is taken by another key, or the file can't be written.
    pub(crate) fn trust(&self, name: &str, key: &Key) -> Result<(), Error> {
        let path = self.path(name)?;
        if path.exists() && read(&path)? != *key {
            return Err(Error::new(
                ErrorKind::Refused,
                format!("another key is trusted as `{name}`"),
            )
            .hint(format!(
                "`tw plugin key remove {name}` ends that; or take another name"
            )));
        }
        let text = format!("untrusted comment: trusted as {name}\n{}\n", key.to_text());
        files::replace(&path, text.as_bytes()).map_err(|error| Error::unwritable(&path, error))
    }

    /// Trusts it no more.
    ///
    /// # Errors
    /// There is none of this name, or its file can't be removed.
    pub(crate) fn remove(&self, name: &str) -> Result<(), Error> {
        let path = self.path(name)?;
        fs::remove_file(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::new(
                ErrorKind::NotFound,
                format!("no key is trusted as `{name}`"),
            )
            .hint("`tw plugin key list` shows those that are"),
            _ => Error::unwritable(&path, error),
        })
    }

    /// Who of the trusted made this signature of these bytes; none where nobody whom we know did.
    ///
    /// # Errors
    /// The signature is by a trusted key, and not of these bytes.
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
                format!("`{}` is no name for a key", visible(name)),
            )
            .hint("take small letters, digits and hyphens"));
        }
        let folder = self.folder.as_ref().ok_or_else(Error::no_home)?;
        Ok(folder.join(format!("{name}.pub")))
    }
}

/// Whether it is a name that people can type and files can have: small letters, digits and hyphens.
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
            format!("the key {} can't be read: {error}", path.display()),
        )
        .hint("make it readable, or remove it")
    })?;
    Key::parse(&text).context(|| format!("the key {}", path.display()))
}

/// Makes a pair of keys: the secret one in a file of this name, the public one in `FILE.pub` beside it.
///
/// # Errors
/// One of the files is there already, or can't be written.
pub(crate) fn generate(file: &Path, password: Option<Zeroizing<String>>) -> Result<Key, Error> {
    let failed = |error: minisign::PError| {
        Error::new(ErrorKind::Failure, format!("no key can be made: {error}")).hint("try again")
    };
    let plain = password.is_none();
    let KeyPair { pk, sk } = match password {
        Some(password) => KeyPair::generate_encrypted_keypair(Some(password.to_string())),
        None => KeyPair::generate_unencrypted_keypair(),
    }
    .map_err(failed)?;
    let comment = if plain {
        "tw plugin secret key, not encrypted"
    } else {
        "tw plugin encrypted secret key"
    };
    let secret = Zeroizing::new(sk.to_box(Some(comment)).map_err(failed)?.to_string());
    let public = pk.to_box().map_err(failed)?.to_string();
    write_new(file, secret.as_bytes(), true)?;
    let beside = public_beside(file);
    write_new(&beside, public.as_bytes(), false).inspect_err(|_| {
        // Half a pair is of no use.
        let _ = fs::remove_file(file);
    })?;
    Ok(Key(pk))
}

/// Where the public key of a pair is.
pub(crate) fn public_beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".pub");
    name.into()
}

fn write_new(path: &Path, content: &[u8], secret: bool) -> Result<(), Error> {
    let mut options = fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if secret {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let _ = secret;
    let written = options.open(path).and_then(|mut file| {
        file.write_all(content).inspect_err(|_| {
            let _ = fs::remove_file(path);
        })
    });
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Error::new(
            ErrorKind::Failure,
            format!("{} is there already", path.display()),
        )
        .hint("take another name: a key that is lost can't be had back"),
        _ => Error::unwritable(path, error),
    })
}

/// A secret key, opened.
pub(crate) struct Signing(SecretKey);

impl Signing {
    /// Reads the file of a secret key. `password` is asked for where it is encrypted.
    ///
    /// # Errors
    /// It can't be read, is none, or the password is wrong.
    pub(crate) fn open(
        file: &Path,
        password: impl FnOnce() -> Result<Zeroizing<String>, Error>,
    ) -> Result<Self, Error> {
        let text = files::read_text(file)
            .map(Zeroizing::new)
            .map_err(|error| {
                Error::new(
                    ErrorKind::Input,
                    format!("the secret key {} can't be read: {error}", file.display()),
                )
                .hint("`tw plugin key generate FILE` makes one")
            })?;
        let wrong = || {
            Error::new(
                ErrorKind::Input,
                format!(
                    "{} is not a secret key as `tw plugin key generate` or minisign makes it",
                    file.display()
                ),
            )
            .hint("name the file of the secret key, not of the public one")
        };
        let line = text.lines().rfind(|line| !line.trim().is_empty());
        let bytes = line.and_then(|line| STANDARD.decode(line.trim()).ok());
        let bytes = bytes.map(Zeroizing::new);
        if !bytes.is_some_and(|bytes| bytes.len() == SECRET && bytes.starts_with(b"Ed")) {
            return Err(wrong());
        }
        let parse = || SecretKeyBox::from_string(&text).map_err(|_| wrong());
        if let Ok(key) = parse()?.into_unencrypted_secret_key() {
            return Ok(Self(key));
        }
        let password = password()?;
        let key = parse()?.into_secret_key(Some(password.to_string()));
        key.map(Self).map_err(|_| {
            Error::new(
                ErrorKind::Failure,
                format!(
                    "the secret key {} can't be opened with that password",
                    file.display()
                ),
            )
            .hint(format!("type it again, or set {SIGNING_PASSWORD}"))
        })
    }

    /// The signature of these bytes, as the content of a `.minisig`. The comment is signed too.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub(crate) fn sign(&self, bytes: &[u8], comment: &str) -> Result<String, Error> {
        let signature = minisign::sign(
            None,
            &self.0,
            Cursor::new(bytes),
            Some(comment),
            Some("signature of a tw plugin"),
        );
        signature
            .map(|signature| signature.to_string())
            .map_err(|error| {
                Error::new(ErrorKind::Failure, format!("it can't be signed: {error}"))
                    .hint("try again")
            })
    }

    /// The public key of the pair.
    ///
    /// # Errors
    /// The secret key is damaged.
    pub(crate) fn public(&self) -> Result<Key, Error> {
        let key = PublicKey::from_secret_key(&self.0);
        key.map(Key).map_err(|error| {
            Error::new(
                ErrorKind::Input,
                format!("the secret key is damaged: {error}"),
            )
            .hint("make a new one")
        })
    }
}
