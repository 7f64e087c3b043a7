//! Prints to standard error: failures, warnings, and the help of a group without a subcommand.

use std::{io::IsTerminal, sync::Mutex};

use clap::Command;
use serde::Serialize;
use tw_render::{Style, text::visible_lines};

use crate::{
    config::{self, end_log},
    error::{Error, ErrorKind, FailedCall, code},
    owners::warn_unused,
    plugin::Catalog,
    process::{exit_now, has_color},
    service::terminal,
    stdio,
};

/// Prints a failure and returns the exit code.
///
/// The bytes that a failure of a plugin prints are the existing CLI's contract, so the hint of such a failure is shown on terminals only.
pub(super) fn fail(error: &Error) -> u8 {
    match stdio::has_json_errors() {
        true => print_json(error),
        false => print_text(error),
    }
    error.exit_code()
}

/// Ends the process because of a signal: restores the terminal, and prints one error.
pub(super) fn interrupt() {
    // A question that Ctrl-C ends fails too, so two threads can come here.
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock();
    stdio::line::end();
    terminal::restore();
    let error = Error::new(ErrorKind::Cancelled, "Interrupted");
    let exit = fail(&error);
    end_log(exit, Some(&error));
    exit_now(exit);
}

fn print_text(error: &Error) {
    let terminal = std::io::stderr().is_terminal();
    let style = Style {
        color: has_color(&std::io::stderr()),
        ..Style::default()
    };
    let hint = error.next_step();
    // As clap prints a command line that it rejects.
    if error.kind() == ErrorKind::Usage && !error.is_from_plugin() {
        stdio::print_error(tw_render::usage_text(&error.to_string(), hint, &style));
        return;
    }
    let message = match hint.filter(|_| !error.is_from_plugin()) {
        Some(hint) => format!("{error}\n        {}", hint.replace('\n', "\n        ")),
        None => error.to_string(),
    };
    let mut text = tw_render::error_text(&message, &style);
    if error.is_connection() {
        text += &tw_render::error_text(
            "Connection error. Check the connection using the command 'tw info'.",
            &style,
        );
    }
    if error.is_from_plugin() && terminal {
        let facts = error.failed_call().and_then(|call| describe(error, call));
        let lines: Vec<&str> = facts.as_deref().into_iter().chain(hint).collect();
        if !lines.is_empty() {
            let indented = lines.join("\n").replace('\n', "\n       ");
            text += &tw_render::hint_text(&indented, &style);
        }
    }
    stdio::print_error(&text);
}

/// Describes the call that failed. `None` if the message says all of it.
fn describe(error: &Error, call: &FailedCall) -> Option<String> {
    let FailedCall {
        request, server, ..
    } = call;
    match call.status {
        Some(status) => Some(format!("{server} answered {request} with status {status}")),
        None if error.message().contains(server) => None,
        None => Some(format!("the call was {request} at {server}")),
    }
}

/// Prints a failure as one line of JSON. A field that is not known is left out.
fn print_json(error: &Error) {
    #[derive(Serialize)]
    struct Line<'a> {
        error: Fields<'a>,
    }
    #[derive(Serialize)]
    struct Fields<'a> {
        code: &'a str,
        kind: ErrorKind,
        message: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        hint: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        #[serde(skip_serializing_if = "Option::is_none")]
        request: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        server: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        retryable: Option<bool>,
        #[serde(skip_serializing_if = "Option::is_none")]
        plugin: Option<&'a str>,
    }
    let call = error.failed_call();
    stdio::print_json(&Line {
        error: Fields {
            code: error.stable_code(),
            kind: error.kind(),
            message: join_lines(error.message()),
            hint: error.next_step().map(join_lines),
            status: error.status(),
            request: call.map(|call| &*call.request),
            server: call.map(|call| &*call.server),
            retryable: call.map(|call| call.is_retryable),
            plugin: error.plugin(),
        },
    });
}

/// Makes a panic of `tw` itself an error in JSON. Without JSON, the standard library's own message is shown.
pub(super) fn report_panics() {
    if !stdio::has_json_errors() {
        return;
    }
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string);
        let message = format!(
            "tw itself failed at {}: please report it",
            place.unwrap_or_default()
        );
        print_json(&Error::new(ErrorKind::Panic, message).code(code::INTERNAL));
    }));
}

/// Returns a text without the indentation that its lines have on the console, and without control characters.
fn join_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    visible_lines(&lines.join("\n")).into_owned()
}

/// Prints the help of a command that lacks a subcommand to standard error, and returns `exit`.
pub(super) fn missing_command(catalog: &Catalog, command: &mut Command, exit: u8) -> u8 {
    if stdio::has_json_errors() {
        let name = command.get_bin_name().unwrap_or("tw");
        let error = Error::usage(format!("`{name}` needs a command"))
            .code(code::MISSING_COMMAND)
            .hint(format!("`{name} --help` lists the commands"));
        print_json(&error);
    } else {
        let help = command.render_help();
        stdio::print_error(&match has_color(&std::io::stderr()) {
            true => help.ansi().to_string(),
            false => help.to_string(),
        });
    }
    warn_of_broken(catalog);
    warn_of_empty(catalog);
    exit
}

/// Warns of files that aren't used, because somebody else could have written them or they can't be reached.
pub(super) fn warn_of_distrust(catalog: &Catalog) {
    catalog.warnings().iter().for_each(warn_unused);
}

/// Warns of plugins that can't be used. The user may be looking for a command of theirs.
pub(super) fn warn_of_broken(catalog: &Catalog) {
    match catalog.count_broken() {
        0 => {}
        1 => stdio::warn("1 plugin can't be used; `tw plugin list` says why", None),
        n => stdio::warn(
            &format!("{n} plugins can't be used; `tw plugin list` says why"),
            None,
        ),
    }
}

/// Warns if there are no plugins at all.
pub(super) fn warn_of_empty(catalog: &Catalog) {
    if catalog.plugins().is_empty() {
        warn_of_none(catalog);
    }
}

/// Warns if no bundled plugin was found, and says which folder was searched and why no plugin was found there.
pub(super) fn warn_of_none(catalog: &Catalog) {
    if let Some(reason) = catalog.explain_none() {
        let reason = tw_render::text::visible(&reason);
        stdio::warn(&format!("no plugins came with this tw: {reason}"), None);
    }
}

/// Warns of sections of the configuration file whose plugin isn't there, because its name may be mistyped. Does nothing if the run of the plugin `used`
/// did not read the file.
pub(super) fn warn_of_sections(catalog: &Catalog, used: &str) {
    let mut others = config::sections().filter(|name| *name != used).peekable();
    if others.peek().is_none() {
        return;
    }
    let catalog = catalog.ask_again();
    for name in others.filter(|name| catalog.named(name).is_none()) {
        let name = tw_render::text::visible(name);
        stdio::warn(
            &format!(
                "the configuration has the section `[plugin.{name}]`, and there is no plugin of that name"
            ),
            None,
        );
    }
}
