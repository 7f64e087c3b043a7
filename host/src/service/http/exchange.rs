//! One request and its answer: redirects, the access token, and the limits on time and size.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use hyper::body::Bytes;
use reqwest::{
    Method, Response, Url,
    header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HeaderMap, PROXY_AUTHORIZATION},
};
use tw_plugin_protocol::{HttpRequest, HttpResponse};
use tw_render::text::visible;

use super::{
    Http, LARGEST_BODY, LARGEST_FAILURE,
    address::follow_redirect,
    body::{Content, Upload, has_file},
    cause::is_refused_by_proxy,
    client::NO_TIMEOUT,
    course::Course,
    failure::{self, Broken, How},
    header::{bearer, describe, request_headers, sensitive_headers},
    proxy,
    trace::Sent,
    tunnel,
    values::{MOST_VALUES, ValueCounter},
};
use crate::{
    error::{Error, ErrorKind, code},
    service::waiting::Wait,
};

const MOST_REDIRECTS: usize = 10;
/// A whole answer may take this many read timeouts. The read timeout alone never ends an answer that arrives byte by byte.
const READ_TIMEOUTS_PER_ANSWER: u32 = 10;

/// The common part of all hops of one attempt. A hop is one request to one server; a redirect leads to the next hop.
pub(super) struct Attempt<'a> {
    pub(super) request: &'a HttpRequest,
    pub(super) method: Method,
    pub(super) content: &'a Content<'a>,
    pub(super) course: &'a Course,
    pub(super) wait: &'a Wait,
}

/// Returns when the call must have ended. `None` if the plugin set no deadline.
pub(super) fn deadline(request: &HttpRequest) -> Option<Instant> {
    let ms = request.deadline_ms?;
    Instant::now().checked_add(Duration::from_millis(ms))
}

/// Runs `work` until `deadline`, and fails if it has not ended by then.
pub(super) async fn with_deadline<T>(
    deadline: Option<Instant>,
    request: &HttpRequest,
    course: &Course,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let Some(deadline) = deadline else {
        return work.await;
    };
    let ended = tokio::time::timeout_at(deadline.into(), work).await;
    ended.unwrap_or_else(|_| Err(failure::from_deadline(request, course.may_be_carried_out())))
}

impl Http {
    /// Sends the request, retries it as the policy allows, and returns the whole answer.
    pub(super) async fn exchange(
        &self,
        request: &HttpRequest,
        content: &Content<'_>,
        course: &Course,
    ) -> Result<(HttpResponse, Vec<u8>), Error> {
        let deadline = deadline(request);
        let attempt = async |wait: &Wait| {
            let answer = self.send_attempt(request, content, course, wait).await;
            if content.is_spent() {
                course.forbid_retries();
            }
            let (response, sent) = answer?;
            self.receive(request, response, &sent).await
        };
        let work = self.send_with_retries(request, course, deadline, attempt);
        let (mut response, mut bytes) = with_deadline(deadline, request, course, work).await?;
        if course.is_gone(request, &response) {
            self.log.verbose(|| {
                let call = failure::call(request);
                format!("* {call}: status 404 after a retry, so an earlier attempt was carried out")
            });
            response.status = 204;
            response.headers.clear();
            bytes.clear();
        }
        Ok((response, bytes))
    }

    /// Sends one attempt, follows redirects, and returns the first answer that is not a redirect, before its body is read.
    pub(super) async fn send_attempt(
        &self,
        request: &HttpRequest,
        content: &Content<'_>,
        course: &Course,
        wait: &Wait,
    ) -> Result<(Response, Sent), Broken> {
        let attempt = Attempt {
            request,
            method: parse_method(request)?,
            content,
            course,
            wait,
        };
        let mut headers = request_headers(request)?;
        let mut url = self.resolve(request)?;
        let to_api = url.origin() == self.endpoint()?.origin();
        for _ in 0..=MOST_REDIRECTS {
            let (response, sent) = self.send_hop(&attempt, &url, &headers).await?;
            let next = follow_redirect(request, &response, &attempt.method, &url, to_api)?;
            let Some(next) = next else {
                return Ok((response, sent));
            };
            self.trace_head(request, &response, &sent);
            if next.origin() != url.origin() {
                remove_credentials(&mut headers, request);
            }
            url = next;
        }
        let call = failure::call(request);
        let message = format!("{call} was redirected more than {MOST_REDIRECTS} times");
        Err(Error::new(ErrorKind::InvalidResponse, message).into())
    }

