//! Whether a call is made again, when, and what is certain of it by then.
//!
//! | what happened | is tried again |
//! |---|---|
//! | no connection came about | always: nothing has left |
//! | 429 | always: the server says that it did nothing |
//! | 502, 503, 504; the connection broke, or nothing came in time | what may be sent twice: all but `POST` and `PATCH`, unless the plugin says otherwise |
//!
//! The waits grow, with a random part, so that many clients don't come back at once; where a server says how long to wait, that is what is waited at least.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use tw_plugin_protocol::{ErrorKind, ErrorMessage, HttpRequest, HttpResponse};

use super::{
    Http,
    failure::{self, Broken, How},
};

/// The first wait, and the longest that is our own idea, each without its random part, which is at most as much again.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// A server that wants more than this is told of instead of waited for.
const MOST_PATIENCE: Duration = Duration::from_secs(60);
/// No attempt begins later than this after the first.
const ALL_ATTEMPTS: Duration = Duration::from_secs(120);

/// How far a call has come: what is certain of it when it is cut off.
#[derive(Default)]
pub(super) struct Course {
    attempts: Cell<u32>,
    /// Whether there has been a connection that anything could leave over, of this call or another.
    connected: Arc<AtomicBool>,
    /// Whether any attempt before the present one left.
    left: Cell<bool>,
    /// The present attempt may have reached the server.
    under_way: Cell<bool>,
    /// An attempt that may have been carried out had no answer.
    lost: Cell<bool>,
    /// The same, or its answer was one of a server in front of the API, which may not know.
    doubtful: Cell<bool>,
}

impl Course {
    pub(super) fn new(connected: &Arc<AtomicBool>) -> Self {
        Self {
            connected: Arc::clone(connected),
            ..Self::default()
        }
    }

    /// The request leaves as soon as there is a connection.
    pub(super) fn leaves(&self) {
        self.under_way.set(true);
    }

    /// There was no connection that it could have left over.
    pub(super) fn never_left(&self) {
        self.under_way.set(false);
    }

    /// Whether the server may have done what it was asked for.
    pub(super) fn may_be_carried_out(&self) -> bool {
        self.has_left() || self.doubtful.get()
    }

    /// Whether nothing of it was ever sent.
    pub(super) fn is_unsent(&self) -> bool {
        !self.left.get() && !self.has_left()
    }

    fn has_left(&self) -> bool {
        self.under_way.get() && self.connected.load(Ordering::Relaxed)
    }

    /// How often it was tried, the present attempt included.
    pub(super) fn attempts(&self) -> u32 {
        self.attempts.get()
    }

    fn begins(&self) {
        self.attempts.set(self.attempts.get() + 1);
        self.under_way.set(false);
    }

    /// An attempt ended in this way.
    fn ended<B>(&self, attempt: &Result<(HttpResponse, B), Broken>) {
        match attempt {
            Ok((response, _)) => {
                if matches!(response.status, 502..=504) {
                    self.doubtful.set(true);
                }
            }
            Err(broken) => {
                if self.under_way.get() && broken.how == How::Lost {
                    self.lost.set(true);
                    self.doubtful.set(true);
                }
            }
        }
        if self.has_left() {
            self.left.set(true);
        }
        self.under_way.set(false);
    }

    /// Whether this answer says that an earlier attempt, whose answer was lost or came from in front of the API, had deleted it.
    pub(super) fn is_gone(&self, request: &HttpRequest, response: &HttpResponse) -> bool {
        self.doubtful.get() && request.method == "DELETE" && response.status == 404
    }
}

/// Whether sending it twice does no more than sending it once.
fn may_be_repeated(request: &HttpRequest) -> bool {
    let by_method = !matches!(request.method.as_str(), "POST" | "PATCH");
    request.repeatable.unwrap_or(by_method)
}

impl Http {
    /// Makes attempts until one is good, or no more may be made.
    pub(super) async fn repeat<B>(
        &self,
        request: &HttpRequest,
        course: &Course,
        until: Option<Instant>,
        attempt: impl AsyncFn() -> Result<(HttpResponse, B), Broken>,
    ) -> Result<(HttpResponse, B), ErrorMessage> {
        let mut delays = delays(self.network()?.retries);
        let last = Instant::now() + ALL_ATTEMPTS;
        let last = until.map_or(last, |until| until.min(last));
        loop {
            course.begins();
            let ended = attempt().await;
            course.ended(&ended);
            let wait = again(request, &ended).and_then(|asked| {
                let delay = delays.next()?;
                let wait = wait(delay, asked).filter(|wait| Instant::now() + *wait < last);
                if wait.is_none() {
                    self.log.verbose(|| {
                        let call = failure::call(request);
                        let why = match asked {
                            Some(_) => "the server wants more time than tw waits",
                            None => "the time is up",
                        };
                        format!("* {call} is not made again: {why}")
                    });
                }
                wait
            });
            let Some(wait) = wait else {
                return end(request, course, ended);
            };
            self.log.verbose(|| {
                let why = match &ended {
                    Ok((response, _)) => format!("status {}", response.status),
                    Err(broken) => broken.error.message.clone(),
                };
                let (call, ms) = (failure::call(request), wait.as_millis());
                format!("* {call} again in {ms} ms: {why}")
            });
            if matches!(&ended, Ok((response, _)) if response.status == 429) {
                self.hold(request, wait);
            }
            tokio::time::sleep(wait).await;
        }
    }
}

