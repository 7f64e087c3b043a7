//! What went wrong on the network, in words: the cause, and never what was sent.

use std::error::Error;

use h2::Reason;
use tw_plugin_protocol::{ErrorKind, ErrorMessage, HttpRequest};
use tw_render::text::visible;

use super::{super::fail, proxy};

/// Whether a request changes nothing, so that nothing is uncertain when it breaks.
pub(super) fn only_reads(request: &HttpRequest) -> bool {
    matches!(request.method.as_str(), "" | "GET" | "HEAD")
}

/// An attempt that brought no answer.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) error: ErrorMessage,
    pub(super) how: How,
}

/// What another attempt would be worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// No connection came about, so nothing left; it can next time.
    Unsent,
    /// It had left, and no whole answer came.
    Lost,
    /// The next would end in the same way.
    Final,
}

impl From<crate::error::Error> for Broken {
    fn from(error: crate::error::Error) -> Self {
        ErrorMessage::from(error).into()
    }
}

impl From<ErrorMessage> for Broken {
    fn from(error: ErrorMessage) -> Self {
        let how = How::Final;
        Self { error, how }
    }
}

/// A failure of the transport. A change that had left may have been carried out.
pub(super) fn of_transport(request: &HttpRequest, error: &reqwest::Error) -> Broken {
    let refusal = refusal(error);
    let left = match refusal {
        Some(Refusal::OfUs) => false,
        _ => !error.is_connect() && !error.is_builder() && !is_unsent(error),
    };
    let kind = match (left, only_reads(request), error.is_timeout()) {
        (true, false, _) => ErrorKind::OutcomeUnknown,
        (true, true, true) => ErrorKind::Timeout,
        _ => ErrorKind::Network,
    };
    let cause = cause(error);
    let url = error.url();
    let place = url.map(|url| url.origin().ascii_serialization());
    let message = match (kind, left || error.is_builder()) {
        (ErrorKind::OutcomeUnknown, _) => unknown(request, &cause),
        (_, false) if http_2(error).is_none() => {
            let proxy = url
                .filter(|_| error.is_connect())
                .and_then(proxy::variable_for);
            // Who is really spoken to then is the proxy, which no error names.
            let through = proxy.map(|name| format!(" through the proxy that {name} names"));
            let (place, through) = (place.unwrap_or_default(), through.unwrap_or_default());
            format!("Cannot connect to {place}{through}: {cause}")
        }
        _ => format!("{} failed: {cause}", call(request)),
    };
    let how = match (left, refusal) {
        _ if error.is_builder() => How::Final,
        (true, _) => How::Lost,
        (false, None) => How::Unsent,
        (false, Some(_)) => How::Final,
    };
    let hint = hint(error, &cause);
    Broken {
        error: ErrorMessage {
            hint,
            ..fail(kind, message)
        },
        how,
    }
}

/// An answer that broke off: the server had begun to say that the request was carried out, or that it wasn't.
pub(super) fn of_rest(request: &HttpRequest, error: &reqwest::Error) -> Broken {
    let broken = of_transport(request, error);
    match broken.error.kind {
        ErrorKind::Timeout => broken,
        kind => Broken {
            error: fail(
                kind,
                match kind {
                    ErrorKind::OutcomeUnknown => {
                        unknown(request, "the server's answer is cut short")
                    }
                    _ => format!("The server's answer to {} is cut short", call(request)),
                },
            ),
            how: How::Lost,
        },
    }
}

/// An answer that comes, but so slowly that it has no end.
pub(super) fn of_drip(request: &HttpRequest) -> Broken {
    let error = too_late(request, true, "the server's answer did not end in time");
    let how = How::Lost;
    Broken { error, how }
}

/// A success of more bytes than are taken.
pub(super) fn of_excess(request: &HttpRequest, most: u64) -> Broken {
    let error = match only_reads(request) {
        true => fail(
            ErrorKind::TooLarge,
            format!(
                "The server's answer to {} has more than {most} bytes",
                call(request)
            ),
        ),
        false => {
            let why = format!("the server's answer has more than {most} bytes");
            fail(ErrorKind::OutcomeUnknown, unknown(request, &why))
        }
    };
    error.into()
}

/// What helps, where we know.
fn hint(error: &reqwest::Error, cause: &str) -> Option<String> {
    if cause.contains("UnknownIssuer") {
        return Some("`--cacert FILE` names the certificate of a private CA".to_owned());
    }
    if cause.contains("CertificateRequired") {
        return Some("`--client-cert FILE` names the certificate that the server wants".to_owned());
    }
    // With HTTP/2, the reason that the server gave is lost on the way.
    if is_unsent(error) {
        return Some("a server that closes each connection may want a certificate: `--client-cert FILE` names it".to_owned());
    }
    let proxy = proxy::variable_for(error.url()?).filter(|_| error.is_connect());
    proxy.map(|_| "NO_PROXY names the servers that are reached without a proxy".to_owned())
}

