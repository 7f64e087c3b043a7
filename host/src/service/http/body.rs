//! The body of a request: bytes that the plugin sent, or a file that the host reads while it sends.

use std::{
    ffi::OsString,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tw_plugin_protocol::{HttpRequest, Part, Span};

use super::{Http, lock};
use crate::{
    error::{Error, ErrorKind},
    files::{MAX_TEXT, read_at_most},
};

/// The number of bytes of a file that are in memory at once, beside the buffers of the connection: 64 KiB.
const CHUNK: u64 = 64 << 10;

/// The body of a request.
pub(super) enum Content<'a> {
    None,
    Bytes(&'a [u8]),
    File(PathBuf),
}

impl Http {
    /// Returns the body of a request, and registers the parts of the request that are sensitive.
    pub(super) fn prepare<'a>(
        &self,
        request: &HttpRequest,
        body: &'a [u8],
    ) -> Result<Content<'a>, Error> {
        let bytes = slice_body(body, request.body)?;
        let Some(path) = &request.body_file else {
            self.redactor.add_parts(request, bytes);
            return Ok(bytes.map_or(Content::None, Content::Bytes));
        };
        if bytes.is_some() {
            let message = "the request has two bodies: bytes and a file";
            return Err(Error::new(ErrorKind::BadRequest, message));
        }
        let path = PathBuf::from(OsString::from(path.clone()));
        let has_secret = |part: &Part| matches!(part, Part::Body { .. });
        match request.sensitive.iter().any(has_secret) {
            true => {
                check_is_file(&path)?;
                let bytes = read_at_most(&path, MAX_TEXT);
                let bytes = bytes.map_err(|error| match error.kind() {
                    std::io::ErrorKind::FileTooLarge => make_unsearchable(&path),
                    _ => Error::unreadable(&path, error),
                })?;
                self.redactor.add_parts(request, Some(&bytes));
            }
            false => self.redactor.add_parts(request, None),
        }
        Ok(Content::File(path))
    }
}

/// Returns the part of the raw body that a request names. `None` if the request has no body.
fn slice_body(body: &[u8], span: Option<Span>) -> Result<Option<&[u8]>, Error> {
    let Some(span) = span else {
        return Ok(None);
    };
    let end = span.offset.checked_add(span.length);
    let range = usize::try_from(span.offset)
        .ok()
        .zip(end.and_then(|end| usize::try_from(end).ok()));
    let part = range.and_then(|(begin, end)| body.get(begin..end));
    part.map(Some).ok_or_else(|| {
        Error::new(
            ErrorKind::BadRequest,
            "the request's body is outside of the bytes that were sent with it",
        )
    })
}

/// Refuses folders, pipes and devices: they have no size to announce, and a retry could not read them again. Opening a pipe would also wait for
/// a writer.
fn check_is_file(path: &Path) -> Result<(), Error> {
    let metadata = std::fs::metadata(path).map_err(|error| Error::unreadable(path, error))?;
    match metadata.is_file() {
        true => Ok(()),
        false => Err(Error::new(
            ErrorKind::Input,
            format!("{} is not a regular file", path.display()),
        )),
    }
}

fn make_unsearchable(path: &Path) -> Error {
    let message = format!(
        "{} has more than {MAX_TEXT} bytes, which is too much for a file with secrets",
        path.display()
    );
    Error::new(ErrorKind::TooLarge, message)
}

/// A body that is ready to be sent in one attempt.
pub(super) struct Outgoing {
    pub(super) body: reqwest::Body,
    pub(super) length: u64,
    /// `None` for a body in memory.
    pub(super) upload: Option<Arc<Upload>>,
}

impl Content<'_> {
    /// Makes the body for one attempt. A file is opened again for each attempt. Returns `None` if the request has no body.
    pub(super) fn open(&self) -> Result<Option<Outgoing>, Error> {
        let path = match self {
            Self::None => return Ok(None),
            Self::Bytes(bytes) => {
                return Ok(Some(Outgoing {
                    body: bytes.to_vec().into(),
                    length: bytes.len() as u64,
                    upload: None,
                }));
            }
            Self::File(path) => path,
        };
        check_is_file(path)?;
        let unreadable = |error| Error::unreadable(path, error);
        let file = File::open(path).map_err(unreadable)?;
        let length = file.metadata().map_err(unreadable)?.len();
        let upload = Arc::new(Upload {
            path: path.clone(),
            last_read: Mutex::new(Instant::now()),
            failure: Mutex::default(),
        });
        let body = FileBody {
            file,
            left: length,
            upload: Arc::clone(&upload),
        };
        Ok(Some(Outgoing {
            body: reqwest::Body::wrap(body),
            length,
            upload: Some(upload),
        }))
    }
}

/// The state of a file that is being sent, as the call that waits for the answer sees it.
pub(super) struct Upload {
    path: PathBuf,
    last_read: Mutex<Instant>,
    /// The reason why the file can't be sent to its end. `None` if there is none so far. HTTP/2 reports such a failure as a reset stream, without
    /// its reason.
    failure: Mutex<Option<std::io::Error>>,
}

impl Upload {
    /// Waits until the connection has taken no bytes for this time.
    pub(super) async fn wait_for_stall(&self, timeout: Duration) {
        loop {
            let end = *lock(&self.last_read) + timeout;
            if end <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(end.into()).await;
        }
    }

    /// Returns the failure to read the file. `None` if the file could be read so far.
    pub(super) fn take_failure(&self) -> Option<Error> {
        let failure = lock(&self.failure).take()?;
        Some(Error::unreadable(&self.path, failure))
    }
}

/// A file as the body of a request. Its length is announced before it is sent, so a file that grows meanwhile is sent up to that length.
struct FileBody {
    file: File,
    left: u64,
    upload: Arc<Upload>,
}

impl FileBody {
    fn read(&mut self) -> std::io::Result<Bytes> {
        let most = self.left.min(CHUNK);
        let mut chunk = Vec::with_capacity(most as usize);
        // This blocks the runtime's thread, for less time than the network takes for the same bytes.
        Read::by_ref(&mut self.file)
            .take(most)
            .read_to_end(&mut chunk)?;
        if chunk.is_empty() {
            return Err(std::io::Error::other("it became shorter while it was sent"));
        }
        self.left -= chunk.len() as u64;
        Ok(chunk.into())
    }
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        *lock(&self.upload.last_read) = Instant::now();
        if self.left == 0 {
            return Poll::Ready(None);
        }
        Poll::Ready(Some(match self.read() {
            Ok(chunk) => Ok(Frame::data(chunk)),
            Err(error) => {
                let cause = std::io::Error::from(error.kind());
                *lock(&self.upload.failure) = Some(error);
                Err(cause)
            }
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
