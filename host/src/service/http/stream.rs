//! Answers that are read piece by piece.

use std::sync::{PoisonError, atomic::Ordering};

use reqwest::Response;
use tw_plugin_protocol::{ErrorKind, HttpRequest, StreamChunk, StreamHead, StreamRead};

use super::{Http, exchange, slice};
use crate::service::{Answer, fail, redact::Redactor};

/// How much is given at once when the plugin doesn't say.
const PIECE: usize = 1 << 20;

/// An open answer.
pub(super) struct Open {
    request: HttpRequest,
    response: Response,
    /// What has come and wasn't asked for yet.
    left: Vec<u8>,
}

impl Http {
    pub(in crate::service) fn open(
        &self,
        request: &HttpRequest,
        body: &[u8],
        redactor: &Redactor,
    ) -> Answer<StreamHead> {
        let body = slice(body, request.body)?;
        redactor.add_parts(request, body);
        let response = self.wait(self.head(request, body))?;
        let head = StreamHead {
            stream: self.next_stream.fetch_add(1, Ordering::Relaxed),
            response: exchange::describe(&response),
        };
        let open = Open {
            request: request.clone(),
            response,
            left: Vec::new(),
        };
        self.streams
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(head.stream, open);
        Ok((head, Vec::new()))
    }

    pub(in crate::service) fn read(&self, read: &StreamRead) -> Answer<StreamChunk> {
        // Taken out while it is read, so that other streams can be read meanwhile.
        let open = self
            .streams
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&read.stream);
        let mut open =
            open.ok_or_else(|| fail(ErrorKind::Closed, "it reads a stream that is closed"))?;
        let most = match read.max {
            0 => PIECE,
            max => usize::try_from(max).unwrap_or(PIECE),
        };
        let mut end = false;
        if open.left.is_empty() {
            let chunk = self.wait(async {
                open.response
                    .chunk()
                    .await
                    .map_err(|error| exchange::cut_short(&open.request, &error))
            })?;
            match chunk {
                Some(chunk) => open.left = chunk.to_vec(),
                None => end = true,
            }
        }
        let rest = open.left.split_off(most.min(open.left.len()));
        let bytes = std::mem::replace(&mut open.left, rest);
        if !end {
            self.streams
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(read.stream, open);
        }
        Ok((StreamChunk { end }, bytes))
    }

    pub(in crate::service) fn close(&self, stream: u64) {
        self.streams
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&stream);
    }

    /// Closes what the plugin left open.
    pub(in crate::service) fn close_all(&self) {
        self.streams
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}
