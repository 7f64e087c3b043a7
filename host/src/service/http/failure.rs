//! What went wrong on the network, in words: the cause, and never what was sent.

use tw_plugin_protocol::{ErrorKind, ErrorMessage, HttpRequest};
use tw_render::text::visible;

use super::super::fail;

/// Whether a request changes nothing, so that nothing is uncertain when it breaks.
pub(super) fn only_reads(request: &HttpRequest) -> bool {
    matches!(request.method.as_str(), "" | "GET" | "HEAD")
}

/// A failure of the transport. A change that had left may have been carried out.
pub(super) fn of_transport(request: &HttpRequest, error: &reqwest::Error) -> ErrorMessage {
    let left = !error.is_connect() && !error.is_builder();
    let kind = match (left, only_reads(request), error.is_timeout()) {
        (true, false, _) => ErrorKind::OutcomeUnknown,
        (true, true, true) => ErrorKind::Timeout,
        _ => ErrorKind::Network,
    };
    let cause = cause(error);
    let place = error
        .url()
        .map(|url| url.origin().ascii_serialization())
        .unwrap_or_default();
    let hint = cause
        .contains("UnknownIssuer")
        .then(|| "`--cacert FILE` names the certificate of a private CA".to_owned());
    let message = match error.is_connect() {
        true => format!("Cannot connect to {place}: {cause}"),
        false => format!("{} failed: {cause}", call(request)),
    };
    ErrorMessage {
        hint,
        ..fail(kind, message)
    }
}

/// The time that the plugin gave is up.
pub(super) fn of_deadline(request: &HttpRequest) -> ErrorMessage {
    let kind = match only_reads(request) {
        true => ErrorKind::Timeout,
        false => ErrorKind::OutcomeUnknown,
    };
    fail(kind, format!("{} failed: the time was up", call(request)))
}

/// A status that means failure, in the words that the Platform's people know.
pub(super) fn of_status(request: &HttpRequest, status: u16, body: &[u8]) -> ErrorMessage {
    #[derive(serde::Deserialize)]
    struct Body {
        message: String,
    }
    let said = || {
        serde_json::from_slice::<Body>(body)
            .ok()
            .map(|body| visible(&body.message).into_owned())
            .filter(|text| !text.trim().is_empty())
    };
    let message = match status {
        401 => {
            "Unauthorized. Check your access token, workspace id and tower server url.".to_owned()
        }
        403 => said().unwrap_or_else(|| "Forbidden".to_owned()),
        _ => said().unwrap_or_else(|| {
            format!("The server answered {} with status {status}", call(request))
        }),
    };
    ErrorMessage {
        status: Some(status),
        ..fail(ErrorKind::Http, message)
    }
}

/// The call, without its query.
pub(super) fn call(request: &HttpRequest) -> String {
    let method = if request.method.is_empty() {
        "GET"
    } else {
        &request.method
    };
    format!("{} {}", visible(method), place(request))
}

/// Where it goes, without its query, and without what stands before an `@`, which can be a password.
pub(super) fn place(request: &HttpRequest) -> String {
    let path = request.url.split(['?', '#']).next().unwrap_or_default();
    match path
        .split_once("://")
        .and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?.1)))
    {
        Some((scheme, rest)) => visible(&format!("{scheme}://{rest}")).into_owned(),
        None => visible(path).into_owned(),
    }
}

/// The innermost cause: that is where the reason stands. reqwest's own texts carry the whole URL.
fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "the server did not answer in time".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    visible(&cause.to_string()).into_owned()
}
