//! The plugin's own section of the configuration file.

use serde_json::{Value, json};
use tw_tests::World;

use crate::{Probe, assert_usage_error, set_up};

/// Sets up a world whose home has this configuration file.
fn set_up_config(text: &str) -> World {
    let world = set_up();
    let folder = world.installation.home().join(".config").join("tw");
    std::fs::create_dir_all(&folder).expect("the home can be written");
    std::fs::write(folder.join("config.toml"), text).expect("the home can be written");
    world
}

#[test]
fn a_plugin_gets_only_its_own_section() {
    let world = set_up_config(concat!(
        "[plugin.probe]\nname = \"ü\"\ncount = -3\nlimit = 9223372036854775807\nratio = 1.5\non = true\nlist = [1, \"two\"]\n",
        "when = 2026-11-23T10:00:00Z\n[plugin.probe.table]\nkey = \"value\"\n[plugin.other]\nname = \"another's\"\n[host]\nx = 1\n"
    ));
    let expected = json!({
        "name": "ü", "count": -3, "limit": i64::MAX, "ratio": 1.5, "on": true, "list": [1, "two"],
        "when": "2026-11-23T10:00:00Z", "table": { "key": "value" },
    });
    assert_eq!(world.probe_json(["config", "show"]), expected);
}

#[test]
fn the_section_is_empty_without_a_file_or_a_section() {
    assert_eq!(set_up().probe_json(["config", "show"]), json!({}));
    assert_eq!(set_up_config("").probe_json(["config", "show"]), json!({}));
    assert_eq!(
        set_up_config("[plugin.other]\na = 1\n").probe_json(["config", "show"]),
        json!({})
    );
    let world = set_up();
    let without = world.probe(["config", "show"]).without_env("HOME");
    assert_eq!(without.run().exits(0).json(), json!({}));
}

#[test]
fn a_setting_is_read_as_the_type_that_the_plugin_asks_for() {
    let world = set_up_config("[plugin.probe]\ncount = 3\nword = \"hunter2\"\nnegative = -1\n");
    assert_eq!(world.probe_json(["config", "number", "count"]), 3);
    assert_eq!(
        world.probe_json(["config", "number", "absent"]),
        Value::Null
    );
    for key in ["word", "negative"] {
        let message = format!(
            "the setting `{key}` in the plugin's configuration is not of the expected type"
        );
        assert_usage_error(
            world
                .tw(["probe", "config", "number", key])
                .never_shows("hunter2"),
            &message,
        );
    }
}

#[test]
fn a_syntax_error_is_reported_by_file_and_line_without_the_text() {
    for (text, line) in [
        ("[plugin.probe]\na = 1\nkey = hunter2\n", 3),
        ("[plugin.probe]\nkey = \"hunter2\n", 2),
        ("[plugin.probe]\na = \"hunter2\"\n\na = 2\n", 4),
        ("[plugin.probe\nkey = \"hunter2\"\n", 1),
        ("\n\nhunter2\n", 3),
    ] {
        let world = set_up_config(text);
        let ran = world.tw(["probe", "config", "show"]);
        let ran = ran.never_shows("hunter2").exits(1).prints("");
        ran.says_with("Cannot read the configuration")
            .says_with(".config/tw/config.toml")
            .says_with(&format!("line {line}"));
    }
}

#[test]
fn a_section_that_is_not_a_table_is_reported_without_its_content() {
    for text in [
        "[plugin]\nprobe = \"hunter2\"\n",
        "plugin = \"hunter2\"\n",
        "[[plugin.probe]]\nkey = \"hunter2\"\n",
    ] {
        let ran = set_up_config(text).tw(["probe", "config", "show"]);
        ran.never_shows("hunter2")
            .exits(1)
            .prints("")
            .says_with("config.toml");
    }
}

#[test]
fn an_error_in_one_plugins_section_affects_no_other_plugin() {
    let world = set_up_config("[plugin]\nother = \"a word\"\n[plugin.probe]\nkey = 1\n");
    assert_eq!(world.probe_json(["config", "show"]), json!({ "key": 1 }));
}

#[test]
fn an_unreadable_file_is_reported_by_name() {
    let world = set_up();
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
fn xdg_config_home_moves_the_file_unless_it_is_empty() {
    let world = set_up_config("[plugin.probe]\nfrom = \"home\"\n");
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
