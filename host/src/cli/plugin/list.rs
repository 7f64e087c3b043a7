//! `tw plugin list`.

use clap::Args;
use serde_json::{Value, json};

use super::{Run, status::Status, view::table, warn};
use crate::{
    cli::{external, report, show},
    config,
    error::{Context as _, Error},
    package::newer::{self, Newer},
    store::Locked,
};

#[derive(Debug, Args)]
pub(super) struct List {
    /// List only installed plugins that have a newer version at their source
    #[arg(long, conflicts_with = "external")]
    outdated: bool,
    /// List the executables `tw-NAME` on PATH
    #[arg(long)]
    external: bool,
}

impl List {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        if self.external {
            return list_external(run);
        }
        let catalog = run.catalog.ask_again();
        let run = &Run {
            catalog: &catalog,
            ..*run
        };
        match self.outdated {
            true => list_outdated(run),
            false => {
                report::warn_of_distrust(run.catalog);
                let listed = list(run)?;
                // A command that needs the file says what is wrong with it.
                if config::read_sections().is_ok() {
                    report::warn_of_sections(run.catalog, "");
                }
                Ok(listed)
            }
        }
    }
}

fn list(run: &Run<'_>) -> Result<u8, Error> {
    let lock = run.lock().ok();
    let policy = run.policy();
    let plugins = run.catalog.plugins().iter();
    let plugins: Vec<Status> = plugins
        .map(|plugin| Status::of(run, plugin, lock.as_ref(), &policy))
        .collect();
    let problems: String = match run.is_console() {
        true => plugins.iter().map(Status::render_problems).collect(),
        false => String::new(),
    };
    let columns = [
        ("Name", "/name"),
        ("Version", "/version"),
        ("ABI", "/abi"),
        ("Origin", "/origin"),
        ("Publisher", "/publisher"),
        ("State", "/state"),
        ("Path", "/path"),
    ];
    let view = table("Plugins", "/plugins", &columns, "No plugins found");
    report::warn_of_empty(run.catalog);
    let plugins: Vec<Value> = plugins.iter().map(Status::to_value).collect();
    run.print_with(&json!({ "plugins": plugins }), &view, &problems)
}

/// Lists the installed plugins that have a newer version. Warns of a source that can't be read, and goes on with the next plugin.
fn list_outdated(run: &Run<'_>) -> Result<u8, Error> {
    let what = || "Cannot list the plugins";
    let lock = run.lock().context(what)?;
    let policy = run.policy().context(what)?;
    let mut plugins = Vec::new();
    let mut failure = None;
    for (name, locked) in &lock.plugins {
        match newer::find(name, locked, run.context, &policy) {
            Ok(None) => {}
            Ok(Some(newer)) => plugins.push(outdated_row(name, locked, &newer)),
            Err(error) => {
                warn(&format!("`{name}`: {error}"));
                failure.get_or_insert(error.context(format!("`{name}`")));
            }
        }
    }
    let columns = [
        ("Name", "/name"),
        ("Version", "/version"),
        ("Newest", "/newest"),
        ("Source", "/source"),
    ];
    let empty = match failure.is_some() {
        true => "No newer versions found",
        false => "All plugins are up to date",
    };
    let view = table("Outdated plugins", "/plugins", &columns, empty);
    let value = json!({ "plugins": plugins });
    show::print_checks(run.settings, &value, &view, "", failure)
}

fn outdated_row(name: &str, locked: &Locked, newer: &Newer) -> Value {
    json!({
        "name": name,
        "version": locked.version.to_string(),
        "newest": newer.version.to_string(),
        "source": newer.source.to_string(),
    })
}

fn list_external(run: &Run<'_>) -> Result<u8, Error> {
    let catalog = run.catalog.ask_again();
    let commands: Vec<Value> = external::all()
        .into_iter()
        .map(|(name, path)| {
            let is_taken =
                catalog.owner(&name).is_some() || run.catalog.built_in().contains(&&*name);
            let error = external::check(run.catalog, &name, &path).err();
            let state = match (is_taken, &error) {
                (true, _) => "hidden by a plugin's command",
                (_, Some(_)) => "forbidden",
                (_, None) => "ok",
            };
            json!({
                "name": name,
                "path": path.to_string_lossy(),
                "state": state,
                "problem": error.map(|error| error.to_string()),
                "token": external::may_have_token(&name),
            })
        })
        .collect();
    let columns = [
        ("Name", "/name"),
        ("State", "/state"),
        ("Token", "/token"),
        ("Path", "/path"),
        ("Problem", "/problem"),
    ];
    let has_problem = commands.iter().any(|command| !command["problem"].is_null());
    let columns = match has_problem {
        true => &columns[..],
        false => &columns[..4],
    };
    let empty = "No external commands found";
    let view = table("External commands", "/commands", columns, empty);
    run.print(&json!({ "commands": commands }), &view)
}
