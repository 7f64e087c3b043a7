//! The outcome of a run: renders the result of a plugin, filters it with `--jq`, and makes the error of a failure.

use std::{borrow::Cow, path::Path};

use serde::de::IgnoredAny;
use tw_plugin_abi::Reply;
use tw_plugin_protocol::{ErrorMessage, Outcome, View, find_mistakes, from_bytes};
use tw_render::{Format, Style, Value, check_columns, render};

use super::{
    jq,
    pager::{Paged, Pager},
    results,
    wording::without_internals,
};
use crate::{
    config::Settings,
    error::{Error, ErrorKind, code, exit},
    process::has_links,
    service::{Ended, Sent},
    timing::measure,
};

/// A result that can be written.
pub(super) enum Rendered {
    Text(String),
    /// A value that `--jq` filters.
    Unfiltered(Value),
}

/// A result, and the exit code of the run or the failure that the plugin reports beside its result.
pub(super) type Finished = (Rendered, Result<u8, Error>);

/// The reason why a result isn't shown.
enum Unshown {
    /// The plugin has made a mistake. The text continues a sentence about it.
    Mistake(String),
    /// The command line asks for something that the result doesn't have.
    Usage(String),
}

/// The format and the style in which the result of the run is rendered.
pub(super) struct Renderer<'a> {
    binary: &'a Path,
    format: Format,
    style: Style,
    /// The expression of `--jq`.
    jq: Option<String>,
    /// `None` if results are not paged.
    pager: Option<Pager>,
    is_quiet: bool,
}

impl<'a> Renderer<'a> {
    pub(super) fn new(binary: &'a Path, settings: &Settings) -> Self {
        let style = results::style(settings, None);
        Self {
            binary,
            format: settings.format,
            style: Style {
                hyperlinks: has_links(&std::io::stdout()).then(|| web_address(&settings.endpoint)),
                ..style
            },
            jq: settings.shown.jq.clone(),
            pager: Pager::of(settings),
            is_quiet: settings.shown.is_quiet,
        }
    }

    /// Returns the style of standard output.
    pub(super) fn style(&self) -> &Style {
        &self.style
    }

    /// Ends a run that failed without a result. Fails, unless the reader of standard output has closed it.
    pub(super) fn failure(&self, ended: &Ended, reply: &Reply) -> Result<Finished, Error> {
        ended.write_collected();
        let code = end_with(ended, ErrorMessage::from_bytes(&reply.payload))?;
        Ok((Rendered::Text(String::new()), Ok(code)))
    }

