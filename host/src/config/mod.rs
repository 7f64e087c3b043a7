//! Settings. The command line takes precedence over the environment, the environment over the configuration file, and the file over the
//! defaults.

mod file;
mod log_file;
mod network;
pub(crate) mod options;
mod plugin;
mod registry;
mod result_options;
mod shown;

use std::{ffi::OsString, path::PathBuf, sync::Arc};

use clap::ArgMatches;
use etcetera::BaseStrategy;
use tw_render::Format;
use zeroize::Zeroizing;

use crate::{
    error::Error,
    process::{self, TOKEN, variable},
};

pub(crate) use self::{
    file::external_has_token,
    log_file::{HostLog, LogFile},
    network::Network,
    plugin::{read_for_argument, read_sections, read_settings, sections},
    registry::Registries,
    shown::Shown,
};

/// The access token. `Debug` doesn't show it, and it is wiped when it is dropped.
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

/// The settings of a run, from the root options and the environment.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) token: Option<Token>,
    /// The address of the API, without a slash at the end.
    pub(crate) endpoint: String,
    pub(crate) format: Format,
    pub(crate) shown: Shown,
    pub(crate) verbose: bool,
    /// True if the log shows the bodies of HTTP calls too.
    pub(crate) bodies: bool,
    /// The file that gets the log. `None` if no file is named.
    pub(crate) log_file: Option<Arc<LogFile>>,
    /// True if a plain http endpoint is allowed.
    pub(crate) insecure: bool,
    /// True if all registries and downloads of this run may use plain http.
    plain_http: bool,
    pub(crate) ca_certificate: Option<PathBuf>,
    /// The client certificate; its file also holds the key if `client_key` is `None`.
    pub(crate) client_certificate: Option<PathBuf>,
    pub(crate) client_key: Option<PathBuf>,
    network: network::Given,
}

impl Settings {
    /// Reads the settings from the matches of every level of the command line, from the outermost level to the deepest.
    ///
    /// # Errors
    /// If an environment variable is not UTF-8, or has an invalid value.
    pub(crate) fn read(levels: &[&ArgMatches]) -> Result<Self, Error> {
        let token = match options::value::<String>(levels, options::ACCESS_TOKEN) {
            Some(token) => {
                process::hide_argument(&token);
                Some(token)
            }
            None => to_text(TOKEN, process::secret(TOKEN).map(OsString::from))?,
        };
        // A token that comes from a file often ends with a line feed, and no token contains blanks.
        let token = token.map(Zeroizing::new);
        let token = token.map(|token| Token(Zeroizing::new(token.trim().to_owned())));
        let endpoint = match options::value::<String>(levels, options::URL) {
            Some(endpoint) => endpoint,
            None => text_variable("TOWER_API_ENDPOINT")?
                .unwrap_or_else(|| options::DEFAULT_ENDPOINT.to_owned()),
        };
        let format = match options::value::<Format>(levels, options::OUTPUT) {
            Some(format) => format,
            None => format_of_environment()?,
        };
        let (shown, format) = Shown::read(levels, format)?;
        let (verbosity, log_file) = LogFile::read(levels)?;
        Ok(Self {
            token: token.filter(|token| !token.expose().is_empty()),
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            format,
            shown,
            verbose: verbosity > 0,
            bodies: verbosity > 1,
            log_file: log_file.map(Arc::new),
            insecure: options::is_set(levels, options::INSECURE),
            plain_http: options::is_set(levels, options::PLAIN_HTTP),
            ca_certificate: path(levels, options::CACERT, "TW_CACERT"),
            client_certificate: path(levels, options::CLIENT_CERT, "TW_CLIENT_CERT"),
            client_key: path(levels, options::CLIENT_KEY, "TW_CLIENT_KEY"),
            network: network::Given::of_options(levels),
        })
    }
}

fn path(levels: &[&ArgMatches], option: &str, name: &str) -> Option<PathBuf> {
    options::value::<PathBuf>(levels, option).or_else(|| variable(name).map(PathBuf::from))
}

fn format_of_environment() -> Result<Format, Error> {
    let name = "TOWER_CLI_OUTPUT_FORMAT";
    let Some(value) = text_variable(name)? else {
        return Ok(Format::Console);
    };
    value.parse().map_err(|_| {
        Error::usage(format!(
            "Invalid value '{value}' for {name}: expected {}",
            Format::alternatives()
        ))
        .hint(format!("change or unset {name}"))
    })
}

/// Returns an environment variable as text; `None` if it is unset or empty.
///
/// # Errors
/// If the variable is not UTF-8. An ignored endpoint, for example, would send the token to another server.
fn text_variable(name: &'static str) -> Result<Option<String>, Error> {
    to_text(name, variable(name))
}

/// Returns the value of an environment variable as text.
///
/// # Errors
/// If the value is not UTF-8.
pub(crate) fn to_text(
    name: &'static str,
    value: Option<OsString>,
) -> Result<Option<String>, Error> {
    let text = value.map(OsString::into_string).transpose();
    text.map_err(|_| {
        Error::usage(format!("The environment variable {name} is not UTF-8"))
            .hint(format!("change or unset {name}"))
    })
}

/// Returns the cache folder of this user; `None` if no home directory is set.
pub(crate) fn cache_folder() -> Option<PathBuf> {
    tw_folder(etcetera::choose_base_strategy().ok()?.cache_dir())
}

/// Returns the data folder of this user, which holds installed plugins; `None` if no home directory is set.
pub(crate) fn data_folder() -> Option<PathBuf> {
    tw_folder(etcetera::choose_base_strategy().ok()?.data_dir())
}

/// Returns the folder of this user for data that can be lost; `None` if no home directory is set. On systems that have no such folder, it is the
/// data folder.
pub(crate) fn state_folder() -> Option<PathBuf> {
    let strategy = etcetera::choose_base_strategy().ok()?;
    tw_folder(strategy.state_dir().unwrap_or_else(|| strategy.data_dir()))
}

/// Returns the configuration folder of this user; `None` if no home directory is set.
pub(crate) fn folder() -> Option<PathBuf> {
    tw_folder(etcetera::choose_base_strategy().ok()?.config_dir())
}

/// Returns the folder `tw` in a base folder. `None` if the base folder is relative, because its meaning would depend on the working directory.
fn tw_folder(base: PathBuf) -> Option<PathBuf> {
    base.is_absolute().then(|| base.join("tw"))
}
