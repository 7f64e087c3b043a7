//! The attempts of one request to a registry or another server: downloads and uploads are retried by the rules for calls to the API.

use std::{
    sync::{Arc, OnceLock},
    time::Instant,
};

use reqwest::Url;

use super::transfer::Meter;
use crate::{
    config::{HostLog, Settings},
    service::{
        http::{Decision, Next, Retries, last_start},
        waiting::{Wait, Waiting},
    },
    signals::end_with_error,
};

/// The attempts of a request.
pub(super) struct Attempts {
    /// The method and the address, for messages.
    call: String,
    log: HostLog,
    retries: Retries,
    first: Instant,
    /// When the present attempt began, or when it last got bytes.
    active: Instant,
    /// When bytes arrived that a retry need not request again. `None` if there are none.
    progress: Option<Instant>,
    waiting: Wait,
}

impl Attempts {
    /// Begins the first attempt of a request to this address. At most `most` attempts follow it.
    pub(super) fn begin(call: String, url: &Url, most: u32, settings: &Settings) -> Self {
        end_with_error();
        static WAITING: OnceLock<Arc<Waiting>> = OnceLock::new();
        let waiting = WAITING.get_or_init(|| Waiting::new(settings));
        let now = Instant::now();
        Self {
            waiting: waiting.begin(url.host_str().unwrap_or_default()),
            call,
            log: HostLog::new(settings),
            retries: Retries::new(most),
            first: now,
            active: now,
            progress: None,
        }
    }

    /// Records that the present attempt gets on. `is_kept` says that it got bytes which a retry need not request again.
    pub(super) fn mark_active(&mut self, is_kept: bool) {
        self.active = Instant::now();
        if is_kept {
            self.progress = Some(self.active);
        }
    }

    /// Waits until the next attempt may begin. Returns false if none may. `why` says how the present attempt ended.
    pub(super) async fn wait(
        &mut self,
        meter: &mut Meter,
        decision: Decision,
        why: impl FnOnce() -> String,
    ) -> bool {
        let call = &self.call;
        let deadline = meter.last_retry(self.active);
        let wait = match self.retries.next(
            decision,
            last_start(self.first, self.progress, Some(deadline)),
        ) {
            Next::Wait(wait) => wait,
            Next::Stop(reason) => {
                if let Some(reason) = reason {
                    self.log.write(&format!("{call} is not retried: {reason}"));
                }
                return false;
            }
        };
        let why = why();
        self.log.write(&format!(
            "retrying {call} in {} ms: {why}",
            wait.as_millis()
        ));
        // The line on the terminal is short: `429, again in 8 s`.
        self.waiting.announce(
            why.strip_prefix("status ").unwrap_or(&why),
            Instant::now() + wait,
        );
        tokio::time::sleep(wait).await;
        self.waiting.go_on();
        meter.forgive(self.active);
        self.active = Instant::now();
        true
    }
}
