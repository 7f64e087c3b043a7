//! Many requests at once.

use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{BatchItem, BatchOutcome as Kind, BatchRequest, Span};
use zeroize::Zeroizing;

use crate::{Error, ErrorKind, Host, Request, Response, Result, request::describe_call};

/// A set of requests that the host sends concurrently, within its rate limit. [`Host::http`] makes one with
/// [`batch`](crate::Http::batch).
///
/// The outcomes have the order of the requests. The host keeps all responses until the last one has arrived. A request
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
        if let Some(error) = self.failure {
            return Err(error);
        }
        // With room for all bodies from the start: a `Vec` that grows frees its old buffer without wiping it, and
        // bodies can contain secrets.
        let mut body = Zeroizing::new(Vec::with_capacity(self.length));
        for bytes in &self.bodies {
            body.extend_from_slice(bytes);
        }
        let (reply, body) = self
            .host
            .call::<protocol::HttpBatch>(&self.message, &body)?;
        let (outcomes, requests) = (reply.items.len(), self.message.requests.len());
        if outcomes != requests {
            return Err(Error::new(
                ErrorKind::BadRequest,
                format!("the host returned {outcomes} outcomes for {requests} requests"),
            ));
        }
        let items = reply.items.into_iter().zip(&self.message.requests);
        Ok(items
            .map(|(item, request)| read_outcome(item, request, &body))
            .collect())
    }
}

fn read_outcome(item: BatchItem, request: &protocol::HttpRequest, body: &[u8]) -> BatchOutcome {
    let error = || Error::of(item.error.clone().unwrap_or_default());
    match (item.outcome, item.response) {
        (Kind::Done, Some(response)) => {
            let span = response.body.unwrap_or_default();
            let begin = usize::try_from(span.offset).unwrap_or(usize::MAX);
            let length = usize::try_from(span.length).unwrap_or(usize::MAX);
            let bytes = body
                .get(begin..begin.saturating_add(length))
                .unwrap_or_default();
            BatchOutcome::Done(Response::new(
                describe_call(request),
                response,
                bytes.to_vec(),
            ))
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
