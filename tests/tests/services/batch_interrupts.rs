//! Batches that the user interrupts.

use tw_sandbox::{Fault, Sandbox};
use tw_tests::interrupt;

use crate::{LIMIT, Probe, batch::list_outcomes, set_up_with};

#[test]
fn an_interrupted_batch_reports_the_outcome_of_each_request() {
    let world = set_up_with(Sandbox::builder().fault(Fault::on("*", "/slow").delay(LIMIT * 10)));
    let running = world
        .probe([
            "batch",
            "send",
            "--concurrency",
            "3",
            "GET /service-info",
            "POST /slow {}",
            "GET /slow",
            "PUT /slow {}",
            "POST /never {}",
            "GET /never",
        ])
        .start();
    for method in ["GET", "POST", "PUT"] {
        assert!(
            world.sandbox.wait_for_hits(method, "/slow", 1, LIMIT),
            "{method}"
        );
    }
    interrupt(running.id());
    let ran = running.ends();
    assert_eq!(
        list_outcomes(&ran.json()),
        [
            "done", "unknown", "failed", "unknown", "not_sent", "not_sent"
        ]
    );
    assert_eq!(ran.json()[2]["error"]["kind"], "cancelled");
    assert_eq!(world.sandbox.hits("POST", "/never"), 0);
    ran.exits(130).says("");
}

#[test]
fn an_interrupted_batch_can_fail_with_its_outcomes() {
    let world = set_up_with(Sandbox::builder().fault(Fault::on("*", "/slow").delay(LIMIT * 10)));
    let running = world.start_until(
        "POST /slow",
        [
            "batch",
            "send",
            "--fail",
            "--concurrency",
            "1",
            "POST /slow {}",
            "POST /never {}",
        ],
    );
    interrupt(running.id());
    running
        .ends()
        .exits(130)
        .prints("")
        .says_with("unknown")
        .says_with("not_sent");
}
