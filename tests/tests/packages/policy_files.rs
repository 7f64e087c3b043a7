//! Policy files: where they can be. No file can weaken another, and nothing is loaded if a file can't be read.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tw_tests::{Ran, Tw};

use crate::{
    given::{FIRST, Given, SECOND, has_program},
    machine::report_skip,
    policy::{refusal, write},
};

const DENY: &str = "[[deny]]\nname = \"fruit-001\"\n";
const ALLOW: &str = "[[allow]]\nname = \"*\"\n";
const RULE: &str = "`deny`, rule 1";

/// Returns a user with a bundled fruit, an installed fruit and an external command. All three run.
fn set_up_all_kinds() -> Given {
    let given = Given::trusting();
    given.bundles(1, FIRST);
    given.installs(2, FIRST);
    given.add_program("tw-greet", "#!/bin/sh\necho taken\n");
    given.runs(1, FIRST);
    given.runs(2, FIRST);
    given
}

/// Asserts that nothing can be loaded, run or installed, and that each message contains `part`.
#[track_caller]
fn assert_nothing_loads(given: &Given, change: impl Fn(Tw) -> Tw, part: &str) {
    let tw = |line: &[&str]| -> Ran { change(given.with_path(line.iter().copied())).run() };
    let part = format!("{part}, so nothing may be loaded");
    tw(&["fruit-001"]).fails_with(&part);
    tw(&["fruit-002"]).fails_with(&part);
    tw(&["greet"]).fails_with(&part);
    let package = given.package(3, FIRST, Some("acme")).display().to_string();
    tw(&["plugin", "install", "--yes", &package]).fails_with(&part);
    tw(&["plugin", "sync"]).fails_with(&part);
    tw(&["plugin", "index", "list"]).fails_with(&part);
    tw(&["plugin", "verify"]).exits(1).prints_with(&part);
    let list = tw(&["plugin", "list", "-o", "json"]).exits(0).json();
    for plugin in list["plugins"].as_array().unwrap() {
        assert_eq!(plugin["state"], "broken", "{list:#}");
        let problem = plugin["problem"].as_str().unwrap();
        assert!(problem.contains(&part), "{list:#}");
    }
    // Help still works, so that a user can find out what to do.
    tw(&["--version"]).exits(0).prints_with("tw ").says("");
    tw(&["--help"]).exits(0).prints_with("fruit-001");
    tw(&["fruit-001", "--help"]).exits(0);
    tw(&["plugin", "--help"]).exits(0);
}

#[test]
fn a_persons_own_policy_cannot_lift_a_rule_of_the_machine() {
    let given = Given::new();
    given.bundles(1, FIRST);
    given.write_own_policy(ALLOW);
    given.runs(1, FIRST);
    let file = given.write_machine_policy(DENY);
    given.assert_refused_by(1, &file, RULE);
    let named = write(&given.work().join("named.toml"), ALLOW);
    given
        .command(["fruit-001"])
        .env("TW_POLICY", &named)
        .run()
        .fails_with(&refusal(&file, RULE));
}

#[test]
fn a_persons_own_policy_can_forbid_more_than_the_machine() {
    let given = Given::new();
    given.bundles(1, FIRST);
    given.write_machine_policy(ALLOW);
    let file = given.write_own_policy(DENY);
    given.assert_refused_by(1, &file, RULE);
}

#[test]
fn the_policy_in_the_variable_tw_policy_applies_too() {
    let given = Given::new();
    given.bundles(1, FIRST);
    given.bundles(2, FIRST);
    given.write_machine_policy(ALLOW);
    given.write_own_policy(ALLOW);
    let file = write(&given.work().join("named.toml"), DENY);
    let named = |name: &str, policy: &Path| {
        given
            .command([name, "-o", "json"])
            .env("TW_POLICY", policy)
            .run()
    };
    named("fruit-001", &file).fails_with(&refusal(&file, RULE));
    named("fruit-002", &file).exits(0);
    named("fruit-001", Path::new("named.toml"))
        .fails_with("the policy named.toml forbids it: `deny`, rule 1");
    // An empty variable counts as unset.
    named("fruit-001", Path::new("")).exits(0);
}

