//! Where the time of a command goes: shown under `--verbose`, measured always, for a clock costs nothing.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

static PARTS: Mutex<Vec<(&str, Duration)>> = Mutex::new(Vec::new());

/// Does the work, and notes how long it took.
pub(crate) fn measure<T>(part: &'static str, work: impl FnOnce() -> T) -> T {
    let begin = Instant::now();
    let result = work();
    if let Ok(mut parts) = PARTS.lock() {
        parts.push((part, begin.elapsed()));
    }
    result
}

/// The parts in the order in which they ended: `* index read 85 µs`.
pub(crate) fn report() -> String {
    let parts = PARTS.lock().map(|parts| parts.clone()).unwrap_or_default();
    let lines = parts
        .iter()
        .map(|(part, time)| format!("* {part} {} µs\n", time.as_micros()));
    lines.collect()
}
