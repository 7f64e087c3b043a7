//! Prints the result of a built-in command: a value and its view, as the result of a plugin.

use std::io::IsTerminal;

use serde_json::Value;
use tw_plugin_protocol::{MessageView, View};
use tw_render::{Style, render};

use super::plugin::view;
use crate::{config::Settings, error::Error, process, stdio};

/// Prints a result.
pub(super) fn print(settings: &Settings, value: &Value, view: &View) -> Result<u8, Error> {
    print_with(settings, value, view, "")
}

/// Prints a result, followed by a text.
pub(super) fn print_with(
    settings: &Settings,
    value: &Value,
    view: &View,
    after: &str,
) -> Result<u8, Error> {
    let terminal = std::io::stdout().is_terminal();
    let style = Style {
        color: terminal && !process::has_no_color(),
        raw_text: !terminal,
        // A long text of a stranger must not look like another row or field.
        width: terminal.then(|| view::width(std::io::stdout())),
        ..Style::default()
    };
    let text = render(&value.into(), Some(view), settings.format, &style) + after;
    stdio::print(&text).map_err(Error::output)?;
    Ok(0)
}

/// Prints a sentence that says what was done. Formats for programs get `value` instead.
pub(super) fn print_message(
    settings: &Settings,
    value: &Value,
    text: impl Into<String>,
) -> Result<u8, Error> {
    let view = View::Message(MessageView {
        text: text.into(),
        ..Default::default()
    });
    print(settings, value, &view)
}
