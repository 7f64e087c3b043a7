//! Where the API is, where a request goes: below the API or elsewhere, and where an answer may send it on to.

use reqwest::{Method, Response, Url, header::LOCATION};
use tw_plugin_protocol::{ErrorKind, ErrorMessage, HttpRequest, Part};
use tw_render::text::visible;

use super::{Http, failure};
use crate::{
    error::Error,
    service::{fail, redact::REDACTED},
};

impl Http {
    /// The address of the API, parsed when it is first needed.
    pub(super) fn endpoint(&self) -> Result<&Url, ErrorMessage> {
        if let Some(url) = self.endpoint.get() {
            return Ok(url);
        }
        let endpoint = &self.settings.endpoint;
        let wrong = |reason: &str| -> ErrorMessage {
            let endpoint = without_password(&tw_render::text::visible(endpoint));
            Error::new(
                ErrorKind::Failure,
                format!("'{endpoint}' is not the address of an API: {reason}"),
            )
            .hint("an address looks like https://api.cloud.seqera.io")
            .into()
        };
        let url = Url::parse(endpoint).map_err(|error| wrong(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(wrong("it should begin with https://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("it has a name or a password in it"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("it has a `?` or a `#` in it, and paths go behind it"));
        }
        Ok(self.endpoint.get_or_init(|| url))
    }

    /// Where the request goes: a path below the endpoint, or a whole URL; with its query.
    pub(super) fn resolve(&self, request: &HttpRequest) -> Result<Url, ErrorMessage> {
        let endpoint = self.endpoint()?;
        let wrong = || {
            fail(
                ErrorKind::BadRequest,
                format!(
                    "`{}` is neither a path below the API nor a URL",
                    failure::place(&request.url)
                ),
            )
        };
        let mut url = match request.url.starts_with('/') {
            true => Url::parse(&format!(
                "{}{}",
                endpoint.as_str().trim_end_matches('/'),
                request.url
            ))
            .map_err(|_| wrong())?,
            false => Url::parse(&request.url).map_err(|_| wrong())?,
        };
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong());
        }
        // `..` must not lead out of the API, with its token.
        let below = format!("{}/", endpoint.path().trim_end_matches('/'));
        if request.url.starts_with('/') && !url.path().starts_with(&below) {
            return Err(wrong());
        }
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        Ok(url)
    }
}

/// Where the answer sends us, if it does and may: https never falls to http, and what changes something is not sent elsewhere.
pub(super) fn redirect(
    request: &HttpRequest,
    response: &Response,
    method: &Method,
    url: &Url,
    to_api: bool,
) -> Result<Option<Url>, ErrorMessage> {
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
        fail(
            ErrorKind::InvalidResponse,
            "The server redirects to what is no address",
        )
    })?;
    let refused = |what: &str| {
        let to = next.origin().ascii_serialization();
        Err(fail(
            ErrorKind::InvalidResponse,
            format!(
                "The server redirects {} to {}, {what}",
                failure::call(request),
                visible(&to)
            ),
        ))
    };
    if url.scheme() == "https" && next.scheme() != "https" {
        return refused("which is not encrypted");
    }
    // Another server's answer is not the API's, and the token stays here.
    if to_api && next.origin() != url.origin() {
        return refused("which is not the API");
    }
    Ok(Some(next))
}

/// The URL as a log may show it.
pub(super) fn shown(url: &Url, request: &HttpRequest) -> String {
    let secret = |key: &str| {
        request.sensitive.iter().any(|part| {
            matches!(part, Part::Query { name } if name == key) || *part == Part::Unknown
        })
    };
    let mut shown = url.clone();
    // Neither fails where there is a host.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    if url.query_pairs().any(|(key, _)| secret(&key)) {
        let pairs = url.query_pairs().map(|(key, value)| match secret(&key) {
            true => (key, REDACTED.into()),
            false => (key, value),
        });
        shown.query_pairs_mut().clear().extend_pairs(pairs);
    }
    shown.into()
}

/// An address as an error may show it: what stands before an `@` can be a password.
fn without_password(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((_, host)) => format!("…@{host}"),
        None => address.to_owned(),
    }
}
