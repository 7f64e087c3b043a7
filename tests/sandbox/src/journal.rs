//! Keeping the log of requests while they are being answered.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::lock::lock;
use crate::request::{Outcome, Request, route};

/// Every request since the start, or since it was last cleared.
#[derive(Debug)]
pub(crate) struct Journal {
    started: Instant,
    pages: Mutex<Pages>,
    came: Condvar,
    is_printed: bool,
}

#[derive(Debug, Default)]
struct Pages {
    requests: Vec<Request>,
    /// How many were cleared away, so that one that is still being answered finds its place or finds it gone.
    cleared: usize,
}

impl Journal {
    /// An empty log, which prints a line to stderr for each outcome if asked to.
    pub(crate) fn new(is_printed: bool) -> Arc<Self> {
        Arc::new(Self {
            started: Instant::now(),
            pages: Mutex::default(),
            came: Condvar::new(),
            is_printed,
        })
    }

    /// Adds a request that has come. It counts as abandoned if the entry is dropped without an outcome.
    pub(crate) fn begin(self: &Arc<Self>, mut request: Request) -> Entry {
        request.at = self.started.elapsed();
        let mut pages = lock(&self.pages);
        let number = pages.cleared + pages.requests.len();
        pages.requests.push(request);
        drop(pages);
        self.came.notify_all();
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

    pub(crate) fn hits(&self, method: &str, path: &str) -> usize {
        lock(&self.pages).hits(method, path)
    }

    /// Waits until so many requests have come, or until it has been too long. Tells whether they have.
    pub(crate) fn wait_for(&self, method: &str, path: &str, count: usize, limit: Duration) -> bool {
        let pages = lock(&self.pages);
        let (_pages, wait) = self
            .came
            .wait_timeout_while(pages, limit, |pages| pages.hits(method, path) < count)
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
        if self.is_printed {
            eprintln!("{request}");
        }
    }
}

impl Pages {
    fn hits(&self, method: &str, path: &str) -> usize {
        let path = route(path);
        let is_hit = |request: &&Request| {
            request.method.eq_ignore_ascii_case(method) && request.route() == path
        };
        self.requests.iter().filter(is_hit).count()
    }
}

/// A request in the log whose outcome is open.
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
