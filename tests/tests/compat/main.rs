//! Old and new: a plugin of 1.0 under today's host, today's plugin under a host of 1.0, and messages that carry more or less than is known.
#![allow(
    clippy::expect_used,
    reason = "a test that can't go on says so and ends"
)]

use std::process::Command;

use tw_sandbox::{Sandbox, Secret};
use tw_tests::{Installation, World, artifacts, fixtures_of};

const FIXTURES: &str = "tests/fixtures-1.0";

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
fn a_plugin_of_1_0_runs_under_todays_host() {
    let world = world_with("frozen", "tw-plugin-frozen");
    world
        .tw(["frozen", "names", "-w", "acme/research", "--most", "5"])
        .exits(0)
        .says("")
        .prints(concat!(
            "\n  Names at [acme / research] workspace:\n\n",
            "     Name \n",
            "    ------\n",
            "     KEY  \n\n",
        ));
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
fn a_plugin_of_1_0_and_todays_live_side_by_side() {
    let world = world_with("frozen", "tw-plugin-frozen");
    world
        .tw(["plugin", "list"])
        .exits(0)
        .prints_with("frozen")
        .prints_with("secrets")
        .says("");
    world.tw(["secrets", "list"]).exits(0);
}

#[test]
fn todays_secrets_runs_under_a_host_of_1_0() {
    let sandbox = Sandbox::builder().start();
    let host = |request: &str| {
        let output = Command::new(&fixtures_of(FIXTURES)["tw-host-1-0"])
            .arg(&artifacts().plugins["tw-plugin-secrets"])
            .args([sandbox.url(), sandbox.token(), request])
            .output()
            .expect("the host runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it prints text");
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
fn messages_from_the_future_are_read_for_what_is_known() {
    let world = world_with("later", "tw-plugin-later");
    world
        .tw(["plugin", "list"])
        .exits(0)
        .prints_with("9.9.9")
        .says("");
    world
        .tw(["later", "rich", "--when", "tomorrow"])
        .exits(0)
        .says("")
        .prints(concat!("\n", "     N \n", "    ---\n", "     1 \n\n"));
    world
        .tw(["later", "rich", "-o", "json"])
        .exits(0)
        .prints("{\n  \"rows\": [\n    {\n      \"n\": 1\n    }\n  ]\n}\n");
    world
        .tw(["later", "unknown-view"])
        .exits(0)
        .says("")
        .prints_with("n")
        .prints_with("1");
    world
        .tw(["later", "unknown-failure"])
        .exits(1)
        .prints("")
        .says_with("it was never built");
}

#[test]
fn a_method_that_the_host_does_not_know_is_answered_so() {
    let world = world_with("later", "tw-plugin-later");
    world
        .tw(["later", "unknown-method"])
        .exits(1)
        .prints("")
        .says_with("http.teleport")
        .says_with("doesn't know");
}

#[test]
fn messages_that_leave_out_all_that_has_a_default_are_enough() {
    let world = world_with("later", "tw-plugin-later");
    world
        .tw(["later", "poor"])
        .exits(0)
        .says("")
        .prints_with("1");
    world
        .tw(["later", "poor", "-o", "json"])
        .exits(0)
        .prints("{\n  \"n\": 1\n}\n");
}
