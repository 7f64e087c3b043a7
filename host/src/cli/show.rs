//! Prints the result of a built-in command: a value and its view, as the result of a plugin.

use serde_json::Value;
use tw_plugin_protocol::{MessageView, View};

use super::results;
use crate::{config::Settings, error::Error, process};

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
    let binary = process::binary().map_err(Error::system)?;
    results::print(settings, binary, &value.into(), view, after)
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
