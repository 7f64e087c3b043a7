//! Request bodies that the plugin sends in pieces.
//!
//! A thread sends the request, and takes the pieces from a channel with room for one. The body is complete only when the plugin says so: the last bytes
//! of a body with a known length are held back until then, so that a server never carries out a request whose plugin failed.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    thread::JoinHandle,
};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::sync::{mpsc, oneshot};
use tw_plugin_protocol::{HttpResponse, Part, Span, StreamRef, UploadRequest, UploadState};

use super::{
    Http,
    body::{Content, Outgoing, Piece, Upload},
    course::Course,
    failure::only_reads,
    lock,
};
use crate::{
    error::{Error, ErrorKind},
    runtime::runtime,
    service::{Answer, State},
};

/// A part of the body, or its end. A channel that closes without an end means that the plugin gave up.
enum Item {
    Data(Bytes),
    End,
}

/// A body that the plugin sends in pieces.
pub(super) struct Pushed {
    items: Mutex<mpsc::Receiver<Item>>,
    /// `None` if the length is not known.
    length: Option<u64>,
    /// True if an attempt has taken a piece, so that no other attempt can send the body.
    is_spent: AtomicBool,
}

impl Pushed {
    pub(super) fn is_spent(&self) -> bool {
        self.is_spent.load(Ordering::Relaxed)
    }

    /// Makes the body for one attempt.
    pub(super) fn open(self: &Arc<Self>) -> Result<Outgoing, Error> {
        // Neither a retry nor a redirect follows an attempt that took a piece.
        if self.is_spent() {
            let message = "a body that is sent in pieces can't be sent again";
            return Err(Error::new(ErrorKind::Failure, message));
        }
        let upload = Arc::new(Upload::new());
        let body = PushedBody {
            pushed: Arc::clone(self),
            upload: Arc::clone(&upload),
            left: self.length,
            held: Bytes::new(),
            has_ended: false,
        };
        Ok(Outgoing {
            body: reqwest::Body::wrap(body),
            length: self.length,
            upload: Some(upload),
        })
    }
}

/// The body of one attempt.
struct PushedBody {
    pushed: Arc<Pushed>,
    upload: Arc<Upload>,
    /// The number of bytes that are not taken yet. `None` if the length is not known.
    left: Option<u64>,
    /// The last bytes of a body with a known length, until the plugin ends the body.
    held: Bytes,
    has_ended: bool,
}

impl PushedBody {
    fn poll_item(&self, context: &mut Context<'_>) -> Poll<Option<Item>> {
        let item = lock(&self.pushed.items).poll_recv(context);
        self.upload.mark_read(item.is_pending());
        if item.is_ready() {
            self.pushed.is_spent.store(true, Ordering::Relaxed);
        }
        item
    }

    /// Counts a piece. Returns true if it is the last one of a body with a known length.
    fn count(&mut self, piece: &Bytes) -> bool {
        self.left = self
            .left
            .map(|left| left.saturating_sub(piece.len() as u64));
        self.left == Some(0)
    }
}

impl Body for PushedBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        loop {
            if self.has_ended {
                return Poll::Ready(None);
            }
            let frame = match ready!(self.poll_item(context)) {
                Some(Item::Data(piece)) => match self.count(&piece) {
                    true => {
                        self.held = piece;
                        continue;
                    }
                    false => Ok(Frame::data(piece)),
                },
                Some(Item::End) => {
                    self.has_ended = true;
                    match std::mem::take(&mut self.held) {
                        held if held.is_empty() => continue,
                        held => Ok(Frame::data(held)),
                    }
                }
                None => {
                    let message = "the plugin did not send the whole body";
                    Err(self.upload.fail(Error::new(ErrorKind::Closed, message)))
                }
            };
            return Poll::Ready(Some(frame));
        }
    }

    fn is_end_stream(&self) -> bool {
        self.has_ended
    }

    fn size_hint(&self) -> SizeHint {
        match self.left {
            Some(left) => SizeHint::with_exact(left + self.held.len() as u64),
            None => SizeHint::default(),
        }
    }
}

/// An upload that the plugin has begun. Dropping it ends the upload.
pub(super) struct Open {
    items: mpsc::Sender<Item>,
    /// The number of bytes that the plugin has not sent yet. `None` if the length is not known.
    left: Option<u64>,
    /// `None` only while the upload is dropped.
    answer: Option<oneshot::Receiver<Answer<HttpResponse>>>,
    /// The result of the request. `None` until it has ended.
    result: Option<Answer<HttpResponse>>,
    /// The thread that sends the request. `None` only while the upload is dropped.
    sender: Option<JoinHandle<()>>,
}

impl Open {
    /// Waits until there is room for an item, or the request has ended.
    async fn push(&mut self, item: Item) {
        let Some(answer) = self.answer.as_mut().filter(|_| self.result.is_none()) else {
            return;
        };
        tokio::select! {
            biased;
            result = answer => self.result = Some(result.unwrap_or_else(|_| Err(lost()))),
            permit = self.items.reserve() => if let Ok(permit) = permit {
                permit.send(item);
            },
        }
    }

