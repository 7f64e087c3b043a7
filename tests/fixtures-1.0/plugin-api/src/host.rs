//! The host and its services, for a command that runs.

use std::{
    ffi::OsString,
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime},
};

use serde::{Serialize, de::DeserializeOwned};
use tw_plugin_abi::HostRef;
use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{Call, Empty, ErrorMessage, RunRequest};
use zeroize::Zeroizing;

use crate::{
    Args, Auth, Config, Error, ErrorKind, Folders, Http, Input, Log, Process, Progress, Prompt,
    Result, Rows, Stdout, Table, Terminal, Time, Values, Workspace,
};

/// The host and its services. Every command gets a `Host` as its second parameter.
///
/// All calls block until the host has answered. Several threads can use a `Host` at the same time: share a reference
/// with [`std::thread::scope`], or clone it. After the command has returned, every call fails with
/// [`ErrorKind::Closed`].
///
/// A plugin must declare the services that it uses with [`Plugin::uses`](crate::Plugin::uses). A call to another
/// service fails with [`ErrorKind::Refused`].
///
/// ```
/// use tw_plugin_api::prelude::*;
///
/// fn run(_: (), host: &Host) -> Result<Output> {
///     let (user, info) = std::thread::scope(|scope| {
///         let user = scope.spawn(|| host.auth().whoami());
///         let info = host.http().get("/service-info").send();
///         (user.join(), info)
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

    /// Returns the HTTP client.
    pub fn http(&self) -> Http<'_> {
        Http(self)
    }

    /// Returns the identity that the host adds to requests.
    pub fn auth(&self) -> Auth<'_> {
        Auth(self)
    }

    /// Returns the workspace that the option `-w`/`--workspace` names, or the user's personal workspace if the option
    /// is not given. The host looks it up once and remembers it for the rest of the run.
    ///
    /// The option comes from [`Group::workspace_option`](crate::Group::workspace_option), or from
    /// [`Command::workspace_option`](crate::Command::workspace_option) for a command without a group.
    ///
    /// # Errors
    /// If the value is neither a number nor of the form `Organization/Workspace`. If the user is not a member of the
    /// workspace.
    pub fn workspace(&self) -> Result<Workspace> {
        self.find_workspace(None)
    }

    /// Returns the workspace that this reference names: a number, or `Organization/Workspace`.
    ///
    /// # Errors
    /// As for [`workspace`](Self::workspace).
    pub fn workspace_named(&self, reference: &str) -> Result<Workspace> {
        self.find_workspace(Some(reference.to_owned()))
    }

    fn find_workspace(&self, reference: Option<String>) -> Result<Workspace> {
        let request = protocol::WorkspaceRequest {
            reference,
            ..Default::default()
        };
        self.ask::<protocol::WorkspaceResolve>(&request)
            .map(Workspace)
    }

    /// Returns all workspaces that the user can work in. The first is the user's personal workspace. The host asks the API
    /// once and remembers the answer for the rest of the run.
    ///
    /// ```
    /// # use tw_plugin_api::prelude::*;
    /// # fn run(host: &Host) -> Result<()> {
    /// for workspace in host.workspaces()? {
    ///     let secrets = host.http().get("/pipeline-secrets").workspace(&workspace).send()?.ok()?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If there is no access token, or if the request fails.
    pub fn workspaces(&self) -> Result<Vec<Workspace>> {
        let reply = self.ask::<protocol::WorkspaceList>(&Empty {})?;
        Ok(reply.workspaces.into_iter().map(Workspace).collect())
    }

    /// Reads the plugin's settings: the section `[plugin.NAME]` of the configuration file. If the file or the section is
    /// missing, all settings have their defaults.
    ///
    /// # Errors
    /// If the file can't be read. If the section has a key that isn't a field of `T`, or a value that the field can't hold.
    /// If a setting without a default is missing.
    pub fn config<T: Config>(&self) -> Result<T> {
        crate::config::read(self)
    }

    /// Returns the reader of files and of standard input.
    pub fn input(&self) -> Input<'_> {
        Input(self)
    }

    /// Returns the prompts for questions to the user.
    pub fn prompt(&self) -> Prompt<'_> {
        Prompt(self)
    }

    /// Starts a long result, which the plugin sends in pieces. `value` is the result without its rows: an empty array
    /// stands where the table expects them.
    ///
    /// # Errors
    /// If `value` can't be serialized as JSON, or has no array where the table expects the rows. If the command has
    /// started a long result before.
    pub fn rows<T: Serialize>(&self, value: &T, table: Table) -> Result<Rows<'_>> {
        Rows::begin(self, value, table, false)
    }

    /// Starts a long result whose rows the host may show while the command goes on. Rows that it has shown stay if the
    /// command then fails. `value` is as for [`rows`](Self::rows).
    ///
    /// The host shows the rows at once in the formats with one row per line, and on the console if every column has a
    /// [`max_width`](crate::Column::max_width). Otherwise it shows them at the end. It ignores the order that the table
    /// [sorts](Table::sort) by.
    ///
    /// If the reader closes the pipe (`tw … | head`), sending more rows fails with [`ErrorKind::Closed`]. A command that
    /// returns this error ends `tw` quietly and with exit code 0.
    ///
    /// ```
    /// use tw_plugin_api::prelude::*;
    ///
    /// fn runs(_: (), host: &Host) -> Result<Output> {
    ///     let table = Table::new("/runs")
    ///         .column(Column::new("ID", "/id").max_width(14))
    ///         .column(Column::new("Name", "/runName").max_width(30));
    ///     let rows = host.stream_rows(&json!({ "runs": [] }), table)?;
    ///     for page in 0..10 {
    ///         rows.send(&[json!({ "id": page, "runName": "happy_hopper" })])?;
    ///     }
    ///     rows.end()
    /// }
    /// # let _ = runs;
    /// ```
    ///
    /// # Errors
    /// As for [`rows`](Self::rows).
    pub fn stream_rows<T: Serialize>(&self, value: &T, table: Table) -> Result<Rows<'_>> {
        Rows::begin(self, value, table, true)
    }

    /// Returns the writer of a result that is bytes.
    pub fn stdout(&self) -> Stdout<'_> {
        Stdout::new(self)
    }

    /// Starts a progress display. `total` is the number of steps; `None` shows a spinner instead of a bar.
    pub fn progress(&self, label: &str, total: Option<u64>) -> Progress<'_> {
        Progress::begin(self, label, total)
    }

    /// Returns the properties of the terminal that shows the result. They are those of the start of the command.
    ///
    /// # Errors
    /// If the run has ended.
    pub fn terminal(&self) -> Result<Terminal> {
        self.ask::<protocol::TerminalInfo>(&Empty {}).map(Terminal)
    }

    /// Returns the plugin's own folders. The host creates them, and only the user can enter them.
    ///
    /// # Errors
    /// If a folder can't be created.
    pub fn folders(&self) -> Result<Folders> {
        let folders = self.ask::<protocol::FolderList>(&Empty {})?;
        let path = |path: protocol::OsText| PathBuf::from(OsString::from(path));
        Ok(Folders {
            data: path(folders.data),
            cache: path(folders.cache),
            state: path(folders.state),
        })
    }

    /// Shows a page in the user's browser, and doesn't wait. `url` begins with `https://` or `http://`.
    ///
    /// # Errors
    /// If no browser can be started; the message has the address, so that the user can open it. If the plugin doesn't
    /// declare [`Service::System`](crate::Service::System).
    pub fn open(&self, url: &str) -> Result<()> {
        let request = protocol::OpenRequest {
            url: url.to_owned(),
            ..Default::default()
        };
        self.ask::<protocol::SystemOpen>(&request).map(drop)
    }

    /// Returns a program to run in the foreground. `program` is a name that is searched on `PATH`, or a path.
    pub fn process(&self, program: impl Into<OsString>) -> Process<'_> {
        Process::new(self, program.into())
    }

    /// Returns the log.
    pub fn log(&self) -> Log<'_> {
        Log(self)
    }

    /// Returns the current time.
    ///
    /// # Errors
    /// If the run has ended.
    pub fn now(&self) -> Result<Time> {
        self.ask::<protocol::ClockNow>(&Empty {}).map(Time)
    }

    /// Reads a point in time as a user types it: an RFC 3339 time, a date (its midnight in UTC), or an age such as `2d`,
    /// which is that long ago.
    ///
    /// # Errors
    /// If the text is none of these.
    pub fn parse_time(&self, text: &str) -> Result<Time> {
        let request = protocol::ParseTime {
            text: text.to_owned(),
            ..Default::default()
        };
        self.ask::<protocol::ClockParse>(&request).map(Time)
    }

    /// Returns this point in time, such as the value of an argument, in whole milliseconds.
    ///
    /// # Errors
    /// If the year is not between -9999 and 9999.
    pub fn time_of(&self, time: SystemTime) -> Result<Time> {
        let ms = |distance: Duration| i64::try_from(distance.as_millis()).unwrap_or(i64::MAX);
        self.time_at(match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => ms(after),
            Err(before) => -ms(before.duration()),
        })
    }

    /// Returns the point in time that is this many milliseconds after 1970-01-01 UTC.
    ///
    /// # Errors
    /// If the year is not between -9999 and 9999.
    pub fn time_at(&self, unix_ms: i64) -> Result<Time> {
        let request = protocol::FormatTime {
            unix_ms,
            ..Default::default()
        };
        self.ask::<protocol::ClockFormat>(&request).map(Time)
    }

    /// Waits for this time, in whole milliseconds.
    ///
    /// # Errors
    /// With [`ErrorKind::Cancelled`], and without waiting any longer, if the user presses Ctrl-C.
    pub fn sleep(&self, time: Duration) -> Result<()> {
        let ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let sleep = protocol::Sleep {
            ms,
            ..Default::default()
        };
        self.ask::<protocol::ClockSleep>(&sleep).map(drop)
    }

    /// Returns true if the user has pressed Ctrl-C.
    ///
    /// Every service then fails with [`ErrorKind::Cancelled`], so only a computation that calls no service needs this.
    /// A canceled command has two seconds to return, for example with a result that says what the command did.
    pub fn is_cancelled(&self) -> bool {
        match self.ask::<protocol::CancelStatus>(&Empty {}) {
            Ok(reply) => reply.cancelled,
            Err(error) => matches!(error.kind(), ErrorKind::Cancelled | ErrorKind::Closed),
        }
    }

    /// Returns the values of the arguments that the command shares with the other commands of its groups. See
    /// [`Group::shared`](crate::Group::shared).
    ///
    /// # Errors
    /// If no group above the command declares the arguments of the type `A`.
    pub fn shared<A: Args>(&self) -> Result<A> {
        A::from_values(&mut Values::clone(&self.values))
    }

    /// Returns true if the value of this argument was typed on the command line, where the list of processes shows it.
    /// Returns false if the value comes from an environment variable or from a setting, or is the default.
    pub fn was_typed(&self, name: &str) -> bool {
        self.values.was_typed(name)
    }

    /// Returns true if the host has the feature of this name, such as `http.only_if`.
    ///
    /// A request that uses a feature which the host lacks fails with [`ErrorKind::Unsupported`], so only a command that
    /// has another way of working needs this.
    pub fn has_feature(&self, name: &str) -> bool {
        self.request.features.iter().any(|feature| feature == name)
    }

    /// Returns the address of the API, without a slash at the end.
    pub fn endpoint(&self) -> &str {
        &self.request.endpoint
    }

    /// Returns the name of the output format: `console`, `json`, `jsonl`, `csv`, `tsv`, or another that a newer host knows.
    /// The value of an [`Output`](crate::Output) should be the same in all formats.
    pub fn format(&self) -> &str {
        &self.request.format
    }

    /// Returns true if standard output, which the result goes to, is a terminal.
    pub fn is_terminal(&self) -> bool {
        self.request.terminal
    }

    /// Calls a method that has no raw body.
    pub(crate) fn ask<C: Call>(&self, request: &C::Request) -> Result<C::Reply> {
        self.call::<C>(request, &[]).map(|(reply, _)| reply)
    }

    /// Calls a method with a message and a raw body, and returns the message and the raw body of the reply.
    pub(crate) fn call<C: Call>(
        &self,
        request: &C::Request,
        body: &[u8],
    ) -> Result<(C::Reply, Vec<u8>)> {
        let payload = Zeroizing::new(protocol::request_to_bytes::<C>(request));
        match self.raw.call(C::METHOD, &payload, body) {
            Ok(reply) => {
                let message = read_message(C::METHOD, reply.payload.into())?;
                Ok((message, reply.body.into()))
            }
            Err(reply) => Err(Error::of(ErrorMessage::from_bytes(&reply.payload))),
        }
    }
}

fn read_message<T: DeserializeOwned + Default>(method: &str, payload: Vec<u8>) -> Result<T> {
    let payload = Zeroizing::new(payload);
    protocol::from_bytes(&payload).map_err(|_| {
        Error::new(
            ErrorKind::Unsupported,
            format!("this plugin can't read the host's answer to `{method}`"),
        )
    })
}
