//! `tw secrets add`: its output to the byte, its requests, and what the server stores.

use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::World;

use crate::{USER, WORKSPACES, assert_text, list_stored, list_stored_in, start_with_secret};

#[test]
fn add_creates_a_secret_and_prints_its_id() {
    let world = World::new();
    world
        .tw(["secrets", "add", "-n", "KEY", "-v", "first"])
        .exits(0)
        .prints("\n  New secret 'KEY' (1001) added at user workspace\n\n")
        .says("");
    world.saw(["POST /pipeline-secrets"]);
    assert_eq!(list_stored(&world), ["1001 KEY=first"]);
}

#[test]
fn add_creates_a_secret_in_the_workspace_and_not_for_the_user() {
    let world = World::new();
    world
        .tw([
            "secrets",
            "add",
            "-n",
            "KEY",
            "-v",
            "first",
            "-w",
            "acme/research",
        ])
        .exits(0)
        .prints("\n  New secret 'KEY' (1001) added at [acme / research] workspace\n\n")
        .says("");
    world.saw([USER, WORKSPACES, "POST /pipeline-secrets?workspaceId=100"]);
    assert_eq!(list_stored_in(&world, Some(100)), ["1001 KEY=first"]);
    assert!(
        list_stored(&world).is_empty(),
        "the secret was created for the user too"
    );
}

#[test]
fn add_prints_the_largest_id_exactly_in_json() {
    let world = World::with(Sandbox::builder().first_secret_id(i64::MAX));
    let line = "-o json secrets add -n KEY -v first -w 100";
    let ran = world.tw(line.split(' ')).exits(0).says("");
    assert_text("add_json_with_largest_id", &ran.stdout);
}

#[test]
fn add_sends_the_name_and_the_value_as_json() {
    let world = World::new();
    world
        .tw(["secrets", "add", "-n", "KEY", "-v", "a \"quoted\"\nvalue"])
        .exits(0);
    let requests = world.sandbox.requests();
    assert_eq!(requests[0].header("content-type"), Some("application/json"));
    assert_eq!(
        String::from_utf8_lossy(&requests[0].body),
        r#"{"name":"KEY","value":"a \"quoted\"\nvalue"}"#
    );
}

#[test]
fn add_reports_that_the_server_refused_a_duplicate_name() {
    let world = start_with_secret();
    world
        .tw(["secrets", "add", "-n", "KEY", "-v", "second"])
        .fails("A secret named 'KEY' already exists");
    world.saw(["POST /pipeline-secrets"]);
    assert_eq!(list_stored(&world), ["1001 KEY=first"]);
}

#[test]
fn add_refuses_names_that_the_platform_does_not_accept() {
    let world = World::new();
    for name in [
        "",
        "a",
        "my-secret",
        "1st",
        "a__b",
        "with blank",
        &"a".repeat(101),
    ] {
        world
            .tw(["secrets", "add", "-n", name, "-v", "x"])
            .rejects("--name");
    }
    world.saw([]);
}

#[test]
fn add_without_a_value_sends_no_request() {
    let world = World::new();
    for line in [
        &["secrets", "add", "-n", "KEY"][..],
        &["secrets", "add", "-n", "KEY", "--overwrite"],
        &["secrets", "add", "-n", "KEY", "-w", "100"],
    ] {
        world.tw(line.iter().copied()).rejects("--value");
    }
    world
        .tw(["secrets", "add", "-v", "first"])
        .rejects("--name");
    world.saw([]);
}

#[test]
fn add_fails_if_the_response_has_no_integer_id() {
    let world = World::new();
    for body in [
        "{}",
        r#"{"secretId": null}"#,
        r#"{"secretId": "1001"}"#,
        r#"{"secretId": 1.5}"#,
        "[]",
        "null",
        "",
    ] {
        world.sandbox.clear_faults();
        world
            .sandbox
            .fault(Fault::on("POST", "/pipeline-secrets").json(body));
        world
            .tw(["secrets", "add", "-n", "KEY", "-v", "first"])
            .fails_with("POST /pipeline-secrets");
    }
}

#[test]
fn concurrent_adds_each_create_their_secret() {
    let world = World::new();
    let running: Vec<_> = ["ONE", "TWO", "THREE"]
        .map(|name| {
            world
                .command(["secrets", "add", "-n", name, "-v", "x"])
                .start()
        })
        .into();
    for one in running {
        one.ends().exits(0).says("");
    }
    let mut names: Vec<_> = world
        .sandbox
        .secrets(None)
        .into_iter()
        .map(|secret| secret.name)
        .collect();
    names.sort();
    assert_eq!(names, ["ONE", "THREE", "TWO"]);
}

#[test]
fn add_ignores_a_secret_of_the_same_name_in_a_workspace() {
    let world = World::with(Sandbox::builder().secret(Secret::new("KEY", "shared").workspace(100)));
    world
        .tw(["secrets", "add", "-n", "KEY", "-v", "own"])
        .exits(0);
    assert_eq!(list_stored(&world), ["1002 KEY=own"]);
    assert_eq!(list_stored_in(&world, Some(100)), ["1001 KEY=shared"]);
}

#[test]
fn add_looks_up_a_secret_whose_response_was_lost() {
    let add = ["secrets", "add", "-n", "NEW", "-v", "x"];
    let calls = ["POST /pipeline-secrets", "GET /pipeline-secrets"];
    let lost = "POST /pipeline-secrets was sent, and its outcome is unknown: ";

    let world = start_with_secret();
    world
        .sandbox
        .fault(Fault::on("POST", "*").reset_before().times(1));
    world
        .tw(add)
        .fails_with(lost)
        .says_with("'NEW' does not exist yet");
    world.saw(calls);
    assert_eq!(list_stored(&world), ["1001 KEY=first"]);

    let world = start_with_secret();
    world
        .sandbox
        .fault(Fault::on("POST", "*").reset_after().times(1));
    world
        .tw(add)
        .fails_with(lost)
        .says_with("a secret 'NEW' exists now");
    world.saw(calls);

    // With `--overwrite`, `add` then writes the value, so the outcome is certain.
    let world = start_with_secret();
    world
        .sandbox
        .fault(Fault::on("POST", "*").reset_after().times(1));
    world
        .tw([&add[..], &["--overwrite"]].concat())
        .exits(0)
        .says("")
        .prints("\n  New secret 'NEW' (1002) added at user workspace\n\n");
    world.saw([
        "GET /pipeline-secrets",
        "POST /pipeline-secrets",
        "GET /pipeline-secrets",
        "PUT /pipeline-secrets/1002",
    ]);
    assert_eq!(list_stored(&world), ["1001 KEY=first", "1002 NEW=x"]);

    // The outcome stays unknown if the list can't be read.
    let world = start_with_secret();
    world.sandbox.fault(Fault::on("POST", "*").reset_after());
    world.sandbox.fault(Fault::on("GET", "*").status(400));
    world.tw(add).fails_with(lost);
}
