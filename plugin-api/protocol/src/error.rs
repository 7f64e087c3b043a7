//! A failure as a message: what happened, what to do, and how the process should end.

use crate::read::{kinds, read_fields};
use serde::Serialize;

/// A failure, in either direction.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ErrorMessage {
    /// What sort of failure.
    pub kind: ErrorKind,
    /// What happened and to what: one line, for a person.
    pub message: String,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// How the process should end: 1 failure, 2 usage, 130 interrupted, 3 to 125 the plugin's own. Without it, as the kind has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<u8>,
    /// The HTTP status that caused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Other things that went wrong beside it: each one line on standard error.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

read_fields!(ErrorMessage {
    kind,
    message,
    hint,
    exit_code,
    status,
    warnings
});

/// What sort of failure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Something failed; the message says what.
    #[default]
    Failure,
    /// The command line asks for something that can't be.
    Usage,
    /// The other side doesn't know the method or the kind.
    Unsupported,
    /// The run has ended, or the handle was closed.
    Closed,
    /// The person asked for the run to stop.
    Cancelled,
    /// The manifest doesn't declare the service.
    Refused,
    /// The message of the call can't be read.
    BadRequest,
    /// There is no token.
    NoToken,
    /// No connection, or it broke. The request did not leave, or it only reads.
    Network,
    /// The time was up.
    Timeout,
    /// The connection broke after the request had left: it may have been carried out.
    OutcomeUnknown,
    /// The server answered with a status that means failure.
    Http,
    /// The answer can't be read: cut short, not JSON, or not of the shape that was expected.
    InvalidResponse,
    /// More bytes than are taken at once.
    TooLarge,
    /// The thing that was named isn't there.
    NotFound,
    /// There is nobody to ask.
    NotInteractive,
    /// A file or a document can't be read.
    Input,
    /// The other side panicked.
    Panic,
    /// A kind that this reader doesn't know.
    Unknown,
}

kinds!(ErrorKind {
    Failure "failure",
    Usage "usage",
    Unsupported "unsupported",
    Closed "closed",
    Cancelled "cancelled",
    Refused "refused",
    BadRequest "bad_request",
    NoToken "no_token",
    Network "network",
    Timeout "timeout",
    OutcomeUnknown "outcome_unknown",
    Http "http",
    InvalidResponse "invalid_response",
    TooLarge "too_large",
    NotFound "not_found",
    NotInteractive "not_interactive",
    Input "input",
    Panic "panic",
});

impl ErrorKind {
    /// The exit code of a failure of this kind that names none.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Usage => 2,
            Self::Cancelled => 130,
            _ => 1,
        }
    }
}