    async fn send_hop(
        &self,
        attempt: &Attempt<'_>,
        url: &Url,
        headers: &HeaderMap,
    ) -> Result<(Response, Sent), Broken> {
        self.check_scheme(url)?;
        proxy::check(url)?;
        let (request, course) = (attempt.request, attempt.course);
        let to_api = url.origin() == self.endpoint()?.origin();
        let outgoing = attempt.content.open()?;
        let (body, length, upload) = match outgoing {
            Some(outgoing) => (Some(outgoing.body), outgoing.length, outgoing.upload),
            None => (None, Some(0), None),
        };
        let headers = self.complete_headers(attempt, headers, to_api, length == Some(0))?;
        let length = length.filter(|_| body.is_some());
        let sends_slowly = has_file(request) || attempt.content.is_pushed();
        let client = self.client(to_api, sends_slowly)?;
        let turn = match to_api {
            true => Some(self.wait_for_turn(request, attempt.wait).await?),
            false => None,
        };
        self.trace_request(attempt, url, &headers, length);
        self.trace_request_body(attempt, &headers);
        let mut call = client
            .request(attempt.method.clone(), url.clone())
            .headers(headers);
        if let Some(body) = body {
            call = call.body(body);
        }
        let (sent, begin) = (Sent::now(course), tokio::time::Instant::now());
        course.mark_in_flight();
        let answer = match &upload {
            Some(upload) => self.send_file(request, call, upload).await,
            None => {
                let answer = call.send().await;
                match answer {
                    Ok(response) => Ok(response),
                    Err(error) => Err(self.describe_failure(request, url, &error).await?),
                }
            }
        };
        // The rate limiter counts from here: the server has seen the call.
        drop(turn);
        match answer {
            Ok(response) => {
                if response.status().is_success() && !failure::only_reads(request) {
                    self.has_changed.store(true, Ordering::Relaxed);
                }
                if to_api {
                    self.adapt_pace(request, response.status().as_u16(), begin);
                }
                Ok((response, sent.with_head_time()))
            }
            Err(broken) => {
                match broken.how {
                    How::Lost => self.lost_connection.store(true, Ordering::Relaxed),
                    _ => course.mark_unsent(),
                }
                self.trace_failure(&broken, &sent);
                Err(broken)
            }
        }
    }

    /// Describes a failure of the transport, with the status of a proxy that refuses to connect.
    async fn describe_failure(
        &self,
        request: &HttpRequest,
        url: &Url,
        error: &reqwest::Error,
    ) -> Result<Broken, Error> {
        let limit = self.settings.network.read_timeout;
        Ok(match tunnel::find_status(url, error, limit).await {
            Some(status) => failure::from_proxy(request, error, status),
            // A proxy that doesn't say why it refuses will hardly connect later.
            None if is_refused_by_proxy(error) => Broken {
                how: How::Final,
                ..failure::from_transport(request, error)
            },
            None => failure::from_transport(request, error),
        })
    }

    /// Sends a call whose body is a file or comes in pieces. The client's read timeout doesn't apply: it counts from the beginning of the call, and a large file takes
    /// longer.
    async fn send_file(
        &self,
        request: &HttpRequest,
        call: reqwest::RequestBuilder,
        upload: &Upload,
    ) -> Result<Response, Broken> {
        let timeout = self.settings.network.read_timeout;
        let answer = tokio::select! {
            answer = call.send() => answer,
            () = upload.wait_for_stall(timeout) => return Err(failure::from_stall(request)),
        };
        answer.map_err(|error| match upload.take_failure() {
            // The server never gets the whole request, so it can't carry the request out.
            Some(error) => error.into(),
            None => failure::from_transport(request, &error),
        })
    }

    /// Adds the access token, which only the API gets, the content type of a form, and the length of an empty body.
    fn complete_headers(
        &self,
        attempt: &Attempt<'_>,
        headers: &HeaderMap,
        to_api: bool,
        is_empty: bool,
    ) -> Result<HeaderMap, Error> {
        let mut headers = headers.clone();
        if to_api && !attempt.request.anonymous {
            let token = &self.credential()?.token;
            headers.insert(AUTHORIZATION, bearer(token.expose())?);
        }
        if let Some(content_type) = &attempt.content.content_type {
            headers.insert(CONTENT_TYPE, content_type.clone());
        }
        let has_body_by_method =
            matches!(attempt.method, Method::POST | Method::PUT | Method::PATCH);
        if is_empty && has_body_by_method {
            // RFC 9110, section 8.6: these methods should send a length of 0, and some servers answer 411 without it.
            headers.insert(CONTENT_LENGTH, 0.into());
        }
        Ok(headers)
    }

