//! Exchanges with a registry or another server, within limits of size and time. A read timeout alone doesn't end an answer that arrives byte by
//! byte.

use std::time::{Duration, Instant};

use hyper::body::Bytes;
use reqwest::{
    Client, Request, Response, StatusCode, Url, Version,
    header::{HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING},
};
use tw_plugin_protocol::{HttpRequest, HttpResponse};

use super::{
    attempts::Attempts,
    download::{incomplete, unreachable},
};
use crate::{
    error::{Error, ErrorKind},
    service::http::{
        Broken, Decision, How, Partial, RETRY_WINDOW, cause, classify, decide_answer,
        decide_broken, describe,
    },
};

/// The lowest average rate, in bytes per second. It is below that of a modem.
const LOWEST_RATE: u64 = 4 << 10;
/// The size limit for the body of a failure, in bytes.
const LARGEST_FAILURE: u64 = 64 << 10;

/// The time and the bytes of an operation, which may consist of several exchanges.
pub(super) struct Meter {
    begin: Instant,
    /// How long the operation may fall behind the lowest rate.
    patience: Duration,
    /// The bytes so far. Each exchange counts as one second's more, because its round trip takes time too.
    bytes: u64,
    /// The time that retries have taken: that in which the attempts before them got nothing, and the backoff. All retries of the operation together
    /// have the time that the retries of one call have.
    forgiven: Duration,
}

impl Meter {
    pub(super) fn start(patience: Duration) -> Self {
        Self {
            begin: Instant::now(),
            patience,
            bytes: 0,
            forgiven: Duration::ZERO,
        }
    }

    /// Waits for the head of an answer to a request with a body of `sent` bytes. `place` names the server.
    ///
    /// # Errors
    /// The operation falls too far behind the lowest rate.
    pub(super) async fn exchange<T>(
        &mut self,
        place: &str,
        sent: u64,
        exchange: impl Future<Output = T>,
    ) -> Result<T, Error> {
        self.bytes += LOWEST_RATE + sent;
        self.wait(place, exchange).await
    }

    /// Returns when the last retry may begin after an attempt that got nothing since `active`.
    pub(super) fn last_retry(&self, active: Instant) -> Instant {
        active + RETRY_WINDOW.saturating_sub(self.forgiven)
    }

    /// Takes the time since `active` out of the operation's time.
    pub(super) fn forgive(&mut self, active: Instant) {
        self.forgiven += active.elapsed();
    }

    async fn wait<T>(&self, place: &str, work: impl Future<Output = T>) -> Result<T, Error> {
        let allowed = self.patience + Duration::from_secs(self.bytes / LOWEST_RATE);
        let deadline = self.begin + allowed + self.forgiven;
        let done = tokio::time::timeout_at(deadline.into(), work).await;
        done.map_err(|_| {
            Error::new(ErrorKind::Timeout, format!("{place} answers too slowly"))
                .hint("try again later, or allow more time with `--read-timeout`")
        })
    }
}

/// An answer with any status.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// The address that answered, after redirects.
    pub(super) url: Url,
    /// `None` if the body has more bytes than allowed, or if it is that of a failure and can't be read.
    pub(super) body: Option<Vec<u8>>,
    head: HttpResponse,
}

impl Answer {
    /// Returns the wait that the server asks for. `None` if the server doesn't say.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        crate::service::http::retry_after(&self.head)
    }
}

/// Decides about a retry after an attempt.
pub(super) fn decide(result: &Result<Answer, Broken>, is_idempotent: bool) -> Decision {
    match result {
        Ok(answer) => decide_answer(&answer.head, is_idempotent),
        Err(broken) => decide_broken(broken.how, is_idempotent),
    }
}

/// Describes the end of an attempt, for a line under `--verbose`.
pub(super) fn explain(result: &Result<Answer, Broken>) -> String {
    match result {
        Ok(answer) => format!("status {}", answer.status.as_u16()),
        Err(broken) => broken.error.message().to_owned(),
    }
}

/// The size of the body of a successful answer, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Size {
    /// The body is not read.
    Unread,
    AtMost(u64),
    Exactly(u64),
}

impl Size {
    fn max(self) -> u64 {
        match self {
            Self::Unread => 0,
            Self::AtMost(size) | Self::Exactly(size) => size,
        }
    }
}

/// A request, and the limits of its answer.
pub(super) struct Exchange<'a> {
    pub(super) http: &'a Client,
    pub(super) request: &'a Request,
    /// The name of the server, and that of what it serves, for messages.
    pub(super) server: &'a str,
    pub(super) place: &'a str,
    pub(super) size: Size,
}

/// The bytes that have arrived of a body, and what is needed to request the rest. `None` if the server can't send a rest.
#[derive(Default)]
struct Received {
    bytes: Vec<u8>,
    partial: Option<Partial>,
}

