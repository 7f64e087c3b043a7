//! Runs a command of a plugin: trust, load, call, render.

use std::io::IsTerminal;

use tw_plugin_protocol::{
    Arg, ArgValue, Call, Candidate, Complete, CompleteReply, CompleteRequest, ErrorMessage,
    PROTOCOL, Run, RunRequest, ValueKind, feature_names, from_bytes, request_to_bytes,
};
use tw_render::{Style, text::visible_lines};
use zeroize::Zeroizing;

use super::{
    candidates::{self, Memory, Wanted},
    outcome::Renderer,
    results,
    values::Values,
};
use crate::{
    config::Settings,
    error::{Error, code},
    plugin::{Catalog, Image, Library, Plugin, crash},
    service::{self, Ended, Session},
    stdio,
    timing::{self, measure},
    trust::Policy,
};

/// A command of a plugin that the command line names.
#[derive(Clone, Copy)]
pub(super) struct Command<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) plugin: &'a Plugin,
    /// The names that lead to the command.
    pub(super) path: &'a [&'a str],
    /// The command's arguments.
    pub(super) args: &'a [&'a Arg],
}

impl Command<'_> {
    /// Checks that the plugin's library may be loaded, and returns its content.
    fn verify(&self) -> Result<Image, Error> {
        let policy = Policy::read(self.catalog.binary())?;
        self.catalog.verify(self.plugin, &policy)
    }
}

/// Runs a command of a plugin and returns the exit code.
pub(super) fn run(command: &Command<'_>, values: Values, settings: Settings) -> Result<u8, Error> {
    let plugin = command.plugin;
    let verbose = settings.verbose;
    let unusable = |error: Error| {
        if let Some(detail) = error.long_detail().filter(|_| verbose) {
            stdio::print_error(format!("{}\n", visible_lines(detail)));
        }
        unusable(plugin, error)
    };
    results::check(&settings, command.catalog.binary())?;
    let image = command.verify().map_err(unusable)?;
    let renderer = Renderer::new(command.catalog.binary(), &settings);
    let request = build_request(command, values, &settings);
    let session = begin(command, settings, &request, renderer.style().clone());
    crash::name_on_crash(&plugin.name(), &plugin.path);
    // A library that wasn't loaded is no longer to blame if the process ends.
    let library = match Library::load(image) {
        Ok(library) => library,
        Err(error) => {
            crash::mark_returned();
            // The library's constructors may have printed.
            warn_of_prints(&session.end());
            return Err(unusable(error));
        }
    };
    service::cancel::on_interrupt(&session);
    let reply = measure("run", || {
        let payload = Zeroizing::new(request_to_bytes::<Run>(&request));
        library.call(session.host(), Run::METHOD, &payload)
    });
    crash::mark_returned();
    let ended = session.end();
    candidates::forget();

    warn_of_prints(&ended);
    let result = match reply {
        Ok(reply) => renderer.result(&ended, &reply),
        Err(reply) => renderer.failure(&ended, &reply),
    };
    let result = result.and_then(|(rendered, exit)| renderer.write(&ended, &rendered, exit));
    let times = timing::report();
    ended.log(&times);
    if verbose {
        stdio::print_error(times);
    }
    result
}

/// Adds to the error that the plugin can't be used, with its name.
pub(super) fn unusable(plugin: &Plugin, error: Error) -> Error {
    let name = plugin.name();
    let error = match error.stable_code() {
        code::NEEDS_NEWER_TW => error,
        _ => error.code(code::PLUGIN_UNUSABLE),
    };
    error
        .context(format!("The plugin `{name}` cannot be used"))
        .about_plugin(&name)
}

/// Completes a value of an argument of a command.
pub(super) fn complete(
    command: &Command<'_>,
    values: Values,
    settings: Settings,
    wanted: &Wanted,
) -> Result<Vec<Candidate>, Error> {
    let request = build_request(command, values, &settings);
    let library = command.plugin.path.to_string_lossy();
    let memory = Memory::of(&library, &settings, &request, wanted);
    if let Some(candidates) = memory.read() {
        return Ok(candidates);
    }
    let _turn = memory.wait_for_turn();
    // Another process may have asked the same in the meantime.
    if let Some(candidates) = memory.read() {
        return Ok(candidates);
    }
    let mut args = command.args.iter();
    let declared = args.find(|arg| arg.name == wanted.argument);
    let candidates = match declared {
        Some(arg) if arg.completes => ask_plugin(command, request, settings, wanted)?,
        Some(arg) if arg.value == ValueKind::Workspace => {
            begin(command, settings, &request, Style::default()).name_workspaces()?
        }
        _ => Vec::new(),
    };
    memory.write(&candidates);
    Ok(candidates)
}

fn ask_plugin(
    command: &Command<'_>,
    run: RunRequest,
    settings: Settings,
    wanted: &Wanted,
) -> Result<Vec<Candidate>, Error> {
    let image = command.verify()?;
    let session = begin(command, settings, &run, Style::default());
    let request = CompleteRequest {
        run,
        argument: wanted.argument.clone(),
        word: wanted.word.clone(),
    };
    let payload = request_to_bytes::<Complete>(&request);
    let reply = Library::load(image)?.call(session.host(), Complete::METHOD, &payload);
    let reply = reply.map_err(|reply| {
        let message = ErrorMessage::from_bytes(&reply.payload);
        Error::of_plugin(&command.plugin.name(), message)
    })?;
    let reply: CompleteReply = from_bytes(&reply.payload).unwrap_or_default();
    Ok(reply.values)
}

/// Builds the request to run a command.
fn build_request(command: &Command<'_>, values: Values, settings: &Settings) -> RunRequest {
    RunRequest {
        protocol: PROTOCOL,
        host_version: env!("CARGO_PKG_VERSION").to_owned(),
        features: feature_names(),
        command: command.path.iter().map(|name| (*name).to_owned()).collect(),
        sources: values.sources,
        endpoint: settings.endpoint.clone(),
        format: settings.format.to_string(),
        terminal: std::io::stdout().is_terminal(),
        arguments: values.arguments,
        ..Default::default()
    }
}

/// Begins the session in which a command runs.
fn begin(command: &Command<'_>, settings: Settings, request: &RunRequest, style: Style) -> Session {
    let Command { plugin, args, .. } = *command;
    let arguments = &request.arguments;
    let text_of = |name: &str| match arguments.0.get(name) {
        Some(ArgValue::Text(text)) => Some(text.clone()),
        _ => None,
    };
    let workspace = args.iter().find(|arg| arg.value == ValueKind::Workspace);
    let workspace = workspace.and_then(|arg| text_of(&arg.name));
    let secret = args.iter().filter(|arg| arg.sensitive);
    let sensitive = secret.filter_map(|arg| arguments.0.get(&arg.name));
    let caller = service::Caller {
        plugin: plugin.name(),
        version: plugin
            .summary()
            .map(|summary| summary.version.clone())
            .unwrap_or_default(),
        services: plugin
            .summary()
            .map(|summary| summary.services.clone())
            .unwrap_or_default(),
        terminal: service::terminal::describe(),
        style,
    };
    Session::begin(caller, settings, workspace, sensitive)
}

/// Warns if the plugin printed to standard output.
fn warn_of_prints(ended: &Ended) {
    let bytes = ended.end_prints();
    if bytes > 0 {
        ended.warn(&format!(
            "it wrote {bytes} bytes to standard output by itself; they are not part of the result and went to standard error. A plugin returns what it has to say: tell its author"
        ));
    }
}
