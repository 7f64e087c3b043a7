//! The plugin's own section of the configuration file.

use serde_json::json;
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
fn settings_of_every_type_are_read_from_the_plugins_own_section() {
    let world = set_up_config(concat!(
        "[plugin.probe]\nname = \"ü\"\ncount = -3\nmax-rows = 100\nratio = 0.5\non = true\nmaybe = false\n",
        "list = [\"a\", \"b\"]\nnumbers = [1, -2]\nwait = \"1m30s\"\nsize = \"2kB\"\nsince = 2026-11-23T10:00:00Z\n",
        "color = \"ROSE\"\nsecret = \"hunter2hunter2\"\naddress = \"::1\"\n"
    ));
    let expected = json!({
        "name": "ü", "count": -3, "max-rows": 100, "ratio": 0.5, "on": true, "maybe": false, "list": ["a", "b"], "numbers": [1, -2],
        "wait": 90_000, "size": 2000, "since": 1_795_428_000_000_u64, "color": "red", "secret": true, "address": "::1",
    });
    let ran = world.probe(["config", "show"]).run().exits(0);
    assert_eq!(ran.json(), expected);
    let world = set_up_config("[plugin.probe]\nsize = 0x10\nratio = 1\n");
    let got = world.probe_json(["config", "show"]);
    assert_eq!((&got["size"], &got["ratio"]), (&json!(16), &json!(1.0)));
}

#[test]
fn settings_have_their_defaults_without_a_file_or_a_section() {
    let defaults = json!({
        "name": null, "count": null, "max-rows": 20, "ratio": null, "on": false, "maybe": null, "list": [], "numbers": [],
        "wait": 30_000, "size": null, "since": null, "color": "blue", "secret": false, "address": null,
    });
    for world in [set_up(), set_up_config(""), set_up_config("[plugin]\n")] {
        assert_eq!(world.probe_json(["config", "show"]), defaults);
    }
    let world = set_up();
    let without = world.probe(["config", "show"]).without_env("HOME");
    assert_eq!(without.run().exits(0).json(), defaults);
}

#[test]
fn a_setting_that_does_not_fit_is_reported_by_line_and_key_and_not_shown() {
    for (setting, expected) in [
        ("name = 77777", "a text in quotes"),
        ("count = \"77777\"", "an integer"),
        ("count = 1.5", "an integer"),
        ("count = 77777777777777777777", "a smaller number"),
        ("max-rows = 77777", "an integer from 1 to 100"),
        ("ratio = 77777", "a number up to 1"),
        ("on = \"77777\"", "true or false"),
        ("maybe = 77777", "true or false"),
        ("list = \"77777\"", "a list in brackets"),
        ("list = [77777]", "a text in quotes"),
        ("numbers = [1, \"77777\"]", "an integer"),
        ("wait = 77777", "a text in quotes"),
        ("wait = \"77777 s\"", "a duration such as"),
        ("size = \"77777 apples\"", "a size such as"),
        ("since = 77777", "a text in quotes"),
        ("color = \"77777\"", "one of red, blue"),
        ("secret = 77777", "a text in quotes"),
    ] {
        let world = set_up_config(&format!("[plugin.probe]\n\n{setting}\n"));
        let (key, _) = setting.split_once(' ').expect("a key and a value");
        let ran = world.tw(["probe", "config", "show"]).exits(1).prints("");
        ran.never_shows("77777")
            .says_with("config.toml: line 3: ")
            .says_with(&format!("`plugin.probe.{key}` should be {expected}"));
    }
}

#[test]
fn an_unknown_setting_is_refused_with_the_nearest_one() {
    let world = set_up_config("[plugin.probe]\nmax-row = 5\n");
    let ran = world.tw(["probe", "config", "show"]).exits(1);
    let reason = "line 2: `max-row` is no setting of the plugin `probe`";
    ran.says_with(reason);
    let world = set_up_config("[plugin.probe]\nhouse = 5\n");
    let ran = world.tw(["probe", "config", "show"]).exits(1);
    ran.says_with("line 2: `house` is no setting of the plugin `probe`");
}

#[test]
fn the_text_of_a_setting_that_the_plugin_cannot_parse_is_a_usage_error() {
    let world = set_up_config("[plugin.probe]\naddress = \"a house\"\n");
    let ran = world.tw(["probe", "config", "show"]);
    assert_usage_error(ran, "Invalid setting `address`: expected an IP address");
}

