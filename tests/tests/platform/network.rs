//! A network with bad moments: a person notices nothing of those that pass, and is told what is certain of those that don't.

use tw_sandbox::{Fault, Sandbox};
use tw_tests::{World, interrupt};

use crate::{failures::COMMANDS, one_secret, stored};

#[test]
fn a_bad_moment_of_the_server_is_not_noticed() {
    for command in COMMANDS {
        let world = one_secret();
        // What lists is asked first; what changes is asked once it is known what.
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
fn an_update_whose_answer_is_lost_is_sent_again() {
    let world = one_secret();
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
    assert_eq!(stored(&world), ["1001 KEY=second"]);
}

#[test]
fn a_delete_whose_answer_is_lost_has_deleted() {
    let world = one_secret();
    let lost = Fault::on("DELETE", "*").reset_after().times(1);
    world.sandbox.fault(lost);
    world
        .tw(["secrets", "delete", "-n", "KEY"])
        .exits(0)
        .says("")
        .prints("\n  Secret 'KEY' deleted at user workspace\n\n");
    assert_eq!(world.sandbox.hits("DELETE", "/pipeline-secrets/1001"), 2);
    assert_eq!(stored(&world), [""; 0]);
}

#[test]
fn a_secret_is_never_made_twice() {
    for fault in [Fault::reset_before, Fault::reset_after, Fault::truncate] {
        let world = World::with(Sandbox::builder().fault(fault(Fault::on("POST", "*"))));
        let line = ["secrets", "add", "-n", "KEY", "-v", "first"];
        let _ = world.tw(line);
        assert_eq!(world.sandbox.hits("POST", "/pipeline-secrets"), 1);
    }
    // 429 says that it wasn't made.
    let once = Fault::on("POST", "*").status(429).times(1);
    let world = World::with(Sandbox::builder().fault(once));
    let line = ["secrets", "add", "-n", "KEY", "-v", "first"];
    world.tw(line).exits(0).says("");
    assert_eq!(world.sandbox.hits("POST", "/pipeline-secrets"), 2);
    assert_eq!(stored(&world), ["1001 KEY=first"]);
}

#[cfg(unix)]
#[test]
fn control_c_ends_the_wait_between_two_attempts() {
    let full = Fault::on("*", "*").status(429).header("Retry-After", "50");
    let world = World::with(Sandbox::builder().fault(full));
    let running = world.command(["secrets", "list"]).start();
    let limit = std::time::Duration::from_secs(60);
    let came = world
        .sandbox
        .wait_for_hits("GET", "/pipeline-secrets", 1, limit);
    assert!(came, "the request does not come");
    interrupt(running.id());
    running
        .ends()
        .exits(130)
        .prints("")
        .says("\n ERROR: Interrupted\n\n");
}

#[test]
fn a_value_stays_out_of_the_log_of_retries() {
    let world = one_secret();
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
