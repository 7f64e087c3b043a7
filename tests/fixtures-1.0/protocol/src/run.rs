//! The calls of the host: `describe`, `run` and `complete`.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use zeroize::Zeroize;

use crate::{
    Bytes, ErrorMessage, View,
    read::{
        exit_code, failure, integer, kind_by_name, kinds, list, object, objects, or_default, texts,
    },
};

/// The request for a plugin's manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DescribeRequest {
    /// The number of the host's protocol.
    #[serde(deserialize_with = "integer")]
    pub protocol: u32,
    /// The version of the host, for messages only.
    #[serde(deserialize_with = "or_default")]
    pub host_version: String,
    /// The names of the [features](crate::Feature) that the host has.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
}

/// The request to run a command.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RunRequest {
    /// The number of the host's protocol.
    #[serde(deserialize_with = "integer")]
    pub protocol: u32,
    /// The version of the host, for messages only.
    #[serde(deserialize_with = "or_default")]
    pub host_version: String,
    /// The names of the [features](crate::Feature) that the host has.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// The names that lead to the command, from the outermost group down. The host has replaced aliases with names.
    #[serde(deserialize_with = "list")]
    pub command: Vec<String>,
    /// The values of the arguments. An argument that was not given and has no default is missing.
    #[serde(deserialize_with = "or_default")]
    pub arguments: Arguments,
    /// The source of each value.
    #[serde(deserialize_with = "kind_by_name")]
    pub sources: BTreeMap<String, ValueSource>,
    /// The address of the API, without a slash at the end.
    #[serde(deserialize_with = "or_default")]
    pub endpoint: String,
    /// The output format: `console`, `json`, `jsonl`, `csv`, `tsv`, or another that a newer host knows. The value of a result is the same in
    /// all formats.
    #[serde(deserialize_with = "or_default")]
    pub format: String,
    /// True if standard output is a terminal.
    #[serde(deserialize_with = "or_default")]
    pub terminal: bool,
}

/// Values by the name of the argument. They are wiped from memory when they are dropped, and `Debug` shows only the
/// names.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Arguments(#[serde(deserialize_with = "kind_by_name")] pub BTreeMap<String, ArgValue>);

impl Arguments {
    /// Removes the value of this argument and returns it. Returns `None` if the argument has no value.
    pub fn take(&mut self, name: &str) -> Option<ArgValue> {
        self.0.remove(name)
    }

    fn wipe(&mut self) {
        self.0.values_mut().for_each(ArgValue::wipe);
    }
}

impl std::fmt::Debug for Arguments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Drop for Arguments {
    fn drop(&mut self) {
        self.wipe();
    }
}

/// The value of an argument. It has no `Debug`, because the value can be a secret.
#[derive(Clone, Default, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
#[allow(missing_debug_implementations)]
pub enum ArgValue {
    /// The value of an argument of every type that has no variant of its own.
    Text(String),
    /// The value of a flag, or of an argument of the type [`ValueKind::Boolean`](crate::ValueKind::Boolean).
    Flag(bool),
    /// The value of an argument of the type [`ValueKind::Integer`](crate::ValueKind::Integer). Also that of a duration and
    /// of a time, in milliseconds, and of a size, in bytes.
    Integer(i64),
    /// The value of an argument of the type [`ValueKind::Float`](crate::ValueKind::Float).
    Float(f64),
    /// A path or a text of the operating system that is not UTF-8. One that is UTF-8 is a [`Text`](Self::Text).
    Bytes(Bytes),
    /// The values of a repeated argument.
    List(Vec<ArgValue>),
    /// A value that this reader doesn't know.
    #[default]
    Unknown,
}

kinds!(ArgValue ValueSource);

// The reader that serde derives for an untagged enum can't read numbers if another crate in the plugin enables
// serde_json's feature `arbitrary_precision`.
impl<'de> Deserialize<'de> for ArgValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Values(#[serde(deserialize_with = "list")] Vec<ArgValue>);
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        let value = match raw.as_bytes() {
            [b'"', ..] => serde_json::from_str(raw).map(Self::Text),
            [b't' | b'f', ..] => serde_json::from_str(raw).map(Self::Flag),
            [b'[', ..] => serde_json::from_str(raw).map(|Values(values)| Self::List(values)),
            [b'{', ..] => serde_json::from_str(raw).map(Self::Bytes),
            _ => serde_json::from_str(raw)
                .map(Self::Integer)
                .or_else(|_| serde_json::from_str(raw).map(Self::Float)),
        };
        Ok(value.unwrap_or_default())
    }
}

impl ArgValue {
    fn wipe(&mut self) {
        match self {
            Self::Text(text) => text.zeroize(),
            Self::Bytes(text) => text.bytes.zeroize(),
            Self::List(values) => values.iter_mut().for_each(Self::wipe),
            Self::Flag(_) | Self::Integer(_) | Self::Float(_) | Self::Unknown => {}
        }
    }
}

/// The source of a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ValueSource {
    /// The value was typed on the command line.
    #[default]
    CommandLine,
    /// The value comes from an environment variable.
    Environment,
    /// The value is that of a setting in the configuration file.
    Configuration,
    /// The value is the default.
    Default,
    /// A source that this reader doesn't know.
    #[serde(other)]
    Unknown,
}

/// The request to complete a value.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CompleteRequest {
    /// The command line so far. Its arguments are those before the value that is completed. A required argument may be
    /// missing, and secret ones are left out.
    #[serde(deserialize_with = "object")]
    pub run: RunRequest,
    /// The name of the argument whose value is completed.
    #[serde(deserialize_with = "or_default")]
    pub argument: String,
    /// The part of the value that was typed. It can be empty.
    #[serde(deserialize_with = "or_default")]
    pub word: String,
}

/// The values that complete a word. The host leaves out those that don't begin with the word.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CompleteReply {
    /// The values, in the order in which a user sees them.
    #[serde(deserialize_with = "objects")]
    pub values: Vec<Candidate>,
}

/// A value that completes a word.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Candidate {
    /// The whole value.
    #[serde(deserialize_with = "or_default")]
    pub value: String,
    /// A line that describes the value. Not every shell shows it.
    #[serde(
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub help: String,
}

/// The result of a command that succeeded. The value itself is the body of the reply.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Outcome {
    /// The view of the value. `None` if the command has no result, or sent it with `output.begin`, `output.rows` and
    /// `output.end`, or with `output.write`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub view: Option<View>,
    /// The exit code of the process: 0, or 3 to 125 as the plugin defines them.
    #[serde(deserialize_with = "exit_code")]
    pub exit_code: u8,
    /// Problems. The host prints each as one line on standard error.
    #[serde(deserialize_with = "texts", skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Notes, which are no problems. The host prints each as one line on standard error.
    #[serde(deserialize_with = "texts", skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The failure of a command that has a result too. The host prints the result, then the failure, and exits with the
    /// failure's code. `None` if the command did all of its work.
    #[serde(deserialize_with = "failure", skip_serializing_if = "Option::is_none")]
    pub failure: Option<ErrorMessage>,
}
