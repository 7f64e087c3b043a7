//! One request and its answer: who may see the token, redirects, bounds.

use std::time::{Duration, Instant};

use reqwest::{
    Method, Response, Url,
    header::{AUTHORIZATION, CONTENT_LENGTH, COOKIE, HeaderMap, PROXY_AUTHORIZATION},
};
use tw_plugin_protocol::{ErrorKind, ErrorMessage, HttpRequest, HttpResponse};
use tw_render::text::visible;

use super::{
    Http, LARGEST_BODY, LARGEST_FAILURE,
    address::redirect,
    failure::{self, Broken, How},
    header::{bearer, describe, headers, sensitive_headers},
    proxy,
    retry::Course,
    trace::Sent,
};
use crate::{error::Error, service::fail};

/// More redirects than this are a loop.
const MOST_REDIRECTS: usize = 10;
/// The whole of an answer has this many times the time in which a server may say nothing, so that one that drips ends too.
const TIMES_FOR_ALL: u32 = 10;

/// When the time is up that the plugin gave, where it gave one.
pub(super) fn deadline(request: &HttpRequest) -> Option<Instant> {
    let ms = request.deadline_ms?;
    Instant::now().checked_add(Duration::from_millis(ms))
}

/// The work, if it is done by then.
pub(super) async fn within<T>(
    until: Option<Instant>,
    request: &HttpRequest,
    course: &Course,
    work: impl Future<Output = Result<T, ErrorMessage>>,
) -> Result<T, ErrorMessage> {
    match until {
        None => work.await,
        Some(until) => {
            let ended = tokio::time::timeout_at(until.into(), work).await;
            ended
                .unwrap_or_else(|_| Err(failure::of_deadline(request, course.may_be_carried_out())))
        }
    }
}

impl Http {
    /// The request, as often as it takes and as it may be sent, and the whole of its answer.
    pub(super) async fn exchange(
        &self,
        request: &HttpRequest,
        body: Option<&[u8]>,
        course: &Course,
    ) -> Result<(HttpResponse, Vec<u8>), ErrorMessage> {
        let until = deadline(request);
        let attempt = async || {
            let (mut response, sent) = self.head(request, body, course).await?;
            let head = describe(&response);
            let time = self.network()?.read_timeout.saturating_mul(TIMES_FOR_ALL);
            let whole = tokio::time::timeout(time, collect(request, &mut response)).await;
            let bytes = match whole.unwrap_or_else(|_| Err(failure::of_drip(request))) {
                // The server says that it did nothing, however the rest of it goes.
                Err(_) if head.status == 429 => Ok(Vec::new()),
                bytes => bytes,
            };
            if let Ok(bytes) = &bytes {
                self.redactor.add_response(request, bytes);
            }
            // Only now, for a header can have in it what the body says is secret.
            self.trace_head(request, &response, &sent);
            self.trace_body(request, &sent, &bytes);
            let mut bytes = bytes?;
            // A plugin may well show what a server says of a failure, as its result too.
            if !(200..300).contains(&head.status) {
                bytes = self.redactor.redact_body(bytes);
            }
            Ok((head, bytes))
        };
        let work = self.repeat(request, course, until, attempt);
        let (mut response, mut bytes) = within(until, request, course, work).await?;
        if course.is_gone(request, &response) {
            self.log.verbose(|| {
                let call = failure::call(request);
                format!("* {call}: it is gone, so an attempt before this one was carried out")
            });
            response.status = 204;
            response.headers.clear();
            bytes.clear();
        }
        Ok((response, bytes))
    }

    /// One attempt, up to the head of the answer that isn't a redirect.
    pub(super) async fn head(
        &self,
        request: &HttpRequest,
        body: Option<&[u8]>,
        course: &Course,
    ) -> Result<(Response, Sent), Broken> {
        let method = method(request)?;
        let mut headers = headers(request)?;
        let mut url = self.resolve(request)?;
        let to_api = url.origin() == self.endpoint()?.origin();
        for _ in 0..=MOST_REDIRECTS {
            let (response, sent) = self
                .hop(request, &method, &url, &headers, body, course)
                .await?;
            let Some(next) = redirect(request, &response, &method, &url, to_api)? else {
                return Ok((response, sent));
            };
            self.trace_head(request, &response, &sent);
            if next.origin() != url.origin() {
                // Whom the plugin says it is, it says to one server.
                for name in [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION] {
                    headers.remove(name);
                }
                for name in sensitive_headers(request) {
                    headers.remove(name);
                }
            }
            url = next;
        }
        let call = failure::call(request);
        let message = format!("{call} was redirected more than {MOST_REDIRECTS} times");
        Err(fail(ErrorKind::InvalidResponse, message).into())
    }

