//! `tw secrets update`: its output to the byte, its requests, and what the server stores.

use tw_sandbox::Fault;
use tw_tests::World;

use crate::{
    USER, WORKSPACES, list_stored, list_stored_in, start_with_secret, start_with_workspace_secret,
};

#[test]
fn update_by_name_prints_the_name() {
    let world = start_with_secret();
    world
        .tw(["secrets", "update", "-n", "KEY", "-v", "second"])
        .exits(0)
        .prints("\n  Secret 'KEY' updated at user workspace\n\n")
        .says("");
    world.saw(["GET /pipeline-secrets", "PUT /pipeline-secrets/1001"]);
    assert_eq!(list_stored(&world), ["1001 KEY=second"]);
}

#[test]
fn update_by_id_prints_the_name() {
    let world = start_with_secret();
    world
        .tw(["secrets", "update", "-i", "1001", "-v", "second"])
        .exits(0)
        .prints("\n  Secret 'KEY' updated at user workspace\n\n")
        .says("");
    world.saw(["GET /pipeline-secrets/1001", "PUT /pipeline-secrets/1001"]);
    assert_eq!(list_stored(&world), ["1001 KEY=second"]);
}

#[test]
fn update_in_a_workspace_prints_json() {
    let world = start_with_workspace_secret();
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
    assert_eq!(list_stored_in(&world, Some(100)), ["1001 KEY=second"]);
}

#[test]
fn update_sends_only_the_value() {
    let world = start_with_secret();
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
fn update_reports_an_unknown_secret_and_creates_none() {
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
fn update_without_a_value_sends_no_request() {
    let world = start_with_secret();
    world
        .tw(["secrets", "update", "-n", "KEY"])
        .rejects("there is no value for 'KEY' and no terminal to ask on: give --value");
    world
        .tw(["secrets", "update", "-i", "1001", "-w", "100"])
        .rejects("there is no value for '1001' and no terminal to ask on: give --value");
    world.saw([]);
}

#[test]
fn update_fails_if_the_response_is_a_login_page() {
    let world = start_with_secret();
    world.sandbox.fault(Fault::on("PUT", "*").not_json());
    world
        .tw(["secrets", "update", "-n", "KEY", "-v", "second"])
        .exits(1)
        .prints("")
        .says_with("\n ERROR: ");
    assert_eq!(list_stored(&world), ["1001 KEY=first"]);
}

#[test]
fn update_fails_if_the_response_is_not_from_the_platform() {
    let put = || Fault::on("PUT", "*");
    for fault in [
        put().truncate(),
        put().oversized(40 << 20),
        put().redirect("/elsewhere", 302),
        put().reset_before(),
        put().status(500).empty(),
    ] {
        let world = start_with_secret();
        world.sandbox.fault(fault);
        world
            .tw(["secrets", "update", "-n", "KEY", "-v", "second"])
            .exits(1)
            .prints("")
            .says_with("\n ERROR: ");
    }
}

#[test]
fn an_update_or_a_deletion_that_a_gateway_answered_may_have_been_made() {
    for (method, line) in [
        ("PUT", "secrets update -n KEY -v second"),
        ("PUT", "secrets add -n KEY -v second --overwrite"),
        ("DELETE", "secrets delete -n KEY"),
    ] {
        for status in [502, 504, 520] {
            let world = start_with_secret();
            let fault = Fault::on(method, "*").status(status);
            let fault = fault.json(r#"{"message": "Upstream is slow"}"#);
            world.sandbox.fault(fault.processed());
            let line = line.split(' ').chain(["--retries", "0"]);
            world
                .tw(line)
                .fails("Upstream is slow; the server may have made the change");
        }
    }
}