/// Whether the connection was gone before the request could be written to it, or the server says that it has not looked at it.
fn is_unsent(error: &reqwest::Error) -> bool {
    let is_unwritten = causes(error)
        .filter_map(|cause| cause.downcast_ref::<hyper::Error>())
        .any(hyper::Error::is_canceled);
    let is_refused = http_2(error).is_some_and(|error| {
        error.is_remote()
            && match error.reason() {
                Some(Reason::REFUSED_STREAM) => error.is_reset(),
                Some(Reason::NO_ERROR) => error.is_go_away(),
                _ => false,
            }
    });
    is_unwritten || is_refused
}

fn http_2(error: &reqwest::Error) -> Option<&h2::Error> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// Somebody says no, and will say no again.
#[derive(Debug, Clone, Copy)]
enum Refusal {
    /// The server refuses who we say we are. With TLS 1.3 it says so when we think that we are connected, and it has read nothing then.
    OfUs,
    /// We refuse the server's certificate, or a proxy wants credentials.
    Other,
}

fn refusal(error: &reqwest::Error) -> Option<Refusal> {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(match tls {
                rustls::Error::AlertReceived(alert) if is_about_us(*alert) => Refusal::OfUs,
                _ => Refusal::Other,
            });
        }
        if error.to_string() == proxy::WANTS_CREDENTIALS {
            return Some(Refusal::Other);
        }
        // An I/O error that has another in it passes it over when it is asked for its source.
        let io = error.downcast_ref::<std::io::Error>();
        cause = match io.and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

fn is_about_us(alert: rustls::AlertDescription) -> bool {
    use rustls::AlertDescription::*;
    matches!(
        alert,
        CertificateRequired
            | BadCertificate
            | UnsupportedCertificate
            | CertificateRevoked
            | CertificateExpired
            | CertificateUnknown
            | UnknownCA
            | AccessDenied
            | HandshakeFailure
            | DecryptError
    )
}

/// The time that the plugin gave is up.
pub(super) fn of_deadline(request: &HttpRequest, may_be_carried_out: bool) -> ErrorMessage {
    too_late(request, may_be_carried_out, "the time was up")
}

fn too_late(request: &HttpRequest, may_be_carried_out: bool, why: &str) -> ErrorMessage {
    match may_be_carried_out && !only_reads(request) {
        false => fail(
            ErrorKind::Timeout,
            format!("{} failed: {why}", call(request)),
        ),
        true => fail(ErrorKind::OutcomeUnknown, unknown(request, why)),
    }
}

/// What a change that may have been carried out is called: it hasn't failed, as far as anybody knows.
pub(super) fn unknown(request: &HttpRequest, why: &str) -> String {
    format!(
        "{} was sent, and its outcome is unknown: {why}",
        call(request)
    )
}

/// A change of which it isn't known what came of it at first, and whose repetition failed.
pub(super) fn of_repetition(request: &HttpRequest, first: &str, status: u16) -> ErrorMessage {
    let why = format!("{first}, and when it was sent again the answer was status {status}");
    fail(ErrorKind::OutcomeUnknown, unknown(request, &why))
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
    format!("{} {}", visible(method), place(&request.url))
}

/// Where an address leads, without its query, and without what stands before an `@`, which can be a password.
pub(super) fn place(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    match path
        .split_once("://")
        .and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?.1)))
    {
        Some((scheme, rest)) => visible(&format!("{scheme}://{rest}")).into_owned(),
        None => visible(path).into_owned(),
    }
}

/// An error and what is below it, the outermost first.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn Error + 'static)| {
        (*error).source()
    })
}

/// What is below it all: that is where the reason stands.
pub(crate) fn innermost<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    causes(error).last().unwrap_or(error)
}

const CLOSED: &str = "the server closed the connection";

/// The reason, without reqwest's own texts, which carry the whole URL.
fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "the server did not answer in time".to_owned();
    }
    // Its own text has in it whatever the server said.
    match http_2(error).and_then(h2::Error::reason) {
        None => {}
        Some(Reason::NO_ERROR) => return CLOSED.to_owned(),
        Some(reason) => return format!("HTTP/2: {}", reason.description()),
    }
    match innermost(error).to_string().as_str() {
        // It goes on about what programmers can do.
        text if text.contains("close_notify") => CLOSED.to_owned(),
        proxy::REFUSES => "the proxy refuses to".to_owned(),
        proxy::WANTS_CREDENTIALS => "the proxy wants a name and a password, or others".to_owned(),
        text => visible(text).into_owned(),
    }
}
