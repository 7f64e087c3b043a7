//! Proxies: which environment variables apply to a URL, and the facts about a proxy that the client's errors leave out.

use std::fmt;

use hyper::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{Proxy, Url};

use crate::{
    config::{self, Origin, Sourced, kind::parse_proxy},
    error::{Error, ErrorKind, code},
    process::variable,
    service::redact::Redactor,
};

/// The client's message if a proxy answers CONNECT with 407.
pub(super) const WANTS_CREDENTIALS: &str = "tunnel error: proxy authorization required";
/// The client's messages for refusals of a proxy that a retry won't change.
pub(super) const REFUSALS: [&str; 4] = [
    WANTS_CREDENTIALS,
    "SOCKS error: connection not allowed",
    "SOCKS error: credentials not accepted",
    NO_COMMON_LOGIN,
];
/// The client's message if a SOCKS proxy takes none of the kinds of login that the client offers.
pub(super) const NO_COMMON_LOGIN: &str =
    "SOCKS error: server does not support user/pass authentication";
/// The client's message if a SOCKS proxy can't be reached.
pub(super) const NOT_REACHED: &str = "SOCKS error: failed to create underlying connection";
/// The client's message if a proxy answers CONNECT with any other failure.
pub(super) const REFUSES: &str = "tunnel error: unsuccessful";

/// The variables that name the proxy for one scheme, and for all. Of the two spellings, the first that is set counts.
const HTTPS: [&str; 2] = ["HTTPS_PROXY", "https_proxy"];
const HTTP: [&str; 2] = ["HTTP_PROXY", "http_proxy"];
const ALL: [&str; 2] = ["ALL_PROXY", "all_proxy"];
/// The variables that list the servers that need no proxy.
const NO: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// Returns the rule of the client for proxies. The client could read the environment itself, but it treats an empty variable as set and knows fewer
/// forms of exceptions.
pub(super) fn proxy() -> Proxy {
    Proxy::custom(|url| source_for(url)?.address())
}

