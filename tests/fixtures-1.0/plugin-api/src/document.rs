//! Parsed documents.

use serde::de::DeserializeOwned;
use serde_json::Number;
use tw_plugin_protocol as protocol;
use zeroize::Zeroizing;

use crate::{Error, ErrorKind, JsonObject, Result, Value};

pub use tw_plugin_protocol::{Entry, Node, NodeValue};

/// A document that the host parsed: dotenv, JSON, YAML or TOML. [`Host::input`](crate::Host::input) reads one.
///
/// [`parse`](Self::parse) is the usual way to its content. [`root`](Self::root) has the line of each part, for messages
/// about the content. `Debug` shows the format only, because the content can be a secret.
///
/// ```
/// # use tw_plugin_api::prelude::*;
/// #[derive(serde::Deserialize)]
/// struct Params {
///     outdir: String,
///     max_cpus: u32,
/// }
///
/// # fn run(host: &Host) -> Result<()> {
/// let document = host.input().document_in("outdir: results\nmax_cpus: 4\n", "yaml")?;
/// let params: Params = document.parse()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq)]
pub struct Document(protocol::Document);

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Document {
    pub(crate) fn new(message: protocol::Document) -> Self {
        Self(message)
    }

    /// Returns the format: `dotenv`, `json`, `yaml` or `toml`.
    pub fn format(&self) -> &str {
        &self.0.format
    }

    /// Returns the content, with the line of each part.
    pub fn root(&self) -> &Node {
        &self.0.root
    }

    /// Returns the content, with the line of each part, without a copy.
    pub fn into_root(self) -> Node {
        self.0.root
    }

    /// Reads the content as a `T`.
    ///
    /// # Errors
    /// If the content doesn't have the form of `T`. The error names the key and what was expected there, and shows nothing
    /// of the content.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T> {
        // As a text, because serde's error then has the place of the mistake.
        let text = Zeroizing::new(protocol::to_bytes(&self.to_json()));
        serde_json::from_slice(&text).map_err(|error| {
            let mismatch = protocol::explain_mismatch(&text, "", &error);
            let message = format!("The document is not of the expected form: {mismatch}");
            Error::new(ErrorKind::Input, message)
        })
    }

    /// Returns the content as JSON. Numbers become JSON numbers: an integer of more than 64 bits becomes the nearest
    /// number with a fraction. What JSON has no number for, such as infinity, stays a text. If a map has a key several
    /// times, the last value counts.
    pub fn to_json(&self) -> Value {
        node_to_json(&self.0.root)
    }
}

fn node_to_json(node: &Node) -> Value {
    match &node.value {
        NodeValue::Boolean(yes) => (*yes).into(),
        NodeValue::Number(number) => number_to_json(number),
        NodeValue::Text(text) => text.as_str().into(),
        NodeValue::List(items) => items.iter().map(node_to_json).collect(),
        NodeValue::Map(entries) => {
            let entries = entries.iter();
            let fields = entries.map(|entry| (entry.key.clone(), node_to_json(&entry.value)));
            Value::Object(fields.collect::<JsonObject>())
        }
        _ => Value::Null,
    }
}

/// Converts a number as JSON, YAML and TOML spell it: `1_000`, `+1`, `.5`, `0x1F`, `0o17`, `0b1`.
fn number_to_json(text: &str) -> Value {
    if let Ok(number) = text.parse::<Number>() {
        return number.into();
    }
    let plain = text.replace('_', "");
    let plain = plain.strip_prefix('+').unwrap_or(&plain);
    let digits = |prefix| plain.strip_prefix(prefix);
    let integer = [("0x", 16), ("0o", 8), ("0b", 2)]
        .into_iter()
        .find_map(|(prefix, radix)| i128::from_str_radix(digits(prefix)?, radix).ok())
        .or_else(|| plain.parse().ok());
    let number = match integer {
        Some(integer) => Number::from_i128(integer).or_else(|| Number::from_f64(integer as f64)),
        None => plain.parse().ok().and_then(Number::from_f64),
    };
    number.map_or_else(|| text.into(), Value::from)
}
