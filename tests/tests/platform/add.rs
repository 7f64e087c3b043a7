//! `tw secrets add`, to the byte.

use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::World;

use crate::{USER, WORKSPACES, one_secret, stored, stored_in};

#[test]
fn a_new_secret() {
    let world = World::new();
    world
        .tw(["secrets", "add", "-n", "KEY", "-v", "first"])
        .exits(0)
        .prints("\n  New secret 'KEY' (1001) added at user workspace\n\n")
        .says("");
    world.saw(["POST /pipeline-secrets"]);
    assert_eq!(stored(&world), ["1001 KEY=first"]);
}

#[test]
fn a_new_secret_of_a_workspace() {
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
    assert_eq!(stored_in(&world, Some(100)), ["1001 KEY=first"]);
    assert!(
        stored(&world).is_empty(),
        "the user's own secrets are left alone"
    );
}

#[test]
fn a_new_secret_as_json() {
    let world = World::with(Sandbox::builder().first_secret_id(i64::MAX));
    world
        .tw(["-o", "json", "secrets", "add", "-n", "KEY", "-v", "first", "-w", "100"])
        .exits(0)
        .prints("{\n  \"workspaceRef\": \"[acme / research]\",\n  \"id\": 9223372036854775807,\n  \"name\": \"KEY\"\n}\n")
        .says("");
}

#[test]
fn the_request_is_json_with_a_name_and_a_value() {
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
fn a_name_that_is_taken_is_the_servers_to_refuse() {
    let world = one_secret();
    world
        .tw(["secrets", "add", "-n", "KEY", "-v", "second"])
        .fails("A secret named 'KEY' already exists");
    world.saw(["POST /pipeline-secrets"]);
    assert_eq!(stored(&world), ["1001 KEY=first"]);
}

#[test]
fn a_name_that_the_platform_does_not_take() {
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
        let ran = world.tw(["secrets", "add", "-n", name, "-v", "x"]);
        assert_ne!(ran.status.code(), Some(0), "{ran}");
        ran.prints("");
    }
    assert!(stored(&world).is_empty());
}

#[test]
fn without_a_value_nothing_is_asked_of_the_server() {
    let world = World::new();
    for line in [
        &["secrets", "add", "-n", "KEY"][..],
        &["secrets", "add", "-n", "KEY", "--overwrite"],
        &["secrets", "add", "-n", "KEY", "-w", "100"],
    ] {
        world.tw(line.iter().copied()).misused("--value");
    }
    world
        .tw(["secrets", "add", "-v", "first"])
        .misused("--name");
    world.saw([]);
}

#[test]
fn an_answer_without_a_number_is_no_success() {
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
fn two_people_at_once_each_get_their_secret() {
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
fn a_secret_of_the_same_name_elsewhere_is_no_obstacle() {
    let world = World::with(Sandbox::builder().secret(Secret::new("KEY", "shared").workspace(100)));
    world
        .tw(["secrets", "add", "-n", "KEY", "-v", "own"])
        .exits(0);
    assert_eq!(stored(&world), ["1002 KEY=own"]);
    assert_eq!(stored_in(&world, Some(100)), ["1001 KEY=shared"]);
}

/// What became of it where its answer is lost: the list says.
#[test]
fn what_became_of_a_secret_whose_answer_was_lost_is_looked_up() {
    let add = ["secrets", "add", "-n", "NEW", "-v", "x"];
    let calls = ["POST /pipeline-secrets", "GET /pipeline-secrets"];
    let lost = "POST /pipeline-secrets was sent, and its outcome is unknown: ";

    let world = one_secret();
    world
        .sandbox
        .fault(Fault::on("POST", "*").reset_before().times(1));
    world
        .tw(add)
        .fails_with(lost)
        .says_with("'NEW' does not exist yet");
    world.saw(calls);
    assert_eq!(stored(&world), ["1001 KEY=first"]);

    let world = one_secret();
    world
        .sandbox
        .fault(Fault::on("POST", "*").reset_after().times(1));
    world
        .tw(add)
        .fails_with(lost)
        .says_with("a secret 'NEW' exists now");
    world.saw(calls);

    // With `--overwrite` nothing of it is left to chance: it was not there before, and now it has the value.
    let world = one_secret();
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
    assert_eq!(stored(&world), ["1001 KEY=first", "1002 NEW=x"]);

    // Where it can't be looked up, it stays unknown.
    let world = one_secret();
    world.sandbox.fault(Fault::on("POST", "*").reset_after());
    world.sandbox.fault(Fault::on("GET", "*").status(400));
    world.tw(add).fails_with(lost);
}
