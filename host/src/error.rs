//! The host's one error type: what happened, what to do next, and how the process ends.

mod call;
pub(crate) mod code;
pub(crate) mod exit;

use std::{fmt, io, path::Path, sync::Arc};

use serde::{Deserialize, Serialize};
use tw_plugin_protocol::{ErrorMessage, WrongValue};
use tw_render::text::visible;

use crate::{process::Shortage, stdio};

pub(crate) use self::call::FailedCall;
pub(crate) use tw_plugin_protocol::ErrorKind;

/// The most characters of a foreign text that a message quotes.
const LONGEST_EXCERPT: usize = 200;

/// Returns the part of a foreign text that a message quotes: one visible line with at most 200 characters of it. A name in a package may have
/// megabytes.
pub(crate) fn excerpt(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(LONGEST_EXCERPT) else {
        return visible(text).into_owned();
    };
    format!("{}…", visible(&text[..end]))
}

/// A failure of the host, of a plugin, or of a server.
///
/// The fields are boxed because a `Result` is as large as its larger side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Error(Box<Fields>);

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Fields {
    kind: ErrorKind,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The error that caused this one. `None` if nothing else caused it, or if the error comes from the manifest cache, which can't store a
    /// source. The message contains the text of the source.
    #[serde(skip)]
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
    #[serde(skip)]
    exit_code: Option<u8>,
    #[serde(skip)]
    status: Option<u16>,
    /// The stable name of the failure. `None` means the name of its kind and its status.
    #[serde(skip)]
    code: Option<String>,
    /// The HTTP call that failed. `None` if the failure has another reason.
    #[serde(skip)]
    call: Option<FailedCall>,
    #[serde(skip)]
    warnings: Vec<String>,
    /// The value of the command line that a plugin can't parse. `None` if the failure has another reason.
    #[serde(skip)]
    wrong_value: Option<WrongValue>,
    /// The plugin that the failure is about. `None` if it is about none.
    #[serde(skip)]
    plugin: Option<String>,
    #[serde(skip)]
    is_from_plugin: bool,
}

impl PartialEq for Fields {
    fn eq(&self, other: &Self) -> bool {
        (self.kind, &self.message, &self.hint, &self.detail)
            == (other.kind, &other.message, &other.hint, &other.detail)
    }
}

