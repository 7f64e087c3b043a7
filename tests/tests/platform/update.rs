//! `tw secrets update`, to the byte.

use tw_sandbox::Fault;
use tw_tests::World;

use crate::{USER, WORKSPACES, one_secret, one_secret_in_a_workspace, stored, stored_in};

#[test]
fn by_its_name() {
    let world = one_secret();
    world
        .tw(["secrets", "update", "-n", "KEY", "-v", "second"])
        .exits(0)
        .prints("\n  Secret 'KEY' updated at user workspace\n\n")
        .says("");
    world.saw(["GET /pipeline-secrets", "PUT /pipeline-secrets/1001"]);
    assert_eq!(stored(&world), ["1001 KEY=second"]);
}

#[test]
fn by_its_number() {
    let world = one_secret();
    world
        .tw(["secrets", "update", "-i", "1001", "-v", "second"])
        .exits(0)
        .prints("\n  Secret 'KEY' updated at user workspace\n\n")
        .says("");
    world.saw(["GET /pipeline-secrets/1001", "PUT /pipeline-secrets/1001"]);
    assert_eq!(stored(&world), ["1001 KEY=second"]);
}

#[test]
fn in_a_workspace_as_json() {
    let world = one_secret_in_a_workspace();
    world
        .tw([
            "-o",
            "json",
            "secrets",
            "update",
            "-n",
            "KEY",
            "-v",
            "second",
            "-w",
            "acme/research",
        ])
        .exits(0)
        .prints("{\n  \"workspaceRef\": \"[acme / research]\",\n  \"secretName\": \"KEY\"\n}\n")
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
fn the_request_has_the_value_and_nothing_else() {
    let world = one_secret();
    world
        .tw(["secrets", "update", "-n", "KEY", "-v", "second"])
        .exits(0);
    let requests = world.sandbox.requests();
    assert_eq!(
        String::from_utf8_lossy(&requests[1].body),
        r#"{"value":"second"}"#
    );
}

#[test]
fn one_that_is_not_there_is_not_made() {
    let world = World::new();
    world
        .tw(["secrets", "update", "-n", "KEY", "-v", "x"])
        .fails("Unknown secret 'KEY' at user workspace");
    world.saw(["GET /pipeline-secrets"]);
    world
        .tw(["secrets", "update", "-i", "7", "-v", "x"])
        .fails("Unknown secret '7' at user workspace");
    world.saw(["GET /pipeline-secrets/7"]);
}

#[test]
fn without_a_value_nothing_is_asked_of_the_server() {
    let world = one_secret();
    world
        .tw(["secrets", "update", "-n", "KEY"])
        .misused("--value");
    world
        .tw(["secrets", "update", "-i", "1001", "-w", "100"])
        .misused("--value");
    world.saw([]);
}

#[test]
fn a_page_to_sign_in_to_a_network_is_no_success() {
    let world = one_secret();
    world.sandbox.fault(Fault::on("PUT", "*").not_json());
    world
        .tw(["secrets", "update", "-n", "KEY", "-v", "second"])
        .exits(1)
        .prints("")
        .says_with("\n ERROR: ");
    assert_eq!(stored(&world), ["1001 KEY=first"]);
}

#[test]
fn an_answer_that_is_not_the_platforms_is_no_success() {
    let put = || Fault::on("PUT", "*");
    for fault in [
        put().truncate(),
        put().oversized(40 << 20),
        put().redirect("/elsewhere", 302),
        put().reset_before(),
        put().status(500).empty(),
    ] {
        let world = one_secret();
        world.sandbox.fault(fault);
        world
            .tw(["secrets", "update", "-n", "KEY", "-v", "second"])
            .exits(1)
            .prints("")
            .says_with("\n ERROR: ");
    }
}
