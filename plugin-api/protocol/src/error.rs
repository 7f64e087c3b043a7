//! Failures.

use crate::read::{kinds, read_fields};
use serde::Serialize;

/// A failure, of the host or of the plugin.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ErrorMessage {
    /// The kind of failure.
    pub kind: ErrorKind,
    /// What happened, and to what: one line for the user.
    pub message: String,
    /// The hint, which says what the user can do next. `None` if there is no hint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The exit code of the process: 1 for a failure, 2 for a usage error, 130 for an interruption, 3 to 125 as the
    /// plugin defines them. `None` stands for [the kind's exit code](ErrorKind::exit_code).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<u8>,
    /// The HTTP status that caused the failure. `None` if no HTTP status caused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Other problems. The host prints each as one line on standard error.
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

/// The kind of a failure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A failure without a more specific kind.
    #[default]
    Failure,
    /// The command line makes no sense.
    Usage,
    /// The other side doesn't know the method or the kind.
    Unsupported,
    /// The run has ended, or the handle was closed.
    Closed,
    /// The user pressed Ctrl-C.
    Cancelled,
    /// The plugin's manifest doesn't declare the service.
    Refused,
    /// The message of the call can't be read, or makes no sense.
    BadRequest,
    /// There is no access token.
    NoToken,
    /// The connection failed. Either the request was not sent, or it only reads.
    Network,
    /// A time limit passed.
    Timeout,
    /// The connection failed after a request was sent that changes something. The server may have carried it out.
    OutcomeUnknown,
    /// The server answered with a status that means failure.
    Http,
    /// The server's answer can't be read: it is incomplete, not JSON, or not of the expected form.
    InvalidResponse,
    /// The content is larger than the accepted size.
    TooLarge,
    /// The named object doesn't exist.
    NotFound,
    /// There is no terminal to ask on.
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
    /// Returns the exit code of a failure of this kind that names no exit code: 2 for [`Usage`](Self::Usage), 130 for
    /// [`Cancelled`](Self::Cancelled), otherwise 1.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Usage => 2,
            Self::Cancelled => 130,
            _ => 1,
        }
    }
}