impl Error {
    /// Makes an error. `message` says what happened and to what; it may have several lines.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::from(ErrorMessage {
            kind,
            message: message.into(),
            ..Default::default()
        })
    }

    /// Makes the error of a command line that can't be run.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// Makes the error of a value on the command line that can't be used.
    pub(crate) fn invalid_value(message: impl Into<String>) -> Self {
        Self::usage(message).code(code::INVALID_VALUE)
    }

    /// Makes the error of an environment variable that can't be used.
    pub(crate) fn invalid_variable(name: &str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
            .code(code::INVALID_VARIABLE)
            .hint(format!("change or unset {name}"))
    }

    /// Makes the error of a file that can't be read.
    pub(crate) fn unreadable(path: &Path, error: io::Error) -> Self {
        Self::new(
            ErrorKind::Input,
            format!("{} can't be read", crate::files::show_path(path)),
        )
        .caused_by(error)
        .hint("check that the path is right")
    }

    /// Makes the error of a file that can't be written.
    pub(crate) fn unwritable(path: &Path, error: io::Error) -> Self {
        let hint = match error.kind() {
            io::ErrorKind::NotFound if !crate::files::parent(path).exists() => {
                "make its folder first, or correct the path"
            }
            io::ErrorKind::IsADirectory => "it is a folder: name a file",
            io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
                "a file is where a folder is needed: correct the path"
            }
            _ => "check that its folder belongs to you, is writable, and has room",
        };
        Self::new(
            ErrorKind::Failure,
            format!("{} can't be written", crate::files::show_path(path)),
        )
        .caused_by(error)
        .hint(hint)
    }

    /// Makes the error of a file in a format that only a newer `tw` knows.
    pub(crate) fn of_newer_tw(what: &str, format: u32, known: u32) -> Self {
        Self::new(
            ErrorKind::Unsupported,
            format!("{what} has the format {format}, and this tw knows {known}"),
        )
        .code(code::NEEDS_NEWER_TW)
        .hint(use_newer_tw())
    }

    /// Makes the error of something that needs features which this `tw` doesn't have. `what` names it, and `features` are the names of
    /// features, or of what takes their place.
    pub(crate) fn needs_newer_tw(what: &str, features: &[impl AsRef<str>]) -> Self {
        let features = features
            .iter()
            .map(|feature| format!("`{}`", tw_render::text::visible(feature.as_ref())));
        let features: Vec<String> = features.collect();
        let message = format!("{what} needs a newer tw, for {}", features.join(", "));
        Self::new(ErrorKind::Unsupported, message)
            .code(code::NEEDS_NEWER_TW)
            .hint(use_newer_tw())
    }

    /// Makes the error of a result that can't be written.
    pub(crate) fn output(error: io::Error) -> Self {
        Self::new(ErrorKind::Failure, "Cannot write the result").caused_by(error)
    }

    /// Makes the error of a system call that failed although every run of a plugin needs it.
    pub(crate) fn system(error: io::Error) -> Self {
        let shortage = Shortage::of(&error);
        let result = Self::new(ErrorKind::Failure, "Cannot prepare to run the plugin");
        match shortage {
            Some(shortage) => result.caused_by(error).hint(shortage.remedy()),
            None => result.caused_by(error),
        }
    }

    /// Makes the error of a thread that can't be started.
    pub(crate) fn no_thread(error: &io::Error) -> Self {
        let reason = Shortage::explain_start(error);
        let result = Self::new(
            ErrorKind::Failure,
            format!("Cannot start a thread: {reason}"),
        );
        let remedy = Shortage::of_start(error).map(Shortage::remedy);
        result.hint(remedy.unwrap_or("run the command again"))
    }

    /// Makes the error of a run without a token.
    pub(crate) fn no_token() -> Self {
        Self::new(
            ErrorKind::NoToken,
            "Missing TOWER_ACCESS_TOKEN environment variable or 'tw -t <token> ...' parameter",
        )
        .hint("`tw login` stores a token, which you make in the Platform under 'Your tokens'")
    }

    /// Makes the error of a user without a home folder.
    pub(crate) fn no_home() -> Self {
        Self::new(ErrorKind::NotFound, "there is no home folder to keep it in").hint("set HOME")
    }

    /// Makes the error of a failure that a plugin reports. If the failure is a fault of the plugin itself, the message names the plugin.
    pub(crate) fn of_plugin(plugin: &str, failure: ErrorMessage) -> Self {
        let mut error = Self::from(failure).about_plugin(plugin);
        error.0.is_from_plugin = true;
        match error.0.kind {
            ErrorKind::Panic => error
                .context(format!("The plugin `{plugin}` failed"))
                .hint("this is a fault of the plugin: tell its author"),
            ErrorKind::Refused
            | ErrorKind::BadRequest
            | ErrorKind::Unsupported
            | ErrorKind::Unknown => error.context(format!("The plugin `{plugin}`")),
            _ => error,
        }
    }

    /// Sets the hint, which says what to do next.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Sets the stable name of the failure.
    pub(crate) fn code(mut self, code: &str) -> Self {
        self.0.code = Some(code.to_owned());
        self
    }

    /// Sets the HTTP call that failed.
    pub(crate) fn of_call(mut self, call: FailedCall) -> Self {
        self.0.call = Some(call);
        self
    }

    /// Sets the plugin that the failure is about.
    pub(crate) fn about_plugin(mut self, plugin: &str) -> Self {
        self.0.plugin = Some(plugin.to_owned());
        self
    }

    /// Sets the detail: the long explanation of a library, which is shown under `--verbose`.
    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Sets the error that caused this one, and appends its text to the message.
    pub(crate) fn caused_by(
        mut self,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        self.0.message = stdio::without_number(format!("{}: {source}", self.0.message));
        self.0.source = Some(Arc::new(source));
        self
    }

    /// Puts the operation that failed in front of the message: `WHAT: MESSAGE`.
    pub(crate) fn context(mut self, what: impl fmt::Display) -> Self {
        self.0.message = format!("{what}: {}", self.0.message);
        self
    }

    pub(crate) fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the hint, which says what to do next. `None` if the error has no hint.
    pub(crate) fn next_step(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// Returns the stable name of the failure.
    pub(crate) fn stable_code(&self) -> &str {
        match (&self.0.code, &self.0.wrong_value) {
            (Some(code), _) => code,
            (None, Some(_)) => code::INVALID_VALUE,
            (None, None) => code::of_kind(self.0.kind, self.0.status),
        }
    }

    /// Returns the HTTP status that caused the failure. `None` if no status caused it.
    pub(crate) fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Returns the HTTP call that failed. `None` if the failure has another reason.
    pub(crate) fn failed_call(&self) -> Option<&FailedCall> {
        self.0.call.as_ref()
    }

    /// Returns the name of the plugin that the failure is about. `None` if it is about none.
    pub(crate) fn plugin(&self) -> Option<&str> {
        self.0.plugin.as_deref()
    }

    /// Returns the long explanation of a library. `None` if the error has none.
    pub(crate) fn long_detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// True if a plugin reported the failure. What `tw` prints then is part of the existing CLI's contract.
    pub(crate) fn is_from_plugin(&self) -> bool {
        self.0.is_from_plugin
    }

    /// True if a plugin couldn't reach the API. The existing CLI says so in a second message.
    pub(crate) fn is_connection(&self) -> bool {
        let kinds = [
            ErrorKind::Network,
            ErrorKind::Timeout,
            ErrorKind::OutcomeUnknown,
        ];
        self.0.is_from_plugin && kinds.contains(&self.0.kind)
    }

    /// Returns the value of the command line that a plugin can't parse. `None` if the failure has another reason.
    pub(crate) fn wrong_value(&self) -> Option<&WrongValue> {
        self.0.wrong_value.as_ref()
    }

    /// True if a plugin refuses the command line.
    pub(crate) fn is_usage_of_plugin(&self) -> bool {
        self.0.is_from_plugin && self.0.kind == ErrorKind::Usage && self.exit_code() == exit::USAGE
    }

    pub(crate) fn exit_code(&self) -> u8 {
        // A service finds some variables wrong in the middle of a run, and the code of a variable is the same at any time.
        let of_code = (self.stable_code() == code::INVALID_VARIABLE).then_some(exit::USAGE);
        exit::of_failure(self.0.kind, self.0.exit_code.or(of_code))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let source = self.0.source.as_deref()?;
        Some(source)
    }
}

