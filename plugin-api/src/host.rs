//! The host, as a command sees it while it runs.

use std::{sync::Arc, time::Duration};

use serde::{Serialize, de::DeserializeOwned};
use tw_plugin_abi::HostRef;
use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{Call, Empty, ErrorMessage, LogLevel, LogLine, RunRequest};

use zeroize::Zeroizing;

use crate::{
    Args, Auth, Config, Error, ErrorKind, Http, Input, Progress, Prompt, Result, Rows, Table,
    Values, Workspace,
};

/// The host and its services, while a command runs.
///
/// It is shared between threads freely (`std::thread::scope`, or a clone); every call waits for its answer. Once the
/// command has returned, its calls fail with [`ErrorKind::Closed`].
///
/// ```
/// use tw_plugin_api::prelude::*;
///
/// fn run(_: (), host: &Host) -> Result<Output> {
///     let (user, info) = std::thread::scope(|scope| {
///         let user = scope.spawn(|| host.auth().whoami());
///         (user.join(), host.http().get("/service-info").send())
///     });
///     # let _ = (user, info);
///     Output::message(&json!({}), "done")
/// }
/// # let _ = run;
/// ```
#[derive(Debug, Clone)]
pub struct Host {
    raw: HostRef,
    request: Arc<RunRequest>,
    values: Arc<Values>,
}

impl Host {
    pub(crate) fn new(raw: HostRef, request: RunRequest, values: Values) -> Self {
        Self {
            raw,
            request: Arc::new(request),
            values: Arc::new(values),
        }
    }

    /// Requests to the API, and elsewhere.
    pub fn http(&self) -> Http<'_> {
        Http(self)
    }

    /// Whose token it is.
    pub fn auth(&self) -> Auth<'_> {
        Auth(self)
    }

    /// The workspace that `-w/--workspace` names, looked up once a run; without one, the user's own.
    ///
    /// # Errors
    /// When it isn't the form of a workspace, or isn't one that the user belongs to.
    pub fn workspace(&self) -> Result<Workspace> {
        self.ask::<protocol::WorkspaceResolve>(&Empty {})
            .map(Workspace)
    }

    /// The plugin's own section of the configuration file.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn config(&self) -> Result<Config> {
        self.ask::<protocol::ConfigSection>(&Empty {}).map(Config)
    }

    /// Standard input, files, and documents.
    pub fn input(&self) -> Input<'_> {
        Input(self)
    }

    /// Questions to the person.
    pub fn prompt(&self) -> Prompt<'_> {
        Prompt(self)
    }

    /// Begins a long result that is sent in pieces; see [`Rows`].
    ///
    /// # Errors
    /// When `value`, the result without its rows, has no JSON form.
    pub fn rows<T: Serialize>(&self, value: &T, table: Table) -> Result<Rows<'_>> {
        Rows::begin(self, value, table)
    }

    /// Begins a progress display, on terminals; see [`Progress`].
    pub fn progress(&self, label: &str, total: Option<u64>) -> Progress<'_> {
        Progress::begin(self, label, total)
    }

    /// Lines of log.
    pub fn log(&self) -> Log<'_> {
        Log(self)
    }

    /// What time it is.
    ///
    /// # Errors
    /// Only when the service isn't declared or the run has ended.
    pub fn now(&self) -> Result<Time> {
        self.ask::<protocol::ClockNow>(&Empty {})
    }

    /// Waits.
    ///
    /// # Errors
    /// With [`ErrorKind::Cancelled`], at once, when the person asks for the run to stop.
    pub fn sleep(&self, time: Duration) -> Result<()> {
        let ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.ask::<protocol::ClockSleep>(&protocol::Sleep { ms })
            .map(drop)
    }

    /// Whether the person has asked for the run to stop (Ctrl-C). Every service fails with [`ErrorKind::Cancelled`] then, so
    /// only a long computation need ask. There are two seconds to report what was done.
    pub fn is_cancelled(&self) -> bool {
        match self.ask::<protocol::CancelStatus>(&Empty {}) {
            Ok(reply) => reply.cancelled,
            Err(error) => matches!(error.kind(), ErrorKind::Cancelled | ErrorKind::Closed),
        }
    }

    /// The values of arguments that the command's groups share.
    ///
    /// # Errors
    /// When no group above the command shares them.
    pub fn shared<A: Args>(&self) -> Result<A> {
        A::from_values(&mut Values::clone(&self.values))
    }

    /// Whether the value of this argument was typed on the command line, where others can see it.
    pub fn was_typed(&self, name: &str) -> bool {
        self.values.was_typed(name)
    }

    /// The address of the API, without a closing slash.
    pub fn endpoint(&self) -> &str {
        &self.request.endpoint
    }

    /// The format in which the result will be shown: `console`, `json`, or one that came later. The data should be the same in each.
    pub fn format(&self) -> &str {
        &self.request.format
    }

    /// Whether the result goes to a terminal.
    pub fn is_terminal(&self) -> bool {
        self.request.terminal
    }

    /// Calls a method with a message and no raw body.
    pub(crate) fn ask<C: Call>(&self, request: &C::Request) -> Result<C::Reply> {
        self.call::<C>(request, &[]).map(|(reply, _)| reply)
    }

    /// Calls a method with a message and a raw body.
    pub(crate) fn call<C: Call>(
        &self,
        request: &C::Request,
        body: &[u8],
    ) -> Result<(C::Reply, Vec<u8>)> {
        let (reply, body) = self.call_bytes(C::METHOD, protocol::to_bytes(request), body)?;
        Ok((message(C::METHOD, reply)?, body))
    }

    /// What is the same whatever the method is: once in a library, for what is generic is there once a method.
    #[inline(never)]
    fn call_bytes(
        &self,
        method: &str,
        payload: Vec<u8>,
        body: &[u8],
    ) -> Result<(Vec<u8>, Vec<u8>)> {
        let payload = Zeroizing::new(payload);
        match self.raw.call(method, &payload, body) {
            Ok(reply) => Ok((reply.payload.into(), reply.body.into())),
            Err(reply) => Err(message::<ErrorMessage>(method, reply.payload.into())?.into()),
        }
    }
}

fn message<T: DeserializeOwned>(method: &str, payload: Vec<u8>) -> Result<T> {
    let payload = Zeroizing::new(payload);
    serde_json::from_slice(&payload).map_err(|_| unreadable(method))
}

#[cold]
#[inline(never)]
fn unreadable(method: &str) -> Error {
    Error::new(
        ErrorKind::Unsupported,
        format!("the host's answer to `{method}` can't be read by this plugin"),
    )
}

/// A moment, as the host's clock has it.
pub type Time = protocol::Time;

/// Lines of log: one line each, on standard error, under `--verbose`; warnings always.
///
/// ```
/// # use tw_plugin_api::prelude::*;
/// # fn run(host: &Host) {
/// host.log().info("comparing 3 names with 120 that are there");
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Log<'a>(&'a Host);

impl Log<'_> {
    /// Something is wrong, and the work goes on.
    pub fn warning(&self, line: &str) {
        self.write(LogLevel::Warning, line);
    }

    /// What is being done.
    pub fn info(&self, line: &str) {
        self.write(LogLevel::Info, line);
    }

    /// How it is being done.
    pub fn debug(&self, line: &str) {
        self.write(LogLevel::Debug, line);
    }

    fn write(self, level: LogLevel, line: &str) {
        let line = LogLine {
            level,
            message: line.to_owned(),
        };
        // A line of log that can't be written is no reason to fail.
        let _ = self.0.ask::<protocol::LogWrite>(&line);
    }
}
