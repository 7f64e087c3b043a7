//! Errors of a call: what failed, why, and whether the server may have carried out the call. No error shows what was sent.

use tw_plugin_protocol::{ErrorMessage, HTML_PAGE, HttpRequest, HttpResponse, is_html};
use tw_render::text::visible;

use super::{
    cause::{Refusal, cause, find_http_2, find_refusal, find_tls, is_unsent},
    proxy, tls_error,
};
use crate::error::{Error, ErrorKind, code, excerpt};

/// True if a request changes nothing, so that a lost answer leaves nothing uncertain.
pub(super) fn only_reads(request: &HttpRequest) -> bool {
    matches!(request.method.as_str(), "" | "GET" | "HEAD")
}

/// An attempt that failed before the whole answer was there.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) error: Error,
    pub(crate) how: How,
}

/// How an attempt broke, which decides about a retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// The server got or processed nothing, and a retry can succeed.
    Unsent,
    /// The request was sent, and no whole answer came back.
    Lost,
    /// A retry would fail in the same way.
    Final,
}

impl From<Error> for Broken {
    fn from(error: Error) -> Self {
        let how = How::Final;
        Self { error, how }
    }
}

/// Describes the refusal of a proxy, which answered with this status. A status from 400 to 499 will be the same after a retry.
pub(super) fn from_proxy(request: &HttpRequest, error: &reqwest::Error, status: u16) -> Broken {
    let broken = from_transport(request, error);
    let message = format!("{} (status {status})", broken.error.message());
    let refused = Error::new(broken.error.kind(), message).code(code::PROXY);
    Broken {
        how: match status {
            400..500 => How::Final,
            _ => broken.how,
        },
        error: match broken.error.next_step() {
            Some(hint) => refused.hint(hint),
            None => refused,
        },
    }
}

/// Describes a failure of the transport. A change that was sent may have been carried out.
pub(super) fn from_transport(request: &HttpRequest, error: &reqwest::Error) -> Broken {
    let how = classify(error);
    let is_sent = how == How::Lost;
    let kind = match (is_sent, only_reads(request), error.is_timeout()) {
        (true, false, _) => ErrorKind::OutcomeUnknown,
        (true, true, true) => ErrorKind::Timeout,
        _ => ErrorKind::Network,
    };
    let cause = cause(error);
    let has_no_connection = !is_sent && !error.is_builder() && find_http_2(error).is_none();
    let message = match kind {
        ErrorKind::OutcomeUnknown => unknown(request, &cause),
        _ if has_no_connection => cannot_connect(error, &cause),
        _ => format!("{} failed: {cause}", call(request)),
    };
    let hint = hint(error);
    let code = match kind {
        ErrorKind::Network if find_tls(error).is_some() => Some(code::TLS),
        ErrorKind::Network => proxy_variable(error).map(|_| code::PROXY),
        _ => None,
    };
    let mut error = Error::new(kind, message);
    if let Some(code) = code {
        error = error.code(code);
    }
    let error = match hint {
        Some(hint) => error.hint(hint),
        None => error,
    };
    Broken { error, how }
}

/// Classifies a failure of the transport by its effect on the attempt.
pub(crate) fn classify(error: &reqwest::Error) -> How {
    let refusal = find_refusal(error);
    let is_unsent = error.is_connect() || is_unsent(error);
    match refusal {
        // Another attempt would be redirected to the same place.
        _ if error.is_builder() || error.is_redirect() => How::Final,
        Some(Refusal::ByServer) => How::Final,
        Some(Refusal::ByUsOrProxy) if is_unsent => How::Final,
        None if is_unsent => How::Unsent,
        _ => How::Lost,
    }
}

/// Names the server, and the proxy's variable if there is a proxy: the client's own errors don't say that they are about the proxy.
fn cannot_connect(error: &reqwest::Error, cause: &str) -> String {
    let origin = error.url().map(|url| url.origin().ascii_serialization());
    let proxy = proxy_variable(error)
        .map(|name| format!(" through the proxy that {name} names"))
        .unwrap_or_default();
    format!(
        "Cannot connect to {}{proxy}: {cause}",
        origin.unwrap_or_default()
    )
}

/// Describes an answer whose body broke off. A change counts as uncertain then, even though its status arrived.
pub(super) fn from_body(request: &HttpRequest, error: &reqwest::Error) -> Broken {
    let broken = from_transport(request, error);
    let message = match broken.error.kind() {
        ErrorKind::Timeout => return broken,
        ErrorKind::OutcomeUnknown => unknown(request, "the server's answer is cut short"),
        _ => format!("The server's answer to {} is cut short", call(request)),
    };
    Broken {
        error: Error::new(broken.error.kind(), message),
        how: How::Lost,
    }
}

/// Describes an answer that arrives too slowly.
pub(super) fn from_slow_body(request: &HttpRequest) -> Broken {
    Broken {
        error: timed_out(request, true, "the server's answer did not end in time"),
        how: How::Lost,
    }
}