#[test]
fn a_plugin_must_match_the_allow_rules_of_every_policy() {
    let given = Given::new();
    for number in [1, 2, 3] {
        given.bundles(number, FIRST);
    }
    let allow = |numbers: [u16; 2]| {
        let rules = numbers.map(|number| format!("[[allow]]\nname = \"fruit-{number:03}\"\n"));
        rules.concat()
    };
    let machine = given.write_machine_policy(&allow([1, 2]));
    let own = given.write_own_policy(&allow([2, 3]));
    let rule = "none of its `allow` rules matches";
    given.assert_refused_by(1, &own, rule);
    given.runs(2, FIRST);
    given.assert_refused_by(3, &machine, rule);
}

#[test]
fn two_policies_with_different_pins_refuse_every_version() {
    let given = Given::new();
    given.bundles(1, FIRST);
    let machine = given.write_machine_policy(&format!("[pins]\nfruit-001 = \"{FIRST}\"\n"));
    given.runs(1, FIRST);
    let own = given.write_own_policy(&format!("[pins]\nfruit-001 = \"{SECOND}\"\n"));
    given.assert_refused_by(1, &own, &format!("`pins.fruit-001 = \"{SECOND}\"`"));
    given.bundles(1, SECOND);
    given.assert_refused_by(1, &machine, &format!("`pins.fruit-001 = \"{FIRST}\"`"));
}

#[test]
fn a_changed_policy_applies_to_the_next_command() {
    let given = Given::new();
    given.bundles(1, FIRST);
    let rule = format!("[[deny]]\nversion = \"{FIRST}\"\n");
    for _ in 0..3 {
        given.write_machine_policy(&rule);
        given.tw(["fruit-001"]).fails_with(RULE);
        given.write_machine_policy("");
        given.runs(1, FIRST);
    }
}

#[test]
fn the_policy_in_etc_applies_to_every_installation() {
    let given = Given::new();
    given.bundles(1, FIRST);
    if !has_program("unshare") || !can_mount() {
        return;
    }
    let etc = given.work().join("etc");
    let run = |text: &str| {
        write(&etc.join("tw/policy.toml"), text);
        // In a mount namespace of its own, in which this folder is /etc.
        Tw::new(Path::new("unshare"), &given.installation.home())
            .args(["--mount", "sh", "-c"])
            .args([
                "mount --bind \"$1\" /etc && exec \"$2\" fruit-001 -o json",
                "sh",
            ])
            .args([&etc, &given.installation.tw()])
            .run()
    };
    run(ALLOW).exits(0).prints_with(FIRST);
    run(DENY).fails_with("the policy /etc/tw/policy.toml forbids it: `deny`, rule 1");
    given.write_machine_policy(ALLOW);
    given.write_own_policy(ALLOW);
    run(DENY).fails_with("the policy /etc/tw/policy.toml forbids it: `deny`, rule 1");
    run("signatures = \"maybe\"\n")
        .fails_with("the policy /etc/tw/policy.toml can't be understood");
    given.runs(1, FIRST);
}

/// True if file systems can be mounted. Reports a skipped test otherwise.
fn can_mount() -> bool {
    let mounts = std::process::Command::new("unshare")
        .args(["--mount", "mount", "--bind", "/tmp", "/tmp"])
        .output();
    let mounts = mounts.is_ok_and(|output| output.status.success());
    if !mounts {
        report_skip("nothing can be mounted");
    }
    mounts
}

#[test]
fn nothing_is_loaded_if_a_policy_is_not_toml() {
    let given = set_up_all_kinds();
    let file =
        given.write_machine_policy("# Ours.\nlinked = \"forbidden\"\n[[deny]\nname = \"x\"\n");
    let part = format!(
        "the policy {} can't be understood (line 3: unclosed array table, expected `]`)",
        file.display()
    );
    assert_nothing_loads(&given, |tw| tw, &part);
    fs::remove_file(file).unwrap();
    given.runs(1, FIRST);
}

