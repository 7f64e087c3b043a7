//! `tw plugin key`: the keys that sign, and the keys that are trusted.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};
use tw_render::text::visible;
use zeroize::Zeroizing;

use super::{Run, ask::ask_password, view::table};
use crate::{
    error::{Context as _, Error, ErrorKind},
    files::show_path,
    process::{self, SIGNING_PASSWORD},
    trust::{
        keys::{Key as PublicKey, Keys},
        signing::{self, SigningKey},
    },
};

#[derive(Debug, Subcommand)]
pub(super) enum Key {
    /// Make a key pair: the secret key in FILE, the public key in FILE.pub
    Generate {
        /// The file of the secret key
        #[arg(default_value = "tw-plugin.key")]
        file: PathBuf,
        /// Leave the secret key unencrypted, for unattended signing
        #[arg(long)]
        no_password: bool,
    },
    /// Trust a publisher's key
    Trust {
        /// Your name for the publisher
        name: String,
        /// The public key, or its file
        key: String,
    },
    /// List the trusted keys
    List,
    /// Stop trusting a key, keeping the plugins signed with it
    Remove {
        /// Your name for the publisher
        name: String,
    },
}

impl Key {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        match self {
            Self::Generate { file, no_password } => {
                generate(run, &file, no_password).context(|| "Cannot make a key pair")
            }
            Self::Trust { name, key } => trust(run, &name, &key)
                .context(|| format!("Cannot trust the key of {}", visible(&name))),
            Self::List => list(run).context(|| "Cannot list the keys"),
            Self::Remove { name } => {
                Keys::of_user()
                    .remove(&name)
                    .context(|| format!("Cannot remove the key of {}", visible(&name)))?;
                run.print_message(&json!({ "name": name }), format!("Key of '{name}' removed"))
            }
        }
    }
}

fn generate(run: &Run<'_>, file: &Path, no_password: bool) -> Result<u8, Error> {
    let password = match (no_password, password_from_environment()) {
        (true, _) => None,
        (false, Some(password)) => Some(password),
        (false, None) => Some(ask_password("Password of the new key", true)?),
    };
    let key = signing::generate(file, password)?.to_text();
    let public = signing::public_beside(file);
    run.print_message(
        &json!({
            "secret": file.to_string_lossy(),
            "public": public.to_string_lossy(),
            "key": key,
        }),
        format!(
            "Keep {} secret, and publish {}: {key}",
            show_path(file),
            show_path(&public),
        ),
    )
}

fn trust(run: &Run<'_>, name: &str, key: &str) -> Result<u8, Error> {
    let key = named_key(key)?;
    Keys::of_user().trust(name, &key)?;
    run.print_message(
        &json!({ "name": name, "key": key.to_text() }),
        format!("Key {} is trusted as '{name}'", key.to_text()),
    )
}

fn list(run: &Run<'_>) -> Result<u8, Error> {
    let keys = Keys::of_user().all()?;
    let rows: Vec<Value> = keys
        .iter()
        .map(|(name, key)| json!({ "name": name, "key": key.to_text() }))
        .collect();
    let columns = [("Name", "/name"), ("Key", "/key")];
    let view = table("Trusted keys", "/keys", &columns, "No keys are trusted");
    run.print(&json!({ "keys": rows }), &view)
}

fn password_from_environment() -> Option<Zeroizing<String>> {
    let password = process::secret(SIGNING_PASSWORD)?.to_str()?;
    Some(Zeroizing::new(password.to_owned()))
}

/// Opens a secret key. Takes the password from the environment if it is set there, and asks for it otherwise.
pub(super) fn open(key: &Path) -> Result<SigningKey, Error> {
    SigningKey::open(key, || match password_from_environment() {
        Some(password) => Ok(password),
        None => ask_password(&format!("Password of {}", show_path(key)), false),
    })
}

/// Reads a public key as people name it: the key itself, its file, or the name of a trusted key.
pub(super) fn named_key(text: &str) -> Result<PublicKey, Error> {
    let trusted = Keys::of_user().all()?;
    if let Some((_, key)) = trusted.into_iter().find(|(name, _)| name == text) {
        return Ok(key);
    }
    match crate::files::read_text(Path::new(text)) {
        Ok(content) if is_secret(&content) => {
            Err(
                Error::new(ErrorKind::Input, format!("{text} is a secret key")).hint(format!(
                    "use the public key in {text}.pub, and show the secret key to nobody"
                )),
            )
        }
        Ok(content) => PublicKey::parse(&content),
        // A key in base64 contains no dot, so a text with a dot is a path.
        Err(error) if text.contains('.') => Err(Error::new(
            ErrorKind::Input,
            format!("{} can't be read: {error}", visible(text)),
        )
        .hint("check that the path is right")),
        Err(_) => PublicKey::parse(text),
    }
}

/// True if the content of a file is a secret key.
fn is_secret(content: &str) -> bool {
    content
        .lines()
        .next()
        .is_some_and(|comment| comment.contains("secret key"))
}
