//! The meaning of a registry's failures. Texts from a registry are shown, but never decide anything.

use std::time::Duration;

use reqwest::StatusCode;
use serde::Deserialize;

use super::{Login, Place, client::Client};
use crate::{
    error::{Error, ErrorKind, excerpt},
    package::{download::too_many_requests, transfer::Answer},
    service::http::Broken,
};

const ASK: &str = "try again later, or ask the registry's administrator";

/// The failure of a request to a registry.
pub(super) enum Failure {
    /// The credentials are missing or not sufficient.
    Login,
    /// The registry has nothing at the address.
    Nothing,
    /// No whole answer arrived.
    Broken(Broken),
    Other(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// The body of a failure, as the OCI distribution specification defines it.
#[derive(Deserialize)]
struct Envelope {
    errors: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    code: String,
    #[serde(default)]
    message: String,
}

impl Failure {
    /// Passes on an answer with a status of success.
    ///
    /// # Errors
    /// The answer has another status.
    pub(super) fn check(client: &Client<'_>, answer: Answer) -> Result<Answer, Self> {
        let status = answer.status;
        if status.is_success() {
            return Ok(answer);
        }
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => return Err(Self::Login),
            StatusCode::NOT_FOUND => return Err(Self::Nothing),
            _ => {}
        }
        let registry = client.name();
        let wait = answer.retry_after();
        let body = answer.body;
        let envelope = body.and_then(|body| serde_json::from_slice::<Envelope>(&body).ok());
        let Some(envelope) = envelope else {
            return Err(Self::Other(of_status(&registry, status, wait)));
        };
        let codes = || envelope.errors.iter().map(|error| error.code.as_str());
        if codes().any(|code| matches!(code, "UNAUTHORIZED" | "DENIED")) {
            return Err(Self::Login);
        }
        let texts = envelope
            .errors
            .iter()
            .map(|error| match error.message.as_str() {
                "" => error.code.as_str(),
                message => message,
            });
        let text = match client.has_sent_credentials {
            // The text could repeat them in any form.
            true => String::new(),
            false => texts.collect::<Vec<_>>().join(", "),
        };
        let is_busy = |code: &str| code.eq_ignore_ascii_case("TOOMANYREQUESTS");
        if status == StatusCode::TOO_MANY_REQUESTS || codes().any(is_busy) {
            return Err(Self::Other(too_many_requests(&registry, &text, wait)));
        }
        if text.is_empty() {
            return Err(Self::Other(of_status(&registry, status, wait)));
        }
        let message = format!("{registry} refused the request: {}", excerpt(&text));
        Err(Self::Other(
            Error::new(ErrorKind::Http, message).hint("ask the registry's administrator"),
        ))
    }

    /// Explains the failure of a request about a place.
    pub(super) fn explain(self, place: &Place, login: &Login) -> Error {
        let host = place.server();
        match self {
            Self::Login => refused_login(host, login),
            Self::Nothing => {
                Error::new(ErrorKind::NotFound, format!("there is nothing at {place}"))
                    .hint("check the address and the version")
            }
            Self::Broken(broken) => broken.error,
            Self::Other(error) => error,
        }
    }
}

/// Makes the error of a registry that refuses the credentials, or the lack of them.
fn refused_login(host: &str, login: &Login) -> Error {
    let mut message = format!("the registry {host} refused the login");
    let mut hint = format!("log in with `docker login {host}`");
    if let Some(problem) = login.problem() {
        message = format!("{message}: {problem}");
        hint = format!("run `docker login {host}` to see why");
    }
    if login.takes_options(host) {
        hint += ", or use `--username NAME --password-stdin`";
    }
    Error::new(ErrorKind::Http, message).hint(hint)
}

/// Makes the error of a status that no rule of the protocol explains. `server` names the sender.
pub(super) fn of_status(server: &str, status: StatusCode, wait: Option<Duration>) -> Error {
    if status == StatusCode::TOO_MANY_REQUESTS {
        return too_many_requests(server, "", wait);
    }
    let message = format!("{server} answered with status {}", status.as_u16());
    Error::new(ErrorKind::Http, message).hint(ASK)
}

/// Makes the error of an answer that doesn't follow the protocol. `what` is the answer.
pub(super) fn unreadable(server: &str, what: &str) -> Error {
    let message = format!("{server} sent {what} that tw can't read");
    Error::new(ErrorKind::InvalidResponse, message)
        .hint("check that the address is that of an OCI registry")
}
