//! Many requests at once.

use std::collections::VecDeque;

use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{BatchItem, BatchOutcome as Kind, BatchRequest, Call, Span, StreamRef};
use zeroize::Zeroizing;

use crate::{Error, ErrorKind, Host, Request, Response, Result, request::describe_call};

/// A set of requests that the host sends concurrently, within its rate limit. [`Host::http`] makes one with
/// [`batch`](crate::Http::batch).
///
/// [`send`](Self::send) waits for all outcomes, and [`start`](Self::start) returns each as soon as it is there.
///
/// The outcomes of `send` have the order of the requests. The host keeps all responses until the last one has arrived. A request
/// without a [`max_body`](crate::Request::max_body) may therefore have a response of at most 32 MiB divided by the
/// number of requests, but always of 64 KiB.
///
/// ```
/// use tw_plugin_api::{BatchOutcome, Host, Result};
///
/// fn sizes(host: &Host, ids: &[i64]) -> Result<Vec<usize>> {
///     let mut batch = host.http().batch().label("Reading");
///     for id in ids {
///         batch = batch.add(host.http().get(format!("/pipeline-secrets/{id}")));
///     }
///     let sizes = batch.send()?.into_iter().filter_map(|outcome| match outcome {
///         BatchOutcome::Done(response) => Some(response.bytes().len()),
///         _ => None,
///     });
///     Ok(sizes.collect())
/// }
/// # let _ = sizes;
/// ```
#[must_use = "a batch does nothing until it is sent"]
pub struct Batch<'a> {
    host: &'a Host,
    message: BatchRequest,
    bodies: Vec<Zeroizing<Vec<u8>>>,
    /// The total number of bytes in all bodies.
    length: usize,
    /// The error of the first request that could not be built. `None` if all requests could be built.
    failure: Option<Error>,
}

impl std::fmt::Debug for Batch<'_> {
    /// Shows the requests without their bodies, which can contain secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batch")
            .field("requests", &self.message.requests)
            .finish_non_exhaustive()
    }
}

/// The outcome of one request of a batch.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum BatchOutcome {
    /// The server answered. The response can have any status.
    Done(Response),
    /// The request failed, and the server didn't carry it out.
    Failed(Error),
    /// The request was never sent: the run was canceled, or an earlier request failed and the batch
    /// [stops on failure](Batch::stop_on_failure).
    NotSent,
    /// The request was sent and no answer arrived: the server may have carried it out.
    Unknown(Error),
}

impl<'a> Batch<'a> {
    pub(crate) fn new(host: &'a Host) -> Self {
        Self {
            host,
            message: BatchRequest::default(),
            bodies: Vec::new(),
            length: 0,
            failure: None,
        }
    }

