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
    config::{Configuration, Origin, Settings, Token, TokenFile},
    error::{Error, ErrorKind},
    files::show_path,
};

pub(crate) use self::index::{Login, Place, Wanted, forget, list};
use self::index::{is_same, remember};

/// The access token, and where it comes from.
#[derive(Debug)]
pub(crate) struct Credential {
    pub(crate) token: Token,
    pub(crate) source: Source,
}

/// The origin of the access token.
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
    let file = find_file(settings, endpoint);
    if let Ok(Some(file)) = file {
        let token = token_file::read(&file.path)?;
        let (path, origin) = (file.path.clone(), file.origin.clone());
        let source = Source::File { path, origin };
        return Ok(Some(Credential { token, source }));
    }
    let login = match (find_login_for(settings, endpoint), file) {
        (Ok(Some(login)), _) => login,
        (_, Err(error)) | (Err(error), _) => return Err(error),
        (Ok(None), Ok(_)) => return Ok(None),
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
    match all.rfind(|login| login.origin == origin) {
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

/// Makes the error of a run without a token for this endpoint.
pub(crate) fn missing(settings: &Settings, endpoint: &Url) -> Error {
    let hint = "`tw login` stores a token";
    Error::no_token().hint(match login_elsewhere(settings, &origin_of(endpoint)) {
        Some(login) => format!("{}; {hint}", say_profile(settings, &login)),
        None => hint.to_owned(),
    })
}

/// Finds a login for this server that belongs to another profile. `None` if there is none, or if the list can't be read.
pub(crate) fn login_elsewhere(settings: &Settings, origin: &str) -> Option<Login> {
    let own = profile_of(settings);
    let mut logins = list().ok()?.into_iter();
    logins.find(|login| login.origin == origin && login.profile != own)
}

/// Says to which profile a login belongs, and how to use it.
pub(crate) fn say_profile(settings: &Settings, login: &Login) -> String {
    if let Some(name) = &login.profile {
        return match is_usable(Some(name)) {
            true => {
                format!(
                    "the profile `{name}` has a login for this server: `--profile {name}` uses it"
                )
            }
            false => format!(
                "the profile `{name}`, which is gone, has a login for this server: `tw logout --profile {name}` removes it"
            ),
        };
    }
    let remedy = match settings.profile.as_ref().map(|used| &used.origin) {
        Some(Origin::Option(_)) => "leave `--profile` out",
        Some(Origin::Variable(_)) => "unset TW_PROFILE",
        _ => "`tw profile use --none` chooses no profile",
    };
    format!("there is a login for this server without a profile: {remedy}")
}

/// True if commands can use the logins of a profile, because the profile exists. `None` stands for the logins without a profile.
pub(crate) fn is_usable(profile: Option<&str>) -> bool {
    let exists = |name| Configuration::load().is_ok_and(|all| all.profiles().contains(name));
    profile.is_none_or(exists)
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

/// The place for the token of a new login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Store {
    /// The system's keyring
    Keyring,
    /// A file that only you can read
    File,
}

/// A token that was stored.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) login: Login,
    /// The reason why the keyring wasn't used, although nobody asked for a file.
    pub(crate) no_keyring: Option<String>,
    /// The reason why the keyring still has the token of the former login.
    pub(crate) left: Option<Error>,
}

/// Stores a token that the server accepted. Without a wish, it is stored in the keyring, or in a file if this system has no keyring.
///
/// # Errors
/// If the keyring doesn't answer, or if the list of logins can't be written. The token is not stored then.
pub(crate) fn store(wanted: Wanted, token: &Token, wish: Option<Store>) -> Result<Stored, Error> {
    let secret = Zeroizing::new(token.expose().to_owned());
    let login = wanted.clone().at(Place::Keyring);
    let listed = list()?;
    let former = listed
        .iter()
        .find(|other| other.place == Place::Keyring && is_same(other, &login));
    let no_keyring = match wish {
        Some(Store::File) => None,
        _ => match keyring::write(&login, secret) {
            Ok(()) => {
                if let Err(error) = remember(&login, None, None) {
                    // A token that no login names would stay there forever.
                    if former.is_none() {
                        let _ = keyring::remove(&login);
                    }
                    return Err(error);
                }
                return Ok(Stored {
                    login,
                    no_keyring: None,
                    left: None,
                });
            }
            Err(keyring::Failure::Absent(reason)) if wish.is_none() => Some(reason),
            Err(failure) => return Err(failure.explain("written")),
        },
    };
    let login = wanted.at(Place::File);
    let left = former.and_then(|former| remove_from_keyring(former).err());
    remember(&login, Some(token), former.filter(|_| left.is_some()))?;
    Ok(Stored {
        login,
        no_keyring,
        left,
    })
}

/// Removes a login. The keyring may have lost its token already.
///
/// # Errors
/// If the keyring doesn't answer, or if the list of logins can't be written. The login is kept then.
pub(crate) fn remove(login: &Login) -> Result<(), Error> {
    if login.place == Place::Keyring {
        remove_from_keyring(login)?;
    }
    forget(login)
}

fn remove_from_keyring(login: &Login) -> Result<(), Error> {
    keyring::remove(login).map_err(|failure| {
        failure.explain("changed").hint(
            "run `tw logout` in a session that has the keyring unlocked; `tw logout --forget` removes the login only, and the token stays in the keyring",
        )
    })
}
