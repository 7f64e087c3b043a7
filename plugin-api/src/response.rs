//! HTTP responses.

use serde::de::DeserializeOwned;
use tw_plugin_protocol::{HTML_PAGE, HttpResponse, explain_decoding, is_html};

use crate::{Error, ErrorKind, Result};

/// A response to a [`Request`](crate::Request). Its `Debug` output shows the size of the body, and not the body.
#[derive(Clone)]
pub struct Response {
    /// The method and the path of the request, for error messages.
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

    /// Returns the status, such as 200 or 404.
    pub fn status(&self) -> u16 {
        self.message.status
    }

    /// Returns true if the status is 200 to 299.
    pub fn is_success(&self) -> bool {
        self.message.is_success()
    }

    /// Returns the version of HTTP that the server answered with, such as `HTTP/1.1`. The text is empty if an older host
    /// doesn't say.
    pub fn version(&self) -> &str {
        &self.message.version
    }

    /// Returns the first header with this name, in upper or lower case. Returns `None` if the response has no such
    /// header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.message.header(name)
    }

    /// Returns the names and values of all headers in the order of the response. The names are in lower case.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.message.pairs()
    }

    /// Returns how many times the host sent the request: 1 if the first attempt succeeded.
    pub fn attempts(&self) -> u32 {
        self.message.attempts
    }

    /// Returns the body. If the status is not a success, the host has redacted the secrets in it.
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// Decodes the body as JSON.
    ///
    /// ```
    /// # use tw_plugin_api::prelude::*;
    /// # fn run(host: &Host) -> Result<()> {
    /// #[derive(serde::Deserialize)]
    /// #[serde(rename_all = "camelCase")]
    /// struct Orgs {
    ///     total_size: u64,
    /// }
    ///
    /// let orgs: Orgs = host.http().get("/orgs").send()?.ok()?.json()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the body is not JSON, or doesn't have the form of `T`. The error names the method, the path of the request, the
    /// path in the body, and what was expected there: `The server's answer to GET /orgs is not of the expected form:
    /// totalSize: missing field`. It shows no value of the body.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|error| self.explain_invalid_json(&error))
    }

    fn explain_invalid_json(&self, error: &serde_json::Error) -> Error {
        let message = explain_decoding(&self.call, &self.body, error);
        Error::new(ErrorKind::InvalidResponse, message)
    }

    /// Returns the response itself if its status is a [success](Self::is_success).
    ///
    /// # Errors
    /// If the status is not a success. The error has the message in the server's answer, if the answer has one. For
    /// 401, the message says that the access token, the workspace or the server's address is wrong.
    pub fn ok(self) -> Result<Self> {
        match self.is_success() {
            true => Ok(self),
            false => Err(self.to_error()),
        }
    }

    /// Words the failure that a status other than 200 to 299 means.
    pub(crate) fn to_error(&self) -> Error {
        let status = self.status();
        let message = match status {
            401 => "Unauthorized. Check your access token, workspace id and tower server url."
                .to_owned(),
            _ => self.read_server_message().unwrap_or_else(|| match status {
                403 => "Forbidden".to_owned(),
                _ => format!(
                    "The server answered {} with status {status}{}",
                    self.call,
                    self.describe_answer()
                ),
            }),
        };
        let error = Error::new(ErrorKind::Http, message).with_status(status);
        match self.message.explain_retry_after() {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    /// Describes an answer that says where the API may be: the destination of a redirect, or a page for people. Otherwise returns the empty text.
    fn describe_answer(&self) -> String {
        let location = self.header("location").map(cut_location);
        match (self.status(), location) {
            (300..400, Some(to)) if !to.is_empty() => format!(", which is a redirect to {to}"),
            (404 | 405, _) if is_html(&self.body) => format!(" and {HTML_PAGE}"),
            _ => String::new(),
        }
    }

    /// Checks that the body is empty or `{}`, for calls that return no content.
    ///
    /// # Errors
    /// If the body has content. The answer may then come from another server than the API, such as the sign-in page of
    /// a wireless network.
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

    /// Reads the field `message` of the body, and cuts a long one. Returns `None` if the body has none, or an empty one.
    fn read_server_message(&self) -> Option<String> {
        #[derive(serde::Deserialize)]
        struct Body {
            message: String,
        }
        let body: Body = serde_json::from_slice(&self.body).ok()?;
        let message = Some(body.message).filter(|message| !message.trim().is_empty())?;
        Some(match message.char_indices().nth(LONGEST_MESSAGE) {
            Some((end, _)) => format!("{}…", &message[..end]),
            None => message,
        })
    }
}

/// The number of characters of a server's text that an error shows.
const LONGEST_MESSAGE: usize = 500;

/// Returns the destination of a redirect: the scheme and the host of another server, or a path of the same one. The rest of an address, and what stands
/// before an `@`, can be secret.
fn cut_location(location: &str) -> String {
    let path = location.split(['?', '#']).next().unwrap_or_default();
    let shown = match path.split_once("//") {
        Some((scheme, rest)) => {
            let host = rest.split(['/', '\\']).next().unwrap_or_default();
            let host = host.rsplit('@').next().unwrap_or_default();
            format!("{scheme}//{host}")
        }
        None => path.to_owned(),
    };
    shown.chars().take(LONGEST_MESSAGE).collect()
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
