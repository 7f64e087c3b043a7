//! Secrets in a file: .env, JSON or YAML, parsed by the host, and checked here before anything is sent.

use std::path::PathBuf;

use base64::{Engine, engine::general_purpose::STANDARD};
use tw_plugin_api::{Document, Entry, Node, NodeValue, Source, prelude::*};

use crate::{
    name,
    value::{LARGEST, NUL},
};

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
        let is_stdin = self.file.as_os_str() == "-";
        let source = match is_stdin {
            true => Source::Stdin,
            false => Source::File(self.file.clone()),
        };
        let format = self.format.map(|format| match format {
            Format::Dotenv => "dotenv",
            Format::Json => "json",
            Format::Yaml => "yaml",
        });
        if is_stdin && format.is_none() {
            return Err(Error::usage(
                "standard input has no name that tells its format: give '--format dotenv', 'json' or 'yaml'",
            ));
        }
        // Not all of its texts are secret: names and dates can stand in it too. The values are, from the request on that sends them, and nothing before shows them.
        let document = host.input().document(&source, format)?;
        let mut found: Vec<Written> = Vec::new();
        for Entry {
            key: name,
            line,
            value,
        } in self.entries(document)?
        {
            let wrong =
                |what: &str| Err(self.wrong(line, &format!("the value of '{name}' {what}")));
            let value = match value.value {
                NodeValue::Text(text) | NodeValue::Number(text) => Secret::new(text),
                NodeValue::Null => Secret::new(String::new()),
                // How a true was spelled is lost by now.
                NodeValue::Boolean(_) => return wrong("is not a text: write it in quotes"),
                _ => return wrong("has values of its own, and should be a text"),
            };
            if value.expose().contains('\0') && !self.base64 {
                return wrong(NUL);
            }
            if value.expose().len() as u64 > LARGEST {
                return wrong("has more than 4 MiB");
            }
            if value.expose().is_empty() && !self.allow_empty {
                return wrong("is empty: fill it in, remove the secret, or give '--allow-empty'");
            }
            if let Some(first) = found.iter().find(|first| first.name == name) {
                let first = first.line;
                return Err(self.wrong(line, &format!("'{name}' stands on line {first} too")));
            }
            found.push(Written { name, value, line });
        }
        // What should have written it has failed, mostly.
        if found.is_empty() && is_stdin {
            return Err(Error::usage("there are no secrets in standard input"));
        }
        Ok(found)
    }

    /// Encodes the values of several lines, if that is wanted; the names of those that have a line end all the same.
    pub(crate) fn encode(&self, written: &mut [Written]) -> Option<String> {
        let ends = ['\n', '\r'];
        let mut kept = Vec::new();
        for Written { name, value, .. } in written {
            let text = value.expose();
            // One line and its end are no several lines.
            if self.base64 && text.trim_end_matches(ends).contains(['\n', '\r', '\0']) {
                *value = Secret::new(STANDARD.encode(text));
            } else if text.contains(ends) {
                kept.push(name.as_str());
            }
        }
        (!kept.is_empty()).then(|| name::quoted(&kept))
    }

    /// What is wrong with a line.
    pub(crate) fn wrong(&self, line: u32, what: &str) -> Error {
        let file = match self.file.as_os_str() == "-" {
            true => "standard input".into(),
            false => self.file.to_string_lossy(),
        };
        Error::new(ErrorKind::Input, format!("{file}: line {line}: {what}"))
    }

    /// Names and values: of an object, of a list of objects with a name and a value, or of an object with such a list of `secrets`.
    fn entries(&self, document: Document) -> Result<Vec<Entry>> {
        let items = match document.root.value {
            NodeValue::Null => Vec::new(),
            NodeValue::List(items) => items,
            NodeValue::Map(mut entries) => {
                let has = |key: &str| entries.iter().any(|entry| entry.key == key);
                if document.format != "dotenv" && has("name") && has("value") {
                    let what = "'name' and 'value' look like one secret: write a list of such, or NAME and its value";
                    return Err(self.wrong(document.root.line, what));
                }
                // Nothing under it is an empty list, as a template writes it, and no secret of this name.
                let is_list = |entry: &Entry| {
                    entry.key == "secrets"
                        && matches!(entry.value.value, NodeValue::List(_) | NodeValue::Null)
                };
                let Some(at) = entries.iter().position(is_list) else {
                    return Ok(entries);
                };
                let list = entries.swap_remove(at).value.value;
                // What `tw secrets export -o json` has beside it. Nothing else is passed over in silence.
                if let Some(Entry { key, line, .. }) =
                    entries.iter().find(|entry| entry.key != "workspaceRef")
                {
                    let what = format!("'{key}' stands beside the list of secrets, and not in it");
                    return Err(self.wrong(*line, &what));
                }
                match list {
                    NodeValue::List(items) => items,
                    _ => Vec::new(),
                }
            }
            _ => {
                let what = "there are neither names with values nor a list of secrets";
                return Err(self.wrong(1, what));
            }
        };
        let mut entries = Vec::with_capacity(items.len());
        for item in items {
            entries.push(self.entry(item)?);
        }
        Ok(entries)
    }

    /// A name and its value, of an object that has both.
    fn entry(&self, item: Node) -> Result<Entry> {
        let line = item.line;
        let mut found: (Option<String>, Option<Node>) = (None, None);
        if let NodeValue::Map(fields) = item.value {
            for Entry { key, line, value } in fields {
                let (is_second, node) = match key.as_str() {
                    "name" => (found.0.is_some(), value.value),
                    "value" => (found.1.replace(value).is_some(), NodeValue::Null),
                    _ => continue,
                };
                if is_second {
                    return Err(self.wrong(line, &format!("a second '{key}' of one secret")));
                }
                if let NodeValue::Text(name) = node {
                    found.0 = Some(name);
                }
            }
        }
        match found {
            (Some(key), Some(value)) => Ok(Entry { key, line, value }),
            (Some(name), None) => Err(self.wrong(line, &format!("'{name}' has no 'value'"))),
            (None, _) => Err(self.wrong(line, "a secret without a 'name'")),
        }
    }
}
