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
    /// Take secrets with an empty value too
    #[arg(long)]
    allow_empty: bool,
}

/// What a file is.
#[derive(Choice, Clone, Copy)]
pub(crate) enum Format {
    /// Lines of NAME=value
    Dotenv,
    /// Names and values, or a list of secrets
    Json,
    /// The same in YAML
    Yaml,
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
        let format = self.format.map(|format| match format {
            Format::Dotenv => "dotenv",
            Format::Json => "json",
            Format::Yaml => "yaml",
        });
        let document = host.input().secret_document(&source, format)?;
        let mut found: Vec<Written> = Vec::new();
        let mut several_lines = Vec::new();
        for Entry {
            key: name,
            line,
            value,
        } in entries(document)?
        {
            let text = match value.value {
                NodeValue::Text(text) | NodeValue::Number(text) => Secret::new(text),
                NodeValue::Null => Secret::new(String::new()),
                // How a true was spelled is lost by now.
                _ => {
                    return Err(wrong(line, &name, "is not a text: write it in quotes"));
                }
            };
            if text.expose().is_empty() && !self.allow_empty {
                let what = "is empty: fill it in, remove the secret, or give '--allow-empty'";
                return Err(wrong(line, &name, what));
            }
            if let Some(first) = found.iter().find(|first| first.name == name) {
                return Err(Error::usage(format!(
                    "line {line}: '{name}' stands on line {} too",
                    first.line
                )));
            }
            let value = match text.expose().contains(['\n', '\r']) {
                true if self.base64 => Secret::new(STANDARD.encode(text.expose())),
                several => {
                    if several {
                        several_lines.push(format!("'{name}'"));
                    }
                    text
                }
            };
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

fn wrong(line: u32, name: &str, what: &str) -> Error {
    Error::usage(format!("line {line}: the value of '{name}' {what}"))
}

/// Names and values: of an object, of a list of objects with a name and a value, or of an object with such a list of `secrets`.
fn entries(document: Document) -> Result<Vec<Entry>> {
    let items = match document.root.value {
        NodeValue::Null => Vec::new(),
        NodeValue::List(items) => items,
        NodeValue::Map(mut entries) => {
            let is_list = |entry: &Entry| {
                entry.key == "secrets" && matches!(entry.value.value, NodeValue::List(_))
            };
            let Some(at) = entries.iter().position(is_list) else {
                return Ok(entries);
            };
            let list = entries.swap_remove(at).value.value;
            // What `tw secrets export -o json` has beside it. Nothing else is passed over in silence.
            if let Some(Entry { key, line, .. }) =
                entries.iter().find(|entry| entry.key != "workspaceRef")
            {
                return Err(Error::usage(format!(
                    "line {line}: '{key}' stands beside the list of secrets, and not in it"
                )));
            }
            match list {
                NodeValue::List(items) => items,
                _ => Vec::new(),
            }
        }
        _ => {
            return Err(Error::usage(
                "the file has neither names with values nor a list of secrets",
            ));
        }
    };
    let mut entries = Vec::with_capacity(items.len());
    for item in items {
        entries.push(entry(item)?);
    }
    Ok(entries)
}

/// A name and its value, of an object that has both.
fn entry(item: Node) -> Result<Entry> {
    let line = item.line;
    let mut entry = Entry {
        line,
        ..Entry::default()
    };
    let mut is_named = false;
    if let NodeValue::Map(fields) = item.value {
        for field in fields {
            match (field.key.as_str(), field.value) {
                (
                    "name",
                    Node {
                        value: NodeValue::Text(name),
                        ..
                    },
                ) => (entry.key, is_named) = (name, true),
                ("value", value) => entry.value = value,
                _ => {}
            }
        }
    }
    match is_named {
        true => Ok(entry),
        false => Err(Error::usage(format!(
            "line {line}: a secret without a name"
        ))),
    }
}
