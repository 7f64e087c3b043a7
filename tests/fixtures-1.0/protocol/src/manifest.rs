//! What a plugin is: everything that the host must know without loading it.

use serde::{Deserialize, Serialize};

use crate::{Arg, argument::is_false};

/// A plugin's account of itself, generated from its own registration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Manifest {
    /// Its name: the package's, without a leading `tw-plugin-`.
    pub name: String,
    /// Its version, by semantic versioning.
    pub version: String,
    /// What it is for, in a line.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Who makes it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub vendor: String,
    /// Its licence, an SPDX expression.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub license: String,
    /// Where to read more.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub homepage: String,
    /// The number of the ABI it was built with.
    pub abi: u32,
    /// The number of the protocol it speaks.
    pub protocol: u32,
    /// What it was built for: `x86_64-linux`.
    pub target: String,
    /// The services of the host that it calls; a call of another is refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    /// The groups and commands that it adds at the top.
    pub commands: Vec<Command>,
}

/// A command, or a group of commands: it is a group when it has subcommands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Command {
    /// Its name.
    pub name: String,
    /// More names that mean the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// One line of help.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// More of it, for `--help`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub details: String,
    /// Its arguments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<Arg>,
    /// Of a group: the arguments that each command below it has too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shared: Vec<Arg>,
    /// Sets of arguments, by name, of which exactly one must be given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exactly_one_of: Vec<Vec<String>>,
    /// Of a group: what stands below it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subcommands: Vec<Command>,
    /// Command lines that work.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<Example>,
    /// Whether help and completion leave it out.
    #[serde(skip_serializing_if = "is_false")]
    pub hidden: bool,
}

/// A command line that works, with a word on what it does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Example {
    /// The whole command line, from `tw` on.
    pub command: String,
    /// What it does.
    pub about: String,
}
