//! `tw secrets delete`: its output to the byte, its requests, and what the server stores.

use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::World;

use crate::{
    USER, WORKSPACES, list_stored, list_stored_in, start_with_secret, start_with_workspace_secret,
};

#[test]
fn delete_by_name_prints_the_deleted_name() {
    let world = start_with_secret();
    world
        .tw(["secrets", "delete", "-n", "KEY"])
        .exits(0)
        .prints("\n  Secret 'KEY' deleted at user workspace\n\n")
        .says("");
    world.saw(["GET /pipeline-secrets", "DELETE /pipeline-secrets/1001"]);
    assert!(list_stored(&world).is_empty());
}

#[test]
fn delete_by_id_prints_the_deleted_name() {
    let world = start_with_secret();
    world
        .tw(["secrets", "delete", "-i", "1001"])
        .exits(0)
        .prints("\n  Secret 'KEY' deleted at user workspace\n\n")
        .says("");
    world.saw([
        "GET /pipeline-secrets/1001",
        "DELETE /pipeline-secrets/1001",
    ]);
    assert!(list_stored(&world).is_empty());
}

/// The bytes of the JSON output, by name and by ID, are those of the existing CLI.
#[test]
fn delete_prints_the_whole_secret_and_then_the_workspace_as_json() {
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
        assert!(list_stored_in(&world, Some(100)).is_empty());
    }
}

#[test]
fn delete_leaves_out_missing_dates_in_json() {
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
fn delete_reports_an_unknown_secret_and_deletes_nothing() {
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
fn delete_keeps_a_secret_of_the_same_name_in_a_workspace() {
    let world = start_with_workspace_secret();
    world
        .tw(["secrets", "delete", "-n", "KEY"])
        .fails("Unknown secret 'KEY' at user workspace");
    assert_eq!(list_stored_in(&world, Some(100)), ["1001 KEY=first"]);
}

#[test]
fn delete_reports_the_servers_refusal() {
    let world = start_with_secret();
    world.sandbox.fault(
        Fault::on("DELETE", "*")
            .status(403)
            .json(r#"{"message": "Not yours to delete"}"#),
    );
    world
        .tw(["secrets", "delete", "-n", "KEY"])
        .fails("Not yours to delete");
    assert_eq!(list_stored(&world), ["1001 KEY=first"]);
}

#[test]
fn delete_with_ignore_missing_succeeds_if_a_concurrent_run_was_faster() {
    let world = start_with_secret();
    // The server deletes the secret and answers 404, as if another run had deleted it.
    world
        .sandbox
        .fault(Fault::on("DELETE", "*").status(404).processed());
    world
        .tw(["secrets", "delete", "-n", "KEY", "--ignore-missing"])
        .exits(0)
        .prints("\n  Secret 'KEY' deleted at user workspace\n\n")
        .says("");
    assert!(list_stored(&world).is_empty());
}

#[test]
fn delete_with_ignore_missing_reports_every_other_failure() {
    let world = start_with_secret();
    world.sandbox.fault(
        Fault::on("DELETE", "*")
            .status(403)
            .json(r#"{"message": "Not yours to delete"}"#),
    );
    world
        .tw(["secrets", "delete", "-n", "KEY", "--ignore-missing"])
        .fails("Not yours to delete");
}

#[test]
fn delete_fails_if_the_response_is_a_login_page() {
    let world = start_with_secret();
    world.sandbox.fault(Fault::on("DELETE", "*").not_json());
    world
        .tw(["secrets", "delete", "-n", "KEY"])
        .exits(1)
        .prints("")
        .says_with("\n ERROR: ");
    assert_eq!(list_stored(&world), ["1001 KEY=first"]);
}

#[test]
fn delete_fails_if_the_response_is_not_from_the_platform() {
    let delete = || Fault::on("DELETE", "*");
    for fault in [
        delete().truncate(),
        delete().oversized(40 << 20),
        delete().redirect("/elsewhere", 302),
        delete().reset_before(),
        delete().status(500).empty(),
    ] {
        let world = start_with_secret();
        world.sandbox.fault(fault);
        world
            .tw(["secrets", "delete", "-n", "KEY"])
            .exits(1)
            .prints("")
            .says_with("\n ERROR: ");
    }
}
