//! Running a plugin's command: trust, load, call, show.

use std::io::IsTerminal;

use clap::ArgMatches;
use serde_json::Value;
use tw_plugin_protocol::{
    ArgValue, Call, ErrorMessage, Manifest, Outcome, PROTOCOL, Run, RunRequest, View, to_bytes,
};
use tw_render::{Style, render, text::visible_lines};
use zeroize::Zeroizing;

use super::values;
use crate::{
    config::Settings,
    error::{Error, exit},
    plugin::{Catalog, Known, Library, crash},
    process::has_no_color,
    service::{self, Session},
    stdio::{self, Stdout},
    timing::{self, measure},
};

/// Runs the command and says how the process ends.
pub(super) fn run(
    catalog: &Catalog,
    plugin: &Known,
    manifest: &Manifest,
    path: &[&str],
    matches: &ArgMatches,
    settings: Settings,
) -> Result<u8, Error> {
    let verbose = settings.verbose;
    let unfit = |problem: Error| {
        if let Some(detail) = problem.long_detail().filter(|_| verbose) {
            stdio::print_error(&format!("{}\n", visible_lines(detail)));
        }
        super::unusable(&plugin.name(), problem)
    };
    let image = catalog.verify(plugin).map_err(unfit)?;
    let terminal = std::io::stdout().is_terminal();
    let format = settings.format;
    let style = Style {
        color: terminal && !has_no_color(),
        hyperlinks: (terminal && !has_no_color()).then(|| web_address(&settings.endpoint)),
    };
    let (session, request) = prepare(manifest, path, matches, settings, terminal)?;

    let mut out = Stdout::set_aside().ok();
    crash::name_on_crash(&manifest.name, &plugin.path);
    let library = Library::load(image).map_err(unfit)?;
    service::cancel::on_interrupt(&session);
    let reply = measure("run", || {
        let payload = Zeroizing::new(to_bytes(&request));
        drop(request);
        library.call(session.host(), Run::METHOD, &payload)
    });
    crash::returned();
    let ended = session.end();

    if let Some(bytes) = out
        .as_ref()
        .map(Stdout::stray_bytes)
        .filter(|bytes| *bytes > 0)
    {
        ended.warn(&format!(
            "it wrote {bytes} bytes to standard output by itself; they are not part of the result and were left out. A plugin returns what it has to say: tell its author"
        ));
    }
    let result = match reply {
        Ok(reply) => shown(&ended, &reply.payload, &reply.body, format, &style),
        Err(reply) => {
            let message = serde_json::from_slice(&reply.payload).unwrap_or_default();
            Err(failure(&ended, message))
        }
    };
    let result = result.and_then(|(text, exit)| {
        let written = match &mut out {
            Some(out) => out.write(&text),
            None => stdio::print(&text),
        };
        match (written, exit) {
            (Ok(()), exit) => exit,
            // What became of the work matters more.
            (Err(error), Err(failure)) => {
                ended.warn(&format!("its result can't be written: {error}"));
                Err(failure)
            }
            (Err(error), Ok(_)) => Err(Error::output(error)),
        }
    });
    if verbose {
        stdio::print_error(&timing::report());
    }
    result
}