#[test]
fn nothing_is_loaded_if_a_policy_has_an_unknown_key_or_value() {
    let given = set_up_all_kinds();
    for (text, line) in [
        ("signature = \"required\"\n", 1),
        ("\nsignatures = true\n", 2),
        ("signatures = \"optional\"\n", 1),
        ("\n\nlinked = \"allowed\"\n", 3),
        ("[[deny]]\nnames = \"x\"\n", 2),
        ("[[deny]]\nname = \"[\"\n", 2),
        ("[[deny]]\nversion = \"new\"\n", 2),
        ("[pins]\nfruit-001 = \"70\"\n", 2),
        (
            "[indices.main]\nurl = \"https://x.example\"\nkeys = \"y\"\n",
            3,
        ),
        ("only-indices = \"true\"\n", 1),
    ] {
        let file = given.write_machine_policy(text);
        let start = format!("the policy {} can't be understood", file.display());
        given
            .tw(["fruit-001"])
            .fails_with(&format!("{start} (line {line}: "));
    }
    let file = given.write_machine_policy("allow-all = true\n");
    let part = format!(
        "the policy {} can't be understood (line 1: unknown field `allow-all`",
        file.display()
    );
    given.tw(["fruit-001"]).fails_with(&part);
}

#[test]
fn nothing_is_loaded_if_a_policy_cannot_be_read() {
    let given = set_up_all_kinds();
    let file: PathBuf = given.installation.prefix().join("etc/tw/policy.toml");
    // A folder in place of the file, and then bytes that aren't UTF-8. Even root can't read these as a policy.
    fs::create_dir_all(&file).unwrap();
    let part = format!(
        "the policy {} can't be read (Is a directory)",
        file.display()
    );
    assert_nothing_loads(&given, |tw| tw, &part);
    fs::remove_dir(&file).unwrap();
    fs::write(&file, b"# \xff\xfe\n").unwrap();
    given
        .tw(["fruit-001"])
        .fails_with(&format!("the policy {} can't be read", file.display()));
    fs::remove_file(&file).unwrap();
    given.runs(1, FIRST);
}

#[test]
fn nothing_is_loaded_if_the_persons_own_policy_is_damaged() {
    let given = set_up_all_kinds();
    given.write_machine_policy(ALLOW);
    let file = given.write_own_policy("[[deny]]\nwho = \"knows\"\n");
    let part = format!(
        "the policy {} can't be understood (line 2: ",
        file.display()
    );
    given.tw(["fruit-001"]).fails_with(&part);
    given.tw(["fruit-002"]).fails_with(&part);
    // A dangling link counts as a policy that can't be read.
    fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink("nowhere", &file).unwrap();
    given
        .tw(["fruit-001"])
        .fails_with(&format!("the policy {}", file.display()));
    fs::remove_file(&file).unwrap();
    given.runs(1, FIRST);
}

#[test]
fn nothing_is_loaded_if_the_policy_in_tw_policy_is_missing() {
    let given = set_up_all_kinds();
    let file = given.work().join("nowhere.toml");
    let part = format!("the policy {} doesn't exist", file.display());
    assert_nothing_loads(&given, |tw| tw.env("TW_POLICY", &file), &part);
    let below = given.lock_file().join("policy.toml");
    given
        .command(["fruit-001"])
        .env("TW_POLICY", &below)
        .run()
        .fails_with(&format!("the policy {} doesn't exist", below.display()));
}

#[test]
fn an_empty_policy_forbids_nothing() {
    let given = set_up_all_kinds();
    given.write_machine_policy("");
    given.write_own_policy("# Nothing yet.\n");
    given.runs(1, FIRST);
    given.runs(2, FIRST);
    given.with_path(["greet"]).run().exits(0).prints("taken\n");
}
