//! The simulated Platform: its state, its clock and its state file.

use std::sync::Mutex;

use crate::clock::Clock;
use crate::error::Error;
use crate::lock::lock;
use crate::state::State;
use crate::state_file::StateFile;

/// The state that the endpoints share.
#[derive(Debug)]
pub(crate) struct Platform {
    state: Mutex<State>,
    clock: Mutex<Clock>,
    file: Option<StateFile>,
}

impl Platform {
    pub(crate) fn new(state: State, clock: Clock, file: Option<StateFile>) -> Self {
        Self {
            state: Mutex::new(state),
            clock: Mutex::new(clock),
            file,
        }
    }

    pub(crate) fn set_clock(&self, clock: Clock) {
        *lock(&self.clock) = clock;
    }

    /// Calls `inspect` with the state.
    pub(crate) fn read<T>(&self, inspect: impl FnOnce(&State) -> T) -> T {
        inspect(&lock(&self.state))
    }

    /// Changes the state and saves it to the state file, if there is one. If saving fails, the state stays unchanged.
    pub(crate) fn change<T, E: From<Error>>(
        &self,
        change: impl FnOnce(&mut State, &Clock) -> Result<T, E>,
    ) -> Result<T, E> {
        let clock = lock(&self.clock).clone();
        let mut state = lock(&self.state);
        let Some(file) = &self.file else {
            return change(&mut state, &clock);
        };
        let mut next = state.clone();
        let result = change(&mut next, &clock)?;
        file.save(&next)?;
        *state = next;
        Ok(result)
    }
}
