//! Headers: which ones a plugin may set, the access token, and the headers of an answer.

use reqwest::{
    Response,
    header::{self, HeaderMap, HeaderName, HeaderValue},
};
use tw_plugin_protocol::{Header, HttpRequest, HttpResponse, Part};
use tw_render::text::visible;

use crate::error::{Error, ErrorKind};

/// Headers that only the host sets. These headers decide which server gets a request and where the request ends, and the access token goes with
/// the request.
const HOST_HEADERS: [HeaderName; 6] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::UPGRADE,
    header::TE,
];

/// Returns the headers that the plugin set. Refuses headers that a plugin may not set.
pub(super) fn request_headers(request: &HttpRequest) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    for Header { name, value, .. } in &request.headers {
        if HOST_HEADERS
            .iter()
            .any(|own| own.as_str().eq_ignore_ascii_case(name))
        {
            let message = format!("only the host sets the header `{}`", visible(name));
            return Err(Error::new(ErrorKind::BadRequest, message));
        }
        let invalid = || {
            let message = format!("the header `{}` is not valid in HTTP", visible(name));
            Error::new(ErrorKind::BadRequest, message)
        };
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid())?;
        headers.append(name, HeaderValue::from_str(value).map_err(|_| invalid())?);
    }
    Ok(headers)
}

/// Returns the names of the headers that the request marks as sensitive.
pub(super) fn sensitive_headers(request: &HttpRequest) -> impl Iterator<Item = &str> {
    request.sensitive.iter().filter_map(|part| match part {
        Part::Header { name } => Some(name.as_str()),
        _ => None,
    })
}

pub(super) fn bearer(token: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| {
        Error::new(
            ErrorKind::NoToken,
            "The access token contains invalid characters",
        )
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// Returns the status and the headers of an answer in the protocol's form.
pub(crate) fn describe(response: &Response) -> HttpResponse {
    let headers = response.headers().iter().map(|(name, value)| Header {
        name: name.as_str().to_owned(),
        value: String::from_utf8_lossy(value.as_bytes()).into_owned(),
        ..Default::default()
    });
    HttpResponse {
        status: response.status().as_u16(),
        version: format!("{:?}", response.version()),
        headers: headers.collect(),
        body: None,
        attempts: 1,
        ..Default::default()
    }
}
