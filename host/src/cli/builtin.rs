//! The host's own commands: `tw plugin` and `tw completion`.

use clap::{ArgMatches, Command};

use super::{completion, plugin};
use crate::{
    config::{Settings, options},
    error::Error,
    plugin::Catalog,
};

/// The commands: those that `expand` names in full, the others as a name and a line.
pub(super) fn commands(expand: impl Fn(&str) -> bool) -> [Command; 2] {
    let plugin = match expand("plugin") {
        true => plugin::command(),
        false => Command::new("plugin").about(plugin::ABOUT),
    };
    [plugin, options::add_to_command(completion::command())]
}

/// Runs one of them. `matches` are those of the command at the top.
pub(super) fn run(
    catalog: &Catalog,
    path: &[&str],
    matches: &ArgMatches,
    settings: &Settings,
) -> Result<u8, Error> {
    match path {
        ["plugin", ..] => plugin::run(catalog, matches, settings),
        _ => completion::register(matches),
    }
}
