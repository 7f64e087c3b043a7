//! Lines on standard error: warnings and notes always, bodies under `--verbose=2`, everything else under `--verbose`.

use std::{io::IsTerminal, sync::Arc};

use tw_plugin_protocol::{LogLevel, LogLine};

use super::{progress::Screen, redact::Redactor};
use crate::{config::Settings, stdio};

/// The log of a run.
#[derive(Clone)]
pub(super) struct Log {
    plugin: String,
    is_verbose: bool,
    shows_bodies: bool,
    redactor: Arc<Redactor>,
    screen: Screen,
}

impl Log {
    pub(super) fn new(
        plugin: &str,
        settings: &Settings,
        redactor: Arc<Redactor>,
        screen: Screen,
    ) -> Self {
        Self {
            screen,
            plugin: plugin.to_owned(),
            is_verbose: settings.verbose,
            shows_bodies: settings.bodies,
            redactor,
        }
    }

    /// Writes a warning that names the plugin.
    pub(super) fn warn(&self, line: &str) {
        let line = self.make_safe(line);
        self.screen.print(|| stdio::warn(&line, Some(&self.plugin)));
    }

    /// Writes a note that names the plugin.
    pub(super) fn note(&self, line: &str) {
        let line = self.make_safe(line);
        self.screen.print(|| stdio::note(&line, Some(&self.plugin)));
    }

    /// Writes a line of the plugin.
    pub(super) fn plugin(&self, line: &LogLine) {
        match line.level {
            // A line of a level that this `tw` doesn't know may be important.
            LogLevel::Warning | LogLevel::Unknown => self.warn(&line.message),
            _ => self.verbose(|| format!("* {}: {}", self.plugin, line.message)),
        }
    }

    /// Makes and writes a line under `--verbose`.
    pub(super) fn verbose(&self, line: impl FnOnce() -> String) {
        if self.is_verbose {
            self.write(&line());
        }
    }

    /// Makes and writes the lines about a body under `--verbose=2`. Lines of other calls don't come between them.
    pub(super) fn body(&self, lines: impl FnOnce() -> String) {
        if self.shows_bodies {
            let lines = self.redactor.redact(&lines());
            let lines = format!("{}\n", tw_render::text::visible_lines(&lines));
            self.screen.print(|| stdio::print_error(&lines));
        }
    }

    /// Passes on a text that the plugin printed by itself, without secrets. A terminal gets it without control characters too.
    pub(super) fn pass_on(&self, printed: &[u8]) {
        let text = String::from_utf8_lossy(printed);
        let redacted = self.redactor.redact(&text);
        self.screen.print(|| {
            if std::io::stderr().is_terminal() || stdio::has_json_errors() {
                stdio::print_error(&*tw_render::text::visible_lines(&redacted));
            } else if redacted == text {
                // Bytes that are no text stay as they are.
                stdio::print_error(printed);
            } else {
                stdio::print_error(&redacted);
            }
        });
    }

    /// Writes a line without secrets and without control characters.
    fn write(&self, line: &str) {
        let line = format!("{}\n", self.make_safe(line));
        self.screen.print(|| stdio::print_error(&line));
    }

    /// Redacts secrets in a line, and replaces its control characters.
    fn make_safe(&self, line: &str) -> String {
        tw_render::text::visible(&self.redactor.redact(line)).into_owned()
    }
}
