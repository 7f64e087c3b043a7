//! The clap tree: the host's own commands beside every plugin's.

use clap::{Arg, Command, value_parser};
use tw_plugin_protocol as protocol;
use tw_render::text::visible;

use super::{builtin, command::command};
use crate::{
    config::options,
    plugin::{Catalog, Owner},
};

/// The tree of the commands that are wanted: those that `expand` names in full, the others as a name and a line.
pub(super) fn root(
    catalog: &Catalog,
    wanted: Vec<(&&str, &Owner<'_>)>,
    expand: impl Fn(&str) -> bool,
) -> Command {
    let mut tree = options::add_to_root(
        Command::new("tw")
            .version(env!("CARGO_PKG_VERSION"))
            .about("The command line of Seqera Platform; its commands are plugins")
            .max_term_width(120),
    );
    for (name, owner) in wanted {
        tree = tree.subcommand(match owner {
            // Whatever is typed behind it, the conflict is what there is to say.
            Owner::Conflict(_) => {
                stub(name, "(claimed by several plugins; run it to see which)").arg(anything())
            }
            Owner::Plugin(plugin, top) => {
                let expanded = expand(name) || top.aliases.iter().any(|alias| expand(alias));
                match expanded.then(|| catalog.command(plugin, name)).flatten() {
                    Some(whole) => command(
                        &protocol::Command {
                            aliases: Vec::new(),
                            ..whole
                        },
                        &[],
                    ),
                    None => stub(name, &top.about).hide(top.hidden),
                }
                .visible_aliases(top.aliases.clone())
            }
        });
    }
    tree.subcommands(builtin::commands(expand))
}

/// A command of which only a line is known: it is shown and suggested, and expanded before it is parsed.
fn stub(name: &str, about: &str) -> Command {
    Command::new(name.to_owned()).about(visible(about).into_owned())
}

/// Takes all that follows.
fn anything() -> Arg {
    Arg::new("rest")
        .num_args(0..)
        .trailing_var_arg(true)
        .allow_hyphen_values(true)
        .value_parser(value_parser!(std::ffi::OsString))
        .hide(true)
}
