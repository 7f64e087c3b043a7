//! What `--verbose` shows of a call: `>` what goes, `<` what comes, `*` what is done about it. Never a body; and of a header whose value is
//! a secret, its name.

use std::time::{Duration, Instant};

use hyper_util::client::legacy::connect::HttpInfo;
use reqwest::{
    Method, Response, Url,
    header::{
        AUTHORIZATION, COOKIE, HeaderMap, HeaderName, LOCATION, PROXY_AUTHORIZATION, SET_COOKIE,
    },
};
use tw_plugin_protocol::{HttpRequest, Part};

use super::{
    Http,
    address::shown,
    failure::{self, Broken, place},
    header::sensitive_headers,
    lock,
    retry::Course,
};
use crate::service::redact::REDACTED;

/// An attempt that has left.
pub(super) struct Sent {
    begin: Instant,
    /// How long it took until the head of the answer was there.
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

    /// The head of the answer is there.
    pub(super) fn answered(mut self) -> Self {
        self.head = self.begin.elapsed();
        self
    }

    fn ms(&self) -> u128 {
        self.begin.elapsed().as_millis()
    }
}

impl Http {
    pub(super) fn trace_request(
        &self,
        request: &HttpRequest,
        method: &Method,
        url: &Url,
        headers: &HeaderMap,
        body: Option<&[u8]>,
        course: &Course,
    ) {
        self.log.verbose(|| {
            let mut more = Vec::new();
            if let Some(body) = body {
                more.push(format!("{} bytes", body.len()));
            }
            if course.attempts() > 1 {
                more.push(format!("attempt {}", course.attempts()));
            }
            let more = match more.is_empty() {
                true => String::new(),
                false => format!(" ({})", more.join(", ")),
            };
            format!("> {method} {}{more}", shown(url, request))
        });
        self.trace_headers('>', request, headers);
    }

    pub(super) fn trace_head(&self, request: &HttpRequest, response: &Response, sent: &Sent) {
        self.log.verbose(|| {
            let (call, status) = (failure::call(request), response.status().as_u16());
            let connection = self.connection(response).unwrap_or_default();
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
            Err(broken) => format!("< {} ({} ms)", broken.error.message, sent.ms()),
        });
    }

    pub(super) fn trace_failure(&self, broken: &Broken, sent: &Sent) {
        self.log.verbose(|| {
            let (ms, attempt) = (sent.ms(), sent.attempt);
            format!("< {} ({ms} ms, attempt {attempt})", broken.error.message)
        });
    }

    fn trace_headers(&self, side: char, request: &HttpRequest, headers: &HeaderMap) {
        for (name, value) in headers {
            self.log.verbose(|| {
                let value = String::from_utf8_lossy(value.as_bytes());
                match is_secret(request, name) {
                    true => format!("{side}   {name}: {REDACTED}"),
                    // An address of elsewhere is signed in its query, as often as not.
                    false if name == LOCATION => format!("{side}   {name}: {}", place(&value)),
                    false => format!("{side}   {name}: {value}"),
                }
            });
        }
    }

    /// Whether the answer came over a connection that an earlier one came over too: our end of it tells.
    fn connection(&self, response: &Response) -> Option<&'static str> {
        let info = response.extensions().get::<HttpInfo>()?;
        Some(match lock(&self.connections).insert(info.local_addr()) {
            true => ", new connection",
            false => ", same connection",
        })
    }
}

/// Headers that are secrets by what they are for.
const SECRET: [HeaderName; 4] = [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE, SET_COOKIE];

fn is_secret(request: &HttpRequest, name: &HeaderName) -> bool {
    SECRET.contains(name)
        || request.sensitive.contains(&Part::Unknown)
        || sensitive_headers(request).any(|secret| name.as_str().eq_ignore_ascii_case(secret))
}
