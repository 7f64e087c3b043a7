//! A parsed document with the lines its parts stand on, so that no plugin carries a parser.

use crate::read::read_fields;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A document.
#[derive(Clone, Default, PartialEq, Serialize)]
pub struct Document {
    /// `dotenv`, `json`, `yaml` or `toml`.
    pub format: String,
    /// What stands in it.
    pub root: Node,
}

read_fields!(Document { format, root });

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
#[derive(Clone, Default, PartialEq, Serialize)]
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
    Unknown,
}

/// By hand, over a JSON value: what serde writes for a tag beside its content is 60 KB in every plugin that reads documents.
impl<'de> Deserialize<'de> for NodeValue {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(node_value)
    }
}

fn node_value(value: Value) -> NodeValue {
    let Value::Object(mut fields) = value else {
        return NodeValue::Unknown;
    };
    let kind = fields.remove("type");
    match (
        kind.as_ref().and_then(Value::as_str),
        fields.remove("value"),
    ) {
        (Some("null"), _) => NodeValue::Null,
        (Some("boolean"), Some(Value::Bool(yes))) => NodeValue::Boolean(yes),
        (Some("number"), Some(Value::String(text))) => NodeValue::Number(text),
        (Some("text"), Some(Value::String(text))) => NodeValue::Text(text),
        (Some("list"), Some(Value::Array(nodes))) => {
            NodeValue::List(nodes.into_iter().map(node).collect())
        }
        (Some("map"), Some(Value::Array(entries))) => {
            NodeValue::Map(entries.into_iter().map(entry).collect())
        }
        _ => NodeValue::Unknown,
    }
}

fn node(mut value: Value) -> Node {
    Node {
        line: line(&value),
        value: value
            .get_mut("value")
            .map(Value::take)
            .map_or(NodeValue::Null, node_value),
    }
}

fn entry(mut value: Value) -> Entry {
    let key = value.get_mut("key").map(Value::take);
    Entry {
        key: match key {
            Some(Value::String(key)) => key,
            _ => String::new(),
        },
        line: line(&value),
        value: value
            .get_mut("value")
            .map(Value::take)
            .map(node)
            .unwrap_or_default(),
    }
}

fn line(value: &Value) -> u32 {
    let line = value.get("line").and_then(Value::as_u64);
    line.and_then(|line| u32::try_from(line).ok())
        .unwrap_or_default()
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
