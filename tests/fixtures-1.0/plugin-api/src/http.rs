//! HTTP through the host: its connections, its identity, its time-outs.

use std::{fmt::Display, time::Duration};

use serde::{Serialize, de::DeserializeOwned};
use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{Header, HttpRequest, HttpResponse, Part, Span};
use zeroize::Zeroizing;

use crate::{Batch, Error, ErrorKind, Host, Result, Workspace};

/// Requests to the API, and elsewhere.
///
/// ```
/// # use tw_plugin_api::prelude::*;
/// #[derive(serde::Deserialize)]
/// struct Info {
///     version: String,
/// }
///
/// # fn run(host: &Host) -> Result<()> {
/// let info: Info = host.http().get("/service-info").send()?.ok()?.json()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Http<'a>(pub(crate) &'a Host);

impl<'a> Http<'a> {
    /// `GET` of a path below the API's address, or of a whole URL.
    pub fn get(&self, url: impl Display) -> Request<'a> {
        self.request("GET", url)
    }

    /// `HEAD`, likewise.
    pub fn head(&self, url: impl Display) -> Request<'a> {
        self.request("HEAD", url)
    }

    /// `POST`, likewise. It is sent once, unless [`Request::repeatable`] says otherwise.
    pub fn post(&self, url: impl Display) -> Request<'a> {
        self.request("POST", url)
    }

    /// `PUT`, likewise.
    pub fn put(&self, url: impl Display) -> Request<'a> {
        self.request("PUT", url)
    }

    /// `PATCH`, likewise. It is sent once, unless [`Request::repeatable`] says otherwise.
    pub fn patch(&self, url: impl Display) -> Request<'a> {
        self.request("PATCH", url)
    }

    /// `DELETE`, likewise.
    pub fn delete(&self, url: impl Display) -> Request<'a> {
        self.request("DELETE", url)
    }

    /// Many requests at once; see [`Batch`].
    pub fn batch(&self) -> Batch<'a> {
        Batch::new(self.0)
    }

    fn request(&self, method: &str, url: impl Display) -> Request<'a> {
        Request {
            host: self.0,
            message: HttpRequest {
                method: method.to_owned(),
                url: url.to_string(),
                ..Default::default()
            },
            body: Ok(None),
        }
    }
}

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

    /// The largest response body taken, in bytes.
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
        let (message, body) = self.parts()?;
        let sent = self.host.call::<protocol::HttpSend>(&message, bytes(body));
        sent.map(|(message, body)| Response::new(call, message, body))
    }

    /// Sends it, and leaves the body of the answer to be read piece by piece.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub fn open(self) -> Result<Stream<'a>> {
        let (message, body) = self.parts()?;
        let body = bytes(body);
        let (head, _) = self.host.call::<protocol::HttpOpen>(&message, body)?;
        Ok(Stream {
            host: self.host,
            stream: head.stream,
            response: head.response,
            ended: false,
        })
    }

    fn parts(&self) -> Result<(HttpRequest, Option<&Zeroizing<Vec<u8>>>)> {
        let body = self.body.as_ref().map_err(Clone::clone)?.as_ref();
        let mut message = self.message.clone();
        message.body = body.map(|bytes| Span {
            offset: 0,
            length: bytes.len() as u64,
        });
        Ok((message, body))
    }
}

/// The method and the path, without the query.
pub(crate) fn called(request: &HttpRequest) -> String {
    let path = request.url.split(['?', '#']).next().unwrap_or_default();
    format!("{} {path}", request.method)
}

fn bytes(body: Option<&Zeroizing<Vec<u8>>>) -> &[u8] {
    body.map_or(&[], |bytes| bytes.as_slice())
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

    /// The body.
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// The body, decoded.
    ///
    /// # Errors
    /// When it isn't JSON, or not of this shape. The error says which call it was, and nothing of what was in it.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let what = match error.classify() {
                serde_json::error::Category::Data => "is not of the expected form",
                serde_json::error::Category::Eof => "is cut short",
                _ => "is not JSON",
            };
            let (line, column) = (error.line(), error.column());
            Error::new(
                ErrorKind::InvalidResponse,
                format!(
                    "The server's answer to {} {what} (line {line}, column {column})",
                    self.call
                ),
            )
        })
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
        Err(Error::new(ErrorKind::Http, message).with_status(status))
    }

    /// Nothing: for a call that is answered without content.
    ///
    /// # Errors
    /// When there is content after all, and it isn't JSON: then it wasn't the API that answered, but a page to sign in to a network, say.
    pub fn no_content(&self) -> Result<()> {
        match self.body.is_empty() {
            true => Ok(()),
            false => self.json::<serde::de::IgnoredAny>().map(drop),
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

/// An answer whose body is read piece by piece. Dropped, it is closed.
///
/// ```
/// # use tw_plugin_api::prelude::*;
/// # fn run(host: &Host) -> Result<()> {
/// let mut stream = host.http().get("/large").open()?;
/// let mut size = 0;
/// while let Some(piece) = stream.read()? {
///     size += piece.len();
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Stream<'a> {
    host: &'a Host,
    stream: u64,
    response: HttpResponse,
    ended: bool,
}

impl Stream<'_> {
    /// The status.
    pub fn status(&self) -> u16 {
        self.response.status
    }

    /// The first header of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .response
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name));
        found.map(|header| header.value.as_str())
    }

    /// The next piece, or nothing when there is no more.
    ///
    /// # Errors
    /// When the connection breaks, the time is up, or the person stops the run.
    pub fn read(&mut self) -> Result<Option<Vec<u8>>> {
        while !self.ended {
            let read = protocol::StreamRead {
                stream: self.stream,
                max: 0,
            };
            let (chunk, bytes) = self.host.call::<protocol::HttpRead>(&read, &[])?;
            self.ended = chunk.end;
            if !bytes.is_empty() {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }
}

impl Drop for Stream<'_> {
    fn drop(&mut self) {
        if !self.ended {
            let stream = protocol::StreamRef {
                stream: self.stream,
            };
            // The host closes what is left open when the run ends.
            let _ = self.host.ask::<protocol::HttpClose>(&stream);
        }
    }
}
