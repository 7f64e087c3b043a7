//! The last calls of a run, so that the failure of a run can name the call that caused it. A plugin returns only a status or a message.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use reqwest::Url;
use tw_plugin_protocol::{HttpRequest, HttpResponse};
use tw_render::text::visible;

use super::{Http, failure};
use crate::{
    config::Origin,
    credentials::Source,
    error::{Error, ErrorKind, FailedCall},
};

/// The number of calls that are remembered. A failure is about one of the last calls, and a batch sends 8 at once.
const MOST: usize = 16;

/// A call that has ended.
struct Call {
    /// The call as messages name it.
    name: String,
    call: FailedCall,
}

/// The last calls, the newest first.
#[derive(Default)]
pub(super) struct Calls(Mutex<VecDeque<Call>>);

impl Calls {
    fn lock(&self) -> MutexGuard<'_, VecDeque<Call>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, call: Call) {
        let mut calls = self.lock();
        calls.truncate(MOST - 1);
        calls.push_front(call);
    }

    /// Finds the call that caused a failure. `None` if no call did.
    fn find(&self, error: &Error) -> Option<FailedCall> {
        let calls = self.lock();
        let is_named = |call: &&Call| error.message().contains(&call.name);
        let with_status = |status: Option<u16>| {
            let mut failed = calls.iter().filter(|call| call.call.status == status);
            failed.clone().find(is_named).or_else(|| failed.next())
        };
        let found = match (error.status(), error.kind()) {
            (Some(status), _) => with_status(Some(status)),
            (None, ErrorKind::Network | ErrorKind::Timeout | ErrorKind::OutcomeUnknown) => {
                with_status(None)
            }
            (None, ErrorKind::InvalidResponse | ErrorKind::TooLarge) => calls.iter().find(is_named),
            _ => None,
        };
        found.map(|found| found.call.clone())
    }
}

impl Http {
    /// Remembers a call that ended with this answer, or without an answer.
    pub(super) fn record(
        &self,
        request: &HttpRequest,
        answer: Option<&HttpResponse>,
        is_retryable: bool,
    ) {
        let Ok(url) = self.resolve(request) else {
            return;
        };
        let name = failure::call(request);
        let method = name.split(' ').next().unwrap_or_default();
        let call = FailedCall {
            request: visible(&format!("{method} {}", url.path())).into_owned(),
            server: visible(&url.origin().ascii_serialization()).into_owned(),
            status: answer.map(|answer| answer.status),
            is_retryable,
            clock_skew: answer.and_then(clock_skew),
            token_from: self.describe_token(&url).filter(|_| !request.anonymous),
        };
        self.calls.add(Call { name, call });
    }

    /// Describes where the token comes from that a call to this address has. `None` if it has none.
    fn describe_token(&self, url: &Url) -> Option<String> {
        let is_api = url.origin() == self.endpoint().ok()?.origin();
        let credential = self.credential.get().filter(|_| is_api)?;
        Some(match &credential.source {
            Source::Given(Origin::Option(name)) => format!("the option --{name}"),
            Source::Given(Origin::Variable(name)) => format!("the variable {name}"),
            source => source.to_string(),
        })
    }

    /// Adds to an error the call that caused it.
    pub(in crate::service) fn name_call(&self, error: Error) -> Error {
        match self.calls.find(&error) {
            Some(call) => error.of_call(call),
            None => error,
        }
    }
}

/// Returns how far this machine's clock is ahead of the server's, in seconds. `None` if the answer has no valid date.
fn clock_skew(answer: &HttpResponse) -> Option<i64> {
    let seconds =
        |time: SystemTime| i64::try_from(time.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok();
    let theirs = httpdate::parse_http_date(answer.header("date")?).ok()?;
    Some(seconds(SystemTime::now())? - seconds(theirs)?)
}
