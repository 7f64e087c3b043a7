//! HTTP for plugins and for the host itself: one client, one connection pool and one identity per run.
//!
//! The runtime and the client are built on first use.

mod address;
mod batch;
mod body;
mod cause;
mod client;
mod course;
mod download;
mod exchange;
mod failure;
mod form;
mod header;
mod limiter;
mod pace;
pub(crate) mod proxy;
mod record;
mod resolver;
mod resume;
mod retry;
mod sensitive;
mod stream;
pub(crate) mod tls;
mod tls_error;
mod trace;
mod trace_bodies;
mod tunnel;
mod upload;
mod values;

use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use reqwest::Url;
use serde::de::DeserializeOwned;
use tw_plugin_protocol::{HttpRequest, HttpResponse, Span, explain_decoding};

pub(crate) use self::{
    address::parse_endpoint,
    cause::{cause, find_tls},
    client::{NO_TIMEOUT, builder},
    failure::{Broken, How, classify},
    header::describe,
    resume::Partial,
    retry::{
        Decision, Next, RETRY_WINDOW, Retries, decide_answer, decide_broken, last_start,
        retry_after,
    },
};
use self::{
    body::Content,
    client::Clients,
    course::Course,
    limiter::{Pause, RateLimiter},
    pace::Pace,
    record::Calls,
};
use super::{cancel::Cancel, log::Log, redact::Redactor, waiting::Waiting};
use crate::{
    config::Settings,
    credentials::{self, Credential},
    error::{Error, ErrorKind},
    runtime::runtime,
    timing::measure,
};

/// The limit for the body of a successful answer if the request sets none: 32 MiB.
const LARGEST_BODY: u64 = 32 << 20;
/// The limit for the body of a failure: 64 KiB. The whole body is searched for secrets.
const LARGEST_FAILURE: u64 = 64 << 10;

/// The HTTP service of one run.
pub(super) struct Http {
    settings: Arc<Settings>,
    cancel: Arc<Cancel>,
    log: Log,
    redactor: Arc<Redactor>,
    waiting: Arc<Waiting>,
    /// The value of the `User-Agent` header.
    agent: String,
    endpoint: OnceLock<Url>,
    credential: OnceLock<Credential>,
    /// Locked while the credential is looked up, because a keyring may ask the user something.
    looks_up: Mutex<()>,
    clients: Mutex<Clients>,
    /// The inner value is `None` if calls to the API are not limited.
    limiter: OnceLock<Option<RateLimiter>>,
    /// The pause that a 429 imposes on all calls to the API.
    pause: Pause,
    /// The pace of all calls to the API after a 429.
    pace: Pace,
    calls: Calls,
    /// True if a server confirmed a change in this run.
    has_changed: AtomicBool,
    /// True if this run ever had a connection.
    connected: Arc<AtomicBool>,
    /// True if a connection broke before the answer came. From then on, each request gets a connection of its own, because some servers and gateways close a
    /// connection when the next request arrives. A request that is not idempotent would then be lost each time.
    lost_connection: AtomicBool,
    /// The local addresses of the connections so far, by which the log tells a new connection from a reused one.
    connections: Mutex<HashSet<SocketAddr>>,
    streams: Mutex<HashMap<u64, stream::Open>>,
    batches: Mutex<HashMap<u64, batch::Open>>,
    uploads: Mutex<HashMap<u64, upload::Open>>,
    /// The number of the next stream, open batch or upload.
    next_stream: AtomicU64,
}

impl Http {
    pub(super) fn new(
        settings: Arc<Settings>,
        cancel: Arc<Cancel>,
        log: Log,
        redactor: Arc<Redactor>,
        waiting: Arc<Waiting>,
        agent: String,
    ) -> Self {
        Self {
            settings,
            cancel,
            log,
            redactor,
            waiting,
            agent,
            endpoint: OnceLock::new(),
            credential: OnceLock::new(),
            looks_up: Mutex::default(),
            clients: Mutex::default(),
            limiter: OnceLock::new(),
            pause: Pause::default(),
            pace: Pace::default(),
            calls: Calls::default(),
            has_changed: AtomicBool::default(),
            connected: Arc::default(),
            lost_connection: AtomicBool::default(),
            connections: Mutex::default(),
            streams: Mutex::default(),
            batches: Mutex::default(),
            uploads: Mutex::default(),
            next_stream: AtomicU64::new(1),
        }
    }

