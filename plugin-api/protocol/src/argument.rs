//! An argument of a command, stated once: parsing, help and completion all come from it.

use serde::{Deserialize, Serialize};

use crate::read::kinds;

/// An option, a flag or a positional.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Arg {
    /// Its name: the key of its value in [`Arguments`](crate::Arguments), and what other arguments call it.
    pub name: String,
    /// How it stands on the command line.
    pub kind: ArgKind,
    /// What its value is.
    pub value: ValueKind,
    /// The letter of `-n`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub short: Option<char>,
    /// The word of `--name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub long: Option<String>,
    /// More words that mean the same; shown in help.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// What help calls the value, without the angle brackets; empty is the name in capitals.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub value_name: String,
    /// One line of help.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// More of it, for `--help`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub details: String,
    /// Whether there is no way without it.
    #[serde(skip_serializing_if = "is_false")]
    pub required: bool,
    /// Whether it may come several times; the value is then a list.
    #[serde(skip_serializing_if = "is_false")]
    pub repeated: bool,
    /// For a repeated one: what also separates the values of a single occurrence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// For a positional: takes all that follows, options too.
    #[serde(skip_serializing_if = "is_false")]
    pub trailing: bool,
    /// The value when nothing gives one; several for a repeated one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub default: Vec<String>,
    /// The environment variable that gives the value when the command line doesn't. Empty counts as unset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
    /// The only values that are taken; empty is any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub possible: Vec<PossibleValue>,
    /// Whether the possible values are taken in any case.
    #[serde(skip_serializing_if = "is_false")]
    pub ignore_case: bool,
    /// For an integer: the least that is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    /// For an integer: the most that is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// Names of arguments that it can't stand beside.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<String>,
    /// Names of arguments that it can't stand without.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<String>,
    /// Whether help and completion leave it out.
    #[serde(skip_serializing_if = "is_false")]
    pub hidden: bool,
    /// Whether its value is a secret: shown nowhere, redacted everywhere.
    #[serde(skip_serializing_if = "is_false")]
    pub sensitive: bool,
}

/// How an argument stands on the command line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArgKind {
    /// `--name VALUE`.
    #[default]
    Option,
    /// `--name`, with no value.
    Flag,
    /// By its place, in the order in which a command lists them.
    Positional,
    /// A kind that this reader doesn't know.
    Unknown,
}

kinds!(ArgKind {
    Option "option",
    Flag "flag",
    Positional "positional",
});

/// What an argument's value is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueKind {
    /// Text as it stands.
    #[default]
    Text,
    /// A 64-bit integer, negative too.
    Integer,
    /// A path of a file; only completion treats it differently from text.
    Path,
    /// A workspace, which `workspace.resolve` then looks up: a number, or `organization/workspace`.
    Workspace,
    /// A kind that this reader doesn't know; it is taken as text.
    Unknown,
}

kinds!(ValueKind {
    Text "text",
    Integer "integer",
    Path "path",
    Workspace "workspace",
});

/// One of the values that an argument takes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PossibleValue {
    /// The value.
    pub name: String,
    /// What it means.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub help: String,
}

pub(crate) fn is_false(value: &bool) -> bool {
    !value
}
