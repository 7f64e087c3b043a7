//! Lines on standard error: what is being done, under `--verbose`; warnings, always.

use std::sync::Arc;

use tw_plugin_protocol::{LogLevel, LogLine};

use super::redact::Redactor;

/// Where a run's lines go.
#[derive(Clone)]
pub(super) struct Log {
    plugin: String,
    verbose: bool,
    redactor: Arc<Redactor>,
}

impl Log {
    pub(super) fn new(plugin: &str, verbose: bool, redactor: Arc<Redactor>) -> Self {
        Self {
            plugin: plugin.to_owned(),
            verbose,
            redactor,
        }
    }

    /// A warning about the plugin, or of it.
    pub(super) fn warn(&self, line: &str) {
        self.line(&format!("warning: plugin `{}`: {line}", self.plugin));
    }

    /// What the plugin wants logged.
    pub(super) fn plugin(&self, line: &LogLine) {
        match line.level {
            LogLevel::Warning => self.warn(&line.message),
            _ => self.verbose(|| format!("* {}: {}", self.plugin, line.message)),
        }
    }

    /// A line under `--verbose`; it isn't made without.
    pub(super) fn verbose(&self, line: impl FnOnce() -> String) {
        if self.verbose {
            self.line(&line());
        }
    }

    fn line(&self, line: &str) {
        let line = self.redactor.redact(line);
        let line = format!("{}\n", tw_render::text::visible(&line));
        crate::stdio::print_error(&line);
    }
}