/// The waits between the attempts.
fn delays(retries: u32) -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay(FIRST_WAIT)
        .with_max_delay(LONGEST_WAIT)
        .with_max_times(retries as usize)
        .with_jitter()
        .build()
}

/// Whether another attempt is worth it, and how long the server wants it to wait.
fn again<B>(
    request: &HttpRequest,
    ended: &Result<(HttpResponse, B), Broken>,
) -> Option<Option<Duration>> {
    match ended {
        Ok((response, _)) => match response.status {
            429 => Some(retry_after(response)),
            502..=504 if may_be_repeated(request) => Some(retry_after(response)),
            _ => None,
        },
        Err(broken) => match broken.how {
            How::Unsent => Some(None),
            How::Lost if may_be_repeated(request) => Some(None),
            How::Lost | How::Final => None,
        },
    }
}

/// How long it is waited: what the server asks for, and our own delay on top, so that those who were told the same don't come back together.
fn wait(delay: Duration, asked: Option<Duration>) -> Option<Duration> {
    match asked {
        None => Some(delay),
        Some(asked) => (asked <= MOST_PATIENCE).then(|| asked + delay),
    }
}

/// What `Retry-After` says, in seconds or as a date. A date is held against the server's own clock, for ours may be another.
fn retry_after(response: &HttpResponse) -> Option<Duration> {
    let header = |name: &str| {
        let found = response.headers.iter().find(|header| header.name == name);
        found.map(|header| header.value.trim())
    };
    let value = header("retry-after")?;
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More seconds than a number holds are too many.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    let now = header("date").and_then(|now| httpdate::parse_http_date(now).ok());
    let now = now.unwrap_or_else(SystemTime::now);
    // What has passed needs no waiting.
    Some(date.duration_since(now).unwrap_or_default())
}

/// What the plugin is told. After an attempt that had no answer, a change is uncertain, unless the last one says more.
fn end<B>(
    request: &HttpRequest,
    course: &Course,
    ended: Result<(HttpResponse, B), Broken>,
) -> Result<(HttpResponse, B), ErrorMessage> {
    let changes = !failure::only_reads(request);
    // That this attempt did nothing says nothing of the one before.
    let is_open = |response: &HttpResponse| match response.status {
        200..300 => false,
        502..=504 => course.lost.get(),
        _ => course.doubtful.get() && !course.is_gone(request, response),
    };
    match ended {
        Ok((response, _)) if changes && is_open(&response) => {
            let first = match course.lost.get() {
                true => "its answer was lost",
                false => "a server in front of the API answered",
            };
            Err(failure::of_repetition(request, first, response.status))
        }
        Ok((mut response, body)) => {
            response.attempts = course.attempts();
            Ok((response, body))
        }
        Err(mut broken) => {
            let uncertain = changes && course.lost.get();
            if uncertain && broken.error.kind != ErrorKind::OutcomeUnknown {
                broken.error.kind = ErrorKind::OutcomeUnknown;
                broken.error.message = failure::unknown(request, &broken.error.message);
            }
            Err(broken.error)
        }
    }
}

#[cfg(test)]
mod tests {
    use tw_plugin_protocol::Header;

    use super::*;

    fn asked(headers: &[(&str, &str)]) -> Option<u64> {
        let headers = headers.iter().map(|(name, value)| Header {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
        });
        let response = HttpResponse {
            headers: headers.collect(),
            ..Default::default()
        };
        retry_after(&response).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_are_seconds() {
        for (text, seconds) in [("0", 0), (" 7 ", 7), ("99999999999999999999999", u64::MAX)] {
            assert_eq!(asked(&[("retry-after", text)]), Some(seconds));
        }
    }

    #[test]
    fn a_date_is_held_against_the_servers_clock() {
        let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        for (text, seconds) in [
            ("Sun, 06 Nov 1994 08:49:57 GMT", 20),
            ("Sunday, 06-Nov-94 08:50:37 GMT", 60),
            ("Sun Nov  6 08:49:39 1994", 2),
            ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
        ] {
            assert_eq!(asked(&[date, ("retry-after", text)]), Some(seconds));
        }
    }

    #[test]
    fn a_date_without_another_is_held_against_ours() {
        let soon = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(30));
        let wait = asked(&[("retry-after", &soon)]);
        assert!(
            wait.is_some_and(|wait| (28..=30).contains(&wait)),
            "{wait:?}"
        );
    }

    #[test]
    fn what_is_neither_asks_for_nothing() {
        for text in ["", "soon", "-1", "1.5", "Sun, 99 Nov 1994"] {
            assert_eq!(asked(&[("retry-after", text)]), None, "{text}");
        }
    }

    #[test]
    fn the_waits_grow_and_end() {
        let waits: Vec<u128> = delays(3).map(|wait| wait.as_millis()).collect();
        assert_eq!(waits.len(), 3);
        for (at, wait) in waits.iter().enumerate() {
            let least = 100 << at;
            assert!((least..=2 * least).contains(wait), "{waits:?}");
        }
        assert_eq!(delays(0).count(), 0);
    }

    #[test]
    fn nobody_waits_for_an_hour() {
        let delay = Duration::from_millis(100);
        assert_eq!(
            wait(delay, Some(Duration::from_secs(60))),
            Some(Duration::from_millis(60_100))
        );
        assert_eq!(wait(delay, Some(Duration::from_secs(61))), None);
        assert_eq!(wait(delay, Some(Duration::MAX)), None);
    }
}
