//! Progress displays on the terminal.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tw_plugin_protocol::{ProgressBegin, ProgressRef, ProgressState};
use tw_render::text::visible;

use crate::{
    config::Settings,
    stdio::{has_json_errors, line},
};

/// The progress displays of a run. They show nothing if standard error is not a terminal.
pub(super) struct Displays {
    are_hidden: bool,
    next: AtomicU64,
    bars: Mutex<HashMap<u64, (ProgressBar, Option<line::Hold>)>>,
    screen: Screen,
}

/// True if the run shows neither displays nor the line about waiting: under `--quiet`, under `--verbose`, because the log says more, and where every line of
/// standard error is JSON.
pub(super) fn are_hidden(settings: &Settings) -> bool {
    settings.verbose || settings.shown.is_quiet || has_json_errors()
}

/// The lines of the terminal that the displays of a run share with the log and the result.
#[derive(Clone, Default)]
pub(super) struct Screen(MultiProgress);

impl Screen {
    /// Removes the displays and the line about waiting while a program has the terminal, and shows them again afterward. Other threads go on meanwhile, and may write lines.
    pub(super) fn leave<T>(&self, program: impl FnOnce() -> T) -> T {
        let _hold = line::hold();
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
    pub(super) fn new(settings: &Settings, screen: Screen) -> Self {
        Self {
            screen,
            are_hidden: are_hidden(settings),
            next: AtomicU64::default(),
            bars: Mutex::default(),
        }
    }

    pub(super) fn start(&self, begin: &ProgressBegin) -> ProgressRef {
        let is_hidden = self.are_hidden || !line::is_in_foreground();
        // The displays and the line about waiting can't share the terminal.
        let hold = (!is_hidden).then(line::hold);
        let bar = match begin.total {
            _ if is_hidden => ProgressBar::hidden(),
            Some(total) => {
                let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {eta}");
                let bar = ProgressBar::new(total);
                style.map_or_else(|_| bar.clone(), |style| bar.clone().with_style(style))
            }
            None => ProgressBar::new_spinner(),
        };
        let bar = match is_hidden {
            true => bar,
            false => self.screen.0.add(bar),
        };
        bar.set_message(visible(&begin.label).into_owned());
        let progress = self.next.fetch_add(1, Ordering::Relaxed);
        self.bars().insert(progress, (bar, hold));
        ProgressRef {
            progress,
            ..Default::default()
        }
    }

    pub(super) fn update(&self, state: &ProgressState) {
        if let Some((bar, _)) = self.bars().get(&state.progress) {
            bar.set_position(state.done);
            if let Some(label) = &state.label {
                bar.set_message(visible(label).into_owned());
            }
        }
    }

    pub(super) fn finish(&self, display: ProgressRef) {
        if let Some((bar, _hold)) = self.bars().remove(&display.progress) {
            bar.finish_and_clear();
        }
    }

    pub(super) fn close_all(&self) {
        for (_, (bar, _hold)) in self.bars().drain() {
            bar.finish_and_clear();
        }
    }

    fn bars(&self) -> MutexGuard<'_, HashMap<u64, (ProgressBar, Option<line::Hold>)>> {
        self.bars.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
