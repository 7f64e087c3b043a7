//! Proxies: the client finds them in the environment, and what it doesn't tell of them stands here.

use hyper::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{NoProxy, Proxy, Url};
use zeroize::Zeroizing;

use crate::{
    error::{Error, ErrorKind},
    process::variable,
    service::redact::Redactor,
};

/// How the client words that a proxy answered CONNECT with 407.
pub(super) const WANTS_CREDENTIALS: &str = "tunnel error: proxy authorization required";
/// The same for any other refusal.
pub(super) const REFUSES: &str = "tunnel error: unsuccessful";

/// Where the address of a proxy can stand, for servers of one kind and for all. Of two, the first that is set counts.
const HTTPS: [&str; 2] = ["HTTPS_PROXY", "https_proxy"];
const HTTP: [&str; 2] = ["HTTP_PROXY", "http_proxy"];
const ALL: [&str; 2] = ["ALL_PROXY", "all_proxy"];
/// The servers that are reached without one.
const NO: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// The proxies that the environment names, in the order in which they are asked. The client, which could find them itself, takes one that is set and
/// empty for one that counts.
pub(super) fn proxies() -> Vec<Proxy> {
    let servers = servers();
    if is_all(&servers) {
        return Vec::new();
    }
    let of_kind = |names, proxy: fn(Url) -> reqwest::Result<Proxy>| {
        let proxy = proxy(address(set(names)?)?).ok()?;
        Some(proxy.no_proxy(NoProxy::from_string(&servers)))
    };
    let proxies = [
        of_kind(HTTPS, Proxy::https),
        of_kind(HTTP, Proxy::http),
        of_kind(ALL, Proxy::all),
    ];
    proxies.into_iter().flatten().collect()
}

/// That the variable which names the proxy on the way to this URL does name one. Otherwise the call would go out by another, or by none.
///
/// # Errors
/// It doesn't. Its value, which can have a password, isn't told.
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

/// The address in the variable, with or without a scheme; none where it is another text. Half a password is no path.
fn address(name: &str) -> Option<Url> {
    let text = variable(name)?.into_string().ok()?;
    let text = Zeroizing::new(match text.contains("://") {
        true => text,
        false => format!("http://{text}"),
    });
    let address = Url::parse(&text).ok()?;
    let is_bare =
        address.path() == "/" && address.query().is_none() && address.fragment().is_none();
    (matches!(address.scheme(), "http" | "https") && is_bare).then_some(address)
}

/// The first of the two that is set, and not empty.
fn set(names: [&'static str; 2]) -> Option<&'static str> {
    // To a CGI script, whoever asks can say what this is.
    let is_foreign = |name: &str| name == "HTTP_PROXY" && variable("REQUEST_METHOD").is_some();
    let mut own = names.into_iter().filter(|name| !is_foreign(name));
    own.find(|name| variable(name).is_some())
}

/// The variable that names the proxy on the way to this URL.
pub(super) fn variable_for(url: &Url) -> Option<&'static str> {
    let servers = servers();
    let own = match url.scheme() {
        "https" => HTTPS,
        _ => HTTP,
    };
    let url: Uri = url.as_str().parse().ok()?;
    let any = Matcher::builder()
        .all("http://any.invalid")
        .no(servers.as_str())
        .build();
    let is_through = any.intercept(&url).is_some() && !is_all(&servers);
    is_through.then(|| set(own).or_else(|| set(ALL))).flatten()
}

/// The servers that are reached without a proxy, with commas between them.
fn servers() -> String {
    let servers = set(NO).and_then(variable);
    servers.map_or_else(String::new, |servers| {
        servers.to_string_lossy().into_owned()
    })
}

/// Whether that is all of them. The client takes the star for names only, and a server can be a number.
fn is_all(servers: &str) -> bool {
    servers.split(',').any(|server| server.trim() == "*")
}

/// No text shows the names and passwords of proxies, for a proxy can repeat what it was sent.
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
            redactor.add(Zeroizing::new(password.to_owned()));
        }
        redactor.add(Zeroizing::new(decoded.into_owned()));
    }
}
