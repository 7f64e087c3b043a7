//! Retries: whether a call is sent again, after which backoff, and how certain the outcome of the call is.
//!
//! | what happened | which calls are retried |
//! |---|---|
//! | no connection | all: nothing was sent |
//! | 429 | all: the server says that it did nothing |
//! | 502, 503, 504; a broken connection; no answer in time | idempotent calls: all but `POST` and `PATCH`, unless the plugin says otherwise |
//!
//! A 429 uses up no retry if the API accepted other calls meanwhile: the calls only have to slow down until each of them goes through.
//!
//! The backoff grows and has a random part, so that many clients don't come back at the same moment. `Retry-After` is a minimum: the
//! backoff is added to it.

use std::time::{Duration, Instant, SystemTime};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use tw_plugin_protocol::{HttpRequest, HttpResponse};

use super::{
    Http,
    course::Course,
    failure::{self, Broken, How},
};
use crate::{
    error::{Error, ErrorKind},
    service::waiting::Wait,
};

/// The first and the longest backoff, without the random part, which at most doubles them.
const FIRST_BACKOFF: Duration = Duration::from_millis(100);
const LONGEST_BACKOFF: Duration = Duration::from_secs(5);
/// The longest `Retry-After` that the host honors. After a longer one, the call ends with the server's answer.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60);
/// No attempt starts later than this after the first, or after the last progress of a download that is resumed.
pub(crate) const RETRY_WINDOW: Duration = Duration::from_secs(120);

/// The next step after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    Stop,
    Retry {
        /// How long the server asks to wait. `None` if the server doesn't say.
        asked: Option<Duration>,
    },
}

/// The end of a call, or the wait before its next attempt.
pub(crate) enum Next {
    /// The call ends. The text says why a retry that the rules allow is not made.
    Stop(Option<&'static str>),
    Wait(Duration),
}

/// The retries that a call has left.
pub(crate) struct Retries(ExponentialBackoff);

impl Retries {
    pub(crate) fn new(most: u32) -> Self {
        Self(backoff(most))
    }

    /// Takes one retry, unless it would start later than `last_start`.
    pub(crate) fn next(&mut self, decision: Decision, last_start: Instant) -> Next {
        let Decision::Retry { asked } = decision else {
            return Next::Stop(None);
        };
        let Some(backoff) = self.0.next() else {
            return Next::Stop(None);
        };
        match add_backoff(backoff, asked) {
            Some(wait) if Instant::now() + wait < last_start => Next::Wait(wait),
            _ if asked.is_some() => {
                Next::Stop(Some("the server asks for a longer wait than tw allows"))
            }
            _ => Next::Stop(Some("no time is left")),
        }
    }
}

impl Http {
    /// Makes attempts until one succeeds or none may follow.
    pub(super) async fn send_with_retries<B>(
        &self,
        request: &HttpRequest,
        course: &Course,
        deadline: Option<Instant>,
        mut attempt: impl AsyncFnMut(&Wait) -> Result<(HttpResponse, B), Broken>,
    ) -> Result<(HttpResponse, B), Error> {
        let network = self.settings.network;
        let asked = request.retries.map(|asked| asked.min(network.max_retries));
        let most = asked.unwrap_or(network.retries);
        let mut own = Retries::new(most);
        let mut accepted = self.pace.accepted();
        let begin = Instant::now();
        let url = self.resolve(request).ok();
        let server = url.as_ref().and_then(|url| url.host_str());
        let waiting = self.waiting.begin(server.unwrap_or_default());
        loop {
            course.start_attempt();
            let result = attempt(&waiting).await;
            course.finish_attempt(&result);
            let last_start = last_start(begin, course.progress(), deadline);
            let is_429 = matches!(&result, Ok((response, _)) if response.status == 429);
            // The first backoff, unless the request allows no retries.
            let mut first = Retries::new(most.min(1));
            let before = std::mem::replace(&mut accepted, self.pace.accepted());
            let retries = match is_429 && accepted > before {
                true => &mut first,
                false => &mut own,
            };
            let wait = match course.is_final() {
                true => None,
                false => self.next_wait(request, &result, retries, last_start),
            };
            let Some(wait) = wait else {
                let answer = result.as_ref().ok().map(|(response, _)| response);
                self.record(request, answer, decide(request, &result) != Decision::Stop);
                return conclude(request, course, result);
            };
            // After a 429, the API gets fewer calls for a while.
            let wait = match self.is_of_api(request) {
                true => wait.max(self.pace.time_left()),
                false => wait,
            };
            self.log.verbose(|| {
                let why = match &result {
                    Ok((response, _)) => format!("status {}", response.status),
                    Err(broken) => broken.error.message().to_owned(),
                };
                let (call, ms) = (failure::call(request), wait.as_millis());
                format!("* retrying {call} in {ms} ms: {why}")
            });
            if is_429 {
                self.pause_api(request, wait);
            }
            waiting.announce(&explain(&result), Instant::now() + wait);
            tokio::time::sleep(wait).await;
            waiting.go_on();
        }
    }

