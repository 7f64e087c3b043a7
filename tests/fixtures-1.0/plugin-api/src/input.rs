//! Standard input, files, and the documents in them.

use std::path::{Path, PathBuf};

use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{DocumentRequest, InputRequest, InputSource};

use crate::{Document, Host, Result};

/// A source of input.
///
/// ```
/// use tw_plugin_api::Source;
///
/// assert_eq!(Source::from_argument("-"), Source::Stdin);
/// assert_eq!(Source::from_argument("a.env"), Source::File("a.env".into()));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// Standard input.
    Stdin,
    /// A file. A relative path starts at the folder in which `tw` was started.
    File(PathBuf),
}

impl Source {
    /// Reads an argument: `-` is standard input, everything else is the path of a file.
    pub fn from_argument(argument: impl AsRef<Path>) -> Self {
        let path = argument.as_ref();
        match path == Path::new("-") {
            true => Self::Stdin,
            false => Self::File(path.to_owned()),
        }
    }

    fn to_message(&self) -> InputSource {
        match self {
            Self::Stdin => InputSource::Stdin,
            Self::File(path) => InputSource::File {
                path: path.clone().into_os_string().into(),
            },
        }
    }
}

/// The reader of files and of standard input, from [`Host::input`].
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
    /// Reads all bytes of a source. `max` is the largest accepted size in bytes; 0 means the host's limit of
    /// 32 MiB.
    ///
    /// # Errors
    /// If the source can't be read, or if it is larger than `max`.
    pub fn bytes(&self, source: &Source, max: u64) -> Result<Vec<u8>> {
        self.read(source, max, false)
    }

    /// Reads all bytes of a source that is a secret. The host redacts them in logs and in messages.
    ///
    /// # Errors
    /// As for [`bytes`](Self::bytes).
    pub fn secret_bytes(&self, source: &Source, max: u64) -> Result<Vec<u8>> {
        self.read(source, max, true)
    }

    fn read(self, source: &Source, max: u64, sensitive: bool) -> Result<Vec<u8>> {
        let request = InputRequest {
            source: source.to_message(),
            max,
            sensitive,
            ..Default::default()
        };
        let (_, body) = self.0.call::<protocol::InputRead>(&request, &[])?;
        Ok(body)
    }

    /// Reads and parses a document. `format` is `dotenv`, `json`, `yaml` or `toml`; `None` derives the format from the
    /// name of the file.
    ///
    /// # Errors
    /// If the source can't be read or parsed, or if its format is not known. The error names the line, and shows
    /// nothing of its content.
    pub fn document(&self, source: &Source, format: Option<&str>) -> Result<Document> {
        self.parse(source.to_message(), format, false, &[])
    }

    /// Reads and parses a document with secret values. The host redacts them in logs and in messages.
    ///
    /// # Errors
    /// As for [`document`](Self::document).
    pub fn secret_document(&self, source: &Source, format: Option<&str>) -> Result<Document> {
        self.parse(source.to_message(), format, true, &[])
    }

    /// Parses a text that the plugin already has. `format` is `dotenv`, `json`, `yaml` or `toml`.
    ///
    /// # Errors
    /// As for [`document`](Self::document).
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
            ..Default::default()
        };
        let (document, _) = self.0.call::<protocol::InputDocument>(&request, body)?;
        Ok(Document::new(document))
    }
}
