//! The plugin `puppet`, whose answers a test defines in environment variables.

use serde_json::{Value, json};
use tw_tests::{Installation, fixture};

use crate::given::Given;

/// Installs a puppet with this manifest beside the healthy plugin.
pub(crate) fn set_up_puppet(manifest: &Value) -> Given {
    set_up_puppet_with_text(&manifest.to_string())
}

/// Installs a puppet that returns this text as its manifest.
pub(crate) fn set_up_puppet_with_text(manifest: &str) -> Given {
    Given::healthy()
        .plugin("puppet")
        .env("TW_PUPPET_MANIFEST", manifest)
}

/// Adds a puppet to the installation, with a command `puppet` and these services.
pub(crate) fn set_up_puppet_in(installation: Installation, services: &[&str]) -> Given {
    let given = Given::of(installation);
    given
        .installation
        .add("puppet", &fixture("tw-plugin-puppet"));
    let manifest = make_manifest_with(
        services,
        &json!([{ "name": "puppet", "about": "Do as told" }]),
    );
    given.env("TW_PUPPET_MANIFEST", manifest.to_string())
}

/// Makes a manifest with these commands.
pub(crate) fn make_manifest(commands: &Value) -> Value {
    make_manifest_with(&[], commands)
}

fn make_manifest_with(services: &[&str], commands: &Value) -> Value {
    json!({
        "name": "puppet", "version": "1.0.0", "abi": 1, "protocol": 1, "target": "any",
        "services": services, "commands": commands,
    })
}
