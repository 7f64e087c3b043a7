//! Secrets in a file: .env, JSON or YAML, parsed by the host, and checked here before anything is sent.

use std::path::PathBuf;

use base64::{Engine, engine::general_purpose::STANDARD};
use tw_plugin_api::{Document, Entry, Node, NodeValue, Source, prelude::*};

/// A file with secrets.
#[derive(Args)]
pub(crate) struct SecretsFile {
    /// The file; `-` is standard input
    file: PathBuf,
    /// What it is; without it, by the file's name
    #[arg(long)]
    format: Option<Format>,
    /// Encode values of several lines in base64
    #[arg(long)]
    base64: bool,
    /// Take secrets without a value too
    #[arg(long)]
    allow_empty: bool,
}

/// What a file is.
#[derive(Choice, Clone, Copy)]
pub(crate) enum Format {
    /// Lines of NAME=value
    Dotenv,
    /// An object of names and values
    Json,
    /// The same in YAML
    Yaml,
}

impl Format {
    fn name(self) -> &'static str {
        match self {
            Self::Dotenv => "dotenv",
            Self::Json => "json",
            Self::Yaml => "yaml",
        }
    }
}

/// A secret in a file.
pub(crate) struct Written {
    pub(crate) name: String,
    pub(crate) value: Secret,
    /// Where it stands, from 1.
    pub(crate) line: u32,
}

impl SecretsFile {
    /// All secrets in it. Errors name lines, and never a value.
    pub(crate) fn read(&self, host: &Host) -> Result<Vec<Written>> {
        let source = match self.file.as_os_str() == "-" {
            true => Source::Stdin,
            false => Source::File(self.file.clone()),
        };
        let document = host
            .input()
            .secret_document(&source, self.format.map(Format::name))?;
        let mut found: Vec<Written> = Vec::new();
        let mut several_lines = Vec::new();
        for (name, node) in pairs(document)? {
            let line = node.line;
            let wrong = |what: &str| {
                Err(Error::usage(format!(
                    "line {line}: the value of '{name}' {what}"
                )))
            };
            let text = match node.value {
                NodeValue::Text(text) | NodeValue::Number(text) => text,
                NodeValue::Boolean(yes) => yes.to_string(),
                NodeValue::Null => String::new(),
                _ => return wrong("is not a text"),
            };
            if text.is_empty() && !self.allow_empty {
                return wrong("is empty; fill it in, remove it, or give --allow-empty");
            }
            if let Some(first) = found.iter().find(|first| first.name == name) {
                return Err(Error::usage(format!(
                    "line {line}: '{name}' stands on line {} too",
                    first.line
                )));
            }
            let value = match (text.contains(['\n', '\r']), self.base64) {
                (true, true) => STANDARD.encode(text.as_bytes()),
                (true, false) => {
                    several_lines.push(format!("'{name}'"));
                    text
                }
                _ => text,
            };
            let value = Secret::new(value);
            found.push(Written { name, value, line });
        }
        if !several_lines.is_empty() {
            host.log().warning(&format!(
                "values of several lines, which a pipeline run doesn't keep; `--base64` encodes them: {}",
                several_lines.join(", ")
            ));
        }
        Ok(found)
    }
}

/// Names and values: of an object, of a list of objects with a name and a value, or of an object whose `secrets` is such a list.
fn pairs(document: Document) -> Result<Vec<(String, Node)>> {
    match document.root.value {
        NodeValue::Map(entries) => match entries.as_slice() {
            [
                ..,
                Entry {
                    key,
                    value:
                        Node {
                            value: NodeValue::List(_),
                            ..
                        },
                    ..
                },
            ] if key == "secrets" => {
                let list = entries
                    .into_iter()
                    .next_back()
                    .map(|entry| entry.value.value);
                of_list(list.unwrap_or_default())
            }
            _ => Ok(entries
                .into_iter()
                .map(|entry| (entry.key, entry.value))
                .collect()),
        },
        NodeValue::Null => Ok(Vec::new()),
        other => of_list(other),
    }
}

fn of_list(list: NodeValue) -> Result<Vec<(String, Node)>> {
    let NodeValue::List(items) = list else {
        return Err(Error::usage(
            "the file is neither names with values nor a list of secrets",
        ));
    };
    items.into_iter().map(pair).collect()
}

fn pair(item: Node) -> Result<(String, Node)> {
    let line = item.line;
    let mut name = None;
    let mut value = Node {
        line,
        ..Node::default()
    };
    if let NodeValue::Map(fields) = item.value {
        for field in fields {
            match (field.key.as_str(), field.value.value) {
                ("name", NodeValue::Text(text)) => name = Some(text),
                ("value", node) => value.value = node,
                _ => {}
            }
        }
    }
    name.map(|name| (name, value))
        .ok_or_else(|| Error::usage(format!("line {line}: there is a secret without a name")))
}
