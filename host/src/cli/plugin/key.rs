//! `tw plugin key`: the keys of those who sign, and of those who are trusted to.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};
use tw_render::text::visible;
use zeroize::Zeroizing;

use super::{Run, password, show::table};
use crate::{
    error::{Context as _, Error, ErrorKind},
    process::SIGNING_PASSWORD,
    trust::keys::{self, Key as PublicKey, Keys, Signing},
};

#[derive(Debug, Subcommand)]
pub(super) enum Key {
    /// Make a pair of keys: FILE is secret, FILE.pub is for everybody
    Generate {
        /// The file of the secret key
        #[arg(default_value = "tw-plugin.key")]
        file: PathBuf,
        /// Leave the secret key unencrypted, for a machine that signs without a person
        #[arg(long)]
        no_password: bool,
    },
    /// Trust a publisher's key from here on
    Trust {
        /// What you call them
        name: String,
        /// The public key, or its file
        key: String,
    },
    /// List the keys that are trusted
    List,
    /// Trust a key no more; what it signed and is installed stays
    Remove {
        /// What you called them
        name: String,
    },
}

impl Key {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        let keys = Keys::of_person();
        match self {
            Self::Generate { file, no_password } => {
                let key = generate(&file, no_password).context(|| "Cannot make a pair of keys")?;
                let public = keys::public_beside(&file);
                let value = json!({ "secret": file.to_string_lossy(), "public": public.to_string_lossy(), "key": key.to_text() });
                run.done(
                    &value,
                    format!(
                        "Keep {} secret and safe, and give {} to everybody: {}",
                        file.display(),
                        public.display(),
                        key.to_text()
                    ),
                )
            }
            Self::Trust { name, key } => {
                let key = named_key(&key).and_then(|key| keys.trust(&name, &key).map(|()| key));
                let key = key.context(|| format!("Cannot trust the key of {}", visible(&name)))?;
                run.done(
                    &json!({ "name": name, "key": key.to_text() }),
                    format!("Key {} is trusted as '{name}'", key.to_text()),
                )
            }
            Self::List => {
                let keys = keys.all().context(|| "Cannot list the keys")?;
                let rows: Vec<Value> = keys
                    .iter()
                    .map(|(name, key)| json!({ "name": name, "key": key.to_text() }))
                    .collect();
                let columns = [("Name", "/name"), ("Key", "/key")];
                run.show(
                    &json!({ "keys": rows }),
                    &table("Trusted keys", "/keys", &columns, "No keys are trusted"),
                )
            }
            Self::Remove { name } => {
                keys.remove(&name)
                    .context(|| format!("Cannot remove the key of {}", visible(&name)))?;
                run.done(&json!({ "name": name }), format!("Key of '{name}' removed"))
            }
        }
    }
}

fn generate(file: &Path, no_password: bool) -> Result<PublicKey, Error> {
    let password = match (no_password, password_of_environment()) {
        (true, _) => None,
        (false, Some(password)) => Some(password),
        (false, None) => Some(password("Password of the new key", true)?),
    };
    keys::generate(file, password)
}

fn password_of_environment() -> Option<Zeroizing<String>> {
    crate::process::variable(SIGNING_PASSWORD)?
        .into_string()
        .ok()
        .map(Zeroizing::new)
}

/// Opens a secret key, with the password of the environment or of the person.
pub(super) fn open(key: &Path) -> Result<Signing, Error> {
    Signing::open(key, || match password_of_environment() {
        Some(password) => Ok(password),
        None => password(&format!("Password of {}", key.display()), false),
    })
}

/// A key as people name it: the key itself, its file, or the name of a trusted one.
pub(super) fn named_key(text: &str) -> Result<PublicKey, Error> {
    let trusted = Keys::of_person().all()?;
    if let Some((_, key)) = trusted.into_iter().find(|(name, _)| name == text) {
        return Ok(key);
    }
    match crate::files::read_text(Path::new(text)) {
        Ok(content) if is_secret(&content) => {
            Err(
                Error::new(ErrorKind::Failure, format!("{text} is a secret key")).hint(format!(
                    "the public one is in {text}.pub; show the secret one to nobody"
                )),
            )
        }
        Ok(content) => PublicKey::parse(&content),
        // A key has none of these in it, but for `/`.
        Err(error) if text.ends_with(".pub") || text.contains('.') => Err(Error::new(
            ErrorKind::Input,
            format!("{} can't be read: {error}", visible(text)),
        )
        .hint("see that the path is right")),
        Err(_) => PublicKey::parse(text),
    }
}

/// Whether it is what must be shown to nobody.
fn is_secret(content: &str) -> bool {
    content
        .lines()
        .next()
        .is_some_and(|comment| comment.contains("secret key"))
}
