//! `tw profile`.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use serde_json::json;
use tw_tests::World;

use crate::Files;

const TEXT: &str = "\
# written by hand
endpoint = \"https://a.example/api\"   # ours

[profile.old]          # keep this
workspace = 5          # and this
";

fn mode_of(path: &Path) -> u32 {
    path.metadata().expect("it is there").permissions().mode() & 0o777
}

#[test]
fn changes_keep_comments_and_order() {
    let world = World::new();
    world.configure(TEXT);
    let text = || fs::read_to_string(world.user_file()).expect("the file can be read");
    let tw = |line: &[&str]| drop(world.plain(line.iter().copied()).exits(0).says(""));
    tw(&[
        "profile",
        "set",
        "old",
        "workspace=acme/research",
        "http.read-timeout=0.5",
    ]);
    assert_eq!(
        text(),
        TEXT.replace("workspace = 5 ", "workspace = \"acme/research\" ")
            + "\n[profile.old.http]\nread-timeout = 0.5\n"
    );
    tw(&["profile", "unset", "old", "http.read-timeout"]);
    tw(&[
        "profile",
        "set",
        "old",
        "workspace=5",
        "output=json",
        "http.retries=2",
        "http.rate=none",
    ]);
    tw(&["profile", "use", "old"]);
    assert!(text().contains("default-profile = \"old\""), "{}", text());
    assert!(
        text().contains("# written by hand")
            && text().contains("# ours")
            && text().contains("# keep this")
    );
    let shown = world
        .plain(["profile", "show", "-o", "json"])
        .exits(0)
        .json();
    let keys: Vec<_> = shown["settings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| (row["key"].clone(), row["value"].clone()))
        .collect();
    let expected = [
        ("workspace", "5"),
        ("output", "json"),
        ("http.retries", "2"),
        ("http.rate", "none"),
    ];
    assert_eq!(
        keys,
        expected.map(|(key, value)| (json!(key), json!(value)))
    );
    tw(&["profile", "remove", "old"]);
    assert!(
        text().starts_with("# written by hand\nendpoint = \"https://a.example/api\"   # ours\n"),
        "{}",
        text()
    );
    assert!(!text().contains("old"), "{}", text());
}

#[test]
fn the_first_profile_makes_a_private_folder_and_a_private_file() {
    let world = World::new();
    let _ = fs::remove_dir_all(world.installation.home().join(".config"));
    let ran = world.plain([
        "profile",
        "set",
        "work",
        "endpoint=https://x.example/api",
        "cacert=ca.pem",
    ]);
    ran.exits(0).prints("\n  Profile 'work' added\n\n").says("");
    let file = world.user_file();
    assert_eq!(mode_of(&file), 0o600);
    assert_eq!(mode_of(file.parent().expect("a folder")), 0o700);
    // A path that was typed is relative to the working directory, and a path in the file is relative to the file.
    let text = fs::read_to_string(&file).expect("the file can be read");
    let path = world.installation.home().join("ca.pem");
    assert_eq!(
        text,
        format!(
            "[profile.work]\nendpoint = \"https://x.example/api\"\ncacert = \"{}\"\n",
            path.display()
        )
    );
    // The permissions that the user set stay.
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("a mode can be set");
    world
        .plain(["profile", "set", "work", "workspace=1"])
        .exits(0);
    assert_eq!(mode_of(&file), 0o640);
}

#[test]
fn a_change_that_makes_no_sense_changes_nothing() {
    let world = World::new();
    world.configure(TEXT);
    for (line, message, hint) in [
        (
            &["set", "old", "url=x"][..],
            "A profile has no key `url`",
            "did you mean `endpoint`?",
        ),
        (
            &["set", "old", "retries=1"],
            "A profile has no key `retries`",
            "did you mean `http.retries`?",
        ),
        (
            &["set", "old", "wrokspace=1"],
            "A profile has no key `wrokspace`",
            "did you mean `workspace`?",
        ),
        (
            &["set", "old", "http=1"],
            "`http` is a section",
            "its keys are http.connect-timeout, http.read-timeout, http.retries, http.rate",
        ),
        (
            &["set", "old", "workspace=1", "http.retries=11"],
            "`http.retries` should be a whole number from 0 to 10",
            "",
        ),
        (
            &["set", "old", "endpoint="],
            "`endpoint` should be an address",
            "",
        ),
        (
            &["set", "old", "hunter2"],
            "A key and its value are written KEY=VALUE",
            "",
        ),
        (
            &["set", "a.b", "workspace=1"],
            "'a.b' can't be a profile's name",
            "",
        ),
        (&["unset", "old", "url"], "A profile has no key `url`", ""),
    ] {
        let ran = world.plain([&["profile"], line].concat()).exits(2);
        ran.never_shows("hunter2")
            .says_with(message)
            .says_with(hint);
    }
    for (line, message) in [
        (
            &["unset", "old", "endpoint"][..],
            "The profile `old` doesn't set `endpoint`",
        ),
        (&["show"], "No profile is in use"),
    ] {
        world
            .plain([&["profile"], line].concat())
            .exits(1)
            .says_with(message);
    }
    for line in [
        &["show", "odl"][..],
        &["use", "odl"],
        &["remove", "odl"],
        &["unset", "odl", "output"],
    ] {
        let ran = world.plain([&["profile"], line].concat()).exits(2);
        ran.says_with("There is no profile `odl`")
            .says_with("did you mean `old`?");
    }
    assert_eq!(
        fs::read_to_string(world.user_file()).expect("the file can be read"),
        TEXT
    );
}

#[test]
fn a_change_leaves_the_head_and_the_line_ends_of_the_file() {
    let world = World::new();
    for (before, line, after) in [
        (
            "# head\n\n[profile.c]\n",
            &["use", "c"][..],
            "# head\n\ndefault-profile = \"c\"\n\n[profile.c]\n",
        ),
        (
            "# head\n# more",
            &["set", "x", "workspace=1"],
            "# head\n# more\n\n[profile.x]\nworkspace = \"1\"\n",
        ),
        (
            "\u{feff}[profile.c]\r\nworkspace = 2\r\n",
            &["set", "c", "workspace=1"],
            "\u{feff}[profile.c]\r\nworkspace = \"1\"\r\n",
        ),
    ] {
        world.configure(before);
        let line = [&["profile"], line].concat();
        world.plain(line.iter().copied()).exits(0);
        let text = fs::read_to_string(world.user_file()).expect("the file can be read");
        assert_eq!(text, after);
    }
}

#[test]
fn the_list_shows_what_chooses_the_profile() {
    let world = World::new();
    world
        .plain(["profile", "list"])
        .exits(0)
        .prints("\n  Profiles:\n\n    No profiles found\n");
    world.configure(
        "[profile.a]\nworkspace = 1\n[profile.b]\nendpoint = \"https://b.example\"\nproxy = \"http://me:hunter2@proxy.example\"\n",
    );
    let tw = world
        .installation
        .command(["profile", "list", "-o", "json"]);
    let ran = tw.env("TW_PROFILE", "b").run().exits(0);
    assert_eq!(
        ran.never_shows("hunter2").json(),
        json!({ "profiles": [
            { "name": "a", "chosenBy": null, "endpoint": null, "workspace": "1" },
            { "name": "b", "chosenBy": "TW_PROFILE", "endpoint": "https://b.example", "workspace": null },
        ] })
    );
}

#[test]
fn two_processes_that_change_profiles_lose_no_change() {
    let world = World::new();
    let names: Vec<String> = (0..12).map(|number| format!("p{number}")).collect();
    let running: Vec<_> = names
        .iter()
        .map(|name| {
            let line = ["profile", "set", name.as_str(), "workspace=1"];
            world.installation.command(line).start()
        })
        .collect();
    for running in running {
        running.ends().exits(0);
    }
    let listed = world
        .plain(["profile", "list", "-o", "json"])
        .exits(0)
        .json();
    assert_eq!(
        listed["profiles"].as_array().map(Vec::len),
        Some(names.len())
    );
}

#[test]
fn a_file_that_others_could_have_written_is_not_changed() {
    let world = World::new();
    world.configure(TEXT);
    let file = world.user_file();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).expect("a mode can be set");
    let ran = world
        .plain(["profile", "set", "old", "workspace=1"])
        .exits(1);
    ran.says_with("isn't safe: everybody can write");
    assert_eq!(
        fs::read_to_string(&file).expect("the file can be read"),
        TEXT
    );
}