/// Describes a file that the server stopped taking, or that got no answer.
pub(super) fn from_stall(request: &HttpRequest) -> Broken {
    Broken {
        error: timed_out(request, true, "the server did not answer in time"),
        how: How::Lost,
    }
}

/// Describes a successful answer with more bytes or values than allowed. `most` is the limit, such as `100 bytes`.
pub(super) fn from_large_body(request: &HttpRequest, most: &str) -> Broken {
    let error = match only_reads(request) {
        true => Error::new(
            ErrorKind::TooLarge,
            format!(
                "The server's answer to {} has more than {most}",
                call(request)
            ),
        ),
        false => {
            let why = format!("the server's answer has more than {most}");
            Error::new(ErrorKind::OutcomeUnknown, unknown(request, &why))
        }
    };
    error.into()
}

fn hint(error: &reqwest::Error) -> Option<String> {
    if let Some(hint) = find_tls(error).and_then(tls_error::hint) {
        return Some(hint.into_owned());
    }
    // With HTTP/2, the client loses the alert in which a server asks for a certificate.
    if is_unsent(error) {
        return Some(
            "a server that closes every connection may require a client certificate: `--client-cert FILE` presents one"
                .to_owned(),
        );
    }
    proxy_variable(error).map(|_| "list servers that need no proxy in NO_PROXY".to_owned())
}

/// Returns the variable whose proxy could not be reached, or could not reach the server. `None` if no proxy is involved.
fn proxy_variable(error: &reqwest::Error) -> Option<proxy::Source> {
    error
        .url()
        .filter(|_| error.is_connect())
        .and_then(proxy::source_for)
}

/// Describes a call that did not end before the deadline that the plugin set.
pub(super) fn from_deadline(request: &HttpRequest, may_be_carried_out: bool) -> Error {
    timed_out(request, may_be_carried_out, "the deadline has passed")
}

fn timed_out(request: &HttpRequest, may_be_carried_out: bool, why: &str) -> Error {
    match may_be_carried_out && !only_reads(request) {
        false => Error::new(
            ErrorKind::Timeout,
            format!("{} failed: {why}", call(request)),
        ),
        true => Error::new(ErrorKind::OutcomeUnknown, unknown(request, why)),
    }
}

/// Words the message for a change that may have been carried out. The message doesn't say "failed", because the change may have succeeded.
pub(super) fn unknown(request: &HttpRequest, why: &str) -> String {
    format!(
        "{} was sent, and its outcome is unknown: {why}",
        call(request)
    )
}

/// Turns the error of the last attempt into an uncertain outcome, because an earlier attempt may have been carried out.
pub(super) fn make_uncertain(request: &HttpRequest, error: &Error) -> Error {
    let uncertain = Error::new(ErrorKind::OutcomeUnknown, unknown(request, error.message()));
    match error.next_step() {
        Some(hint) => uncertain.hint(hint),
        None => uncertain,
    }
}

/// Describes a change whose first attempt has an unknown outcome and whose retry was answered with a failure.
pub(super) fn from_retry(request: &HttpRequest, first: &str, status: u16) -> Error {
    let why = format!("{first}, and the retry was answered with status {status}");
    Error::new(ErrorKind::OutcomeUnknown, unknown(request, &why))
}

/// Describes a status that means failure, in the wording of the existing CLI.
pub(super) fn from_status(request: &HttpRequest, response: &HttpResponse, body: &[u8]) -> Error {
    let status = response.status;
    #[derive(serde::Deserialize)]
    struct Body {
        message: String,
    }
    let server_message = || {
        serde_json::from_slice::<Body>(body)
            .ok()
            .filter(|body| !body.message.trim().is_empty())
            .map(|body| excerpt(&body.message))
    };
    let page = match status {
        404 | 405 if is_html(body) => format!(" and {HTML_PAGE}"),
        _ => String::new(),
    };
    let message = match status {
        401 => {
            "Unauthorized. Check your access token, workspace id and tower server url.".to_owned()
        }
        403 => server_message().unwrap_or_else(|| "Forbidden".to_owned()),
        _ => server_message().unwrap_or_else(|| {
            format!(
                "The server answered {} with status {status}{page}",
                call(request)
            )
        }),
    };
    Error::from(ErrorMessage {
        kind: ErrorKind::Http,
        message,
        status: Some(status),
        hint: response.explain_retry_after(),
        ..Default::default()
    })
}

/// Returns method and address, without the query.
pub(super) fn call(request: &HttpRequest) -> String {
    let method = match request.method.as_str() {
        "" => "GET",
        method => method,
    };
    format!("{} {}", visible(method), strip_address(&request.url))
}

/// Returns the address without its query, and without the user information before an `@`, which can hold a password.
pub(super) fn strip_address(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    match path
        .split_once("://")
        .and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?.1)))
    {
        Some((scheme, rest)) => visible(&format!("{scheme}://{rest}")).into_owned(),
        None => visible(path).into_owned(),
    }
}
