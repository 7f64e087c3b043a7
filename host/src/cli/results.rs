//! Results on standard output: their style, and the filter of `--jq`.

use std::{
    io::{self, IsTerminal, Write},
    path::Path,
};

use tw_plugin_protocol::View;
use tw_render::{Style, Value, check_columns, render};

use super::jq;
use crate::{config::Settings, error::Error, process::has_no_color, stdio};

/// Warns that `--columns` has no effect.
pub(super) fn warn_of_columns() {
    stdio::warn(
        "'--columns' has no effect: the result is neither a table nor a record",
        None,
    );
}

/// Returns the style of standard output. Must be called before standard output is set aside.
pub(super) fn style(settings: &Settings) -> Style {
    let stdout = io::stdout();
    let terminal = stdout.is_terminal();
    let style = Style {
        color: terminal && !has_no_color(),
        raw_text: !terminal,
        ..Style::default()
    };
    let size = terminal_size::terminal_size_of(&stdout).filter(|_| terminal);
    settings.shown.apply(style, size.map(|(width, _)| width.0))
}

/// Checks the expression of `--jq` before the command does anything.
pub(super) fn check(settings: &Settings, binary: &Path) -> Result<(), Error> {
    match &settings.shown.jq {
        Some(expression) => jq::check(binary, expression),
        None => Ok(()),
    }
}

/// Prints the result of a built-in command, followed by a text.
pub(super) fn print(
    settings: &Settings,
    binary: &Path,
    value: &Value,
    view: &View,
    after: &str,
) -> Result<u8, Error> {
    let style = style(settings);
    if let Some(expression) = &settings.shown.jq {
        let render = |output: &str| jq::render(output, settings.format, &style);
        jq::evaluate(binary, expression, value, &render, &mut write_piece)?;
        return Ok(0);
    }
    match check_columns(value, Some(view), settings.format, &style) {
        Ok(true) => {}
        Ok(false) => warn_of_columns(),
        Err(unknown) => return Err(Error::usage(unknown.to_string())),
    }
    let text = render(value, Some(view), settings.format, &style) + after;
    stdio::print(&text).map_err(Error::output)?;
    Ok(0)
}

/// Writes a piece of a result. Unlike [`stdio::print`], this function fails for a closed pipe too.
fn write_piece(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}
