//! The plugin's own section of the configuration file.

use serde_json::{Value, json};
use tw_tests::World;

use crate::{Probe, is_usage_error, probe};

/// A home with this configuration.
fn configured(text: &str) -> World {
    let world = probe();
    let folder = world.installation.home().join(".config").join("tw");
    std::fs::create_dir_all(&folder).expect("the home can be written");
    std::fs::write(folder.join("config.toml"), text).expect("the home can be written");
    world
}

#[test]
fn a_plugin_gets_its_own_section() {
    let world = configured(concat!(
        "[plugin.probe]\nname = \"ü\"\ncount = -3\nlimit = 9223372036854775807\nratio = 1.5\non = true\nlist = [1, \"two\"]\n",
        "when = 2026-11-23T10:00:00Z\n[plugin.probe.table]\nkey = \"value\"\n[plugin.other]\nname = \"another's\"\n[host]\nx = 1\n"
    ));
    let expected = json!({
        "name": "ü", "count": -3, "limit": i64::MAX, "ratio": 1.5, "on": true, "list": [1, "two"],
        "when": "2026-11-23T10:00:00Z", "table": { "key": "value" },
    });
    assert_eq!(world.got(["config", "show"]), expected);
}

#[test]
fn no_file_and_no_section_is_nothing() {
    assert_eq!(probe().got(["config", "show"]), json!({}));
    assert_eq!(configured("").got(["config", "show"]), json!({}));
    assert_eq!(
        configured("[plugin.other]\na = 1\n").got(["config", "show"]),
        json!({})
    );
    let world = probe();
    let without = world.probe(["config", "show"]).without_env("HOME");
    assert_eq!(without.run().exits(0).json(), json!({}));
}

#[test]
fn a_setting_has_the_type_that_the_plugin_wants() {
    let world = configured("[plugin.probe]\ncount = 3\nword = \"hunter2\"\nnegative = -1\n");
    assert_eq!(world.got(["config", "number", "count"]), 3);
    assert_eq!(world.got(["config", "number", "absent"]), Value::Null);
    for key in ["word", "negative"] {
        let message = format!(
            "the setting `{key}` in the plugin's configuration is not of the expected type"
        );
        is_usage_error(
            world
                .tw(["probe", "config", "number", key])
                .never_shows("hunter2"),
            &message,
        );
    }
}

#[test]
fn a_broken_file_is_named_with_the_line_and_not_with_what_stands_there() {
    for (text, line) in [
        ("[plugin.probe]\na = 1\nkey = hunter2\n", 3),
        ("[plugin.probe]\nkey = \"hunter2\n", 2),
        ("[plugin.probe]\na = \"hunter2\"\n\na = 2\n", 4),
        ("[plugin.probe\nkey = \"hunter2\"\n", 1),
        ("\n\nhunter2\n", 3),
    ] {
        let world = configured(text);
        let ran = world.tw(["probe", "config", "show"]);
        let ran = ran.never_shows("hunter2").exits(1).prints("");
        ran.says_with("Cannot read the configuration")
            .says_with(".config/tw/config.toml")
            .says_with(&format!("line {line}"));
    }
}

#[test]
fn a_section_of_another_form_is_told_without_what_stands_there() {
    for text in [
        "[plugin]\nprobe = \"hunter2\"\n",
        "plugin = \"hunter2\"\n",
        "[[plugin.probe]]\nkey = \"hunter2\"\n",
    ] {
        let ran = configured(text).tw(["probe", "config", "show"]);
        ran.never_shows("hunter2")
            .exits(1)
            .prints("")
            .says_with("config.toml");
    }
}

#[test]
fn what_is_wrong_in_another_plugins_section_is_not_this_ones() {
    let world = configured("[plugin]\nother = \"a word\"\n[plugin.probe]\nkey = 1\n");
    assert_eq!(world.got(["config", "show"]), json!({ "key": 1 }));
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let world = probe();
    std::fs::create_dir_all(world.installation.home().join(".config/tw/config.toml"))
        .expect("the home can be written");
    world
        .tw(["probe", "config", "show"])
        .exits(1)
        .prints("")
        .says_with("Cannot read the configuration")
        .says_with("config.toml");
}

#[test]
fn the_file_may_stand_where_xdg_says() {
    let world = configured("[plugin.probe]\nfrom = \"home\"\n");
    let folder = world.installation.home().join("elsewhere");
    std::fs::create_dir_all(folder.join("tw")).expect("the home can be written");
    std::fs::write(
        folder.join("tw/config.toml"),
        "[plugin.probe]\nfrom = \"elsewhere\"\n",
    )
    .expect("the home can be written");
    let got = world
        .probe(["config", "show"])
        .env("XDG_CONFIG_HOME", &folder)
        .run();
    assert_eq!(got.exits(0).json(), json!({ "from": "elsewhere" }));
    let got = world
        .probe(["config", "show"])
        .env("XDG_CONFIG_HOME", "")
        .run();
    assert_eq!(got.exits(0).json(), json!({ "from": "home" }));
}
