//! HTTP responses that are read in pieces.

use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{HttpResponse, StreamHead, StreamRead, StreamRef};

use crate::{Host, Result};

/// A response whose body is read in pieces, from [`Request::open`](crate::Request::open). Dropping it closes the
/// connection.
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
    /// The host's number for this response.
    stream: u64,
    response: HttpResponse,
    has_ended: bool,
}

impl<'a> Stream<'a> {
    pub(crate) fn new(host: &'a Host, head: StreamHead) -> Self {
        Self {
            host,
            stream: head.stream,
            response: head.response,
            has_ended: false,
        }
    }

    /// Returns the status, such as 200 or 404.
    pub fn status(&self) -> u16 {
        self.response.status
    }

    /// Returns the first header with this name, in upper or lower case. Returns `None` if the response has no such
    /// header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.header(name)
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