    /// Returns the next bytes of an answer's body, or `None` at its end.
    pub(super) async fn next_chunk(
        &self,
        request: &HttpRequest,
        response: &mut Response,
    ) -> Result<Option<Bytes>, Broken> {
        // The client that sends files has no read timeout. The other clients have the same one, and theirs has another message.
        let timeout = match has_file(request) {
            true => self.settings.network.read_timeout,
            false => NO_TIMEOUT,
        };
        match tokio::time::timeout(timeout, response.chunk()).await {
            Ok(chunk) => chunk.map_err(|error| failure::from_body(request, &error)),
            Err(_) => Err(failure::from_slow_body(request)),
        }
    }

    /// Reads the body of an answer, and logs the answer once its secrets are known.
    pub(super) async fn receive(
        &self,
        request: &HttpRequest,
        mut response: Response,
        sent: &Sent,
    ) -> Result<(HttpResponse, Vec<u8>), Broken> {
        let mut head = describe(&response);
        let network = self.settings.network;
        let timeout = network
            .read_timeout
            .saturating_mul(READ_TIMEOUTS_PER_ANSWER);
        let body = tokio::time::timeout(timeout, read_body(request, &mut response)).await;
        let bytes = match body.unwrap_or_else(|_| Err(failure::from_slow_body(request))) {
            // The status alone says that the server did nothing, so a broken body must not make the call uncertain.
            Err(_) if head.status == 429 => Ok(Vec::new()),
            bytes => bytes,
        };
        if let Ok(bytes) = &bytes {
            self.redactor.add_response(request, bytes);
        }
        // The head is logged after the body is read, because a header can repeat a value that the body marks as sensitive.
        self.trace_head(request, &response, sent);
        self.trace_body(request, sent, &bytes);
        let mut bytes = bytes?;
        self.trace_answer_body(request, response.headers(), &bytes);
        // Plugins show what a server says about a failure, and a server can repeat a secret that it was sent.
        if !(200..300).contains(&head.status) {
            bytes = self.redactor.redact_body(bytes);
            for header in &mut head.headers {
                header.value = self.redactor.redact_foreign(&header.value);
            }
        }
        Ok((head, bytes))
    }

    /// Refuses plain http unless `--insecure` is set.
    fn check_scheme(&self, url: &Url) -> Result<(), Error> {
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
            format!(
                "You are trying to connect to an insecure server: {url}\n        if you want to force the connection use '--insecure'. NOT RECOMMENDED!"
            ),
        )
        .code(code::INSECURE_ENDPOINT))
    }
}

/// Removes the credentials that the plugin set: they are meant for the server that the plugin named, and not for another origin.
fn remove_credentials(headers: &mut HeaderMap, request: &HttpRequest) {
    for name in [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION] {
        headers.remove(name);
    }
    for name in sensitive_headers(request) {
        headers.remove(name);
    }
}

/// Reads the whole body. The limits apply to the decompressed body. A failure (a status other than 2xx) with too large a body gets an empty one.
async fn read_body(request: &HttpRequest, response: &mut Response) -> Result<Vec<u8>, Broken> {
    let is_failure = !response.status().is_success();
    let most = request.max_body.unwrap_or(LARGEST_BODY);
    let most = match is_failure {
        true => most.min(LARGEST_FAILURE),
        false => most,
    };
    let mut bytes = Vec::new();
    let mut values = ValueCounter::default();
    loop {
        let chunk = response.chunk().await;
        let Some(chunk) = chunk.map_err(|error| failure::from_body(request, &error))? else {
            return Ok(bytes);
        };
        let excess = match (bytes.len() + chunk.len()) as u64 > most {
            true => Some(format!("{most} bytes")),
            false => (values.add(&chunk) > MOST_VALUES).then(|| format!("{MOST_VALUES} values")),
        };
        match excess {
            None => bytes.extend_from_slice(&chunk),
            // A body that is cut off could end inside a secret, and half a secret is not redacted.
            Some(_) if is_failure => return Ok(Vec::new()),
            Some(most) => return Err(failure::from_large_body(request, &most)),
        }
    }
}

fn parse_method(request: &HttpRequest) -> Result<Method, Error> {
    match request.method.as_str() {
        "" | "GET" => Ok(Method::GET),
        "HEAD" => Ok(Method::HEAD),
        "POST" => Ok(Method::POST),
        "PUT" => Ok(Method::PUT),
        "PATCH" => Ok(Method::PATCH),
        "DELETE" => Ok(Method::DELETE),
        other => Err(Error::new(
            ErrorKind::Unsupported,
            format!("the HTTP method `{}` is not supported", visible(other)),
        )),
    }
}
