//! A parsed document with the lines its parts stand on, so that no plugin carries a parser.

use crate::read::read_fields;
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

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
#[derive(Clone, Default, PartialEq, Serialize)]
#[allow(missing_debug_implementations)]
pub struct Node {
    /// The line on which it begins, from 1.
    pub line: u32,
    /// The value.
    pub value: NodeValue,
}

impl Node {
    /// Wipes its texts from memory.
    pub fn wipe(&mut self) {
        match &mut self.value {
            NodeValue::Text(text) | NodeValue::Number(text) => text.zeroize(),
            NodeValue::List(nodes) => nodes.iter_mut().for_each(Self::wipe),
            NodeValue::Map(entries) => entries.iter_mut().for_each(|entry| entry.value.wipe()),
            _ => {}
        }
    }
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

/// By hand, over what any of them can have: what serde writes for a tag beside its content is 60 KB in every plugin that reads documents.
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

/// A node, the value of one or an entry, before it is known which.
#[derive(Default)]
struct Raw {
    r#type: String,
    key: String,
    line: u32,
    value: RawValue,
}

/// What stands under `value`: it depends on a type that may stand behind it.
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

/// A name and its value. No `Debug`: the value can be a secret.
#[derive(Clone, Default, PartialEq, Serialize)]
#[allow(missing_debug_implementations)]
pub struct Entry {
    /// The name.
    pub key: String,
    /// The line on which the name stands, from 1.
    pub line: u32,
    /// The value.
    pub value: Node,
}