/// The variable or the setting that names the proxy for a URL.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Source {
    /// An environment variable.
    Variable(&'static str),
    /// The setting `proxy` of the configuration.
    Setting(&'static Sourced<String>),
}

impl Source {
    /// Returns the address of the proxy. `None` if the source holds anything else.
    pub(crate) fn address(self) -> Option<Url> {
        parse_proxy(&self.text()?)
    }

    /// Returns the text that names the proxy, which can contain a password. `None` if the text is not UTF-8.
    pub(crate) fn text(self) -> Option<String> {
        match self {
            Self::Variable(name) => variable(name)?.into_string().ok(),
            Self::Setting(setting) => Some(setting.value.clone()),
        }
    }

    /// Returns where the proxy comes from.
    pub(crate) fn origin(self) -> Origin {
        match self {
            Self::Variable(name) => Origin::Variable(name),
            Self::Setting(setting) => setting.origin.clone(),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => f.write_str(name),
            Self::Setting(setting) => write!(f, "`proxy` ({})", setting.origin),
        }
    }
}

/// Checks the variable that names the proxy for this URL. The client skips an invalid one, and the call would take another proxy, or none.
///
/// # Errors
///
/// If the variable doesn't hold the address of a proxy. The error leaves out the value, which can contain a password.
pub(crate) fn check(url: &Url) -> Result<(), Error> {
    match source_for(url) {
        // The address is that of a variable, because the configuration has only valid ones. The kind isn't "usage": the command line is right.
        Some(source) if source.address().is_none() => Err(Error::new(
            ErrorKind::Failure,
            format!(
                "{source} does not name a proxy: expected http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT"
            ),
        )
        .code(code::INVALID_VARIABLE)
        .hint(format!("change or unset {source}"))),
        _ => Ok(()),
    }
}

/// Returns the first of the two variables that is set and not empty. `None` if neither is.
fn find_set(names: [&'static str; 2]) -> Option<&'static str> {
    // In a CGI script, HTTP_PROXY holds the `Proxy` header that the client sent (CVE-2016-5385).
    let is_foreign = |name: &str| name == "HTTP_PROXY" && variable("REQUEST_METHOD").is_some();
    let mut own = names.into_iter().filter(|name| !is_foreign(name));
    own.find(|name| variable(name).is_some())
}

/// Returns what names the proxy for this URL. A variable takes precedence over the configuration. `None` if no proxy is used.
pub(crate) fn source_for(url: &Url) -> Option<Source> {
    let own = match url.scheme() {
        "https" => HTTPS,
        _ => HTTP,
    };
    let name = find_set(own).or_else(|| find_set(ALL));
    let source = name
        .map(Source::Variable)
        .or_else(|| config::proxy().map(Source::Setting))?;
    let exceptions = find_set(NO).and_then(variable).unwrap_or_default();
    let is_exception = is_exception(url, &exceptions.to_string_lossy());
    (!is_exception).then_some(source)
}

/// True if a list of servers that need no proxy has the server of this URL. The list has the forms that curl, Go and Python accept, separated by commas
/// or blanks: `*`, a name with or without `.` or `*.` before it, which counts for all names below it too, an address or a network, and each of them
/// with a port.
fn is_exception(url: &Url, list: &str) -> bool {
    let entries = list.split(|c: char| c == ',' || c.is_whitespace());
    let hosts: Vec<&str> = entries
        .filter_map(|entry| match split_port(entry) {
            (host, None) => Some(host),
            (host, Some(port)) => {
                let port: Option<u16> = port.parse().ok();
                (port.is_some() && port == url.port_or_known_default()).then_some(host)
            }
        })
        .collect();
    // The matcher applies `*` to names only, not to addresses.
    if hosts.contains(&"*") {
        return true;
    }
    let hosts = hosts.iter().map(|host| {
        let host = host.strip_prefix('*').unwrap_or(host);
        host.strip_suffix('.').unwrap_or(host)
    });
    let hosts: Vec<&str> = hosts.collect();
    let matcher = Matcher::builder()
        .all("http://any.invalid")
        .no(hosts.join(","))
        .build();
    let url = url.as_str().parse::<Uri>();
    url.is_ok_and(|url| matcher.intercept(&url).is_none())
}

/// Splits `HOST`, `HOST:PORT`, `[ADDRESS]` or `[ADDRESS]:PORT`.
fn split_port(entry: &str) -> (&str, Option<&str>) {
    if let Some((address, rest)) = entry
        .strip_prefix('[')
        .and_then(|text| text.split_once(']'))
    {
        return (address, rest.strip_prefix(':'));
    }
    match entry.split_once(':') {
        // More colons belong to an address without brackets.
        Some((host, port)) if !port.contains(':') => (host, Some(port)),
        _ => (entry, None),
    }
}

/// Registers the user names and passwords of proxies with the redactor, because a proxy's answer can repeat them.
pub(super) fn hide_credentials(redactor: &Redactor) {
    let names = [HTTPS, HTTP, ALL].into_iter().flatten();
    let variables = names.filter_map(|name| variable(name)?.into_string().ok());
    let setting = config::proxy().map(|proxy| proxy.value.clone());
    for address in variables.chain(setting) {
        let rest = address
            .split_once("://")
            .map_or(&*address, |(_, rest)| rest);
        let Some((credentials, _)) = rest.rsplit_once('@') else {
            continue;
        };
        let decoded = percent_encoding::percent_decode_str(credentials).decode_utf8_lossy();
        if let Some((_, password)) = decoded.split_once(':') {
            redactor.add(password);
        }
        redactor.add(&decoded);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_have_the_forms_that_other_programs_accept() {
        for (list, url, expected) in [
            ("*", "http://10.0.0.1", true),
            ("a.example, *", "https://b.example", true),
            ("x.example", "https://x.example", true),
            ("x.example", "https://a.x.example", true),
            ("x.example", "https://notx.example", false),
            (".x.example", "https://a.x.example", true),
            ("*.x.example", "https://a.b.x.example", true),
            ("*.x.example", "https://notx.example", false),
            ("X.Example.", "https://x.example", true),
            ("x.example:443", "https://x.example", true),
            ("x.example:8443", "https://x.example", false),
            ("x.example:8443", "https://x.example:8443", true),
            ("*.x.example:8443", "https://a.x.example:8443", true),
            ("x.example:80", "http://x.example", true),
            ("x.example:", "https://x.example", false),
            ("x.example:port", "https://x.example", false),
            ("*:8443", "https://x.example:8443", true),
            ("*:8443", "https://x.example", false),
            ("a.example x.example\tb.example", "https://x.example", true),
            (" , x.example ,, ", "https://x.example", true),
            ("10.0.0.1", "http://10.0.0.1:5000", true),
            ("10.0.0.1:5000", "http://10.0.0.1:5000", true),
            ("10.0.0.1:5001", "http://10.0.0.1:5000", false),
            ("10.0.0.0/8", "http://10.1.2.3", true),
            ("10.0.0.0/8", "http://11.1.2.3", false),
            ("::1", "http://[::1]:5000", true),
            ("[::1]", "http://[::1]:5000", true),
            ("[::1]:5000", "http://[::1]:5000", true),
            ("[::1]:5001", "http://[::1]:5000", false),
            ("fd00::/8", "http://[fd00::1]", true),
            ("", "https://x.example", false),
            (",", "https://x.example", false),
        ] {
            let url: Url = url.parse().unwrap();
            assert_eq!(is_exception(&url, list), expected, "{list} {url}");
        }
    }
}
