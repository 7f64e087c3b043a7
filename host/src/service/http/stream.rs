//! Answers that are read piece by piece.

use std::{
    sync::{PoisonError, atomic::Ordering},
    time::{Duration, Instant},
};

use reqwest::Response;
use tw_plugin_protocol::{
    ErrorKind, ErrorMessage, HttpRequest, StreamChunk, StreamHead, StreamRead,
};

use super::{Http, exchange, failure, slice};
use crate::service::{Answer, fail};

/// How much is given at once when the plugin doesn't say.
const PIECE: usize = 1 << 20;

/// An open answer.
pub(super) struct Open {
    request: HttpRequest,
    response: Response,
    /// When the time that the plugin gave is up.
    until: Option<Instant>,
    /// What has come and wasn't asked for yet.
    left: Vec<u8>,
}

/// The work, if it is done by then.
async fn within<T>(
    until: Option<Instant>,
    request: &HttpRequest,
    work: impl Future<Output = Result<T, ErrorMessage>>,
) -> Result<T, ErrorMessage> {
    match until {
        None => work.await,
        Some(until) => {
            let ended = tokio::time::timeout_at(until.into(), work).await;
            ended.unwrap_or_else(|_| Err(failure::of_deadline(request)))
        }
    }
}

impl Http {
    pub(in crate::service) fn open(
        &self,
        request: &HttpRequest,
        body: &[u8],
    ) -> Answer<StreamHead> {
        let body = slice(body, request.body)?;
        self.redactor.add_parts(request, body);
        let until = request
            .deadline_ms
            .map(|ms| Instant::now() + Duration::from_millis(ms));
        let response = self.wait(within(until, request, self.head(request, body)))?;
        let head = StreamHead {
            stream: self.next_stream.fetch_add(1, Ordering::Relaxed),
            response: exchange::describe(&response),
        };
        let open = Open {
            request: request.clone(),
            response,
            until,
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
            let next = async {
                let chunk = open.response.chunk().await;
                chunk.map_err(|error| exchange::cut_short(&open.request, &error))
            };
            let chunk = self.wait(within(open.until, &open.request, next))?;
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
