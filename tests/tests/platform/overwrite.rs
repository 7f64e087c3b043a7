//! `tw secrets add --overwrite`: the value is replaced in place, and a secret is never lost.

use tw_sandbox::{Fault, Sandbox};
use tw_tests::World;

use crate::{USER, WORKSPACES, one_secret, one_secret_in_a_workspace, stored, stored_in};

const OVERWRITE: [&str; 7] = ["secrets", "add", "-n", "KEY", "-v", "second", "--overwrite"];

#[test]
fn a_secret_that_is_there_keeps_its_number() {
    let world = one_secret();
    world
        .tw(OVERWRITE)
        .exits(0)
        .prints("\n  New secret 'KEY' (1001) added at user workspace\n\n")
        .says("");
    world.saw(["GET /pipeline-secrets", "PUT /pipeline-secrets/1001"]);
    assert_eq!(stored(&world), ["1001 KEY=second"]);
}

#[test]
fn a_secret_that_is_absent_is_created() {
    let world = World::new();
    world
        .tw(OVERWRITE)
        .exits(0)
        .prints("\n  New secret 'KEY' (1001) added at user workspace\n\n")
        .says("");
    world.saw(["GET /pipeline-secrets", "POST /pipeline-secrets"]);
    assert_eq!(stored(&world), ["1001 KEY=second"]);
}

#[test]
fn in_a_workspace_it_takes_four_calls() {
    let world = one_secret_in_a_workspace();
    world
        .tw(OVERWRITE.into_iter().chain(["-w", "100", "-o", "json"]))
        .exits(0)
        .prints("{\n  \"workspaceRef\": \"[acme / research]\",\n  \"id\": 1001,\n  \"name\": \"KEY\"\n}\n")
        .says("");
    world.saw([
        USER,
        WORKSPACES,
        "GET /pipeline-secrets?workspaceId=100",
        "PUT /pipeline-secrets/1001?workspaceId=100",
    ]);
    assert_eq!(stored_in(&world, Some(100)), ["1001 KEY=second"]);
}

#[test]
fn the_name_is_matched_exactly() {
    let world = one_secret();
    world
        .tw(["secrets", "add", "-n", "key", "-v", "second", "--overwrite"])
        .exits(0);
    assert_eq!(stored(&world), ["1001 KEY=first", "1002 key=second"]);
}

#[test]
fn a_replacement_that_fails_leaves_the_secret_as_it_was() {
    let put = || Fault::on("PUT", "*");
    for fault in [
        put().status(500),
        put().status(403).empty(),
        put().status(404),
        put().reset_before(),
        put().redirect("/elsewhere", 307),
    ] {
        let world = one_secret();
        world.sandbox.fault(fault);
        world
            .tw(OVERWRITE)
            .exits(1)
            .prints("")
            .says_with("\n ERROR: ");
        assert_eq!(stored(&world), ["1001 KEY=first"]);
        assert_eq!(world.sandbox.hits("POST", "/pipeline-secrets"), 0);
        assert_eq!(world.sandbox.hits("DELETE", "/pipeline-secrets/1001"), 0);
    }
}

#[test]
fn a_list_that_fails_changes_nothing() {
    let list = || Fault::on("GET", "/pipeline-secrets");
    for fault in [
        list().status(500),
        list().status(404),
        list().json("{}"),
        list().not_json(),
        list().truncate(),
    ] {
        let world = one_secret();
        world.sandbox.fault(fault);
        world
            .tw(OVERWRITE.into_iter().chain(["--retries", "0"]))
            .exits(1)
            .prints("")
            .says_with("\n ERROR: ");
        world.saw(["GET /pipeline-secrets"]);
        assert_eq!(stored(&world), ["1001 KEY=first"]);
    }
}

#[test]
fn a_secret_that_the_server_names_without_a_number_is_not_made_twice() {
    let fault =
        Fault::on("GET", "/pipeline-secrets").json(r#"{"pipelineSecrets": [{"name": "KEY"}]}"#);
    let world = World::with(Sandbox::builder().fault(fault));
    world.tw(OVERWRITE).fails_with("'KEY'");
    world.saw(["GET /pipeline-secrets"]);
}
