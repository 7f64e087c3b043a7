//! An answer: its status, its headers, its body; and what counts as failure.

use serde::de::DeserializeOwned;
use tw_plugin_protocol::HttpResponse;

use crate::{Error, ErrorKind, Result};

/// An answer. No `Debug` of it shows the body.
#[derive(Clone)]
pub struct Response {
    call: String,
    message: HttpResponse,
    body: Vec<u8>,
}

impl Response {
    pub(crate) fn new(call: String, message: HttpResponse, body: Vec<u8>) -> Self {
        Self {
            call,
            message,
            body,
        }
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.message.status
    }

    /// The first header of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .message
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name));
        found.map(|header| header.value.as_str())
    }

    /// All headers, their names in lower case, in the order in which they came.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.message
            .headers
            .iter()
            .map(|header| (header.name.as_str(), header.value.as_str()))
    }

    /// How often the request was sent.
    pub fn attempts(&self) -> u32 {
        self.message.attempts
    }

    /// The body. Unless the status is one of success, the host has redacted in it the secrets that the server repeats.
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// The body, decoded.
    ///
    /// # Errors
    /// When it isn't JSON, or not of this shape. The error says which call it was, and nothing of what was in it.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|error| self.unreadable(&error))
    }

    /// Once in a library, whatever is read.
    #[cold]
    #[inline(never)]
    fn unreadable(&self, error: &serde_json::Error) -> Error {
        let what = match error.classify() {
            serde_json::error::Category::Data => "is not of the expected form",
            serde_json::error::Category::Eof if self.body.is_empty() => "is empty",
            serde_json::error::Category::Eof => "is cut short",
            _ => "is not JSON",
        };
        let place = match self.body.is_empty() {
            true => String::new(),
            false => format!(" (line {}, column {})", error.line(), error.column()),
        };
        Error::new(
            ErrorKind::InvalidResponse,
            format!("The server's answer to {} {what}{place}", self.call),
        )
    }

    /// Itself, when its status is one of success (200 to 299).
    ///
    /// # Errors
    /// When the status means failure, in the words that the Platform's people know: the server's own message, where there is one.
    pub fn ok(self) -> Result<Self> {
        let status = self.status();
        if (200..300).contains(&status) {
            return Ok(self);
        }
        let message = match status {
            401 => "Unauthorized. Check your access token, workspace id and tower server url."
                .to_owned(),
            _ => self.server_message().unwrap_or_else(|| match status {
                403 => "Forbidden".to_owned(),
                _ => format!("The server answered {} with status {status}", self.call),
            }),
        };
        let error = Error::new(ErrorKind::Http, message).with_status(status);
        Err(match self.wanted_wait() {
            Some(wait) => error.hint(format!("the server wants to be left alone {wait}")),
            None => error,
        })
    }

    /// How long a server that has too much to do wants to be left alone. The host waits for a minute at most, so this is more, or again.
    fn wanted_wait(&self) -> Option<String> {
        let after = self.header("retry-after").map(str::trim)?;
        let seconds = after.bytes().all(|byte| byte.is_ascii_digit());
        match (self.status(), after) {
            (429 | 503, "") => None,
            (429 | 503, _) if seconds => Some(format!("for {after} seconds")),
            (429 | 503, _) => Some(format!("until {after}")),
            _ => None,
        }
    }

    /// Nothing, or `{}`: for a call that is answered without content.
    ///
    /// # Errors
    /// When there is content after all: then it may not have been the API that answered, but a page to sign in to a network, say.
    pub fn no_content(&self) -> Result<()> {
        match &*self.body {
            b"" | b"{}" => Ok(()),
            _ => Err(Error::new(
                ErrorKind::InvalidResponse,
                format!(
                    "The server's answer to {} has content where none is expected",
                    self.call
                ),
            )),
        }
    }

    fn server_message(&self) -> Option<String> {
        #[derive(serde::Deserialize)]
        struct Body {
            message: String,
        }
        let body: Body = serde_json::from_slice(&self.body).ok()?;
        Some(body.message).filter(|message| !message.trim().is_empty())
    }
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response")
            .field("call", &self.call)
            .field("status", &self.message.status)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}
