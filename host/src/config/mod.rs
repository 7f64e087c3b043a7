//! Settings. The command line takes precedence over the environment, the environment over the configuration files, and the files over the
//! defaults.

pub(crate) mod check;
pub(crate) mod chosen;
pub(crate) mod edit;
pub(crate) mod endpoint;
mod error_format;
pub(crate) mod file;
pub(crate) mod kind;
mod layers;
mod log_file;
mod network;
pub(crate) mod options;
mod origin;
mod plugin;
mod registry;
mod result_options;
pub(crate) mod schema;
mod shown;

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use clap::ArgMatches;
use etcetera::BaseStrategy;
use tw_render::Format;
use zeroize::Zeroizing;

use crate::{
    error::Error,
    files,
    process::{self, TOKEN, variable},
};

use self::{chosen::Chosen, kind::Value};
pub(crate) use self::{
    error_format::select_error_format,
    file::user_path,
    layers::Configuration,
    log_file::{HostLog, LogFile, end_log},
    network::Network,
    origin::{Origin, Sourced},
    plugin::{read_for_argument, read_sections, read_settings, sections},
    registry::Registries,
    shown::Shown,
};

/// The file of a token, which is read when a request first needs the token.
#[derive(Debug, Clone)]
pub(crate) struct TokenFile {
    pub(crate) path: PathBuf,
    pub(crate) origin: Origin,
    /// The endpoint that a file of the configuration belongs to. `None` if the variable names the file: then it belongs to every endpoint.
    pub(crate) endpoint: Option<String>,
}

/// The access token. `Debug` doesn't show it, and it is wiped when it is dropped.
#[derive(Clone, PartialEq)]
pub(crate) struct Token(Zeroizing<String>);

impl Token {
    /// Makes a token from a text. A token that comes from a file often ends with a line feed, and no token contains blanks. `None` if the text has only
    /// blanks.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// Makes a token from the bytes of a file or of standard input, which may begin with a byte order mark. `None` if they aren't one word, or if the word is
    /// the line of a shell that sets the variable.
    pub(crate) fn parse_file(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(files::without_mark(bytes)).ok()?;
        let is_word = |token: &Self| {
            let text = token.expose();
            !text.contains(char::is_whitespace) && !text.starts_with("TOWER_ACCESS_TOKEN=")
        };
        Self::parse(text).filter(is_word)
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The settings of a run.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The token of the option or of the variable. The module `credentials` finds the token of other places.
    pub(crate) token: Option<Sourced<Token>>,
    pub(crate) token_file: Option<TokenFile>,
    /// The profile in use; `None` if there is none.
    pub(crate) profile: Option<Sourced<String>>,
    /// The address of the API, without a slash at the end. Empty if it is not certain, see `unusable`.
    pub(crate) endpoint: String,
    /// The origin of the endpoint.
    pub(crate) endpoint_origin: Origin,
    /// The workspace of the configuration, for commands whose line and environment name none. `None` if the configuration names none.
    pub(crate) workspace: Option<Sourced<String>>,
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
    /// The reason why the configuration can't be used, if it could name another endpoint. Then there is no endpoint, so nothing can be sent.
    pub(crate) unusable: Option<Error>,
    pub(crate) ca_certificate: Option<Sourced<PathBuf>>,
    /// The client certificate; its file also holds the key if `client_key` is `None`.
    pub(crate) client_certificate: Option<Sourced<PathBuf>>,
    pub(crate) client_key: Option<Sourced<PathBuf>>,
    pub(crate) network: Network,
}

/// The proxy of the configuration, which counts for the whole process as the variables do.
static PROXY: OnceLock<Sourced<String>> = OnceLock::new();

/// Returns the proxy of the configuration. `None` if the configuration names none, or if the settings were not read.
pub(crate) fn proxy() -> Option<&'static Sourced<String>> {
    PROXY.get()
}

impl Settings {
    /// Reads the settings from the matches of every level of the command line, from the outermost level to the deepest.
    ///
    /// # Errors
    /// If an environment variable is not UTF-8, or has an invalid value. If the configuration can't be read. If there is no such profile.
    pub(crate) fn read(levels: &[&ArgMatches]) -> Result<Self, Error> {
        error_format::settle(levels)?;
        Self::read_from(levels, Configuration::load()?)
    }

    /// Reads the settings of a command that must work with any configuration, because it repairs or explains the configuration. If the configuration
    /// can't be used, the settings are those of the command line and of the environment. The default endpoint doesn't count then: the configuration
    /// may name another one, and the token belongs to that one.
    ///
    /// # Errors
    /// If an environment variable is not UTF-8, or has an invalid value.
    pub(crate) fn read_leniently(levels: &[&ArgMatches]) -> Result<Self, Error> {
        Self::read(levels).or_else(|error| {
            let mut settings = Self::read_without_files(levels)?;
            if settings.endpoint_origin == Origin::Default {
                settings.endpoint.clear();
                settings.unusable = Some(error);
            }
            Ok(settings)
        })
    }

    /// Reads the settings of a command that works with the name of a profile, even if there is no such profile.
    ///
    /// # Errors
    /// As [`read`](Self::read), except for the profile.
    pub(crate) fn read_with_any_profile(levels: &[&ArgMatches]) -> Result<Self, Error> {
        let configuration = Configuration::load()?;
        let mut chosen = Chosen::without_profile(levels, configuration);
        chosen.profile = chosen::find_profile(levels, configuration)?;
        Self::of(levels, &chosen)
    }

