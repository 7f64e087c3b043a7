//! `tw login`, `tw logout` and `tw whoami`: store an access token that the server accepts, remove it, and say who the user is.

use std::{io::Read, sync::Arc};

use clap::{ArgMatches, Args, Command, FromArgMatches};
use serde_json::json;
use tw_render::text::visible;
use zeroize::Zeroizing;

use super::{
    plugin::{ask::ask_unseen, view::record},
    show,
};
use crate::{
    config::{Configuration, Origin, Settings, Sourced, Token, kind::Kind, options},
    credentials::{self, Place, Source, Store, Stored, Wanted, origin_of, profile_of},
    error::{Error, ErrorKind, code},
    process::{TOKEN, secret, variable},
    service::{Own, http::parse_endpoint},
    stdio,
};

pub(super) const ABOUT: &str = "Store an access token in the keyring";
pub(super) const ABOUT_LOGOUT: &str = "Remove a stored access token";
pub(super) const ABOUT_WHOAMI: &str = "Show whose access token is in use";

/// The size limit of a token on standard input.
const MAX: u64 = 64 << 10;

/// The variable that names the file of a token.
const TOKEN_FILE: &str = "TOWER_ACCESS_TOKEN_FILE";

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tw login                              ask for the token
  tw login -u https://HOST/api          for another server
  tw login --token-stdin < token.txt    for scripts")]
struct Login {
    /// Read the token from standard input
    #[arg(long)]
    token_stdin: bool,
    /// Where to store the token [default: the keyring, or a file if there is no keyring]
    #[arg(long, value_name = "STORE")]
    store: Option<Store>,
}

/// Returns the command `tw login`.
pub(super) fn command() -> Command {
    options::add_to_command(Login::augment_args(Command::new("login").about(ABOUT)))
}

/// Asks for a token, checks it at the server, and stores it.
pub(super) fn run(matches: &ArgMatches, mut settings: Settings) -> Result<u8, Error> {
    let login =
        Login::from_arg_matches(matches).map_err(|error| Error::usage(error.to_string()))?;
    let endpoint = parse_endpoint(&settings.endpoint)?;
    let origin = origin_of(&endpoint);
    let token = read_token(&login, &settings, &origin)?;
    settings.token = Some(token.clone());
    let settings = Arc::new(settings);
    let user = Own::new(Arc::clone(&settings)).user()?;
    let wanted = Wanted {
        profile: profile_of(&settings),
        origin,
        user: user.name.clone(),
    };
    let Stored {
        login,
        no_keyring,
        left,
    } = credentials::store(wanted, &token.value, login.store)?;
    if let Some(reason) = no_keyring {
        note(
            &settings,
            &format!(
                "this session has no keyring ({reason}), so the token is in a file that only you can read"
            ),
        );
    }
    if let Some(error) = left {
        let error = visible(error.message()).into_owned();
        let warning = format!(
            "the token of the former login is still in the keyring ({error}); `tw logout` removes it in a session that has the keyring"
        );
        stdio::warn(&warning, None);
    }
    warn_of_variables();
    note_endpoint(&settings)?;
    let text = format!(
        "Logged in at {} as {}; the token is in the {}",
        login.origin,
        visible(&login.user),
        login.place
    );
    let value = json!({
        "profile": login.profile,
        "origin": login.origin,
        "user": login.user,
        "store": login.place,
    });
    show::print_message(&settings, &value, text)
}

