//! Addresses: the endpoint of the API, the URL of a request, and the target of a redirect.

use reqwest::{Method, Response, Url, header::LOCATION};
use tw_plugin_protocol::{HttpRequest, Part};
use tw_render::text::visible;

use super::{Http, failure};
use crate::{
    config::endpoint,
    error::{Error, ErrorKind, code},
    service::redact::REDACTED,
};

impl Http {
    /// Returns the address of the API, which is parsed on first use.
    pub(super) fn endpoint(&self) -> Result<&Url, Error> {
        if let Some(url) = self.endpoint.get() {
            return Ok(url);
        }
        let url = parse_endpoint(&self.settings.endpoint)?;
        Ok(self.endpoint.get_or_init(|| url))
    }

    /// Returns the URL of a request with its query. The request names a path below the endpoint, or a whole URL.
    pub(super) fn resolve(&self, request: &HttpRequest) -> Result<Url, Error> {
        let endpoint = self.endpoint()?;
        let invalid = || {
            Error::new(
                ErrorKind::BadRequest,
                format!(
                    "`{}` is neither a path below the API nor a URL",
                    failure::strip_address(&request.url)
                ),
            )
        };
        let is_path = request.url.starts_with('/');
        let mut url = match is_path {
            true => Url::parse(&format!(
                "{}{}",
                endpoint.as_str().trim_end_matches('/'),
                request.url
            )),
            false => Url::parse(&request.url),
        }
        .map_err(|_| invalid())?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(invalid());
        }
        // A path with `..` must not leave the API, because the access token goes with it.
        let below = format!("{}/", endpoint.path().trim_end_matches('/'));
        if is_path && !url.path().starts_with(&below) {
            return Err(invalid());
        }
        if !request.query.is_empty() {
            let pairs = request.query.iter().map(|pair| (&pair.name, &pair.value));
            url.query_pairs_mut().extend_pairs(pairs);
        }
        Ok(url)
    }
}

/// Parses the address of the API.
///
/// # Errors
/// If the address is not an http or https URL, or if it contains more than scheme, host, port and path.
pub(crate) fn parse_endpoint(endpoint: &str) -> Result<Url, Error> {
    let invalid = |reason: &str| {
        let endpoint = hide_secrets(&visible(endpoint));
        Error::new(
            ErrorKind::Failure,
            format!("'{endpoint}' is not the address of an API: {reason}"),
        )
        .code(code::INVALID_ENDPOINT)
        .hint("an address looks like https://api.cloud.seqera.io")
    };
    endpoint::parse(endpoint).map_err(invalid)
}

/// Returns the target of a redirect, or `None` if the answer is no redirect that the host follows. Only reads are redirected. Refuses redirects
/// from https to http, and redirects from the API to another origin.
pub(super) fn follow_redirect(
    request: &HttpRequest,
    response: &Response,
    method: &Method,
    url: &Url,
    to_api: bool,
) -> Result<Option<Url>, Error> {
    let status = response.status().as_u16();
    if !matches!(status, 301 | 302 | 303 | 307 | 308)
        || !matches!(*method, Method::GET | Method::HEAD)
    {
        return Ok(None);
    }
    let Some(location) = response
        .headers()
        .get(LOCATION)
        .and_then(|value| value.to_str().ok())
    else {
        return Ok(None);
    };
    let next = url.join(location).map_err(|_| {
        Error::new(
            ErrorKind::InvalidResponse,
            "The server redirects to an invalid address",
        )
    })?;
    let refuse = |why: &str| {
        let to = next.origin().ascii_serialization();
        Err(Error::new(
            ErrorKind::InvalidResponse,
            format!(
                "The server redirects {} to {}, {why}",
                failure::call(request),
                visible(&to)
            ),
        ))
    };
    if url.scheme() == "https" && next.scheme() != "https" {
        return refuse("which is not encrypted");
    }
    // An answer of another server is not the API's answer, and the access token must not leave the API.
    if to_api && next.origin() != url.origin() {
        return refuse("which is not the API");
    }
    Ok(Some(next))
}

/// Returns the URL for the log, without user information and sensitive query values.
pub(super) fn redact_url(url: &Url, request: &HttpRequest) -> String {
    let is_sensitive = |key: &str| {
        request.sensitive.iter().any(|part| {
            matches!(part, Part::Query { name } if name == key) || *part == Part::Unknown
        })
    };
    let mut redacted = url.clone();
    // Both calls fail only for a URL without a host, and every http URL has a host.
    let _ = redacted.set_username("");
    let _ = redacted.set_password(None);
    if url.query_pairs().any(|(key, _)| is_sensitive(&key)) {
        let pairs = url
            .query_pairs()
            .map(|(key, value)| match is_sensitive(&key) {
                true => (key, REDACTED.into()),
                false => (key, value),
            });
        redacted.query_pairs_mut().clear().extend_pairs(pairs);
    }
    redacted.into()
}

/// Replaces everything before an `@`, which can hold a password, and everything after a `?` or a `#`, which can hold a token. If the `@` comes last,
/// nobody knows which is which.
fn hide_secrets(address: &str) -> String {
    let (address, host) = match address.rsplit_once('@') {
        Some((before, _)) if before.contains(['?', '#']) => return "…".to_owned(),
        Some((_, host)) => ("…@", host),
        None => ("", address),
    };
    match host.find(['?', '#']) {
        Some(end) => format!("{address}{}…", &host[..=end]),
        None => format!("{address}{host}"),
    }
}
