//! Measures the parts of a command. The times are always taken, because reading a clock takes nanoseconds, and shown under `--verbose`.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

static PARTS: Mutex<Vec<(&str, Duration)>> = Mutex::new(Vec::new());

/// Runs `work` and records how long it took. The times of one part add up.
pub(crate) fn measure<T>(part: &'static str, work: impl FnOnce() -> T) -> T {
    let begin = Instant::now();
    let result = work();
    let took = begin.elapsed();
    if let Ok(mut parts) = PARTS.lock() {
        match parts.iter_mut().find(|(known, _)| *known == part) {
            Some((_, time)) => *time += took,
            None => parts.push((part, took)),
        }
    }
    result
}

/// Returns a line for each part, in the order in which the parts first ended: `* cache read 85 µs`.
pub(crate) fn report() -> String {
    let parts = PARTS.lock().map(|parts| parts.clone()).unwrap_or_default();
    let lines = parts
        .iter()
        .map(|(part, time)| format!("* {part} {} µs\n", time.as_micros()));
    lines.collect()
}
