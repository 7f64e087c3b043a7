//! Standard input, files, and the documents in them.

use std::path::PathBuf;

use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{DocumentRequest, InputRequest, InputSource};

use crate::{Error, ErrorKind, Host, Result};

pub use tw_plugin_protocol::{Document, Entry, Node, NodeValue};

/// Where an input comes from.
///
/// ```
/// use tw_plugin_api::Source;
///
/// assert_eq!(Source::from_argument("-"), Source::Stdin);
/// assert_eq!(Source::from_argument("a.env"), Source::File("a.env".into()));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Standard input.
    Stdin,
    /// A file, from where `tw` was started.
    File(PathBuf),
}

impl Source {
    /// `-` is standard input, all else a file.
    pub fn from_argument(text: &str) -> Self {
        if text == "-" {
            Self::Stdin
        } else {
            Self::File(text.into())
        }
    }

    fn message(&self) -> Result<InputSource> {
        Ok(match self {
            Self::Stdin => InputSource::Stdin,
            Self::File(path) => InputSource::File {
                path: path
                    .to_str()
                    .ok_or_else(|| {
                        Error::new(
                            ErrorKind::Input,
                            format!("the path {} is not UTF-8", path.display()),
                        )
                    })?
                    .to_owned(),
            },
        })
    }
}

/// Reads what the person points at.
///
/// ```
/// # use tw_plugin_api::{prelude::*, Source};
/// # fn run(host: &Host) -> Result<()> {
/// let document = host.input().document(&Source::from_argument("-"), Some("yaml"))?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Input<'a>(pub(crate) &'a Host);

impl Input<'_> {
    /// The bytes, at most this many; 0 is as many as the host takes.
    ///
    /// # Errors
    /// When it can't be read, or there are more.
    pub fn bytes(&self, source: &Source, max: u64) -> Result<Vec<u8>> {
        self.read(source, max, false)
    }

    /// The bytes, which are secret: logs and messages have them redacted.
    ///
    /// # Errors
    /// As [`bytes`](Self::bytes).
    pub fn secret_bytes(&self, source: &Source, max: u64) -> Result<Vec<u8>> {
        self.read(source, max, true)
    }

    fn read(self, source: &Source, max: u64, sensitive: bool) -> Result<Vec<u8>> {
        let request = InputRequest {
            source: source.message()?,
            max,
            sensitive,
        };
        self.0
            .call::<protocol::InputRead>(&request, &[])
            .map(|(_, body)| body)
    }

    /// The document in it, parsed, with line numbers. The format is `dotenv`, `json`, `yaml` or `toml`, or goes by the file's name.
    ///
    /// # Errors
    /// When it can't be read or parsed; the error names the line, and nothing that stands on it.
    pub fn document(&self, source: &Source, format: Option<&str>) -> Result<Document> {
        self.parse(source.message()?, format, false, &[])
    }

    /// The document in it, whose texts are secret.
    ///
    /// # Errors
    /// As [`document`](Self::document).
    pub fn secret_document(&self, source: &Source, format: Option<&str>) -> Result<Document> {
        self.parse(source.message()?, format, true, &[])
    }

    /// The document in this text.
    ///
    /// # Errors
    /// As [`document`](Self::document).
    pub fn document_in(&self, text: &str, format: &str) -> Result<Document> {
        self.parse(InputSource::Body, Some(format), false, text.as_bytes())
    }

    fn parse(
        self,
        source: InputSource,
        format: Option<&str>,
        sensitive: bool,
        body: &[u8],
    ) -> Result<Document> {
        let request = DocumentRequest {
            source,
            format: format.map(str::to_owned),
            sensitive,
        };
        self.0
            .call::<protocol::InputDocument>(&request, body)
            .map(|(document, _)| document)
    }
}
