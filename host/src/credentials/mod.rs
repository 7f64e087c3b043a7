//! The access token: where it comes from, and where logins are stored.
//!
//! The first of these places that has a token decides: `--access-token`, `TOWER_ACCESS_TOKEN`, `TOWER_ACCESS_TOKEN_FILE`, the setting `token-file`, and
//! the login that `tw login` stored. The last three are looked up when a request first needs the token, so no other command reads a file or asks the
//! keyring.
//!
//! A stored token belongs to a profile, and to the origin (scheme, host and port) of the server that accepted it. A `token-file` of the configuration
//! belongs to the endpoint of the configuration. Neither goes to another origin, whatever the command line and the environment say.

mod index;
mod keyring;
mod token_file;

use std::{fmt, path::PathBuf};

use reqwest::Url;
use zeroize::Zeroizing;

use crate::{
    config::{Origin, Settings, Token, TokenFile},
    error::{Error, ErrorKind},
    files::show_path,
};

pub(crate) use self::index::{Login, Place, Wanted, forget, list, remember};

/// The access token, and where it comes from.
#[derive(Debug)]
pub(crate) struct Credential {
    pub(crate) token: Token,
    pub(crate) source: Source,
}

/// Where the access token comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// The option or the variable.
    Given(Origin),
    /// A file that the variable or the configuration names.
    File { path: PathBuf, origin: Origin },
    /// A login.
    Login(Login),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(origin) => origin.fmt(f),
            Self::File { path, origin } => {
                write!(f, "the file {} ({origin})", show_path(path))
            }
            Self::Login(login) => match &login.profile {
                Some(profile) => write!(f, "the {} (profile `{profile}`)", login.place),
                None => write!(f, "the {}", login.place),
            },
        }
    }
}

/// Returns the origin of a server, to which a token belongs: scheme, host and port.
pub(crate) fn origin_of(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// Finds the access token for the endpoint. `None` if no place has one.
///
/// # Errors
/// If a place has a token that belongs to another server. If a file, the list of logins or the keyring can't be read.
pub(crate) fn find(settings: &Settings, endpoint: &Url) -> Result<Option<Credential>, Error> {
    if let Some(given) = &settings.token {
        return Ok(Some(Credential {
            token: given.value.clone(),
            source: Source::Given(given.origin.clone()),
        }));
    }
    if let Some(file) = find_file(settings, endpoint)? {
        let token = token_file::read(&file.path)?;
        let (path, origin) = (file.path.clone(), file.origin.clone());
        let source = Source::File { path, origin };
        return Ok(Some(Credential { token, source }));
    }
    let Some(login) = find_login_for(settings, endpoint)? else {
        return Ok(None);
    };
    let token = read_login(&login)?;
    let source = Source::Login(login);
    Ok(Some(Credential { token, source }))
}

/// Returns the file that the variable or the configuration names. `None` if neither does.
///
/// # Errors
/// If the configuration names the file for another server.
fn find_file<'a>(settings: &'a Settings, endpoint: &Url) -> Result<Option<&'a TokenFile>, Error> {
    let Some(file) = &settings.token_file else {
        return Ok(None);
    };
    if let Some(address) = &file.endpoint {
        let bound = Url::parse(address).map(|url| origin_of(&url));
        if bound.as_deref() != Ok(origin_of(endpoint).as_str()) {
            let bound = bound.unwrap_or_else(|_| address.clone());
            return Err(other_server(
                endpoint,
                &format!("the file of `token-file` ({}) is for {bound}", file.origin),
            ));
        }
    }
    Ok(Some(file))
}

/// Returns the login for a server. `None` if there is none, and none for another server either.
///
/// # Errors
/// If there are only logins for other servers.
fn find_login_for(settings: &Settings, endpoint: &Url) -> Result<Option<Login>, Error> {
    let profile = profile_of(settings);
    let origin = origin_of(endpoint);
    let logins = list()?;
    let mut own = logins.into_iter().filter(|login| login.profile == profile);
    let Some(first) = own.next() else {
        return Ok(None);
    };
    let others = first.origin.clone();
    let mut all = std::iter::once(first).chain(own);
    match all.find(|login| login.origin == origin) {
        Some(login) => Ok(Some(login)),
        None => Err(other_server(
            endpoint,
            &format!("the login{} is for {others}", of_profile(settings)),
        )),
    }
}

/// Makes the error of a token that belongs to another server.
fn other_server(endpoint: &Url, why: &str) -> Error {
    let origin = origin_of(endpoint);
    Error::new(
        ErrorKind::NoToken,
        format!("There is no access token for {origin}: {why}"),
    )
    .hint("`tw login` stores one")
}

/// Makes the error of a run without a token.
pub(crate) fn missing() -> Error {
    Error::no_token().hint("`tw login` stores a token")
}

/// Returns the name of the profile in use. `None` if there is none.
pub(crate) fn profile_of(settings: &Settings) -> Option<String> {
    settings.profile.as_ref().map(|used| used.value.clone())
}

/// Returns the words that name the profile of a login.
fn of_profile(settings: &Settings) -> String {
    match &settings.profile {
        Some(profile) => format!(" of the profile `{}`", profile.value),
        None => String::new(),
    }
}

/// Reads the token of a login.
fn read_login(login: &Login) -> Result<Token, Error> {
    let found = match login.place {
        Place::Keyring => keyring::read(login).map_err(|failure| failure.explain("read"))?,
        Place::File => index::read_token(login)?,
    };
    let text = found.ok_or_else(|| {
        Error::new(
            ErrorKind::NoToken,
            format!("The {} has no token for {}", login.place, login.origin),
        )
        .hint("`tw login` stores one again")
    })?;
    Token::parse(&text).ok_or_else(|| {
        Error::new(
            ErrorKind::NoToken,
            format!(
                "The {} has an empty token for {}",
                login.place, login.origin
            ),
        )
        .hint("`tw login` stores one again")
    })
}

/// Where a new login should be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Store {
    /// The system's keyring
    Keyring,
    /// A file that only you can read
    File,
}

/// Stores a token that the server accepted, and returns where. Without a wish, that is the keyring, or a file if this system has no keyring.
///
/// # Errors
/// If the keyring doesn't answer, or if the list of logins can't be written.
pub(crate) fn store(
    wanted: Wanted,
    token: &Token,
    wish: Option<Store>,
) -> Result<(Login, Option<String>), Error> {
    let secret = Zeroizing::new(token.expose().to_owned());
    let in_keyring = wanted.clone().at(Place::Keyring);
    let absent = match wish {
        Some(Store::File) => None,
        _ => match keyring::write(&in_keyring, secret) {
            Ok(()) => {
                remember(&in_keyring, None)?;
                return Ok((in_keyring, None));
            }
            Err(keyring::Failure::Absent(reason)) if wish.is_none() => Some(reason),
            Err(failure) => return Err(failure.explain("written")),
        },
    };
    let in_file = wanted.at(Place::File);
    remember(&in_file, Some(token))?;
    Ok((in_file, absent))
}

/// Removes a login. The keyring may have lost its token already.
///
/// # Errors
/// If the keyring doesn't answer, or if the list of logins can't be written. The login is kept then.
pub(crate) fn remove(login: &Login) -> Result<(), Error> {
    if login.place == Place::Keyring {
        keyring::remove(login).map_err(|failure| failure.explain("changed"))?;
    }
    forget(login)
}
