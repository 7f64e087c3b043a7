//! Streams: answers that a plugin reads in chunks.

use std::{sync::atomic::Ordering, time::Instant};

use hyper::body::Bytes;
use reqwest::Response;
use tw_plugin_protocol::{HttpRequest, StreamChunk, StreamHead, StreamRead};

use super::{
    Http,
    course::Course,
    exchange::{deadline, with_deadline},
    header::describe,
    lock,
};
use crate::{
    error::{Error, ErrorKind},
    service::waiting::Wait,
};

/// The largest size of a chunk if the plugin doesn't say: 32 KiB. The connection delivers up to 480 KiB at once. Each chunk is copied twice, once for
/// the host and once for the plugin, and buffers of that size would go back to the system after each chunk.
const CHUNK: usize = 32 << 10;

/// An answer that is being read.
pub(super) struct Open {
    request: HttpRequest,
    response: Response,
    deadline: Option<Instant>,
    course: Course,
    /// Bytes that arrived and that the plugin has not read yet.
    left: Bytes,
}

impl Http {
    /// Sends the request, and returns the head of its answer with the number of the new stream.
    pub(in crate::service) fn open(
        &self,
        request: &HttpRequest,
        body: &[u8],
    ) -> Result<(StreamHead, Vec<u8>), Error> {
        let content = self.prepare(request, body)?;
        let (deadline, course) = (deadline(request), Course::new(&self.connected));
        // Only the head is retried: if the body breaks off, the plugin may have used its first chunks already.
        let attempt = async |wait: &Wait| {
            let (response, sent) = self.send_attempt(request, &content, &course, wait).await?;
            self.trace_head(request, &response, &sent);
            self.trace_unshown(request);
            Ok((describe(&response), response))
        };
        let work = self.send_with_retries(request, &course, deadline, attempt);
        let work = with_deadline(deadline, request, &course, work);
        let (head, response) = self.measure_request(request, &course, work)?;
        let head = StreamHead {
            stream: self.next_stream.fetch_add(1, Ordering::Relaxed),
            response: head,
            ..Default::default()
        };
        let open = Open {
            request: request.clone(),
            response,
            deadline,
            course,
            left: Bytes::new(),
        };
        lock(&self.streams).insert(head.stream, open);
        Ok((head, Vec::new()))
    }

    /// Returns the next chunk. A stream that ends or fails is closed.
    pub(in crate::service) fn read(
        &self,
        read: &StreamRead,
    ) -> Result<(StreamChunk, Vec<u8>), Error> {
        // The stream is taken out of the map while it is read, so that other threads can read other streams.
        let open = lock(&self.streams).remove(&read.stream);
        let mut open = open.ok_or_else(|| Error::new(ErrorKind::Closed, "the stream is closed"))?;
        let most = match read.max {
            0 => CHUNK,
            max => usize::try_from(max).unwrap_or(CHUNK),
        };
        let mut end = false;
        if open.left.is_empty() {
            let next = async {
                let next = self.next_chunk(&open.request, &mut open.response);
                next.await.map_err(|broken| broken.error)
            };
            let next = with_deadline(open.deadline, &open.request, &open.course, next);
            // Not measured: a large answer has thousands of chunks.
            match self.block_on(&open.request, &open.course, next)? {
                Some(chunk) => open.left = chunk,
                None => end = true,
            }
        }
        let bytes = open.left.split_to(most.min(open.left.len())).to_vec();
        if !end {
            lock(&self.streams).insert(read.stream, open);
        }
        Ok((
            StreamChunk {
                end,
                ..Default::default()
            },
            bytes,
        ))
    }

    /// Closes a stream, a batch or an upload.
    pub(in crate::service) fn close(&self, stream: u64) {
        lock(&self.streams).remove(&stream);
        // Dropping one waits for its thread, so no lock is held meanwhile.
        let batch = lock(&self.batches).remove(&stream);
        let upload = lock(&self.uploads).remove(&stream);
        drop((batch, upload));
    }

    /// Closes the streams, batches and uploads that the plugin left open.
    pub(in crate::service) fn close_all(&self) {
        lock(&self.streams).clear();
        let batches = std::mem::take(&mut *lock(&self.batches));
        let uploads = std::mem::take(&mut *lock(&self.uploads));
        drop((batches, uploads));
    }
}
