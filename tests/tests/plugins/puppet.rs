//! The plugin that says what a test tells it to say.

use serde_json::{Value, json};
use tw_tests::{Installation, fixture};

use crate::given::Given;

/// A puppet with this manifest, beside a healthy plugin.
pub(crate) fn puppet(manifest: &Value) -> Given {
    puppet_with(&manifest.to_string())
}

/// A puppet whose manifest is this text.
pub(crate) fn puppet_with(manifest: &str) -> Given {
    Given::healthy()
        .plugin("puppet")
        .env("TW_PUPPET_MANIFEST", manifest)
}

/// A puppet in this installation that has a command `puppet` and these services.
pub(crate) fn puppet_of(installation: Installation, services: &[&str]) -> Given {
    let given = Given::of(installation);
    given
        .installation
        .add("puppet", &fixture("tw-plugin-puppet"));
    let manifest = manifest_of(
        services,
        &json!([{ "name": "puppet", "about": "Do as told" }]),
    );
    given.env("TW_PUPPET_MANIFEST", manifest.to_string())
}

/// A manifest with these commands.
pub(crate) fn manifest(commands: &Value) -> Value {
    manifest_of(&[], commands)
}

fn manifest_of(services: &[&str], commands: &Value) -> Value {
    json!({
        "name": "puppet", "version": "1.0.0", "abi": 1, "protocol": 1, "target": "any",
        "services": services, "commands": commands,
    })
}
