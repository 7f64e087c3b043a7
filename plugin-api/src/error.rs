//! Failures.

use std::fmt;

pub use tw_plugin_protocol::ErrorKind;
use tw_plugin_protocol::{ErrorMessage, WrongValue};

/// The result of an operation that can fail, with an [`Error`] unless another type is named.
pub type Result<T, E = Error> = std::result::Result<T, E>;

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
///
/// The operator `?` converts every error of the standard library and of other crates into a failure with the texts of
/// the error and of its causes. [`Context`] adds what the plugin was doing.
///
/// ```
/// use tw_plugin_api::{Context, Result};
///
/// fn count_lines(path: &str) -> Result<usize> {
///     let text = std::fs::read_to_string(path).context(format!("Cannot read {path}"))?;
///     Ok(text.lines().count())
/// }
///
/// let error = count_lines("missing.txt").unwrap_err();
/// assert!(error.to_string().starts_with("Cannot read missing.txt: No such file"));
/// ```
///
/// `Error` itself doesn't implement [`std::error::Error`], because a type that does can't be converted from every other
/// error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(Box<ErrorMessage>);

impl Error {
    /// Creates a failure that ends `tw` with exit code 1.
    pub fn failure(message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Failure, message)
    }

    /// Creates a failure for a command line that makes no sense. `tw` prints it with the usage of the command, and ends with
    /// exit code 2.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// Names the argument whose value is wrong, for a [`usage`](Self::usage) failure. `tw` then prints the option and its
    /// value before the message, as for values that it checks itself: `error: invalid value 'x' for '--name <NAME>': …`.
    ///
    /// ```
    /// use tw_plugin_api::Error;
    ///
    /// Error::usage("the name must begin with a letter").argument("name");
    /// ```
    #[must_use]
    pub fn argument(mut self, name: &str) -> Self {
        let name = name.to_owned();
        let value = String::new();
        self.0.argument = Some(WrongValue { name, value });
        self
    }

    /// Creates the failure of an argument whose value the plugin can't parse.
    pub(crate) fn of_argument(name: &str, value: String, reason: impl fmt::Display) -> Self {
        let mut error = Self::usage(reason);
        let name = name.to_owned();
        error.0.argument = Some(WrongValue { name, value });
        error
    }

    /// Names the setting whose value the plugin can't parse, because it is no argument.
    pub(crate) fn of_setting(mut self) -> Self {
        if let Some(WrongValue { name, .. }) = self.0.argument.take() {
            self.0.message = format!("Invalid setting `{name}`: {}", self.0.message);
        }
        self
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

    /// Sets the stable name of the failure, by which a script tells it from others: `tw --error-format json` prints it as
    /// `code`, beside the name of the plugin. It has small letters, digits and hyphens. Without a name, `tw` prints the name
    /// of the kind and the HTTP status, such as `not-found`.
    ///
    /// ```
    /// use tw_plugin_api::Error;
    ///
    /// Error::failure("Unknown dataset 'x' at user workspace").code("dataset-not-found");
    /// ```
    #[must_use]
    pub fn code(mut self, code: &str) -> Self {
        self.0.code = Some(code.to_owned());
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

    pub(crate) fn of(message: ErrorMessage) -> Self {
        Self(Box::new(message))
    }

    pub(crate) fn into_message(self) -> ErrorMessage {
        *self.0
    }
}

/// An [`Error`] inside of a [`std::io::Error`], for traits such as [`std::io::Write`] whose methods fail with that type.
#[derive(Debug)]
pub(crate) struct Carried(pub(crate) Error);

impl fmt::Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Carried {}

impl<E: std::error::Error + 'static> From<E> for Error {
    /// Makes a failure of the texts of the error and of its causes, in one line. An error of the host, which came through
    /// a [`std::io::Error`], stays what it was.
    fn from(error: E) -> Self {
        let io = (&error as &dyn std::any::Any).downcast_ref::<std::io::Error>();
        let carried = io.and_then(|error| error.get_ref()?.downcast_ref::<Carried>());
        if let Some(Carried(error)) = carried {
            return error.clone();
        }
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        Self::failure(text)
    }
}

/// Says what the plugin was doing when something failed.
pub trait Context<T> {
    /// Puts a text before the message of the failure: `Cannot read x: No such file or directory`. Kind, status, hint and
    /// exit code stay.
    ///
    /// # Errors
    /// If the result is a failure. For an `Option`, the text alone is the message.
    fn context(self, what: impl fmt::Display) -> Result<T>;
}

impl<T, E: Into<Error>> Context<T> for Result<T, E> {
    fn context(self, what: impl fmt::Display) -> Result<T> {
        self.map_err(|error| {
            let mut error: Error = error.into();
            error.0.message = format!("{what}: {}", error.0.message);
            error
        })
    }
}

impl<T> Context<T> for Option<T> {
    fn context(self, what: impl fmt::Display) -> Result<T> {
        self.ok_or_else(|| Error::failure(what))
    }
}

impl fmt::Display for Error {
    /// Writes the message, without the hint.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}
