//! Results on standard output: their style, the filter of `--jq`, the pager, and what `--quiet` hides.

use std::{
    borrow::Cow,
    io::{self, IsTerminal, Write},
    path::Path,
};

use tw_plugin_protocol::View;
use tw_render::{Format, Style, UnknownColumn, Value, check_columns, render};

use super::{jq, pager::Pager};
use crate::{config::Settings, error::Error, process::has_color, stdio};

/// Warns that `--columns` has no effect.
pub(super) fn warn_of_columns() {
    stdio::warn(
        "'--columns' has no effect: the result is neither a table nor a record",
        None,
    );
}

/// Returns the style without the choice of columns, and warns that the choice has no effect. This is for results of commands that have changed something:
/// a usage error would say that nothing was done.
pub(super) fn show_all_columns(style: &Style, unknown: &UnknownColumn) -> Style {
    stdio::warn(&format!("'--columns' has no effect: {unknown}"), None);
    Style {
        columns: None,
        ..style.clone()
    }
}

/// The number of columns of a terminal that doesn't say its size, for results that have texts of strangers: a long text must not look like another row.
const USUAL_WIDTH: u16 = 80;

/// Returns the style of standard output. Must be called before standard output is set aside. `usual` is the number of columns of a terminal that doesn't say
/// its size; `None` if tables are then not fitted.
pub(super) fn style(settings: &Settings, usual: Option<u16>) -> Style {
    let stdout = io::stdout();
    let terminal = stdout.is_terminal();
    let style = Style {
        color: has_color(&stdout),
        raw_text: !terminal,
        ..Style::default()
    };
    let size = terminal_size::terminal_size_of(&stdout);
    let width = size.map(|(width, _)| width.0).or(usual);
    settings.shown.apply(style, width.filter(|_| terminal))
}

/// Checks the expression of `--jq` before the command does anything.
pub(super) fn check(settings: &Settings, binary: &Path) -> Result<(), Error> {
    match &settings.shown.jq {
        Some(expression) => jq::check(binary, expression),
        None => Ok(()),
    }
}

/// Returns the view without the fields of its record that have no value. Only the console has room for fewer fields: the columns of the other formats
/// must not depend on the values.
fn without_unset(value: &Value, view: &View) -> View {
    let mut view = view.clone();
    if let View::Record(view) = &mut view {
        let record = value.pointer(&view.record);
        let find = |field: &str| record.and_then(|record| record.pointer(field));
        let is_set = |field: &str| find(field).is_some_and(|value| !matches!(value, Value::Null));
        view.fields.retain(|field| is_set(&field.field));
    }
    view
}

/// Prints the result of a built-in command, followed by a text.
pub(super) fn print(
    settings: &Settings,
    binary: &Path,
    value: &Value,
    view: &View,
    after: &str,
) -> Result<u8, Error> {
    let mut style = style(settings, Some(USUAL_WIDTH));
    if let Some(expression) = &settings.shown.jq {
        let render = |output: &str| jq::render(output, settings.format, &style);
        jq::evaluate(binary, expression, value, &render, &mut write_piece)?;
        return Ok(0);
    }
    // A message confirms to a user what was done.
    let is_message = matches!(view, View::Message(_));
    match check_columns(value, Some(view), settings.format, &style) {
        Ok(true) => {}
        Ok(false) => warn_of_columns(),
        Err(unknown) if is_message => style = show_all_columns(&style, &unknown),
        Err(unknown) => return Err(Error::invalid_value(unknown.to_string())),
    }
    let view = match settings.format {
        Format::Console => Cow::Owned(without_unset(value, view)),
        _ => Cow::Borrowed(view),
    };
    let text = match settings.shown.is_quiet && settings.format == Format::Console && is_message {
        true => String::new(),
        false => render(value, Some(&*view), settings.format, &style) + after,
    };
    let pager = Pager::of(settings).filter(|pager| pager.is_for(&text));
    if let Some(exit) = pager.and_then(|pager| pager.show_alone(&text)) {
        return Ok(exit);
    }
    stdio::print(&text).map_err(Error::output)?;
    Ok(0)
}

/// Writes a piece of a result. Unlike [`stdio::print`], this function fails for a closed pipe too.
fn write_piece(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}
