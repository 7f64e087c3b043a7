//! Handles one request: reads and logs it, applies the rate limit and the faults, and answers it.

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
use crate::fault::{Effect, Hit, Plan};
use crate::journal::{Entry, Journal};
use crate::lock::lock;
use crate::platform::Platform;
use crate::rate::RateLimit;
use crate::request::{Outcome, Request, strip_api};

/// The data that all connections of a sandbox share.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) platform: Arc<Platform>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) plan: Mutex<Plan>,
    rate: Option<Mutex<RateLimit>>,
    endpoints: TowerToHyperService<Router>,
}

/// The error of reading a request body.
enum BodyError {
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
        let endpoints = TowerToHyperService::new(api::build_router(Arc::clone(&platform)));
        Self {
            platform,
            journal,
            plan: Mutex::new(plan),
            rate: rate.map(Mutex::new),
            endpoints,
        }
    }

    /// Answers a request. Never returns if a fault resets the connection.
    pub(super) async fn answer(&self, request: hyper::Request<Incoming>, cut: &Cut) -> Response {
        let (parts, body) = request.into_parts();
        let body = read_body(&parts.headers, body).await;
        let entry = self
            .journal
            .begin(record(&parts, body.as_ref().map_or(&[], |body| body)));
        let body = match body {
            Ok(body) => body,
            Err(BodyError::TooLarge) => {
                let problem = Problem::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "The body is larger than 16 MiB",
                );
                return finish(entry, problem.into_response());
            }
            Err(BodyError::Broken) => {
                drop(entry);
                return reset(cut).await;
            }
        };
        if !self.is_admitted(&parts.headers) {
            return finish(entry, answer::build_too_many_requests());
        }
        let hit = lock(&self.plan).hit(parts.method.as_str(), strip_api(parts.uri.path()));
        match hit {
            Some(hit) => self.apply(hit, entry, parts, body, cut).await,
            None => {
                let response = self.process(parts, body).await;
                finish(entry, response)
            }
        }
    }

    /// Applies a fault to a request.
    async fn apply(
        &self,
        hit: Hit,
        entry: Entry,
        parts: Parts,
        body: Bytes,
        cut: &Cut,
    ) -> Response {
        if let Some(delay) = hit.delay {
            tokio::time::sleep(delay).await;
        }
        let fault = hit.effect.name();
        let finish = |status| entry.finish(Outcome::Faulted { fault, status });
        let response = match hit.effect {
            Effect::Normal => self.process(parts, body).await,
            Effect::Answer(answer) => {
                if answer.processed {
                    self.process(parts, body).await;
                }
                answer::build_scripted(&answer)
            }
            Effect::ResetBefore => {
                finish(None);
                return reset(cut).await;
            }
            Effect::ResetAfter => {
                self.process(parts, body).await;
                finish(None);
                return reset(cut).await;
            }
            Effect::Refuse => {
                finish(None);
                return answer::build_refusal();
            }
            Effect::Truncate => answer::truncate(self.process(parts, body).await).await,
            Effect::Oversized { bytes } => answer::build_oversized(bytes),
            Effect::Drip { chunk, every } => {
                answer::drip(self.process(parts, body).await, chunk, every).await
            }
            Effect::Echo => answer::build_echo(&parts.headers, &body),
        };
        finish(Some(response.status().as_u16()));
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

fn finish(entry: Entry, response: Response) -> Response {
    entry.finish(Outcome::Answered(response.status().as_u16()));
    response
}

/// Resets the connection. Never returns, because the connection ends while this function waits.
async fn reset(cut: &Cut) -> Response {
    cut.request();
    pending().await
}

async fn read_body(headers: &HeaderMap, mut body: Incoming) -> Result<Bytes, BodyError> {
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|announced| announced > BODY_LIMIT) {
        return Err(BodyError::TooLarge);
    }
    let mut whole = Vec::with_capacity(announced.unwrap_or(0));
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|_| BodyError::Broken)?;
        if let Some(data) = frame.data_ref() {
            if whole.len() + data.len() > BODY_LIMIT {
                return Err(BodyError::TooLarge);
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
