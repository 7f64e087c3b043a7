//! The log of calls under `--verbose`: `>` marks a request, `<` an answer, `*` what the host does about them. For a header
//! with a secret value, only the name is logged.

use std::time::{Duration, Instant};

use hyper_util::client::legacy::connect::HttpInfo;
use reqwest::{
    Response, Url,
    header::{
        AUTHORIZATION, COOKIE, HeaderMap, HeaderName, LOCATION, PROXY_AUTHORIZATION, SET_COOKIE,
    },
};
use tw_plugin_protocol::{HttpRequest, Part};

use super::{
    Http,
    address::redact_url,
    course::Course,
    exchange::Attempt,
    failure::{self, Broken, strip_address},
    header::sensitive_headers,
    lock,
};
use crate::service::redact::REDACTED;

/// An attempt that was sent, with its times.
pub(super) struct Sent {
    begin: Instant,
    /// The time until the head of the answer arrived.
    head: Duration,
    attempt: u32,
}

impl Sent {
    pub(super) fn now(course: &Course) -> Self {
        Self {
            begin: Instant::now(),
            head: Duration::ZERO,
            attempt: course.attempts(),
        }
    }

    /// Takes the time now, when the head of the answer has arrived.
    pub(super) fn with_head_time(mut self) -> Self {
        self.head = self.begin.elapsed();
        self
    }

    fn ms(&self) -> u128 {
        self.begin.elapsed().as_millis()
    }
}

impl Http {
    /// Logs a request. `length` is the length of its body, or `None` if it has none.
    pub(super) fn trace_request(
        &self,
        attempt: &Attempt<'_>,
        url: &Url,
        headers: &HeaderMap,
        length: Option<u64>,
    ) {
        self.log.verbose(|| {
            let mut details = Vec::new();
            if let Some(length) = length {
                details.push(format!("{length} bytes"));
            }
            let attempts = attempt.course.attempts();
            if attempts > 1 {
                details.push(format!("attempt {attempts}"));
            }
            let details = match details.is_empty() {
                true => String::new(),
                false => format!(" ({})", details.join(", ")),
            };
            let url = redact_url(url, attempt.request);
            format!("> {} {url}{details}", attempt.method)
        });
        self.trace_headers('>', attempt.request, headers);
    }

    pub(super) fn trace_head(&self, request: &HttpRequest, response: &Response, sent: &Sent) {
        self.log.verbose(|| {
            let (call, status) = (failure::call(request), response.status().as_u16());
            let connection = self.describe_connection(response).unwrap_or_default();
            format!(
                "< {call} {status} ({:?}, {} ms, attempt {}{connection})",
                response.version(),
                sent.head.as_millis(),
                sent.attempt
            )
        });
        self.trace_headers('<', request, response.headers());
    }

    pub(super) fn trace_body(
        &self,
        request: &HttpRequest,
        sent: &Sent,
        body: &Result<Vec<u8>, Broken>,
    ) {
        self.log.verbose(|| match body {
            Ok(bytes) => format!(
                "< {}: {} bytes after {} ms",
                failure::call(request),
                bytes.len(),
                sent.ms()
            ),
            Err(broken) => format!("< {} ({} ms)", broken.error.message(), sent.ms()),
        });
    }

    pub(super) fn trace_saved(&self, request: &HttpRequest, sent: &Sent, length: u64) {
        self.log.verbose(|| {
            let (call, ms) = (failure::call(request), sent.ms());
            format!("< {call}: {length} bytes to a file after {ms} ms")
        });
    }

    pub(super) fn trace_failure(&self, broken: &Broken, sent: &Sent) {
        self.log.verbose(|| {
            let (ms, attempt) = (sent.ms(), sent.attempt);
            format!("< {} ({ms} ms, attempt {attempt})", broken.error.message())
        });
    }

    fn trace_headers(&self, side: char, request: &HttpRequest, headers: &HeaderMap) {
        for (name, value) in headers {
            self.log.verbose(|| {
                let value = String::from_utf8_lossy(value.as_bytes());
                // Servers repeat short values too.
                let value = self.redactor.redact_foreign(&value);
                let shown = self.redactor.redact_foreign(name.as_str());
                match is_secret(request, name) {
                    true => format!("{side}   {shown}: {REDACTED}"),
                    // The query of an address at another server often contains a signature.
                    false if name == LOCATION => {
                        format!("{side}   {shown}: {}", strip_address(&value))
                    }
                    false => format!("{side}   {shown}: {value}"),
                }
            });
        }
    }

    /// Tells a new connection from a reused one, by the local address. `None` if the client doesn't report the address.
    fn describe_connection(&self, response: &Response) -> Option<&'static str> {
        let info = response.extensions().get::<HttpInfo>()?;
        Some(match lock(&self.connections).insert(info.local_addr()) {
            true => ", new connection",
            false => ", same connection",
        })
    }
}

/// Headers whose values are always secret.
const SECRET: [HeaderName; 4] = [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE, SET_COOKIE];

fn is_secret(request: &HttpRequest, name: &HeaderName) -> bool {
    SECRET.contains(name)
        || request.sensitive.contains(&Part::Unknown)
        || sensitive_headers(request).any(|secret| name.as_str().eq_ignore_ascii_case(secret))
}
