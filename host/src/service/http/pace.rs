//! No more calls in any second than the API allows, however many threads and batches make them.
//!
//! A token bucket doesn't promise that: after a quiet second it lets a burst through, and what it refills beside it. Here each call has
//! one of so many places, and a place is free again when a second has passed since the answer came. The server saw the call before it answered,
//! so no second at the server has more calls in it than there are places, unless one took longer than [`SLOW`] to get there.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use reqwest::Url;
use tokio::{
    sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore, oneshot},
    time::{Instant, sleep_until, timeout, timeout_at},
};
use tw_plugin_protocol::{ErrorMessage, HttpRequest};

use super::{Http, failure};
use crate::config::options::DEFAULT_ENDPOINT;

/// How many calls the API at the default address takes in any second. Of another nobody knows.
const RATE_OF_DEFAULT: u32 = 20;
/// What the API counts over.
const WINDOW: Duration = Duration::from_secs(1);
/// An answer that takes longer than this doesn't hold up the others: its call was seen long ago, most likely.
const SLOW: Duration = Duration::from_secs(2);

/// Lets so many calls through in any second.
pub(super) struct Pace {
    places: Arc<Semaphore>,
}

/// A call's place. Dropping it says that the answer came, or that the call is over.
pub(super) struct Place(Option<oneshot::Sender<Instant>>);

/// That a call may go out, until its answer comes.
pub(super) struct Turn {
    _place: Option<Place>,
    _alone: Option<OwnedMutexGuard<()>>,
}

impl Pace {
    pub(super) fn new(rate: u32) -> Self {
        Self {
            places: Arc::new(Semaphore::new(rate as usize)),
        }
    }

    /// Whether the next call has to wait.
    pub(super) fn is_busy(&self) -> bool {
        self.places.available_permits() == 0
    }

    /// Waits for a place, first come, first served.
    async fn place(&self) -> Place {
        match Arc::clone(&self.places).acquire_owned().await {
            Ok(place) => {
                let (over, told) = oneshot::channel();
                tokio::spawn(release(place, told));
                Place(Some(over))
            }
            // Nobody closes it.
            Err(_) => Place(None),
        }
    }
}

async fn release(place: OwnedSemaphorePermit, told: oneshot::Receiver<Instant>) {
    // Nobody may drive the runtime when the answer comes, so the time comes with it.
    let over = match timeout(SLOW, told).await {
        Ok(Ok(over)) => over,
        _ => Instant::now(),
    };
    sleep_until(over + WINDOW).await;
    drop(place);
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(over) = self.0.take() {
            // It was slow, and its place is given up already.
            let _ = over.send(Instant::now());
        }
    }
}

/// A time in which the API is left alone: one call was told that there are too many. For a second after it, calls go out one after another, so that of those
/// that waited, one alone learns that it was too early.
#[derive(Default)]
pub(super) struct Quiet {
    until: Mutex<Option<Instant>>,
    alone: Arc<tokio::sync::Mutex<()>>,
}

impl Quiet {
    /// Until then.
    fn until(&self) -> MutexGuard<'_, Option<Instant>> {
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on for so long, unless it is longer already.
    fn begin(&self, time: Duration) {
        let mut until = self.until();
        *until = (*until).max(Instant::now().checked_add(time));
    }

    fn is_over(&self) -> bool {
        self.until().is_none_or(|until| until <= Instant::now())
    }

    /// Waits for the calls before this one, for as long as they go out one after another.
    async fn alone(&self) -> Option<OwnedMutexGuard<()>> {
        loop {
            let until = *self.until();
            let end = until? + WINDOW;
            if end <= Instant::now() {
                return None;
            }
            // It can be quiet for longer by then.
            if let Ok(alone) = timeout_at(end, Arc::clone(&self.alone).lock_owned()).await {
                return Some(alone);
            }
        }
    }

    async fn over(&self) {
        loop {
            let until = *self.until();
            match until {
                Some(until) if until > Instant::now() => sleep_until(until).await,
                _ => return,
            }
        }
    }
}

impl Http {
    /// What one call was told holds for all others: the API has too much to do for so long.
    pub(super) fn hold(&self, request: &HttpRequest, time: Duration) {
        if let (Ok(url), Ok(endpoint)) = (self.resolve(request), self.endpoint())
            && url.origin() == endpoint.origin()
        {
            self.quiet.begin(time);
        }
    }

    /// Waits until one more call to the API may go out.
    pub(super) async fn turn(&self, request: &HttpRequest) -> Result<Turn, ErrorMessage> {
        let (network, endpoint) = (self.network()?, self.endpoint()?);
        let pace = self.pace.get_or_init(|| {
            let default = Url::parse(DEFAULT_ENDPOINT).ok()?;
            let known = default.host() == endpoint.host();
            let rate = network.rate.or(known.then_some(RATE_OF_DEFAULT));
            rate.filter(|rate| *rate > 0).map(Pace::new)
        });
        let _alone = self.quiet.alone().await;
        let Some(pace) = pace else {
            self.quiet.over().await;
            let _place = None;
            return Ok(Turn { _place, _alone });
        };
        if pace.is_busy() {
            self.log.verbose(|| {
                let call = failure::call(request);
                format!("* {call} waits: there were as many calls in this second as there may be")
            });
        }
        loop {
            let place = pace.place().await;
            // What another call was told while this one waited for its turn.
            if self.quiet.is_over() {
                let _place = Some(place);
                return Ok(Turn { _place, _alone });
            }
            drop(place);
            self.quiet.over().await;
        }
    }
}