#[test]
fn a_secret_setting_is_redacted() {
    let world = set_up_config("[plugin.probe]\nsecret = \"hunter2hunter2\"\n");
    let ran = world.tw(["probe", "config", "leak"]).exits(1);
    ran.never_shows("hunter2")
        .says_with("the secret is [redacted]");
}

#[test]
fn a_setting_is_the_default_of_an_argument() {
    let defaults = |world: &World, more: &[&str]| {
        let line = ["config", "defaults"].iter().chain(more);
        world.probe_json(line.copied())
    };
    let text = "[plugin.probe]\nmax-rows = 7\nname = \"rex\"\nlist = [\"a\", \"b\"]\non = true\n";
    let world = set_up_config(text);
    let expected =
        json!({ "rows": 7, "name": "rex", "list": ["a", "b"], "on": true, "typed": false });
    assert_eq!(defaults(&world, &[]), expected);
    let line = ["--rows", "9", "--name", "tom", "--list", "c"];
    let expected = json!({ "rows": 9, "name": "tom", "list": ["c"], "on": true, "typed": true });
    assert_eq!(defaults(&world, &line), expected);
    let line = world.probe(["config", "defaults"]).env("PROBE_NAME", "max");
    assert_eq!(line.run().exits(0).json()["name"], "max");
    // Without the setting, the argument has its own default, or is missing.
    assert_eq!(defaults(&set_up(), &["--name", "x"])["rows"], 5);
    assert_usage_error(
        set_up().tw(["probe", "config", "defaults"]),
        "--name <NAME>",
    );
    let world = set_up_config("[plugin.probe]\nmax-rows = 777\n");
    let ran = world.tw(["probe", "config", "defaults", "--name", "x"]);
    ran.exits(1)
        .never_shows("777")
        .says_with("`plugin.probe.max-rows` should be");
    world
        .tw(["probe", "config", "defaults", "--name", "x", "--rows", "1"])
        .exits(0);
    world
        .tw(["probe", "config", "defaults", "--help"])
        .prints_with("[setting: max-rows]");
}

#[test]
fn a_section_without_a_plugin_is_reported() {
    let world = set_up_config("[plugin.prob]\nname = \"x\"\n[plugin.\"a\\u001Bb\"]\n");
    let ran = world.tw(["probe", "config", "show"]).exits(0);
    ran.says(concat!(
        "warning: the configuration has the section `[plugin.a␛b]`, and there is no plugin of that name\n",
        "warning: the configuration has the section `[plugin.prob]`, and there is no plugin of that name\n",
    ));
    // The list of plugins names such sections too.
    let listed = world.tw(["plugin", "list"]).exits(0);
    listed.says_with("the section `[plugin.prob]`, and there is no plugin of that name\n");
    // A command that reads no settings reads no file.
    world.tw(["probe-context"]).exits(0).says("");
}

#[test]
fn the_settings_of_a_plugin_are_in_its_description() {
    let world = set_up();
    let info = world.tw(["plugin", "info", "probe", "-o", "json"]);
    let info = info.exits(0).json();
    let settings = info["plugin"]["settings"].as_array().expect("a list");
    assert_eq!(
        settings[2],
        "max-rows: Maximum number of rows to show [default: 20]"
    );
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
fn a_wrong_setting_of_one_plugin_affects_no_other_plugin() {
    let world = set_up_config("[plugin.other]\ncount = \"a word\"\n[plugin.probe]\ncount = 1\n");
    let ran = world.probe(["config", "show"]).run().exits(0);
    assert_eq!(ran.json()["count"], 1);
    // A value that is no section is wrong for every plugin.
    let world = set_up_config("[plugin]\nother = \"a word\"\n[plugin.probe]\ncount = 1\n");
    let ran = world.tw(["probe", "config", "show"]).exits(1);
    ran.says_with("line 2: `plugin.other` is not a section");
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
    let world = set_up_config("[plugin.probe]\nname = \"home\"\n");
    let folder = world.installation.home().join("elsewhere");
    std::fs::create_dir_all(folder.join("tw")).expect("the home can be written");
    std::fs::write(
        folder.join("tw/config.toml"),
        "[plugin.probe]\nname = \"elsewhere\"\n",
    )
    .expect("the home can be written");
    let got = world
        .probe(["config", "show"])
        .env("XDG_CONFIG_HOME", &folder)
        .run();
    assert_eq!(got.exits(0).json()["name"], "elsewhere");
    let got = world
        .probe(["config", "show"])
        .env("XDG_CONFIG_HOME", "")
        .run();
    assert_eq!(got.exits(0).json()["name"], "home");
}
