//! Request bodies that come from a reader.

use std::io::Read;

use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{StreamRef, UploadRequest};
use zeroize::Zeroizing;

use crate::{Error, ErrorKind, Host, Request, Response, Result, request::describe_call};

/// The number of bytes of a piece: 64 KiB.
const PIECE: usize = 64 << 10;

impl<'a> Request<'a> {
    /// Sends a body that the plugin produces while it is sent. See [`Upload`]. A header `content-type` that was added before
    /// takes precedence over `content_type`. For a file, [`body_file`](Self::body_file) is simpler, and allows retries.
    pub fn upload<R: Read>(self, reader: R, content_type: &str) -> Upload<'a, R> {
        Upload {
            request: self.without_body().content_type(content_type),
            reader,
            length: None,
        }
    }
}

/// A request whose body comes from a reader, from [`Request::upload`].
///
/// The body can have any size, and is never in memory as a whole: `tw` reads it in pieces of up to 64 KiB, as fast as the server
/// takes them.
///
/// The host can't send such a body twice. It retries if it gets no connection, but not after it has taken the first bytes of
/// the body, whatever the method or [`repeatable`](Request::repeatable) say. If the connection breaks or the deadline
/// passes after that, a request that changes something fails with [`ErrorKind::OutcomeUnknown`]. The time in which the host
/// waits for the reader counts for the [`deadline`](Request::deadline), but not as silence of the server.
///
/// ```
/// # use tw_plugin_api::prelude::*;
/// # fn run(host: &Host, rows: Vec<String>) -> Result<()> {
/// use std::io::{Cursor, Read};
///
/// // Any reader will do, such as one that compresses or generates its data.
/// let table = Cursor::new("name,size\n").chain(Cursor::new(rows.join("\n")));
/// host.http().post("/datasets/7/upload").upload(table, "text/csv").send()?.ok()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "an upload does nothing until it is sent"]
pub struct Upload<'a, R> {
    request: Request<'a>,
    reader: R,
    length: Option<u64>,
}

impl<R> std::fmt::Debug for Upload<'_, R> {
    /// Shows the request without the reader, whose bytes can be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upload")
            .field("request", &self.request)
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

impl<R: Read> Upload<'_, R> {
    /// Announces the number of bytes of the body. Without this, the body is sent in chunks, which some servers refuse with
    /// status 411. If the reader has more or fewer bytes, the upload fails, and the server gets no complete request.
    ///
    /// ```
    /// # use tw_plugin_api::prelude::*;
    /// # fn run(host: &Host) -> Result<()> {
    /// let zeros = std::io::Read::take(std::io::repeat(0), 1 << 30);
    /// let upload = host.http().put("/blob").upload(zeros, "application/octet-stream");
    /// upload.length(1 << 30).send()?.ok()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn length(mut self, bytes: u64) -> Self {
        self.length = Some(bytes);
        self
    }

    /// Sends the request, reads the body to its end, and waits for the response. A server that answers earlier ends the
    /// upload with its answer. Every status is a success here, as for [`Request::send`].
    ///
    /// # Errors
    /// As for [`Request::send`]. If the reader fails, with [`ErrorKind::Input`] and the reader's message: the server gets no
    /// complete request then. With [`ErrorKind::BadRequest`] if the request is a `GET` or `HEAD`, or if it has a
    /// [sensitive](Request::sensitive) part in its body, because the host can't search the body.
    pub fn send(mut self) -> Result<Response> {
        let host = self.request.host();
        let (request, _) = self.request.into_parts()?;
        let call = describe_call(&request);
        let message = UploadRequest {
            request,
            length: self.length,
            ..Default::default()
        };
        let (upload, _) = host.call::<protocol::HttpUploadBegin>(&message, &[])?;
        let open = Open { host, upload };
        let mut piece = Zeroizing::new(Vec::with_capacity(PIECE));
        loop {
            piece.clear();
            let read = self
                .reader
                .by_ref()
                .take(PIECE as u64)
                .read_to_end(&mut piece);
            read.map_err(|error| {
                let message = format!("the body of {call} can't be read: {error}");
                Error::new(ErrorKind::Input, message)
            })?;
            if piece.is_empty() {
                break;
            }
            let (state, _) = host.call::<protocol::HttpUploadWrite>(&open.upload, &piece)?;
            if !state.more {
                break;
            }
        }
        let (response, body) = host.call::<protocol::HttpUploadEnd>(&open.upload, &[])?;
        Ok(Response::new(call, response, body))
    }
}

/// An upload that has begun. Dropping it closes it, which does nothing after its end.
struct Open<'a> {
    host: &'a Host,
    upload: StreamRef,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        // A failure does no harm: the host closes all open uploads at the end of the run.
        let _ = self.host.ask::<protocol::HttpClose>(&self.upload);
    }
}
