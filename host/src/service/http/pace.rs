//! The pace of calls to an API that limits their rate without saying how: after a 429, calls go out one by one, and the time between them follows
//! AIMD (additive increase, multiplicative decrease), as TCP does.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// The lowest rate, in calls a second.
const LOWEST: f64 = 0.5;
/// Each second without a 429 raises the rate by this many calls a second, or by a tenth.
const INCREASE: f64 = 1.0;
const SECOND: Duration = Duration::from_secs(1);

#[derive(Default)]
pub(super) struct Pace(Mutex<State>);

#[derive(Default)]
struct State {
    /// The calls a second. `None` before the first 429.
    rate: Option<f64>,
    /// The earliest time of the next call.
    next: Option<Instant>,
    /// When the rate was last lowered. The calls that were on their way by then say nothing about the new rate.
    lowered: Option<Instant>,
    /// When the API accepted the calls of the last second.
    accepted: VecDeque<Instant>,
    /// The number of calls that the API accepted in this run.
    total: u64,
}

impl Pace {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when the next call may be sent, and takes this time for it. `None` if there is nothing to wait for.
    pub(super) fn take_slot(&self) -> Option<Instant> {
        self.state().take_slot(Instant::now())
    }

    /// Returns how long a call must wait that is sent next.
    pub(super) fn time_left(&self) -> Duration {
        let next = self.state().next;
        next.map_or(Duration::ZERO, |next| {
            next.saturating_duration_since(Instant::now())
        })
    }

    /// Records that the API accepted a call.
    pub(super) fn speed_up(&self) {
        self.state().speed_up(Instant::now());
    }

    /// Records that the API answered a call, which was sent at this time, with 429. Returns the new rate, or `None` if the rate stays.
    pub(super) fn slow_down(&self, sent: Instant) -> Option<f64> {
        self.state().slow_down(sent, Instant::now())
    }

    /// Returns the number of calls that the API accepted in this run.
    pub(super) fn accepted(&self) -> u64 {
        self.state().total
    }
}

impl State {
    fn take_slot(&mut self, now: Instant) -> Option<Instant> {
        let rate = self.rate?;
        let slot = self.next.map_or(now, |next| next.max(now));
        self.next = Some(slot + SECOND.div_f64(rate));
        Some(slot)
    }

    fn speed_up(&mut self, now: Instant) {
        self.total += 1;
        self.accepted.push_back(now);
        self.forget(now);
        if let Some(rate) = &mut self.rate {
            // A second has `rate` calls, and each takes its part in the increase.
            *rate += INCREASE.max(*rate / 10.0) / *rate;
        }
    }

    fn slow_down(&mut self, sent: Instant, now: Instant) -> Option<f64> {
        if self.lowered.is_some_and(|lowered| sent <= lowered) {
            return None;
        }
        self.forget(now);
        let accepted = self.accepted.len() as f64;
        let rate = self.rate.map_or(accepted, |rate| rate.min(accepted)) / 2.0;
        let rate = rate.max(LOWEST);
        self.rate = Some(rate);
        self.lowered = Some(now);
        self.next = Some(now + SECOND.div_f64(rate));
        Some(rate)
    }

    /// Forgets the calls that are older than a second.
    fn forget(&mut self, now: Instant) {
        let is_old = |at: &Instant| now - *at > SECOND;
        while self.accepted.front().is_some_and(is_old) {
            self.accepted.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the times of 40 calls, in milliseconds, to an API that accepts 5 calls in any second, and the number of its refusals.
    fn simulate(state: &mut State, begin: Instant) -> (Vec<u128>, usize) {
        let mut accepted: Vec<Instant> = Vec::new();
        let mut refusals = 0;
        let mut now = begin;
        while accepted.len() < 40 {
            now = state.take_slot(now).unwrap_or(now);
            match accepted.iter().filter(|at| now - **at < SECOND).count() {
                ..5 => {
                    accepted.push(now);
                    state.speed_up(now);
                }
                _ => {
                    refusals += 1;
                    state.slow_down(now, now);
                }
            }
            now += Duration::from_millis(1);
        }
        let times = accepted.iter().map(|at| (*at - begin).as_millis());
        (times.collect(), refusals)
    }

    #[test]
    fn the_pace_finds_the_rate_of_the_api() {
        let (times, refusals) = simulate(&mut State::default(), Instant::now());
        assert!(refusals < 8, "{refusals}: {times:?}");
        // At the full rate, 40 calls take 7 seconds.
        assert!(times[39] < 13_000, "{times:?}");
    }

    #[test]
    fn calls_that_were_on_their_way_lower_the_rate_only_once() {
        let (mut state, now) = (State::default(), Instant::now());
        assert_eq!(state.take_slot(now), None);
        for _ in 0..8 {
            state.speed_up(now);
        }
        assert_eq!(state.slow_down(now, now), Some(4.0));
        assert_eq!(state.slow_down(now, now), None);
        let later = now + SECOND * 2;
        assert_eq!(state.slow_down(later, later), Some(LOWEST));
    }
}