    /// Reads the settings of a command that needs no configuration.
    ///
    /// # Errors
    /// If an environment variable is not UTF-8, or has an invalid value.
    pub(crate) fn read_without_files(levels: &[&ArgMatches]) -> Result<Self, Error> {
        let none = Configuration::default();
        Self::of(levels, &Chosen::without_profile(levels, &none))
    }

    fn read_from(levels: &[&ArgMatches], configuration: &Configuration) -> Result<Self, Error> {
        Self::of(levels, &Chosen::new(levels, configuration)?)
    }

    fn of(levels: &[&ArgMatches], chosen: &Chosen<'_>) -> Result<Self, Error> {
        if let Some(proxy) = chosen.text("proxy")? {
            let _ = PROXY.set(proxy);
        }
        let endpoint = chosen.text("endpoint")?.unwrap_or(Sourced {
            value: options::DEFAULT_ENDPOINT.to_owned(),
            origin: Origin::Default,
        });
        let workspace = chosen.find_in_files("workspace");
        let format = match chosen.find("output")?.map(|found| found.value) {
            Some(Value::Format(format)) => format,
            _ => Format::Console,
        };
        let (shown, format) = Shown::read(levels, format)?;
        let (verbosity, log_file) = LogFile::read(levels)?;
        Ok(Self {
            token: read_token(levels)?,
            token_file: find_token_file(chosen)?,
            profile: chosen.profile.clone(),
            endpoint: endpoint::complete(&endpoint.value),
            endpoint_origin: endpoint.origin,
            workspace: workspace.and_then(|workspace| {
                Some(Sourced {
                    value: workspace.value.into_text()?,
                    origin: workspace.origin,
                })
            }),
            format,
            shown,
            verbose: verbosity > 0,
            bodies: verbosity > 1,
            log_file,
            insecure: options::is_set(levels, options::INSECURE),
            plain_http: options::is_set(levels, options::PLAIN_HTTP),
            unusable: None,
            ca_certificate: chosen.path("cacert")?,
            client_certificate: chosen.path("client-cert")?,
            client_key: chosen.path("client-key")?,
            network: Network::read(chosen)?,
        })
    }
}

/// Compares a text with the schema. Returns the number of its mistakes; `None` if the text is not TOML.
#[cfg(any(test, fuzzing))]
pub(crate) fn fuzz(text: &str) -> Option<usize> {
    let table = toml::de::DeTable::parse(text).ok()?;
    Some(check::find_mistakes(text, table.get_ref(), Path::new("/")).len())
}

/// Returns the token of the option or of the variable. `None` if neither is given.
fn read_token(levels: &[&ArgMatches]) -> Result<Option<Sourced<Token>>, Error> {
    let (text, origin) = match options::value::<String>(levels, options::ACCESS_TOKEN) {
        Some(token) => {
            process::hide_argument(&token);
            if token.trim().is_empty() {
                // Without this, the command would use the token of another user: that of the variable or of the login.
                let error = Error::invalid_value("the value of '--access-token <TOKEN>' is empty");
                return Err(error.hint("leave the option out to use the stored login"));
            }
            (Some(token), Origin::Option("access-token"))
        }
        None => {
            let given = process::secret(TOKEN).map(OsString::from);
            (to_text(TOKEN, given)?, Origin::Variable(TOKEN))
        }
    };
    let token = Token::parse(&Zeroizing::new(text.unwrap_or_default()));
    Ok(token.map(|value| Sourced { value, origin }))
}

/// Finds the file of the token. A file of the configuration belongs to the endpoint that the configuration has at the same place or below it, so no place that
/// takes precedence can send the token elsewhere.
fn find_token_file(chosen: &Chosen<'_>) -> Result<Option<TokenFile>, Error> {
    let Some(Sourced {
        value: Value::Path(path),
        origin,
    }) = chosen.find("token-file")?
    else {
        return Ok(None);
    };
    let is_of_configuration = matches!(origin, Origin::Profile { .. } | Origin::File(_));
    let endpoint = is_of_configuration.then(|| {
        let endpoint = chosen.endpoint_below(&origin);
        endpoint.unwrap_or_else(|| options::DEFAULT_ENDPOINT.to_owned())
    });
    Ok(Some(TokenFile {
        path,
        origin,
        endpoint: endpoint.map(|typed| endpoint::complete(&typed)),
    }))
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
        Error::invalid_variable(
            name,
            format!("The environment variable {name} is not UTF-8"),
        )
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

/// Returns the folder of the machine's policy and configuration.
pub(crate) fn machine_folder() -> PathBuf {
    match std::env::var_os("ProgramData").filter(|_| cfg!(windows)) {
        Some(data) => PathBuf::from(data).join("tw"),
        None => PathBuf::from("/etc/tw"),
    }
}

/// Returns the folder `PREFIX/etc/tw` for a binary in `PREFIX/bin`; `None` for a binary in another folder.
pub(crate) fn prefix_folder(binary: &Path) -> Option<PathBuf> {
    let folder = binary.parent().filter(|folder| folder.ends_with("bin"));
    Some(folder?.parent()?.join("etc").join("tw"))
}

/// Returns the configuration folder of this user; `None` if no home directory is set.
pub(crate) fn folder() -> Option<PathBuf> {
    tw_folder(etcetera::choose_base_strategy().ok()?.config_dir())
}

/// Returns the folder `tw` in a base folder. `None` if the base folder is relative, because its meaning would depend on the working directory.
fn tw_folder(base: PathBuf) -> Option<PathBuf> {
    base.is_absolute().then(|| base.join("tw"))
}
