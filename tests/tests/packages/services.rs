//! Services: what a newer version may use, and which services a policy allows.

use std::{fs, path::PathBuf};

use tw_tests::Terminal;

use crate::{
    given::{FIRST, Given, SECOND, library, patch},
    load::pack_library,
    policy::refusal,
};

/// The services of every fruit, as its manifest declares them.
const SERVICES: &[u8] = br#""services":["http","workspace"]"#;

/// Packs and signs this version of the first fruit with other services, and returns the package.
fn pack_with(given: &Given, version: &str, services: &str) -> PathBuf {
    let mut new = format!("\"services\":[{services}]").into_bytes();
    new.resize(SERVICES.len(), b' ');
    pack_library(given, &patch(library(1, version), SERVICES, &new))
}

#[test]
fn a_version_that_uses_more_services_needs_consent() {
    let given = Given::trusting();
    // The first version is confirmed as it is shown.
    given
        .install(&pack_with(&given, FIRST, "\"http\""))
        .exits(0)
        .says_with("services    http\n");
    let newer = pack_with(&given, SECOND, "\"http\",\"token\"");
    let message =
        "`fruit-001` uses services that the installed plugin fruit-001 70.0.100 doesn't use: token";
    let ran = given.install(&newer);
    let ran = ran.fails_with(&format!("{message}, and `--yes` doesn't accept that"));
    let ran = ran.says_with("use `--accept-services` if this is intended");
    let text = ran.stderr.as_str();
    let place = |part: &str| {
        text.find(part)
            .unwrap_or_else(|| panic!("no {part}: {text}"))
    };
    let changes =
        "What changes:\n    version     70.0.100 → 70.0.101\n    services    http → http, token\n";
    assert!(place(changes) < place("description"), "{text}");
    for option in ["--replace-bundled", "--take-commands", "--allow-unsigned"] {
        given.install_with(&[option], &newer).fails_with(message);
    }
    given.runs(1, FIRST);
    let path = newer.display().to_string();
    Terminal::start(given.command(["plugin", "install", &path]))
        .until(&format!("{message}. Install fruit-001 70.0.101?"))
        .types("n\r")
        .ends()
        .exits(1);
    given.runs(1, FIRST);
    given.install_with(&["--accept-services"], &newer).exits(0);
    given.runs(1, SECOND);
}

#[test]
fn a_plugin_that_replaces_a_bundled_one_needs_consent_to_new_services() {
    let given = Given::trusting();
    given.bundles(1, FIRST);
    let newer = pack_with(&given, SECOND, "\"http\",\"token\"");
    given
        .install_with(&["--replace-bundled"], &newer)
        .fails_with("`fruit-001` uses services that the bundled plugin fruit-001 70.0.100 doesn't use: token");
    given
        .install_with(&["--replace-bundled", "--accept-services"], &newer)
        .exits(0)
        .says_with("services    http, workspace → http, token")
        .says_with("key         bundled with tw → acme\n");
    given.runs(1, SECOND);
}

#[test]
fn fewer_services_need_no_option() {
    let given = Given::trusting();
    given.installs(1, FIRST);
    given
        .install(&pack_with(&given, SECOND, ""))
        .exits(0)
        .says_with("services    http, workspace → none");
    given.runs(1, SECOND);
}

#[test]
fn rules_about_services_apply_when_a_plugin_is_installed_and_loaded() {
    let given = Given::trusting();
    given.bundles(2, FIRST);
    let package = pack_with(&given, FIRST, "\"http\",\"token\"");
    for (text, rule) in [
        (
            "[[deny]]\nservices = [\"system\", \"token\"]\n",
            "`deny`, rule 1",
        ),
        (
            "[[allow]]\nservices = [\"http\", \"workspace\"]\n",
            "none of its `allow` rules matches",
        ),
    ] {
        let file = given.write_machine_policy(text);
        given.install(&package).fails_with(&refusal(&file, rule));
        fs::remove_file(&file).unwrap();
        given.install(&package).exits(0);
        given.runs(1, FIRST);
        given.write_machine_policy(text);
        given.assert_refused_by(1, &file, rule);
        given.runs(2, FIRST);
        fs::remove_file(&file).unwrap();
        given.tw(["plugin", "remove", "fruit-001"]).exits(0);
    }
    let file = given.write_machine_policy("[[deny]]\nservices = [\"workspace\"]\n");
    given.assert_refused_by(2, &file, "`deny`, rule 1");
    given.install(&package).exits(0);
    given.runs(1, FIRST);
}

#[test]
fn a_damaged_manifest_counts_as_one_without_services() {
    let given = Given::trusting();
    let first = pack_with(&given, FIRST, "\"http\"");
    given.install(&first).exits(0);
    let manifest = given.installed_library(1).with_file_name("manifest.json");
    fs::write(&manifest, "{}").unwrap();
    let newer = pack_with(&given, SECOND, "\"http\"");
    given.install(&newer).fails_with(
        "`fruit-001` uses services that the installed plugin fruit-001 70.0.100 may not use: http",
    );
    // The same package repairs the damage without another question.
    given.install(&first).exits(0);
    given.install(&newer).exits(0);
    given.runs(1, SECOND);
}
