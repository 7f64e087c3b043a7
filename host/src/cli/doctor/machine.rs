//! The checks of this machine: configuration, policy, store, plugins and completion.

use clap::ArgMatches;

use super::Check;
use crate::{
    cli::{completion::install, config::check as configuration},
    files::show_path,
    plugin::Catalog,
    store::{Lock, Store},
    trust::Policy,
};

/// Checks the configuration files, and then the policies and the store.
pub(super) fn check_configuration(catalog: &Catalog, levels: &[&ArgMatches]) -> Vec<Check> {
    let name = "configuration";
    let found = configuration::find_problems(catalog, levels);
    let mut checks: Vec<Check> = found
        .problems
        .iter()
        .map(|problem| Check::of_error(name, &problem.error))
        .collect();
    let unreachable = found
        .files
        .iter()
        .filter(|(_, state)| *state == "unreachable");
    checks.extend(unreachable.map(|(path, _)| {
        let detail = format!("{} can't be reached", show_path(path));
        Check::warning(name, detail, "set HOME to a folder that you can enter")
    }));
    if checks.is_empty() {
        let there = found.files.iter().filter(|(_, state)| *state != "absent");
        let paths: Vec<String> = there.map(|(path, _)| show_path(path)).collect();
        checks.push(match paths.is_empty() {
            true => Check::ok(name, "no file"),
            false => Check::ok(name, paths.join(", ")),
        });
    }
    checks.push(match Policy::read(catalog.binary()) {
        Ok(_) => Check::ok("policy", "every policy can be read"),
        Err(error) => Check::of_error("policy", &error),
    });
    checks.push(check_store());
    checks
}

fn check_store() -> Check {
    let Some(store) = Store::of_user() else {
        return Check::warning("store", "no home folder", "set HOME");
    };
    match Lock::read(&store.lock_file()) {
        Ok(lock) => Check::ok("store", format!("{} installed plugins", lock.plugins.len())),
        Err(error) => Check::of_error("store", &error),
    }
}

/// Checks that all plugins can be used, and that nothing hides their commands.
pub(super) fn check_plugins(catalog: &Catalog) -> Vec<Check> {
    let name = "plugins";
    let catalog = catalog.ask_again();
    let mut checks = Vec::new();
    for plugin in catalog.plugins() {
        if let Some(error) = plugin.problem().filter(|_| !plugin.replaced) {
            let detail = format!("{}: {error}", plugin.name());
            checks.push(Check::failed(
                name,
                detail,
                error.next_step().unwrap_or_default(),
            ));
        }
        for note in catalog.notes(plugin) {
            let remedy = format!("`tw plugin info {}` shows its commands", plugin.name());
            checks.push(Check::warning(
                name,
                format!("{}: {note}", plugin.name()),
                remedy,
            ));
        }
    }
    if let Some(reason) = catalog
        .explain_none()
        .filter(|_| catalog.plugins().is_empty())
    {
        checks.push(Check::warning(
            name,
            format!("no plugins came with this tw: {reason}"),
            "install tw with its plugins, or install plugins with `tw plugin install`",
        ));
    }
    if checks.is_empty() {
        let count = catalog.plugins().len();
        checks.push(Check::ok(name, format!("{count} plugins can be used")));
    }
    checks
}

/// Scripts of completion that a user can have saved, below the home folder.
const SCRIPTS: [&str; 3] = [
    ".local/share/bash-completion/completions/tw",
    ".local/share/zsh/site-functions/_tw",
    ".zfunc/_tw",
];

/// Checks that the shell of this user completes the commands of tw.
pub(super) fn check_completion() -> Check {
    let name = "completion";
    let Some((shell, file, has_line)) = install::find() else {
        return Check::skipped(name, "SHELL names no shell that tw knows");
    };
    let home = etcetera::home_dir().unwrap_or_default();
    let scripts = SCRIPTS.iter().map(|script| home.join(script));
    let found = Some(file).filter(|_| has_line);
    match found.or_else(|| scripts.into_iter().find(|script| script.exists())) {
        Some(file) => Check::ok(name, show_path(&file)),
        None => Check::warning(
            name,
            format!("{shell:?} doesn't complete tw's commands").to_lowercase(),
            "`tw completion install`",
        ),
    }
}
