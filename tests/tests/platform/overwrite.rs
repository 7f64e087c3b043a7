//! `tw secrets add --overwrite`: it replaces the value in place and never loses a secret.

use tw_sandbox::{Fault, Sandbox};
use tw_tests::World;

use crate::{
    USER, WORKSPACES, assert_text, list_stored, list_stored_in, start_with_secret,
    start_with_workspace_secret,
};

const OVERWRITE: [&str; 7] = ["secrets", "add", "-n", "KEY", "-v", "second", "--overwrite"];

#[test]
fn overwrite_updates_an_existing_secret_in_place() {
    let world = start_with_secret();
    world
        .tw(OVERWRITE)
        .exits(0)
        .prints("\n  New secret 'KEY' (1001) added at user workspace\n\n")
        .says("");
    world.saw(["GET /pipeline-secrets", "PUT /pipeline-secrets/1001"]);
    assert_eq!(list_stored(&world), ["1001 KEY=second"]);
}

#[test]
fn overwrite_creates_a_secret_that_does_not_exist() {
    let world = World::new();
    world
        .tw(OVERWRITE)
        .exits(0)
        .prints("\n  New secret 'KEY' (1001) added at user workspace\n\n")
        .says("");
    world.saw(["GET /pipeline-secrets", "POST /pipeline-secrets"]);
    assert_eq!(list_stored(&world), ["1001 KEY=second"]);
}

#[test]
fn overwrite_in_a_workspace_takes_four_requests() {
    let world = start_with_workspace_secret();
    let ran = world
        .tw(OVERWRITE.into_iter().chain(["-w", "100", "-o", "json"]))
        .exits(0)
        .says("");
    assert_text("overwrite_json", &ran.stdout);
    world.saw([
        USER,
        WORKSPACES,
        "GET /pipeline-secrets?workspaceId=100",
        "PUT /pipeline-secrets/1001?workspaceId=100",
    ]);
    assert_eq!(list_stored_in(&world, Some(100)), ["1001 KEY=second"]);
}

#[test]
fn overwrite_matches_the_case_of_the_name() {
    let world = start_with_secret();
    world
        .tw(["secrets", "add", "-n", "key", "-v", "second", "--overwrite"])
        .exits(0);
    assert_eq!(list_stored(&world), ["1001 KEY=first", "1002 key=second"]);
}

#[test]
fn overwrite_keeps_the_secret_if_the_update_fails() {
    let put = || Fault::on("PUT", "*");
    for fault in [
        put().status(500),
        put().status(403).empty(),
        put().status(404),
        put().reset_before(),
        put().redirect("/elsewhere", 307),
    ] {
        let world = start_with_secret();
        world.sandbox.fault(fault);
        world
            .tw(OVERWRITE)
            .exits(1)
            .prints("")
            .says_with("\n ERROR: ");
        assert_eq!(list_stored(&world), ["1001 KEY=first"]);
        assert_eq!(world.sandbox.hits("POST", "/pipeline-secrets"), 0);
        assert_eq!(world.sandbox.hits("DELETE", "/pipeline-secrets/1001"), 0);
    }
}

#[test]
fn overwrite_changes_nothing_if_the_list_fails() {
    let list = || Fault::on("GET", "/pipeline-secrets");
    for fault in [
        list().status(500),
        list().status(404),
        list().json("{}"),
        list().not_json(),
        list().truncate(),
    ] {
        let world = start_with_secret();
        world.sandbox.fault(fault);
        world
            .tw(OVERWRITE.into_iter().chain(["--retries", "0"]))
            .exits(1)
            .prints("")
            .says_with("\n ERROR: ");
        world.saw(["GET /pipeline-secrets"]);
        assert_eq!(list_stored(&world), ["1001 KEY=first"]);
    }
}

#[test]
fn overwrite_creates_no_duplicate_of_a_secret_without_an_id() {
    let fault =
        Fault::on("GET", "/pipeline-secrets").json(r#"{"pipelineSecrets": [{"name": "KEY"}]}"#);
    let world = World::with(Sandbox::builder().fault(fault));
    world.tw(OVERWRITE).fails_with("'KEY'");
    world.saw(["GET /pipeline-secrets"]);
}

#[test]
fn overwrite_sends_a_lost_create_again_if_the_secret_does_not_exist() {
    let world = World::new();
    let lost = Fault::on("POST", "/pipeline-secrets").reset_before();
    world.sandbox.fault(lost.times(1));
    let ran = world
        .tw(OVERWRITE.into_iter().chain(["--verbose"]))
        .exits(0)
        .prints("\n  New secret 'KEY' (1001) added at user workspace\n\n");
    // Some servers close each connection when a second request arrives.
    let answer = ran
        .stderr
        .lines()
        .find(|line| line.starts_with("< POST /pipeline-secrets 200"));
    assert!(
        answer.is_some_and(|line| line.ends_with(", new connection)")),
        "{ran}"
    );
    world.saw([
        "GET /pipeline-secrets",
        "POST /pipeline-secrets",
        "GET /pipeline-secrets",
        "POST /pipeline-secrets",
    ]);
    assert_eq!(list_stored(&world), ["1001 KEY=second"]);
}

#[test]
fn overwrite_gives_up_after_a_second_lost_create() {
    let world = World::new();
    let lost = Fault::on("POST", "/pipeline-secrets").reset_before();
    world.sandbox.fault(lost);
    world
        .tw(OVERWRITE)
        .fails_with("its outcome is unknown")
        .says_with("'KEY' does not exist yet");
    assert_eq!(world.sandbox.hits("POST", "/pipeline-secrets"), 2);
}

#[test]
fn overwrite_reports_unknown_if_a_create_was_made_and_its_update_fails() {
    let world = World::new();
    let lost = Fault::on("POST", "/pipeline-secrets").reset_after();
    world.sandbox.fault(lost);
    let refused = Fault::on("PUT", "*").status(403);
    let refused = refused.json(r#"{"message": "Not yours to change"}"#);
    world.sandbox.fault(refused);
    world
        .tw(OVERWRITE)
        .fails_with("POST /pipeline-secrets was sent, and its outcome is unknown: ")
        .says_with("; Not yours to change");
}
