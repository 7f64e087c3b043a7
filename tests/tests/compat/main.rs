//! Compatibility across versions: a plugin of 1.0 with today's host, today's plugin with a host of 1.0, and messages with unknown or missing fields.
#![allow(clippy::expect_used, reason = "a failed test panics with its reason")]

mod frozen;

use std::process::Command;

use tw_sandbox::{Sandbox, Secret};
use tw_tests::{Installation, World, artifacts, fixtures_of};

const FIXTURES: &str = "tests/fixtures-1.0";

/// Starts a sandbox and an installation with one plugin of the fixtures.
fn world_with(name: &str, package: &str) -> World {
    let installation = Installation::bundled();
    installation.add(name, &fixtures_of(FIXTURES)[package]);
    World::of(
        Sandbox::builder()
            .secret(Secret::new("KEY", "value").workspace(100))
            .start(),
        installation,
    )
}

#[test]
fn a_plugin_of_1_0_runs_with_todays_host() {
    let world = world_with("frozen", "tw-plugin-frozen");
    let ran = world.tw(["frozen", "names", "-w", "acme/research", "--most", "5"]);
    insta::assert_snapshot!("plugin_of_1_0", ran);
    world.saw([
        "GET /user-info",
        "GET /user/1/workspaces",
        "GET /pipeline-secrets?workspaceId=100",
    ]);
    world
        .tw(["frozen", "names"])
        .exits(0)
        .prints("\n  Names at user workspace:\n\n    None\n");
    world
        .tw(["frozen", "names", "--most", "101"])
        .exits(2)
        .says_with("--most");
    world
        .tw(["frozen", "fail"])
        .exits(42)
        .prints("")
        .says("\n ERROR: as it was told\n\n");
    world
        .tw(["frozen", "fail", "--panic"])
        .exits(1)
        .prints("")
        .says_with("The plugin `frozen` failed: it panicked at")
        .says_with("as it was told");
}

#[test]
fn plugins_of_1_0_and_of_today_work_side_by_side() {
    let world = world_with("frozen", "tw-plugin-frozen");
    let list = world.tw(["plugin", "list", "-o", "json"]).exits(0).says("");
    let list = list.json();
    let plugins = list["plugins"].as_array().expect("a list of plugins");
    let states: Vec<_> = plugins
        .iter()
        .map(|plugin| (plugin["name"].as_str(), plugin["state"].as_str()))
        .collect();
    let expected = ["frozen", "rest", "secrets", "workspaces"].map(|name| (Some(name), Some("ok")));
    assert_eq!(states, expected);
    world.tw(["frozen", "names"]).exits(0).says("");
    world.tw(["secrets", "list"]).exits(0).says("");
}

#[test]
fn todays_secrets_plugin_runs_with_a_host_of_1_0() {
    let sandbox = Sandbox::builder().start();
    let host = |request: &str| {
        let output = Command::new(&fixtures_of(FIXTURES)["tw-host-1-0"])
            .arg(&artifacts().plugins["tw-plugin-secrets"])
            .args([sandbox.url(), sandbox.token(), request])
            .output()
            .expect("the host runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the host prints UTF-8");
        (
            output.status.code(),
            text(output.stdout),
            text(output.stderr),
        )
    };
    let (exit, out, err) = host(
        r#"{"command": ["secrets", "add"], "arguments": {"name": "KEY", "value": "s3cret", "overwrite": false}}"#,
    );
    assert_eq!(exit, Some(0), "{out}{err}");
    assert!(
        out.contains("New secret 'KEY' (1001) added at user workspace"),
        "{out}"
    );
    assert_eq!(sandbox.secrets(None)[0].value, "s3cret");
    let (exit, out, _) = host(r#"{"command": ["secrets", "list"]}"#);
    assert_eq!(exit, Some(0));
    let body = out.lines().nth(1).expect("the body is the second line");
    let body: serde_json::Value = serde_json::from_str(body).expect("the body is JSON");
    assert_eq!(body["secrets"][0]["name"], "KEY");
    for command in ["update", "delete"] {
        let request = format!(
            r#"{{"command": ["secrets", "{command}"], "arguments": {{"name": "KEY", "value": "another"}}}}"#
        );
        let (exit, out, err) = host(&request);
        assert_eq!(exit, Some(0), "{out}{err}");
    }
    let (exit, out, _) = host(r#"{"command": ["secrets", "view"], "arguments": {"id": 1001}}"#);
    assert_eq!(exit, Some(1));
    assert!(
        out.contains("Unknown secret '1001' at user workspace"),
        "{out}"
    );
}

#[test]
fn unknown_fields_in_messages_are_ignored() {
    let world = world_with("later", "tw-plugin-later");
    world
        .tw(["plugin", "list"])
        .exits(0)
        .prints_with("9.9.9")
        .says("");
    let ran = world.tw(["later", "rich", "--when", "tomorrow"]);
    insta::assert_snapshot!("unknown_fields", ran);
    let ran = world.tw(["later", "rich", "-o", "json"]);
    insta::assert_snapshot!("unknown_fields_as_json", ran);
    let ran = world.tw(["later", "unknown-view"]);
    insta::assert_snapshot!("unknown_view", ran);
    world
        .tw(["later", "unknown-failure"])
        .exits(1)
        .prints("")
        .says_with("it was never built");
}

#[test]
fn an_unknown_method_of_the_host_is_answered_with_an_error() {
    let world = world_with("later", "tw-plugin-later");
    world
        .tw(["later", "unknown-method"])
        .exits(1)
        .prints("")
        .says_with("http.teleport")
        .says_with("doesn't know");
}

#[test]
fn fields_with_a_default_may_be_missing_in_messages() {
    let world = world_with("later", "tw-plugin-later");
    let ran = world.tw(["later", "poor"]);
    insta::assert_snapshot!("missing_fields", ran);
    world
        .tw(["later", "poor", "-o", "json"])
        .exits(0)
        .prints("{\n  \"n\": 1\n}\n");
}
