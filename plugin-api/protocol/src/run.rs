//! The two calls of the host: `describe` and `run`.

use serde::{Deserialize, Serialize};

use crate::read::kinds;
use zeroize::Zeroize;

use crate::{ByName, View, read::read_fields};

/// The request for a plugin's manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DescribeRequest {
    /// The number of the host's protocol.
    pub protocol: u32,
    /// The version of the host, for messages only.
    pub host_version: String,
}

read_fields!(DescribeRequest {
    protocol,
    host_version
});

/// The request to run a command.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RunRequest {
    /// The number of the host's protocol.
    pub protocol: u32,
    /// The version of the host, for messages only.
    pub host_version: String,
    /// The names that lead to the command, from the outermost group down. The host has replaced aliases with names.
    pub command: Vec<String>,
    /// The values of the arguments. An argument that was not given and has no default is missing.
    pub arguments: Arguments,
    /// The source of each value.
    pub sources: ByName<ValueSource>,
    /// The address of the API, without a slash at the end.
    pub endpoint: String,
    /// The output format: `console`, `json`, or another that a newer host knows. The value of a result is the same in
    /// all formats.
    pub format: String,
    /// True if standard output is a terminal.
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

/// Values by the name of the argument. They are wiped from memory when they are dropped, and `Debug` shows only the
/// names.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Arguments(pub ByName<ArgValue>);

impl Arguments {
    /// Removes the value of this argument and returns it. Returns `None` if the argument has no value.
    pub fn take(&mut self, name: &str) -> Option<ArgValue> {
        self.0.take(name)
    }

    fn wipe(&mut self) {
        self.0.values_mut().for_each(ArgValue::wipe);
    }
}

impl std::fmt::Debug for Arguments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.names()).finish()
    }
}

impl Drop for Arguments {
    fn drop(&mut self) {
        self.wipe();
    }
}

/// The value of an argument. It has no `Debug`, because the value can be a secret.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[allow(missing_debug_implementations)]
pub enum ArgValue {
    /// The value of a flag.
    Flag(bool),
    /// The value of an argument of the type [`ValueKind::Integer`](crate::ValueKind::Integer).
    Integer(i64),
    /// The value of all other arguments.
    Text(String),
    /// The values of a repeated argument.
    List(Vec<ArgValue>),
}

// Reads the variant from the type of the JSON value. serde's code for an untagged enum, which tries all variants in
// turn, is large in every plugin.
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
            .map_err(|_| E::custom("the integer doesn't fit into 64 bits"))
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

/// The source of a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueSource {
    /// The value was typed on the command line.
    #[default]
    CommandLine,
    /// The value comes from an environment variable.
    Environment,
    /// The value is the default.
    Default,
    /// A source that this reader doesn't know.
    Unknown,
}

kinds!(ValueSource {
    CommandLine "command_line",
    Environment "environment",
    Default "default",
});

/// The result of a command that succeeded. The value itself is the body of the reply.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Outcome {
    /// The view of the value. `None` if the command has no result, or sent it with `output.begin`, `output.rows` and
    /// `output.end`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub view: Option<View>,
    /// The exit code of the process: 0, or 3 to 125 as the plugin defines them.
    pub exit_code: u8,
    /// Problems. The host prints each as one line on standard error.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// The failure of a command that has a result too. The host prints the result, then the failure, and exits with the
    /// failure's code. `None` if the command did all of its work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<crate::ErrorMessage>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wiping_arguments_empties_their_texts() {
        let text = || ArgValue::Text("s3cret".to_owned());
        let values = [
            ("one", text()),
            ("many", ArgValue::List(vec![text(), ArgValue::Flag(true)])),
            ("number", ArgValue::Integer(7)),
        ];
        let named = values.map(|(name, value)| (name.to_owned(), value));
        let mut arguments = Arguments(named.into_iter().collect());
        arguments.wipe();
        let empty = || ArgValue::Text(String::new());
        let many = ArgValue::List(vec![empty(), ArgValue::Flag(true)]);
        assert!(arguments.take("one") == Some(empty()));
        assert!(arguments.take("many") == Some(many));
        assert!(arguments.take("number") == Some(ArgValue::Integer(7)));
    }
}
