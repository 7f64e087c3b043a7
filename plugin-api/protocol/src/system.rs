//! The messages about the terminal, the folders of a plugin, and other programs.

use serde::{Deserialize, Serialize};

use crate::OsText;
use crate::read::{integer, list, objects, or_default};

/// The terminal that shows the result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct TerminalReply {
    /// True if standard output is a terminal.
    #[serde(deserialize_with = "or_default")]
    pub terminal: bool,
    /// The number of columns. `None` if there is no terminal, or if its size is not known.
    #[serde(deserialize_with = "integer", skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// The number of rows. `None` if there is no terminal, or if its size is not known.
    #[serde(deserialize_with = "integer", skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// True if the host colors results. That is false if `NO_COLOR` is set.
    #[serde(deserialize_with = "or_default")]
    pub colors: bool,
}

/// The folders of a plugin. Each exists, and only the user can enter it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct FolderListReply {
    /// The absolute path of the folder for data that the user would miss.
    #[serde(deserialize_with = "or_default")]
    pub data: OsText,
    /// The absolute path of the folder for data that can be made again. Anybody may empty it at any time.
    #[serde(deserialize_with = "or_default")]
    pub cache: OsText,
    /// The absolute path of the folder for data that can be lost without harm, such as a history.
    #[serde(deserialize_with = "or_default")]
    pub state: OsText,
}

/// The request to show a page in the user's browser.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct OpenRequest {
    /// The address of the page, which begins with `https://` or `http://`.
    #[serde(deserialize_with = "or_default")]
    pub url: String,
}

/// The request to run a program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ProcessRequest {
    /// The name of the program, which is searched on `PATH`, or its path.
    #[serde(deserialize_with = "or_default")]
    pub program: OsText,
    /// The arguments.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<OsText>,
    /// The working directory. `None` means that of `tw`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<OsText>,
    /// Environment variables, beside those of `tw`.
    #[serde(deserialize_with = "objects", skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<Variable>,
}

/// An environment variable.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Variable {
    /// The name.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// The value.
    #[serde(deserialize_with = "or_default")]
    pub value: OsText,
}

/// The reply after a program has ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ProcessReply {
    /// The exit code. `None` if a signal ended the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<i32>,
}
