//! `tw secrets delete`, to the byte.

use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::World;

use crate::{USER, WORKSPACES, one_secret, one_secret_in_a_workspace, stored, stored_in};

#[test]
fn by_its_name() {
    let world = one_secret();
    world
        .tw(["secrets", "delete", "-n", "KEY"])
        .exits(0)
        .prints("\n  Secret 'KEY' deleted at user workspace\n\n")
        .says("");
    world.saw(["GET /pipeline-secrets", "DELETE /pipeline-secrets/1001"]);
    assert!(stored(&world).is_empty());
}

#[test]
fn by_its_number() {
    let world = one_secret();
    world
        .tw(["secrets", "delete", "-i", "1001"])
        .exits(0)
        .prints("\n  Secret 'KEY' deleted at user workspace\n\n")
        .says("");
    world.saw([
        "GET /pipeline-secrets/1001",
        "DELETE /pipeline-secrets/1001",
    ]);
    assert!(stored(&world).is_empty());
}

/// The bytes of the JSON output, by name and by ID, are those of the existing CLI.
#[test]
fn the_json_has_the_whole_secret_and_then_the_workspace() {
    let json = r#"{
  "secret": {
    "id": 1001,
    "name": "KEY",
    "lastUsed": "2022-10-06T00:00:00Z",
    "dateCreated": "2022-10-05T12:42:21Z",
    "lastUpdated": "2022-10-05T12:42:21Z"
  },
  "workspaceRef": "[acme / research]"
}
"#;
    for (which, lookup) in [
        (["-n", "KEY"], "GET /pipeline-secrets?workspaceId=100"),
        (["-i", "1001"], "GET /pipeline-secrets/1001?workspaceId=100"),
    ] {
        let secret = Secret::new("KEY", "first").workspace(100);
        let world = World::with(
            Sandbox::builder()
                .clock("2022-10-05T12:42:21Z")
                .secret(secret.used("2022-10-06T00:00:00Z")),
        );
        let line = ["-o", "json", "secrets", "delete", "-w", "100"];
        world
            .tw([&line[..], &which].concat())
            .exits(0)
            .prints(json)
            .says("");
        world.saw([
            USER,
            WORKSPACES,
            lookup,
            "DELETE /pipeline-secrets/1001?workspaceId=100",
        ]);
        assert!(stored_in(&world, Some(100)).is_empty());
    }
}

#[test]
fn the_json_leaves_out_the_dates_that_a_secret_does_not_have() {
    let world = World::with(Sandbox::builder().secret(Secret::new("KEY", "x").undated()));
    world
        .tw(["secrets", "delete", "-n", "KEY", "-o", "json"])
        .exits(0)
        .prints(
            r#"{
  "secret": {
    "id": 1001,
    "name": "KEY"
  },
  "workspaceRef": "user"
}
"#,
        );
}

#[test]
fn one_that_is_not_there() {
    let world = World::new();
    world
        .tw(["secrets", "delete", "-n", "KEY"])
        .fails("Unknown secret 'KEY' at user workspace");
    world.saw(["GET /pipeline-secrets"]);
    world
        .tw(["secrets", "delete", "-i", "-5"])
        .fails("Unknown secret '-5' at user workspace");
    world.saw(["GET /pipeline-secrets/-5"]);
}

#[test]
fn a_secret_of_the_same_name_elsewhere_stays() {
    let world = one_secret_in_a_workspace();
    world
        .tw(["secrets", "delete", "-n", "KEY"])
        .fails("Unknown secret 'KEY' at user workspace");
    assert_eq!(stored_in(&world, Some(100)), ["1001 KEY=first"]);
}

#[test]
fn a_refusal_is_told_and_the_secret_stays() {
    let world = one_secret();
    world.sandbox.fault(
        Fault::on("DELETE", "*")
            .status(403)
            .json(r#"{"message": "Not yours to delete"}"#),
    );
    world
        .tw(["secrets", "delete", "-n", "KEY"])
        .fails("Not yours to delete");
    assert_eq!(stored(&world), ["1001 KEY=first"]);
}

#[test]
fn a_page_to_sign_in_to_a_network_is_no_success() {
    let world = one_secret();
    world.sandbox.fault(Fault::on("DELETE", "*").not_json());
    world
        .tw(["secrets", "delete", "-n", "KEY"])
        .exits(1)
        .prints("")
        .says_with("\n ERROR: ");
    assert_eq!(stored(&world), ["1001 KEY=first"]);
}

#[test]
fn an_answer_that_is_not_the_platforms_is_no_success() {
    let delete = || Fault::on("DELETE", "*");
    for fault in [
        delete().truncate(),
        delete().oversized(40 << 20),
        delete().redirect("/elsewhere", 302),
        delete().reset_before(),
        delete().status(500).empty(),
    ] {
        let world = one_secret();
        world.sandbox.fault(fault);
        world
            .tw(["secrets", "delete", "-n", "KEY"])
            .exits(1)
            .prints("")
            .says_with("\n ERROR: ");
    }
}
