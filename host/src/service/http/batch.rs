//! Many requests at once, and what became of each.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use futures_util::{StreamExt, stream};
use tw_plugin_protocol::{
    BatchItem, BatchReply, BatchRequest, ErrorKind, ErrorMessage, HttpRequest, ProgressBegin,
    ProgressState, Span,
};

use super::{Http, LARGEST_BODY, LARGEST_FAILURE, failure, retry::Course, slice};
use crate::{
    error::Error,
    runtime::runtime,
    service::{Answer, cancel::cancelled, progress::Displays},
};

/// How many are under way at once when the plugin doesn't say.
const CONCURRENCY: usize = 8;

/// What became of a request, with its body apart.
type Ended = (BatchItem, Vec<u8>);

impl Http {
    pub(in crate::service) fn batch(
        &self,
        batch: &BatchRequest,
        body: &[u8],
        displays: &Displays,
    ) -> Answer<BatchReply> {
        // None of them could be sent.
        let needs_token =
            |request: &HttpRequest| request.url.starts_with('/') && !request.anonymous;
        if self.settings.token.is_none() && batch.requests.iter().any(needs_token) {
            return Err(Error::no_token().into());
        }
        let total = batch.requests.len() as u64;
        // All answers are kept until the last has come.
        let most = (LARGEST_BODY / total.max(1)).max(LARGEST_FAILURE);
        let mut requests = Vec::with_capacity(batch.requests.len());
        for request in &batch.requests {
            let body = slice(body, request.body)?;
            self.redactor.add_parts(request, body);
            let max_body = request.max_body.or(Some(most));
            let request = HttpRequest {
                max_body,
                ..request.clone()
            };
            requests.push((request, body));
        }
        let total = Some(total);
        let display = batch.label.as_ref().map(|label| {
            let label = label.clone();
            displays.start(&ProgressBegin { label, total })
        });
        let at_once = batch
            .concurrency
            .and_then(|most| usize::try_from(most).ok())
            .filter(|most| *most > 0)
            .unwrap_or(CONCURRENCY);
        let stop = AtomicBool::new(false);
        let done = AtomicU64::new(0);
        let work =
            stream::iter(requests.into_iter().enumerate()).map(async |(at, (request, body))| {
                if stop.load(Ordering::Relaxed) || self.cancel.is_cancelled() {
                    return (at, (BatchItem::NotSent {}, Vec::new()));
                }
                let ended = self.item(&request, body).await;
                if batch.stop_on_failure && !is_success(&ended.0) {
                    stop.store(true, Ordering::Relaxed);
                }
                if let Some(display) = display {
                    displays.update(&ProgressState {
                        progress: display.progress,
                        done: done.fetch_add(1, Ordering::Relaxed) + 1,
                        label: None,
                    });
                }
                (at, ended)
            });
        let runtime = runtime().map_err(Error::system)?;
        // As they come, so that a slow one holds up no other; then in the order of the requests.
        let mut ended: Vec<(usize, Ended)> =
            runtime.block_on(work.buffer_unordered(at_once).collect());
        ended.sort_by_key(|(at, _)| *at);
        if let Some(display) = display {
            displays.finish(display);
        }
        Ok(joined(ended.into_iter().map(|(_, ended)| ended).collect()))
    }

    async fn item(&self, request: &HttpRequest, body: Option<&[u8]>) -> Ended {
        let course = Course::new(&self.connected);
        let result = tokio::select! {
            result = self.exchange(request, body, &course) => result,
            () = self.cancel.requested() => Err(cancelled()),
        };
        match result {
            Ok((response, bytes)) => (BatchItem::Done { response }, bytes),
            Err(error) => (of_error(request, &course, error), Vec::new()),
        }
    }
}

/// What was cut off may have been carried out, unless it changes nothing or the server has said that it did nothing.
fn of_error(request: &HttpRequest, course: &Course, error: ErrorMessage) -> BatchItem {
    let changes = !failure::only_reads(request);
    match error.kind {
        ErrorKind::OutcomeUnknown => BatchItem::Unknown { error },
        ErrorKind::Cancelled if course.is_unsent() => BatchItem::NotSent {},
        ErrorKind::Cancelled if changes && course.may_be_carried_out() => {
            BatchItem::Unknown { error }
        }
        _ => BatchItem::Failed { error },
    }
}

fn is_success(item: &BatchItem) -> bool {
    matches!(item, BatchItem::Done { response } if response.status < 400)
}

/// The items, and one raw body for all.
fn joined(ended: Vec<Ended>) -> (BatchReply, Vec<u8>) {
    let mut body = Vec::with_capacity(ended.iter().map(|(_, bytes)| bytes.len()).sum());
    let items = ended.into_iter().map(|(mut item, bytes)| {
        if let BatchItem::Done { response } = &mut item {
            response.body = Some(Span {
                offset: body.len() as u64,
                length: bytes.len() as u64,
            });
        }
        body.extend_from_slice(&bytes);
        item
    });
    let items = items.collect();
    (BatchReply { items }, body)
}