/// Takes the token from standard input, from the option, or from the user.
fn read_token(login: &Login, settings: &Settings, origin: &str) -> Result<Sourced<Token>, Error> {
    let given = settings.token.as_ref();
    let given = given.filter(|given| given.origin == Origin::Option("access-token"));
    let from = |name, value| Sourced {
        value,
        origin: Origin::Input(name),
    };
    if login.token_stdin {
        if given.is_some() {
            return Err(Error::usage(
                "the argument '--token-stdin' cannot be used with '--access-token <TOKEN>'",
            ));
        }
        let mut bytes = Zeroizing::new(Vec::new());
        let read = std::io::stdin().take(MAX + 1).read_to_end(&mut bytes);
        read.map_err(|error| {
            Error::new(ErrorKind::Input, "Standard input can't be read").caused_by(error)
        })?;
        if bytes.trim_ascii().is_empty() {
            return Err(no_token("Standard input has no token"));
        }
        let token = Token::parse_file(&bytes).filter(|_| bytes.len() as u64 <= MAX);
        let token = token.map(|token| from("standard input", token));
        return token.ok_or_else(|| {
            Error::new(ErrorKind::Input, "Standard input doesn't hold one token")
                .hint("write only the token to standard input")
        });
    }
    if let Some(given) = given {
        return Ok(given.clone());
    }
    let question = format!("Access token for {origin} (made in the Platform under 'Your tokens')");
    let typed = ask_unseen(&question, false, "pass the token with `--token-stdin`")?;
    let token = Token::parse_file(typed.as_bytes()).map(|token| from("the terminal", token));
    token.ok_or_else(|| {
        Error::new(ErrorKind::Input, "What was typed isn't one token")
            .hint("type or paste only the token")
    })
}

fn no_token(message: &str) -> Error {
    Error::new(ErrorKind::Input, message)
        .hint("make a token in the Platform under 'Your tokens', and run the command again")
}

/// Warns of a variable that takes precedence over the login.
fn warn_of_variables() {
    let set = [
        (TOKEN, secret(TOKEN).is_some()),
        (TOKEN_FILE, variable(TOKEN_FILE).is_some()),
    ];
    for (name, _) in set.into_iter().filter(|(_, is_set)| *is_set) {
        stdio::warn(
            &format!("{name} is set, and commands use its token: unset {name} to use the login"),
            None,
        );
    }
}

fn note(settings: &Settings, text: &str) {
    if !settings.shown.is_quiet {
        stdio::note(text, None);
    }
}

/// Notes that later commands need the endpoint again, if only this command names it. An endpoint of a profile is not replaced, and a login without a profile
/// belongs to no profile that is made later.
fn note_endpoint(settings: &Settings) -> Result<(), Error> {
    if !matches!(settings.endpoint_origin, Origin::Option(_)) {
        return Ok(());
    }
    let endpoint = visible(&settings.endpoint);
    let endpoint = shell_words::quote(&endpoint);
    let profile = profile_of(settings);
    let profile = profile.as_deref();
    let own = Configuration::load()?.profile_value(&["endpoint"], Kind::Endpoint, profile);
    let name = profile.filter(|_| own.is_none());
    let keep = name.map(|name| {
        format!("; `tw profile set {name} endpoint={endpoint}` keeps the endpoint in the profile")
    });
    let keep = keep.unwrap_or_default();
    note(
        settings,
        &format!(
            "the login is for this endpoint only, so later commands need `-u {endpoint}`{keep}"
        ),
    );
    Ok(())
}

#[derive(Debug, Args)]
struct Logout {
    /// Remove the login even if its token can't be removed from the keyring
    #[arg(long)]
    forget: bool,
}

/// Returns the command `tw logout`.
pub(super) fn logout_command() -> Command {
    options::add_to_command(Logout::augment_args(
        Command::new("logout").about(ABOUT_LOGOUT),
    ))
}

/// Reads the settings of `tw logout`. The profile may be gone if a login of the profile is still stored.
pub(super) fn logout_settings(levels: &[&ArgMatches]) -> Result<Settings, Error> {
    Settings::read(levels).or_else(|error| {
        if error.stable_code() != code::PROFILE_NOT_FOUND {
            return Err(error);
        }
        let settings = Settings::read_with_any_profile(levels)?;
        let profile = profile_of(&settings);
        match credentials::list()?
            .iter()
            .any(|login| login.profile == profile)
        {
            true => Ok(settings),
            false => Err(error),
        }
    })
}

