//! The rate limiter for calls to the API, and the pause after a 429.
//!
//! A token bucket can't keep the API's limit: after an idle second it lets a full burst through and refills at the same time, so that one second
//! can have almost twice the limit. Here, each call takes one of `rate` permits, and the permit becomes free one second after the answer
//! arrived. The server saw the call before it answered, so no second at the server contains more calls than there are permits. The exception is
//! a call that takes longer than [`SLOW`] to reach the server.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use reqwest::Url;
use tokio::{
    sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore, oneshot},
    time::{Instant, sleep_until, timeout, timeout_at},
};
use tw_plugin_protocol::HttpRequest;

use super::{Http, failure};
use crate::{error::Error, service::waiting::Wait};

/// The documented limit of the API of Seqera's cloud, in calls per [`WINDOW`]. The limits of other servers are unknown.
const CLOUD_RATE: u32 = 20;
/// The domains of Seqera's cloud: `api.cloud.seqera.io`, its regions below the same domain, and the older `api.tower.nf`. Other organizations run the
/// Platform below domains of their own.
const CLOUD_DOMAINS: [&str; 2] = ["seqera.io", "tower.nf"];
/// The time over which the API counts calls.
const WINDOW: Duration = Duration::from_secs(1);
/// A permit is held no longer than this plus [`WINDOW`]. An answer that takes longer belongs to a call that the server, in all likelihood,
/// saw long before.
const SLOW: Duration = Duration::from_secs(2);

pub(super) struct RateLimiter {
    permits: Arc<Semaphore>,
}

/// A call's permit. Dropping it says that the answer arrived, or that the call ended without one.
pub(super) struct Permit(Option<oneshot::Sender<Instant>>);

/// The right to send one call, held until the answer arrives.
pub(super) struct Turn {
    _permit: Option<Permit>,
    _line: Option<OwnedMutexGuard<()>>,
}

impl RateLimiter {
    pub(super) fn new(rate: u32) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(rate as usize)),
        }
    }

    /// True if the next call has to wait.
    pub(super) fn is_exhausted(&self) -> bool {
        self.permits.available_permits() == 0
    }

    /// Waits for a permit. Calls get permits in the order in which they ask.
    async fn acquire(&self) -> Permit {
        match Arc::clone(&self.permits).acquire_owned().await {
            Ok(permit) => {
                let (answered, when_answered) = oneshot::channel();
                tokio::spawn(release(permit, when_answered));
                Permit(Some(answered))
            }
            // Only a closed semaphore fails, and nothing closes it.
            Err(_) => Permit(None),
        }
    }
}

async fn release(permit: OwnedSemaphorePermit, when_answered: oneshot::Receiver<Instant>) {
    // The channel carries the time, because this task runs only while some thread drives the runtime, and that can be much later.
    let answered = match timeout(SLOW, when_answered).await {
        Ok(Ok(answered)) => answered,
        _ => Instant::now(),
    };
    sleep_until(answered + WINDOW).await;
    drop(permit);
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(answered) = self.0.take() {
            // Sending fails if the call was slow and its permit is free already.
            let _ = answered.send(Instant::now());
        }
    }
}

/// A pause of all calls to the API, because one call was answered with 429. During the pause and for one second after it, calls wait in a line
/// and go out one after another: if the pause was too short, only a single call is answered with another 429.
#[derive(Default)]
pub(super) struct Pause {
    end: Mutex<Option<Instant>>,
    line: Arc<tokio::sync::Mutex<()>>,
}

impl Pause {
    fn end(&self) -> MutexGuard<'_, Option<Instant>> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts a pause of this length, unless a pause that is under way is longer.
    fn start(&self, time: Duration) {
        let mut end = self.end();
        *end = (*end).max(Instant::now().checked_add(time));
    }

    fn is_over(&self) -> bool {
        self.end().is_none_or(|end| end <= Instant::now())
    }

    /// Waits for the calls that came before this one. Returns `None` if there is no pause, or if the pause ended at least a second ago.
    async fn wait_in_line(&self, wait: &Wait) -> Option<OwnedMutexGuard<()>> {
        loop {
            let end = (*self.end())?;
            let end_of_line = end + WINDOW;
            if end_of_line <= Instant::now() {
                return None;
            }
            announce(wait, end);
            // After a timeout, the loop looks again: another 429 may have made the pause longer.
            if let Ok(line) = timeout_at(end_of_line, Arc::clone(&self.line).lock_owned()).await {
                return Some(line);
            }
        }
    }

    async fn wait_for_end(&self, wait: &Wait) {
        loop {
            let end = *self.end();
            match end {
                Some(end) if end > Instant::now() => {
                    announce(wait, end);
                    sleep_until(end).await;
                }
                _ => return,
            }
        }
    }
}

