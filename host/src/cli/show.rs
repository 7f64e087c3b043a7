//! Prints the result of a built-in command: a value and its view, as the result of a plugin.

use serde_json::Value;
use tw_plugin_protocol::{MessageView, View};

use super::{report, results};
use crate::{
    config::Settings,
    error::{Error, exit},
    process, stdio,
};

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

/// Prints the result of checks, followed by a text, and returns the exit code. If a check failed, `failure` says so to programs, which would otherwise
/// need the form of this result; people see it in the result itself.
pub(super) fn print_checks(
    settings: &Settings,
    value: &Value,
    view: &View,
    after: &str,
    failure: Option<Error>,
) -> Result<u8, Error> {
    let exit = print_with(settings, value, view, after)?;
    Ok(match failure {
        None => exit,
        Some(error) => fail_checks(&error),
    })
}

/// Returns the exit code of checks that failed, and reports the failure to programs.
pub(super) fn fail_checks(failure: &Error) -> u8 {
    if stdio::has_json_errors() {
        report::fail(failure);
    }
    exit::FAILURE
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
