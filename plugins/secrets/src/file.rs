//! A file of secrets: .env, JSON, YAML or TOML.
//!
//! The host parses the file. This module finds the secrets in the parsed document and checks them. An error names a line and never a
//! value.

use std::{collections::HashMap, path::PathBuf};

use base64::{Engine, engine::general_purpose::STANDARD};
use tw_plugin_api::{Document, Entry, Node, NodeValue, Source, prelude::*};

use crate::{
    name::join_some,
    value::{LINE_BREAKS, MAX_BYTES, NUL, lacks_line_break},
};

/// The file of a command, and how to read it.
#[derive(Args)]
pub(crate) struct SecretsFile {
    /// File to read; `-` is standard input
    file: PathBuf,
    /// Format of the file; by default, its name decides
    #[arg(long)]
    format: Option<Format>,
    /// Encode values of several lines in base64
    #[arg(long)]
    base64: bool,
    /// Accept empty values
    #[arg(long)]
    allow_empty: bool,
}

/// The format of a file. The host also reads TOML, but only from a file that is named so.
#[derive(Choice, Clone, Copy)]
pub(crate) enum Format {
    /// Lines of NAME=value
    Dotenv,
    /// A list of secrets, or an object of names and values
    Json,
    /// The same structure in YAML
    Yaml,
}

impl Format {
    /// Returns the name by which the host knows the format.
    fn name(self) -> &'static str {
        match self {
            Self::Dotenv => "dotenv",
            Self::Json => "json",
            Self::Yaml => "yaml",
        }
    }
}

/// A secret in a file.
pub(crate) struct FileSecret {
    pub(crate) name: String,
    pub(crate) value: Secret,
    /// The line of the name, counted from 1.
    pub(crate) line: u32,
}

impl SecretsFile {
    /// Reads and checks every secret in the file.
    pub(crate) fn read(&self, host: &Host) -> Result<Vec<FileSecret>> {
        let source = match self.is_stdin() {
            true => Source::Stdin,
            false => Source::File(self.file.clone()),
        };
        if self.is_stdin() && self.format.is_none() {
            return Err(Error::usage(
                "the format of standard input is unknown: give '--format dotenv', 'json' or 'yaml'",
            ));
        }
        // `secret_document` would redact names and dates too. Instead, each request marks its value as sensitive. Until then, no message shows a
        // value.
        let document = host
            .input()
            .document(&source, self.format.map(Format::name))?;
        let entries = self.find_entries(document)?;
        let mut lines = HashMap::with_capacity(entries.len());
        let mut secrets = Vec::with_capacity(entries.len());
        for Entry {
            key, line, value, ..
        } in entries
        {
            self.refuse_metadata(&key, line)?;
            let value = self.check_value(value.value).map_err(|problem| {
                self.error_at(line, &format!("the value of '{key}' {problem}"))
            })?;
            if let Some(first) = lines.insert(key.clone(), line) {
                return Err(self.error_at(line, &format!("'{key}' is on line {first} too")));
            }
            secrets.push(FileSecret {
                name: key,
                value,
                line,
            });
        }
        warn_of_keys(host, &secrets);
        warn_of_encrypted(host, &secrets);
        // The command that should have written to standard input has probably failed.
        if secrets.is_empty() && self.is_stdin() {
            return Err(Error::usage("there are no secrets in standard input"));
        }
        Ok(secrets)
    }

    fn is_stdin(&self) -> bool {
        self.file.as_os_str() == "-"
    }

    /// Refuses a name that an encrypting program adds to its files.
    fn refuse_metadata(&self, name: &str, line: u32) -> Result<()> {
        let Some(program) = find_program(name) else {
            return Ok(());
        };
        let problem = format!("'{name}' belongs to {program}, and is no secret");
        Err(self
            .error_at(line, &problem)
            .hint(format!("import what `{program} decrypt` prints")))
    }

