//! Parses documents into the protocol's form. Each format has its own file, and all of them return the same result.
//!
//! Documents contain secrets, and a parser's messages quote the document. The only constructor for errors, [`refuse`], therefore takes a `&'static
//! str`: each parser's messages are mapped to our own wording, and no part of the document can get into a message.

mod dotenv;
mod json;
mod lines;
mod toml;
mod yaml;

#[cfg(test)]
mod tests;

use std::path::Path;

use tw_plugin_protocol::Document;

use crate::error::{Error, ErrorKind};

/// How deep lists and maps may be nested. The message that carries a document uses four levels of JSON for each map, and `serde_json` reads 127
/// levels.
const MAX_DEPTH: usize = 30;

const TOO_DEEP: &str = "lists and maps are nested more than 30 deep";

/// The format of a document.
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
    /// Returns the format with this [`name`](Self::name). `None` if there is no such format.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "dotenv" => Some(Self::Dotenv),
            "json" => Some(Self::Json),
            "yaml" => Some(Self::Yaml),
            "toml" => Some(Self::Toml),
            _ => None,
        }
    }

    /// Derives the format from a file's name, ignoring case: from its extension, or from a part `env`. `None` if the name suggests no format.
    pub(crate) fn from_path(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
        match Path::new(&name)
            .extension()
            .and_then(|extension| extension.to_str())
        {
            Some("json") => Some(Self::Json),
            Some("yaml" | "yml") => Some(Self::Yaml),
            Some("toml") => Some(Self::Toml),
            // `.env`, `prod.env`, `.env.local` and `prod.env.example` are dotenv files, but `.envrc` is a shell script.
            _ if name.split('.').skip(1).any(|part| part == "env") => Some(Self::Dotenv),
            _ => None,
        }
    }

    /// Returns the name of the format in messages and in the protocol.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dotenv => "dotenv",
            Self::Json => "json",
            Self::Yaml => "yaml",
            Self::Toml => "toml",
        }
    }
}

/// Makes the error of a document that can't be read. The place is a line and a column in characters, both from 1, or `None` if the parser doesn't tell
/// it.
fn refuse(place: Option<(u32, u32)>, reason: &'static str) -> Error {
    let message = match place {
        Some((line, column)) => format!("line {line}, column {column}: {reason}"),
        None => reason.to_owned(),
    };
    Error::new(ErrorKind::Input, message)
}

/// A document, and the lines of it that the user may have meant otherwise.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) document: Document,
    pub(crate) doubts: Doubts,
}

/// The lines of values that the user may have meant otherwise.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Doubts {
    /// The lines of values in which other programs would replace `${NAME}` or `$(COMMAND)`.
    pub(crate) references: Vec<u32>,
    /// The lines of values without quotes that end before a comment.
    pub(crate) comments: Vec<u32>,
}

/// Parses `text`. Maps keep the order of the document, and duplicate keys (which TOML forbids).
///
/// # Errors
///
/// If the text is not valid in this format, or is nested more than 30 deep. YAML is also refused if it contains several documents, keys that are not
/// scalars, merge keys, or aliases that expand to more than 4 MiB.
pub(crate) fn parse(text: &str, format: DocumentFormat) -> Result<Parsed, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (root, doubts) = match format {
        DocumentFormat::Dotenv => dotenv::parse(text)?,
        DocumentFormat::Json => (json::parse(text)?, Doubts::default()),
        DocumentFormat::Yaml => (yaml::parse(text)?, Doubts::default()),
        DocumentFormat::Toml => (toml::parse(text)?, Doubts::default()),
    };
    let document = Document {
        format: format.name().to_owned(),
        root,
        ..Document::default()
    };
    Ok(Parsed { document, doubts })
}