/// Says that a call is held back until this time, because a call was answered with 429.
fn announce(wait: &Wait, until: Instant) {
    wait.announce("429", until.into_std());
}

/// True if this is a server of Seqera's cloud.
fn is_cloud(endpoint: &Url) -> bool {
    let host = endpoint.host_str().unwrap_or_default();
    let host = host.strip_suffix('.').unwrap_or(host);
    CLOUD_DOMAINS.iter().any(|domain| {
        let above = host.strip_suffix(domain);
        above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
    })
}

impl Http {
    /// Adapts the pace of the calls to the API to its answer with this status. The call was sent at the time `sent`.
    pub(super) fn adapt_pace(&self, request: &HttpRequest, status: u16, sent: Instant) {
        if status != 429 {
            return self.pace.speed_up();
        }
        if let Some(rate) = self.pace.slow_down(sent) {
            self.log.verbose(|| {
                let call = failure::call(request);
                format!("* {call}: status 429, so calls slow down to {rate:.1} a second")
            });
        }
    }

    /// Waits until the pause after a 429 is over, and for the next call in the pace of the API.
    async fn wait_for_pace(&self, wait: &Wait) {
        loop {
            self.pause.wait_for_end(wait).await;
            if let Some(slot) = self.pace.take_slot() {
                announce(wait, slot);
                sleep_until(slot).await;
            }
            // While this call waited, another call may have been answered with 429.
            if self.pause.is_over() {
                return;
            }
        }
    }

    /// True if a request goes to the API.
    pub(super) fn is_of_api(&self, request: &HttpRequest) -> bool {
        let (url, endpoint) = (self.resolve(request), self.endpoint());
        matches!((url, endpoint), (Ok(url), Ok(endpoint)) if url.origin() == endpoint.origin())
    }

    /// Pauses all calls to the API for this time, if the request that was answered with 429 was sent to the API.
    pub(super) fn pause_api(&self, request: &HttpRequest, time: Duration) {
        if self.is_of_api(request) {
            self.pause.start(time);
        }
    }

    /// Waits until one more call to the API may be sent.
    pub(super) async fn wait_for_turn(
        &self,
        request: &HttpRequest,
        wait: &Wait,
    ) -> Result<Turn, Error> {
        let limiter = self.limiter()?;
        let _line = self.pause.wait_in_line(wait).await;
        self.wait_for_pace(wait).await;
        let _permit = match limiter {
            Some(limiter) => Some(self.wait_for_permit(limiter, request, wait).await),
            None => None,
        };
        wait.go_on();
        Ok(Turn { _permit, _line })
    }

    async fn wait_for_permit(
        &self,
        limiter: &RateLimiter,
        request: &HttpRequest,
        wait: &Wait,
    ) -> Permit {
        if limiter.is_exhausted() {
            self.log.verbose(|| {
                let call = failure::call(request);
                format!("* {call} waits: the rate limit is reached")
            });
        }
        loop {
            wait.announce_limit();
            let permit = limiter.acquire().await;
            // While this call waited for its permit, another call may have been answered with 429.
            if self.pause.is_over() {
                return permit;
            }
            drop(permit);
            self.wait_for_pace(wait).await;
        }
    }

    /// Returns the rate limiter, or `None` if calls are not limited. The rate comes from the configuration, where 0 means no limit. Without one there,
    /// only calls to Seqera's cloud are limited.
    fn limiter(&self) -> Result<Option<&RateLimiter>, Error> {
        let (network, endpoint) = (self.settings.network, self.endpoint()?);
        let limiter = self.limiter.get_or_init(|| {
            let rate = network.rate.or(is_cloud(endpoint).then_some(CLOUD_RATE));
            rate.filter(|rate| *rate > 0).map(RateLimiter::new)
        });
        Ok(limiter.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_regions_of_the_cloud_have_its_rate() {
        for (url, expected) in [
            ("https://api.cloud.seqera.io", true),
            ("https://api.cloud.eu.seqera.io", true),
            ("https://cloud.eu1.seqera.io/api", true),
            ("https://API.CLOUD.SEQERA.IO.:443", true),
            ("https://api.tower.nf", true),
            ("https://tower.nf/api", true),
            ("https://api.cloud.seqera.io.example", false),
            ("https://notseqera.io", false),
            ("https://seqera.example/api", false),
            ("https://10.0.0.1/api", false),
        ] {
            let url: Url = url.parse().unwrap();
            assert_eq!(is_cloud(&url), expected, "{url}");
        }
    }
}
