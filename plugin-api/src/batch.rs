//! Many requests at once, and what became of each.

use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{BatchItem, BatchRequest, ErrorMessage, Span};
use zeroize::Zeroizing;

use crate::{Error, ErrorKind, Host, Request, Response, Result};

/// Many requests that the host sends concurrently, within its limits. The outcomes come in the order of the requests. All answers are kept until the
/// last has come, so where a request has no [`max_body`](crate::Request::max_body), its answer may have its part of 32 MiB, and 64 KiB at least.
///
/// ```
/// use tw_plugin_api::{BatchOutcome, Host, Result};
///
/// fn sizes(host: &Host, ids: &[i64]) -> Result<Vec<usize>> {
///     let mut batch = host.http().batch().label("Reading");
///     for id in ids {
///         batch = batch.add(host.http().get(format!("/pipeline-secrets/{id}")));
///     }
///     let done = batch.send()?.into_iter().filter_map(|outcome| match outcome {
///         BatchOutcome::Done(response) => Some(response.bytes().len()),
///         _ => None,
///     });
///     Ok(done.collect())
/// }
/// # let _ = sizes;
/// ```
#[must_use = "a batch does nothing until it is sent"]
pub struct Batch<'a> {
    host: &'a Host,
    message: BatchRequest,
    body: Zeroizing<Vec<u8>>,
    failed: Option<Error>,
}

impl std::fmt::Debug for Batch<'_> {
    /// The requests; their bodies can be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batch")
            .field("requests", &self.message.requests)
            .finish_non_exhaustive()
    }
}

/// What became of a request of a batch.
#[derive(Debug, Clone)]
pub enum BatchOutcome {
    /// The server answered.
    Done(Response),
    /// It was not carried out.
    Failed(Error),
    /// It was never sent: the run was cancelled, or an earlier one failed.
    NotSent,
    /// It was sent and no answer came: it may have been carried out.
    Unknown(Error),
}

impl<'a> Batch<'a> {
    pub(crate) fn new(host: &'a Host) -> Self {
        Self {
            host,
            message: BatchRequest::default(),
            body: Zeroizing::default(),
            failed: None,
        }
    }

    /// Adds a request.
    // The name is what an author looks for; no operator is meant.
    #[allow(clippy::should_implement_trait)]
    pub fn add(mut self, request: Request<'_>) -> Self {
        let mut message = request.message;
        match request.body {
            Ok(None) => {}
            Ok(Some(bytes)) => {
                message.body = Some(Span {
                    offset: self.body.len() as u64,
                    length: bytes.len() as u64,
                });
                self.append(&bytes);
            }
            Err(error) => self.failed = self.failed.or(Some(error)),
        }
        self.message.requests.push(message);
        self
    }

    /// Appends to the raw body; a buffer that grew out of its room is wiped, not just freed.
    fn append(&mut self, bytes: &[u8]) {
        let needed = self.body.len() + bytes.len();
        if needed > self.body.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(needed.next_power_of_two()));
            larger.extend_from_slice(&self.body);
            self.body = larger;
        }
        self.body.extend_from_slice(bytes);
    }

    /// Shows a progress display with this label, on terminals.
    pub fn label(mut self, label: &str) -> Self {
        self.message.label = Some(label.to_owned());
        self
    }

    /// The most requests that are under way at once.
    pub fn concurrency(mut self, most: u32) -> Self {
        self.message.concurrency = Some(most);
        self
    }

    /// Sends nothing more once one request failed or was answered with a status of 400 or more.
    pub fn stop_on_failure(mut self) -> Self {
        self.message.stop_on_failure = true;
        self
    }

    /// Sends them all and waits. After a Ctrl-C it comes back at once, and the outcomes say what was done.
    ///
    /// # Errors
    /// When none could be sent: no token, a request without a JSON form. What befalls one request is its outcome.
    pub fn send(self) -> Result<Vec<BatchOutcome>> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let (reply, body) = self
            .host
            .call::<protocol::HttpBatch>(&self.message, &self.body)?;
        if reply.items.len() != self.message.requests.len() {
            return Err(Error::new(
                ErrorKind::BadRequest,
                "the host answered another number of requests than it was sent",
            ));
        }
        let items = reply.items.into_iter().zip(&self.message.requests);
        Ok(items
            .map(|(item, request)| outcome(item, request, &body))
            .collect())
    }
}

fn outcome(item: BatchItem, request: &protocol::HttpRequest, body: &[u8]) -> BatchOutcome {
    match item {
        BatchItem::Done { response } => {
            let span = response.body.unwrap_or_default();
            let begin = usize::try_from(span.offset).unwrap_or(usize::MAX);
            let length = usize::try_from(span.length).unwrap_or(usize::MAX);
            let bytes = body
                .get(begin..begin.saturating_add(length))
                .unwrap_or_default();
            let call = crate::request::called(request);
            BatchOutcome::Done(Response::new(call, response, bytes.to_vec()))
        }
        BatchItem::Failed { error } => BatchOutcome::Failed(error.into()),
        BatchItem::NotSent {} => BatchOutcome::NotSent,
        BatchItem::Unknown { error } => BatchOutcome::Unknown(error.into()),
        _ => BatchOutcome::Unknown(
            ErrorMessage {
                kind: ErrorKind::Unsupported,
                message: "the host reports an outcome that this plugin doesn't know".to_owned(),
                ..Default::default()
            }
            .into(),
        ),
    }
}
