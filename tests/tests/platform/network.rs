//! An unreliable network: retries, and what they never do.

use std::time::Duration;

use tw_sandbox::{Fault, Sandbox};
use tw_tests::World;

use crate::{failures::COMMANDS, list_stored, start_with_secret};

#[test]
fn commands_retry_transient_failures_silently() {
    for command in COMMANDS {
        let world = start_with_secret();
        world
            .sandbox
            .fault(Fault::on("GET", "*").status(503).times(1));
        world
            .sandbox
            .fault(Fault::on("GET", "*").reset_after().times(1));
        world
            .sandbox
            .fault(Fault::on("*", "*").status(429).times(1));
        let ran = world.tw(command.iter().copied());
        ran.exits(0).says("");
    }
}

#[test]
fn update_is_sent_again_if_its_response_is_lost() {
    let world = start_with_secret();
    let lost = Fault::on("PUT", "*").reset_after().times(1);
    world.sandbox.fault(lost);
    world
        .tw(["secrets", "update", "-n", "KEY", "-v", "second"])
        .exits(0)
        .says("");
    world.saw([
        "GET /pipeline-secrets",
        "PUT /pipeline-secrets/1001",
        "PUT /pipeline-secrets/1001",
    ]);
    assert_eq!(list_stored(&world), ["1001 KEY=second"]);
}

#[test]
fn delete_succeeds_if_its_first_response_is_lost() {
    let world = start_with_secret();
    let lost = Fault::on("DELETE", "*").reset_after().times(1);
    world.sandbox.fault(lost);
    world
        .tw(["secrets", "delete", "-n", "KEY"])
        .exits(0)
        .says("")
        .prints("\n  Secret 'KEY' deleted at user workspace\n\n");
    assert_eq!(world.sandbox.hits("DELETE", "/pipeline-secrets/1001"), 2);
    assert_eq!(list_stored(&world), [""; 0]);
}

#[test]
fn add_sends_the_create_again_only_after_status_429() {
    for fault in [Fault::reset_before, Fault::reset_after, Fault::truncate] {
        let world = World::with(Sandbox::builder().fault(fault(Fault::on("POST", "*"))));
        let line = ["secrets", "add", "-n", "KEY", "-v", "first"];
        world.tw(line).exits(1);
        assert_eq!(world.sandbox.hits("POST", "/pipeline-secrets"), 1);
    }
    // With 429 the server says that it created nothing.
    let once = Fault::on("POST", "*").status(429).times(1);
    let world = World::with(Sandbox::builder().fault(once));
    let line = ["secrets", "add", "-n", "KEY", "-v", "first"];
    world.tw(line).exits(0).says("");
    assert_eq!(world.sandbox.hits("POST", "/pipeline-secrets"), 2);
    assert_eq!(list_stored(&world), ["1001 KEY=first"]);
}

#[cfg(unix)]
#[test]
fn control_c_ends_the_backoff() {
    let full = Fault::on("*", "*").status(429).header("Retry-After", "50");
    let world = World::with(Sandbox::builder().fault(full));
    let running = world.command(["secrets", "list"]).start();
    let limit = std::time::Duration::from_secs(60);
    let came = world
        .sandbox
        .wait_for_hits("GET", "/pipeline-secrets", 1, limit);
    assert!(came, "the server never saw the request");
    tw_tests::interrupt(running.id());
    running
        .ends()
        .exits(130)
        .prints("")
        .says("\n ERROR: Interrupted\n\n");
}

#[test]
fn the_log_of_retries_shows_neither_value_nor_token() {
    let world = start_with_secret();
    world
        .sandbox
        .fault(Fault::on("PUT", "*").status(503).times(1));
    let value = "hunter2hunter2hunter2";
    let line = ["-v", "secrets", "update", "-n", "KEY", "--value", value];
    world
        .tw(line)
        .exits(0)
        .says_with("* retrying PUT /pipeline-secrets/1001 in ")
        .says_with(", attempt 2")
        .never_shows(value)
        .never_shows(world.sandbox.token());
}

#[test]
fn a_lookup_that_is_never_answered_is_named() {
    let world = start_with_secret();
    for path in ["/user-info", "/user/1/workspaces"] {
        let silence = Fault::on("GET", path)
            .empty()
            .delay(Duration::from_secs(60));
        world.sandbox.fault(silence.times(1));
        let line = ["--read-timeout", "0.5", "--retries", "0", "secrets", "list"];
        let url = world.sandbox.url();
        world
            .tw(line.into_iter().chain(["-w", "acme/research"]))
            .fails_with(&format!(
                "Cannot look up the user or the workspace at {url}: GET {path} failed: the server did not answer in time"
            ));
    }
}
