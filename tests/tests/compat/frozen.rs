//! A plugin of 1.0 that uses each part of the author's API, with today's host.

use serde_json::{Value, json};
use tw_sandbox::{Fault, Sandbox};
use tw_tests::{Installation, Terminal, World, fixtures_of};

use crate::{FIXTURES, world_with};

fn world() -> World {
    world_with("frozen", "tw-plugin-frozen")
}

/// Runs a command of the plugin that succeeds, and returns its result.
#[track_caller]
fn run(world: &World, line: &[&str]) -> Value {
    let line = ["-o", "json", "frozen"].iter().chain(line);
    world.tw(line.copied()).exits(0).json()
}

#[test]
fn help_of_a_plugin_of_1_0_shows_types_ranges_and_words() {
    insta::assert_snapshot!(
        "help_of_1_0",
        world().tw(["frozen", "typed", "--help"]).exits(0).stdout
    );
}

#[test]
fn arguments_of_every_type_reach_a_plugin_of_1_0() {
    let world = world();
    let defaults = run(&world, &["typed", "--word", "pear"]);
    assert_eq!(
        defaults,
        json!({
            "id": null, "word": "pear", "order": "name", "timeout": 30_000, "size": null,
            "since": null, "ratio": 0.5, "numbers": [], "addresses": [], "switch": null,
            "secret": null, "text": null, "input": null, "paths": [],
        })
    );
    let file = world.installation.home().join("input.yaml");
    std::fs::write(&file, "a: [1, two]\n").expect("the home can be written");
    let file = file.to_str().expect("the path is a text");
    #[rustfmt::skip]
    let line = [
        "typed", "--id", "7", "--order", "Recent", "--timeout", "1m30s", "--size", "10MiB",
        "--since", "2026-01-31", "--ratio", "2", "--numbers", "1,2", "--addresses", "::1",
        "--switch", "false", "--secret", "hunter2", "--text", "x", "--input", file, "a", "--b",
    ];
    assert_eq!(
        run(&world, &line),
        json!({
            "id": 7, "word": null, "order": "newest", "timeout": 90_000, "size": 10_485_760,
            "since": 1_769_817_600, "ratio": 2.0, "numbers": [1, 2], "addresses": ["::1"],
            "switch": false, "secret": 7, "text": "x", "input": { "a": [1, "two"] },
            "paths": ["a", "--b"],
        })
    );
    for wrong in [
        &["typed"][..],
        &["typed", "--id", "1", "--word", "x"],
        &["typed", "--id", "-1"],
        &["typed", "--id", "1", "--timeout", "2h"],
        &["typed", "--id", "1", "--addresses", "here"],
        &["typed", "--word", "bad"],
    ] {
        let line = ["frozen"].iter().chain(wrong);
        world.tw(line.copied()).exits(2).prints("");
    }
}

#[test]
fn a_plugin_of_1_0_completes_values() {
    let world = world();
    let words = ["tw", "--insecure", "frozen", "typed", "--word", "pe"];
    let ran = world
        .installation
        .command(["__complete", "fish", "--"])
        .args(words)
        .env("TOWER_API_ENDPOINT", world.sandbox.url())
        .env("TOWER_ACCESS_TOKEN", world.sandbox.token())
        .run();
    assert_eq!(ran.offered(), ["pear", "peach", "pe-of-demo"]);
}

#[test]
fn a_plugin_of_1_0_gets_its_settings() {
    let world = world();
    let defaults = json!({ "maxRows": 100, "team": null, "given": null });
    assert_eq!(run(&world, &["settings"]), defaults);
    let folder = world.installation.home().join(".config").join("tw");
    std::fs::create_dir_all(&folder).expect("the home can be written");
    let text = "[plugin.frozen]\nmax-rows = 5\nteam = \"imaging\"\n";
    std::fs::write(folder.join("config.toml"), text).expect("the home can be written");
    let given = json!({ "maxRows": 5, "team": "imaging", "given": "imaging" });
    assert_eq!(run(&world, &["settings"]), given);
}