    /// Returns the access token, which is looked up when a request first needs it.
    ///
    /// # Errors
    /// If there is no token for the endpoint, or if the place of the token can't be read.
    pub(super) fn credential(&self) -> Result<&Credential, Error> {
        let _one_at_a_time = lock(&self.looks_up);
        if let Some(known) = self.credential.get() {
            return Ok(known);
        }
        let endpoint = self.endpoint()?;
        let found = credentials::find(&self.settings, endpoint)?;
        let found = found.ok_or_else(|| credentials::missing(&self.settings, endpoint))?;
        // Nothing that is logged or returned from now on may repeat the token.
        self.redactor.add_token(found.token.expose());
        Ok(self.credential.get_or_init(|| found))
    }

    /// Sends a plugin's request and returns the whole answer.
    pub(super) fn send(
        &self,
        request: &HttpRequest,
        body: &[u8],
    ) -> Result<(HttpResponse, Vec<u8>), Error> {
        let content = self.prepare(request, body)?;
        let (mut response, bytes) = self.exchange_blocking(request, &content)?;
        response.body = Some(Span {
            offset: 0,
            length: bytes.len() as u64,
            ..Default::default()
        });
        Ok((response, bytes))
    }

    /// Sends a `GET` of the host's own to a path below the endpoint, and decodes the answer. Errors have the wording of the plugin API.
    pub(super) fn get_json<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        self.get_json_with(HttpRequest {
            method: "GET".to_owned(),
            url: path.to_owned(),
            ..Default::default()
        })
    }

    /// Sends a request of the host's own, and decodes the answer, as [`get_json`](Self::get_json) does.
    pub(super) fn get_json_with<T: DeserializeOwned>(
        &self,
        request: HttpRequest,
    ) -> Result<T, Error> {
        let sent = self.exchange_blocking(&request, &Content::NONE);
        let (response, bytes) = sent.map_err(|error| match (error.kind(), self.endpoint()) {
            // The user asked for something else, so the message says what this request is for.
            (ErrorKind::Timeout, Ok(endpoint)) => {
                let server = endpoint.origin().ascii_serialization();
                error.context(format!(
                    "Cannot look up the user or the workspace at {server}"
                ))
            }
            _ => error,
        })?;
        if !(200..300).contains(&response.status) {
            return Err(failure::from_status(&request, &response, &bytes));
        }
        serde_json::from_slice(&bytes).map_err(|error| {
            let message = explain_decoding(&failure::call(&request), &bytes, &error);
            Error::new(ErrorKind::InvalidResponse, message)
        })
    }

    /// True if a server confirmed a change in this run.
    pub(super) fn has_changed(&self) -> bool {
        self.has_changed.load(Ordering::Relaxed)
    }

    /// Runs one exchange on this thread.
    fn exchange_blocking(
        &self,
        request: &HttpRequest,
        content: &Content<'_>,
    ) -> Result<(HttpResponse, Vec<u8>), Error> {
        let course = Course::new(&self.connected);
        self.measure_request(request, &course, self.exchange(request, content, &course))
    }

    /// Does the work for a request as [`block_on`](Self::block_on) does, and measures its time.
    fn measure_request<T>(
        &self,
        request: &HttpRequest,
        course: &Course,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        measure("request", || self.block_on(request, course, work))
    }

    /// Blocks this thread until the work for a request ends or the run is canceled. The outcome is unknown if a change was canceled that the
    /// server may have carried out.
    fn block_on<T>(
        &self,
        request: &HttpRequest,
        course: &Course,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let runtime = runtime().map_err(Error::system)?;
        let result = runtime.block_on(async {
            tokio::select! {
                result = work => result,
                () = self.cancel.requested() => Err(super::cancel::cancel_error()),
            }
        });
        result.map_err(|error| {
            // A deadline ends a call from the outside.
            if matches!(error.kind(), ErrorKind::Timeout | ErrorKind::OutcomeUnknown) {
                self.record(request, None, retry::is_idempotent(request));
            }
            let is_interrupt = error.kind() == ErrorKind::Cancelled;
            match is_interrupt && course.may_be_carried_out() && !failure::only_reads(request) {
                true => Error::new(
                    ErrorKind::Cancelled,
                    failure::unknown(request, "it was interrupted"),
                ),
                false => error,
            }
        })
    }
}

/// Locks a mutex, also after a panic on another thread: no code here leaves a value half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