impl From<ErrorMessage> for Error {
    fn from(message: ErrorMessage) -> Self {
        Self(Box::new(Fields {
            kind: message.kind,
            message: stdio::without_number(message.message),
            hint: message.hint,
            detail: None,
            source: None,
            exit_code: message.exit_code,
            status: message.status,
            code: message.code.filter(|code| code::is_valid(code)),
            call: None,
            warnings: message.warnings,
            wrong_value: message.argument,
            plugin: None,
            is_from_plugin: false,
        }))
    }
}

impl From<Error> for ErrorMessage {
    fn from(error: Error) -> Self {
        let fields = *error.0;
        Self {
            kind: fields.kind,
            message: fields.message,
            hint: fields.hint,
            exit_code: fields.exit_code,
            status: fields.status,
            code: fields.code,
            warnings: fields.warnings,
            argument: fields.wrong_value,
            ..Default::default()
        }
    }
}

/// Adds the operation that failed to the error of a result.
pub(crate) trait Context<T> {
    /// Puts `what` in front of the message: `WHAT: MESSAGE`.
    fn context<D: fmt::Display>(self, what: impl FnOnce() -> D) -> Result<T, Error>;
}

impl<T> Context<T> for Result<T, Error> {
    fn context<D: fmt::Display>(self, what: impl FnOnce() -> D) -> Result<T, Error> {
        self.map_err(|error| error.context(what()))
    }
}

fn use_newer_tw() -> String {
    format!("use a newer tw (this is {})", env!("CARGO_PKG_VERSION"))
}
