//! Failures.

use std::fmt;

pub use tw_plugin_protocol::ErrorKind;
use tw_plugin_protocol::{ErrorMessage, WrongValue};

/// The result of an operation that can fail with an [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// A failure, as the user reads it.
///
/// The message is one line that says what happened, and to what. The optional hint says what the user can do next.
///
/// ```
/// use tw_plugin_api::Error;
///
/// let error = Error::failure("Unknown dataset 'x' at user workspace").hint("`tw datasets list` lists the datasets");
/// assert_eq!(error.to_string(), "Unknown dataset 'x' at user workspace");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(Box<ErrorMessage>);

impl Error {
    /// Creates a failure that ends `tw` with exit code 1.
    pub fn failure(message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Failure, message)
    }

    /// Creates a failure for a command line that makes no sense. It ends `tw` with exit code 2.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// Creates the failure of an argument whose value the plugin can't parse.
    pub(crate) fn of_argument(name: &str, value: String, reason: impl fmt::Display) -> Self {
        let mut error = Self::usage(reason);
        let name = name.to_owned();
        error.0.argument = Some(WrongValue { name, value });
        error
    }

    /// Creates a failure of this kind. It ends `tw` with [the kind's exit code](ErrorKind::exit_code).
    pub fn new(kind: ErrorKind, message: impl fmt::Display) -> Self {
        Self(Box::new(ErrorMessage {
            kind,
            message: message.to_string(),
            ..Default::default()
        }))
    }

    /// Sets the hint, which says what the user can do next. `tw` shows it below the message, on a terminal only.
    #[must_use]
    pub fn hint(mut self, hint: impl fmt::Display) -> Self {
        self.0.hint = Some(hint.to_string());
        self
    }

    /// Sets the exit code. A plugin may give the codes 3 to 125 a meaning of its own, and should document it.
    #[must_use]
    pub fn exit_code(mut self, code: u8) -> Self {
        self.0.exit_code = Some(code);
        self
    }

    /// Appends a text to the message, after a semicolon. Kind, status, hint and exit code stay.
    ///
    /// ```
    /// use tw_plugin_api::Error;
    ///
    /// let error = Error::failure("Unknown dataset 'y'").and("deleted before that: 'x'");
    /// assert_eq!(error.to_string(), "Unknown dataset 'y'; deleted before that: 'x'");
    /// ```
    #[must_use]
    pub fn and(mut self, more: impl fmt::Display) -> Self {
        self.0.message = format!("{}; {more}", self.0.message);
        self
    }

    /// Returns the kind of failure.
    ///
    /// ```
    /// use tw_plugin_api::{Error, ErrorKind};
    ///
    /// assert_eq!(Error::usage("no such format").kind(), ErrorKind::Usage);
    /// ```
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the HTTP status that caused the failure. Returns `None` if no HTTP status caused it.
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
    /// Writes the message, without the hint.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}