/// Removes the login of the profile in use for the endpoint. The endpoint of a profile that is gone is unknown, so all of its logins are removed unless the
/// command line names an endpoint.
pub(super) fn logout(matches: &ArgMatches, settings: &Settings) -> Result<u8, Error> {
    let Logout { forget } =
        Logout::from_arg_matches(matches).map_err(|error| Error::usage(error.to_string()))?;
    let origin = origin_of(&parse_endpoint(&settings.endpoint)?);
    let profile = profile_of(settings);
    let logins = credentials::list()?;
    let mut own = logins.iter().filter(|login| login.profile == profile);
    let is_named = matches!(settings.endpoint_origin, Origin::Option(_));
    let is_everywhere = !is_named && !credentials::is_usable(profile.as_deref());
    let here: Vec<_> = own
        .clone()
        .filter(|login| is_everywhere || login.origin == origin)
        .collect();
    if here.is_empty() {
        return Err(no_login(settings, &origin, own.next_back()));
    }
    let mut origins: Vec<&str> = here.iter().map(|login| &*login.origin).collect();
    origins.dedup();
    let origin = origins.join(", ");
    // The file first: its token can always be removed.
    for login in here.into_iter().rev() {
        match credentials::remove(login) {
            Err(error) if forget => {
                credentials::forget(login)?;
                let error = visible(error.message()).into_owned();
                stdio::warn(&format!("the keyring keeps the token: {error}"), None);
            }
            removed => removed?,
        }
    }
    for (name, is_set) in [
        (TOKEN, secret(TOKEN).is_some()),
        (TOKEN_FILE, variable(TOKEN_FILE).is_some()),
    ] {
        if is_set {
            stdio::warn(
                &format!("{name} is still set, and commands use its token"),
                None,
            );
        }
    }
    let text = format!(
        "Logged out of {origin}; the token is still valid until you delete it in the Platform"
    );
    let value = json!({ "profile": profile, "origin": origin });
    show::print_message(settings, &value, text)
}

/// Makes the error of a logout without a login. `other` is a login of the profile for another server.
fn no_login(settings: &Settings, origin: &str, other: Option<&credentials::Login>) -> Error {
    let error = Error::new(
        ErrorKind::NotFound,
        format!("No login is stored for {origin}"),
    );
    match (other, credentials::login_elsewhere(settings, origin)) {
        (Some(other), _) => error.hint(format!(
            "there is one for {0}: `tw logout -u {0}`",
            other.origin
        )),
        (None, Some(login)) => error.hint(credentials::say_profile(settings, &login)),
        (None, None) => error.hint("`tw token list` shows the stored logins"),
    }
}

/// Returns the command `tw whoami`.
pub(super) fn whoami_command() -> Command {
    options::add_to_command(Command::new("whoami").about(ABOUT_WHOAMI))
}

/// Asks the server whose token is in use.
pub(super) fn whoami(settings: Settings) -> Result<u8, Error> {
    let settings = Arc::new(settings);
    let own = Own::new(Arc::clone(&settings));
    let source = own.credential()?.source.clone();
    let user = own.user()?;
    let value = json!({
        "user": user.name,
        "id": user.id,
        "email": user.email,
        "endpoint": settings.endpoint,
        "profile": profile_of(&settings),
        "token": source.to_string(),
    });
    let fields = [
        ("User", "/user"),
        ("ID", "/id"),
        ("Email", "/email"),
        ("Endpoint", "/endpoint"),
        ("Profile", "/profile"),
        ("Token", "/token"),
    ];
    let view = record("Who you are", "", &fields);
    show::print(&settings, &value, &view)
}

/// Returns the name of a place, for programs.
pub(super) fn source_kind(source: &Source) -> &'static str {
    match source {
        Source::Given(Origin::Option(_)) => "option",
        Source::Given(_) => "variable",
        Source::File { .. } => "file",
        Source::Login(login) => place_kind(login.place),
    }
}

/// Returns the name of the place of a login's token, for programs.
pub(super) fn place_kind(place: Place) -> &'static str {
    match place {
        Place::Keyring => "keyring",
        Place::File => "login-file",
    }
}
