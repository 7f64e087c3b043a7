//! `tw plugin info`.

use clap::Args;
use clap_complete::engine::ArgValueCandidates;
use serde_json::{Map, Value, json};
use tw_plugin_protocol::{Arg, Manifest};

use super::{
    Run,
    status::Status,
    view::{Field, command_lines, record},
};
use crate::{
    cli::completion,
    error::{Error, ErrorKind},
};

#[derive(Debug, Args)]
pub(super) struct Info {
    /// The plugin's name, as `tw plugin list` shows it
    #[arg(add = ArgValueCandidates::new(completion::plugins))]
    name: String,
}

const FIELDS: [Field<'static>; 21] = [
    ("Name", "/name"),
    ("Version", "/version"),
    ("Description", "/description"),
    ("Vendor", "/vendor"),
    ("License", "/license"),
    ("Homepage", "/homepage"),
    ("ABI", "/abi"),
    ("Protocol", "/protocol"),
    ("Target", "/target"),
    ("Commands", "/commands"),
    ("Services", "/services"),
    ("Settings", "/settings"),
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

impl Info {
    pub(super) fn run(self, run: &Run<'_>) -> Result<u8, Error> {
        let catalog = run.catalog.ask_again();
        let run = &Run {
            catalog: &catalog,
            ..*run
        };
        let plugin = catalog.named(&self.name).ok_or_else(|| {
            let message = format!("There is no plugin `{}`", self.name);
            Error::new(ErrorKind::NotFound, message)
                .hint("`tw plugin list` shows the plugins on this machine")
        })?;
        let lock = run.lock().ok();
        let mut info = Status::of(run, plugin, lock.as_ref(), &run.policy()).to_value();
        let manifest = catalog.manifest(plugin);
        if let (Some(manifest), Some(object)) = (manifest, info.as_object_mut()) {
            object.extend(manifest_fields(&manifest));
        }
        let heading = format!("Plugin {}", plugin.name());
        let view = record(&heading, "/plugin", &FIELDS);
        run.print(&json!({ "plugin": info }), &view)
    }
}

/// Returns what the plugin's manifest adds to its status.
fn manifest_fields(manifest: &Manifest) -> Map<String, Value> {
    let texts = [
        ("description", manifest.description.as_str()),
        ("vendor", &manifest.vendor),
        ("license", &manifest.license),
        ("homepage", &manifest.homepage),
        ("target", &manifest.target),
    ];
    let texts = texts.into_iter().filter(|(_, text)| !text.is_empty());
    let texts = texts.map(|(key, text)| (key, Value::from(text)));
    let others = [
        ("protocol", Value::from(manifest.protocol)),
        ("commands", Value::from(command_lines(manifest))),
        ("services", Value::from(manifest.services.clone())),
    ];
    let settings: Vec<Value> = manifest.settings.iter().map(describe_setting).collect();
    let settings =
        Some(("settings", Value::from(settings))).filter(|_| !manifest.settings.is_empty());
    texts
        .chain(others)
        .chain(settings)
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

/// Describes a setting in one line: `max-rows: Maximum number of rows to show [default: 100]`.
fn describe_setting(setting: &Arg) -> Value {
    let default = match setting.default.as_slice() {
        [] => String::new(),
        values => format!(" [default: {}]", values.join(", ")),
    };
    Value::from(format!("{}: {}{default}", setting.name, setting.help))
}