    /// Returns the value. If the value is refused, returns the reason as the end of a sentence.
    fn check_value(&self, value: NodeValue) -> std::result::Result<Secret, &'static str> {
        let value = match value {
            NodeValue::Text(text) | NodeValue::Number(text) => Secret::new(text),
            NodeValue::Null => Secret::new(String::new()),
            // The document doesn't tell whether the file says `true` or `True`.
            NodeValue::Boolean(_) => return Err("is not text: put it in quotes"),
            _ => return Err("is a list or an object, and should be text"),
        };
        let text = value.expose();
        if text.contains('\0') && !self.base64 {
            return Err(NUL);
        }
        if text.len() as u64 > MAX_BYTES {
            return Err("has more than 4 MiB");
        }
        if text.is_empty() && !self.allow_empty {
            return Err("is empty: fill it in, remove the secret, or give '--allow-empty'");
        }
        Ok(value)
    }

    /// Encodes the values of several lines if `--base64` says so. Returns the quoted names of values that keep a line break, or `None` if
    /// there are none.
    pub(crate) fn encode(&self, secrets: &mut [FileSecret]) -> Option<String> {
        let mut kept = Vec::new();
        for FileSecret { name, value, .. } in secrets {
            let text = value.expose();
            // A line break at the end does not make a second line.
            let has_lines = text
                .trim_end_matches(LINE_BREAKS)
                .contains(['\n', '\r', '\0']);
            if self.base64 && has_lines {
                *value = Secret::new(STANDARD.encode(text));
            } else if text.contains(LINE_BREAKS) {
                kept.push(format!("'{name}'"));
            }
        }
        (!kept.is_empty()).then(|| join_some(&kept, ", "))
    }

    /// Returns an error about the file.
    pub(crate) fn error(&self, problem: &str) -> Error {
        let file = match self.is_stdin() {
            true => "standard input".into(),
            false => self.file.to_string_lossy(),
        };
        Error::new(ErrorKind::Input, format!("{file}: {problem}"))
    }

    fn error_at(&self, line: u32, problem: &str) -> Error {
        self.error(&format!("line {line}: {problem}"))
    }

    /// Returns the names and values of a document, which has one of three forms:
    ///
    /// - an object of names and values;
    /// - a list of objects that each have a `name` and a `value`;
    /// - an object with such a list as `secrets`, and perhaps a `workspaceRef`, as `tw secrets export -o json` writes it.
    fn find_entries(&self, document: Document) -> Result<Vec<Entry>> {
        let is_dotenv = document.format() == "dotenv";
        let root = document.into_root();
        let items = match root.value {
            NodeValue::Null => Vec::new(),
            NodeValue::List(items) => items,
            NodeValue::Map(mut entries) => {
                let has = |key: &str| entries.iter().any(|entry| entry.key == key);
                if !is_dotenv && has("name") && has("value") {
                    let what = "'name' and 'value' look like one secret: write a list of secrets, or an object with NAME: VALUE";
                    return Err(self.error_at(root.line, what));
                }
                let Some(at) = entries.iter().position(is_list_of_secrets) else {
                    return Ok(entries);
                };
                let list = entries.swap_remove(at).value.value;
                // `tw secrets export -o json` writes `workspaceRef`. Any other key could be a secret that the user expects to be imported.
                if let Some(Entry { key, line, .. }) =
                    entries.iter().find(|entry| entry.key != "workspaceRef")
                {
                    self.refuse_metadata(key, *line)?;
                    let what = format!("'{key}' is outside the list of secrets");
                    return Err(self.error_at(*line, &what));
                }
                match list {
                    NodeValue::List(items) => items,
                    _ => Vec::new(),
                }
            }
            _ => {
                let what = "there are neither names with values nor a list of secrets";
                return Err(self.error_at(1, what));
            }
        };
        items.into_iter().map(|item| self.to_entry(item)).collect()
    }

    /// Converts an object with a `name` and a `value` to an entry. Other keys, such as dates, are ignored.
    fn to_entry(&self, item: Node) -> Result<Entry> {
        let item_line = item.line;
        let NodeValue::Map(fields) = item.value else {
            return Err(self.error_at(item_line, "a secret without a 'name'"));
        };
        let (mut name, mut secret_value) = (None, None);
        for Entry {
            key, line, value, ..
        } in fields
        {
            let slot = match key.as_str() {
                "name" => &mut name,
                "value" => &mut secret_value,
                _ => continue,
            };
            if slot.replace(value).is_some() {
                return Err(self.error_at(line, &format!("the secret has a second '{key}'")));
            }
        }
        match (name.map(|name| name.value), secret_value) {
            (Some(NodeValue::Text(key)), Some(value)) => Ok(Entry::new(key, item_line, value)),
            (Some(NodeValue::Text(name)), None) => {
                Err(self.error_at(item_line, &format!("'{name}' has no 'value'")))
            }
            _ => Err(self.error_at(item_line, "a secret without a 'name'")),
        }
    }
}

/// Warns about private keys that ssh refuses.
fn warn_of_keys(host: &Host, secrets: &[FileSecret]) {
    warn_of(
        host,
        secrets,
        "private keys without a line break at their end, which ssh refuses",
        |value| lacks_line_break(value.as_bytes()),
    );
}

/// Warns about values that sops or dotenvx has encrypted.
fn warn_of_encrypted(host: &Host, secrets: &[FileSecret]) {
    warn_of(
        host,
        secrets,
        "still encrypted, and a pipeline doesn't decrypt them",
        |value| value.starts_with("ENC[AES256_GCM,") || value.starts_with("encrypted:"),
    );
}

/// Warns about the values to which `is_doubtful` applies, by the names of their secrets.
fn warn_of(host: &Host, secrets: &[FileSecret], what: &str, is_doubtful: fn(&str) -> bool) {
    let found = secrets
        .iter()
        .filter(|secret| is_doubtful(secret.value.expose()));
    let names: Vec<String> = found.map(|secret| format!("'{}'", secret.name)).collect();
    if !names.is_empty() {
        host.log().warning(&format!(
            "these values are {what}: {}",
            join_some(&names, ", ")
        ));
    }
}

/// Returns the program that adds this name to the files that it encrypts. `None` if the name can be the name of a secret.
fn find_program(name: &str) -> Option<&'static str> {
    let is_of = |prefix: &str| {
        name.strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    };
    if is_of("sops") {
        return Some("sops");
    }
    is_of("DOTENV_PUBLIC_KEY").then_some("dotenvx")
}

/// True for the key `secrets` with a list. A template without secrets leaves the key without a value (null), which means an empty list and not a
/// secret named `secrets`.
fn is_list_of_secrets(entry: &Entry) -> bool {
    entry.key == "secrets" && matches!(entry.value.value, NodeValue::List(_) | NodeValue::Null)
}
