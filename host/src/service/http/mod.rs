//! HTTP: one client, one connection pool, one identity for whichever plugin runs. Runtime and client are made when they are first used.

mod address;
mod batch;
mod client;
mod exchange;
mod failure;
mod header;
mod pace;
pub(crate) mod proxy;
mod retry;
mod stream;
pub(crate) mod tls;
mod trace;

use std::{
    collections::{HashMap, HashSet},
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64},
    },
};

use reqwest::Url;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tw_plugin_protocol::{ErrorKind, ErrorMessage, HttpRequest, HttpResponse, Part, Span};
use zeroize::Zeroizing;

use self::{
    client::Clients,
    pace::{Pace, Quiet},
    retry::Course,
};
pub(crate) use self::{client::builder, failure::innermost};
use super::{Answer, cancel::Cancel, fail, log::Log, redact::Redactor};
use crate::{
    config::{Network, Settings},
    error::Error,
    runtime::runtime,
    timing::measure,
};

/// The largest body that is taken at once when a request names no bound: 32 MiB.
const LARGEST_BODY: u64 = 32 << 20;
/// The largest body of a failure that is of any use: 64 KiB. All of it is searched for secrets.
const LARGEST_FAILURE: u64 = 64 << 10;

/// The HTTP of a run.
pub(super) struct Http {
    settings: Arc<Settings>,
    cancel: Arc<Cancel>,
    log: Log,
    redactor: Arc<Redactor>,
    agent: String,
    endpoint: OnceLock<Url>,
    network: OnceLock<Network>,
    clients: Mutex<Clients>,
    /// How fast the API is called; none where it is called as fast as may be.
    pace: OnceLock<Option<Pace>>,
    /// How long the API wants to be left alone, by all calls.
    quiet: Quiet,
    /// Whether any connection has come about yet.
    connected: Arc<AtomicBool>,
    /// Our ends of the connections so far, for the log.
    connections: Mutex<HashSet<SocketAddr>>,
    streams: Mutex<HashMap<u64, stream::Open>>,
    next_stream: AtomicU64,
}

impl Http {
    pub(super) fn new(
        settings: Arc<Settings>,
        cancel: Arc<Cancel>,
        log: Log,
        redactor: Arc<Redactor>,
        agent: String,
    ) -> Self {
        Self {
            settings,
            cancel,
            log,
            redactor,
            agent,
            endpoint: OnceLock::new(),
            network: OnceLock::new(),
            clients: Mutex::default(),
            pace: OnceLock::new(),
            quiet: Quiet::default(),
            connected: Arc::default(),
            connections: Mutex::default(),
            streams: Mutex::default(),
            next_stream: AtomicU64::new(1),
        }
    }

    /// One request and the whole of its answer.
    pub(super) fn send(&self, request: &HttpRequest, body: &[u8]) -> Answer<HttpResponse> {
        let body = slice(body, request.body)?;
        self.redactor.add_parts(request, body);
        let (mut response, bytes) = self.whole(request, body)?;
        response.body = Some(Span {
            offset: 0,
            length: bytes.len() as u64,
        });
        Ok((response, bytes))
    }

    /// A request of the host's own, below the endpoint, and its answer decoded; a failure is worded as plugins word it.
    pub(super) fn get_json<T: DeserializeOwned>(&self, path: &str) -> Result<T, ErrorMessage> {
        let request = HttpRequest {
            method: "GET".to_owned(),
            url: path.to_owned(),
            ..Default::default()
        };
        let (response, bytes) = self.whole(&request, None)?;
        if !(200..300).contains(&response.status) {
            return Err(failure::of_status(&request, response.status, &bytes));
        }
        serde_json::from_slice(&bytes).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            fail(
                ErrorKind::InvalidResponse,
                format!("The server's answer to GET {path} is not of the expected form (line {line}, column {column})"),
            )
        })
    }

    /// One exchange, waited for and timed.
    fn whole(
        &self,
        request: &HttpRequest,
        body: Option<&[u8]>,
    ) -> Result<(HttpResponse, Vec<u8>), ErrorMessage> {
        let course = Course::new(&self.connected);
        let ended = measure("request", || {
            self.wait(self.exchange(request, body, &course))
        });
        ended.map_err(|error| match error.kind {
            ErrorKind::Cancelled
                if course.may_be_carried_out() && !failure::only_reads(request) =>
            {
                let message = failure::unknown(request, "it was interrupted");
                ErrorMessage { message, ..error }
            }
            _ => error,
        })
    }

    /// Waits for something on the network, here, until the run is asked to stop.
    fn wait<T>(
        &self,
        work: impl Future<Output = Result<T, ErrorMessage>>,
    ) -> Result<T, ErrorMessage> {
        let runtime = runtime().map_err(Error::system)?;
        runtime.block_on(async {
            tokio::select! {
                result = work => result,
                () = self.cancel.requested() => Err(super::cancel::cancelled()),
            }
        })
    }
}

/// What a lock holds, also after a panic on another thread: nothing here is ever left half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A request's part of the raw body.
fn slice(body: &[u8], span: Option<Span>) -> Result<Option<&[u8]>, ErrorMessage> {
    let Some(span) = span else {
        return Ok(None);
    };
    let end = span.offset.checked_add(span.length);
    let range = usize::try_from(span.offset)
        .ok()
        .zip(end.and_then(|end| usize::try_from(end).ok()));
    let part = range.and_then(|(begin, end)| body.get(begin..end));
    part.map(Some).ok_or_else(|| {
        fail(
            ErrorKind::BadRequest,
            "the body that it names lies outside of what it sent",
        )
    })
}

impl Redactor {
    /// The values of an answer that its request marks as sensitive.
    fn add_response(&self, request: &HttpRequest, body: &[u8]) {
        for part in &request.sensitive {
            if let Part::Response { pointer } = part {
                self.add_field(body, pointer);
            }
        }
    }

    /// The field of a JSON body at this place, or for no place all of it.
    fn add_field(&self, body: &[u8], pointer: &str) {
        fn texts(redactor: &Redactor, value: &Value) {
            match value {
                Value::String(text) => redactor.add(Zeroizing::new(text.clone())),
                Value::Number(number) => redactor.add(Zeroizing::new(number.to_string())),
                Value::Array(values) => values.iter().for_each(|value| texts(redactor, value)),
                Value::Object(fields) => fields.values().for_each(|value| texts(redactor, value)),
                _ => {}
            }
        }
        match serde_json::from_slice::<Value>(body) {
            Ok(value) => {
                if let Some(value) = value.pointer(pointer) {
                    texts(self, value);
                }
            }
            Err(_) if pointer.is_empty() => {
                self.add(Zeroizing::new(String::from_utf8_lossy(body).into_owned()))
            }
            Err(_) => {}
        }
    }

    /// The values that a request marks as sensitive, by their places in it.
    fn add_parts(&self, request: &HttpRequest, body: Option<&[u8]>) {
        for part in &request.sensitive {
            match part {
                Part::Header { name } => {
                    let named = request
                        .headers
                        .iter()
                        .filter(|header| header.name.eq_ignore_ascii_case(name));
                    named.for_each(|header| self.add(Zeroizing::new(header.value.clone())));
                }
                Part::Query { name } => {
                    let named = request.query.iter().filter(|(key, _)| key == name);
                    named.for_each(|(_, value)| self.add(Zeroizing::new(value.clone())));
                }
                Part::Body { pointer } => self.add_field(body.unwrap_or_default(), pointer),
                _ => {}
            }
        }
    }
}
