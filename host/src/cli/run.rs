//! Runs a command of a plugin: trust, load, call, render.

use std::io::IsTerminal;

use tw_plugin_abi::Reply;
use tw_plugin_protocol::{
    Arg, ArgValue, Call, Candidate, Complete, CompleteReply, CompleteRequest, ErrorMessage,
    Outcome, PROTOCOL, Run, RunRequest, ValueKind, View, feature_names, find_mistakes, from_bytes,
    request_to_bytes,
};
use tw_render::{Format, Style, Value, render, text::visible_lines};
use zeroize::Zeroizing;

use super::{
    candidates::{Memory, Wanted},
    values::Values,
};
use crate::{
    config::Settings,
    error::{Error, ErrorKind, exit},
    plugin::{Catalog, Image, Library, Plugin, crash},
    process::has_no_color,
    service::{self, Ended, Sent, Session},
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
    let image = command.verify().map_err(unusable)?;
    let renderer = Renderer::new(&settings);
    let request = build_request(command, values, &settings);
    let session = begin(command, settings, &request, renderer.style.clone());
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

    warn_of_prints(&ended);
    let result = match reply {
        Ok(reply) => renderer.result(&ended, &reply),
        Err(reply) => end_with(&ended, ErrorMessage::from_bytes(&reply.payload))
            .map(|code| (String::new(), Ok(code))),
    };
    let result = result.and_then(|(text, exit)| write(&ended, &text, exit));
    if verbose {
        stdio::print_error(timing::report());
    }
    result
}

/// Adds to the error that the plugin can't be used, with its name.
pub(super) fn unusable(plugin: &Plugin, error: Error) -> Error {
    error.context(format!("The plugin `{}` cannot be used", plugin.name()))
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

/// Writes the rendered result and returns the exit code of the run.
fn write(ended: &Ended, text: &str, exit: Result<u8, Error>) -> Result<u8, Error> {
    match (ended.write(text), exit) {
        (Ok(()), exit) => exit,
        // The failure of the work matters more than the failure to show its result.
        (Err(error), Err(failure)) => {
            ended.warn(&format!("its result can't be written: {error}"));
            Err(failure)
        }
        (Err(error), Ok(_)) => Err(ended.unwritten(error)),
    }
}

/// How the result of the run is rendered.
struct Renderer {
    format: Format,
    style: Style,
}

impl Renderer {
    fn new(settings: &Settings) -> Self {
        let terminal = std::io::stdout().is_terminal();
        let is_styled = terminal && !has_no_color();
        let style = Style {
            color: is_styled,
            hyperlinks: is_styled.then(|| web_address(&settings.endpoint)),
            raw_text: !terminal,
            width: None,
        };
        Self {
            format: settings.format,
            style,
        }
    }

    /// Renders the reply of a plugin. Returns the text, and the exit code or the failure that the plugin reports beside its result.
    fn result(&self, ended: &Ended, reply: &Reply) -> Result<(String, Result<u8, Error>), Error> {
        let unreadable = |message: &str| {
            let message = ErrorMessage::new(ErrorKind::BadRequest, message);
            Error::of_plugin(ended.plugin(), message)
        };
        let outcome: Outcome =
            from_bytes(&reply.payload).map_err(|_| unreadable("its answer can't be read"))?;
        for warning in &outcome.warnings {
            ended.warn(warning);
        }
        for note in &outcome.notes {
            ended.note(note);
        }
        let text = measure("render", || {
            self.render_value(ended, &reply.body, outcome.view)
        });
        let exit = match outcome.failure {
            Some(mut message) => {
                // A failure of this kind says so itself.
                if ended.is_cancelled() && message.kind != ErrorKind::Cancelled {
                    message.message = format!("Interrupted: {}", message.message);
                }
                end_with(ended, message)
            }
            None if ended.is_cancelled() => Ok(exit::INTERRUPTED),
            None => Ok(exit::of_success(outcome.exit_code)),
        };
        match (text, &exit) {
            (Ok(text), _) => Ok((text, exit)),
            // The failure of the work matters more than the failure to show its result.
            (Err(reason), Err(_)) => {
                ended.warn(&reason);
                Ok((String::new(), exit))
            }
            (Err(reason), Ok(_)) => Err(unreadable(&reason)),
        }
    }

    /// Renders the value of a result. Fails with the reason if the value can't be read.
    fn render_value(
        &self,
        ended: &Ended,
        body: &[u8],
        view: Option<View>,
    ) -> Result<String, String> {
        let Some((value, view)) = find_value(ended, body, view)? else {
            return Ok(String::new());
        };
        value
            .check_numbers()
            .map_err(|error| ended.safe(&format!("its result can't be read: {error}")))?;
        // JSON doesn't use the view, so a mistake in the view spoils only the other formats.
        if let Some(view) = view.as_ref().filter(|_| self.format != Format::Json) {
            warn_of_mistakes(ended, &find_mistakes(&value, view));
        }
        Ok(match (&value, &view) {
            (Value::Null, None) => String::new(),
            _ => render(&value, view.as_ref(), self.format, &self.style),
        })
    }
}

/// Returns the value of a result and its view: the plugin's rows or the body of its reply. `None` if the plugin has
/// written its result already. Fails with the reason if the value can't be read.
fn find_value(
    ended: &Ended,
    body: &[u8],
    view: Option<View>,
) -> Result<Option<(Value, Option<View>)>, String> {
    let has_result = view.is_some() || !body.is_empty();
    match ended.take_sent() {
        Sent::Bytes if has_result => {
            Err("it wrote bytes to standard output and returned a result too".into())
        }
        Sent::Rows(..) | Sent::Shown { .. } if has_result => {
            Err("it sent a long result and returned another result too".into())
        }
        Sent::Bytes => Ok(None),
        Sent::Rows(value, table) => Ok(Some((value, Some(View::Table(table))))),
        Sent::Shown {
            is_complete,
            mistakes,
        } => {
            warn_of_mistakes(ended, &mistakes);
            if !is_complete {
                ended.warn("it began a long result and didn't end it, so the result may be incomplete: tell its author");
            }
            Ok(None)
        }
        unsent => {
            if matches!(unsent, Sent::Unfinished) {
                ended.warn("it began a long result and didn't end it, so the result is not shown: tell its author");
            }
            let value = match body {
                [] => Value::Null,
                body => Value::parse(body).ok_or("its result can't be read")?,
            };
            Ok(Some((value, view)))
        }
    }
}

/// Warns of the mistakes of a view.
fn warn_of_mistakes(ended: &Ended, mistakes: &[String]) {
    for mistake in mistakes {
        ended.warn(&format!("{mistake}: tell its author"));
    }
}

/// Ends the run with a failure that the plugin reports. A reader that closes standard output early (`| head`) is no failure.
fn end_with(ended: &Ended, message: ErrorMessage) -> Result<u8, Error> {
    let is_cut_short = ended.is_cut_short(&message);
    let error = failure(ended, message);
    match is_cut_short && !ended.is_cancelled() {
        true => Ok(exit::SUCCESS),
        false => Err(error),
    }
}

/// Makes the error of a failure that the plugin reports: redacted, and without control characters.
fn failure(ended: &Ended, mut message: ErrorMessage) -> Error {
    if message.message.is_empty() {
        message.message = "it failed without saying why".to_owned();
        message.kind = ErrorKind::Unknown;
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

/// Returns the address of the Platform's pages: the endpoint without `api.` or `/api`.
fn web_address(endpoint: &str) -> String {
    match endpoint.strip_suffix("/api") {
        Some(server) => server.to_owned(),
        None => endpoint.replacen("://api.", "://", 1),
    }
}
