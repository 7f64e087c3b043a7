//! Lines on standard error and in the log file: warnings and notes always, bodies under `--verbose=2`, everything else under `--verbose`.

use std::{io::IsTerminal, sync::Arc};

use tw_plugin_protocol::{LogLevel, LogLine};

use super::{progress::Screen, redact::Redactor};
use crate::{
    config::{LogFile, Settings},
    stdio,
};

/// The log of a run.
#[derive(Clone)]
pub(super) struct Log {
    plugin: String,
    is_verbose: bool,
    shows_bodies: bool,
    file: Option<Arc<LogFile>>,
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
            file: settings.log_file.clone(),
            redactor,
        }
    }

    /// Writes a warning that names the plugin.
    pub(super) fn warn(&self, line: &str) {
        let line = self.redact(line);
        self.append(&format!("warning: plugin `{}`: {line}", self.plugin));
        self.screen.print(|| stdio::warn(&line, Some(&self.plugin)));
    }

    /// Writes a note that names the plugin.
    pub(super) fn note(&self, line: &str) {
        let line = self.redact(line);
        self.append(&format!("note: plugin `{}`: {line}", self.plugin));
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

    /// Makes and writes a line under `--verbose`, and for the log file.
    pub(super) fn verbose(&self, line: impl FnOnce() -> String) {
        if self.is_verbose || self.file.is_some() {
            let line = self.redact(&line());
            self.append(&line);
            if self.is_verbose {
                self.print(&line);
            }
        }
    }

    /// Makes and writes the lines about a body under `--verbose=2`, and for the log file at that level. Lines of other calls don't come between them.
    pub(super) fn body(&self, lines: impl FnOnce() -> String) {
        let file = self.file.as_ref().filter(|file| file.has_bodies);
        if self.shows_bodies || file.is_some() {
            let lines = self.redactor.redact(&lines());
            let lines = tw_render::text::visible_lines(&lines);
            if file.is_some() {
                self.append(&lines);
            }
            if self.shows_bodies {
                self.print(&lines);
            }
        }
    }

    /// Writes lines to the log file only. They have no secrets.
    pub(super) fn append(&self, lines: &str) {
        let warning = self.file.as_ref().and_then(|file| file.append(lines));
        if let Some(warning) = warning {
            self.screen.print(|| stdio::warn(&warning, None));
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

    /// Redacts secrets in a line, and replaces its control characters.
    fn redact(&self, line: &str) -> String {
        tw_render::text::visible(&self.redactor.redact(line)).into_owned()
    }

    fn print(&self, lines: &str) {
        let lines = format!("{lines}\n");
        self.screen.print(|| stdio::print_error(&lines));
    }
}
