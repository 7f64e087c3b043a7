//! Many requests at once, and what became of each.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use futures_util::{StreamExt, stream};
use tw_plugin_protocol::{
    BatchItem, BatchReply, BatchRequest, ErrorKind, ErrorMessage, HttpRequest, ProgressBegin,
    ProgressState, Span,
};

use super::{Http, failure, runtime, slice};
use crate::service::{Answer, cancel::cancelled, progress::Displays, redact::Redactor};

/// How many are under way at once when the plugin doesn't say.
const CONCURRENCY: usize = 8;

/// What became of a request, with its body apart.
type Ended = (BatchItem, Vec<u8>);

impl Http {
    pub(in crate::service) fn batch(
        &self,
        batch: &BatchRequest,
        body: &[u8],
        redactor: &Redactor,
        displays: &Displays,
    ) -> Answer<BatchReply> {
        let mut requests = Vec::with_capacity(batch.requests.len());
        for request in &batch.requests {
            let body = slice(body, request.body)?;
            redactor.add_parts(request, body);
            requests.push((request, body));
        }
        let total = Some(requests.len() as u64);
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
        let work = stream::iter(requests).map(async |(request, body)| {
            if stop.load(Ordering::Relaxed) || self.cancel.is_cancelled() {
                return (BatchItem::NotSent {}, Vec::new());
            }
            let ended = self.item(request, body).await;
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
            ended
        });
        let runtime = runtime().map_err(|error| error.to_message())?;
        let ended: Vec<Ended> = runtime.block_on(work.buffered(at_once).collect());
        if let Some(display) = display {
            displays.finish(display);
        }
        Ok(joined(ended))
    }

    async fn item(&self, request: &HttpRequest, body: Option<&[u8]>) -> Ended {
        let result = tokio::select! {
            result = self.exchange(request, body) => result,
            () = self.cancel.requested() => Err(cancelled()),
        };
        match result {
            Ok((response, bytes)) => (BatchItem::Done { response }, bytes),
            Err(error) => (of_error(request, error), Vec::new()),
        }
    }
}

/// What was cut off may have been carried out, unless it changes nothing.
fn of_error(request: &HttpRequest, error: ErrorMessage) -> BatchItem {
    let reads = matches!(request.method.as_str(), "" | "GET" | "HEAD");
    let cut_off = match error.kind {
        ErrorKind::OutcomeUnknown => true,
        ErrorKind::Cancelled | ErrorKind::Timeout | ErrorKind::TooLarge => !reads,
        ErrorKind::Network => !reads && !failure::is_repeatable(request),
        _ => false,
    };
    match cut_off {
        true => BatchItem::Unknown { error },
        false => BatchItem::Failed { error },
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
