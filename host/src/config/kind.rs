//! The types of the configuration's values.

use std::{
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::ArgMatches;
use reqwest::Url;
use toml::de::DeValue;
use tw_render::Format;

use super::{
    endpoint,
    options::{self, MAX_RATE, MAX_RETRIES, NO_RATE, SECONDS},
};

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Endpoint,
    Workspace,
    Format,
    Path,
    Proxy,
    /// The name of a profile.
    Profile,
    Seconds,
    Retries,
    Rate,
    Flag,
}

/// A value of the configuration.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Format(Format),
    Path(PathBuf),
    Seconds(Duration),
    Count(u32),
    Flag(bool),
}

impl Kind {
    /// Reads a value of a file. `None` if the value is not of this type. `folder` is the folder of the file, to which relative paths are relative.
    pub(crate) fn read_toml(self, value: &DeValue<'_>, folder: &Path) -> Option<Value> {
        let is_number = matches!(
            self,
            Self::Seconds | Self::Retries | Self::Rate | Self::Workspace
        );
        match value {
            DeValue::Boolean(flag) if self == Self::Flag => Some(Value::Flag(*flag)),
            DeValue::Integer(number) if is_number => {
                let number = i64::from_str_radix(number.as_str(), number.radix()).ok()?;
                self.read_text(&number.to_string(), folder)
            }
            DeValue::Float(number) if self == Self::Seconds => {
                self.read_text(number.as_str(), folder)
            }
            // An empty name in a file chooses no profile, although a file below chooses one.
            DeValue::String(text) if self == Self::Profile && text.is_empty() => {
                Some(Value::Text(String::new()))
            }
            DeValue::String(text) if self == Self::Rate => {
                (*text == NO_RATE).then_some(Value::Count(0))
            }
            DeValue::String(text)
                if !matches!(self, Self::Flag | Self::Seconds | Self::Retries) =>
            {
                self.read_text(text, folder)
            }
            _ => None,
        }
    }

    /// Reads a value that a user types. `None` if the text is not a value of this type.
    pub(crate) fn read_text(self, text: &str, folder: &Path) -> Option<Value> {
        if text.is_empty() || text.contains(char::is_control) {
            return None;
        }
        match self {
            Self::Text => Some(Value::Text(text.to_owned())),
            Self::Endpoint => endpoint::parse(&endpoint::complete(text))
                .is_ok()
                .then(|| Value::Text(text.to_owned())),
            Self::Workspace => is_workspace(text).then(|| Value::Text(text.to_owned())),
            Self::Format => text.parse().ok().map(Value::Format),
            Self::Path => expand(text, folder).map(Value::Path),
            Self::Proxy => parse_proxy(text).map(|_| Value::Text(text.to_owned())),
            Self::Profile => is_profile(text).then(|| Value::Text(text.to_owned())),
            Self::Seconds => options::parse_seconds(text).ok().map(Value::Seconds),
            Self::Retries => options::parse_retries(text).ok().map(Value::Count),
            Self::Rate => options::parse_rate(text).ok().map(Value::Count),
            Self::Flag => text.parse().ok().map(Value::Flag),
        }
    }

    /// Returns a value that a user typed as a file has it. `None` if the text is not a value of this type. A relative path is made absolute, because a
    /// file's own paths are relative to its folder.
    pub(crate) fn to_toml(self, text: &str) -> Option<toml_edit::Value> {
        let here = std::env::current_dir().ok()?;
        let value = self.read_text(text, &here)?;
        Some(match value {
            Value::Seconds(time) if time.subsec_nanos() == 0 => {
                i64::try_from(time.as_secs()).ok()?.into()
            }
            Value::Seconds(time) => time.as_secs_f64().into(),
            Value::Count(0) if text == NO_RATE => NO_RATE.into(),
            Value::Count(count) => i64::from(count).into(),
            Value::Flag(flag) => flag.into(),
            value => value.into_text()?.into(),
        })
    }

    /// Returns the value of a root option at the deepest level of the command line that has the option.
    pub(super) fn read_option(self, levels: &[&ArgMatches], id: &str) -> Option<Value> {
        match self {
            Self::Format => options::value(levels, id).map(Value::Format),
            Self::Path => options::value(levels, id).map(Value::Path),
            Self::Seconds => options::value(levels, id).map(Value::Seconds),
            Self::Retries | Self::Rate => options::value(levels, id).map(Value::Count),
            _ => options::value(levels, id).map(Value::Text),
        }
    }

