//! Parsed documents, with the line of each part. The host parses them, so that plugins contain no parser.

use crate::read::read_fields;
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

/// A parsed document.
#[derive(Clone, Default, PartialEq, Serialize)]
pub struct Document {
    /// The format: `dotenv`, `json`, `yaml` or `toml`.
    pub format: String,
    /// The content.
    pub root: Node,
}

read_fields!(Document { format, root });

impl std::fmt::Debug for Document {
    /// Shows the format only, because the content can be a secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document")
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}

/// A value and its line. It has no `Debug`, because the value can be a secret.
#[derive(Clone, Default, PartialEq, Serialize)]
#[allow(missing_debug_implementations)]
pub struct Node {
    /// The line on which the value begins. The first line is 1.
    pub line: u32,
    /// The value.
    pub value: NodeValue,
}

impl Node {
    /// Wipes the texts and numbers from memory.
    pub fn wipe(&mut self) {
        match &mut self.value {
            NodeValue::Text(text) | NodeValue::Number(text) => text.zeroize(),
            NodeValue::List(nodes) => nodes.iter_mut().for_each(Self::wipe),
            NodeValue::Map(entries) => entries.iter_mut().for_each(|entry| entry.value.wipe()),
            _ => {}
        }
    }
}

/// The value of a node. It has no `Debug`, because the value can be a secret.
#[derive(Clone, Default, PartialEq, Serialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
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
    List(Vec<Node>),
    /// A map, in the order of the document. A key that the document repeats is repeated here.
    Map(Vec<Entry>),
    /// A value that this reader doesn't know.
    Unknown,
}

// Reads all variants through `Raw`. serde's code for a tag beside its content would add 60 KB to every plugin that
// reads documents.
impl<'de> Deserialize<'de> for NodeValue {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Raw::deserialize(deserializer).map(Raw::into_value)
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Raw::deserialize(deserializer).map(Raw::into_node)
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Raw::deserialize(deserializer).map(Raw::into_entry)
    }
}

/// The fields of a node, of a node's value and of an entry. One type reads all three.
#[derive(Default)]
struct Raw {
    r#type: String,
    key: String,
    line: u32,
    value: RawValue,
}

/// The content of `value`. Its meaning depends on `type`, which can come later in the message.
#[derive(Default)]
enum RawValue {
    #[default]
    Other,
    Boolean(bool),
    Text(String),
    List(Vec<Raw>),
    Object(Box<Raw>),
}

impl Raw {
    fn into_value(self) -> NodeValue {
        match (self.r#type.as_str(), self.value) {
            ("null", _) => NodeValue::Null,
            ("boolean", RawValue::Boolean(yes)) => NodeValue::Boolean(yes),
            ("number", RawValue::Text(text)) => NodeValue::Number(text),
            ("text", RawValue::Text(text)) => NodeValue::Text(text),
            ("list", RawValue::List(nodes)) => {
                NodeValue::List(nodes.into_iter().map(Self::into_node).collect())
            }
            ("map", RawValue::List(entries)) => {
                NodeValue::Map(entries.into_iter().map(Self::into_entry).collect())
            }
            _ => NodeValue::Unknown,
        }
    }

    fn into_node(self) -> Node {
        Node {
            line: self.line,
            value: match self.value {
                RawValue::Object(value) => value.into_value(),
                _ => NodeValue::Null,
            },
        }
    }

    fn into_entry(self) -> Entry {
        Entry {
            key: self.key,
            line: self.line,
            value: match self.value {
                RawValue::Object(value) => value.into_node(),
                _ => Node::default(),
            },
        }
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match RawValue::deserialize(deserializer)? {
            RawValue::Object(raw) => Ok(*raw),
            _ => Ok(Self::default()),
        }
    }
}

impl<'de> Deserialize<'de> for RawValue {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> serde::de::Visitor<'de> for RawVisitor {
    type Value = RawValue;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a part of a document")
    }

    fn visit_unit<E>(self) -> Result<RawValue, E> {
        Ok(RawValue::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<RawValue, E> {
        Ok(RawValue::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<RawValue, E> {
        Ok(RawValue::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<RawValue, E> {
        Ok(RawValue::Other)
    }

    fn visit_bool<E>(self, yes: bool) -> Result<RawValue, E> {
        Ok(RawValue::Boolean(yes))
    }

    fn visit_str<E>(self, text: &str) -> Result<RawValue, E> {
        Ok(RawValue::Text(text.to_owned()))
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut items: A) -> Result<RawValue, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(RawValue::List(list))
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<RawValue, A::Error> {
        let mut raw = Raw::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "type" => raw.r#type = map.next_value()?,
                "key" => raw.key = map.next_value()?,
                "line" => raw.line = map.next_value()?,
                "value" => raw.value = map.next_value()?,
                _ => drop(map.next_value::<serde::de::IgnoredAny>()?),
            }
        }
        Ok(RawValue::Object(Box::new(raw)))
    }
}

/// A key of a map and its value. It has no `Debug`, because the value can be a secret.
#[derive(Clone, Default, PartialEq, Serialize)]
#[allow(missing_debug_implementations)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// The line of the key. The first line is 1.
    pub line: u32,
    /// The value.
    pub value: Node,
}
