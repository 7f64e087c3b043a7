//! A batch: many requests at once, and the outcome of each.

use std::{
    cell::{Cell, RefCell},
    sync::{Arc, atomic::Ordering},
    thread::JoinHandle,
};

use futures_util::{StreamExt, stream};
use tokio::sync::mpsc;
use tw_plugin_protocol::{
    BatchArrival, BatchArrivals, BatchItem, BatchOutcome, BatchReply, BatchRequest, HttpRequest,
    ProgressBegin, ProgressRef, ProgressState, Span, StreamRef,
};

use super::{Http, LARGEST_BODY, LARGEST_FAILURE, body::Content, course::Course, failure, lock};
use crate::{
    error::{Error, ErrorKind},
    runtime::runtime,
    service::{State, cancel::cancel_error, progress::Displays},
};

/// How many requests are in flight at once if the plugin doesn't say.
const CONCURRENCY: usize = 8;

/// The outcome of a request, and the body of its answer.
type Outcome = (BatchItem, Vec<u8>);

/// A request with its limit, and its body.
type Prepared<'a> = (HttpRequest, Content<'a>);

/// A batch whose outcomes the plugin reads one by one. Dropping it ends the batch.
pub(super) struct Open {
    /// `None` only while the batch is dropped.
    outcomes: Option<mpsc::Receiver<(usize, Outcome)>>,
    /// The number of outcomes that the plugin has not read yet.
    left: usize,
    /// The thread that sends the requests. `None` only while the batch is dropped.
    sender: Option<JoinHandle<()>>,
}

impl Drop for Open {
    /// Tells the thread to end, and waits until it has ended. Nothing is sent after that.
    fn drop(&mut self) {
        self.outcomes = None;
        if let Some(sender) = self.sender.take() {
            // A panic of the thread has no other effect than missing outcomes.
            let _ = sender.join();
        }
    }
}

impl State {
    /// Starts sending the requests of a batch, on a thread of its own.
    pub(in crate::service) fn open_batch(
        self: &Arc<Self>,
        batch: BatchRequest,
        body: &[u8],
    ) -> Result<StreamRef, Error> {
        let http = &self.http;
        // An outcome that the plugin has not read keeps its place among the requests in flight, so no more answers than these are kept.
        let requests = http.prepare_all(&batch, body, concurrency(&batch))?;
        let requests = requests.into_iter();
        let requests: Vec<Prepared<'static>> = requests
            .map(|(request, content)| (request, content.into_owned()))
            .collect();
        let runtime = runtime().map_err(Error::system)?;
        let left = requests.len();
        let (arrived, outcomes) = mpsc::channel(1);
        let state = Arc::clone(self);
        let sender = std::thread::spawn(move || {
            let take = async |at, outcome| {
                // Sending fails only if the plugin has closed the batch.
                let _ = arrived.send((at, outcome)).await;
            };
            let work = state
                .http
                .send_all(&batch, requests, &state.displays, &take);
            runtime.block_on(async {
                tokio::select! {
                    () = work => {}
                    () = arrived.closed() => {}
                }
            });
        });
        let stream = http.next_stream.fetch_add(1, Ordering::Relaxed);
        let open = Open {
            outcomes: Some(outcomes),
            left,
            sender: Some(sender),
        };
        lock(&http.batches).insert(stream, open);
        Ok(StreamRef {
            stream,
            ..Default::default()
        })
    }
}

impl Http {
    /// Sends the requests of a batch, and returns their outcomes in the order of the requests.
    pub(in crate::service) fn batch(
        &self,
        batch: &BatchRequest,
        body: &[u8],
        displays: &Displays,
    ) -> Result<(BatchReply, Vec<u8>), Error> {
        let requests = self.prepare_all(batch, body, batch.requests.len())?;
        let outcomes = RefCell::new(Vec::with_capacity(requests.len()));
        let take = async |at, outcome| outcomes.borrow_mut().push((at, outcome));
        let work = self.send_all(batch, requests, displays, &take);
        runtime().map_err(Error::system)?.block_on(work);
        let mut outcomes = outcomes.take();
        outcomes.sort_by_key(|(at, _)| *at);
        let (items, body) = join(outcomes.into_iter().map(|(_, outcome)| outcome));
        Ok((
            BatchReply {
                items,
                ..Default::default()
            },
            body,
        ))
    }

