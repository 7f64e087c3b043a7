//! The messages of the smaller services, in the order of the table of methods.

use serde::{Deserialize, Serialize};

use crate::argument::is_false;
use crate::read::{integer, kind, kinds, object, objects, or_default};
use crate::{Arg, Arguments, OsText};

/// A message without fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Empty {}

/// A user of the Platform.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct User {
    /// The numeric identifier.
    #[serde(deserialize_with = "integer")]
    pub id: i64,
    /// The user name.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// The email address. `None` if the Platform doesn't know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// A workspace of an organization, or the user's personal workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Workspace {
    /// The numeric identifier. `None` for the user's personal workspace.
    #[serde(deserialize_with = "integer", skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// The name of the workspace in messages: `user` or `[Organization / Workspace]`.
    #[serde(deserialize_with = "or_default")]
    pub reference: String,
    /// The name. `None` for the user's personal workspace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The numeric identifier of the organization. `None` for the user's personal workspace.
    #[serde(deserialize_with = "integer", skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<i64>,
    /// The name of the organization. `None` for the user's personal workspace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
}

/// The request for a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct WorkspaceRequest {
    /// The workspace, as a number or as `organization/workspace`. `None` means the value of the workspace option of
    /// the command line, or for the user's personal workspace if the option is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// The workspaces that the user can work in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct WorkspaceListReply {
    /// The workspaces, in the order of the API.
    #[serde(deserialize_with = "objects")]
    pub workspaces: Vec<Workspace>,
}

/// The request for the plugin's settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ConfigSectionRequest {
    /// The declarations of the settings, as in the [`Manifest`](crate::Manifest).
    #[serde(deserialize_with = "objects")]
    pub settings: Vec<Arg>,
}

/// The plugin's settings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ConfigSectionReply {
    /// The values by name. A setting that isn't in the file and has no default is missing.
    #[serde(deserialize_with = "or_default")]
    pub values: Arguments,
}

/// A source of input.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "from", rename_all = "snake_case")]
#[non_exhaustive]
pub enum InputSource {
    /// Standard input.
    Stdin,
    /// A file.
    File {
        /// The path. A relative path starts at the folder in which `tw` was started.
        #[serde(default, deserialize_with = "or_default")]
        path: OsText,
    },
    /// The body of the call.
    Body,
    /// A source that this reader doesn't know.
    #[default]
    #[serde(other)]
    Unknown,
}

/// The request for the content of a source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct InputRequest {
    /// The source.
    #[serde(deserialize_with = "kind")]
    pub source: InputSource,
    /// The largest accepted size in bytes. 0 means the host's own limit.
    #[serde(deserialize_with = "integer")]
    pub max: u64,
    /// True if the content is a secret.
    #[serde(deserialize_with = "or_default")]
    pub sensitive: bool,
}

/// The reply with the content of a source, which is its body.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct InputReply {
    /// True if the content is UTF-8.
    #[serde(deserialize_with = "or_default")]
    pub utf8: bool,
}

/// The request to parse a document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct DocumentRequest {
    /// The source.
    #[serde(deserialize_with = "kind")]
    pub source: InputSource,
    /// The format: `dotenv`, `json`, `yaml` or `toml`. `None` derives it from the name of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// True if the values in the document are secrets.
    #[serde(deserialize_with = "or_default")]
    pub sensitive: bool,
}

/// The request to start a long result.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct OutputHead {
    /// True if the host may show rows before the run has ended. Rows that it has shown stay if the run then fails.
    /// Otherwise, the host shows rows only if the run succeeds.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_false")]
    pub stream: bool,
    /// The view. Its field `rows` says where in the value the rows are added.
    #[serde(deserialize_with = "object")]
    pub view: crate::TableView,
}

/// The request to show a progress display.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ProgressBegin {
    /// The text beside the display.
    #[serde(deserialize_with = "or_default")]
    pub label: String,
    /// The number of steps. `None` if it is not known.
    #[serde(deserialize_with = "integer", skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

/// A reference to a progress display.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ProgressRef {
    /// The number of the display.
    #[serde(deserialize_with = "integer")]
    pub progress: u64,
}

/// The request to change a progress display.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ProgressState {
    /// The number of the display.
    #[serde(deserialize_with = "integer")]
    pub progress: u64,
    /// The number of completed steps.
    #[serde(deserialize_with = "integer")]
    pub done: u64,
    /// The new text beside the display. `None` keeps the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// A line for the log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct LogLine {
    /// The level.
    #[serde(deserialize_with = "kind")]
    pub level: LogLevel,
    /// The line.
    #[serde(deserialize_with = "or_default")]
    pub message: String,
}

/// The level of a line in the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LogLevel {
    /// Something is wrong, and the command continues. The host always shows the line.
    Warning,
    /// What the command is doing. The host shows the line under `--verbose`.
    #[default]
    Info,
    /// A detail of how the command does it. The host shows the line under `--verbose`.
    Debug,
    /// A level that this reader doesn't know. The host shows the line as a [`Warning`](Self::Warning).
    #[serde(other)]
    Unknown,
}

/// The request to read a time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ParseTime {
    /// An RFC 3339 time, a date (its midnight in UTC), or an age such as `2d`, which is that long ago.
    #[serde(deserialize_with = "or_default")]
    pub text: String,
}

/// The request to describe a time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct FormatTime {
    /// Milliseconds since 1970-01-01 UTC.
    #[serde(deserialize_with = "integer")]
    pub unix_ms: i64,
}

/// A point in time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Time {
    /// Milliseconds since 1970-01-01 UTC.
    #[serde(deserialize_with = "integer")]
    pub unix_ms: i64,
    /// The point in time in ISO 8601, in UTC and with milliseconds.
    #[serde(deserialize_with = "or_default")]
    pub iso: String,
    /// The point in time as results show it to people, in UTC: `Wed, 5 Oct 2022 12:42:21 GMT`.
    #[serde(
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub display: String,
    /// The distance from the current time, in its largest unit: `3 days ago`, `in 2 hours`, `now`.
    #[serde(
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub relative: String,
}

/// The request to wait.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Sleep {
    /// The time in milliseconds.
    #[serde(deserialize_with = "integer")]
    pub ms: u64,
}

/// The reply that says whether the run is canceled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct CancelReply {
    /// True if the user has pressed Ctrl-C.
    #[serde(deserialize_with = "or_default")]
    pub cancelled: bool,
}

kinds!(InputSource LogLevel);
