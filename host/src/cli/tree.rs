//! The tree of clap commands for a command line. Only commands on the path that the line names are complete, because building all of them
//! was a third of the time of `tw secrets --help`.

use std::ffi::OsString;

use clap::Command;
use tw_plugin_protocol as protocol;
use tw_render::text::visible;

use super::{
    advice::nouns,
    builtin::{self, BuiltIn},
    command, help,
    line::Line,
};
use crate::{
    config::options,
    plugin::{Catalog, Owner, Stub},
};

/// The width of help on a wider terminal.
pub(super) const MAX_WIDTH: usize = 120;

fn tw() -> Command {
    Command::new("tw")
        .version(env!("CARGO_PKG_VERSION"))
        .about("The command line of Seqera Platform; its commands are plugins")
        .max_term_width(MAX_WIDTH)
}

/// Returns `tw` with its root options and no commands.
pub(super) fn root() -> Command {
    options::add_to_root(tw())
}

/// Returns `tw` with every command. The commands that the line names are complete; the others have a name and a line of help.
pub(super) fn of_all(catalog: &Catalog, line: &Line) -> Command {
    // A tip for `list secret` needs the commands of `secrets`.
    let words = line.arguments.iter().filter_map(|word| word.to_str());
    let words = words.flat_map(nouns).map(OsString::from).collect();
    let named = Line::new(line.program.clone(), words);
    let names = |stub: &Stub| named.arguments.iter().any(|word| is_called(stub, word));
    let names_message = |message: &protocol::Command| {
        let mut words = named.arguments.iter();
        words.any(|word| command::is_called(message, word))
    };
    let mut tree = root();
    for (name, owner) in catalog.commands() {
        tree = tree.subcommand(match owner {
            Owner::Conflict(_) => stub(name, "(claimed by several plugins; run it to see which)"),
            Owner::Plugin(_, top) => {
                let named = names(top).then(|| catalog.command(top, &names));
                match named.flatten() {
                    Some(whole) => command::complete(&whole, &[], &names_message),
                    None => stub_of(top),
                }
            }
        });
    }
    let tree = tree.subcommands(BuiltIn::ALL.map(|command| command.command(&named)));
    help::add_to_root(tree, catalog, line)
}

/// Returns `tw` with every command, all of them complete.
pub(super) fn whole(catalog: &Catalog) -> Command {
    let names = builtin::NAMES.iter().map(OsString::from);
    let owners = catalog.commands().filter_map(|(_, owner)| match owner {
        Owner::Plugin(_, top) => catalog.command(top, &|_| true),
        Owner::Conflict(_) => None,
    });
    let tops = owners.map(|top| command::complete(&top, &[], &|_| true));
    let line = Line::new(OsString::from("tw"), names.collect());
    let built_in = BuiltIn::ALL.map(|command| command.command(&line));
    root().subcommands(tops).subcommands(built_in)
}

/// Returns `tw` with one built-in command.
pub(super) fn of_built_in(command: BuiltIn, line: &Line) -> Command {
    level(line.before_command(), tw(), options::add_to_root).subcommand(command.command(line))
}

/// Returns `tw` with the command of a plugin that the line names.
pub(super) fn of_plugin(top: &protocol::Command, line: &Line) -> Command {
    let tree = level(line.before_command(), tw(), options::add_to_root);
    tree.subcommand(command::on_path(top, &[], line.after_command()))
}

/// Adds the root options to a level of the tree, unless nothing is typed at that level.
fn level(typed: &[OsString], command: Command, add: fn(Command) -> Command) -> Command {
    match typed.is_empty() {
        true => command,
        false => add(command),
    }
}

fn is_called(stub: &Stub, word: &OsString) -> bool {
    word.to_str().is_some_and(|word| stub.is_called(word))
}

fn stub_of(command: &Stub) -> Command {
    stub(&command.name, &command.about)
        .visible_aliases(command.aliases.clone())
        .hide(command.hidden)
}

/// Returns a command with a name and a line of help. Help lists it, suggestions name it, and it is never parsed.
fn stub(name: &str, about: &str) -> Command {
    Command::new(name.to_owned()).about(visible(about).into_owned())
}
