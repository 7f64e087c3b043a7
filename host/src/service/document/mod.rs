//! Parses a document into the protocol's form: one file per format, one result for all of them.
//!
//! Documents carry secrets. A reason in [`DocumentError`] is therefore a `&'static str`: what a parser says about the
//! text it met is mapped to our own wording, and no part of the text can get into a message.

mod dotenv;
mod json;
mod lines;
mod toml;
mod yaml;

#[cfg(test)]
mod tests;

use std::path::Path;

use tw_plugin_protocol::Document;

/// The most lists and maps that may stand in one another. A map is four levels of the message that carries it, and JSON is read to 127.
const MAX_DEPTH: usize = 30;

/// Why a document that passes [`MAX_DEPTH`] is refused.
const TOO_DEEP: &str = "lists and maps are nested more than 30 deep";

/// A format that documents are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DocumentFormat {
    /// `NAME=value` lines.
    Dotenv,
    /// JSON as in RFC 8259, without comments or trailing commas.
    Json,
    /// YAML 1.2 with the types of its core schema.
    Yaml,
    /// TOML 1.1.
    Toml,
}

impl DocumentFormat {
    /// The format with this name, as [`DocumentFormat::name`] gives it.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "dotenv" => Some(Self::Dotenv),
            "json" => Some(Self::Json),
            "yaml" => Some(Self::Yaml),
            "toml" => Some(Self::Toml),
            _ => None,
        }
    }

    /// The format that a file's name tells, whatever its case: by its extension, and `.env.local` and its like are
    /// dotenv.
    pub(crate) fn from_path(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        match Path::new(&name)
            .extension()
            .and_then(|extension| extension.to_str())
        {
            Some("json") => Some(Self::Json),
            Some("yaml" | "yml") => Some(Self::Yaml),
            Some("toml") => Some(Self::Toml),
            Some("env") => Some(Self::Dotenv),
            // `.env.local`, `prod.env.example`; a `.envrc` is a script.
            _ if name.split('.').skip(1).any(|part| part == "env") => Some(Self::Dotenv),
            _ => None,
        }
    }

    /// Its name in messages and in the protocol.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dotenv => "dotenv",
            Self::Json => "json",
            Self::Yaml => "yaml",
            Self::Toml => "toml",
        }
    }
}

/// Where and why a document can't be read. It never holds text of the document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{reason}", self.place())]
pub(crate) struct DocumentError {
    /// From 1; `None` where the parser doesn't tell it.
    line: Option<u32>,
    /// In characters, from 1.
    column: Option<u32>,
    reason: &'static str,
}

impl DocumentError {
    fn place(&self) -> String {
        match (self.line, self.column) {
            (Some(line), Some(column)) => format!("line {line}, column {column}: "),
            (Some(line), None) => format!("line {line}: "),
            (None, _) => String::new(),
        }
    }
}

/// Parses `text`. Maps keep the document's order and their duplicate keys; TOML itself forbids duplicates.
///
/// # Errors
///
/// When the text isn't of the format, nests deeper than 30, or, in YAML, holds several documents, keys that aren't
/// scalars, merge keys, or aliases that expand to too much.
pub(crate) fn parse(text: &str, format: DocumentFormat) -> Result<Document, DocumentError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let root = match format {
        DocumentFormat::Dotenv => dotenv::parse(text),
        DocumentFormat::Json => json::parse(text),
        DocumentFormat::Yaml => yaml::parse(text),
        DocumentFormat::Toml => toml::parse(text),
    }?;
    Ok(Document {
        format: format.name().to_owned(),
        root,
    })
}
