//! The services that plugins call, one file or folder per service.
//!
//! A session is one run of one command. A plugin refers to its session by a number, and may call the services that its manifest declares.
//! After the run, every call fails with [`ErrorKind::Closed`](crate::error::ErrorKind::Closed).

mod auth;
pub(crate) mod cancel;
mod clock;
mod dispatch;
pub(crate) mod document;
mod folder;
pub(crate) mod http;
mod input;
mod log;
mod output;
mod own;
mod progress;
pub(crate) mod prompt;
pub(crate) mod redact;
mod request;
mod rows;
mod system;
pub(crate) mod terminal;
pub(crate) mod unseen;
pub(crate) mod waiting;
mod workspace;

use std::{
    collections::HashMap,
    sync::{
        Arc, LazyLock, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tw_plugin_abi::HostRef;
use tw_plugin_protocol::{ArgValue, Candidate, TerminalReply};
use tw_render::Style;

use self::{
    auth::Identity,
    cancel::Cancel,
    http::Http,
    log::Log,
    output::{Output, Sink},
    progress::{Displays, Screen},
    redact::Redactor,
    waiting::Waiting,
    workspace::Selection,
};
pub(crate) use self::{own::Own, rows::Sent};
use crate::{config::Settings, error::Error, stdio::Stdout};

/// The answer of a service: a message and a raw body.
type Answer<T> = Result<(T, Vec<u8>), Error>;

/// The state of a run.
struct State {
    plugin: String,
    services: Vec<String>,
    cancel: Arc<Cancel>,
    redactor: Arc<Redactor>,
    log: Log,
    http: Http,
    identity: Identity,
    workspace: Selection,
    /// The terminal's properties at the start of the run.
    terminal: TerminalReply,
    output: Mutex<Output>,
    displays: Displays,
    waiting: Arc<Waiting>,
    screen: Screen,
    /// The message of the last error that a service returned. Plugins usually return it unchanged.
    last_error: Mutex<String>,
}

static SESSIONS: LazyLock<Mutex<HashMap<u64, Arc<State>>>> = LazyLock::new(Mutex::default);

fn sessions() -> MutexGuard<'static, HashMap<u64, Arc<State>>> {
    SESSIONS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A run that has not ended.
pub(crate) struct Session {
    number: u64,
    state: Arc<State>,
}

/// The plugin that a session serves.
pub(crate) struct Caller {
    pub(crate) plugin: String,
    pub(crate) version: String,
    /// The services that the plugin's manifest declares.
    pub(crate) services: Vec<String>,
    /// The terminal of standard output, before standard output was set aside.
    pub(crate) terminal: TerminalReply,
    /// The style of rows that are shown while the plugin runs.
    pub(crate) style: Style,
}

impl Session {
    /// Moves standard output aside, and begins a run of a plugin. `workspace` is the value of its workspace option, and `sensitive` are the values to redact.
    pub(crate) fn begin<'a>(
        caller: Caller,
        settings: Settings,
        workspace: Option<String>,
        sensitive: impl IntoIterator<Item = &'a ArgValue>,
    ) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let format = settings.format;
        let is_filtered = settings.shown.jq.is_some();
        let settings = Arc::new(settings);
        let redactor = Arc::new(Redactor::new(
            settings.token.as_ref().map(|token| &token.value),
        ));
        for value in sensitive {
            redactor.add_argument(value);
        }
        let screen = Screen::default();
        let displays = Displays::new(&settings, screen.clone());
        let waiting = Waiting::new(&settings);
        let cancel = Arc::new(Cancel::new());
        let log = Log::new(
            &caller.plugin,
            &settings,
            Arc::clone(&redactor),
            screen.clone(),
        );
        // From here on, the process's standard output is not the terminal or the pipe any more.
        let prints = log.clone();
        let stdout = Stdout::set_aside(move |printed| prints.pass_on(printed));
        let screen_of_result = caller.terminal.terminal.then(|| screen.clone());
        let sink = Sink::new(stdout, screen_of_result, Arc::clone(&cancel));
        let agent = format!(
            "tw/{} {}/{}",
            env!("CARGO_PKG_VERSION"),
            caller.plugin,
            caller.version
        );
        let state = Arc::new(State {
            plugin: caller.plugin,
            services: caller.services,
            http: Http::new(
                Arc::clone(&settings),
                Arc::clone(&cancel),
                log.clone(),
                Arc::clone(&redactor),
                Arc::clone(&waiting),
                agent,
            ),
            cancel,
            redactor,
            log,
            identity: Identity::default(),
            workspace: Selection::new(workspace),
            terminal: caller.terminal,
            output: Mutex::new(Output::new(sink, format, caller.style, is_filtered)),
            displays,
            waiting,
            screen,
            last_error: Mutex::default(),
        });
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        sessions().insert(number, Arc::clone(&state));
        Self { number, state }
    }

    /// Returns the handle by which the plugin calls this session.
    pub(crate) fn host(&self) -> HostRef {
        HostRef::new(self.number, dispatch::call)
    }

    /// Returns the workspaces of the user, as values of the workspace option.
    ///
    /// # Errors
    /// If there is no access token, or if the request fails.
    pub(crate) fn name_workspaces(&self) -> Result<Vec<Candidate>, Error> {
        let State { identity, http, .. } = &*self.state;
        let workspaces = self.state.workspace.list(identity, http)?;
        Ok(workspaces
            .iter()
            .filter_map(workspace::to_candidate)
            .collect())
    }

    /// Ends the run. Closes its open streams and progress displays.
    pub(crate) fn end(self) -> Ended {
        sessions().remove(&self.number);
        self.state.http.close_all();
        self.state.displays.close_all();
        self.state.waiting.close();
        self.state.output().end_bytes();
        Ended(self.state)
    }
}

/// A run that has ended.
pub(crate) struct Ended(Arc<State>);

impl Ended {
    pub(crate) fn plugin(&self) -> &str {
        &self.0.plugin
    }

    /// True if the run was canceled by Ctrl-C.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.0.cancel.is_cancelled()
    }

    /// Logs a warning about the plugin, or a warning of the plugin itself.
    pub(crate) fn warn(&self, line: &str) {
        self.0.log.warn(line);
    }

    /// Logs a note of the plugin.
    pub(crate) fn note(&self, line: &str) {
        self.0.log.note(line);
    }

    /// Adds to a failure of the run the HTTP call that caused it, without secrets.
    pub(crate) fn name_call(&self, error: Error) -> Error {
        let error = self.0.http.name_call(error);
        match error.failed_call().cloned() {
            Some(mut call) => {
                call.request = self.safe(&call.request);
                error.of_call(call)
            }
            None => error,
        }
    }

    /// Writes lines of the host, which have no secrets, to the log file.
    pub(crate) fn log(&self, lines: &str) {
        self.0.log.append(lines);
    }

    /// Redacts secrets in a text of the plugin and replaces its control characters. Only a message that the host itself made keeps its line
    /// ends.
    pub(crate) fn safe(&self, text: &str) -> String {
        let text = self.0.redactor.redact(text);
        let is_hosts = self.0.last_error.lock().is_ok_and(|last| *last == text);
        match is_hosts {
            true => tw_render::text::visible_lines(&text).into_owned(),
            false => tw_render::text::visible(&text).into_owned(),
        }
    }
}
