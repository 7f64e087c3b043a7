//! A request, built and sent.

use std::{fmt::Display, time::Duration};

use serde::Serialize;
use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{Header, HttpRequest, Part, Span};
use zeroize::Zeroizing;

use crate::{Error, Host, Response, Result, Stream, Workspace};

/// A request, on its way to be sent.
///
/// ```
/// # use tw_plugin_api::prelude::*;
/// # fn run(host: &Host) -> Result<()> {
/// let workspace = host.workspace()?;
/// host.http()
///     .post("/pipeline-secrets")
///     .workspace(&workspace)
///     .json(&json!({ "name": "KEY", "value": "…" }))
///     .sensitive("/value")
///     .send()?
///     .ok()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a request does nothing until it is sent"]
pub struct Request<'a> {
    host: &'a Host,
    pub(crate) message: HttpRequest,
    pub(crate) body: Result<Option<Zeroizing<Vec<u8>>>>,
}

impl<'a> Request<'a> {
    pub(crate) fn new(host: &'a Host, method: &str, url: String) -> Self {
        Self {
            host,
            message: HttpRequest {
                method: method.to_owned(),
                url,
                ..Default::default()
            },
            body: Ok(None),
        }
    }

    /// Adds a query parameter; the host encodes it.
    pub fn query(mut self, name: &str, value: impl Display) -> Self {
        self.message
            .query
            .push((name.to_owned(), value.to_string()));
        self
    }

    /// Adds a segment to the path, encoded: whatever is in it, it stays one segment.
    ///
    /// ```
    /// # use tw_plugin_api::prelude::*;
    /// # fn run(host: &Host, name: &str) -> Result<()> {
    /// host.http().get("/datasets").segment(name).segment("versions").send()?.ok()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn segment(mut self, segment: &str) -> Self {
        let dots = matches!(segment, "." | "..");
        self.message.url.push('/');
        for byte in segment.bytes() {
            match byte {
                b'.' if dots => self.message.url.push_str("%252E"),
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    self.message.url.push(char::from(byte))
                }
                _ => self.message.url.push_str(&format!("%{byte:02X}")),
            }
        }
        self
    }

    /// Adds `workspaceId`, unless the workspace is the user's own.
    pub fn workspace(self, workspace: &Workspace) -> Self {
        match workspace.id() {
            Some(id) => self.query("workspaceId", id),
            None => self,
        }
    }

    /// Adds a header. Those that carry the identity are the host's.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.message.headers.push(Header {
            name: name.to_owned(),
            value: value.to_owned(),
        });
        self
    }

    /// Sends this as JSON.
    pub fn json<T: Serialize + ?Sized>(self, body: &T) -> Self {
        match serde_json::to_vec(body) {
            Ok(bytes) => self.body("application/json", bytes),
            Err(error) => Self {
                body: Err(Error::failure(format!(
                    "the request has no JSON form: {error}"
                ))),
                ..self
            },
        }
    }

    /// Sends these bytes; a `content-type` that was set before stays.
    pub fn body(mut self, content_type: &str, bytes: Vec<u8>) -> Self {
        self.body = Ok(Some(Zeroizing::new(bytes)));
        let named = |header: &Header| header.name.eq_ignore_ascii_case("content-type");
        match self.message.headers.iter().any(named) {
            true => self,
            false => self.header("content-type", content_type),
        }
    }

    /// No log shows this field of the JSON body (a JSON pointer; empty is all of it).
    pub fn sensitive(mut self, pointer: &str) -> Self {
        self.message.sensitive.push(Part::Body {
            pointer: pointer.to_owned(),
        });
        self
    }

    /// No log shows this field of the response's JSON body.
    pub fn sensitive_response(mut self, pointer: &str) -> Self {
        self.message.sensitive.push(Part::Response {
            pointer: pointer.to_owned(),
        });
        self
    }

    /// No log shows the value of this header.
    pub fn sensitive_header(mut self, name: &str) -> Self {
        self.message.sensitive.push(Part::Header {
            name: name.to_owned(),
        });
        self
    }

    /// No log shows the value of this query parameter.
    pub fn sensitive_query(mut self, name: &str) -> Self {
        self.message.sensitive.push(Part::Query {
            name: name.to_owned(),
        });
        self
    }

    /// The most time that it may take, repetitions included.
    pub fn deadline(mut self, time: Duration) -> Self {
        self.message.deadline_ms = Some(u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
        self
    }

    /// Whether it may be sent twice, where that isn't as the method has it.
    pub fn repeatable(mut self, yes: bool) -> Self {
        self.message.repeatable = Some(yes);
        self
    }

    /// Goes without the token, although it goes to the API.
    pub fn anonymous(mut self) -> Self {
        self.message.anonymous = true;
        self
    }

    /// The largest response body taken, in bytes. A larger one is [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge), and to a request that changes
    /// something [`ErrorKind::OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown). Without it, 32 MiB are. An answer whose status is a failure has
    /// no body where it would be larger than that, or than 64 KiB.
    pub fn max_body(mut self, bytes: u64) -> Self {
        self.message.max_body = Some(bytes);
        self
    }

    /// Sends it and waits for the answer. A status is data: a 404 is no failure here, but in [`Response::ok`].
    ///
    /// # Errors
    /// When there was no answer: no token, no connection, the time was up, the person stopped the run.
    pub fn send(self) -> Result<Response> {
        let call = self.to_string();
        let host = self.host;
        let (message, body) = self.parts()?;
        let sent = host.call::<protocol::HttpSend>(&message, &body);
        sent.map(|(message, body)| Response::new(call, message, body))
    }

    /// Sends it, and leaves the body of the answer to be read piece by piece.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn open(self) -> Result<Stream<'a>> {
        let host = self.host;
        let (message, body) = self.parts()?;
        let (head, _) = host.call::<protocol::HttpOpen>(&message, &body)?;
        Ok(Stream::new(host, head))
    }

    fn parts(mut self) -> Result<(HttpRequest, Zeroizing<Vec<u8>>)> {
        let body = self.body?;
        self.message.body = body.as_ref().map(|bytes| Span {
            offset: 0,
            length: bytes.len() as u64,
        });
        Ok((self.message, body.unwrap_or_default()))
    }
}

/// The method and the path, without the query.
pub(crate) fn called(request: &HttpRequest) -> String {
    let path = request.url.split(['?', '#']).next().unwrap_or_default();
    format!("{} {path}", request.method)
}

impl std::fmt::Debug for Request<'_> {
    /// The method and the path: the rest can be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(&self.message, f)
    }
}

impl Display for Request<'_> {
    /// The method and the path.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&called(&self.message))
    }
}
