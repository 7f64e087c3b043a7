//! `tw plugin list` and `tw plugin info`.

use serde_json::json;
use tw_tests::Installation;

use crate::given::Given;

fn find_path(given: &Given, name: &str) -> String {
    let path = given.installation.plugin(name);
    path.canonicalize()
        .expect("the library is there")
        .display()
        .to_string()
}

#[test]
fn the_list_as_json_has_every_plugin_with_its_problem() {
    let given = Given::healthy().file("text", b"no library");
    let list = given
        .tw(["plugin", "list", "-o", "json"])
        .exits(0)
        .says("")
        .json();
    assert_eq!(
        list,
        json!({ "plugins": [
            {
                "name": "healthy", "version": "1.0.0", "abi": 1, "origin": "bundled", "state": "ok",
                "path": find_path(&given, "healthy"),
            },
            {
                "name": "text", "origin": "bundled", "state": "broken",
                "path": find_path(&given, "text"),
                "problem": "the file is not a library", "hint": "remove it, or put the library in its place",
            },
        ]})
    );
}

#[test]
fn the_list_on_the_console_has_a_table_and_the_problems_below_it() {
    let given = Given::healthy().file("text", b"no library");
    let list = given.tw(["plugin", "list"]).exits(0).says("").stdout;
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(lines[..3], ["", "  Plugins:", ""], "{list}");
    let cells = |line: &str| {
        line.split('|')
            .map(|cell| cell.trim().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        cells(lines[3]),
        [
            "Name",
            "Version",
            "ABI",
            "Origin",
            "Publisher",
            "State",
            "Path"
        ]
    );
    assert_eq!(
        cells(lines[5]),
        [
            "healthy",
            "1.0.0",
            "1",
            "bundled",
            "",
            "ok",
            &find_path(&given, "healthy")
        ]
    );
    assert_eq!(
        cells(lines[6]),
        [
            "text",
            "",
            "",
            "bundled",
            "",
            "broken",
            &find_path(&given, "text")
        ]
    );
    let end =
        "\n\n  text: the file is not a library\n    remove it, or put the library in its place\n\n";
    assert!(list.ends_with(end), "{list}");
}

#[test]
fn an_empty_list_says_so() {
    let installation = Installation::bare();
    let list = installation.command(["plugin", "list"]).run();
    list.exits(0).prints_with("No plugins found");
    let list = installation
        .command(["plugin", "list", "-o", "json"])
        .run()
        .exits(0);
    assert_eq!(list.json(), json!({ "plugins": [] }));
}

#[test]
fn the_bundled_plugins_are_all_usable() {
    let given = Given::of(Installation::bundled());
    let list = given.list();
    let names: Vec<&str> = list
        .iter()
        .filter_map(|plugin| plugin["name"].as_str())
        .collect();
    assert_eq!(names, ["healthy", "rest", "secrets", "workspaces"]);
    assert!(
        list.iter().all(|plugin| plugin["state"] == "ok"),
        "{list:#?}"
    );
    given.others_work(0);
}

#[test]
fn info_shows_every_property_of_a_plugin() {
    let given = Given::healthy();
    let info = given
        .tw(["plugin", "info", "healthy", "-o", "json"])
        .exits(0)
        .says("")
        .json();
    assert_eq!(
        info,
        json!({ "plugin": {
            "name": "healthy", "version": "1.0.0", "abi": 1, "origin": "bundled", "state": "ok",
            "path": find_path(&given, "healthy"),
            "description": "A correct plugin", "vendor": "The tw authors", "license": "Apache-2.0",
            "target": format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS),
            "protocol": 1, "commands": ["tw healthy"], "services": ["config"],
        }})
    );
    let shown = given.tw(["plugin", "info", "healthy"]).exits(0).says("");
    for text in [
        "Plugin healthy",
        "Apache-2.0",
        "tw healthy",
        "config",
        "The tw authors",
        &find_path(&given, "healthy"),
    ] {
        assert!(shown.stdout.contains(text), "{shown}");
    }
}

#[test]
fn info_shows_why_a_plugin_is_broken_and_how_to_fix_it() {
    let given = Given::healthy().plugin("panics-registering");
    let info = given
        .tw(["plugin", "info", "panics-registering", "-o", "json"])
        .exits(0)
        .says("")
        .json();
    let plugin = &info["plugin"];
    assert_eq!(plugin["state"], "broken");
    assert!(
        plugin["problem"]
            .as_str()
            .is_some_and(|problem| problem.contains("no commands today")),
        "{info:#}"
    );
    assert!(
        plugin["hint"]
            .as_str()
            .is_some_and(|hint| hint.contains("tell its author")),
        "{info:#}"
    );
    given
        .tw(["plugin", "info", "panics-registering"])
        .exits(0)
        .prints_with("broken")
        .prints_with("no commands today")
        .prints_with("tell its author")
        .says("");
}

#[test]
fn info_about_an_unknown_plugin_fails() {
    let given = Given::healthy();
    given.tw(["plugin", "info", "helthy"]).fails(
        "There is no plugin `helthy`\n        `tw plugin list` shows the plugins on this machine",
    );
    given
        .tw(["plugin", "info"])
        .exits(2)
        .prints("")
        .says_with("<NAME>");
}
