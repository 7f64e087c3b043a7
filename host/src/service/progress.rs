//! Progress displays on the terminal.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tw_plugin_protocol::{ProgressBegin, ProgressRef, ProgressState};
use tw_render::text::visible;

/// The progress displays of a run. They show nothing if standard error is not a terminal, or under `--verbose`, because the log says more.
pub(super) struct Displays {
    are_hidden: bool,
    next: AtomicU64,
    bars: Mutex<HashMap<u64, ProgressBar>>,
    screen: Screen,
}

/// The lines of the terminal that the displays of a run share with the log and the result.
#[derive(Clone, Default)]
pub(super) struct Screen(MultiProgress);

impl Screen {
    /// Adds a line with a spinner, which shows nothing before its first tick.
    pub(super) fn add_line(&self) -> ProgressBar {
        self.0.add(ProgressBar::new_spinner())
    }

    /// Removes the displays while a program has the terminal, and shows them again afterward. Other threads go on meanwhile, and may write lines.
    pub(super) fn leave<T>(&self, program: impl FnOnce() -> T) -> T {
        // A failure to clear means that the terminal is gone.
        let _ = self.0.clear();
        self.0.set_draw_target(ProgressDrawTarget::hidden());
        let result = program();
        self.0.set_draw_target(ProgressDrawTarget::stderr());
        result
    }

    /// Removes the displays while `print` writes to the terminal, and shows them again below what it wrote.
    pub(super) fn print<T>(&self, print: impl FnOnce() -> T) -> T {
        self.0.suspend(print)
    }
}

impl Displays {
    pub(super) fn new(are_hidden: bool, screen: Screen) -> Self {
        Self {
            screen,
            are_hidden,
            next: AtomicU64::default(),
            bars: Mutex::default(),
        }
    }

    pub(super) fn start(&self, begin: &ProgressBegin) -> ProgressRef {
        let bar = match begin.total {
            _ if self.are_hidden => ProgressBar::hidden(),
            Some(total) => {
                let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}");
                let bar = ProgressBar::new(total);
                style.map_or_else(|_| bar.clone(), |style| bar.clone().with_style(style))
            }
            None => ProgressBar::new_spinner(),
        };
        let bar = match self.are_hidden {
            true => bar,
            false => self.screen.0.add(bar),
        };
        bar.set_message(visible(&begin.label).into_owned());
        let progress = self.next.fetch_add(1, Ordering::Relaxed);
        self.bars().insert(progress, bar);
        ProgressRef {
            progress,
            ..Default::default()
        }
    }

    pub(super) fn update(&self, state: &ProgressState) {
        if let Some(bar) = self.bars().get(&state.progress) {
            bar.set_position(state.done);
            if let Some(label) = &state.label {
                bar.set_message(visible(label).into_owned());
            }
        }
    }

    pub(super) fn finish(&self, display: ProgressRef) {
        if let Some(bar) = self.bars().remove(&display.progress) {
            bar.finish_and_clear();
        }
    }

    pub(super) fn close_all(&self) {
        for (_, bar) in self.bars().drain() {
            bar.finish_and_clear();
        }
    }

    fn bars(&self) -> std::sync::MutexGuard<'_, HashMap<u64, ProgressBar>> {
        self.bars.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
