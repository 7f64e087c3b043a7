//! Proxies: the client finds them in the environment, and what it doesn't tell of them stands here.

use reqwest::Url;
use zeroize::Zeroizing;

use crate::{config::variable, service::redact::Redactor};

/// How the client words that a proxy answered CONNECT with 407.
pub(super) const WANTS_CREDENTIALS: &str = "tunnel error: proxy authorization required";
/// The same for any other refusal.
pub(super) const REFUSES: &str = "tunnel error: unsuccessful";

/// Where the address of a proxy can stand.
const VARIABLES: [&str; 6] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
];

/// The variable that names a proxy for this URL, NO_PROXY aside.
pub(super) fn variable_for(url: &Url) -> Option<&'static str> {
    let other = match url.scheme() {
        "https" => "HTTP_PROXY",
        _ => "HTTPS_PROXY",
    };
    VARIABLES
        .into_iter()
        .filter(|name| !name.eq_ignore_ascii_case(other))
        .find(|name| variable(name).is_some())
}

/// Whether the person wants no proxy at all. The client takes the star for names only, and a server can be a number.
pub(super) fn is_unwanted() -> bool {
    let servers = variable("NO_PROXY").or_else(|| variable("no_proxy"));
    let servers = servers.and_then(|servers| servers.into_string().ok());
    servers.is_some_and(|servers| servers.split(',').any(|server| server.trim() == "*"))
}

/// No text shows the names and passwords of proxies, for a proxy can repeat what it was sent.
pub(super) fn hide_credentials(redactor: &Redactor) {
    for name in VARIABLES {
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