impl Exchange<'_> {
    /// Makes attempts until one succeeds or none may follow. The request must be idempotent.
    ///
    /// # Errors
    /// No whole answer arrives.
    pub(super) async fn run(
        &self,
        meter: &mut Meter,
        attempts: &mut Attempts,
    ) -> Result<Answer, Broken> {
        let mut received = Received::default();
        loop {
            let result = self.attempt(meter, &mut received, attempts).await;
            let decision = decide(&result, true);
            if !attempts.wait(meter, decision, || explain(&result)).await {
                return result;
            }
        }
    }

    /// Makes one attempt. Requests only the rest of a body whose beginning is there, if the server allows that.
    async fn attempt(
        &self,
        meter: &mut Meter,
        received: &mut Received,
        attempts: &mut Attempts,
    ) -> Result<Answer, Broken> {
        let call = HttpRequest {
            method: self.request.method().to_string(),
            ..Default::default()
        };
        let begun = received.partial.as_ref().filter(|part| part.length > 0);
        let rest = begun.map(|part| part.request_rest(&call));
        let mut response = self.send(meter, rest.as_ref()).await?;
        let mut head = describe(&response);
        let mut is_rest = received
            .partial
            .as_ref()
            .is_some_and(|part| rest.is_some() && part.is_rest(&head));
        // 206 and 416 answer a request for a part, and the whole is wanted.
        if rest.is_some() && !is_rest && matches!(head.status, 206 | 416) {
            response = self.send(meter, None).await?;
            head = describe(&response);
            is_rest = false;
        }
        let status = match is_rest {
            true => StatusCode::OK,
            false => response.status(),
        };
        let is_read = !matches!(self.size, Size::Unread);
        if is_read && matches!(status.as_u16(), 204..=206) {
            let message = format!(
                "{} answered with status {}, without the whole content",
                self.server,
                status.as_u16()
            );
            return Err(Broken {
                error: Error::new(ErrorKind::InvalidResponse, message)
                    .hint("check that the address is right, or try again later"),
                how: How::Lost,
            });
        }
        if status.is_success() && !is_rest {
            *received = Received {
                bytes: Vec::new(),
                partial: Partial::new(&call, &head),
            };
        }
        let (headers, url) = (response.headers().clone(), response.url().clone());
        let body = match status.is_success() {
            true if !is_read => None,
            true => self.read(meter, response, received, attempts).await?,
            // The status alone says what happened, so a broken body doesn't matter. A gateway's page says nothing more.
            false if status.is_client_error() => self.read_failure(meter, response).await,
            false => None,
        };
        Ok(Answer {
            status,
            headers,
            url,
            body,
            head,
        })
    }

    async fn send(
        &self,
        meter: &mut Meter,
        rest: Option<&HttpRequest>,
    ) -> Result<Response, Broken> {
        let unusable = || Error::new(ErrorKind::Failure, "the request can't be repeated");
        // Only a body that is a stream can't be cloned.
        let mut request = self.request.try_clone().ok_or_else(unusable)?;
        for header in rest.into_iter().flat_map(|rest| &rest.headers) {
            if let (Ok(name), Ok(value)) = (
                HeaderName::from_bytes(header.name.as_bytes()),
                HeaderValue::from_str(&header.value),
            ) {
                request.headers_mut().insert(name, value);
            }
        }
        let body = request.body().and_then(|body| body.as_bytes());
        let sent = body.map_or(0, |body| body.len() as u64);
        let sending = meter.exchange(self.server, sent, self.http.execute(request));
        let answer = sending.await.map_err(too_slow)?;
        answer.map_err(|error| Broken {
            error: unreachable(self.server, &error),
            how: classify(&error),
        })
    }

    /// Reads the body of a successful answer, or its rest. `None` if the body is larger than allowed.
    async fn read(
        &self,
        meter: &mut Meter,
        mut response: Response,
        received: &mut Received,
        attempts: &mut Attempts,
    ) -> Result<Option<Vec<u8>>, Broken> {
        let max = self.size.max();
        let announced = response.content_length().unwrap_or_default();
        let has_end = response.content_length().is_some()
            || response.headers().contains_key(TRANSFER_ENCODING)
            || response.version() == Version::HTTP_2;
        if received.bytes.len() as u64 + announced > max {
            return Ok(None);
        }
        while let Some(chunk) = self.next_chunk(meter, &mut response).await? {
            received.bytes.extend_from_slice(&chunk);
            let length = received.bytes.len() as u64;
            if length > max {
                return Ok(None);
            }
            if let Some(partial) = &mut received.partial {
                partial.length = length;
            }
            attempts.mark_active(received.partial.is_some());
        }
        let length = received.bytes.len() as u64;
        // The end of the connection ends such a body, and it can also be a fault.
        if !has_end && matches!(self.size, Size::Exactly(size) if length < size) {
            return Err(Broken {
                error: incomplete(self.place, &format!("it ended after {length} bytes")),
                how: How::Lost,
            });
        }
        Ok(Some(std::mem::take(&mut received.bytes)))
    }

    /// Reads the body of a failure. `None` if it is too large, or does not arrive.
    async fn read_failure(&self, meter: &mut Meter, mut response: Response) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        while let Some(chunk) = self.next_chunk(meter, &mut response).await.ok()? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() as u64 > LARGEST_FAILURE {
                return None;
            }
        }
        Some(bytes)
    }

    async fn next_chunk(
        &self,
        meter: &mut Meter,
        response: &mut Response,
    ) -> Result<Option<Bytes>, Broken> {
        let chunk = meter.wait(self.place, response.chunk()).await;
        let chunk = chunk.map_err(too_slow)?.map_err(|error| Broken {
            error: incomplete(self.place, &cause(&error)),
            how: How::Lost,
        })?;
        meter.bytes += chunk.as_ref().map_or(0, Bytes::len) as u64;
        Ok(chunk)
    }
}

/// Describes an attempt that the meter ended. Another attempt may be faster.
fn too_slow(error: Error) -> Broken {
    let how = How::Lost;
    Broken { error, how }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_retries_of_an_operation_together_have_the_time_of_one_call() {
        let mut meter = Meter::start(Duration::ZERO);
        let now = Instant::now();
        assert_eq!(meter.last_retry(now), now + RETRY_WINDOW);
        let Some(earlier) = now.checked_sub(RETRY_WINDOW / 2) else {
            return;
        };
        meter.forgive(earlier);
        assert!(meter.last_retry(now) <= now + RETRY_WINDOW / 2);
        meter.forgive(earlier);
        assert!(meter.last_retry(now) <= now + Duration::from_secs(0));
    }
}
