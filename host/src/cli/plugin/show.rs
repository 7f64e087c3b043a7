//! `tw plugin list` and `tw plugin info`.

use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};
use tw_plugin_protocol::{Manifest, RecordView, TableView, View};
use tw_render::text::{visible, visible_lines};

use super::{Run, column, value};
use crate::{
    cli::{builtin, external, report},
    error::{Context as _, Error, ErrorKind},
    package::{newer, source::shown},
    plugin::Plugin,
    store::{Lock, Locked},
    trust::{Origin, Policy},
};

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only plugins of which their source has a newer version
    #[arg(long, conflicts_with = "external")]
    outdated: bool,
    /// The executables `tw-NAME` on PATH
    #[arg(long)]
    external: bool,
}

#[derive(Debug, Args)]
pub(super) struct Info {
    /// The plugin's name, as `tw plugin list` shows it
    name: String,
}

/// A plugin, as people and scripts read it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    abi: Option<u32>,
    origin: Origin,
    state: &'static str,
    path: String,
    /// Who signed it; of an installed one that nobody did, none.
    #[serde(skip_serializing_if = "Option::is_none")]
    publisher: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// Of its package.
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

/// What stands in the place of a publisher where there is none.
const UNSIGNED: &str = "(unsigned)";

fn listed(
    run: &Run<'_>,
    plugin: &Plugin,
    lock: Option<&Lock>,
    policy: &Result<Policy, Error>,
) -> Listed {
    let catalog = run.catalog;
    let problem = match (plugin.problem(), policy) {
        (Some(problem), _) => Some(problem.clone()),
        (None, Ok(policy)) => catalog.verify(plugin, policy).err(),
        (None, Err(error)) => Some(error.clone()),
    };
    let name = plugin.name();
    let summary = plugin.summary();
    let locked = lock.filter(|_| plugin.origin == Origin::Installed);
    let locked: Option<&Locked> = locked.and_then(|lock| lock.plugins.get(&name));
    let signer = locked.and_then(|locked| locked.signer.as_ref());
    let version = summary.map(|summary| summary.version.clone());
    Listed {
        version: version.or_else(|| locked.map(|locked| locked.version.to_string())),
        abi: summary.map(|summary| summary.abi),
        origin: plugin.origin,
        state: match (&problem, plugin.replaced) {
            (_, true) => "replaced",
            (None, _) => "ok",
            (Some(_), _) => "broken",
        },
        path: plugin.path.to_string_lossy().into_owned(),
        publisher: locked
            .map(|_| signer.map_or_else(|| UNSIGNED.to_owned(), |signer| signer.name.clone())),
        key: signer.map(|signer| signer.key.clone()),
        index: locked.and_then(|locked| locked.index.clone()),
        source: locked.map(|locked| shown(&locked.source)),
        digest: locked.and_then(|locked| Some(locked.here()?.package.to_string())),
        hint: problem
            .as_ref()
            .and_then(|problem| problem.next_step().map(str::to_owned)),
        detail: problem
            .as_ref()
            .and_then(|problem| problem.long_detail().map(str::to_owned))
            .filter(|_| run.settings.verbose),
        problem: problem.map(|problem| problem.to_string()),
        notes: catalog.notes(plugin),
        name,
    }
}

impl List {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        if self.external {
            return externals(run);
        }
        let catalog = run.catalog.ask_again();
        let run = &Run {
            catalog: &catalog,
            ..*run
        };
        if self.outdated {
            return outdated(run);
        }
        let lock = run
            .store()
            .ok()
            .and_then(|store| Lock::read(&store.lock_file()).ok());
        let policy = run.policy();
        let plugins: Vec<Listed> = catalog
            .plugins()
            .iter()
            .map(|plugin| listed(run, plugin, lock.as_ref(), &policy))
            .collect();
        let broken = plugins
            .iter()
            .filter(|plugin| plugin.problem.is_some() || !plugin.notes.is_empty());
        let troubles: String = match run.settings.format {
            tw_render::Format::Console => broken.map(troubles).collect(),
            _ => String::new(),
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
        report::warn_of_none(&catalog);
        run.show_with(&json!({ "plugins": value(&plugins) }), &view, &troubles)
    }
}

/// A table of these columns; the first names a row.
pub(super) fn table(heading: &str, rows: &str, columns: &[(&str, &str)], empty: &str) -> View {
    View::Table(TableView {
        heading: heading.to_owned(),
        rows: rows.to_owned(),
        columns: columns
            .iter()
            .map(|(title, field)| column(title, field))
            .collect(),
        empty: empty.to_owned(),
        name: Some(0),
        ..Default::default()
    })
}

/// What has a newer version where it came from. What can't be asked is said, and hides nothing.
fn outdated(run: &Run<'_>) -> Result<u8, Error> {
    let lock = run
        .store()
        .and_then(|store| Lock::read(&store.lock_file()))
        .context(|| "Cannot list the plugins")?;
    let policy = run.policy().context(|| "Cannot list the plugins")?;
    let mut plugins = Vec::new();
    let mut failed = false;
    for (name, locked) in &lock.plugins {
        match newer::newer(name, locked, run.context, &policy) {
            Ok(None) => {}
            Ok(Some(newer)) => plugins.push(json!({
                "name": name,
                "version": locked.version.to_string(),
                "newest": newer.version.to_string(),
                "source": newer.source.to_string(),
            })),
            Err(problem) => {
                failed = true;
                super::say(&format!(
                    "warning: `{name}`: {}\n",
                    visible(problem.message())
                ));
            }
        }
    }
    let columns = [
        ("Name", "/name"),
        ("Version", "/version"),
        ("Newest", "/newest"),
        ("Source", "/source"),
    ];
    let view = table(
        "Outdated plugins",
        "/plugins",
        &columns,
        "All plugins are the newest",
    );
    let view = match (failed, view) {
        (true, View::Table(table)) => View::Table(TableView {
            empty: "No newer versions found".to_owned(),
            ..table
        }),
        (_, view) => view,
    };
    run.show(&json!({ "plugins": plugins }), &view)?;
    Ok(u8::from(failed))
}