    /// Adds a request.
    #[allow(
        clippy::should_implement_trait,
        reason = "`add` is the usual name for this, and a batch has no operator `+`"
    )]
    pub fn add(mut self, request: Request<'_>) -> Self {
        let mut message = request.message;
        match request.body {
            Ok(None) => {}
            Ok(Some(bytes)) => {
                message.body = Some(Span::new(self.length, bytes.len()));
                self.length += bytes.len();
                self.bodies.push(bytes);
            }
            Err(error) => self.failure = self.failure.or(Some(error)),
        }
        self.message.requests.push(message);
        self
    }

    /// Shows a progress display with this label while the batch runs, if standard error is a terminal.
    pub fn label(mut self, label: &str) -> Self {
        self.message.label = Some(label.to_owned());
        self
    }

    /// Limits how many requests are in flight at once.
    pub fn concurrency(mut self, most: u32) -> Self {
        self.message.concurrency = Some(most);
        self
    }

    /// Stops sending after the first request that failed or was answered with a status of 400 or more. The requests
    /// that were not sent have the outcome [`BatchOutcome::NotSent`].
    pub fn stop_on_failure(mut self) -> Self {
        self.message.stop_on_failure = true;
        self
    }

    /// Sends all requests and waits for their outcomes. If the user presses Ctrl-C, the call returns at once, and the
    /// outcomes say which requests were carried out.
    ///
    /// # Errors
    /// If no request could be sent: there is no access token, or a request has no JSON form. The failure of a single
    /// request is that request's outcome.
    pub fn send(self) -> Result<Vec<BatchOutcome>> {
        let (reply, body) = self.call::<protocol::HttpBatch>()?;
        let (outcomes, requests) = (reply.items.len(), self.message.requests.len());
        check_number(outcomes, requests)?;
        let items = reply.items.into_iter().zip(&self.message.requests);
        Ok(items
            .map(|(item, request)| read_outcome(item, describe_call(request), &body))
            .collect())
    }

    /// Starts sending the requests, and returns an iterator over the outcomes in the order in which they arrive. Each comes
    /// with the index of its request, which is 0 for the request that was added first. Later requests are in flight while
    /// the command works with an outcome.
    ///
    /// Every request has one outcome, also if the user presses Ctrl-C or if the batch [stops on
    /// failure](Self::stop_on_failure). Outcomes that were taken need no memory, so a batch can have any number of
    /// responses. The host keeps as many as there may be requests in [flight](Self::concurrency), and they share the 32 MiB
    /// of responses without a [`max_body`](crate::Request::max_body). If the command takes none, no further requests are
    /// sent.
    ///
    /// ```
    /// # use tw_plugin_api::{BatchOutcome, prelude::*};
    /// fn delete(host: &Host, ids: &[i64]) -> Result<()> {
    ///     let requests = ids.iter().map(|id| host.http().delete(format!("/pipeline-secrets/{id}")));
    ///     let batch = requests.fold(host.http().batch(), |batch, request| batch.add(request));
    ///     for arrival in batch.start()? {
    ///         let (index, outcome) = arrival?;
    ///         if let BatchOutcome::Unknown(error) = outcome {
    ///             host.log().warning(&format!("secret {}: {error}", ids[index]));
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// # let _ = delete;
    /// ```
    ///
    /// # Errors
    /// As for [`send`](Self::send). An older host fails with [`ErrorKind::Unsupported`].
    pub fn start(self) -> Result<Outcomes<'a>> {
        let (batch, _) = self.call::<protocol::HttpBatchOpen>()?;
        Ok(Outcomes {
            host: self.host,
            calls: self.message.requests.iter().map(describe_call).collect(),
            batch: batch.stream,
            arrived: VecDeque::new(),
            returned: 0,
            has_ended: false,
        })
    }

    /// Calls the host with the requests and their bodies.
    fn call<C: Call<Request = BatchRequest>>(&self) -> Result<(C::Reply, Vec<u8>)> {
        if let Some(error) = &self.failure {
            return Err(error.clone());
        }
        // With room for all bodies from the start: a `Vec` that grows frees its old buffer without wiping it, and
        // bodies can contain secrets.
        let mut body = Zeroizing::new(Vec::with_capacity(self.length));
        for bytes in &self.bodies {
            body.extend_from_slice(bytes);
        }
        self.host.call::<C>(&self.message, &body)
    }
}