#[test]
fn a_link_to_the_file_stays_a_link() {
    let world = World::new();
    let real = world.installation.home().join("dotfiles.toml");
    fs::write(&real, TEXT).expect("the home can be written");
    fs::create_dir_all(world.user_file().parent().expect("a folder"))
        .expect("a folder can be made");
    std::os::unix::fs::symlink(&real, world.user_file()).expect("a link can be made");
    world
        .plain(["profile", "set", "old", "output=json"])
        .exits(0);
    assert!(world.user_file().is_symlink());
    let text = fs::read_to_string(&real).expect("the file can be read");
    assert!(text.contains("output = \"json\""), "{text}");
}

#[test]
fn the_names_of_profiles_and_their_keys_complete() {
    let world = World::new();
    world.configure("[profile.work]\n[profile.home]\n");
    let offered = |words: &[&str]| {
        let line = [&["__complete", "fish", "--", "tw"], words].concat();
        world.installation.command(line).run().says("").offered()
    };
    assert_eq!(offered(&["--profile", "w"]), ["work"]);
    assert_eq!(offered(&["secrets", "list", "--profile", "h"]), ["home"]);
    assert_eq!(offered(&["profile", "use", "w"]), ["work"]);
    assert_eq!(offered(&["profile", "set", "work", "end"]), ["endpoint="]);
    assert_eq!(
        offered(&["profile", "unset", "work", "http.re"]),
        ["http.read-timeout", "http.retries"]
    );
    // A broken file offers nothing, and says nothing.
    world.configure("[htpp]\n");
    assert!(offered(&["--profile", "w"]).is_empty());
    assert!(offered(&["prof"]).contains(&"profile".to_owned()));
}

