//! Policies: each rule applies when a plugin is installed and when it is loaded, and every refusal names the file and the rule.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    given::{FIRST, Given, SECOND, library, public_key},
    load::pack_rival,
};

impl Given {
    /// Writes the machine's policy, and returns its path.
    pub(crate) fn write_machine_policy(&self, text: &str) -> PathBuf {
        write(&self.installation.prefix().join("etc/tw/policy.toml"), text)
    }

    /// Writes the user's own policy, and returns its path.
    pub(crate) fn write_own_policy(&self, text: &str) -> PathBuf {
        write(&self.config().join("policy.toml"), text)
    }

    /// Adds this fruit as a bundled plugin.
    pub(crate) fn bundles(&self, number: u16, version: &str) {
        let name = format!("fruit-{number:03}");
        self.installation
            .add_bytes(&name, &library(number, version));
    }

    /// Asserts that this rule of this file refuses the fruit, which is bundled, installed or linked.
    #[track_caller]
    pub(crate) fn assert_refused_by(&self, number: u16, file: &Path, rule: &str) {
        let name = format!("fruit-{number:03}");
        let reason = refusal(file, rule);
        self.tw([name.as_str()])
            .fails_with(&format!("The plugin `{name}` cannot be used: {reason}"));
        let listed = self.list_entry(&name);
        assert_eq!(listed["state"], "broken", "{listed}");
        assert_eq!(listed["problem"], reason);
        self.tw(["plugin", "list"]).exits(0).prints_with(&reason);
        if listed["origin"] == "installed" {
            self.tw(["plugin", "verify", &name])
                .exits(1)
                .prints_with(&reason);
        }
    }
}

/// Writes a file, with its folder, and returns its path.
pub(crate) fn write(path: &Path, text: &str) -> PathBuf {
    fs::create_dir_all(path.parent().expect("the file is in a folder"))
        .expect("the folder can be created");
    fs::write(path, text).expect("the file can be written");
    path.to_owned()
}

/// Returns the text of a refusal.
pub(crate) fn refusal(file: &Path, rule: &str) -> String {
    format!("the policy {} forbids it: {rule}", file.display())
}

/// Asserts that a policy refuses to install the first fruit, and refuses to load the fruit if it was installed before the policy was written.
#[track_caller]
fn assert_refused_at_install_and_load(text: &str, rule: &str) {
    let given = Given::trusting();
    let package = given.package(1, FIRST, Some("acme"));
    let file = given.write_machine_policy(text);
    given.install(&package).fails_with(&refusal(&file, rule));
    given.has_no(1);
    fs::remove_file(&file).unwrap();
    given.install(&package).exits(0);
    given.runs(1, FIRST);
    given.marks();
    given.write_machine_policy(text);
    given.assert_refused_by(1, &file, rule);
    given.install(&package).fails_with(&refusal(&file, rule));
    assert_eq!(given.marks(), 0, "none of its code runs");
    fs::remove_file(&file).unwrap();
    given.runs(1, FIRST);
}

#[test]
fn a_plugin_with_a_denied_name_is_neither_installed_nor_loaded() {
    assert_refused_at_install_and_load(
        "[[deny]]\nname = \"other\"\n\n[[deny]]\nname = \"fruit-0?1\"\n",
        "`deny`, rule 2",
    );
    assert_refused_at_install_and_load("[[deny]]\nname = \"f*\"\n", "`deny`, rule 1");
    assert_refused_at_install_and_load("[[deny]]\n", "`deny`, rule 1");
}

#[test]
fn a_denied_version_is_neither_installed_nor_loaded() {
    let text = format!("[[deny]]\nname = \"fruit-001\"\nversion = \"<{SECOND}\"\n");
    assert_refused_at_install_and_load(&text, "`deny`, rule 1");
    let given = Given::trusting();
    given.installs(1, FIRST);
    given.write_machine_policy(&text);
    given.installs(1, SECOND);
    given.runs(1, SECOND);
    given
        .tw(["plugin", "rollback", "fruit-001"])
        .fails_with("`deny`, rule 1");
    given.runs(1, SECOND);
}

#[test]
fn a_plugin_signed_by_a_denied_key_is_neither_installed_nor_loaded() {
    let text = format!("[[deny]]\nkey = \"{}\"\n", public_key("acme"));
    assert_refused_at_install_and_load(&text, "`deny`, rule 1");
    let given = Given::new();
    given.trusts("other");
    given.write_machine_policy(&text);
    let package = given.package(1, FIRST, Some("other"));
    given.install(&package).exits(0);
    given.runs(1, FIRST);
}

