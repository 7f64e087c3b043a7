//! `tw secrets delete`, to the byte.

use tw_sandbox::Fault;
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

#[test]
fn in_a_workspace_as_json() {
    let world = one_secret_in_a_workspace();
    world
        .tw(["-o", "json", "secrets", "delete", "-n", "KEY", "-w", "100"])
        .exits(0)
        .prints("{\n  \"secret\": \"KEY\",\n  \"workspaceRef\": \"[acme / research]\"\n}\n")
        .says("");
    world.saw([
        USER,
        WORKSPACES,
        "GET /pipeline-secrets?workspaceId=100",
        "DELETE /pipeline-secrets/1001?workspaceId=100",
    ]);
    assert!(stored_in(&world, Some(100)).is_empty());
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