#[test]
fn an_external_command_gets_the_profile_and_its_settings() {
    let world = World::new();
    world.configure("[profile.work]\nendpoint = \"https://x.example\"\nworkspace = \"acme/research\"\noutput = \"json\"\ncacert = \"ca.pem\"\nproxy = \"http://proxy.example:3128\"\n");
    let folder = world.installation.home().join("bin");
    let program = folder.join("tw-say");
    crate::write(&program, "#!/bin/sh\nenv\n");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("a mode can be set");
    let tw = world.installation.command(["--profile", "work", "say"]);
    let ran = tw
        .env("PATH", format!("{}:/usr/bin:/bin", folder.display()))
        .env("TOWER_ACCESS_TOKEN_FILE", "/nothing")
        .run();
    let ran = ran.exits(0).never_shows("TOWER_ACCESS_TOKEN");
    for line in [
        "TW_PROFILE=work",
        "https_proxy=http://proxy.example:3128",
        "http_proxy=http://proxy.example:3128",
        "TOWER_API_ENDPOINT=https://x.example",
        "TOWER_WORKSPACE_ID=acme/research",
        "TOWER_CLI_OUTPUT_FORMAT=json",
    ] {
        assert!(
            ran.stdout.lines().any(|shown| shown == line),
            "{line}: {ran}"
        );
    }
    assert!(ran.stdout.contains(".config/tw/ca.pem"), "{ran}");
}

#[test]
fn a_wrong_column_hides_no_change() {
    let world = World::new();
    let line = [
        "profile",
        "set",
        "w",
        "workspace=5",
        "--columns",
        "bogus",
        "-o",
        "csv",
    ];
    let ran = world.plain(line).exits(0);
    ran.says_with("'--columns' has no effect: the result has no column 'bogus'")
        .prints("profile\r\nw\r\n");
    let line = ["profile", "set", "x", "workspace=5", "--jq", ".["];
    world
        .plain(line)
        .rejects("error: The expression of '--jq' can't be parsed");
    world
        .plain(["profile", "list", "-o", "names"])
        .prints("w\n");
    let listed = world.plain(["profile", "list", "--columns", "bogus"]);
    listed.rejects("error: the result has no column 'bogus'");
}