    /// Takes the result if the request has ended.
    fn take_early_answer(&mut self) {
        if let Some(answer) = self.answer.as_mut().filter(|_| self.result.is_none()) {
            self.result = answer.try_recv().ok();
        }
    }

    /// Waits until the request has ended.
    async fn finish(mut self) -> Answer<HttpResponse> {
        match (self.result.take(), self.answer.as_mut()) {
            (Some(result), _) => result,
            (None, Some(answer)) => answer.await.unwrap_or_else(|_| Err(lost())),
            (None, None) => Err(lost()),
        }
    }
}

impl Drop for Open {
    /// Tells the thread to end, and waits until it has ended.
    fn drop(&mut self) {
        self.answer = None;
        if let Some(sender) = self.sender.take() {
            // After a panic of the thread there is no answer, which is reported.
            let _ = sender.join();
        }
    }
}

fn lost() -> Error {
    let message = "tw itself failed while it sent a request: please report it";
    Error::new(ErrorKind::Panic, message)
}

fn wrong_length(how: &str) -> Error {
    let message = format!("the body has {how} bytes than its announced length");
    Error::new(ErrorKind::BadRequest, message)
}

impl State {
    /// Starts sending a request, on a thread of its own.
    pub(in crate::service) fn begin_upload(
        self: &Arc<Self>,
        upload: UploadRequest,
    ) -> Result<StreamRef, Error> {
        let UploadRequest {
            request, length, ..
        } = upload;
        // The client sends no body of unknown length with these methods.
        if only_reads(&request) {
            let message = "a GET or HEAD request can't have a body that is sent in pieces";
            return Err(Error::new(ErrorKind::BadRequest, message));
        }
        let is_of_body = |part: &Part| matches!(part, Part::Body { .. } | Part::Unknown);
        if request.sensitive.iter().any(is_of_body) {
            let message = "a body that is sent in pieces can't have sensitive parts";
            return Err(Error::new(ErrorKind::BadRequest, message));
        }
        let content = self.http.prepare(&request, &[])?;
        if !content.pieces.is_empty() {
            let message = "the request has two bodies: one that is sent in pieces, and another";
            return Err(Error::new(ErrorKind::BadRequest, message));
        }
        runtime().map_err(Error::system)?;
        let (items, taken) = mpsc::channel(1);
        let (mut tell, answer) = oneshot::channel();
        let pushed = Arc::new(Pushed {
            items: Mutex::new(taken),
            length,
            is_spent: AtomicBool::new(false),
        });
        let state = Arc::clone(self);
        let sender = std::thread::spawn(move || {
            let content = Content {
                pieces: vec![Piece::Pushed(pushed)],
                content_type: None,
            };
            let http = &state.http;
            let course = Course::new(&http.connected);
            let work = async {
                tokio::select! {
                    answer = http.exchange(&request, &content, &course) => answer.map(Some),
                    () = tell.closed() => Ok(None),
                }
            };
            if let Some(answer) = http.measure_request(&request, &course, work).transpose() {
                // Telling fails only if the plugin has closed the upload.
                let _ = tell.send(answer);
            }
        });
        let stream = self.http.next_stream.fetch_add(1, Ordering::Relaxed);
        let open = Open {
            items,
            left: length,
            answer: Some(answer),
            result: None,
            sender: Some(sender),
        };
        lock(&self.http.uploads).insert(stream, open);
        Ok(StreamRef {
            stream,
            ..Default::default()
        })
    }
}

impl Http {
    /// Sends a piece of a body. A piece that doesn't fit the announced length closes the upload.
    pub(in crate::service) fn write_upload(
        &self,
        stream: u64,
        piece: &[u8],
    ) -> Result<UploadState, Error> {
        let mut open = self.take_upload(stream)?;
        if let Some(left) = open.left {
            let left = left.checked_sub(piece.len() as u64);
            open.left = Some(left.ok_or_else(|| wrong_length("more"))?);
        }
        // An empty frame would end the body in some versions of HTTP.
        if !piece.is_empty() {
            let item = Item::Data(Bytes::copy_from_slice(piece));
            runtime().map_err(Error::system)?.block_on(open.push(item));
        }
        let more = open.result.is_none();
        lock(&self.uploads).insert(stream, open);
        Ok(UploadState {
            more,
            ..Default::default()
        })
    }

    /// Ends a body, and returns the answer to the request.
    pub(in crate::service) fn end_upload(&self, stream: u64) -> Answer<HttpResponse> {
        let mut open = self.take_upload(stream)?;
        let answer = runtime().map_err(Error::system)?.block_on(async {
            if open.left.unwrap_or_default() > 0 {
                open.take_early_answer();
                if open.result.is_none() {
                    return Err(wrong_length("fewer"));
                }
            }
            open.push(Item::End).await;
            open.finish().await
        });
        let (mut response, bytes) = answer?;
        response.body = Some(Span::new(0, bytes.len()));
        Ok((response, bytes))
    }

    fn take_upload(&self, stream: u64) -> Result<Open, Error> {
        let open = lock(&self.uploads).remove(&stream);
        open.ok_or_else(|| Error::new(ErrorKind::Closed, "the upload is closed"))
    }
}