    async fn hop(
        &self,
        request: &HttpRequest,
        method: &Method,
        url: &Url,
        headers: &HeaderMap,
        body: Option<&[u8]>,
        course: &Course,
    ) -> Result<(Response, Sent), Broken> {
        self.check_scheme(url)?;
        proxy::check(url)?;
        let mut headers = headers.clone();
        let to_api = url.origin() == self.endpoint()?.origin();
        if to_api && !request.anonymous {
            let token = self.settings.token.as_ref();
            let token = token.ok_or_else(Error::no_token)?;
            headers.insert(AUTHORIZATION, bearer(token.expose())?);
        }
        match body {
            // A server may insist on a length, even of nothing.
            None if matches!(*method, Method::POST | Method::PUT | Method::PATCH) => {
                headers.insert(CONTENT_LENGTH, 0.into());
            }
            _ => {}
        }
        let client = self.client(to_api)?;
        let turn = match to_api {
            true => Some(self.turn(request).await?),
            false => None,
        };
        self.trace_request(request, method, url, &headers, body, course);
        let mut call = client.request(method.clone(), url.clone()).headers(headers);
        if let Some(body) = body {
            call = call.body(body.to_vec());
        }
        let sent = Sent::now(course);
        course.leaves();
        let answer = call.send().await;
        // From here on, the server has seen it.
        drop(turn);
        match answer {
            Ok(response) => Ok((response, sent.answered())),
            Err(error) => {
                let broken = failure::of_transport(request, &error);
                if broken.how != How::Lost {
                    course.never_left();
                }
                self.trace_failure(&broken, &sent);
                Err(broken)
            }
        }
    }

    /// Nothing goes over plain http that the person didn't allow.
    fn check_scheme(&self, url: &Url) -> Result<(), ErrorMessage> {
        if url.scheme() == "https" || self.settings.insecure {
            return Ok(());
        }
        let url = visible(url.origin().ascii_serialization().as_str()).into_owned();
        let url = match self.endpoint()?.origin().ascii_serialization() == url {
            true => self.settings.endpoint.clone(),
            false => url,
        };
        Err(Error::new(
            ErrorKind::Failure,
            format!("You are trying to connect to an insecure server: {url}\n        if you want to force the connection use '--insecure'. NOT RECOMMENDED!"),
        )
        .into())
    }
}

/// The whole body, within its bound, which counts what was compressed at its full size. A failure that is longer has none.
async fn collect(request: &HttpRequest, response: &mut Response) -> Result<Vec<u8>, Broken> {
    let is_failure = !response.status().is_success();
    let most = request.max_body.unwrap_or(LARGEST_BODY);
    let most = if is_failure {
        most.min(LARGEST_FAILURE)
    } else {
        most
    };
    let mut bytes = Vec::new();
    loop {
        let chunk = response.chunk().await;
        let Some(chunk) = chunk.map_err(|error| failure::of_rest(request, &error))? else {
            return Ok(bytes);
        };
        match (bytes.len() + chunk.len()) as u64 <= most {
            true => bytes.extend_from_slice(&chunk),
            // Half of it could end within a secret.
            false if is_failure => return Ok(Vec::new()),
            false => return Err(failure::of_excess(request, most)),
        }
    }
}

fn method(request: &HttpRequest) -> Result<Method, ErrorMessage> {
    match request.method.as_str() {
        "" | "GET" => Ok(Method::GET),
        "HEAD" => Ok(Method::HEAD),
        "POST" => Ok(Method::POST),
        "PUT" => Ok(Method::PUT),
        "PATCH" => Ok(Method::PATCH),
        "DELETE" => Ok(Method::DELETE),
        other => Err(fail(
            ErrorKind::Unsupported,
            format!(
                "the method `{}` is not one of HTTP's that tw knows",
                visible(other)
            ),
        )),
    }
}
