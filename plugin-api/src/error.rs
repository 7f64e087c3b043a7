//! A failure: what happened, what to do, and how the process ends.

use std::fmt;

pub use tw_plugin_protocol::ErrorKind;
use tw_plugin_protocol::ErrorMessage;

/// The result of whatever can fail in a plugin.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure, as a person will read it: one line that says what happened and to what, and perhaps a hint that says what to do next.
///
/// ```
/// use tw_plugin_api::Error;
///
/// let error = Error::failure("Unknown dataset 'x' at user workspace").hint("`tw datasets list` shows what there is");
/// assert_eq!(error.to_string(), "Unknown dataset 'x' at user workspace");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(Box<ErrorMessage>);

impl Error {
    /// Something failed: exit 1.
    pub fn failure(message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Failure, message)
    }

    /// The command line asks for something that can't be: exit 2.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// A failure of this kind.
    pub fn new(kind: ErrorKind, message: impl fmt::Display) -> Self {
        Self(Box::new(ErrorMessage {
            kind,
            message: message.to_string(),
            ..Default::default()
        }))
    }

    /// Adds what to do next. It is shown on a terminal, below the message.
    #[must_use]
    pub fn hint(mut self, hint: impl fmt::Display) -> Self {
        self.0.hint = Some(hint.to_string());
        self
    }

    /// Ends the process with this code: 3 to 125 are the plugin's to define, and to document.
    #[must_use]
    pub fn exit_code(mut self, code: u8) -> Self {
        self.0.exit_code = Some(code);
        self
    }

    /// Adds to the message what else there is to say of it, after a semicolon. Kind, status, hint and exit code stay.
    ///
    /// ```
    /// use tw_plugin_api::Error;
    /// let error = Error::failure("Unknown dataset 'y'").and("deleted before that: 'x'");
    /// assert_eq!(error.to_string(), "Unknown dataset 'y'; deleted before that: 'x'");
    /// ```
    #[must_use]
    pub fn and(mut self, more: impl fmt::Display) -> Self {
        self.0.message = format!("{}; {more}", self.0.message);
        self
    }

    /// What sort of failure it is.
    ///
    /// ```
    /// use tw_plugin_api::{Error, ErrorKind};
    /// assert_eq!(Error::usage("no such format").kind(), ErrorKind::Usage);
    /// ```
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The HTTP status that caused it, where one did.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    pub(crate) fn into_message(self) -> ErrorMessage {
        *self.0
    }
}

impl From<ErrorMessage> for Error {
    fn from(message: ErrorMessage) -> Self {
        Self(Box::new(message))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}
