//! Progress displays.

use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{ProgressBegin, ProgressRef, ProgressState};

use crate::Host;

/// A progress display, from [`Host::progress`]. It shows nothing if standard error is not a terminal, and disappears
/// when it is dropped.
///
/// ```
/// # use tw_plugin_api::prelude::*;
/// # fn run(host: &Host) {
/// let progress = host.progress("Comparing", Some(3));
/// for step in 1..=3 {
///     // …
///     progress.done(step);
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct Progress<'a> {
    host: &'a Host,
    /// `None` if the host refused to show a display.
    progress: Option<ProgressRef>,
}

impl<'a> Progress<'a> {
    pub(crate) fn begin(host: &'a Host, label: &str, total: Option<u64>) -> Self {
        let begin = ProgressBegin {
            label: label.to_owned(),
            total,
            ..Default::default()
        };
        // A missing display must not fail the work that it would show.
        let progress = host.ask::<protocol::ProgressStart>(&begin).ok();
        Self { host, progress }
    }

    /// Sets the number of completed steps.
    pub fn done(&self, steps: u64) {
        self.update(steps, None);
    }

    /// Sets the number of completed steps, and a label for the step that begins.
    pub fn step(&self, steps: u64, label: &str) {
        self.update(steps, Some(label.to_owned()));
    }

    fn update(&self, done: u64, label: Option<String>) {
        if let Some(ProgressRef { progress, .. }) = self.progress {
            let state = ProgressState {
                progress,
                done,
                label,
                ..Default::default()
            };
            let _ = self.host.ask::<protocol::ProgressUpdate>(&state);
        }
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if let Some(progress) = self.progress {
            let _ = self.host.ask::<protocol::ProgressFinish>(&progress);
        }
    }
}