    /// Waits for the next outcome of an open batch. After the last one, the batch is closed.
    pub(in crate::service) fn next_of_batch(
        &self,
        stream: u64,
    ) -> Result<(BatchArrivals, Vec<u8>), Error> {
        // The batch is taken out of the map meanwhile, so that other threads can read other batches.
        let open = lock(&self.batches).remove(&stream);
        let mut open = open.ok_or_else(|| Error::new(ErrorKind::Closed, "the batch is closed"))?;
        let next = open
            .outcomes
            .as_mut()
            .and_then(mpsc::Receiver::blocking_recv);
        let Some((at, outcome)) = next else {
            if open.left > 0 {
                let message = "tw itself failed while it sent a batch: please report it";
                return Err(Error::new(ErrorKind::Panic, message));
            }
            let end = BatchArrivals {
                end: true,
                ..Default::default()
            };
            return Ok((end, Vec::new()));
        };
        open.left -= 1;
        lock(&self.batches).insert(stream, open);
        let (items, body) = join([outcome]);
        let arrivals = items.into_iter().map(|item| BatchArrival {
            index: at as u64,
            item,
            ..Default::default()
        });
        let arrivals = BatchArrivals {
            arrivals: arrivals.collect(),
            ..Default::default()
        };
        Ok((arrivals, body))
    }

    /// Sends the requests of a batch, and gives each outcome to `take` when it arrives. While `take` waits, other requests in flight go on.
    async fn send_all(
        &self,
        batch: &BatchRequest,
        requests: Vec<Prepared<'_>>,
        displays: &Displays,
        take: &impl AsyncFn(usize, Outcome),
    ) {
        let progress = Progress::start(batch, displays);
        let stop = Cell::new(false);
        let (progress, stop) = (&progress, &stop);
        let send = async |(at, (request, content)): (usize, Prepared<'_>)| {
            if stop.get() || self.cancel.is_cancelled() {
                return take(at, (BatchItem::not_sent(), Vec::new())).await;
            }
            let outcome = self.send_item(&request, &content).await;
            if batch.stop_on_failure && !is_success(&outcome.0) {
                stop.set(true);
            }
            progress.advance();
            take(at, outcome).await;
        };
        // Outcomes are taken as they arrive. In the order of the requests, one slow request would hold up the start of others.
        let work = stream::iter(requests.into_iter().enumerate()).map(send);
        work.buffer_unordered(concurrency(batch)).collect().await
    }

    /// Fails the whole batch before anything is sent if a request needs the access token and there is none.
    fn check_token(&self, batch: &BatchRequest) -> Result<(), Error> {
        let needs_token =
            |request: &HttpRequest| request.url.starts_with('/') && !request.anonymous;
        match batch.requests.iter().any(needs_token) {
            true => self.credential().map(drop),
            false => Ok(()),
        }
    }

    /// Returns each request with its body and its limit. The bodies of the answers that are kept at the same time, `kept` at most, share the limit
    /// [`LARGEST_BODY`].
    fn prepare_all<'a>(
        &self,
        batch: &BatchRequest,
        body: &'a [u8],
        kept: usize,
    ) -> Result<Vec<Prepared<'a>>, Error> {
        self.check_token(batch)?;
        let share = (LARGEST_BODY / kept.max(1) as u64).max(LARGEST_FAILURE);
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

/// Joins answers into one raw body, and returns the outcomes with the place of each answer.
fn join(outcomes: impl IntoIterator<Item = Outcome>) -> (Vec<BatchItem>, Vec<u8>) {
    let mut body = Vec::new();
    let items = outcomes.into_iter().map(|(mut item, bytes)| {
        if let Some(response) = &mut item.response {
            response.body = Some(Span::new(body.len(), bytes.len()));
        }
        match body.is_empty() {
            // The answer of a single request is not copied.
            true => body = bytes,
            false => body.extend_from_slice(&bytes),
        }
        item
    });
    (items.collect(), body)
}

/// The progress display of a batch. Dropping it removes the display.
struct Progress<'a> {
    displays: &'a Displays,
    /// `None` if the plugin wants no display.
    display: Option<ProgressRef>,
    done: Cell<u64>,
}

impl<'a> Progress<'a> {
    fn start(batch: &BatchRequest, displays: &'a Displays) -> Self {
        let display = batch.label.as_ref().map(|label| {
            displays.start(&ProgressBegin {
                label: label.clone(),
                total: Some(batch.requests.len() as u64),
                ..Default::default()
            })
        });
        Self {
            displays,
            display,
            done: Cell::default(),
        }
    }

    fn advance(&self) {
        self.done.set(self.done.get() + 1);
        if let Some(ProgressRef { progress, .. }) = self.display {
            self.displays.update(&ProgressState {
                progress,
                done: self.done.get(),
                label: None,
                ..Default::default()
            });
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if let Some(display) = self.display {
            self.displays.finish(display);
        }
    }
}
