//! Proxies: which environment variables apply to a URL, and the facts about a proxy that the client's errors leave out.

use hyper::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{Proxy, Url};

use crate::{
    error::{Error, ErrorKind},
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
/// The client's message if a proxy answers CONNECT with any other failure.
pub(super) const REFUSES: &str = "tunnel error: unsuccessful";

/// The variables that name the proxy for one scheme, and for all. Of the two spellings, the first that is set counts.
const HTTPS: [&str; 2] = ["HTTPS_PROXY", "https_proxy"];
const HTTP: [&str; 2] = ["HTTP_PROXY", "http_proxy"];
const ALL: [&str; 2] = ["ALL_PROXY", "all_proxy"];
/// The variables that list the servers that need no proxy.
const NO: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// The schemes of proxies. With `socks5h` and `socks4a`, the proxy looks up the names of servers.
const SCHEMES: [&str; 6] = ["http", "https", "socks5", "socks5h", "socks4", "socks4a"];

/// Returns the rule of the client for proxies. The client could read the environment itself, but it treats an empty variable as set and knows fewer
/// forms of exceptions.
pub(super) fn proxy() -> Proxy {
    Proxy::custom(|url| address(variable_for(url)?))
}

/// Checks the variable that names the proxy for this URL. The client skips an invalid one, and the call would take another proxy, or none.
///
/// # Errors
///
/// If the variable doesn't hold the address of a proxy. The error leaves out the value, which can contain a password.
pub(crate) fn check(url: &Url) -> Result<(), Error> {
    match variable_for(url) {
        Some(name) if address(name).is_none() => Err(Error::new(
            ErrorKind::Failure,
            format!(
                "{name} does not name a proxy: expected http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT"
            ),
        )
        .hint(format!("change or unset {name}"))),
        _ => Ok(()),
    }
}

/// Returns the address in the variable, with or without a scheme. `None` if the variable holds anything else. A path, a query or a fragment is refused
/// too: it can be the rest of a password with an unescaped `/`, `?` or `#`.
pub(super) fn address(name: &str) -> Option<Url> {
    let text = variable(name)?.into_string().ok()?;
    let text = match text.contains("://") {
        true => text,
        false => format!("http://{text}"),
    };
    let address = Url::parse(&text).ok()?;
    let is_bare = matches!(address.path(), "" | "/")
        && address.query().is_none()
        && address.fragment().is_none();
    let has_host = address.host_str().is_some_and(|host| !host.is_empty());
    (SCHEMES.contains(&address.scheme()) && has_host && is_bare).then_some(address)
}

/// Returns the first of the two variables that is set and not empty. `None` if neither is.
fn find_set(names: [&'static str; 2]) -> Option<&'static str> {
    // In a CGI script, HTTP_PROXY holds the `Proxy` header that the client sent (CVE-2016-5385).
    let is_foreign = |name: &str| name == "HTTP_PROXY" && variable("REQUEST_METHOD").is_some();
    let mut own = names.into_iter().filter(|name| !is_foreign(name));
    own.find(|name| variable(name).is_some())
}

/// Returns the variable that names the proxy for this URL. `None` if no proxy is used.
pub(crate) fn variable_for(url: &Url) -> Option<&'static str> {
    let own = match url.scheme() {
        "https" => HTTPS,
        _ => HTTP,
    };
    let name = find_set(own).or_else(|| find_set(ALL))?;
    let exceptions = find_set(NO).and_then(variable).unwrap_or_default();
    let is_exception = is_exception(url, &exceptions.to_string_lossy());
    (!is_exception).then_some(name)
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
    for name in [HTTPS, HTTP, ALL].into_iter().flatten() {
        let Some(address) = variable(name).and_then(|address| address.into_string().ok()) else {
            continue;
        };
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
