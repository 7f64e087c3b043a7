//! HTTP requests.

use std::{fmt::Display, path::Path, time::Duration};

use serde::Serialize;
use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{Header, HttpRequest, Parameter, Part, Span};
use zeroize::Zeroizing;

use crate::{Error, Host, Response, Result, Stream, Workspace};

/// An HTTP request. [`Host::http`] builds one; [`send`](Self::send) or [`open`](Self::open) sends it.
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
    /// `Ok(None)` if the request has no body. `Err` if the body could not be built, which sending reports.
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

    /// Adds a query parameter. The host percent-encodes it.
    pub fn query(mut self, name: &str, value: impl Display) -> Self {
        let parameter = Parameter::new(name, value.to_string());
        self.message.query.push(parameter);
        self
    }

    /// Appends a segment to the path, percent-encoded: a `/` or `..` in a name can't change which resource is
    /// addressed.
    ///
    /// ```
    /// # use tw_plugin_api::prelude::*;
    /// # fn run(host: &Host, name: &str) -> Result<()> {
    /// host.http().get("/datasets").segment(name).segment("versions").send()?.ok()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn segment(mut self, segment: &str) -> Self {
        // A URL parser removes the segments `.` and `..`, and `%2E` counts as a dot there. `%252E` doesn't.
        let is_dots = matches!(segment, "." | "..");
        self.message.url.push('/');
        for byte in segment.bytes() {
            match byte {
                b'.' if is_dots => self.message.url.push_str("%252E"),
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    self.message.url.push(char::from(byte))
                }
                _ => self.message.url.push_str(&format!("%{byte:02X}")),
            }
        }
        self
    }

    /// Adds the query parameter `workspaceId`. Adds nothing for the user's personal workspace.
    pub fn workspace(self, workspace: &Workspace) -> Self {
        match workspace.id() {
            Some(id) => self.query("workspaceId", id),
            None => self,
        }
    }

    /// Adds a header.
    ///
    /// The host sets `Authorization` on requests to the API and replaces a value set here. It refuses requests that set
    /// `Host`, `Content-Length`, `Transfer-Encoding`, `Connection`, `Upgrade` or `TE`.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.message.headers.push(Header::new(name, value));
        self
    }

    /// Sets the body to `body` as JSON, with the content type `application/json`. If `body` can't be serialized,
    /// sending fails.
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

    /// Sets the body. A header `content-type` that was added before takes precedence over `content_type`.
    pub fn body(self, content_type: &str, bytes: Vec<u8>) -> Self {
        let mut request = self.without_body();
        request.body = Ok(Some(Zeroizing::new(bytes)));
        request.content_type(content_type)
    }

    pub(crate) fn without_body(mut self) -> Self {
        self.body = Ok(None);
        self.message.body_file = None;
        self.message.form.clear();
        self
    }

    pub(crate) fn content_type(self, content_type: &str) -> Self {
        let is_content_type = |header: &Header| header.name.eq_ignore_ascii_case("content-type");
        match self.message.headers.iter().any(is_content_type) {
            true => self,
            false => self.header("content-type", content_type),
        }
    }

    /// Sets the body to the content of a file. The host reads the file while it sends it, so that a large file takes little
    /// memory, and reads it again for a retry. A relative path starts at the folder in which `tw` was started. A header
    /// `content-type` that was added before takes precedence over `content_type`.
    ///
    /// If the file can't be read, or if it is a folder, a pipe or a device, sending fails with
    /// [`ErrorKind::Input`](crate::ErrorKind::Input). A file with a [sensitive](Self::sensitive) part may have at most
    /// 8 MiB.
    ///
    /// ```
    /// # use tw_plugin_api::prelude::*;
    /// # fn run(host: &Host, file: &std::path::Path) -> Result<()> {
    /// host.http().post("/datasets/7/upload").body_file(file, "text/csv").send()?.ok()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn body_file(self, path: impl AsRef<Path>, content_type: &str) -> Self {
        let mut request = self.without_body();
        request.message.body_file = Some(path.as_ref().as_os_str().to_owned().into());
        request.content_type(content_type)
    }

    /// Declares that a field of the JSON body is a secret, which the host redacts in logs and in messages. `pointer` is
    /// a JSON pointer ([RFC 6901]); `""` means the whole body.
    ///
    /// [RFC 6901]: https://www.rfc-editor.org/rfc/rfc6901
    pub fn sensitive(mut self, pointer: &str) -> Self {
        self.message.sensitive.push(Part::Body {
            pointer: pointer.to_owned(),
        });
        self
    }

    /// Declares that a field of the response's JSON body is a secret. `pointer` is as for
    /// [`sensitive`](Self::sensitive).
    pub fn sensitive_response(mut self, pointer: &str) -> Self {
        self.message.sensitive.push(Part::Response {
            pointer: pointer.to_owned(),
        });
        self
    }

    /// Declares that the value of this header is a secret.
    pub fn sensitive_header(mut self, name: &str) -> Self {
        self.message.sensitive.push(Part::Header {
            name: name.to_owned(),
        });
        self
    }

    /// Declares that the value of this query parameter is a secret.
    pub fn sensitive_query(mut self, name: &str) -> Self {
        self.message.sensitive.push(Part::Query {
            name: name.to_owned(),
        });
        self
    }

    /// Limits the time from the first attempt to the last byte of the response, retries included.
    pub fn deadline(mut self, time: Duration) -> Self {
        self.message.deadline_ms = Some(u64::try_from(time.as_millis()).unwrap_or(u64::MAX));
        self
    }

    /// Declares whether the request is idempotent, so that the host may send it again after a failure. Without this,
    /// all methods except `POST` and `PATCH` are.
    pub fn repeatable(mut self, yes: bool) -> Self {
        self.message.repeatable = Some(yes);
        self
    }

    /// Sets how often the host may send the request again after a failure. 0 means never. Without this, it is the
    /// number that the user set with `--retries`, or 3.
    ///
    /// If the user set a number, the host doesn't retry more often than that. It retries only what it may send twice: see
    /// [`repeatable`](Self::repeatable).
    ///
    /// ```
    /// # use tw_plugin_api::prelude::*;
    /// # fn run(host: &Host) -> Result<()> {
    /// let is_up = host.http().get("/service-info").retries(0).send().is_ok();
    /// # Ok(())
    /// # }
    /// ```
    pub fn retries(mut self, number: u32) -> Self {
        self.message.retries = Some(number);
        self
    }

    /// Sends the request without the access token, even to the API.
    pub fn anonymous(mut self) -> Self {
        self.message.anonymous = true;
        self
    }

    /// Sets the largest accepted size of the response's body, in bytes. Without this, it is 32 MiB.
    ///
    /// A larger response fails with [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge). If the request changes
    /// something, it fails with [`ErrorKind::OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown). If the status says
    /// that the request failed, a body larger than this or than 64 KiB is dropped, and the response has an empty body.
    pub fn max_body(mut self, bytes: u64) -> Self {
        self.message.max_body = Some(bytes);
        self
    }

    /// Sends the request and waits for the response. Every status is a success here: [`Response::ok`] turns a status
    /// such as 404 into an error.
    ///
    /// # Errors
    /// If there is no response: there is no access token, the connection failed, the deadline passed, or the user
    /// pressed Ctrl-C.
    pub fn send(self) -> Result<Response> {
        let call = describe_call(&self.message);
        let host = self.host;
        let (message, body) = self.into_parts()?;
        let (response, body) = host.call::<protocol::HttpSend>(&message, &body)?;
        Ok(Response::new(call, response, body))
    }

    /// Sends the request, and returns a response whose body is read in pieces. Every status is a success here, as for
    /// [`send`](Self::send): [`Stream::ok`] turns a status such as 404 into an error.
    ///
    /// # Errors
    /// As for [`send`](Self::send).
    pub fn open(self) -> Result<Stream<'a>> {
        let call = describe_call(&self.message);
        let host = self.host;
        let (message, body) = self.into_parts()?;
        let (head, _) = host.call::<protocol::HttpOpen>(&message, &body)?;
        Ok(Stream::new(host, call, head))
    }

    pub(crate) fn host(&self) -> &'a Host {
        self.host
    }

    pub(crate) fn into_parts(mut self) -> Result<(HttpRequest, Zeroizing<Vec<u8>>)> {
        let body = self.body?;
        self.message.body = body.as_ref().map(|bytes| Span::new(0, bytes.len()));
        Ok((self.message, body.unwrap_or_default()))
    }
}

/// Returns the method and the path, which contain no secret. The query can.
pub(crate) fn describe_call(request: &HttpRequest) -> String {
    let path = request.url.split(['?', '#']).next().unwrap_or_default();
    format!("{} {path}", request.method)
}

impl std::fmt::Debug for Request<'_> {
    /// Shows the method and the path. The rest can contain secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(&self.message, f)
    }
}

impl Display for Request<'_> {
    /// Writes the method and the path.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&describe_call(&self.message))
    }
}
