//! The list of logins, which holds no secret, and the file with the tokens of systems that have no keyring.
//!
//! ```text
//! logins.json   the profile, the origin and the user of each login, and the place of its token
//! tokens.json   the tokens whose place is a file; only the user can read it
//! ```

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    config::{Token, data_folder},
    error::{Error, ErrorKind},
    files::{self, MAX_TEXT, show_path},
    owners::{self, Distrust, warn_of_obstacle},
};

const LOGINS: &str = "logins.json";
const TOKENS: &str = "tokens.json";

/// The format of both files.
const FORMAT: u32 = 1;

/// A token that the server of `origin` has accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Login {
    /// `None` for the login without a profile.
    pub(crate) profile: Option<String>,
    /// Scheme, host and port of the server.
    pub(crate) origin: String,
    /// The name of the user, as the server gave it.
    pub(crate) user: String,
    pub(crate) place: Place,
}

/// The place of a login's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Place {
    Keyring,
    File,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Keyring => "keyring",
            Self::File => "file of logins",
        })
    }
}

/// A login whose token is not stored yet.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) profile: Option<String>,
    pub(crate) origin: String,
    pub(crate) user: String,
}

impl Wanted {
    pub(super) fn at(self, place: Place) -> Login {
        Login {
            profile: self.profile,
            origin: self.origin,
            user: self.user,
            place,
        }
    }
}

#[derive(Default, Clone, Serialize, Deserialize)]
struct Logins {
    format: u32,
    logins: Vec<Login>,
}

/// The tokens in the file, by profile and origin.
#[derive(Default, Serialize, Deserialize)]
struct Tokens {
    format: u32,
    tokens: BTreeMap<String, Stored>,
}

/// A token as the file has it. It is wiped when it is dropped.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
struct Stored(String);

/// Returns all logins; none if no home directory is set. If the keyring couldn't be reached when a login was stored in the file, it still has the token of
/// the former login: then both are in the list, and the later one counts.
///
/// # Errors
/// If somebody else could have written the list, or if it can't be read.
pub(crate) fn list() -> Result<Vec<Login>, Error> {
    let Some(folder) = data_folder() else {
        return Ok(Vec::new());
    };
    let read: Logins = read(&folder.join(LOGINS))?;
    Ok(read.logins)
}

/// Reads the token of a login from the file. `None` if the file doesn't have it.
pub(super) fn read_token(login: &Login) -> Result<Option<Zeroizing<String>>, Error> {
    let folder = data_folder().ok_or_else(Error::no_home)?;
    let path = folder.join(TOKENS);
    let read: Tokens = read(&path)?;
    owners::warn_of_readers("the file of logins", &path);
    let stored = read.tokens.get(&key(login));
    Ok(stored.map(|stored| Zeroizing::new(stored.0.clone())))
}

/// Adds a login to the list, in place of an older login of the same profile for the same server, except for `left`. Writes the token into the file if it
/// belongs there, and removes an older token from the file otherwise.
///
/// # Errors
/// If the files can't be read or written.
pub(super) fn remember(
    login: &Login,
    token: Option<&Token>,
    left: Option<&Login>,
) -> Result<(), Error> {
    change(|logins, tokens| {
        logins.retain(|other| !is_same(other, login) || Some(other) == left);
        logins.push(login.clone());
        match token {
            Some(token) => {
                tokens.insert(key(login), Stored(token.expose().to_owned()));
            }
            None => drop(tokens.remove(&key(login))),
        }
    })
}

/// Removes a login from the list, and its token from the file.
///
/// # Errors
/// If the files can't be read or written.
pub(crate) fn forget(login: &Login) -> Result<(), Error> {
    change(|logins, tokens| {
        logins.retain(|other| other != login);
        if login.place == Place::File {
            tokens.remove(&key(login));
        }
    })
}

/// True if two logins are of one profile for one server.
pub(super) fn is_same(one: &Login, other: &Login) -> bool {
    (&one.profile, &one.origin) == (&other.profile, &other.origin)
}

/// Returns the name of a token in the file. A profile can't contain a blank.
fn key(login: &Login) -> String {
    let profile = login.profile.as_deref().unwrap_or_default();
    format!("{profile} {}", login.origin)
}

