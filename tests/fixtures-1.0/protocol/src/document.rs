//! A parsed document with the lines its parts stand on, so that no plugin carries a parser.

use serde::{Deserialize, Serialize};

/// A document.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Document {
    /// `dotenv`, `json`, `yaml` or `toml`.
    pub format: String,
    /// What stands in it.
    pub root: Node,
}

impl std::fmt::Debug for Document {
    /// The format only: what stands in a document can be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document")
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}

/// A value and its line. No `Debug`: it can be a secret.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_debug_implementations)]
pub struct Node {
    /// The line on which it begins, from 1.
    pub line: u32,
    /// The value.
    pub value: NodeValue,
}

/// The value of a node. No `Debug`: it can be a secret.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
#[non_exhaustive]
#[allow(missing_debug_implementations)]
pub enum NodeValue {
    /// Nothing.
    #[default]
    Null,
    /// True or false.
    Boolean(bool),
    /// A number, as it is written.
    Number(String),
    /// Text.
    Text(String),
    /// One after the other.
    List(Vec<Node>),
    /// By name, in the document's order, duplicates kept.
    Map(Vec<Entry>),
    /// A value that this reader doesn't know.
    #[serde(other)]
    Unknown,
}

/// A name and its value. No `Debug`: the value can be a secret.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_debug_implementations)]
pub struct Entry {
    /// The name.
    pub key: String,
    /// The line on which the name stands, from 1.
    pub line: u32,
    /// The value.
    pub value: Node,
}
