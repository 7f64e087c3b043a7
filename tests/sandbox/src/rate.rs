//! A rate limiter for requests per token.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(1);

/// Limits how many requests a token may make within any second. Refused requests do not count.
#[derive(Debug)]
pub(crate) struct RateLimit {
    per_second: usize,
    granted: HashMap<String, VecDeque<Instant>>,
}

impl RateLimit {
    pub(crate) fn new(per_second: usize) -> Self {
        Self {
            per_second,
            granted: HashMap::new(),
        }
    }

    /// Counts a request of this token at `now`. Returns false if the request exceeds the limit.
    pub(crate) fn admit(&mut self, token: &str, now: Instant) -> bool {
        let granted = self.granted.entry(token.into()).or_default();
        while granted
            .front()
            .is_some_and(|at| now.duration_since(*at) >= WINDOW)
        {
            granted.pop_front();
        }
        let is_admitted = granted.len() < self.per_second;
        if is_admitted {
            granted.push_back(now);
        }
        is_admitted
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::RateLimit;

    #[test]
    fn a_token_is_limited_within_any_second() {
        let mut limit = RateLimit::new(2);
        let start = Instant::now();
        let mut admit = |token, ms| limit.admit(token, start + Duration::from_millis(ms));
        assert!(admit("a", 0));
        assert!(admit("a", 600));
        assert!(!admit("a", 900));
        assert!(admit("b", 900), "another token has its own limit");
        assert!(
            admit("a", 1000),
            "the first request has left the window, and the refused one does not count"
        );
        assert!(!admit("a", 1500));
        assert!(admit("a", 1600));
    }
}
