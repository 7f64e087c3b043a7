//! The manifest: everything that the host must know about a plugin without loading it.

use serde::{Deserialize, Serialize};

use crate::read::{integer, list, lists, objects, or_default};

use crate::{Arg, argument::is_false};

/// The description of a plugin, generated from what the plugin registers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Manifest {
    /// The plugin's name: the name of its package without a leading `tw-plugin-`.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// The version, as defined by Semantic Versioning.
    #[serde(deserialize_with = "or_default")]
    pub version: String,
    /// The purpose of the plugin, in one line.
    #[serde(
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub description: String,
    /// The authors.
    #[serde(
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub vendor: String,
    /// The license, as an SPDX expression.
    #[serde(
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub license: String,
    /// The address of a page about the plugin.
    #[serde(
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub homepage: String,
    /// The number of the ABI that the plugin was built with.
    #[serde(deserialize_with = "integer")]
    pub abi: u32,
    /// The number of the protocol that the plugin was built with.
    #[serde(deserialize_with = "integer")]
    pub protocol: u32,
    /// The platform that the plugin was built for, as [`target`] names it.
    #[serde(deserialize_with = "or_default")]
    pub target: String,
    /// The [features](crate::Feature) without which no command of the plugin works. A host that lacks one doesn't use the
    /// plugin.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// The services of the host that the plugin uses and that need a permission. The host refuses calls to those that
    /// are not in the list.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    /// The commands and groups that the plugin adds.
    #[serde(deserialize_with = "list")]
    pub commands: Vec<Command>,
    /// The settings in the plugin's section of the configuration file. Each is declared as an option or a flag, and its name
    /// is its key.
    #[serde(deserialize_with = "objects", skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<Arg>,
}

/// A command, or a group of commands. It is a group if it has subcommands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Command {
    /// The name.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// The [features](crate::Feature) without which the command doesn't work. A host that lacks one shows the command in
    /// help, and doesn't run it.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
    /// Other names, which help shows.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// The line of help.
    #[serde(
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub about: String,
    /// A longer text, which only `--help` shows, below the line of help.
    #[serde(
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub details: String,
    /// The arguments.
    #[serde(deserialize_with = "objects", skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<Arg>,
    /// For a group: the arguments that every command below it has too.
    #[serde(deserialize_with = "objects", skip_serializing_if = "Vec::is_empty")]
    pub shared: Vec<Arg>,
    /// Sets of arguments, by name. A command line must have exactly one argument of each set.
    #[serde(deserialize_with = "lists", skip_serializing_if = "Vec::is_empty")]
    pub exactly_one_of: Vec<Vec<String>>,
    /// For a group: the commands and groups below it.
    // Not read as raw values, so that the parser limits the depth of nested groups.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub subcommands: Vec<Command>,
    /// Examples, which help shows.
    #[serde(deserialize_with = "objects", skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<Example>,
    /// True if help and completion leave the command out.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_false")]
    pub hidden: bool,
}

/// An example of a command line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Example {
    /// The complete command line, which begins with `tw`.
    #[serde(deserialize_with = "or_default")]
    pub command: String,
    /// What the command line does.
    #[serde(deserialize_with = "or_default")]
    pub about: String,
}

/// Returns the platform that this code was built for, such as `x86_64-linux` or `aarch64-macos`. On Linux, the name says
/// which C library the code needs if it is not glibc: `x86_64-linux-musl`. A process has one C library, and a library for
/// the other one doesn't run in it.
pub fn target() -> String {
    let libc = match cfg!(all(target_os = "linux", target_env = "musl")) {
        true => "-musl",
        false => "",
    };
    format!("{}-{}{libc}", std::env::consts::ARCH, std::env::consts::OS)
}
