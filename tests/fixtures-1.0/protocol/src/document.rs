//! Parsed documents, with the line of each part. The host parses them, so that plugins contain no parser.

use serde::{Deserialize, Serialize};

use crate::read::{integer, kind, kinds, object, objects, or_default};

/// A parsed document.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Document {
    /// The format: `dotenv`, `json`, `yaml` or `toml`.
    #[serde(deserialize_with = "or_default")]
    pub format: String,
    /// The content.
    #[serde(deserialize_with = "object")]
    pub root: Node,
}

impl std::fmt::Debug for Document {
    /// Shows the format only, because the content can be a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document")
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}

/// A value and its line. It has no `Debug`, because the value can be a secret.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_debug_implementations)]
#[non_exhaustive]
pub struct Node {
    /// The line on which the value begins. The first line is 1.
    #[serde(deserialize_with = "integer")]
    pub line: u32,
    /// The value.
    #[serde(deserialize_with = "kind")]
    pub value: NodeValue,
}

impl Node {
    /// Creates a value that begins on this line.
    pub fn new(line: u32, value: NodeValue) -> Self {
        Self { line, value }
    }
}

/// The value of a node. It has no `Debug`, because the value can be a secret.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[allow(missing_debug_implementations)]
pub enum NodeValue {
    /// The value `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A number, as it is written in the document.
    Number(String),
    /// A text.
    Text(String),
    /// A list.
    List(#[serde(deserialize_with = "objects")] Vec<Node>),
    /// A map, in the order of the document. A key that the document repeats is repeated here.
    Map(#[serde(deserialize_with = "objects")] Vec<Entry>),
    /// A value that this reader doesn't know.
    #[serde(other)]
    Unknown,
}

/// A key of a map and its value. It has no `Debug`, because the value can be a secret.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_debug_implementations)]
#[non_exhaustive]
pub struct Entry {
    /// The key.
    #[serde(deserialize_with = "or_default")]
    pub key: String,
    /// The line of the key. The first line is 1.
    #[serde(deserialize_with = "integer")]
    pub line: u32,
    /// The value.
    #[serde(deserialize_with = "object")]
    pub value: Node,
}

impl Entry {
    /// Creates an entry whose key is on this line.
    pub fn new(key: impl Into<String>, line: u32, value: Node) -> Self {
        Self {
            key: key.into(),
            line,
            value,
        }
    }
}

kinds!(NodeValue);
