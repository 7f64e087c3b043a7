//! Response bodies that misbehave on purpose.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Bytes;
use hyper::body::{Body, Frame};
use tokio::time::Sleep;

type NextFrame<E> = Poll<Option<Result<Frame<Bytes>, E>>>;

/// A body that sends some bytes and then fails. The failure makes hyper close the connection.
#[derive(Debug)]
pub(super) struct Truncated {
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    Sending(Bytes),
    /// hyper drops unsent bytes when a body fails. This stage yields once, so that hyper sends them first.
    Flushing,
    Failing,
}

impl Truncated {
    pub(super) fn new(sent: Bytes) -> Self {
        Self {
            stage: Stage::Sending(sent),
        }
    }
}

impl Body for Truncated {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> NextFrame<io::Error> {
        match &mut self.stage {
            Stage::Sending(bytes) => {
                let bytes = std::mem::take(bytes);
                self.stage = Stage::Flushing;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Stage::Flushing => {
                self.stage = Stage::Failing;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Stage::Failing => Poll::Ready(Some(Err(io::Error::other(
                "the response is truncated on purpose",
            )))),
        }
    }
}

/// A body of blanks, generated while it is sent.
#[derive(Debug)]
pub(super) struct Blanks {
    left: u64,
}

impl Blanks {
    pub(super) fn new(bytes: u64) -> Self {
        Self { left: bytes }
    }
}

impl Body for Blanks {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _context: &mut Context<'_>) -> NextFrame<io::Error> {
        static CHUNK: [u8; 16 * 1024] = [b' '; 16 * 1024];
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let length = usize::try_from(self.left)
            .unwrap_or(CHUNK.len())
            .min(CHUNK.len());
        self.left -= length as u64;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&CHUNK[..length])))))
    }
}

/// A body in small chunks, with a wait before each.
#[derive(Debug)]
pub(super) struct Drip {
    rest: Bytes,
    chunk: usize,
    every: Duration,
    wait: Pin<Box<Sleep>>,
}

impl Drip {
    pub(super) fn new(bytes: Bytes, chunk: usize, every: Duration) -> Self {
        Self {
            rest: bytes,
            chunk,
            every,
            wait: Box::pin(tokio::time::sleep(every)),
        }
    }
}

impl Body for Drip {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> NextFrame<io::Error> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        if self.wait.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        self.wait = Box::pin(tokio::time::sleep(self.every));
        let length = self.chunk.min(self.rest.len());
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(length)))))
    }
}
