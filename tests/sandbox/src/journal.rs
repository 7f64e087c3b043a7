//! The log of requests, which records the outcome of each when it is answered.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::lock::lock;
use crate::request::{Outcome, Request, strip_api};

/// The requests since the start, or since the log was last cleared.
#[derive(Debug)]
pub(crate) struct Journal {
    started: Instant,
    pages: Mutex<Pages>,
    arrived: Condvar,
    prints: bool,
}

#[derive(Debug, Default)]
struct Pages {
    requests: Vec<Request>,
    /// The number of requests cleared so far. A request that is answered after a clear uses this number to find its place, or to
    /// see that it is gone.
    cleared: usize,
}

impl Journal {
    /// Creates an empty log. If `prints` is true, each outcome is printed to stderr.
    pub(crate) fn new(prints: bool) -> Arc<Self> {
        Arc::new(Self {
            started: Instant::now(),
            pages: Mutex::default(),
            arrived: Condvar::new(),
            prints,
        })
    }

    /// Adds a request. Dropping the entry without an outcome marks the request as abandoned.
    pub(crate) fn begin(self: &Arc<Self>, mut request: Request) -> Entry {
        request.at = self.started.elapsed();
        let mut pages = lock(&self.pages);
        let number = pages.cleared + pages.requests.len();
        pages.requests.push(request);
        drop(pages);
        self.arrived.notify_all();
        Entry {
            journal: Arc::clone(self),
            number,
            is_finished: false,
        }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        lock(&self.pages).requests.clone()
    }

    pub(crate) fn clear(&self) {
        let mut pages = lock(&self.pages);
        pages.cleared += pages.requests.len();
        pages.requests.clear();
    }

    pub(crate) fn count(&self, method: &str, path: &str) -> usize {
        lock(&self.pages).count(method, path)
    }

    /// Waits until `count` requests have arrived. Returns false if they have not arrived within `limit`.
    pub(crate) fn wait_for(&self, method: &str, path: &str, count: usize, limit: Duration) -> bool {
        let pages = lock(&self.pages);
        let (_pages, wait) = self
            .arrived
            .wait_timeout_while(pages, limit, |pages| pages.count(method, path) < count)
            .unwrap_or_else(PoisonError::into_inner);
        !wait.timed_out()
    }

    fn finish(&self, number: usize, outcome: Outcome) {
        let mut pages = lock(&self.pages);
        let index = number.checked_sub(pages.cleared);
        let Some(request) = index.and_then(|index| pages.requests.get_mut(index)) else {
            return;
        };
        request.outcome = outcome;
        if self.prints {
            eprintln!("{request}");
        }
    }
}

impl Pages {
    fn count(&self, method: &str, path: &str) -> usize {
        let path = strip_api(path);
        let is_match = |request: &&Request| {
            request.method.eq_ignore_ascii_case(method) && request.route() == path
        };
        self.requests.iter().filter(is_match).count()
    }
}

/// A request in the log that has no outcome yet.
#[derive(Debug)]
pub(crate) struct Entry {
    journal: Arc<Journal>,
    number: usize,
    is_finished: bool,
}

impl Entry {
    pub(crate) fn finish(mut self, outcome: Outcome) {
        self.is_finished = true;
        self.journal.finish(self.number, outcome);
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if !self.is_finished {
            self.journal.finish(self.number, Outcome::Abandoned);
        }
    }
}