#[test]
fn a_plugin_that_no_allow_rule_matches_is_neither_installed_nor_loaded() {
    let text =
        "[[allow]]\nname = \"fruit-002\"\n\n[[allow]]\nname = \"fruit-001\"\nversion = \">=71\"\n";
    assert_refused_at_install_and_load(text, "none of its `allow` rules matches");
    let given = Given::trusting();
    given.write_machine_policy(text);
    given.installs(2, FIRST);
    given.runs(2, FIRST);
}

#[test]
fn an_allow_rule_can_name_the_signing_key() {
    let text = format!("[[allow]]\nkey = \"{}\"\n", public_key("other"));
    assert_refused_at_install_and_load(&text, "none of its `allow` rules matches");
    let given = Given::new();
    given.trusts("other");
    given.write_machine_policy(&text);
    let package = given.package(1, FIRST, Some("other"));
    given.install(&package).exits(0);
    given.runs(1, FIRST);
}

#[test]
fn required_signatures_refuse_unsigned_and_linked_plugins() {
    let given = Given::trusting();
    given.bundles(2, FIRST);
    let unsigned = given.package(1, FIRST, None).display().to_string();
    let line = ["plugin", "install", "--yes", "--allow-unsigned", &unsigned];
    given.tw(line).exits(0);
    given.runs(1, FIRST);
    given.installs(3, FIRST);
    let file = given.write_machine_policy("signatures = \"required\"\n");
    let rule = "`signatures = \"required\"`, but it isn't signed";
    given.assert_refused_by(1, &file, rule);
    // Bundled plugins need no signature: they are as trustworthy as `tw` itself.
    given.runs(2, FIRST);
    given.runs(3, FIRST);
    given.tw(["plugin", "remove", "fruit-001"]).exits(0);
    given.tw(line).fails_with(&refusal(&file, rule));
    given.has_no(1);
    let link = write_library(&given, 4);
    given
        .tw(["plugin", "link", &link])
        .fails_with(&refusal(&file, rule));
}

/// Writes the library of this fruit into the work folder, and returns its path.
fn write_library(given: &Given, number: u16) -> String {
    let path = given
        .work()
        .join(format!("libtw_plugin_fruit_{number:03}.so"));
    fs::write(&path, library(number, FIRST)).unwrap();
    path.display().to_string()
}

#[test]
fn forbidden_links_can_be_neither_made_nor_used() {
    let given = Given::new().with_own_files();
    given.bundles(2, FIRST);
    let path = write_library(&given, 1);
    given.tw(["plugin", "link", &path]).exits(0);
    given.runs(1, FIRST);
    let file = given.write_machine_policy("linked = \"forbidden\"\n");
    given.assert_refused_by(1, &file, "`linked = \"forbidden\"`");
    given.runs(2, FIRST);
    let other = write_library(&given, 3);
    given.marks();
    given
        .tw(["plugin", "link", &other])
        .fails_with(&refusal(&file, "`linked = \"forbidden\"`"));
    assert_eq!(given.marks(), 0, "none of its code runs");
    given.has_no(3);
    given.tw(["plugin", "unlink", "fruit-001"]).exits(0);
    given.has_no(1);
}

#[test]
fn a_forbidden_linked_library_is_not_mapped_for_its_manifest() {
    let given = Given::new().with_own_files();
    let path = write_library(&given, 1);
    given.tw(["plugin", "link", &path]).exits(0);
    given.runs(1, FIRST);
    given.marks();
    for text in [
        "linked = \"forbidden\"\n",
        "[[deny]]\nname = \"fruit-001\"\n",
        "[[allow]]\nname = \"fruit-002\"\n",
        "signatures = \"required\"\n",
        "what?\n",
    ] {
        given.write_machine_policy(text);
        // The library is rebuilt, so its cached manifest is stale.
        let new = given.work().join("new");
        fs::write(&new, library(1, SECOND)).unwrap();
        fs::rename(&new, &path).unwrap();
        given.tw(["--help"]).exits(0);
        given.tw(["fruit-001"]).exits(1).prints("");
        assert_eq!(given.list_entry("fruit-001")["state"], "broken");
        assert_eq!(given.marks(), 0, "{text}");
    }
    fs::remove_dir_all(given.installation.prefix().join("etc")).unwrap();
    given.runs(1, SECOND);
}

#[test]
fn forbidden_external_commands_do_not_run() {
    let given = Given::new();
    let program = given.add_program("tw-greet", "#!/bin/sh\necho taken\n");
    let file = given.write_machine_policy("external = \"forbidden\"\n");
    let reason = refusal(&file, "`external = \"forbidden\"`");
    given
        .with_path(["greet"])
        .run()
        .fails_with(&format!("Cannot run {}: {reason}", program.display()));
    given
        .with_path(["plugin", "list", "--external"])
        .run()
        .exits(0)
        .prints_with("forbidden");
    fs::remove_file(&file).unwrap();
    given.with_path(["greet"]).run().exits(0).prints("taken\n");
}

