//! `tw plugin`: what is there, and how it comes, changes and goes.

mod author;
mod change;
mod index;
mod install;
mod key;
mod link;
mod publish;
mod show;

use clap::{ArgMatches, Command, FromArgMatches, Subcommand};
use serde_json::Value;
use tw_plugin_protocol::{Column, MessageView, View};
use tw_render::{Style, render, text::visible};
use zeroize::Zeroizing;

use super::{check::check, line::Line};
use crate::{
    config::{Settings, options},
    error::{Error, ErrorKind, exit},
    package::Context,
    plugin::Catalog,
    process::{self, exit_now},
    service::{prompt::yes_or_no, terminal},
    store::Store,
    trust::Policy,
};

pub(super) const ABOUT: &str = "See, install and publish plugins";

#[derive(Debug, Subcommand)]
enum Plugin {
    /// List the plugins, and why a broken one is broken
    List(show::List),
    /// Show what a plugin is, what it adds, and what it may ask of tw
    Info(show::Info),
    /// Find plugins in the indices, by what was fetched of them last
    Search(index::Search),
    /// Install a plugin; what it is and may do is shown first, and nothing of it runs
    Install(install::Install),
    /// Install newer versions of plugins, from where they came
    Upgrade(install::Upgrade),
    /// Go back to the version that a plugin had before
    Rollback(change::Rollback),
    /// Remove a plugin
    Remove(change::Remove),
    /// Compare what is installed with what was installed
    Verify(change::Verify),
    /// Make this machine match a lock
    Sync(change::Sync),
    /// Use a library from where it is built, whenever it is built anew
    Link(link::Link),
    /// Use a linked library no more
    Unlink(link::Unlink),
    /// The indices that plugins are installed from
    #[command(subcommand)]
    Index(index::Index),
    /// The keys that plugins are signed with, and those that are trusted
    #[command(subcommand)]
    Key(key::Key),
    /// Make a package of a plugin, and check it
    Pack(author::Pack),
    /// Sign packages or an index
    Sign(author::Sign),
    /// Put the packages of a version into a registry
    Publish(publish::Publish),
}

/// Returns the command with its subcommands.
pub(super) fn command(line: &Line) -> Command {
    add_root_options(
        Plugin::augment_subcommands(Command::new("plugin").about(ABOUT)),
        line,
    )
}

/// Adds the root options to a command, and to those of its subcommands that the line names.
fn add_root_options(command: Command, line: &Line) -> Command {
    let named = command
        .get_subcommands()
        .map(|below| below.get_name().to_owned());
    let named: Vec<String> = named.filter(|name| line.names(name)).collect();
    let command = named.iter().fold(command, |command, name| {
        command.mut_subcommand(name, |below| add_root_options(below, line))
    });
    options::add_to_command(command)
}

/// Runs one of them.
pub(super) fn run(
    catalog: &Catalog,
    matches: &ArgMatches,
    settings: &Settings,
) -> Result<u8, Error> {
    let plugin =
        Plugin::from_arg_matches(matches).map_err(|error| Error::usage(error.to_string()))?;
    let context = Context::new(settings, check);
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

/// What every one of these commands has to do with.
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

    /// Shows a result.
    fn show(&self, value: &Value, view: &View) -> Result<u8, Error> {
        self.show_with(value, view, "")
    }

    /// The same, with a text after it.
    fn show_with(&self, value: &Value, view: &View, after: &str) -> Result<u8, Error> {
        let style = Style {
            color: std::io::IsTerminal::is_terminal(&std::io::stdout()) && !process::has_no_color(),
            ..Style::default()
        };
        let text = render(value, Some(view), self.settings.format, &style) + after;
        crate::stdio::print(&text).map_err(Error::output)?;
        Ok(0)
    }

    /// Says what was done.
    fn done(&self, value: &Value, text: String) -> Result<u8, Error> {
        self.show(value, &View::Message(MessageView { text }))
    }
}

/// Text for people, beside the result.
fn say(text: &str) {
    crate::stdio::print_error(text);
}

/// Whether somebody is there to be asked.
fn is_interactive() -> bool {
    use std::io::IsTerminal;
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks for consent, unless it was given with `--yes`.
fn consent(yes: bool, question: &str) -> Result<(), Error> {
    if yes {
        return Ok(());
    }
    if !is_interactive() {
        return Err(Error::usage(
            "there is no terminal to ask on; `--yes` says that all that is shown above is meant"
                .to_owned(),
        ));
    }
    match asked(|| yes_or_no(question, false)) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::new(ErrorKind::Failure, "Nothing was changed")),
        Err(dialoguer::Error::IO(error)) => Err(Error::system(error)),
    }
}

/// Asks a question. However it ends, by Ctrl-C too, the terminal is left as it was.
fn asked<T>(question: impl FnOnce() -> dialoguer::Result<T>) -> dialoguer::Result<T> {
    terminal::keep();
    // Where it can't be handled, a Ctrl-C ends the process as it does by default.
    let _ = ctrlc::set_handler(interrupted);
    let answer = question();
    terminal::restore();
    if matches!(&answer, Err(dialoguer::Error::IO(error)) if error.kind() == std::io::ErrorKind::Interrupted)
    {
        interrupted();
    }
    answer
}

fn interrupted() {
    terminal::restore();
    say("\n ERROR: Interrupted\n\n");
    exit_now(exit::INTERRUPTED);
}

/// A password from the terminal; asked for twice where it is a new one.
fn password(question: &str, is_new: bool) -> Result<Zeroizing<String>, Error> {
    if !is_interactive() {
        return Err(Error::new(
            ErrorKind::NotInteractive,
            "there is no terminal to ask for the password on",
        )
        .hint(format!("set {}", crate::process::SIGNING_PASSWORD)));
    }
    let mut password = dialoguer::Password::new().with_prompt(question);
    if is_new {
        password = password.with_confirmation("Once more", "They are not the same");
    }
    asked(|| password.interact())
        .map(Zeroizing::new)
        .map_err(|dialoguer::Error::IO(error)| {
            Error::new(
                ErrorKind::Input,
                format!("the terminal can't be read: {error}"),
            )
            .hint("try again")
        })
}

/// A field of a value, as a column or a line.
fn column(title: &str, field: &str) -> Column {
    Column {
        title: title.to_owned(),
        field: field.to_owned(),
        ..Default::default()
    }
}

/// A value of our own types, which all have a JSON form.
fn value(of: &impl serde::Serialize) -> Value {
    serde_json::to_value(of).unwrap_or_default()
}

/// There is nothing of this name to be changed.
fn not_installed(name: &str) -> Error {
    Error::new(
        ErrorKind::NotFound,
        format!("no plugin `{}` is installed", visible(name)),
    )
    .hint("`tw plugin list` shows those that are")
}
