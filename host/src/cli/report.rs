//! Prints to standard error: failures, warnings, and the help of a group without a subcommand.

use std::io::IsTerminal;

use clap::Command;
use tw_render::Style;

use crate::{
    config, error::Error, owners::warn_unused, plugin::Catalog, process::has_color, stdio,
};

/// Prints a failure and returns the exit code.
///
/// The bytes that a failure of a plugin prints are the existing CLI's contract, so the hint of such a failure is shown on terminals only.
pub(super) fn fail(error: &Error) -> u8 {
    let terminal = std::io::stderr().is_terminal();
    let style = Style {
        color: has_color(&std::io::stderr()),
        ..Style::default()
    };
    let hint = error.next_step();
    let message = match hint.filter(|_| !error.is_from_plugin()) {
        Some(hint) => format!("{error}\n        {hint}"),
        None => error.to_string(),
    };
    let mut text = tw_render::error_text(&message, &style);
    if error.is_connection() {
        text += &tw_render::error_text(
            "Connection error. Check the connection using the command 'tw info'.",
            &style,
        );
    }
    if let Some(hint) = hint.filter(|_| error.is_from_plugin() && terminal) {
        text += &tw_render::hint_text(hint, &style);
    }
    stdio::print_error(&text);
    error.exit_code()
}

/// Prints the help of a command that lacks a subcommand to standard error, and returns `exit`.
pub(super) fn missing_command(catalog: &Catalog, command: &mut Command, exit: u8) -> u8 {
    let help = command.render_help();
    stdio::print_error(&match has_color(&std::io::stderr()) {
        true => help.ansi().to_string(),
        false => help.to_string(),
    });
    warn_of_broken(catalog);
    warn_of_empty(catalog);
    exit
}

/// Warns of files that aren't used, because somebody else could have written them or they can't be reached.
pub(super) fn warn_of_distrust(catalog: &Catalog) {
    catalog.warnings().iter().for_each(warn_unused);
}

/// Warns of plugins that can't be used. The person may be looking for a command of theirs.
pub(super) fn warn_of_broken(catalog: &Catalog) {
    match catalog.count_broken() {
        0 => {}
        1 => stdio::print_error("warning: 1 plugin can't be used; `tw plugin list` says why\n"),
        n => stdio::print_error(format!(
            "warning: {n} plugins can't be used; `tw plugin list` says why\n"
        )),
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
        stdio::print_error(format!("warning: no plugins came with this tw: {reason}\n"));
    }
}

/// Warns of sections of the configuration file whose plugin isn't there, because its name may be mistyped. Does nothing if the run of the plugin `used`
/// did not read the file.
pub(super) fn warn_of_sections(catalog: &Catalog, used: &str) {
    let sections = config::sections();
    let mut others = sections.iter().filter(|name| *name != used).peekable();
    if others.peek().is_none() {
        return;
    }
    let catalog = catalog.ask_again();
    for name in others.filter(|name| catalog.named(name).is_none()) {
        let name = tw_render::text::visible(name);
        stdio::print_error(format!(
            "warning: the configuration has the section `[plugin.{name}]`, and there is no plugin of that name\n"
        ));
    }
}
