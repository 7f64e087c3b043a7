//! Settings, in one place: flags before environment before default; and the configuration file, which is read when a
//! plugin asks for its section, or something first connects.

mod network;

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use clap::ArgMatches;
use etcetera::BaseStrategy;
use serde_json::Value;
use tw_render::Format;
use zeroize::Zeroizing;

use crate::{cli::root, error::Error};

pub(crate) use self::network::{MOST_RETRIES, Network, rate, seconds};

/// The variable with the token.
pub(crate) const TOKEN: &str = "TOWER_ACCESS_TOKEN";
/// The variable with the password of a secret key, for runs without a terminal.
pub(crate) const SIGNING_PASSWORD: &str = "TW_SIGNING_PASSWORD";

/// A program that gets nothing secret from our environment.
pub(crate) fn without_secrets(command: &mut Command) -> &mut Command {
    command.env_remove(TOKEN).env_remove(SIGNING_PASSWORD)
}

/// The token: one owner, no `Debug` that shows it, wiped when dropped.
pub(crate) struct Token(Zeroizing<String>);

impl Token {
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// What a run is told by its root options and the environment.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) token: Option<Token>,
    /// Without a closing slash.
    pub(crate) endpoint: String,
    pub(crate) format: Format,
    pub(crate) verbose: bool,
    pub(crate) insecure: bool,
    pub(crate) ca_certificate: Option<PathBuf>,
    /// What the API is shown when it asks who this is, and its key: in one file where only the first is there.
    pub(crate) client_certificate: Option<PathBuf>,
    pub(crate) client_key: Option<PathBuf>,
    network: network::Given,
}

impl Settings {
    /// Reads them from the matches of every level of the command line, the deepest last.
    pub(crate) fn read(levels: &[&ArgMatches]) -> Result<Self, Error> {
        let token = match root::value::<String>(levels, root::ACCESS_TOKEN) {
            Some(token) => Some(token),
            None => text(TOKEN)?,
        };
        // A token from a file has the file's line end, mostly; none has blanks.
        let token = token.map(Zeroizing::new);
        let token = token.map(|token| Token(Zeroizing::new(token.trim().to_owned())));
        let endpoint = match root::value::<String>(levels, root::URL) {
            Some(endpoint) => endpoint,
            None => {
                text("TOWER_API_ENDPOINT")?.unwrap_or_else(|| root::DEFAULT_ENDPOINT.to_owned())
            }
        };
        let format = match root::value::<Format>(levels, root::OUTPUT) {
            Some(format) => format,
            None => format_of_environment()?,
        };
        Ok(Self {
            token: token.filter(|token| !token.expose().is_empty()),
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            format,
            verbose: root::flag(levels, root::VERBOSE),
            insecure: root::flag(levels, root::INSECURE),
            ca_certificate: path(levels, root::CACERT, "TW_CACERT"),
            client_certificate: path(levels, root::CLIENT_CERT, "TW_CLIENT_CERT"),
            client_key: path(levels, root::CLIENT_KEY, "TW_CLIENT_KEY"),
            network: network::Given::read(levels),
        })
    }
}

fn path(levels: &[&ArgMatches], option: &str, name: &str) -> Option<PathBuf> {
    root::value::<PathBuf>(levels, option).or_else(|| variable(name).map(PathBuf::from))
}

fn format_of_environment() -> Result<Format, Error> {
    let name = "TOWER_CLI_OUTPUT_FORMAT";
    let Some(value) = text(name)? else {
        return Ok(Format::Console);
    };
    value.parse().map_err(|_| Error::Environment {
        name,
        value,
        expected: format!("expected {}", Format::NAMES.join(" or ")),
    })
}

/// The variable, where it is set and not empty.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The variable as text. One that isn't is not passed over: a token would go where nobody sent it.
fn text(name: &'static str) -> Result<Option<String>, Error> {
    let text = variable(name).map(OsString::into_string).transpose();
    text.map_err(|_| Error::EnvironmentNotText { name })
}

