//! A display of how far long work is.

use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{ProgressBegin, ProgressRef, ProgressState};

use crate::Host;

/// A display of how far long work is, on terminals; elsewhere it is nothing. Dropped, it goes away.
///
/// ```
/// # use tw_plugin_api::prelude::*;
/// # fn run(host: &Host) {
/// let progress = host.progress("Comparing", Some(3));
/// for step in 1..=3 {
///     progress.done(step);
/// }
/// # }
/// ```
#[derive(Debug)]
pub struct Progress<'a> {
    host: &'a Host,
    progress: Option<ProgressRef>,
}

impl<'a> Progress<'a> {
    pub(crate) fn begin(host: &'a Host, label: &str, total: Option<u64>) -> Self {
        let begin = ProgressBegin {
            label: label.to_owned(),
            total,
        };
        // Work goes on without a display.
        let progress = host.ask::<protocol::ProgressStart>(&begin).ok();
        Self { host, progress }
    }

    /// So many steps are done.
    pub fn done(&self, steps: u64) {
        self.update(steps, None);
    }

    /// So many steps are done, and this is what is going on now.
    pub fn step(&self, steps: u64, label: &str) {
        self.update(steps, Some(label.to_owned()));
    }

    fn update(&self, done: u64, label: Option<String>) {
        if let Some(ProgressRef { progress }) = self.progress {
            let state = ProgressState {
                progress,
                done,
                label,
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
