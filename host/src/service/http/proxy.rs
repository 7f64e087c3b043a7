//! Proxies: which environment variables apply to a URL, and the facts about a proxy that the client's errors leave out.

use hyper::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{NoProxy, Proxy, Url};

use crate::{
    error::{Error, ErrorKind},
    process::variable,
    service::redact::Redactor,
};

/// The client's message if a proxy answers CONNECT with 407.
pub(super) const WANTS_CREDENTIALS: &str = "tunnel error: proxy authorization required";
/// The client's message if a proxy answers CONNECT with any other failure.
pub(super) const REFUSES: &str = "tunnel error: unsuccessful";

/// The variables that name the proxy for one scheme, and for all. Of the two spellings, the first that is set counts.
const HTTPS: [&str; 2] = ["HTTPS_PROXY", "https_proxy"];
const HTTP: [&str; 2] = ["HTTP_PROXY", "http_proxy"];
const ALL: [&str; 2] = ["ALL_PROXY", "all_proxy"];
/// The variables that list the servers that need no proxy.
const NO: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// Returns the proxies that the environment names, in the order in which the client tries them. The client could read the environment itself, but it
/// treats an empty variable as set.
pub(super) fn proxies() -> Vec<Proxy> {
    let exceptions = exceptions();
    if is_all(&exceptions) {
        return Vec::new();
    }
    let read = |names, proxy: fn(Url) -> reqwest::Result<Proxy>| {
        let proxy = proxy(address(find_set(names)?)?).ok()?;
        Some(proxy.no_proxy(NoProxy::from_string(&exceptions)))
    };
    let proxies = [
        read(HTTPS, Proxy::https),
        read(HTTP, Proxy::http),
        read(ALL, Proxy::all),
    ];
    proxies.into_iter().flatten().collect()
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
            format!("{name} does not name a proxy: expected http://HOST:PORT or https://HOST:PORT"),
        )
        .hint(format!("change or unset {name}"))),
        _ => Ok(()),
    }
}

/// Returns the address in the variable, with or without a scheme. `None` if the variable holds anything else. A path, a query or a fragment is refused
/// too: it can be the rest of a password with an unescaped `/`, `?` or `#`.
fn address(name: &str) -> Option<Url> {
    let text = variable(name)?.into_string().ok()?;
    let text = match text.contains("://") {
        true => text,
        false => format!("http://{text}"),
    };
    let address = Url::parse(&text).ok()?;
    let is_bare =
        address.path() == "/" && address.query().is_none() && address.fragment().is_none();
    (matches!(address.scheme(), "http" | "https") && is_bare).then_some(address)
}

/// Returns the first of the two variables that is set and not empty. `None` if neither is.
fn find_set(names: [&'static str; 2]) -> Option<&'static str> {
    // In a CGI script, HTTP_PROXY holds the `Proxy` header that the client sent (CVE-2016-5385).
    let is_foreign = |name: &str| name == "HTTP_PROXY" && variable("REQUEST_METHOD").is_some();
    let mut own = names.into_iter().filter(|name| !is_foreign(name));
    own.find(|name| variable(name).is_some())
}

/// Returns the variable that names the proxy for this URL. `None` if no proxy is used.
pub(super) fn variable_for(url: &Url) -> Option<&'static str> {
    let exceptions = exceptions();
    let own = match url.scheme() {
        "https" => HTTPS,
        _ => HTTP,
    };
    let url: Uri = url.as_str().parse().ok()?;
    let any = Matcher::builder()
        .all("http://any.invalid")
        .no(exceptions.as_str())
        .build();
    let uses_proxy = any.intercept(&url).is_some() && !is_all(&exceptions);
    uses_proxy
        .then(|| find_set(own).or_else(|| find_set(ALL)))
        .flatten()
}

/// Returns the comma-separated list of servers that need no proxy.
fn exceptions() -> String {
    let servers = find_set(NO).and_then(variable);
    servers.map_or_else(String::new, |servers| {
        servers.to_string_lossy().into_owned()
    })
}

/// True if no server needs a proxy. The client applies `*` to host names only, not to IP addresses.
fn is_all(exceptions: &str) -> bool {
    exceptions.split(',').any(|server| server.trim() == "*")
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
