//! An answer that is read piece by piece.

use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{HttpResponse, StreamHead};

use crate::{Host, Result};

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

impl<'a> Stream<'a> {
    pub(crate) fn new(host: &'a Host, head: StreamHead) -> Self {
        Self {
            host,
            stream: head.stream,
            response: head.response,
            ended: false,
        }
    }

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
