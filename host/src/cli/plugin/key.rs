//! `tw plugin key`: the keys that sign, and the keys that are trusted.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use clap::Subcommand;
use clap_complete::engine::ArgValueCandidates;
use serde_json::{Value, json};
use tw_render::text::visible;
use zeroize::Zeroizing;

use super::{
    Run,
    ask::{ask_password, ask_text},
    view::table,
};
use crate::{
    cli::completion,
    config,
    error::{Context as _, Error, ErrorKind},
    files::{self, show_path},
    owners::{self, Distrust},
    package::source::is_path,
    process::{self, SIGNING_PASSWORD},
    trust::{
        keys::{Key as PublicKey, is_name},
        names::NamePattern,
        signing::{self, SigningKey},
        trusted::{Keys, TrustedKey},
    },
};

/// The ending of the file of a public key.
const PUBLIC: &str = ".pub";

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
    /// Trust a publisher's key for certain plugins
    #[command(after_help = "Examples:
  tw plugin key trust acme acme.key.pub --plugin hello --plugin 'acme-*'
  tw plugin key trust me RWQ… --plugin '*'                                  every plugin")]
    Trust {
        /// Your name for the publisher
        name: String,
        /// The public key, or its file: FILE.pub or ./FILE
        key: String,
        /// The name of a plugin that the key may sign, in which `*` and `?` are wildcards; can be repeated
        #[arg(long = "plugin", value_name = "NAME")]
        plugins: Vec<String>,
    },
    /// List the trusted keys
    List,
    /// Stop trusting a key, keeping the plugins signed with it
    Remove {
        /// Your name for the publisher
        #[arg(add = ArgValueCandidates::new(completion::keys))]
        name: String,
    },
}

impl Key {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        match self {
            Self::Generate { file, no_password } => {
                generate(run, &file, no_password).context(|| "Cannot make a key pair")
            }
            Self::Trust { name, key, plugins } => trust(run, &name, &key, plugins)
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
    let password = match (no_password, password_from_environment()?) {
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

fn trust(run: &Run<'_>, name: &str, key: &str, plugins: Vec<String>) -> Result<u8, Error> {
    Keys::check_name(name)?;
    let key = read_key(key)?;
    let plugins = match plugins.is_empty() {
        true => ask_plugins(name)?,
        false => plugins,
    };
    let plugins = plugins.into_iter().map(NamePattern::try_from);
    let trusted = TrustedKey {
        key,
        plugins: plugins.collect::<Result<_, Error>>()?,
    };
    Keys::of_user().trust(name, &trusted)?;
    run.print_message(
        &json!({ "name": name, "key": trusted.key, "plugins": trusted.plugins }),
        format!(
            "Key {} is trusted as '{name}' for {}",
            trusted.key,
            trusted.list_plugins()
        ),
    )
}

/// Asks for the names of the plugins that a key may sign.
fn ask_plugins(name: &str) -> Result<Vec<String>, Error> {
    let question = format!("Plugins that {name} may sign, separated by spaces (`*` is a wildcard)");
    let answer = ask_text(&question)?.ok_or_else(|| {
        Error::usage("name the plugins that the key may sign with `--plugin NAME`; `--plugin '*'` means every plugin")
    })?;
    let names: Vec<String> = answer.split_whitespace().map(str::to_owned).collect();
    match names.is_empty() {
        true => Err(Error::new(ErrorKind::Failure, "Nothing was changed")),
        false => Ok(names),
    }
}

fn list(run: &Run<'_>) -> Result<u8, Error> {
    let keys = Keys::of_user().all()?;
    let rows: Vec<Value> = keys
        .iter()
        .map(|(name, trusted)| {
            json!({ "name": name, "plugins": trusted.plugins, "key": trusted.key })
        })
        .collect();
    let columns = [("Name", "/name"), ("Plugins", "/plugins"), ("Key", "/key")];
    let view = table("Trusted keys", "/keys", &columns, "No keys are trusted");
    run.print(&json!({ "keys": rows }), &view)
}

fn password_from_environment() -> Result<Option<Zeroizing<String>>, Error> {
    let password = process::secret(SIGNING_PASSWORD).map(OsString::from);
    Ok(config::to_text(SIGNING_PASSWORD, password)?.map(Zeroizing::new))
}

/// Opens a secret key. Takes the password from the environment if it is set there, and asks for it otherwise.
pub(super) fn open(key: &Path) -> Result<SigningKey, Error> {
    SigningKey::open(key, || match password_from_environment()? {
        Some(password) => Ok(password),
        None => ask_password(&format!("Password of {}", show_path(key)), false),
    })
}

/// Reads a public key as people name it: the key itself, its file, or the name of a trusted key.
pub(super) fn named_key(text: &str) -> Result<PublicKey, Error> {
    if !is_name(text) {
        return read_key(text);
    }
    let trusted = Keys::of_user().all()?.into_iter();
    let mut named = trusted.filter(|(name, _)| name == text);
    let (_, trusted) = named.next().ok_or_else(|| {
        Error::new(
            ErrorKind::NotFound,
            format!("no key is trusted as `{text}`"),
        )
        .hint(
            "`tw plugin key list` shows the trusted keys; a file is written as FILE.pub or ./FILE",
        )
    })?;
    Ok(trusted.key)
}

/// Reads a public key: the key itself, or its file. A file is recognized by its path alone, not by what is in the working directory.
fn read_key(text: &str) -> Result<PublicKey, Error> {
    if !is_path(text) && !text.ends_with(PUBLIC) {
        return PublicKey::parse(text).map_err(|error| {
            error.hint(
                "a public key looks like `RWQ…` and has 56 characters; a file is written as \
                 FILE.pub or ./FILE",
            )
        });
    }
    let unreadable = |reason: String| {
        Error::new(ErrorKind::Input, format!("{} {reason}", visible(text)))
            .hint("check that the path is right")
    };
    let content = match owners::read_own(Path::new(text), files::MAX_TEXT) {
        Ok(bytes) => {
            String::from_utf8(bytes).map_err(|_| unreadable("is not a text".to_owned()))?
        }
        Err(Distrust::Missing) => return Err(unreadable("doesn't exist".to_owned())),
        Err(Distrust::Unreadable(error)) => {
            return Err(unreadable(format!("can't be read: {error}")));
        }
        Err(distrust) => {
            let what = format!("the key {}", visible(text));
            return Err(distrust.explain(&what, "get it again from its owner"));
        }
    };
    match is_secret(&content) {
        true => {
            let text = visible(text);
            let message = format!("{text} is a secret key");
            Err(Error::new(ErrorKind::Input, message).hint(format!(
                "use the public key in {text}{PUBLIC}, and show the secret key to nobody"
            )))
        }
        false => PublicKey::parse(&content),
    }
}

/// True if the content of a file is a secret key.
fn is_secret(content: &str) -> bool {
    // minisign's comment of a signature is "signature from minisign secret key".
    content
        .lines()
        .next()
        .is_some_and(|comment| comment.contains("secret key") && !comment.contains("signature"))
}
