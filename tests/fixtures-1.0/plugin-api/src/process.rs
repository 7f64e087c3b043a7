//! Programs that a plugin runs in the foreground.

use std::ffi::OsString;

use tw_plugin_protocol as protocol;

use crate::{Host, Result};

/// A program to run in the foreground, from [`Host::process`]: it has the terminal of `tw`, and the command waits until it
/// ends. What it prints to standard output is a part of the result.
///
/// The program's environment is that of `tw` without the access token. Ctrl-C goes to the program. If Ctrl-C ends the
/// program, or if the program ends with the code 130 after Ctrl-C, the run is canceled too.
///
/// ```
/// # use tw_plugin_api::prelude::*;
/// # fn run(host: &Host) -> Result<()> {
/// let exit = host.process("git").args(["status", "--short"]).run()?;
/// if !exit.is_success() {
///     return Err(Error::failure("git status failed"));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Process<'a> {
    host: &'a Host,
    request: protocol::ProcessRequest,
}

impl<'a> Process<'a> {
    pub(crate) fn new(host: &'a Host, program: OsString) -> Self {
        let request = protocol::ProcessRequest {
            program: program.into(),
            ..Default::default()
        };
        Self { host, request }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.request.args.push(arg.into().into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args(self, args: impl IntoIterator<Item: Into<OsString>>) -> Self {
        args.into_iter().fold(self, Self::arg)
    }

    /// Sets the working directory.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<OsString>) -> Self {
        self.request.folder = Some(folder.into().into());
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.request.env.push(protocol::Variable {
            name: name.to_owned(),
            value: value.into().into(),
            ..Default::default()
        });
        self
    }

    /// Runs the program, and returns how it ended.
    ///
    /// # Errors
    /// If the program can't be started. With [`ErrorKind::Cancelled`](crate::ErrorKind::Cancelled) if Ctrl-C ended it. If the
    /// plugin doesn't declare [`Service::System`](crate::Service::System).
    pub fn run(self) -> Result<Exit> {
        self.host
            .ask::<protocol::SystemRun>(&self.request)
            .map(Exit)
    }
}

/// How a program ended, from [`Process::run`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exit(protocol::ProcessReply);

impl Exit {
    /// Returns the exit code. Returns `None` if a signal ended the program.
    pub fn code(&self) -> Option<i32> {
        self.0.code
    }

    /// Returns true if the exit code is 0.
    pub fn is_success(&self) -> bool {
        self.code() == Some(0)
    }
}
