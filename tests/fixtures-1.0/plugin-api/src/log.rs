//! The log of a run.

use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{LogLevel, LogLine};

use crate::Host;

/// The log of a run, from [`Host::log`]. Each call writes one line to standard error.
///
/// ```
/// # use tw_plugin_api::prelude::*;
/// # fn run(host: &Host) {
/// host.log().info("comparing 3 names with 120 existing ones");
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Log<'a>(pub(crate) &'a Host);

impl Log<'_> {
    /// Writes a warning, which is always shown: something is wrong, and the command continues.
    pub fn warning(&self, line: &str) {
        self.write(LogLevel::Warning, line);
    }

    /// Writes what the command is doing. Shown under `--verbose`.
    pub fn info(&self, line: &str) {
        self.write(LogLevel::Info, line);
    }

    /// Writes a detail of how the command does it. Shown under `--verbose`.
    pub fn debug(&self, line: &str) {
        self.write(LogLevel::Debug, line);
    }

    fn write(self, level: LogLevel, line: &str) {
        let line = LogLine {
            level,
            message: line.to_owned(),
            ..Default::default()
        };
        // A line that can't be written must not fail the command.
        let _ = self.0.ask::<protocol::LogWrite>(&line);
    }
}