#[test]
fn every_kind_of_result_of_a_plugin_of_1_0_is_shown() {
    let world = world();
    insta::assert_snapshot!("sections_of_1_0", world.tw(["frozen", "overview"]));
    let csv = world.tw(["frozen", "overview", "-o", "csv"]).exits(3);
    insta::assert_snapshot!("sections_of_1_0_as_csv", csv);
    insta::assert_snapshot!(
        "failure_beside_a_result_of_1_0",
        world.tw(["frozen", "partial"])
    );
    for (command, rows) in [("rows", 3), ("stream", 6)] {
        let shown = run(&world, &[command]);
        assert_eq!(shown["kind"], command);
        assert_eq!(shown["numbers"].as_array().map(Vec::len), Some(rows));
        let lines = world
            .tw(["frozen", command, "-o", "jsonl"])
            .exits(0)
            .says("");
        assert_eq!(lines.stdout.lines().count(), rows);
        assert!(lines.stdout.starts_with("{\"n\":0}\n"), "{}", lines.stdout);
    }
    world
        .tw(["frozen", "bytes"])
        .exits(0)
        .prints("\0one\ntwo\n")
        .says("");
}

#[test]
fn requests_of_a_plugin_of_1_0_are_sent() {
    let page = |pets: Value| {
        let body = json!({ "pets": pets, "totalSize": 3 }).to_string();
        Fault::on("GET", "/pets")
            .status(200)
            .body("application/json", body)
            .times(1)
    };
    let builder = Sandbox::builder()
        .fault(page(json!([{ "name": "tom" }, { "name": "mia" }])))
        .fault(page(json!([{ "name": "leo" }])))
        .fault(Fault::on("POST", "/forms").status(201));
    let installation = Installation::bundled();
    installation.add("frozen", &fixtures_of(FIXTURES)["tw-plugin-frozen"]);
    let world = World::of(builder.start(), installation);
    let home = world.installation.home();
    std::fs::write(home.join("photo.txt"), "a cat").expect("the home can be written");
    let ran = world
        .command(["frozen", "requests", "-o", "json"])
        .from(&home)
        .run();
    assert_eq!(
        ran.exits(0).json(),
        json!({
            "pets": [{ "name": "tom" }, { "name": "mia" }, { "name": "leo" }],
            "batch": [200, 404],
            "streamed": true,
            "form": 201,
            "saved": true,
            "missing": [true, 404],
        })
    );
    let saved = std::fs::read_to_string(home.join("saved.json")).expect("the file is saved");
    assert!(saved.contains("demo"), "{saved}");
    world.saw([
        "GET /pets?kind=cat&max=2&offset=0",
        "GET /pets?kind=cat&max=2&offset=2",
        "GET /user-info",
        "GET /nowhere",
        "GET /user-info",
        "POST /forms",
        "GET /user-info",
        "GET /nowhere/a%20b",
    ]);
}

#[test]
fn the_services_of_1_0_answer() {
    let world = world();
    let ran = world.tw(["frozen", "services", "-o", "json"]).exits(0);
    assert_eq!(
        ran.json(),
        json!({
            "time": "2026-01-31T00:00:00.000Z",
            "same": true,
            "terminal": false,
            "folder": true,
            "document": { "A": "1" },
            "lines": 1,
            "workspaces": ["user", "[acme / research]", "[acme / production]"],
            "cancelled": false,
            "user": "demo",
            "format": "json",
            "feature": false,
        })
    );
    ran.says_with("a warning of the log");
}

#[test]
fn a_plugin_of_1_0_asks_on_a_terminal() {
    let world = world();
    world
        .tw(["frozen", "choose"])
        .exits(1)
        .says_with("nobody is here");
    let left = Terminal::start(world.command(["frozen", "choose", "-o", "json"]))
        .until("Which color?")
        .until_each_key()
        .types("\u{1b}[B\r")
        .ends()
        .exits(0);
    assert_eq!(left.json(), json!({ "color": "green" }));
    left.works_as_before();
}