#[test]
fn rules_about_names_apply_to_external_commands() {
    let given = Given::new();
    given.add_program("tw-greet", "#!/bin/sh\necho greeted\n");
    given.add_program("tw-count", "#!/bin/sh\necho counted\n");
    let file = given.write_machine_policy("[[deny]]\nname = \"gr*\"\n");
    given
        .with_path(["greet"])
        .run()
        .fails_with(&refusal(&file, "`deny`, rule 1"));
    given
        .with_path(["count"])
        .run()
        .exits(0)
        .prints("counted\n");
}

#[test]
fn only_the_pinned_version_of_a_plugin_is_installed_and_loaded() {
    let text = format!("[pins]\nfruit-001 = \"{SECOND}\"\n");
    let rule = format!("`pins.fruit-001 = \"{SECOND}\"`");
    assert_refused_at_install_and_load(&text, &rule);
    let given = Given::trusting();
    given.write_machine_policy(&text);
    given.installs(1, SECOND);
    given.runs(1, SECOND);
    given.installs(2, FIRST);
    given.runs(2, FIRST);
}

#[test]
fn allow_deny_and_pin_rules_apply_to_bundled_plugins() {
    for (text, rule) in [
        ("[[deny]]\nname = \"fruit-001\"\n", "`deny`, rule 1"),
        ("[[deny]]\nversion = \"<=70.0.100\"\n", "`deny`, rule 1"),
        (
            "[[allow]]\nname = \"fruit-002\"\n",
            "none of its `allow` rules matches",
        ),
        (
            "[pins]\nfruit-001 = \"70.0.101\"\n",
            "`pins.fruit-001 = \"70.0.101\"`",
        ),
    ] {
        let given = Given::new();
        given.bundles(1, FIRST);
        given.bundles(2, SECOND);
        given.runs(1, FIRST);
        let file = given.write_machine_policy(text);
        given.assert_refused_by(1, &file, rule);
        given.runs(2, SECOND);
        fs::remove_file(&file).unwrap();
        given.runs(1, FIRST);
    }
}

#[test]
fn a_rule_that_could_never_match_stops_all_plugins() {
    let given = Given::trusting();
    given.installs(1, FIRST);
    let key = public_key("acme");
    for (text, part) in [
        (
            format!("key = \"{}\"", &key[1..]),
            "line 2: it is not a public key",
        ),
        (
            "key = \"E7620F1842B4E81F\"".to_owned(),
            "line 2: it is the ID of a public key, and the whole key is needed",
        ),
        (
            "key = \"acme\"".to_owned(),
            "line 2: it is not a public key",
        ),
        (
            "index = \"shady\"".to_owned(),
            "line 2: no policy prescribes the index `shady`",
        ),
        (
            "name = \"Fruit-001\"".to_owned(),
            "line 2: no plugin can be called `Fruit-001`",
        ),
        (
            "name = \"fruit-001 \"".to_owned(),
            "line 2: no plugin can be called `fruit-001 `",
        ),
        (
            "name = \"fruit_001\"".to_owned(),
            "line 2: no plugin can be called `fruit_001`",
        ),
        (
            "services = [\"tokens\"]".to_owned(),
            "line 2: there is no service `tokens`",
        ),
        (
            "services = []".to_owned(),
            "line 2: the rule denies no service",
        ),
    ] {
        let file = given.write_machine_policy(&format!("[[deny]]\n{text}\n"));
        let file = file.display();
        let part =
            format!("the policy {file} can't be understood ({part}), so nothing may be loaded");
        given.tw(["fruit-001"]).fails_with(&part);
    }
    // Other spellings of the key are the same key.
    for key in [
        format!(" {key} "),
        format!("untrusted comment: acme\\n{key}\\n"),
    ] {
        let file = given.write_machine_policy(&format!("[[deny]]\nkey = \"{key}\"\n"));
        given.assert_refused_by(1, &file, "`deny`, rule 1");
    }
}

#[test]
fn a_policy_can_forbid_to_take_commands() {
    let given = Given::trusting();
    given.install(&pack_rival(&given, 1)).exits(0);
    let file = given.write_machine_policy("take-commands = \"forbidden\"\n");
    let package = given.package(9, FIRST, Some("acme"));
    given
        .install_with(&["--take-commands"], &package)
        .fails_with(&refusal(&file, "`take-commands = \"forbidden\"`"));
    given.installs(2, FIRST);
    let ran = given.tw(["fruit-009", "-o", "json"]).exits(0).json();
    assert_eq!(ran["fruit"], "fruit-001");
}
