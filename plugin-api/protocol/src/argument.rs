//! The declaration of an argument. Parsing, help and completion are derived from it.

use serde::{Deserialize, Serialize};

use crate::read::kinds;

/// An option, a flag or a positional argument.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Arg {
    /// The key of the value in [`Arguments`](crate::Arguments), and the name that other arguments refer to.
    pub name: String,
    /// The form on the command line.
    pub kind: ArgKind,
    /// The type of the value.
    pub value: ValueKind,
    /// The short name: `n` for `-n`. `None` if there is no short name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub short: Option<char>,
    /// The long name: `name` for `--name`. `None` if there is no long name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub long: Option<String>,
    /// Other long names, which help shows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// The placeholder for the value in help, without angle brackets. If it is empty, help shows the name in capitals.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub value_name: String,
    /// The line of help.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// A longer text, which only `--help` shows, after the line of help.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub details: String,
    /// True if a command line without the argument is refused.
    #[serde(skip_serializing_if = "is_false")]
    pub required: bool,
    /// True if the argument may be given several times. Its value is then a list.
    #[serde(skip_serializing_if = "is_false")]
    pub repeated: bool,
    /// For a repeated argument: the character that separates several values in one occurrence. `None` if each
    /// occurrence has one value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// For a positional argument: true if it takes the rest of the command line, options included.
    #[serde(skip_serializing_if = "is_false")]
    pub trailing: bool,
    /// The value if the argument is not given; several values for a repeated argument.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub default: Vec<String>,
    /// The environment variable that gives the value if the command line doesn't. An empty variable counts as unset.
    /// `None` if no variable does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
    /// The accepted values. If the list is empty, every value is accepted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub possible: Vec<PossibleValue>,
    /// True if the possible values are accepted in upper and lower case.
    #[serde(skip_serializing_if = "is_false")]
    pub ignore_case: bool,
    /// For an integer: the smallest accepted value. `None` if there is no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    /// For an integer: the largest accepted value. `None` if there is no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// The names of the arguments that can't be given together with this one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<String>,
    /// The names of the arguments that must be given together with this one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<String>,
    /// True if help and completion leave the argument out.
    #[serde(skip_serializing_if = "is_false")]
    pub hidden: bool,
    /// True if the value is a secret, which the host shows nowhere.
    #[serde(skip_serializing_if = "is_false")]
    pub sensitive: bool,
}

/// The form of an argument on the command line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArgKind {
    /// An option with a value: `--name VALUE`.
    #[default]
    Option,
    /// An option without a value: `--name`.
    Flag,
    /// A value without a name. A command line has the positional arguments in the order of the declarations.
    Positional,
    /// A kind that this reader doesn't know.
    Unknown,
}

kinds!(ArgKind {
    Option "option",
    Flag "flag",
    Positional "positional",
});

/// The type of an argument's value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueKind {
    /// A text.
    #[default]
    Text,
    /// A 64-bit integer, which may be negative.
    Integer,
    /// The path of a file. Completion offers files; otherwise it is a text.
    Path,
    /// A workspace, as a number or as `organization/workspace`. The method `workspace.resolve` looks it up.
    Workspace,
    /// A type that this reader doesn't know. It is treated as a text.
    Unknown,
}

kinds!(ValueKind {
    Text "text",
    Integer "integer",
    Path "path",
    Workspace "workspace",
});

/// An accepted value of an argument.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PossibleValue {
    /// The value.
    pub name: String,
    /// The line of help for the value.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub help: String,
}

pub(crate) fn is_false(value: &bool) -> bool {
    !value
}
