//! Commands of newer plugins, which this `tw` can't run: a command may need a feature that this `tw` doesn't have, or have an argument of a kind
//! that it doesn't know. Such a command stays in help, and running it is an error.

use clap::{Arg, Command};
use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{ArgKind, missing_features};

use crate::{config::options, error::Error};

/// Returns what this `tw` would have to know to run a command or to look below a group: the names of features, and of arguments that it can't
/// parse. `shared` are the arguments that the command's groups share.
pub(super) fn missing(command: &protocol::Command, shared: &[&protocol::Arg]) -> Vec<String> {
    let is_unknown = |arg: &&protocol::Arg| arg.kind == ArgKind::Unknown;
    // The arguments of a group are parsed with the commands below it.
    let is_command = command.subcommands.is_empty();
    let args = command.args.iter().chain(shared.iter().copied());
    let unknown = args
        .filter(|arg| is_command && is_unknown(arg))
        .map(name_of);
    let features = missing_features(&command.needs)
        .into_iter()
        .map(str::to_owned);
    features.chain(unknown).collect()
}

/// Returns the name of an argument as the user knows it.
fn name_of(arg: &protocol::Arg) -> String {
    match &arg.long {
        Some(long) => format!("--{long}"),
        None => arg.name.clone(),
    }
}

/// Makes clap accept every command line of a command that can't be run, so that the user sees why it can't be run and no other error. Help says it
/// too.
pub(super) fn accept_anything(command: Command, missing: &[String]) -> Command {
    let anything = Arg::new(format!("{}rest", options::PREFIX))
        .num_args(0..)
        .trailing_var_arg(true)
        .allow_hyphen_values(true)
        .hide(true);
    let reason = Error::needs_newer_tw("This command", missing);
    command.arg(anything).after_help(format!("{reason}."))
}
