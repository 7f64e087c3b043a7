//! HTTP responses that are read in pieces.

use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{HttpResponse, StreamHead, StreamRead, StreamRef};

use crate::{Error, ErrorKind, Host, Response, Result};

/// The largest body that a response holds as a whole: 32 MiB, as for [`Request::send`](crate::Request::send).
const LARGEST_BODY: usize = 32 << 20;

/// A response whose body is read in pieces, from [`Request::open`](crate::Request::open). Dropping it closes the
/// connection.
///
/// ```
/// # use tw_plugin_api::prelude::*;
/// # fn run(host: &Host) -> Result<()> {
/// let mut stream = host.http().get("/large").open()?.ok()?;
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
    /// The method and the path of the request, for error messages.
    call: String,
    /// The host's number for this response.
    stream: u64,
    response: HttpResponse,
    has_ended: bool,
}

impl<'a> Stream<'a> {
    pub(crate) fn new(host: &'a Host, call: String, head: StreamHead) -> Self {
        Self {
            host,
            call,
            stream: head.stream,
            response: head.response,
            has_ended: false,
        }
    }

    /// Returns the status, such as 200 or 404.
    pub fn status(&self) -> u16 {
        self.response.status
    }

    /// Returns true if the status is 200 to 299.
    pub fn is_success(&self) -> bool {
        self.response.is_success()
    }

    /// Returns the version of HTTP that the server answered with, such as `HTTP/1.1`. The text is empty if an older host
    /// doesn't say.
    pub fn version(&self) -> &str {
        &self.response.version
    }

    /// Returns the first header with this name, in upper or lower case. Returns `None` if the response has no such
    /// header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.header(name)
    }

    /// Returns the names and values of all headers in the order of the response. The names are in lower case.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.response.pairs()
    }

    /// Returns the stream itself if its status is a [success](Self::is_success).
    ///
    /// # Errors
    /// If the status is not a success. The error is that of [`Response::ok`], with the message in the server's answer. Fails
    /// also as [`into_response`](Self::into_response) does.
    pub fn ok(self) -> Result<Self> {
        match self.is_success() {
            true => Ok(self),
            false => Err(self.into_response()?.to_error()),
        }
    }

    /// Reads the rest of the body, and returns it with the status and the headers. A command that shows what the server says
    /// about a failure uses this.
    ///
    /// Unlike the body of a failure from [`Request::send`](crate::Request::send), this body is as the server sent it: the
    /// host has not redacted the secrets in it.
    ///
    /// ```
    /// # use tw_plugin_api::prelude::*;
    /// # fn run(host: &Host) -> Result<()> {
    /// let stream = host.http().get("/workflow/5/log").open()?;
    /// if !stream.is_success() {
    ///     let response = stream.into_response()?;
    ///     host.stdout().send(response.bytes())?;
    ///     response.ok()?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As for [`read`](Self::read). With [`ErrorKind::TooLarge`] if the rest of the body has more than 32 MiB.
    pub fn into_response(mut self) -> Result<Response> {
        let mut body = Vec::new();
        while let Some(piece) = self.read()? {
            body.extend_from_slice(&piece);
            if body.len() > LARGEST_BODY {
                let call = &self.call;
                let message =
                    format!("The server's answer to {call} has more than {LARGEST_BODY} bytes");
                return Err(Error::new(ErrorKind::TooLarge, message));
            }
        }
        let (call, response) = (self.call.clone(), self.response.clone());
        Ok(Response::new(call, response, body))
    }

    /// Reads the next piece of the body, which is never empty. Returns `None` at the end.
    ///
    /// # Errors
    /// If the connection fails, the deadline passes, or the user presses Ctrl-C.
    pub fn read(&mut self) -> Result<Option<Vec<u8>>> {
        while !self.has_ended {
            let read = StreamRead {
                stream: self.stream,
                max: 0,
                ..Default::default()
            };
            let (chunk, bytes) = self.host.call::<protocol::HttpRead>(&read, &[])?;
            self.has_ended = chunk.end;
            if !bytes.is_empty() {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }
}

impl Drop for Stream<'_> {
    fn drop(&mut self) {
        if !self.has_ended {
            let stream = StreamRef {
                stream: self.stream,
                ..Default::default()
            };
            // A failure does no harm: the host closes all open responses at the end of the run.
            let _ = self.host.ask::<protocol::HttpClose>(&stream);
        }
    }
}
