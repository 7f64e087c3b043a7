//! A batch: many requests at once, and the outcome of each.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use futures_util::{StreamExt, stream};
use tw_plugin_protocol::{
    BatchItem, BatchOutcome, BatchReply, BatchRequest, HttpRequest, ProgressBegin, ProgressState,
    Span,
};

use super::{Http, LARGEST_BODY, LARGEST_FAILURE, body::Content, course::Course, failure};
use crate::{
    error::{Error, ErrorKind},
    runtime::runtime,
    service::{cancel::cancel_error, progress::Displays},
};

/// How many requests are in flight at once if the plugin doesn't say.
const CONCURRENCY: usize = 8;

/// The outcome of a request, and the body of its answer.
type Outcome = (BatchItem, Vec<u8>);

/// A request with its limit, and its body.
type Prepared<'a> = (HttpRequest, Content<'a>);

impl Http {
    /// Sends the requests of a batch, and returns their outcomes in the order of the requests.
    pub(in crate::service) fn batch(
        &self,
        batch: &BatchRequest,
        body: &[u8],
        displays: &Displays,
    ) -> Result<(BatchReply, Vec<u8>), Error> {
        self.check_token(batch)?;
        let requests = self.prepare_all(batch, body)?;
        let total = Some(batch.requests.len() as u64);
        let display = batch.label.as_ref().map(|label| {
            let label = label.clone();
            displays.start(&ProgressBegin {
                label,
                total,
                ..Default::default()
            })
        });
        let stop = AtomicBool::new(false);
        let done = AtomicU64::new(0);
        let work =
            stream::iter(requests.into_iter().enumerate()).map(async |(at, (request, content))| {
                if stop.load(Ordering::Relaxed) || self.cancel.is_cancelled() {
                    return (at, (BatchItem::not_sent(), Vec::new()));
                }
                let outcome = self.send_item(&request, &content).await;
                if batch.stop_on_failure && !is_success(&outcome.0) {
                    stop.store(true, Ordering::Relaxed);
                }
                if let Some(display) = display {
                    displays.update(&ProgressState {
                        progress: display.progress,
                        done: done.fetch_add(1, Ordering::Relaxed) + 1,
                        label: None,
                        ..Default::default()
                    });
                }
                (at, outcome)
            });
        let runtime = runtime().map_err(Error::system)?;
        // Outcomes are taken as they arrive. In the order of the requests, one slow request would hold up the start of others.
        let work = work.buffer_unordered(concurrency(batch)).collect();
        let mut outcomes: Vec<(usize, Outcome)> = runtime.block_on(work);
        outcomes.sort_by_key(|(at, _)| *at);
        if let Some(display) = display {
            displays.finish(display);
        }
        Ok(join(
            outcomes.into_iter().map(|(_, outcome)| outcome).collect(),
        ))
    }

    /// Fails the whole batch before anything is sent if a request needs the access token and there is none.
    fn check_token(&self, batch: &BatchRequest) -> Result<(), Error> {
        let needs_token =
            |request: &HttpRequest| request.url.starts_with('/') && !request.anonymous;
        match self.settings.token.is_none() && batch.requests.iter().any(needs_token) {
            true => Err(Error::no_token()),
            false => Ok(()),
        }
    }

    /// Returns each request with its body and its limit. All answers are kept until the last answer has arrived, so their bodies share the limit
    /// [`LARGEST_BODY`].
    fn prepare_all<'a>(
        &self,
        batch: &BatchRequest,
        body: &'a [u8],
    ) -> Result<Vec<Prepared<'a>>, Error> {
        let total = batch.requests.len() as u64;
        let share = (LARGEST_BODY / total.max(1)).max(LARGEST_FAILURE);
        let prepare = |request: &HttpRequest| {
            let content = self.prepare(request, body)?;
            let request = HttpRequest {
                max_body: request.max_body.or(Some(share)),
                ..request.clone()
            };
            Ok((request, content))
        };
        batch.requests.iter().map(prepare).collect()
    }

    async fn send_item(&self, request: &HttpRequest, content: &Content<'_>) -> Outcome {
        let course = Course::new(&self.connected);
        let result = tokio::select! {
            result = self.exchange(request, content, &course) => result,
            () = self.cancel.requested() => Err(cancel_error()),
        };
        match result {
            Ok((response, bytes)) => (BatchItem::done(response), bytes),
            Err(error) => (classify(request, &course, error), Vec::new()),
        }
    }
}

fn concurrency(batch: &BatchRequest) -> usize {
    batch
        .concurrency
        .and_then(|most| usize::try_from(most).ok())
        .filter(|most| *most > 0)
        .unwrap_or(CONCURRENCY)
}

/// Classifies the error of a request: the request failed, was not sent, or has an unknown outcome. A canceled change is uncertain if it was sent
/// and the server has not rejected it.
fn classify(request: &HttpRequest, course: &Course, error: Error) -> BatchItem {
    let changes = !failure::only_reads(request);
    let kind = error.kind();
    let error = error.into();
    match kind {
        ErrorKind::OutcomeUnknown => BatchItem::failed(BatchOutcome::OutcomeUnknown, error),
        ErrorKind::Cancelled if course.is_unsent() => BatchItem::not_sent(),
        ErrorKind::Cancelled if changes && course.may_be_carried_out() => {
            BatchItem::failed(BatchOutcome::OutcomeUnknown, error)
        }
        _ => BatchItem::failed(BatchOutcome::Failed, error),
    }
}

fn is_success(item: &BatchItem) -> bool {
    let response = item.response.as_ref();
    response.is_some_and(|response| response.status < 400)
}

/// Joins all answers into one reply with one raw body.
fn join(outcomes: Vec<Outcome>) -> (BatchReply, Vec<u8>) {
    let mut body = Vec::with_capacity(outcomes.iter().map(|(_, bytes)| bytes.len()).sum());
    let items = outcomes.into_iter().map(|(mut item, bytes)| {
        if let Some(response) = &mut item.response {
            response.body = Some(Span::new(body.len(), bytes.len()));
        }
        body.extend_from_slice(&bytes);
        item
    });
    let items = items.collect();
    (
        BatchReply {
            items,
            ..Default::default()
        },
        body,
    )
}
