//! Failures.

use serde::{Deserialize, Serialize};

use crate::read::{exit_code, from_bytes, if_readable, kind, kinds, or_default, text, texts};

/// A failure, of the host or of the plugin. If one field can't be read, the others still are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ErrorMessage {
    /// The kind of failure.
    #[serde(deserialize_with = "kind")]
    pub kind: ErrorKind,
    /// What happened, and to what: one line for the user.
    #[serde(deserialize_with = "text")]
    pub message: String,
    /// The hint, which says what the user can do next. `None` if there is no hint.
    #[serde(
        deserialize_with = "if_readable",
        skip_serializing_if = "Option::is_none"
    )]
    pub hint: Option<String>,
    /// The exit code of the process: 1 for a failure, 2 for a usage error, 130 for an interruption, 3 to 125 as the
    /// plugin defines them. `None` means [the kind's exit code](ErrorKind::exit_code).
    #[serde(
        deserialize_with = "exit_code",
        skip_serializing_if = "Option::is_none"
    )]
    pub exit_code: Option<u8>,
    /// The argument whose value is wrong, for a failure of the kind [`Usage`](ErrorKind::Usage). The host then prints the
    /// failure as an error of the command line: the value, the option, and the message as the reason. `None` if the failure
    /// is not about one value.
    #[serde(
        deserialize_with = "if_readable",
        skip_serializing_if = "Option::is_none"
    )]
    pub argument: Option<WrongValue>,
    /// The HTTP status that caused the failure. `None` if no HTTP status caused it.
    #[serde(
        deserialize_with = "if_readable",
        skip_serializing_if = "Option::is_none"
    )]
    pub status: Option<u16>,
    /// The stable name of the failure, by which a script tells it from others: small letters, digits and hyphens, such as
    /// `secret-not-found`. `None`, and a name of another form, mean the name that the host has for the kind and the status.
    #[serde(
        deserialize_with = "if_readable",
        skip_serializing_if = "Option::is_none"
    )]
    pub code: Option<String>,
    /// Other problems. The host prints each as one line on standard error.
    #[serde(deserialize_with = "texts", skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// A value of an argument that the plugin can't parse.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct WrongValue {
    /// The name of the argument.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// The value, as it was typed. If it is empty, the host shows what was typed.
    #[serde(deserialize_with = "or_default")]
    pub value: String,
}

impl std::fmt::Debug for WrongValue {
    /// Leaves out the value, which can be a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("WrongValue").field(&self.name).finish()
    }
}

/// The number of characters that are shown of a failure that is no message.
const MAX_TEXT: usize = 1000;

impl ErrorMessage {
    /// Creates a failure without a hint.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            ..Self::default()
        }
    }

    /// Reads the payload of a failed call. A payload that is no message becomes the text of the failure, because it
    /// usually says what is wrong. Its kind is then [`ErrorKind::Unknown`].
    pub fn from_bytes(payload: &[u8]) -> Self {
        from_bytes(payload).unwrap_or_else(|_| {
            let payload = String::from_utf8_lossy(payload);
            let text: Result<String, _> = serde_json::from_str(&payload);
            let text = text.unwrap_or_else(|_| payload.into_owned());
            let text: String = text.chars().take(MAX_TEXT).collect();
            Self::new(ErrorKind::Unknown, text)
        })
    }
}

/// The kind of a failure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// A failure without a more specific kind.
    #[default]
    Failure,
    /// The command line makes no sense.
    Usage,
    /// The other side doesn't know the method, the kind, or a [feature](crate::Feature) that the call needs.
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
    #[serde(other)]
    Unknown,
}

kinds!(ErrorKind);

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
