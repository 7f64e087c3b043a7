//! The smaller services' messages, in the order of the table of methods.

use crate::read::{kinds, read_fields};
use serde::{Deserialize, Serialize};

/// A message that says nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Empty {}

read_fields!(Empty {});

/// Whose token it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct User {
    /// The user's number.
    pub id: i64,
    /// The user's name.
    pub name: String,
    /// The user's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

read_fields!(User { id, name, email });

/// What the workspace option came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Workspace {
    /// The workspace's number; without it, the user's own workspace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// How it is shown: `user`, or `[Organization / Workspace]`.
    pub reference: String,
    /// The workspace's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The organisation's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<i64>,
    /// The organisation's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
}

read_fields!(Workspace {
    id,
    reference,
    name,
    organization_id,
    organization
});

/// The plugin's section of the configuration file.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ConfigSectionReply {
    /// Its keys and values; empty where there is no section.
    pub values: serde_json::Map<String, serde_json::Value>,
}

read_fields!(ConfigSectionReply { values });

/// Where an input comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case")]
#[non_exhaustive]
pub enum InputSource {
    /// Standard input.
    Stdin,
    /// A file.
    File {
        /// Its path, from where `tw` was started.
        #[serde(default)]
        path: String,
    },
    /// The body of the call.
    Body,
    /// A source that this reader doesn't know.
    #[default]
    #[serde(other)]
    Unknown,
}

/// Asks for bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InputRequest {
    /// Where from.
    pub source: InputSource,
    /// The most bytes that are taken; more are a failure. 0 is the host's own bound.
    pub max: u64,
    /// Whether they are secret.
    pub sensitive: bool,
}

/// Bytes came, as the body.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct InputReply {
    /// Whether they are UTF-8.
    pub utf8: bool,
}

read_fields!(InputReply { utf8 });

/// Asks for a document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DocumentRequest {
    /// Where from.
    pub source: InputSource,
    /// `dotenv`, `json`, `yaml` or `toml`; without it, by the file's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Whether its texts are secret.
    pub sensitive: bool,
}

/// Is there somebody?
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct InteractiveReply {
    /// Whether there is a terminal to ask on.
    pub interactive: bool,
}

read_fields!(InteractiveReply { interactive });

/// Asks for a line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TextPrompt {
    /// The question.
    pub message: String,
    /// What an empty answer means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

/// A line came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TextReply {
    /// The line, without its end.
    pub text: String,
}

read_fields!(TextReply { text });

/// Asks for a secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PasswordPrompt {
    /// The question.
    pub message: String,
    /// The question that asks for it once more; without it, it is asked once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub again: Option<String>,
}

/// Asks for yes or no.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConfirmPrompt {
    /// The question.
    pub message: String,
    /// What an empty answer means.
    pub default: bool,
}

/// Yes or no came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ConfirmReply {
    /// Whether it was a yes.
    pub yes: bool,
}

read_fields!(ConfirmReply { yes });

/// The head of a long result.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OutputHead {
    /// The view; its `rows` says where in the value the rows go.
    pub view: crate::TableView,
}

/// The beginning of a progress display.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProgressBegin {
    /// What is going on.
    pub label: String,
    /// How many steps there are; without it, nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// Names a progress display.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ProgressRef {
    /// Which.
    pub progress: u64,
}

read_fields!(ProgressRef { progress });

/// How far it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProgressState {
    /// Which.
    pub progress: u64,
    /// How many steps are done.
    pub done: u64,
    /// A new label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// A line of log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogLine {
    /// How much it matters.
    pub level: LogLevel,
    /// One line.
    pub message: String,
}

/// How much a line of log matters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogLevel {
    /// Something is wrong, and the work goes on: always shown.
    Warning,
    /// What is being done: shown under `--verbose`.
    #[default]
    Info,
    /// How it is being done: shown under `--verbose`.
    Debug,
    /// A level that this reader doesn't know; treated like info.
    Unknown,
}

kinds!(LogLevel {
    Warning "warning",
    Info "info",
    Debug "debug",
});

/// A moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Time {
    /// Milliseconds since 1970, UTC.
    pub unix_ms: i64,
    /// The same as ISO 8601, UTC, with milliseconds.
    pub iso: String,
}

read_fields!(Time { unix_ms, iso });

/// How long to wait.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sleep {
    /// Milliseconds.
    pub ms: u64,
}

/// Should the run stop?
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct CancelReply {
    /// Whether it should.
    pub cancelled: bool,
}

read_fields!(CancelReply { cancelled });