/// The outcomes of a batch as they arrive, from [`Batch::start`].
///
/// Each item is the index of a request and its outcome. An item that is an error ends the iterator: the host itself failed.
///
/// Dropping the iterator before its end closes the batch: the requests that were not sent are never sent. The host drops the
/// connections of the requests in flight, so the server may or may not carry them out.
///
/// ```
/// use tw_plugin_api::{BatchOutcome, Host, Result};
///
/// /// Returns the index of the first server that answers.
/// fn find_fastest(host: &Host, urls: &[String]) -> Result<Option<usize>> {
///     let requests = urls.iter().map(|url| host.http().get(url));
///     let batch = requests.fold(host.http().batch(), |batch, request| batch.add(request));
///     for arrival in batch.start()? {
///         if let (index, BatchOutcome::Done(_)) = arrival? {
///             return Ok(Some(index));
///         }
///     }
///     Ok(None)
/// }
/// # let _ = find_fastest;
/// ```
#[derive(Debug)]
#[must_use = "dropping the outcomes closes the batch"]
pub struct Outcomes<'a> {
    host: &'a Host,
    /// The method and the path of each request, for error messages.
    calls: Vec<String>,
    /// The host's number for this batch.
    batch: u64,
    /// Outcomes that came with an earlier one.
    arrived: VecDeque<(usize, BatchOutcome)>,
    /// The number of outcomes that the host has returned.
    returned: usize,
    has_ended: bool,
}

impl Outcomes<'_> {
    /// Waits for further outcomes.
    fn wait(&mut self) -> Result<()> {
        let (reply, body) = self
            .host
            .call::<protocol::HttpBatchNext>(&self.message(), &[])?;
        for arrival in reply.arrivals {
            let index = usize::try_from(arrival.index).unwrap_or(usize::MAX);
            let call = self.calls.get(index).cloned().ok_or_else(|| {
                let (at, requests) = (arrival.index, self.calls.len());
                let message = format!("the host returned outcome {at} for {requests} requests");
                Error::new(ErrorKind::BadRequest, message)
            })?;
            let outcome = read_outcome(arrival.item, call, &body);
            self.arrived.push_back((index, outcome));
            self.returned += 1;
        }
        self.has_ended = reply.end;
        match self.has_ended {
            true => check_number(self.returned, self.calls.len()),
            false => Ok(()),
        }
    }

    fn message(&self) -> StreamRef {
        StreamRef {
            stream: self.batch,
            ..Default::default()
        }
    }

    fn close(&mut self) {
        if !std::mem::replace(&mut self.has_ended, true) {
            // A failure does no harm: the host closes all open batches at the end of the run.
            let _ = self.host.ask::<protocol::HttpClose>(&self.message());
        }
    }
}

impl Iterator for Outcomes<'_> {
    type Item = Result<(usize, BatchOutcome)>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.arrived.pop_front() {
                Some(outcome) => return Some(Ok(outcome)),
                None if self.has_ended => return None,
                None => {}
            }
            if let Err(error) = self.wait() {
                self.close();
                return Some(Err(error));
            }
        }
    }
}

impl std::iter::FusedIterator for Outcomes<'_> {}

impl Drop for Outcomes<'_> {
    fn drop(&mut self) {
        self.close();
    }
}

fn check_number(outcomes: usize, requests: usize) -> Result<()> {
    match outcomes == requests {
        true => Ok(()),
        false => Err(Error::new(
            ErrorKind::BadRequest,
            format!("the host returned {outcomes} outcomes for {requests} requests"),
        )),
    }
}

fn read_outcome(item: BatchItem, call: String, body: &[u8]) -> BatchOutcome {
    let error = || Error::of(item.error.clone().unwrap_or_default());
    match (item.outcome, item.response) {
        (Kind::Done, Some(response)) => {
            let span = response.body.unwrap_or_default();
            let begin = usize::try_from(span.offset).unwrap_or(usize::MAX);
            let length = usize::try_from(span.length).unwrap_or(usize::MAX);
            let bytes = body
                .get(begin..begin.saturating_add(length))
                .unwrap_or_default();
            BatchOutcome::Done(Response::new(call, response, bytes.to_vec()))
        }
        (Kind::Failed, _) => BatchOutcome::Failed(error()),
        (Kind::NotSent, _) => BatchOutcome::NotSent,
        (Kind::OutcomeUnknown, _) => BatchOutcome::Unknown(error()),
        _ => BatchOutcome::Unknown(Error::new(
            ErrorKind::Unsupported,
            "the host reports an outcome that this plugin doesn't know",
        )),
    }
}
