//! `tw plugin`: lists, installs, changes and publishes plugins. Each subcommand has a file of its own.

pub(super) mod ask;
mod changes;
mod files;
mod index;
mod info;
mod install;
mod key;
mod link;
mod list;
mod login;
mod pack;
mod plan;
mod publish;
mod remove;
mod rollback;
mod search;
mod sign;
mod status;
mod sync;
mod upgrade;
mod verify;
pub(super) mod view;

use clap::{ArgMatches, Command, FromArgMatches, Subcommand};
use serde_json::Value;
use tw_plugin_protocol::View;
use tw_render::{Format, text::visible};

use super::{check::check, line::Line, results, show};
use crate::{
    config::{Settings, options},
    error::{Error, ErrorKind},
    package::Context,
    plugin::Catalog,
    store::{Lock, Store},
    trust::Policy,
};

pub(super) const ABOUT: &str = "List, install and publish plugins";

#[derive(Debug, Subcommand)]
enum Plugin {
    /// List plugins, and say why a broken one can't be used
    List(list::List),
    /// Show the details of a plugin, with its commands and the services it uses
    Info(info::Info),
    /// Search for plugins in the local copies of the indices
    Search(search::Search),
    /// Install a plugin, after showing what it contains; none of its code runs
    Install(install::Install),
    /// Install newer versions of plugins from their sources
    Upgrade(upgrade::Upgrade),
    /// Return to the previous version of a plugin
    Rollback(rollback::Rollback),
    /// Remove an installed plugin
    Remove(remove::Remove),
    /// Check installed plugins against the lock file
    Verify(verify::Verify),
    /// Make the installed plugins match a lock file
    Sync(sync::Sync),
    /// Use a plugin library directly from where it is built
    Link(link::Link),
    /// Stop using a linked library
    Unlink(link::Unlink),
    /// Manage the indices that plugins are installed from
    #[command(subcommand)]
    Index(index::Index),
    /// Manage signing keys and trusted keys
    #[command(subcommand)]
    Key(key::Key),
    /// Check a plugin and make a package of it
    Pack(pack::Pack),
    /// Sign packages or an index
    Sign(sign::Sign),
    /// Publish the packages of a version, or a signed index, to a registry
    Publish(publish::Publish),
}

/// Returns the command with its subcommands.
pub(super) fn command(line: &Line) -> Command {
    let command = Plugin::augment_subcommands(Command::new("plugin").about(ABOUT));
    let command = ["install", "upgrade", "sync", "publish"]
        .into_iter()
        .fold(command, |command, name| {
            command.mut_subcommand(name, options::add_plain_http)
        });
    let command = command.mut_subcommand("index", |index| {
        ["add", "update"].into_iter().fold(index, |index, name| {
            index.mut_subcommand(name, options::add_plain_http)
        })
    });
    add_root_options(command, line)
}

/// Adds the root options to a command, and to those of its subcommands that the line names.
pub(super) fn add_root_options(command: Command, line: &Line) -> Command {
    let named = command
        .get_subcommands()
        .map(|below| below.get_name().to_owned());
    let named: Vec<String> = named.filter(|name| line.names(name)).collect();
    let command = named.iter().fold(command, |command, name| {
        command.mut_subcommand(name, |below| add_root_options(below, line))
    });
    options::add_to_command(command)
}

/// Runs the subcommand that was given, and returns the exit code.
pub(super) fn run(
    catalog: &Catalog,
    matches: &ArgMatches,
    settings: &Settings,
) -> Result<u8, Error> {
    let plugin =
        Plugin::from_arg_matches(matches).map_err(|error| Error::usage(error.to_string()))?;
    results::check(settings, catalog.binary())?;
    let context = Context::new(settings, check, catalog);
    let run = Run {
        catalog,
        settings,
        context: &context,
    };
    match plugin {
        Plugin::List(list) => list.run(&run),
        Plugin::Info(info) => info.run(&run),
        Plugin::Search(search) => search.run(&run),
        Plugin::Install(install) => install.run(&run),
        Plugin::Upgrade(upgrade) => upgrade.run(&run),
        Plugin::Rollback(rollback) => rollback.run(&run),
        Plugin::Remove(remove) => remove.run(&run),
        Plugin::Verify(verify) => verify.run(&run),
        Plugin::Sync(sync) => sync.run(&run),
        Plugin::Link(link) => link.run(&run),
        Plugin::Unlink(unlink) => unlink.run(&run),
        Plugin::Index(index) => index.run(&run),
        Plugin::Key(key) => key.run(&run),
        Plugin::Pack(pack) => pack.run(&run),
        Plugin::Sign(sign) => sign.run(&run),
        Plugin::Publish(publish) => publish.run(&run),
    }
}

/// The surroundings of a subcommand.
struct Run<'a> {
    catalog: &'a Catalog,
    settings: &'a Settings,
    context: &'a Context<'a>,
}

impl Run<'_> {
    fn policy(&self) -> Result<Policy, Error> {
        Policy::read(self.catalog.binary())
    }

    fn store(&self) -> Result<Store, Error> {
        Store::of_user().ok_or_else(Error::no_home)
    }

    fn lock(&self) -> Result<Lock, Error> {
        Lock::read(&self.store()?.lock_file())
    }

    /// Prints a result.
    fn print(&self, value: &Value, view: &View) -> Result<u8, Error> {
        self.print_with(value, view, "")
    }

    /// Prints a result, followed by a text.
    fn print_with(&self, value: &Value, view: &View, after: &str) -> Result<u8, Error> {
        show::print_with(self.settings, value, view, after)
    }

    /// Prints a sentence that says what was done. Formats for programs get `value` instead.
    fn print_message(&self, value: &Value, text: String) -> Result<u8, Error> {
        show::print_message(self.settings, value, text)
    }

    /// Prints a plan, unless the user has agreed to it and wants to see nothing.
    fn show_plan(&self, text: &str, has_yes: bool) {
        if !(has_yes && self.settings.shown.is_quiet) {
            say(text);
        }
    }

    /// True if the result is printed for people.
    fn is_console(&self) -> bool {
        matches!(self.settings.format, Format::Console)
    }
}

/// Prints a text for people to standard error.
fn say(text: &str) {
    crate::stdio::print_error(text);
}

fn warn(message: &str) {
    crate::stdio::warn(&visible(message), None);
}

fn not_installed(name: &str) -> Error {
    Error::new(
        ErrorKind::NotFound,
        format!("no plugin `{}` is installed", visible(name)),
    )
    .hint("`tw plugin list` shows the installed plugins")
}