    /// Says which values of a file are accepted, as [`expected`](Self::expected), and explains a path that looks right.
    pub(super) fn expected_instead_of(self, found: &DeValue<'_>) -> String {
        match (self, found) {
            (Self::Path, DeValue::String(text)) if text.starts_with('~') => {
                "a path; `~` stands for your own home folder only".to_owned()
            }
            _ => self.expected(),
        }
    }

    /// Says which values are accepted on a command line, where the shell removes quotes.
    pub(crate) fn expected_typed(self) -> String {
        self.expected().replace(" in quotes", "").replace('"', "")
    }

    /// Says which values are accepted: "`http.retries` should be …".
    pub(crate) fn expected(self) -> String {
        match self {
            Self::Text => "a text in quotes".to_owned(),
            Self::Endpoint => "an address such as \"https://HOST/api\"".to_owned(),
            Self::Workspace => {
                "a workspace: its ID, or \"ORGANIZATION/WORKSPACE\"".to_owned()
            }
            Self::Format => Format::alternatives(),
            Self::Path => "a path in quotes".to_owned(),
            Self::Proxy => {
                "the address of a proxy: \"http://HOST:PORT\", \"https://HOST:PORT\" or \"socks5://HOST:PORT\""
                    .to_owned()
            }
            Self::Profile => PROFILE_NAME.to_owned(),
            Self::Seconds => SECONDS.to_owned(),
            Self::Retries => format!("a whole number from 0 to {MAX_RETRIES}"),
            Self::Rate => format!("a whole number from 0 to {MAX_RATE}, or \"{NO_RATE}\""),
            Self::Flag => "true or false".to_owned(),
        }
    }
}

impl Value {
    /// Returns the text of the value. `None` if the value is a path that is not UTF-8.
    pub(crate) fn into_text(self) -> Option<String> {
        match self {
            Self::Path(path) => path.into_os_string().into_string().ok(),
            value => Some(value.to_string()),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Format(format) => format.fmt(f),
            Self::Path(path) => path.display().fmt(f),
            Self::Seconds(time) => time.as_secs_f64().fmt(f),
            Self::Count(count) => count.fmt(f),
            Self::Flag(flag) => flag.fmt(f),
        }
    }
}

/// The form of a profile's name, for messages.
pub(crate) const PROFILE_NAME: &str =
    "a profile's name: letters, digits, `-` and `_`, and a letter or digit first";

/// True if a profile may have this name. The name appears in messages, commands and TOML without quotes.
pub(crate) fn is_profile(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(is_plain)
}

/// True if a text has one of the two forms of a workspace option. The server decides whether the workspace exists.
fn is_workspace(text: &str) -> bool {
    let is_id = text.trim().parse::<i64>().is_ok();
    let mut names = text.split('/').map(str::trim);
    let is_pair = names.clone().count() == 2 && names.all(|name| !name.is_empty());
    is_id || is_pair
}

/// Returns a path of a file as the system takes it: `~` is the home folder, and a relative path is relative to the folder of the file. `None` if there is
/// no home folder, or for the home folder of another user.
pub(super) fn expand(text: &str, folder: &Path) -> Option<PathBuf> {
    match text.strip_prefix('~') {
        None => Some(folder.join(text)),
        Some("") => etcetera::home_dir().ok(),
        Some(below) => Some(etcetera::home_dir().ok()?.join(below.strip_prefix('/')?)),
    }
}

/// The schemes of proxies. With `socks5h` and `socks4a`, the proxy looks up the names of servers.
const PROXY_SCHEMES: [&str; 6] = ["http", "https", "socks5", "socks5h", "socks4", "socks4a"];

/// Returns the address of a proxy from a text with or without a scheme. `None` if the text is anything else. A path, a query or a fragment is refused
/// too: it can be the rest of a password with an unescaped `/`, `?` or `#`.
pub(crate) fn parse_proxy(text: &str) -> Option<Url> {
    let address = match text.contains("://") {
        true => Url::parse(text),
        false => Url::parse(&format!("http://{text}")),
    };
    let address = address.ok()?;
    let is_bare = matches!(address.path(), "" | "/")
        && address.query().is_none()
        && address.fragment().is_none();
    let has_host = address.host_str().is_some_and(|host| !host.is_empty());
    (PROXY_SCHEMES.contains(&address.scheme()) && has_host && is_bare).then_some(address)
}
