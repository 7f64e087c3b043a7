//! The host's two calls: describe yourself, run this.

use serde::{Deserialize, Serialize};

use crate::read::kinds;
use zeroize::Zeroize;

use crate::{ByName, View, read::read_fields};

/// What the host says when it asks a plugin for its manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DescribeRequest {
    /// The protocol that the host speaks.
    pub protocol: u32,
    /// The host's version, for messages only.
    pub host_version: String,
}

read_fields!(DescribeRequest {
    protocol,
    host_version
});

/// What the host says when a command is to run.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RunRequest {
    /// The protocol that the host speaks.
    pub protocol: u32,
    /// The host's version, for messages only.
    pub host_version: String,
    /// The command's names, from the group down; aliases are resolved.
    pub command: Vec<String>,
    /// The values of its arguments; what was not given and has no default is absent.
    pub arguments: Arguments,
    /// Where each value came from.
    pub sources: ByName<ValueSource>,
    /// The address of the API, without a closing slash.
    pub endpoint: String,
    /// The format in which the result will be shown, `console` or `json` or one that came later. The data is the same in all.
    pub format: String,
    /// Whether the result goes to a terminal.
    pub terminal: bool,
}

read_fields!(RunRequest {
    protocol,
    host_version,
    command,
    arguments,
    sources,
    endpoint,
    format,
    terminal
});

/// Values by the name of the argument. Wiped from memory when dropped, and without a `Debug` that shows them.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Arguments(pub ByName<ArgValue>);

impl Arguments {
    /// Takes the value of this argument out.
    pub fn take(&mut self, name: &str) -> Option<ArgValue> {
        self.0.take(name)
    }
}

impl std::fmt::Debug for Arguments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.names()).finish()
    }
}

impl Drop for Arguments {
    fn drop(&mut self) {
        self.0.values_mut().for_each(ArgValue::wipe);
    }
}

/// The value of an argument. No `Debug`: it can be a secret.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[allow(missing_debug_implementations)]
pub enum ArgValue {
    /// Of a flag.
    Flag(bool),
    /// Of an integer.
    Integer(i64),
    /// Of all else.
    Text(String),
    /// Of a repeated one.
    List(Vec<ArgValue>),
}

/// By hand: each kind is one of JSON's own, and what serde writes to try them in turn is large in every plugin.
impl<'de> Deserialize<'de> for ArgValue {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ArgVisitor)
    }
}

struct ArgVisitor;

impl<'de> serde::de::Visitor<'de> for ArgVisitor {
    type Value = ArgValue;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the value of an argument")
    }

    fn visit_bool<E>(self, yes: bool) -> Result<ArgValue, E> {
        Ok(ArgValue::Flag(yes))
    }

    fn visit_i64<E>(self, number: i64) -> Result<ArgValue, E> {
        Ok(ArgValue::Integer(number))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<ArgValue, E> {
        i64::try_from(number)
            .map(ArgValue::Integer)
            .map_err(|_| E::custom("an integer of an argument has 64 bits and a sign"))
    }

    fn visit_str<E>(self, text: &str) -> Result<ArgValue, E> {
        Ok(ArgValue::Text(text.to_owned()))
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut values: A) -> Result<ArgValue, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = values.next_element()? {
            list.push(value);
        }
        Ok(ArgValue::List(list))
    }
}

impl ArgValue {
    fn wipe(&mut self) {
        match self {
            Self::Text(text) => text.zeroize(),
            Self::List(values) => values.iter_mut().for_each(Self::wipe),
            Self::Flag(_) | Self::Integer(_) => {}
        }
    }
}

/// Where a value came from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueSource {
    /// It was typed.
    #[default]
    CommandLine,
    /// Out of the environment.
    Environment,
    /// Nobody gave one.
    Default,
    /// From a source that this reader doesn't know.
    Unknown,
}

kinds!(ValueSource {
    CommandLine "command_line",
    Environment "environment",
    Default "default",
});

/// What a command that succeeded leaves: how to show the value, which is the reply's body, and how to end.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Outcome {
    /// How people read the value. Without it, there is nothing to show, or it went through `output`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub view: Option<View>,
    /// How the process ends: 0, or 3 to 125 as the plugin defines them.
    pub exit_code: u8,
    /// Things that went wrong beside the result: each one line on standard error.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// The failure of a command that has a result all the same: it is told when the result has been shown, and how the process ends is its.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<crate::ErrorMessage>,
}