    /// Returns how long to wait for the next attempt, or `None` if there is none.
    fn next_wait<B>(
        &self,
        request: &HttpRequest,
        result: &Result<(HttpResponse, B), Broken>,
        retries: &mut Retries,
        last_start: Instant,
    ) -> Option<Duration> {
        match retries.next(decide(request, result), last_start) {
            Next::Wait(wait) => Some(wait),
            Next::Stop(why) => {
                if let Some(why) = why {
                    let call = failure::call(request);
                    self.log
                        .verbose(|| format!("* {call} is not retried: {why}"));
                }
                None
            }
        }
    }
}

/// Says in a word or two why a call is repeated.
fn explain<B>(result: &Result<(HttpResponse, B), Broken>) -> String {
    match result {
        Ok((response, _)) => response.status.to_string(),
        Err(broken) if broken.how == How::Unsent => "No connection".to_owned(),
        Err(_) => "The connection broke".to_owned(),
    }
}

/// Returns when the last attempt may start. An attempt that resumes an earlier one has the whole time from the last bytes that arrived, because a large
/// file can take longer.
pub(crate) fn last_start(
    begin: Instant,
    progress: Option<Instant>,
    deadline: Option<Instant>,
) -> Instant {
    let last_start = progress.unwrap_or(begin) + RETRY_WINDOW;
    deadline.map_or(last_start, |deadline| deadline.min(last_start))
}

fn backoff(retries: u32) -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay(FIRST_BACKOFF)
        .with_max_delay(LONGEST_BACKOFF)
        .with_max_times(retries as usize)
        .with_jitter()
        .build()
}

fn decide<B>(request: &HttpRequest, result: &Result<(HttpResponse, B), Broken>) -> Decision {
    let is_idempotent = is_idempotent(request);
    match result {
        Ok((response, _)) => decide_answer(response, is_idempotent),
        Err(broken) => decide_broken(broken.how, is_idempotent),
    }
}

/// Decides about a retry after an answer.
pub(crate) fn decide_answer(response: &HttpResponse, is_idempotent: bool) -> Decision {
    let is_retried = match response.status {
        429 => true,
        502..=504 => is_idempotent,
        _ => false,
    };
    match is_retried {
        true => Decision::Retry {
            asked: retry_after(response),
        },
        false => Decision::Stop,
    }
}

/// Decides about a retry after an attempt without a whole answer.
pub(crate) fn decide_broken(how: How, is_idempotent: bool) -> Decision {
    let is_retried = match how {
        How::Unsent => true,
        How::Lost => is_idempotent,
        How::Final => false,
    };
    match is_retried {
        true => Decision::Retry { asked: None },
        false => Decision::Stop,
    }
}

/// True if sending the request twice has the same effect as sending it once.
pub(super) fn is_idempotent(request: &HttpRequest) -> bool {
    let by_method = !matches!(request.method.as_str(), "POST" | "PATCH");
    request.repeatable.unwrap_or(by_method)
}

/// Returns the whole wait, or `None` if the server asks for too long a wait. The backoff is added to what the server asks for, because other
/// clients were told the same time.
fn add_backoff(backoff: Duration, asked: Option<Duration>) -> Option<Duration> {
    match asked {
        None => Some(backoff),
        Some(asked) => (asked <= LONGEST_RETRY_AFTER).then(|| asked + backoff),
    }
}

/// Parses `Retry-After`, which holds seconds or a date. A date is compared with the server's `Date`, because the two clocks may differ. `None`
/// if the header is missing or has another form.
pub(crate) fn retry_after(response: &HttpResponse) -> Option<Duration> {
    let header = |name: &str| {
        let found = response.headers.iter().find(|header| header.name == name);
        found.map(|header| header.value.trim())
    };
    let value = header("retry-after")?;
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // Parsing digits fails only if the number is larger than a `u64`.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    let now = header("date").and_then(|now| httpdate::parse_http_date(now).ok());
    let now = now.unwrap_or_else(SystemTime::now);
    // For a date in the past, there is nothing to wait for.
    Some(date.duration_since(now).unwrap_or_default())
}

/// Turns the result of the last attempt into the result of the call. A change is uncertain if an earlier attempt may have been carried out
/// and the last answer doesn't settle whether it was.
fn conclude<B>(
    request: &HttpRequest,
    course: &Course,
    result: Result<(HttpResponse, B), Broken>,
) -> Result<(HttpResponse, B), Error> {
    let changes = !failure::only_reads(request);
    let is_unsettled = |response: &HttpResponse| match response.status {
        200..300 => false,
        // The plugin gets such a status as it is, and the status itself says that the outcome is uncertain. A lost answer would stay unmentioned.
        502..=504 => course.is_lost(),
        // Any other failure says that this attempt did nothing, and nothing about an earlier attempt.
        _ => course.is_doubtful() && !course.is_gone(request, response),
    };
    match result {
        Ok((response, _)) if changes && is_unsettled(&response) => {
            let first = match course.is_lost() {
                true => "its answer was lost",
                false => "a gateway in front of the API answered",
            };
            Err(failure::from_retry(request, first, response.status))
        }
        Ok((mut response, body)) => {
            response.attempts = course.attempts();
            Ok((response, body))
        }
        Err(broken) => {
            let is_uncertain = changes && course.is_lost();
            match is_uncertain && broken.error.kind() != ErrorKind::OutcomeUnknown {
                true => Err(failure::make_uncertain(request, &broken.error)),
                false => Err(broken.error),
            }
        }
    }
}

#[cfg(test)]
#[path = "retry_tests.rs"]
mod tests;
