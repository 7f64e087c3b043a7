//! The cause of a transport error: the layers of `reqwest`, `hyper`, `h2` and `rustls`, reduced to the one fact that matters.

use std::{error::Error, iter::successors};

use h2::Reason;
use tw_render::text::visible;

use super::{proxy, tls_error};
use crate::stdio;

const CLOSED: &str = "the server closed the connection";

/// Returns the reason in words. `reqwest`'s own texts are not used: they contain the whole URL.
pub(crate) fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "the server did not answer in time".to_owned();
    }
    // `h2`'s own text includes the debug data that the server sent.
    match find_http_2(error).and_then(h2::Error::reason) {
        None => {}
        Some(Reason::NO_ERROR) => return CLOSED.to_owned(),
        Some(reason) => return format!("HTTP/2: {}", reason.description()),
    }
    let hyper = causes(error).find_map(|cause| cause.downcast_ref::<hyper::Error>());
    match hyper {
        Some(hyper) if hyper.is_parse() && hyper.to_string().contains("too large") => {
            return "the head of the server's answer is too large".to_owned();
        }
        Some(hyper) if hyper.is_parse() => return "the server's answer is not HTTP".to_owned(),
        Some(hyper) if hyper.is_incomplete_message() => return CLOSED.to_owned(),
        _ => {}
    }
    let text = innermost(error).to_string();
    match find_tls(error) {
        // rustls takes a connection that ends too early for an I/O error, and its text is advice for programmers.
        Some(tls) if !text.contains("close_notify") => return tls_error::explain(tls),
        _ => {}
    }
    match text.as_str() {
        // The rest of rustls's text is advice for programmers.
        text if text.contains("close_notify") => CLOSED.to_owned(),
        proxy::REFUSES => "the proxy refuses to connect".to_owned(),
        proxy::WANTS_CREDENTIALS => {
            "the proxy requires a user name and password, or rejects the given ones (status 407)"
                .to_owned()
        }
        proxy::NO_COMMON_LOGIN => {
            "the proxy requires a login that the variable doesn't give".to_owned()
        }
        proxy::NOT_REACHED => "the proxy can't be reached".to_owned(),
        "invalid dns name" => "the address names no valid host".to_owned(),
        text => stdio::without_number(visible(text).into_owned()),
    }
}

/// True if a proxy refuses to connect to the server.
pub(super) fn is_refused_by_proxy(error: &reqwest::Error) -> bool {
    inner_causes(error).any(|cause| cause.to_string() == proxy::REFUSES)
}

/// True if the connection was closed before the request was written to it, or if the server says that it did not process the request.
pub(super) fn is_unsent(error: &reqwest::Error) -> bool {
    let is_unwritten = causes(error)
        .filter_map(|cause| cause.downcast_ref::<hyper::Error>())
        .any(hyper::Error::is_canceled);
    let is_refused = find_http_2(error).is_some_and(|error| {
        error.is_remote()
            && match error.reason() {
                Some(Reason::REFUSED_STREAM) => error.is_reset(),
                Some(Reason::NO_ERROR) => error.is_go_away(),
                _ => false,
            }
    });
    is_unwritten || is_refused
}

pub(super) fn find_http_2(error: &reqwest::Error) -> Option<&h2::Error> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// A refusal that a retry won't change.
#[derive(Debug, Clone, Copy)]
pub(super) enum Refusal {
    /// The server refuses our client certificate, or the lack of one. In TLS 1.3 its alert arrives after our handshake is complete, but
    /// the server has read no request by then.
    ByServer,
    /// We refuse the server's certificate, or the proxy refuses us.
    ByUsOrProxy,
}

pub(super) fn find_refusal(error: &reqwest::Error) -> Option<Refusal> {
    if let Some(tls) = find_tls(error) {
        return Some(match tls {
            rustls::Error::AlertReceived(alert) if is_about_us(*alert) => Refusal::ByServer,
            _ => Refusal::ByUsOrProxy,
        });
    }
    inner_causes(error)
        .any(|cause| proxy::REFUSALS.contains(&cause.to_string().as_str()))
        .then_some(Refusal::ByUsOrProxy)
}

/// Returns the error of TLS among the causes. `None` if TLS has not failed.
pub(crate) fn find_tls(error: &reqwest::Error) -> Option<&rustls::Error> {
    inner_causes(error).find_map(|cause| cause.downcast_ref())
}

/// Iterates over an error and its causes, the outermost first, with the errors inside of I/O errors: `source()` of an I/O error skips the inner
/// error and returns the source of the inner error.
fn inner_causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    successors(Some(error), |error: &&'a (dyn Error + 'static)| {
        let error = *error;
        let io = error.downcast_ref::<std::io::Error>();
        match io.and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        }
    })
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

/// Returns the last error of the source chain, which holds the reason.
fn innermost<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    causes(error).last().unwrap_or(error)
}

/// Iterates over an error and its sources, the outermost first.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    successors(Some(error), |error: &&'a (dyn Error + 'static)| {
        (*error).source()
    })
}
