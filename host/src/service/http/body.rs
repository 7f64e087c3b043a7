//! The body of a request: bytes that the plugin sent, and files that the host reads while it sends them.

use std::{
    borrow::Cow,
    collections::VecDeque,
    ffi::OsString,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use reqwest::header::HeaderValue;
use tw_plugin_protocol::{HttpRequest, Part, Span};

use super::{Http, form, lock, upload::Pushed};
use crate::{
    error::{Error, ErrorKind},
    files::{MAX_TEXT, read_at_most, show_path},
};

/// The number of bytes of a file that are in memory at once, beside the buffers of the connection: 64 KiB.
const CHUNK: u64 = 64 << 10;

/// The body of a request.
pub(super) struct Content<'a> {
    pub(super) pieces: Vec<Piece<'a>>,
    /// The content type of a form. `None` if the plugin sets the content type.
    pub(super) content_type: Option<HeaderValue>,
}

/// A piece of a body.
pub(super) enum Piece<'a> {
    Bytes(Cow<'a, [u8]>),
    File(PathBuf),
    /// A body that the plugin sends in pieces. It is the only piece.
    Pushed(Arc<Pushed>),
}

impl Content<'_> {
    pub(super) const NONE: Self = Self {
        pieces: Vec::new(),
        content_type: None,
    };
}

impl Http {
    /// Returns the body of a request, and registers the parts of the request that are sensitive.
    pub(super) fn prepare<'a>(
        &self,
        request: &HttpRequest,
        body: &'a [u8],
    ) -> Result<Content<'a>, Error> {
        let bytes = slice_body(body, request.body)?;
        let path = request.body_file.clone();
        let path = path.map(|path| PathBuf::from(OsString::from(path)));
        let kinds = [bytes.is_some(), path.is_some(), !request.form.is_empty()];
        if kinds.into_iter().filter(|is_there| *is_there).count() > 1 {
            let message = "the request has two bodies: bytes, a file or a form";
            return Err(Error::new(ErrorKind::BadRequest, message));
        }
        let has_secret = |part: &Part| matches!(part, Part::Body { .. } | Part::Unknown);
        let searched = match &path {
            Some(path) if request.sensitive.iter().any(has_secret) => Some(read_searchable(path)?),
            _ => None,
        };
        self.redactor
            .add_parts(request, searched.as_deref().or(bytes));
        form::add_sensitive_parts(request, &self.redactor)?;
        let (pieces, content_type) = match (bytes, path) {
            (Some(bytes), _) => (vec![Piece::Bytes(bytes.into())], None),
            (_, Some(path)) => (vec![Piece::File(path)], None),
            _ if request.form.is_empty() => (Vec::new(), None),
            _ => {
                let boundary = form::make_boundary();
                let pieces = form::make_pieces(&request.form, &boundary)?;
                let content_type = format!("multipart/form-data; boundary={boundary}");
                // A number and a fixed text are always a valid value.
                (pieces, HeaderValue::try_from(content_type).ok())
            }
        };
        Ok(Content {
            pieces,
            content_type,
        })
    }
}

impl Content<'_> {
    /// Copies the bytes, so that the body outlives the call that it came with.
    pub(super) fn into_owned(self) -> Content<'static> {
        let own = |piece| match piece {
            Piece::Bytes(bytes) => Piece::Bytes(Cow::Owned(bytes.into_owned())),
            Piece::File(path) => Piece::File(path),
            Piece::Pushed(pushed) => Piece::Pushed(pushed),
        };
        Content {
            pieces: self.pieces.into_iter().map(own).collect(),
            content_type: self.content_type,
        }
    }
}

/// Reads a file that has secrets, so that they can be registered.
pub(super) fn read_searchable(path: &Path) -> Result<Vec<u8>, Error> {
    check_is_file(path)?;
    let bytes = read_at_most(path, MAX_TEXT);
    bytes.map_err(|error| match error.kind() {
        std::io::ErrorKind::FileTooLarge => make_unsearchable(path),
        _ => Error::unreadable(path, error),
    })
}

/// True if the body of a request has a file.
pub(super) fn has_file(request: &HttpRequest) -> bool {
    request.body_file.is_some() || request.form.iter().any(|part| part.file.is_some())
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
            format!("{} is not a regular file", show_path(path)),
        )),
    }
}

fn make_unsearchable(path: &Path) -> Error {
    let message = format!(
        "{} has more than {MAX_TEXT} bytes, which is too much for a file with secrets",
        show_path(path)
    );
    Error::new(ErrorKind::TooLarge, message)
}

/// A body that is ready to be sent in one attempt.
pub(super) struct Outgoing {
    pub(super) body: reqwest::Body,
    /// `None` if the length is not known.
    pub(super) length: Option<u64>,
    /// `None` for a body in memory.
    pub(super) upload: Option<Arc<Upload>>,
}