/// The session, and the message to the plugin.
fn prepare(
    manifest: &Manifest,
    path: &[&str],
    matches: &ArgMatches,
    settings: Settings,
    terminal: bool,
) -> Result<(Session, RunRequest), Error> {
    let (top, below) = path.split_first().unwrap_or((&"", &[]));
    let declared = manifest
        .commands
        .iter()
        .find(|command| command.name == *top);
    let declared = declared
        .map(|top| values::arguments_of(top, below))
        .unwrap_or_default();
    let (arguments, sources) = values::collect(&declared, matches);
    let text_of = |name: &str| match arguments.0.get(name) {
        Some(ArgValue::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let workspace = declared
        .iter()
        .find(|arg| arg.value == tw_plugin_protocol::ValueKind::Workspace);
    let workspace = workspace.and_then(|arg| text_of(&arg.name));
    let mut sensitive = Vec::new();
    for arg in declared.iter().filter(|arg| arg.sensitive) {
        if let Some(value) = arguments.0.get(&arg.name) {
            texts(value, &mut sensitive);
        }
    }
    let request = RunRequest {
        protocol: PROTOCOL,
        host_version: env!("CARGO_PKG_VERSION").to_owned(),
        command: path.iter().map(|name| (*name).to_owned()).collect(),
        sources,
        endpoint: settings.endpoint.clone(),
        format: settings.format.to_string(),
        terminal,
        arguments: arguments.clone(),
    };
    let session = Session::begin(manifest, settings, workspace, sensitive)?;
    Ok((session, request))
}

/// Every text of a value.
fn texts(value: &ArgValue, out: &mut Vec<Zeroizing<String>>) {
    match value {
        ArgValue::Text(text) => out.push(Zeroizing::new(text.clone())),
        ArgValue::Integer(number) => out.push(Zeroizing::new(number.to_string())),
        ArgValue::List(values) => values.iter().for_each(|value| texts(value, out)),
        ArgValue::Flag(_) => {}
    }
}

/// What a command leaves as text, and how it ends.
fn shown(
    ended: &service::Ended,
    payload: &[u8],
    body: &[u8],
    format: tw_render::Format,
    style: &Style,
) -> Result<(String, Result<u8, Error>), Error> {
    let unreadable = |what: &str| {
        Error::of_plugin(
            ended.plugin(),
            ErrorMessage {
                kind: tw_plugin_protocol::ErrorKind::BadRequest,
                message: format!("{what} can't be read"),
                ..Default::default()
            },
        )
    };
    let outcome: Outcome = serde_json::from_slice(payload).map_err(|_| unreadable("its answer"))?;
    for warning in &outcome.warnings {
        ended.warn(warning);
    }
    let (value, view) = match ended.take_rows() {
        Some((value, table)) if outcome.view.is_none() => (value, Some(View::Table(table))),
        _ => match body {
            [] => (Value::Null, outcome.view),
            body => (
                serde_json::from_slice(body).map_err(|_| unreadable("its result"))?,
                outcome.view,
            ),
        },
    };
    let text = measure("render", || match (&value, &view) {
        (Value::Null, None) => String::new(),
        _ => render(&value, view.as_ref(), format, style),
    });
    let exit = match (outcome.failure, outcome.exit_code) {
        (Some(mut message), _) => {
            if ended.is_cancelled() {
                message.message = format!("Interrupted: {}", message.message);
            }
            Err(failure(ended, message))
        }
        _ if ended.is_cancelled() => Ok(exit::INTERRUPTED),
        (None, code @ (0 | 3..=125)) => Ok(code),
        _ => Ok(1),
    };
    Ok((text, exit))
}

/// What a plugin says went wrong, redacted and with its control characters replaced.
fn failure(ended: &service::Ended, mut message: ErrorMessage) -> Error {
    if message.message.is_empty() {
        message.message = "it failed without saying why".to_owned();
        message.kind = tw_plugin_protocol::ErrorKind::Unknown;
    }
    for warning in &message.warnings {
        ended.warn(warning);
    }
    if ended.is_cancelled() {
        message.exit_code = Some(exit::INTERRUPTED);
    }
    message.message = ended.safe(&message.message);
    message.hint = message.hint.map(|hint| ended.safe(&hint));
    Error::of_plugin(ended.plugin(), message)
}

/// The address of the Platform's pages: the API's without `api.` or `/api`.
fn web_address(endpoint: &str) -> String {
    match endpoint.strip_suffix("/api") {
        Some(server) => server.to_owned(),
        None => endpoint.replacen("://api.", "://", 1),
    }
}
