//! Proxies: the client finds them in the environment, and what it doesn't tell of them stands here.

use hyper::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;
use zeroize::Zeroizing;

use crate::{config::variable, error::Error, service::redact::Redactor};

/// How the client words that a proxy answered CONNECT with 407.
pub(super) const WANTS_CREDENTIALS: &str = "tunnel error: proxy authorization required";
/// The same for any other refusal.
pub(super) const REFUSES: &str = "tunnel error: unsuccessful";

/// Where the address of a proxy can stand, for servers of one kind and for all. Of two, the first that is set counts.
const HTTPS: [&str; 2] = ["HTTPS_PROXY", "https_proxy"];
const HTTP: [&str; 2] = ["HTTP_PROXY", "http_proxy"];
const ALL: [&str; 2] = ["ALL_PROXY", "all_proxy"];

/// The variable that names the proxy on the way to this URL.
pub(super) fn variable_for(url: &Url) -> Option<&'static str> {
    let own = match url.scheme() {
        "https" => HTTPS,
        _ => HTTP,
    };
    let url: Uri = url.as_str().parse().ok()?;
    Matcher::from_env()
        .intercept(&url)
        .filter(|_| !is_unwanted())
        .and_then(|_| set(own).or_else(|| set(ALL)))
}

/// That each variable that counts names a proxy: what the client can't read it passes over, and calls would go out by no proxy.
///
/// # Errors
/// One doesn't; its value, which can have a password, isn't told.
pub(crate) fn check() -> Result<(), Error> {
    if is_unwanted() {
        return Ok(());
    }
    let own = [HTTPS, HTTP].map(set);
    let all = set(ALL).filter(|_| own.contains(&None));
    let mut names = own.into_iter().chain([all]).flatten();
    match names.find(|name| !names_proxy(name)) {
        Some(name) => Err(Error::Proxy { name }),
        None => Ok(()),
    }
}

fn set(names: [&'static str; 2]) -> Option<&'static str> {
    names.into_iter().find(|name| variable(name).is_some())
}

fn names_proxy(name: &str) -> bool {
    let address = variable(name).and_then(|address| address.into_string().ok());
    let proxies = Matcher::builder().all(address.unwrap_or_default()).build();
    let proxy = proxies.intercept(&Uri::from_static("http://any.invalid"));
    proxy.is_some_and(|proxy| matches!(proxy.uri().scheme_str(), Some("http" | "https")))
}

/// Whether the person wants no proxy at all. The client takes the star for names only, and a server can be a number.
pub(super) fn is_unwanted() -> bool {
    let servers = variable("NO_PROXY").or_else(|| variable("no_proxy"));
    let servers = servers.and_then(|servers| servers.into_string().ok());
    servers.is_some_and(|servers| servers.split(',').any(|server| server.trim() == "*"))
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
