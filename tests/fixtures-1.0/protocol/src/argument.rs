//! The declaration of an argument. Parsing, help and completion are derived from it.

use serde::{Deserialize, Serialize};

use crate::read::{kind, kinds, list, objects, or_default, text};

/// An option, a flag or a positional argument.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Arg {
    /// The key of the value in [`Arguments`](crate::Arguments), and the name that other arguments refer to.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// The form on the command line.
    #[serde(deserialize_with = "kind")]
    pub kind: ArgKind,
    /// The type of the value.
    #[serde(deserialize_with = "kind")]
    pub value: ValueKind,
    /// The short name: `n` for `-n`. `None` if there is no short name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub short: Option<char>,
    /// The long name: `name` for `--name`. `None` if there is no long name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub long: Option<String>,
    /// Other long names, which help shows.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// The placeholder for the value in help, without angle brackets. If it is empty, help shows the name in capitals.
    #[serde(
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub value_name: String,
    /// The line of help.
    #[serde(
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub help: String,
    /// A longer text, which only `--help` shows, after the line of help.
    #[serde(
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub details: String,
    /// True if a command line without the argument is refused.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_false")]
    pub required: bool,
    /// True if the argument may be given several times. Its value is then a list.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_false")]
    pub repeated: bool,
    /// For a repeated argument: the character that separates several values in one occurrence. `None` if each
    /// occurrence has one value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// For a positional argument: true if it takes the rest of the command line, options included.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_false")]
    pub trailing: bool,
    /// The value if the argument is not given; several values for a repeated argument.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub default: Vec<String>,
    /// The environment variable that gives the value if the command line doesn't. An empty variable counts as unset.
    /// `None` if no variable does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
    /// The accepted values. If the list is empty, every value is accepted.
    #[serde(deserialize_with = "objects", skip_serializing_if = "Vec::is_empty")]
    pub possible: Vec<PossibleValue>,
    /// True if the possible values are accepted in upper and lower case.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_false")]
    pub ignore_case: bool,
    /// The smallest accepted value, as a user types it: `1`, `0.5`, `1m`, `10MiB`. Only for integers, numbers with a
    /// fraction, durations and sizes. Empty if there is no limit.
    #[serde(deserialize_with = "text", skip_serializing_if = "String::is_empty")]
    pub min: String,
    /// The largest accepted value, as a user types it. Empty if there is no limit.
    #[serde(deserialize_with = "text", skip_serializing_if = "String::is_empty")]
    pub max: String,
    /// The names of the arguments that can't be given together with this one.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<String>,
    /// The names of the arguments that must be given together with this one.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<String>,
    /// True if help and completion leave the argument out.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_false")]
    pub hidden: bool,
    /// True if the value is a secret, which the host shows nowhere.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_false")]
    pub sensitive: bool,
    /// The name of the plugin's [setting](crate::Manifest::settings) that gives the value if neither the command line nor
    /// the environment does. It takes precedence over the default. Empty if there is no such setting.
    #[serde(
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub setting: String,
    /// True if the plugin completes values of the argument: the host then calls `complete`.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_false")]
    pub completes: bool,
}

/// The form of an argument on the command line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ArgKind {
    /// An option with a value: `--name VALUE`.
    #[default]
    Option,
    /// An option without a value: `--name`.
    Flag,
    /// A value without a name. A command line has the positional arguments in the order of the declarations.
    Positional,
    /// A kind that this reader doesn't know. A host that can't parse an argument doesn't run its command.
    #[serde(other)]
    Unknown,
}

/// The type of an argument's value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ValueKind {
    /// A text.
    #[default]
    Text,
    /// A 64-bit integer, which may be negative.
    Integer,
    /// A number with a fraction: a finite double.
    Float,
    /// The path of a file or a folder, which may not be UTF-8. Completion offers both.
    Path,
    /// As [`Path`](Self::Path), for which completion offers only files and the folders that lead to them.
    File,
    /// As [`Path`](Self::Path), for which completion offers only folders.
    Folder,
    /// A text of the operating system, such as a name of a user or an argument for another program. It may not be UTF-8.
    OsText,
    /// True or false, typed as `true` or `false`. The value is a JSON boolean.
    Boolean,
    /// A duration, typed as `90d`, `1h30m` or `500ms`. The value is the whole number of milliseconds.
    Duration,
    /// A size, typed as `10MiB`, `1.5GB` or `4096`. The value is the number of bytes.
    Size,
    /// A point in time, typed as an RFC 3339 time, as a date (its midnight in UTC), or as a duration, which is that long
    /// ago. The value is the number of milliseconds since 1970-01-01 UTC.
    Time,
    /// The path of a file, which may not be UTF-8, or `-` for standard input. Completion offers files.
    Source,
    /// A workspace, as a number or as `organization/workspace`. The method `workspace.resolve` looks it up.
    Workspace,
    /// A type that this reader doesn't know. It is treated as a text.
    #[serde(other)]
    Unknown,
}

/// An accepted value of an argument.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PossibleValue {
    /// The value.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// Other texts for the value, which help doesn't show. The command gets the name.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// The line of help for the value.
    #[serde(
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub help: String,
}

impl PossibleValue {
    /// Creates an accepted value with its line of help.
    pub fn new(name: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            help: help.into(),
            ..Self::default()
        }
    }
}

pub(crate) fn is_false(value: &bool) -> bool {
    !value
}

kinds!(ArgKind ValueKind);