/// Changes both files, while no other process changes them.
fn change(work: impl FnOnce(&mut Vec<Login>, &mut BTreeMap<String, Stored>)) -> Result<(), Error> {
    let folder = data_folder().ok_or_else(Error::no_home)?;
    let _busy = owners::lock_own_folder(&folder, "the logins")?;
    let (logins_path, tokens_path) = (folder.join(LOGINS), folder.join(TOKENS));
    let mut logins: Logins = read(&logins_path)?;
    let mut tokens: Tokens = read(&tokens_path)?;
    let (old, count) = (logins.clone(), tokens.tokens.len());
    work(&mut logins.logins, &mut tokens.tokens);
    (logins.format, tokens.format) = (FORMAT, FORMAT);
    let write_tokens = || match tokens.tokens.is_empty() {
        true => remove(&tokens_path),
        false => write(&tokens_path, &tokens),
    };
    let write_list = |logins: &Logins| match logins.logins.is_empty() {
        true => remove(&logins_path),
        false => write(&logins_path, logins),
    };
    // Each token in the file is in the list at any time, so that `tw logout` finds it, whichever write fails.
    if tokens.tokens.len() < count {
        write_tokens()?;
        return write_list(&logins);
    }
    write_list(&logins)?;
    write_tokens().inspect_err(|_| drop(write_list(&old)))
}

/// Removes a file. If the file is a link, removes also its target, because a token must not stay there.
fn remove(path: &Path) -> Result<(), Error> {
    let remove = |path: &Path| match fs::remove_file(path) {
        Err(error) if !files::is_absent(&error) => Err(Error::unwritable(path, error)),
        _ => Ok(()),
    };
    remove(&resolve(path)?)?;
    remove(path)
}

/// Returns the path of a file without links. The file may be missing.
fn resolve(path: &Path) -> Result<PathBuf, Error> {
    match owners::check_own(path) {
        Ok(real) => Ok(real),
        Err(Distrust::Missing) => Ok(path.to_owned()),
        Err(Distrust::Unreadable(error)) => Err(Error::unwritable(path, error)),
        Err(distrust) => Err(distrust.explain(&show_path(path), "log in again with `tw login`")),
    }
}

fn write(path: &Path, content: &impl Serialize) -> Result<(), Error> {
    let text = serde_json::to_string_pretty(content).map(Zeroizing::new);
    let text = text.map_err(|error| Error::unwritable(path, error.into()))?;
    files::replace_with_mode(&resolve(path)?, text.as_bytes(), 0o600)
        .map_err(|error| Error::unwritable(path, error))
}

/// Reads one of the files. A missing file is an empty one.
fn read<T: for<'de> Deserialize<'de> + Default>(path: &Path) -> Result<T, Error> {
    let again = match path.ends_with(LOGINS) {
        true => {
            "correct it; or remove it, and log in again with `tw login`: tokens in the keyring then stay there until you remove them with the keyring's own program, which lists them as `tw`"
        }
        false => "remove it, and log in again with `tw login`",
    };
    let bytes = match owners::read_own(path, MAX_TEXT) {
        Ok(bytes) => Zeroizing::new(bytes),
        Err(Distrust::Missing) => return Ok(T::default()),
        Err(Distrust::Unreadable(_)) if warn_of_obstacle(path, "the list of logins") => {
            return Ok(T::default());
        }
        Err(Distrust::Unreadable(error)) if path.exists() && !path.is_file() => {
            let message = format!("{} can't be read: {error}", show_path(path));
            return Err(Error::new(ErrorKind::Input, message).hint(again));
        }
        Err(distrust) => {
            return Err(distrust.explain(&show_path(path), "log in again with `tw login`"));
        }
    };
    #[derive(Deserialize)]
    struct Head {
        format: u32,
    }
    let format = serde_json::from_slice(&bytes).map(|head: Head| head.format);
    if let Ok(format) = format
        && format > FORMAT
    {
        return Err(Error::of_newer_tw(&show_path(path), format, FORMAT));
    }
    // The parser's message may quote a token.
    serde_json::from_slice(&bytes).map_err(|_| {
        let message = format!("{} is damaged", show_path(path));
        Error::new(ErrorKind::Input, message).hint(again)
    })
}