/// The folder of caches for this user; none where there is no home.
pub(crate) fn cache_folder() -> Option<PathBuf> {
    own(etcetera::choose_base_strategy().ok()?.cache_dir())
}

/// The folder of what is installed for this user; none where there is no home.
pub(crate) fn data_folder() -> Option<PathBuf> {
    own(etcetera::choose_base_strategy().ok()?.data_dir())
}

/// The folder of what this user has configured; none where there is no home.
pub(crate) fn folder() -> Option<PathBuf> {
    own(etcetera::choose_base_strategy().ok()?.config_dir())
}

/// Ours in this folder. A home that isn't absolute would be another one wherever one stands, and is none.
fn own(folder: PathBuf) -> Option<PathBuf> {
    folder.is_absolute().then(|| folder.join("tw"))
}

/// The section `[plugin.NAME]` of the configuration file; empty where there is none.
pub(crate) fn plugin_section(plugin: &str) -> Result<serde_json::Map<String, Value>, Error> {
    section("plugin", plugin)
}

/// Whether the section `[external.NAME]` of the configuration file lets the external command of this name have the token.
///
/// # Errors
/// The section can't be read, or says what can't be: a slip must not pass for a setting.
pub(crate) fn external_has_token(name: &str) -> Result<bool, Error> {
    let section = section("external", name)?;
    let wrong = |reason: String| Error::Configuration {
        path: file().unwrap_or_default(),
        reason,
    };
    if section.keys().any(|key| key != "token") {
        let reason = format!("`[external.{name}]` has a key that is not token");
        return Err(wrong(reason));
    }
    match section.get("token") {
        None => Ok(false),
        Some(Value::Bool(yes)) => Ok(*yes),
        Some(_) => Err(wrong(format!(
            "`external.{name}.token` should be true or false"
        ))),
    }
}

fn section(kind: &str, name: &str) -> Result<serde_json::Map<String, Value>, Error> {
    match file() {
        Some(file) => section_of(&file, kind, name),
        None => Ok(serde_json::Map::new()),
    }
}

/// The configuration file; none where there is no home.
fn file() -> Option<PathBuf> {
    Some(folder()?.join("config.toml"))
}

fn section_of(
    path: &Path,
    kind: &str,
    name: &str,
) -> Result<serde_json::Map<String, Value>, Error> {
    let file = table(path)?;
    match file
        .get(kind)
        .map(|sections| sections.as_table().map(|sections| sections.get(name)))
    {
        None | Some(Some(None)) => Ok(serde_json::Map::new()),
        Some(Some(Some(toml::Value::Table(section)))) => Ok(section
            .iter()
            .map(|(key, value)| (key.clone(), json(value)))
            .collect()),
        Some(_) => Err(Error::Configuration {
            path: path.to_owned(),
            reason: format!("`{kind}.{name}` is not a section"),
        }),
    }
}

/// The whole file; empty where there is none.
fn table(path: &Path) -> Result<toml::Table, Error> {
    let failed = |reason: String| Error::Configuration {
        path: path.to_owned(),
        reason,
    };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(toml::Table::new());
        }
        Err(error) => return Err(failed(error.to_string())),
    };
    // What is wrong is said by place: the text of the file may be nobody's business.
    toml::from_str(&text).map_err(|error| {
        let before = error
            .span()
            .and_then(|span| text.get(..span.start))
            .unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        failed(format!("line {line} is not valid TOML"))
    })
}

/// The same in JSON; dates are text.
fn json(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.as_str().into(),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Float(number) => (*number).into(),
        toml::Value::Boolean(yes) => (*yes).into(),
        toml::Value::Datetime(date) => date.to_string().into(),
        toml::Value::Array(values) => values.iter().map(json).collect(),
        toml::Value::Table(fields) => Value::Object(
            fields
                .iter()
                .map(|(key, value)| (key.clone(), json(value)))
                .collect(),
        ),
    }
}