impl Content<'_> {
    /// Makes the body for one attempt. Files are opened again for each attempt. Returns `None` if the request has no body.
    pub(super) fn open(&self) -> Result<Option<Outgoing>, Error> {
        match self.pieces.as_slice() {
            [] => return Ok(None),
            [Piece::Bytes(bytes)] => {
                return Ok(Some(Outgoing {
                    body: bytes.to_vec().into(),
                    length: Some(bytes.len() as u64),
                    upload: None,
                }));
            }
            [Piece::Pushed(pushed)] => return pushed.open().map(Some),
            _ => {}
        }
        let opened = self.pieces.iter().map(Opened::new);
        let pieces: VecDeque<Opened> = opened.collect::<Result<_, _>>()?;
        let length = pieces.iter().map(Opened::length).sum();
        let upload = Arc::new(Upload::new());
        let body = FileBody {
            pieces,
            left: length,
            upload: Arc::clone(&upload),
        };
        Ok(Some(Outgoing {
            body: reqwest::Body::wrap(body),
            length: Some(length),
            upload: Some(upload),
        }))
    }

    /// True if the plugin sends the body in pieces.
    pub(super) fn is_pushed(&self) -> bool {
        matches!(self.pieces.as_slice(), [Piece::Pushed(_)])
    }

    /// True if a part of the body was sent that can't be sent again.
    pub(super) fn is_spent(&self) -> bool {
        matches!(self.pieces.as_slice(), [Piece::Pushed(pushed)] if pushed.is_spent())
    }
}

/// A piece that is being sent.
enum Opened {
    Bytes(Bytes),
    File {
        path: PathBuf,
        file: File,
        left: u64,
    },
}

impl Opened {
    fn new(piece: &Piece<'_>) -> Result<Self, Error> {
        let path = match piece {
            Piece::Bytes(bytes) => return Ok(Self::Bytes(Bytes::copy_from_slice(bytes))),
            Piece::File(path) => path,
            Piece::Pushed(_) => {
                let message = "a body that is sent in pieces has other pieces too";
                return Err(Error::new(ErrorKind::BadRequest, message));
            }
        };
        check_is_file(path)?;
        let unreadable = |error| Error::unreadable(path, error);
        let file = File::open(path).map_err(unreadable)?;
        let left = file.metadata().map_err(unreadable)?.len();
        Ok(Self::File {
            path: path.clone(),
            file,
            left,
        })
    }

    /// Returns the number of bytes that are not sent yet.
    fn length(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File { left, .. } => *left,
        }
    }

    /// Returns the next bytes, which are not empty unless the piece has ended.
    fn read(&mut self) -> Result<Bytes, Error> {
        let (path, file, left) = match self {
            Self::Bytes(bytes) => return Ok(std::mem::take(bytes)),
            Self::File { path, file, left } => (path, file, left),
        };
        let most = (*left).min(CHUNK);
        let mut chunk = Vec::with_capacity(most as usize);
        // This blocks the runtime's thread, for less time than the network takes for the same bytes.
        let read = file.take(most).read_to_end(&mut chunk);
        let read = read.map_err(|error| Error::unreadable(path, error))?;
        if read == 0 && most > 0 {
            let message = format!("{} became shorter while it was sent", show_path(path));
            return Err(Error::new(ErrorKind::Input, message)
                .hint("send it again when no other program writes to it"));
        }
        *left -= read as u64;
        Ok(chunk.into())
    }
}

/// The state of a file or of pieces that are being sent, as the call that waits for the answer sees it.
pub(super) struct Upload {
    last_read: Mutex<Instant>,
    /// True while the connection waits for the plugin.
    waits_for_plugin: AtomicBool,
    /// The reason why the body can't be sent to its end. `None` if there is none so far. HTTP/2 reports such a failure as a reset stream, without
    /// its reason.
    failure: Mutex<Option<Error>>,
}

impl Upload {
    pub(super) fn new() -> Self {
        Self {
            last_read: Mutex::new(Instant::now()),
            waits_for_plugin: AtomicBool::new(false),
            failure: Mutex::default(),
        }
    }

    /// Records that the connection asks for bytes, and whether it has to wait for the plugin.
    pub(super) fn mark_read(&self, waits_for_plugin: bool) {
        *lock(&self.last_read) = Instant::now();
        self.waits_for_plugin
            .store(waits_for_plugin, Ordering::Relaxed);
    }

    /// Records why the body can't be sent to its end, and returns the error for the connection.
    pub(super) fn fail(&self, error: Error) -> std::io::Error {
        *lock(&self.failure) = Some(error);
        std::io::ErrorKind::InvalidData.into()
    }

    /// Waits until the connection has taken no bytes for this time, from now on. While it waits for the plugin, no time passes.
    pub(super) async fn wait_for_stall(&self, timeout: Duration) {
        // The body may have waited for the rate limiter since it was opened.
        *lock(&self.last_read) = Instant::now();
        loop {
            if self.waits_for_plugin.load(Ordering::Relaxed) {
                *lock(&self.last_read) = Instant::now();
            }
            let end = *lock(&self.last_read) + timeout;
            if end <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(end.into()).await;
        }
    }

    /// Returns the failure to read the body. `None` if it could be read so far.
    pub(super) fn take_failure(&self) -> Option<Error> {
        lock(&self.failure).take()
    }
}

/// A body with files. Its length is announced before it is sent, so a file that grows meanwhile is sent up to that length.
struct FileBody {
    pieces: VecDeque<Opened>,
    left: u64,
    upload: Arc<Upload>,
}

impl FileBody {
    fn read(&mut self) -> Result<Bytes, Error> {
        while let Some(piece) = self.pieces.front_mut() {
            let chunk = piece.read()?;
            if !chunk.is_empty() {
                self.left -= chunk.len() as u64;
                return Ok(chunk);
            }
            self.pieces.pop_front();
        }
        Ok(Bytes::new())
    }
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        self.upload.mark_read(false);
        if self.left == 0 {
            return Poll::Ready(None);
        }
        Poll::Ready(Some(match self.read() {
            Ok(chunk) => Ok(Frame::data(chunk)),
            Err(error) => Err(self.upload.fail(error)),
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
