//! Signing keys: secret keys in minisign's format, which authors sign packages and indices with.

use std::{
    fs,
    io::{Cursor, Write},
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use minisign::{KeyPair, PublicKey, SecretKey, SecretKeyBox};
use zeroize::Zeroizing;

use super::keys::Key;
use crate::{
    error::{Error, ErrorKind},
    files::{self, show_path},
    process::SIGNING_PASSWORD,
};

/// The size of a secret key, encrypted or not, in bytes.
const SECRET_KEY_SIZE: usize = 158;
/// The first bytes of a secret key, which name the algorithm. The name of the encryption follows them.
const SIGNATURE_ALGORITHM: &[u8] = b"Ed";
const NO_ENCRYPTION: &[u8] = &[0; 2];
/// The last bytes of a secret key. `minisign -G -W` writes no checksum of a key without a password.
const NO_CHECKSUM: &[u8] = &[0; 32];

/// Makes a key pair. Writes the secret key to `file`, encrypted if there is a password, and the public key to `FILE.pub`.
///
/// # Errors
/// One of the files exists already, or can't be written.
pub(crate) fn generate(file: &Path, password: Option<Zeroizing<String>>) -> Result<Key, Error> {
    let explain = |error: minisign::PError| {
        Error::new(
            ErrorKind::Failure,
            format!("the key can't be made: {error}"),
        )
        .hint("try again")
    };
    let plain = password.is_none();
    let KeyPair { pk, sk } = match password {
        Some(password) => KeyPair::generate_encrypted_keypair(Some(password.to_string())),
        None => KeyPair::generate_unencrypted_keypair(),
    }
    .map_err(explain)?;
    let comment = if plain {
        "tw plugin secret key, not encrypted"
    } else {
        "tw plugin encrypted secret key"
    };
    let secret = Zeroizing::new(sk.to_box(Some(comment)).map_err(explain)?.to_string());
    let public = pk.to_box().map_err(explain)?.to_string();
    write_new(file, secret.as_bytes(), true)?;
    let beside = public_beside(file);
    write_new(&beside, public.as_bytes(), false).inspect_err(|_| {
        // A secret key without its public key is useless.
        let _ = fs::remove_file(file);
    })?;
    Ok(Key::from(pk))
}

/// Returns the path of the public key for the secret key in a file.
pub(crate) fn public_beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".pub");
    name.into()
}

fn write_new(path: &Path, content: &[u8], is_secret: bool) -> Result<(), Error> {
    let mut options = fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, if is_secret { 0o600 } else { 0o644 });
    let _ = is_secret;
    let written = options.open(path).and_then(|mut file| {
        file.write_all(content).inspect_err(|_| {
            let _ = fs::remove_file(path);
        })
    });
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Error::new(
            ErrorKind::Failure,
            format!("{} already exists", show_path(path)),
        )
        .hint("choose another name: an overwritten key is lost for ever"),
        _ => Error::unwritable(path, error),
    })
}

/// A secret key that can sign.
pub(crate) struct SigningKey(SecretKey);

impl SigningKey {
    /// Opens the file of a secret key. Calls `password` if the key is encrypted.
    ///
    /// # Errors
    /// The file can't be read or is not a secret key, or the password is wrong.
    pub(crate) fn open(
        file: &Path,
        password: impl FnOnce() -> Result<Zeroizing<String>, Error>,
    ) -> Result<Self, Error> {
        let text = files::read_text(file)
            .map(Zeroizing::new)
            .map_err(|error| {
                Error::new(
                    ErrorKind::Input,
                    format!("the secret key {} can't be read: {error}", show_path(file)),
                )
                .hint("`tw plugin key generate FILE` makes one")
            })?;
        let invalid = || {
            Error::new(
                ErrorKind::Input,
                format!(
                    "{} is not a secret key of `tw plugin key generate` or minisign",
                    show_path(file)
                ),
            )
            .hint("name the file of the secret key, not that of the public key")
        };
        let line = text.lines().rfind(|line| !line.trim().is_empty());
        let bytes = line.and_then(|line| STANDARD.decode(line.trim()).ok());
        let bytes = bytes.map(Zeroizing::new).filter(|bytes| {
            bytes.len() == SECRET_KEY_SIZE && bytes.starts_with(SIGNATURE_ALGORITHM)
        });
        let bytes = bytes.ok_or_else(invalid)?;
        let parse = || SecretKeyBox::from_string(&text).map_err(|_| invalid());
        if bytes[SIGNATURE_ALGORITHM.len()..].starts_with(NO_ENCRYPTION) {
            let key = match bytes.ends_with(NO_CHECKSUM) {
                true => SecretKey::from_bytes(&bytes),
                false => parse()?.into_unencrypted_secret_key(),
            };
            let key = key.ok().map(Self).filter(Self::is_intact);
            return key.ok_or_else(|| damaged(file));
        }
        let password = password()?;
        let key = parse()?.into_secret_key(Some(password.to_string()));
        key.map(Self).map_err(|_| {
            Error::new(
                ErrorKind::Input,
                format!(
                    "the secret key {} can't be opened with that password",
                    show_path(file)
                ),
            )
            .hint(format!("type it again, or set {SIGNING_PASSWORD}"))
        })
    }

    /// Signs bytes, and returns the content of a `.minisig` file. The comment is signed too.
    ///
    /// # Errors
    /// The system provides no random numbers.
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

    /// True if the public key that the secret key contains verifies a signature of the secret key.
    fn is_intact(&self) -> bool {
        let signed = minisign::sign(None, &self.0, Cursor::new(b""), None, None);
        let public = PublicKey::from_secret_key(&self.0);
        public
            .ok()
            .zip(signed.ok())
            .is_some_and(|(public, signed)| {
                minisign::verify(&public, &signed, Cursor::new(b""), true, false, false).is_ok()
            })
    }

    /// Returns the public key of the pair.
    ///
    /// # Errors
    /// The secret key is damaged.
    pub(crate) fn public(&self) -> Result<Key, Error> {
        let key = PublicKey::from_secret_key(&self.0);
        key.map(Key::from).map_err(|error| {
            Error::new(
                ErrorKind::Input,
                format!("the secret key is damaged: {error}"),
            )
            .hint("make a new key: `tw plugin key generate FILE`")
        })
    }
}

fn damaged(file: &Path) -> Error {
    let message = format!("the secret key {} is damaged", show_path(file));
    Error::new(ErrorKind::Input, message)
        .hint("restore it from a copy, or make a new key: `tw plugin key generate FILE`")
}
