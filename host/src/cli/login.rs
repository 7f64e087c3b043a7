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
    config::{Origin, Settings, Sourced, Token, options},
    credentials::{self, Place, Source, Store, Wanted, origin_of, profile_of},
    error::{Error, ErrorKind},
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
  tw login                                                  ask for the token
  tw login --profile work -u https://HOST/api               for another server
  tw login --token-stdin < token.txt")]
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
    settings.token = Some(Sourced {
        value: token.clone(),
        origin: Origin::Option("access-token"),
    });
    let settings = Arc::new(settings);
    let user = Own::new(Arc::clone(&settings)).user()?;
    let wanted = Wanted {
        profile: profile_of(&settings),
        origin,
        user: user.name.clone(),
    };
    let (login, absent) = credentials::store(wanted, &token, login.store)?;
    if let Some(reason) = absent {
        stdio::note(
            &format!(
                "this session has no keyring ({reason}), so the token is in a file that only you can read"
            ),
            None,
        );
    }
    warn_of_variables();
    note_endpoint(&settings);
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
fn read_token(login: &Login, settings: &Settings, origin: &str) -> Result<Token, Error> {
    if login.token_stdin {
        let mut text = Zeroizing::new(String::new());
        let read = std::io::stdin().take(MAX).read_to_string(&mut text);
        read.map_err(|error| {
            Error::new(ErrorKind::Input, "Standard input can't be read").caused_by(error)
        })?;
        return Token::parse(&text).ok_or_else(|| no_token("Standard input has no token"));
    }
    if let Some(given) = &settings.token
        && given.origin == Origin::Option("access-token")
    {
        return Ok(given.value.clone());
    }
    let question = format!("Access token for {origin} (made in the Platform under 'Your tokens')");
    let typed = ask_unseen(&question, false, "pass the token with `--token-stdin`")?;
    Token::parse(&typed).ok_or_else(|| no_token("No token was typed"))
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

/// Notes that later commands need the endpoint again, if only this command names it.
fn note_endpoint(settings: &Settings) {
    if let Origin::Option(_) = settings.endpoint_origin {
        let name = profile_of(settings).unwrap_or_else(|| "NAME".to_owned());
        let endpoint = visible(&settings.endpoint);
        stdio::note(
            &format!(
                "the login is for this endpoint only; `tw profile set {name} endpoint={endpoint}` keeps the endpoint in a profile"
            ),
            None,
        );
    }
}

/// Returns the command `tw logout`.
pub(super) fn logout_command() -> Command {
    options::add_to_command(Command::new("logout").about(ABOUT_LOGOUT))
}

/// Removes the login of the profile in use for the endpoint.
pub(super) fn logout(settings: &Settings) -> Result<u8, Error> {
    let origin = origin_of(&parse_endpoint(&settings.endpoint)?);
    let profile = profile_of(settings);
    let logins = credentials::list()?;
    let mut own = logins.iter().filter(|login| login.profile == profile);
    let Some(login) = own.clone().find(|login| login.origin == origin) else {
        let error = Error::new(
            ErrorKind::NotFound,
            format!("No login is stored for {origin}"),
        );
        return Err(match own.next() {
            Some(other) => error.hint(format!(
                "there is one for {0}: `tw logout -u {0}`",
                other.origin
            )),
            None => error.hint("`tw whoami` shows whose access token is in use"),
        });
    };
    credentials::remove(login)?;
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
        Source::Login(login) => match login.place {
            Place::Keyring => "keyring",
            Place::File => "login-file",
        },
    }
}
