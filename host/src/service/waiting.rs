//! The line that says what a run waits for, on terminals, as soon as that takes a while.

use std::{
    io::IsTerminal,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tw_render::text::visible;

use super::progress::are_hidden;
use crate::{config::Settings, process::variable, stdio::line};

/// A wait that is over by then shows nothing: most answers come in less time.
const PATIENCE: Duration = Duration::from_millis(500);
/// The time between two pictures of the spinner.
const FRAME: Duration = Duration::from_millis(100);
/// The pictures of the spinner.
const FRAMES: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/// The calls that a run waits for.
pub(crate) struct Waiting {
    state: Mutex<State>,
    changed: Condvar,
    /// True if nothing is shown.
    is_hidden: bool,
    has_thread: AtomicBool,
}

#[derive(Default)]
struct State {
    /// The calls that aren't answered, the oldest first.
    calls: Vec<Call>,
    /// The number of the last call.
    last: u64,
    is_closed: bool,
}

struct Call {
    number: u64,
    since: Instant,
    /// The name of the server.
    server: String,
    /// The reason that holds the call back. `None` while the call waits for an answer.
    hold: Option<Hold>,
}

/// A reason that holds a call back before it is sent.
enum Hold {
    /// The call is sent at this time, for this reason.
    Until(Instant, String),
    /// The call is sent once the rate limit allows it.
    Rate,
}

impl Waiting {
    pub(crate) fn new(settings: &Settings) -> Arc<Self> {
        let is_dumb = || variable("TERM").is_some_and(|term| term == "dumb");
        let is_shown = !are_hidden(settings) && std::io::stderr().is_terminal() && !is_dumb();
        Arc::new(Self {
            state: Mutex::default(),
            changed: Condvar::new(),
            is_hidden: !is_shown,
            has_thread: AtomicBool::default(),
        })
    }

    /// Begins to wait for a server. The wait ends when the returned value is dropped.
    pub(crate) fn begin(self: &Arc<Self>, server: &str) -> Wait {
        if self.is_hidden {
            return Wait(None);
        }
        if !self.has_thread.swap(true, Ordering::Relaxed) {
            let this = Arc::clone(self);
            // Without a thread, nothing is shown.
            let _ = std::thread::Builder::new().spawn(move || this.animate());
        }
        let mut state = self.lock();
        if state.calls.is_empty() {
            self.changed.notify_all();
        }
        state.last += 1;
        let number = state.last;
        state.calls.push(Call {
            number,
            since: Instant::now(),
            server: visible(server).into_owned(),
            hold: None,
        });
        Wait(Some((Arc::clone(self), number)))
    }

    /// Removes the line for good.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        line::hide();
        self.changed.notify_all();
    }

    /// Shows the line while there is something to wait for.
    fn animate(&self) {
        let begin = Instant::now();
        let mut state = self.lock();
        while !state.is_closed {
            let now = Instant::now();
            let due = state.calls.first().map(|call| call.since + PATIENCE);
            match due {
                Some(due) if due <= now => {
                    let frame = (now - begin).as_millis() / FRAME.as_millis();
                    let picture = FRAMES[frame as usize % FRAMES.len()];
                    line::show(&format!("{picture} {}", state.message(now)));
                }
                _ => line::hide(),
            }
            state = match due {
                None => self
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(due) => {
                    let pause = due.saturating_duration_since(now).max(FRAME);
                    let waited = self.changed.wait_timeout(state, pause);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Says what the oldest call waits for, and how many others there are.
    fn message(&self, now: Instant) -> String {
        let Some(call) = self.calls.first() else {
            return String::new();
        };
        let others = match self.calls.len() - 1 {
            0 => String::new(),
            count => format!(" ({count} more)"),
        };
        match &call.hold {
            Some(Hold::Until(at, why)) => {
                let left = at.saturating_duration_since(now).as_secs_f64();
                let left = left.ceil().max(1.0);
                format!("{why}, again in {left} s{others}")
            }
            Some(Hold::Rate) => format!("Waiting for the rate limit{others}"),
            None => format!("Waiting for {}{others}", call.server),
        }
    }
}

/// A wait for a server, which ends when this value is dropped.
pub(crate) struct Wait(Option<(Arc<Waiting>, u64)>);

impl Wait {
    /// Says that the call is sent again at this time, and why not now.
    pub(crate) fn announce(&self, why: &str, at: Instant) {
        self.set(Some(Hold::Until(at, visible(why).into_owned())));
    }

    /// Says that the rate limit holds the call back.
    pub(super) fn announce_limit(&self) {
        self.set(Some(Hold::Rate));
    }

    /// Says that the call is sent.
    pub(crate) fn go_on(&self) {
        self.set(None);
    }

    fn set(&self, hold: Option<Hold>) {
        if let Some((waiting, number)) = &self.0 {
            let mut state = waiting.lock();
            if let Some(call) = state.calls.iter_mut().find(|call| call.number == *number) {
                call.hold = hold;
            }
        }
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        if let Some((waiting, number)) = &self.0 {
            let mut state = waiting.lock();
            state.calls.retain(|call| call.number != *number);
            if state.calls.is_empty() {
                // At once and not by the thread: what other programs print next must not stand behind the line.
                line::hide();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_call_is_named_with_the_number_of_the_others() {
        let now = Instant::now();
        let call = |number, server: &str, hold| Call {
            number,
            since: now,
            server: server.to_owned(),
            hold,
        };
        let mut state = State {
            calls: vec![call(1, "api.example", None)],
            ..State::default()
        };
        assert_eq!(state.message(now), "Waiting for api.example");
        state.calls.push(call(2, "other.example", None));
        assert_eq!(state.message(now), "Waiting for api.example (1 more)");
        let soon = now + Duration::from_millis(7100);
        state.calls[0].hold = Some(Hold::Until(soon, "429".to_owned()));
        assert_eq!(state.message(now), "429, again in 8 s (1 more)");
        state.calls[0].hold = Some(Hold::Rate);
        assert_eq!(state.message(now), "Waiting for the rate limit (1 more)");
    }
}
