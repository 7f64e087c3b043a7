//! The parts of `install` and `upgrade` that are the same: the checks, the plan that a person confirms, and the change of the store.

use clap::Args;
use tw_render::text::visible;

use super::{
    Run,
    view::{command_lines, plan_line},
};
use crate::{
    error::Error,
    package::{
        fetch::Candidate,
        install::{self, Allowed, Relation},
        source::display_source,
    },
    plugin::Catalog,
    trust::Policy,
};

/// Options that answer the questions in advance.
#[derive(Debug, Args)]
pub(super) struct Consent {
    /// Install without asking for confirmation
    #[arg(short, long)]
    pub(super) yes: bool,
    /// Accept a package without a trusted signature; every listing shows it as unsigned
    #[arg(long)]
    pub(super) allow_unsigned: bool,
}

/// Checks that a package can and may be installed, and compares it with what is installed.
pub(super) fn check(
    run: &Run<'_>,
    candidate: &Candidate,
    allowed: Allowed,
    policy: &Policy,
) -> Result<Relation, Error> {
    install::check(candidate, allowed, run.context, policy)?;
    install::compare(candidate, &run.lock()?, allowed)
}

/// Installs packages. All of them take effect at once.
pub(super) fn install(
    run: &Run<'_>,
    candidates: &[Candidate],
    allowed: Allowed,
) -> Result<(), Error> {
    let store = run.store()?;
    let mut change = store.change()?;
    for candidate in candidates {
        install::place(candidate, allowed, &mut change)?;
    }
    change.commit()
}

/// Renders what a package would install, for the person who confirms it.
pub(super) fn render(run: &Run<'_>, candidate: &Candidate) -> String {
    let plugin = &candidate.package.manifest.plugin;
    let locked = &candidate.locked;
    let publisher = match &locked.signer {
        Some(signer) => format!("{} ({})", signer.name, signer.key),
        None => "unknown: it isn't signed with a trusted key".to_owned(),
    };
    let services = match plugin.services.is_empty() {
        true => "none".to_owned(),
        false => plugin.services.join(", "),
    };
    let catalog = run.catalog.ask_again();
    let lines = [
        ("description", Some(plugin.description.clone())),
        ("publisher", Some(publisher)),
        ("source", Some(display_source(&locked.source))),
        ("digest", Some(candidate.package.digest.to_string())),
        ("commands", Some(command_lines(plugin).join(", "))),
        ("services", Some(services)),
        ("replaces", replaced_plugin(&catalog, candidate)),
        ("conflicts", conflict(&catalog, candidate)),
    ];
    let lines: String = lines
        .into_iter()
        .filter_map(|(name, text)| Some((name, text.filter(|text| !text.is_empty())?)))
        .map(|(name, text)| plan_line(name, &text, most_lines(name)))
        .collect();
    format!(
        "\n  {} {}\n{lines}\n",
        visible(&plugin.name),
        locked.version
    )
}

/// Returns how many lines a field may have. Everything that a person must know is shown as a whole.
fn most_lines(name: &str) -> usize {
    match name {
        "description" => 3,
        _ => usize::MAX,
    }
}

/// Returns the plugin of the same name that is used now.
fn replaced_plugin(catalog: &Catalog, candidate: &Candidate) -> Option<String> {
    let name = candidate.name();
    let mut plugins = catalog.plugins().iter();
    let known = plugins.rfind(|known| known.name() == name && !known.replaced)?;
    let summary = known.summary();
    let version = summary.map_or("", |summary| summary.version.as_str());
    Some(format!("the {} plugin {name} {version}", known.origin))
}

/// Says which commands of the package another plugin owns; `None` if there is no such command.
fn conflict(catalog: &Catalog, candidate: &Candidate) -> Option<String> {
    let plugin = &candidate.package.manifest.plugin;
    let is_claimed = |name: &&str| {
        let owner = catalog.owner(name);
        owner.is_some_and(|owner| !owner.is_plugin(&plugin.name))
    };
    let names = plugin.commands.iter().map(|command| command.name.as_str());
    let claimed: Vec<&str> = names.filter(is_claimed).collect();
    (!claimed.is_empty()).then(|| {
        format!(
            "another plugin has `{}`: neither plugin will have the command",
            claimed.join("`, `")
        )
    })
}