    /// Renders the reply of a plugin. Returns the result, and the exit code or the failure that the plugin reports beside its result.
    pub(super) fn result(&self, ended: &Ended, reply: &Reply) -> Result<Finished, Error> {
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
        if outcome.failure.is_some() {
            ended.write_collected();
        }
        let must_show = ended.has_changed() || outcome.failure.is_some();
        let rendered = measure("render", || {
            self.render_value(ended, &reply.body, outcome.view, must_show)
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
        match (rendered, &exit) {
            (Ok(rendered), _) => Ok((rendered, exit)),
            // The failure of the work matters more than the failure to show its result.
            (Err(Unshown::Mistake(reason) | Unshown::Usage(reason)), Err(_)) => {
                ended.warn(&reason);
                Ok((Rendered::Text(String::new()), exit))
            }
            (Err(Unshown::Mistake(reason)), Ok(_)) => Err(unreadable(&reason)),
            (Err(Unshown::Usage(reason)), Ok(_)) => {
                let message = ErrorMessage::new(ErrorKind::Usage, reason);
                let error = Error::of_plugin(ended.plugin(), message);
                Err(error.code(code::INVALID_VALUE))
            }
        }
    }

    /// Renders the value of a result. With `must_show`, a wrong choice of columns is no error.
    fn render_value(
        &self,
        ended: &Ended,
        body: &[u8],
        view: Option<View>,
        must_show: bool,
    ) -> Result<Rendered, Unshown> {
        let found = find_value(ended, body, view).map_err(Unshown::Mistake)?;
        let Some((value, view)) = found else {
            if self.style.columns.is_some() && ended.has_bytes() {
                results::warn_of_columns();
            }
            return Ok(Rendered::Text(String::new()));
        };
        // The bytes that a plugin passes on aren't its own, and `--jq` keeps the spelling of such a number.
        if !ended.has_bytes() {
            value.check_numbers().map_err(|error| {
                Unshown::Mistake(ended.safe(&format!("its result can't be read: {error}")))
            })?;
        }
        if let (Value::Null, None) = (&value, &view) {
            return Ok(Rendered::Text(String::new()));
        }
        if self.jq.is_some() {
            return Ok(Rendered::Unfiltered(value));
        }
        // JSON doesn't use the view, so a mistake in the view spoils only the other formats.
        if let Some(view) = view.as_ref().filter(|_| self.format != Format::Json) {
            warn_of_mistakes(ended, &find_mistakes(&value, view));
        }
        let is_message = matches!(view, Some(View::Message(_)));
        if self.is_quiet && self.format == Format::Console && is_message {
            return Ok(Rendered::Text(String::new()));
        }
        let mut style = Cow::Borrowed(&self.style);
        match check_columns(&value, view.as_ref(), self.format, &style) {
            Ok(true) => {}
            Ok(false) => results::warn_of_columns(),
            Err(unknown) if must_show => {
                style = Cow::Owned(results::show_all_columns(&style, &unknown));
            }
            Err(unknown) => return Err(Unshown::Usage(unknown.to_string())),
        }
        let text = render(&value, view.as_ref(), self.format, &style);
        Ok(Rendered::Text(text))
    }

    /// Writes the result and returns the exit code of the run.
    pub(super) fn write(
        &self,
        ended: &Ended,
        rendered: &Rendered,
        exit: Result<u8, Error>,
    ) -> Result<u8, Error> {
        let written = match (rendered, &self.jq) {
            (Rendered::Unfiltered(value), Some(expression)) => {
                self.filter(ended, expression, value)
            }
            (Rendered::Unfiltered(_), None) => Ok(()),
            (Rendered::Text(text), _) => self.show(ended, text),
        };
        match (written, exit) {
            (Ok(()), exit) => exit,
            // The failure of the work matters more than the failure to show its result.
            (Err(error), Err(failure)) => {
                ended.warn(&format!("its result can't be written: {error}"));
                Err(failure)
            }
            (Err(error), Ok(_)) => Err(error),
        }
    }

    /// Shows a text: in the pager if it is longer than the terminal.
    fn show(&self, ended: &Ended, text: &str) -> Result<(), Error> {
        let pager = self.pager.as_ref().filter(|pager| pager.is_for(text));
        if let Some((pager, stdout)) = pager.and_then(|pager| Some((pager, ended.stdout()?))) {
            match pager.show(text, stdout, |start| ended.run_in_foreground(start)) {
                Paged::Shown => return Ok(()),
                Paged::Interrupted => return Err(Error::new(ErrorKind::Cancelled, "Interrupted")),
                Paged::Failed => {}
            }
        }
        ended.write(text).map_err(|error| ended.unwritten(error))
    }

    /// Filters the value with an expression, and writes the outputs.
    fn filter(&self, ended: &Ended, expression: &str, value: &Value) -> Result<(), Error> {
        let render = |output: &str| jq::render(output, self.format, &self.style);
        let mut write = |text: &str| ended.write_piece(text);
        let filtered = jq::evaluate(self.binary, expression, value, &render, &mut write);
        if ended.is_cancelled() {
            return Err(Error::new(ErrorKind::Cancelled, "Interrupted"));
        }
        filtered.map_err(|error| {
            let message = ended.safe(error.message());
            let failure = Error::new(error.kind(), ended.name_change(message));
            match error.next_step() {
                Some(hint) => failure.hint(hint),
                None => failure,
            }
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
        Sent::Collected(bytes) if !has_result => match Value::parse(&bytes) {
            Some(value) => Ok(Some((value, None))),
            None if serde_json::from_slice::<IgnoredAny>(&bytes).is_ok() => {
                Err("its result is nested too deeply, so '--jq' can't filter it".into())
            }
            None => Err("its result is no JSON, so '--jq' can't filter it".into()),
        },
        Sent::Collected(_) => {
            Err("it wrote bytes to standard output and returned a result too".into())
        }
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
    message.message = without_internals(ended.safe(&message.message));
    message.hint = message.hint.map(|hint| ended.safe(&hint));
    ended.name_call(Error::of_plugin(ended.plugin(), message))
}

/// Returns the address of the Platform's pages: the endpoint without `api.` or `/api`.
pub(super) fn web_address(endpoint: &str) -> String {
    match endpoint.strip_suffix("/api") {
        Some(server) => server.to_owned(),
        None => endpoint.replacen("://api.", "://", 1),
    }
}