fn externals(run: &Run<'_>) -> Result<u8, Error> {
    let catalog = run.catalog.ask_again();
    let commands: Vec<Value> = external::all()
        .into_iter()
        .map(|(name, path)| {
            let taken = catalog.owner(&name).is_some() || builtin::NAMES.contains(&name.as_str());
            let problem = external::check(run.catalog, &name).err();
            let state = match (taken, &problem) {
                (true, _) => "hidden by a plugin's command",
                (_, Some(_)) => "forbidden",
                (_, None) => "ok",
            };
            json!({
                "name": name,
                "path": path.to_string_lossy(),
                "state": state,
                "problem": problem.map(|problem| problem.to_string()),
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
    let forbidden = commands.iter().any(|command| !command["problem"].is_null());
    let columns = if forbidden {
        &columns[..]
    } else {
        &columns[..4]
    };
    let view = table(
        "External commands",
        "/commands",
        columns,
        "No external commands found",
    );
    run.show(&json!({ "commands": commands }), &view)
}

/// Why a plugin is broken, and what mends it: a few lines below the table.
pub(super) fn trouble(name: &str, problem: &str, hint: &str) -> String {
    format!(
        "  {}: {}\n    {}\n",
        visible(name),
        visible(problem),
        visible(hint)
    )
}

/// What is wrong with a plugin that is listed.
fn troubles(plugin: &Listed) -> String {
    let mut text = match (&plugin.problem, &plugin.hint) {
        (Some(problem), Some(hint)) => trouble(&plugin.name, problem, hint),
        _ => String::new(),
    };
    if let Some(detail) = &plugin.detail {
        text += &visible_lines(detail);
        text += "\n";
    }
    for note in &plugin.notes {
        text += &format!("  {}: {}\n", visible(&plugin.name), visible(note));
    }
    text + "\n"
}

impl Info {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        let catalog = run.catalog.ask_again();
        let run = &Run {
            catalog: &catalog,
            ..*run
        };
        let name = &self.name;
        let plugin = catalog.named(name).ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("There is no plugin `{name}`"))
                .hint("`tw plugin list` shows the plugins that are there")
        })?;
        info(run, plugin)
    }
}

fn info(run: &Run<'_>, plugin: &Plugin) -> Result<u8, Error> {
    let name = plugin.name();
    let lock = run
        .store()
        .ok()
        .and_then(|store| Lock::read(&store.lock_file()).ok());
    let mut shown = value(&listed(run, plugin, lock.as_ref(), &run.policy()));
    if let (Some(manifest), Some(object)) = (run.catalog.manifest(plugin), shown.as_object_mut()) {
        object.extend(about(&manifest));
    }
    let fields = [
        ("Name", "/name"),
        ("Version", "/version"),
        ("Description", "/description"),
        ("Vendor", "/vendor"),
        ("Licence", "/license"),
        ("Homepage", "/homepage"),
        ("ABI", "/abi"),
        ("Protocol", "/protocol"),
        ("Target", "/target"),
        ("Commands", "/commands"),
        ("Services", "/services"),
        ("Origin", "/origin"),
        ("Publisher", "/publisher"),
        ("Key", "/key"),
        ("Source", "/source"),
        ("Digest", "/digest"),
        ("Path", "/path"),
        ("State", "/state"),
        ("Problem", "/problem"),
        ("Hint", "/hint"),
    ];
    // A broken plugin has said little: what isn't known takes no line.
    let known = fields
        .into_iter()
        .filter(|(_, field)| shown.pointer(field).is_some());
    let view = View::Record(RecordView {
        heading: format!("Plugin {name}"),
        record: "/plugin".to_owned(),
        fields: known.map(|(title, field)| column(title, field)).collect(),
    });
    run.show(&json!({ "plugin": shown }), &view)
}

/// The command lines that a plugin adds.
pub(super) fn command_lines(manifest: &Manifest) -> Vec<String> {
    fn paths(above: &str, command: &tw_plugin_protocol::Command, out: &mut Vec<String>) {
        let path = format!("{above} {}", command.name);
        match command.subcommands.is_empty() {
            true => out.push(path),
            false => command
                .subcommands
                .iter()
                .for_each(|below| paths(&path, below, out)),
        }
    }
    let mut commands = Vec::new();
    manifest
        .commands
        .iter()
        .for_each(|top| paths("tw", top, &mut commands));
    commands
}

fn about(manifest: &Manifest) -> serde_json::Map<String, Value> {
    let commands = command_lines(manifest);
    let texts = [
        ("description", manifest.description.as_str()),
        ("vendor", &manifest.vendor),
        ("license", &manifest.license),
        ("homepage", &manifest.homepage),
        ("target", &manifest.target),
    ];
    let texts = texts
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(key, text)| (key.to_owned(), Value::from(text)));
    let lists = [("commands", &commands), ("services", &manifest.services)];
    let lists = lists
        .into_iter()
        .map(|(key, list)| (key.to_owned(), Value::from(list.clone())));
    texts
        .chain([("protocol".to_owned(), Value::from(manifest.protocol))])
        .chain(lists)
        .collect()
}
