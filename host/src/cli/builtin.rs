//! The host's own commands: `tw plugin` and `tw completion`.

use std::io::IsTerminal;

use clap::{Arg, ArgMatches, Command};
use serde::Serialize;
use serde_json::Value;
use tw_plugin_protocol::{Column, Manifest, RecordView, TableView, View};
use tw_render::{Style, render};

use super::{completion, no_color, root};
use crate::{
    config::Settings,
    error::Error,
    plugin::{Catalog, Known, Problem},
};

/// Names that no plugin can have.
pub(super) const NAMES: &[&str] = &["plugin", "completion", "help"];

/// Those of them that show nothing of the plugins' commands: `help` does.
pub(super) const ALONE: &[&str] = &["plugin", "completion"];

/// The commands.
pub(super) fn commands() -> [Command; 2] {
    let list = Command::new("list").about("List the plugins, and why a broken one is broken");
    let info = Command::new("info")
        .about("Show what a plugin is, what it adds, and what it may ask of tw")
        .arg(
            Arg::new("name")
                .value_name("NAME")
                .required(true)
                .help("The plugin's name, as `tw plugin list` shows it"),
        );
    let plugin = Command::new("plugin")
        .about("See which plugins there are")
        .subcommands([list, info].map(root::add));
    [root::add(plugin), root::add(completion::command())]
}

/// Runs one of them.
pub(super) fn run(
    catalog: &Catalog,
    path: &[&str],
    matches: &ArgMatches,
    settings: &Settings,
) -> Result<u8, Error> {
    match path {
        ["plugin", "list"] => list(&catalog.asked_again().map_err(Error::System)?, settings),
        ["plugin", "info"] => {
            let name = matches
                .get_one::<String>("name")
                .map(String::as_str)
                .unwrap_or_default();
            info(
                &catalog.asked_again().map_err(Error::System)?,
                name,
                settings,
            )
        }
        _ => completion::register(matches),
    }
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
    origin: String,
    state: &'static str,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

fn listed(catalog: &Catalog, plugin: &Known, settings: &Settings) -> Listed {
    let problem = match &plugin.state {
        Ok(_) => catalog.check_trust(plugin).err(),
        Err(problem) => Some(problem.clone()),
    };
    let summary = plugin.state.as_ref().ok();
    Listed {
        name: plugin.name(),
        version: summary.map(|summary| summary.version.clone()),
        abi: summary.map(|summary| summary.abi),
        origin: plugin.origin.to_string(),
        state: if problem.is_none() { "ok" } else { "broken" },
        path: plugin.path.to_string_lossy().into_owned(),
        mend: problem.as_ref().map(|problem| problem.mend.clone()),
        detail: problem
            .as_ref()
            .and_then(|problem| problem.detail.clone())
            .filter(|_| settings.verbose),
        problem: problem.map(|Problem { reason, .. }| reason),
        notes: catalog.notes(plugin),
    }
}

fn list(catalog: &Catalog, settings: &Settings) -> Result<u8, Error> {
    let plugins: Vec<Listed> = catalog
        .plugins()
        .iter()
        .map(|plugin| listed(catalog, plugin, settings))
        .collect();
    let broken = plugins
        .iter()
        .filter(|plugin| plugin.problem.is_some() || !plugin.notes.is_empty());
    let troubles: String = match settings.format {
        tw_render::Format::Console => broken.map(trouble).collect(),
        _ => String::new(),
    };
    let view = View::Table(TableView {
        heading: "Plugins".to_owned(),
        rows: "/plugins".to_owned(),
        columns: [
            ("Name", "/name"),
            ("Version", "/version"),
            ("ABI", "/abi"),
            ("Origin", "/origin"),
            ("State", "/state"),
            ("Path", "/path"),
        ]
        .map(|(title, field)| column(title, field))
        .into(),
        empty: "No plugins found".to_owned(),
        name: Some(0),
        ..Default::default()
    });
    show(
        &serde_json::json!({ "plugins": value(&plugins) }),
        &view,
        settings,
        &troubles,
    )
}

/// Why a plugin is broken, and what mends it: a few lines below the table.
fn trouble(plugin: &Listed) -> String {
    use tw_render::text::{visible, visible_lines};
    let mut text = match (&plugin.problem, &plugin.mend) {
        (Some(problem), Some(mend)) => format!(
            "  {}: {}\n    {}\n",
            visible(&plugin.name),
            visible(problem),
            visible(mend)
        ),
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

fn info(catalog: &Catalog, name: &str, settings: &Settings) -> Result<u8, Error> {
    let no_such = || Error::NoSuchPlugin {
        name: name.to_owned(),
    };
    let plugin = catalog
        .plugins()
        .iter()
        .find(|plugin| plugin.name() == name)
        .ok_or_else(no_such)?;
    let mut shown = value(&listed(catalog, plugin, settings));
    if let (Some(manifest), Some(object)) = (catalog.manifest(plugin), shown.as_object_mut()) {
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
        ("Path", "/path"),
        ("State", "/state"),
        ("Problem", "/problem"),
        ("Mend", "/mend"),
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
    show(&serde_json::json!({ "plugin": shown }), &view, settings, "")
}

fn about(manifest: &Manifest) -> serde_json::Map<String, Value> {
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
    let lists = [
        ("commands", commands.join(", ")),
        ("services", manifest.services.join(", ")),
    ];
    let lists = lists
        .into_iter()
        .map(|(key, list)| (key.to_owned(), Value::from(list)));
    texts
        .chain([("protocol".to_owned(), Value::from(manifest.protocol))])
        .chain(lists)
        .collect()
}

fn column(title: &str, field: &str) -> Column {
    Column {
        title: title.to_owned(),
        field: field.to_owned(),
        ..Default::default()
    }
}

/// A value of our own types, which all have a JSON form.
fn value(of: &impl Serialize) -> Value {
    serde_json::to_value(of).unwrap_or_default()
}

fn show(value: &Value, view: &View, settings: &Settings, after: &str) -> Result<u8, Error> {
    let style = Style {
        color: std::io::stdout().is_terminal() && !no_color(),
        ..Style::default()
    };
    let text = render(value, Some(view), settings.format, &style) + after;
    crate::stdout::write_all(std::io::stdout(), &text).map_err(Error::Output)?;
    Ok(0)
}
