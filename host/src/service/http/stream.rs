//! Answers that are read piece by piece.

use std::{sync::atomic::Ordering, time::Instant};

use reqwest::Response;
use tw_plugin_protocol::{ErrorKind, HttpRequest, StreamChunk, StreamHead, StreamRead};

use super::{
    Http,
    exchange::{deadline, within},
    failure,
    header::describe,
    lock,
    retry::Course,
    slice,
};
use crate::service::{Answer, fail};

/// How much is given at once when the plugin doesn't say.
const PIECE: usize = 1 << 20;

/// An open answer.
pub(super) struct Open {
    request: HttpRequest,
    response: Response,
    /// When the time that the plugin gave is up.
    until: Option<Instant>,
    course: Course,
    /// What has come and wasn't asked for yet.
    left: Vec<u8>,
}

impl Http {
    pub(in crate::service) fn open(
        &self,
        request: &HttpRequest,
        body: &[u8],
    ) -> Answer<StreamHead> {
        let body = slice(body, request.body)?;
        self.redactor.add_parts(request, body);
        let (until, course) = (deadline(request), Course::new(&self.connected));
        let attempt = async || {
            let (response, sent) = self.head(request, body, &course).await?;
            self.trace_head(request, &response, &sent);
            Ok((describe(&response), response))
        };
        // What breaks later is told: the plugin may have used the first pieces already.
        let work = self.repeat(request, &course, until, attempt);
        let (head, response) = self.wait(within(until, request, &course, work))?;
        let head = StreamHead {
            stream: self.next_stream.fetch_add(1, Ordering::Relaxed),
            response: head,
        };
        let open = Open {
            request: request.clone(),
            response,
            until,
            course,
            left: Vec::new(),
        };
        lock(&self.streams).insert(head.stream, open);
        Ok((head, Vec::new()))
    }

    pub(in crate::service) fn read(&self, read: &StreamRead) -> Answer<StreamChunk> {
        // Taken out while it is read, so that other streams can be read meanwhile.
        let open = lock(&self.streams).remove(&read.stream);
        let mut open =
            open.ok_or_else(|| fail(ErrorKind::Closed, "it reads a stream that is closed"))?;
        let most = match read.max {
            0 => PIECE,
            max => usize::try_from(max).unwrap_or(PIECE),
        };
        let mut end = false;
        if open.left.is_empty() {
            let next = async {
                let chunk = open.response.chunk().await;
                chunk.map_err(|error| failure::of_rest(&open.request, &error).error)
            };
            let chunk = self.wait(within(open.until, &open.request, &open.course, next))?;
            match chunk {
                Some(chunk) => open.left = chunk.to_vec(),
                None => end = true,
            }
        }
        let rest = open.left.split_off(most.min(open.left.len()));
        let bytes = std::mem::replace(&mut open.left, rest);
        if !end {
            lock(&self.streams).insert(read.stream, open);
        }
        Ok((StreamChunk { end }, bytes))
    }

    pub(in crate::service) fn close(&self, stream: u64) {
        lock(&self.streams).remove(&stream);
    }

    /// Closes what the plugin left open.
    pub(in crate::service) fn close_all(&self) {
        lock(&self.streams).clear();
    }
}
