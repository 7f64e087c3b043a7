//! The line that says what a run waits for, on terminals, as soon as that takes a while.

use std::{
    io::IsTerminal,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use indicatif::ProgressBar;
use tw_render::text::visible;

use super::progress::Screen;
use crate::{config::Settings, process::variable};

/// A wait that is over by then shows nothing: most answers come in less time.
const PATIENCE: Duration = Duration::from_millis(500);
/// The time between two pictures of the spinner.
const FRAME: Duration = Duration::from_millis(100);

/// The calls that a run waits for.
pub(crate) struct Waiting {
    screen: Screen,
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
    /// The line on the terminal. `None` if it isn't shown.
    line: Option<ProgressBar>,
}

struct Call {
    number: u64,
    since: Instant,
    /// The name of the server.
    server: String,
    /// The reason and the time of the next attempt. `None` while the call waits for an answer.
    again: Option<(String, Instant)>,
}

impl Waiting {
    pub(super) fn new(is_hidden: bool, screen: Screen) -> Arc<Self> {
        let is_dumb = || variable("TERM").is_some_and(|term| term == "dumb");
        let is_shown = !is_hidden && std::io::stderr().is_terminal() && !is_dumb();
        Arc::new(Self {
            screen,
            state: Mutex::default(),
            changed: Condvar::new(),
            is_hidden: !is_shown,
            has_thread: AtomicBool::default(),
        })
    }

    /// Makes the line of a command of the host, which has no other displays.
    pub(crate) fn alone(settings: &Settings) -> Arc<Self> {
        Self::new(
            settings.verbose || settings.shown.is_quiet,
            Screen::default(),
        )
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
        state.last += 1;
        let number = state.last;
        state.calls.push(Call {
            number,
            since: Instant::now(),
            server: visible(server).into_owned(),
            again: None,
        });
        self.changed.notify_all();
        Wait(Some((Arc::clone(self), number)))
    }

    /// Removes the line for good.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        state.hide();
        self.changed.notify_all();
    }

    /// Shows the line while there is something to wait for.
    fn animate(&self) {
        let mut state = self.lock();
        while !state.is_closed {
            let now = Instant::now();
            let due = state.calls.first().map(|call| call.since + PATIENCE);
            match due {
                Some(due) if due <= now => {
                    let message = state.message(now);
                    let line = state.line.get_or_insert_with(|| self.screen.add_line());
                    line.set_message(message);
                    line.tick();
                }
                _ => state.hide(),
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
    fn hide(&mut self) {
        if let Some(line) = self.line.take() {
            line.finish_and_clear();
        }
    }

    /// Says what the oldest call waits for, and how many others there are.
    fn message(&self, now: Instant) -> String {
        let Some(call) = self.calls.first() else {
            return String::new();
        };
        let others = match self.calls.len() - 1 {
            0 => String::new(),
            count => format!(" ({count} more)"),
        };
        match &call.again {
            Some((why, at)) => {
                let left = at.saturating_duration_since(now).as_secs_f64().ceil();
                format!("{why}, again in {left} s{others}")
            }
            None => format!("Waiting for {}{others}", call.server),
        }
    }
}

/// A wait for a server, which ends when this value is dropped.
pub(crate) struct Wait(Option<(Arc<Waiting>, u64)>);

impl Wait {
    /// Says that the call is repeated after this time, and why.
    pub(crate) fn announce(&self, why: &str, wait: Duration) {
        self.change(|call| call.again = Some((visible(why).into_owned(), Instant::now() + wait)));
    }

    /// Says that the call is made again.
    pub(crate) fn go_on(&self) {
        self.change(|call| call.again = None);
    }

    fn change(&self, change: impl FnOnce(&mut Call)) {
        if let Some((waiting, number)) = &self.0 {
            let mut state = waiting.lock();
            if let Some(call) = state.calls.iter_mut().find(|call| call.number == *number) {
                change(call);
            }
            waiting.changed.notify_all();
        }
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        if let Some((waiting, number)) = &self.0 {
            waiting.lock().calls.retain(|call| call.number != *number);
            waiting.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_call_is_named_with_the_number_of_the_others() {
        let now = Instant::now();
        let call = |number, server: &str, again| Call {
            number,
            since: now,
            server: server.to_owned(),
            again,
        };
        let mut state = State {
            calls: vec![call(1, "api.example", None)],
            ..State::default()
        };
        assert_eq!(state.message(now), "Waiting for api.example");
        state.calls.push(call(2, "other.example", None));
        assert_eq!(state.message(now), "Waiting for api.example (1 more)");
        let soon = now + Duration::from_millis(7100);
        state.calls[0].again = Some(("429".to_owned(), soon));
        assert_eq!(state.message(now), "429, again in 8 s (1 more)");
    }
}
