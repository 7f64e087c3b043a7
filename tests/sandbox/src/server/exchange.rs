//! What happens to one request: it is read, logged, held against the rate and the faults, and answered.

use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use hyper::body::{Body as _, Incoming};
use hyper::service::Service;
use hyper_util::service::TowerToHyperService;

use super::answer;
use super::connection::Cut;
use crate::api::{self, BODY_LIMIT, Problem};
use crate::fault::{Blow, Effect, Plan};
use crate::journal::{Entry, Journal};
use crate::lock::lock;
use crate::platform::Platform;
use crate::rate::RateLimit;
use crate::request::{Outcome, Request, route};

/// All that the connections of a sandbox share.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) platform: Arc<Platform>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) plan: Mutex<Plan>,
    rate: Option<Mutex<RateLimit>>,
    endpoints: TowerToHyperService<Router>,
}

/// Why a body wasn't read.
enum Unread {
    TooLarge,
    Broken,
}

impl Exchange {
    pub(crate) fn new(
        platform: Platform,
        journal: Arc<Journal>,
        plan: Plan,
        rate: Option<RateLimit>,
    ) -> Self {
        let platform = Arc::new(platform);
        let endpoints = TowerToHyperService::new(api::router(Arc::clone(&platform)));
        Self {
            platform,
            journal,
            plan: Mutex::new(plan),
            rate: rate.map(Mutex::new),
            endpoints,
        }
    }

    /// Answers a request, or cuts its connection.
    pub(super) async fn answer(&self, request: hyper::Request<Incoming>, cut: &Cut) -> Response {
        let (parts, body) = request.into_parts();
        let body = read(&parts.headers, body).await;
        let entry = self
            .journal
            .begin(record(&parts, body.as_ref().map_or(&[], |body| body)));
        let body = match body {
            Ok(body) => body,
            Err(Unread::TooLarge) => {
                let problem = Problem::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "The body is larger than 16 MB",
                );
                return answered(entry, problem.into_response());
            }
            Err(Unread::Broken) => {
                drop(entry);
                return reset(cut).await;
            }
        };
        if !self.is_admitted(&parts.headers) {
            return answered(entry, answer::too_many_requests());
        }
        let blow = lock(&self.plan).hit(parts.method.as_str(), route(parts.uri.path()));
        match blow {
            Some(blow) => self.strike(blow, entry, parts, body, cut).await,
            None => {
                let response = self.process(parts, body).await;
                answered(entry, response)
            }
        }
    }

    async fn strike(
        &self,
        blow: Blow,
        entry: Entry,
        parts: Parts,
        body: Bytes,
        cut: &Cut,
    ) -> Response {
        if let Some(delay) = blow.delay {
            tokio::time::sleep(delay).await;
        }
        let fault = blow.effect.name();
        let response = match blow.effect {
            Effect::Normal => self.process(parts, body).await,
            Effect::Answer(answer) => {
                if answer.processed {
                    self.process(parts, body).await;
                }
                answer::scripted(&answer)
            }
            Effect::ResetBefore => {
                entry.finish(Outcome::Faulted {
                    fault,
                    status: None,
                });
                return reset(cut).await;
            }
            Effect::ResetAfter => {
                self.process(parts, body).await;
                entry.finish(Outcome::Faulted {
                    fault,
                    status: None,
                });
                return reset(cut).await;
            }
            Effect::Refuse => {
                entry.finish(Outcome::Faulted {
                    fault,
                    status: None,
                });
                return answer::refusal();
            }
            Effect::Truncate => answer::truncated(self.process(parts, body).await).await,
            Effect::Oversized { bytes } => answer::oversized(bytes),
            Effect::Drip { chunk, every } => {
                answer::dripped(self.process(parts, body).await, chunk, every).await
            }
            Effect::Echo => answer::echo(&parts.headers, &body),
        };
        entry.finish(Outcome::Faulted {
            fault,
            status: Some(response.status().as_u16()),
        });
        response
    }

    async fn process(&self, parts: Parts, body: Bytes) -> Response {
        match self
            .endpoints
            .call(hyper::Request::from_parts(parts, Body::from(body)))
            .await
        {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }

    fn is_admitted(&self, headers: &HeaderMap) -> bool {
        let Some(rate) = &self.rate else {
            return true;
        };
        let token = headers
            .get(AUTHORIZATION)
            .map_or(&b""[..], |value| value.as_bytes());
        lock(rate).admit(&String::from_utf8_lossy(token), Instant::now())
    }
}

fn answered(entry: Entry, response: Response) -> Response {
    entry.finish(Outcome::Answered(response.status().as_u16()));
    response
}

/// Never answers: the connection ends while this is waiting.
async fn reset(cut: &Cut) -> Response {
    cut.now();
    pending().await
}

async fn read(headers: &HeaderMap, mut body: Incoming) -> Result<Bytes, Unread> {
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|announced| announced > BODY_LIMIT) {
        return Err(Unread::TooLarge);
    }
    let mut whole = Vec::with_capacity(announced.unwrap_or(0));
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|_| Unread::Broken)?;
        if let Some(data) = frame.data_ref() {
            if whole.len() + data.len() > BODY_LIMIT {
                return Err(Unread::TooLarge);
            }
            whole.extend_from_slice(data);
        }
    }
    Ok(whole.into())
}

fn record(parts: &Parts, body: &[u8]) -> Request {
    let text =
        |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Request {
        method: parts.method.to_string(),
        path: parts.uri.path().into(),
        query: parts.uri.query().map(Into::into),
        headers: parts
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect(),
        body: body.to_vec(),
        outcome: Outcome::Pending,
        at: Duration::ZERO,
    }
}
