//! The host's side of what plugins may ask for: a file a service.
//!
//! A session is one run of one command. A plugin names it by a number, and what it may ask for is what its manifest declares. When the
//! run has ended, whatever still calls is answered with `closed`.

mod auth;
pub(crate) mod cancel;
mod clock;
mod dispatch;
pub(crate) mod document;
pub(crate) mod http;
mod input;
mod log;
mod output;
mod progress;
pub(crate) mod prompt;
mod redact;
pub(crate) mod terminal;
mod workspace;

use std::{
    collections::HashMap,
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tw_plugin_abi::HostRef;
use tw_plugin_protocol::{ErrorKind, ErrorMessage, TableView};
use zeroize::Zeroizing;

use self::{
    auth::Identity, cancel::Cancel, http::Http, log::Log, output::Rows, progress::Displays,
    redact::Redactor, workspace::Selection,
};
use crate::config::Settings;

/// What a service answers: its message, and a raw body.
type Answer<T> = Result<(T, Vec<u8>), ErrorMessage>;

/// All that a run has to do with.
struct State {
    plugin: String,
    services: Vec<String>,
    settings: Arc<Settings>,
    cancel: Arc<Cancel>,
    redactor: Arc<Redactor>,
    log: Log,
    http: Http,
    identity: Identity,
    workspace: Selection,
    rows: Mutex<Rows>,
    displays: Displays,
    /// The last failure that the host itself worded: a plugin usually returns it as it is.
    said: Mutex<String>,
    /// Services that were refused, and whose refusal a plugin doesn't hear of.
    refused: Mutex<Vec<String>>,
}

static SESSIONS: LazyLock<Mutex<HashMap<u64, Arc<State>>>> = LazyLock::new(Mutex::default);

fn sessions() -> std::sync::MutexGuard<'static, HashMap<u64, Arc<State>>> {
    SESSIONS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A run that is going on.
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
}

impl Session {
    /// Begins a run of a plugin. `workspace` is the value of its workspace option, and `sensitive` are the values to redact.
    pub(crate) fn begin(
        caller: Caller,
        settings: Settings,
        workspace: Option<String>,
        sensitive: Vec<Zeroizing<String>>,
    ) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let settings = Arc::new(settings);
        let redactor = Arc::new(Redactor::new(settings.token.as_ref()));
        sensitive.into_iter().for_each(|value| redactor.add(value));
        let displays = Displays::new(settings.verbose);
        let cancel = Arc::new(Cancel::new());
        let log = Log::new(&caller.plugin, settings.verbose, Arc::clone(&redactor));
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
                agent,
            ),
            settings,
            cancel,
            redactor,
            log,
            identity: Identity::default(),
            workspace: Selection::new(workspace),
            rows: Mutex::default(),
            displays,
            said: Mutex::default(),
            refused: Mutex::default(),
        });
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        sessions().insert(number, Arc::clone(&state));
        Self { number, state }
    }

    /// The plugin's handle on this run.
    pub(crate) fn host(&self) -> HostRef {
        HostRef::new(self.number, dispatch::call)
    }

    /// Ends the run: from here on, its calls are answered with `closed`, and what it left open is closed.
    pub(crate) fn end(self) -> Ended {
        sessions().remove(&self.number);
        self.state.http.close_all();
        self.state.displays.close_all();
        Ended(self.state)
    }
}

/// A run that has ended.
pub(crate) struct Ended(Arc<State>);

impl Ended {
    pub(crate) fn plugin(&self) -> &str {
        &self.0.plugin
    }

    /// The long result, when one was sent and ended.
    pub(crate) fn take_rows(&self) -> Option<(serde_json::Value, TableView)> {
        let mut rows = self.0.rows.lock().unwrap_or_else(PoisonError::into_inner);
        if rows.is_open() {
            self.warn("it began a long result and didn't end it, so nothing of it is shown: tell its author");
        }
        rows.take()
    }

    /// Whether the person asked for the run to stop.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.0.cancel.is_cancelled()
    }

    /// A warning about the plugin, or of it.
    pub(crate) fn warn(&self, line: &str) {
        self.0.log.warn(line);
    }

    /// A text of the plugin's, fit to be shown: secrets redacted, control characters replaced, one line. What the host itself had said may have more.
    pub(crate) fn safe(&self, text: &str) -> String {
        let text = self.0.redactor.redact(text);
        let host_said = self.0.said.lock().is_ok_and(|said| *said == text);
        match host_said {
            true => tw_render::text::visible_lines(&text).into_owned(),
            false => tw_render::text::visible(&text).into_owned(),
        }
    }
}

/// The answer to a call of a run that has ended.
pub(crate) fn closed() -> ErrorMessage {
    fail(
        ErrorKind::Closed,
        "the run has ended, and with it the host's services",
    )
}

/// A failure of this kind.
fn fail(kind: ErrorKind, message: impl Into<String>) -> ErrorMessage {
    ErrorMessage {
        kind,
        message: message.into(),
        ..Default::default()
    }
}
