//! Headers: those that a plugin may set, those that are the host's, and those of the answer.

use reqwest::{
    Response,
    header::{self, HeaderMap, HeaderName, HeaderValue},
};
use tw_plugin_protocol::{ErrorKind, ErrorMessage, Header, HttpRequest, HttpResponse, Part};
use tw_render::text::visible;

use crate::service::fail;

pub(super) fn headers(request: &HttpRequest) -> Result<HeaderMap, ErrorMessage> {
    let mut headers = HeaderMap::new();
    for Header { name, value } in &request.headers {
        // Where a request goes and where it ends is the host's to say: the token goes with it.
        if OWN_HEADERS
            .iter()
            .any(|own| own.as_str().eq_ignore_ascii_case(name))
        {
            let message = format!("the header `{}` is the host's to set", visible(name));
            return Err(fail(ErrorKind::BadRequest, message));
        }
        let wrong = || {
            fail(
                ErrorKind::BadRequest,
                format!(
                    "the header `{}` is not one that HTTP can carry",
                    visible(name)
                ),
            )
        };
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
        headers.append(name, HeaderValue::from_str(value).map_err(|_| wrong())?);
    }
    Ok(headers)
}

/// Headers that no plugin sets.
const OWN_HEADERS: [HeaderName; 6] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::UPGRADE,
    header::TE,
];

/// The headers that the request marks as sensitive.
pub(super) fn sensitive_headers(request: &HttpRequest) -> impl Iterator<Item = &str> {
    request.sensitive.iter().filter_map(|part| match part {
        Part::Header { name } => Some(name.as_str()),
        _ => None,
    })
}

pub(super) fn bearer(token: &str) -> Result<HeaderValue, ErrorMessage> {
    let mut value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| {
        fail(
            ErrorKind::NoToken,
            "The access token has characters in it that no token has",
        )
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// Status and headers.
pub(super) fn describe(response: &Response) -> HttpResponse {
    let headers = response.headers().iter().map(|(name, value)| Header {
        name: name.as_str().to_owned(),
        value: String::from_utf8_lossy(value.as_bytes()).into_owned(),
    });
    HttpResponse {
        status: response.status().as_u16(),
        headers: headers.collect(),
        body: None,
        attempts: 1,
    }
}
