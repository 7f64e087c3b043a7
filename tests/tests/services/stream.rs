//! Answers that are read piece by piece.

use serde_json::json;
use tw_sandbox::{Fault, Sandbox};
use tw_tests::World;

use crate::{LIMIT, Probe, probe_with};

/// A sandbox where `/large` is this.
fn large(fault: impl FnOnce(Fault) -> Fault) -> World {
    probe_with(Sandbox::builder().fault(fault(Fault::on("GET", "/large"))))
}

#[test]
fn a_large_answer_never_stands_in_memory() {
    const SIZE: u64 = 64 << 20;
    let got = large(|fault| fault.oversized(SIZE)).got(["stream", "read", "/large"]);
    assert_eq!(
        (&got["status"], &got["bytes"], &got["ended"]),
        (&json!(200), &json!(SIZE), &json!(true))
    );
    assert!(got["pieces"].as_u64().is_some_and(|pieces| pieces > 1));
    let grown = got["grown_kb"].as_u64().unwrap_or(u64::MAX);
    assert!(grown < 16 << 10, "64 MB took {grown} KB of memory");
}

#[test]
fn a_small_or_empty_answer_is_read_the_same_way() {
    let got = large(|fault| fault.text("12345")).got(["stream", "read", "/large"]);
    assert_eq!((&got["bytes"], &got["ended"]), (&json!(5), &json!(true)));
    let got = large(Fault::empty).got(["stream", "read", "/large"]);
    assert_eq!(
        (&got["bytes"], &got["pieces"], &got["ended"]),
        (&json!(0), &json!(0), &json!(true))
    );
    let got = large(|fault| fault.text("no").status(404)).got(["stream", "read", "/large"]);
    assert_eq!((&got["status"], &got["bytes"]), (&json!(404), &json!(2)));
}

#[test]
fn two_answers_are_read_in_turns() {
    let (one, other) = ("a".repeat(700_000), "b".repeat(1_000_000));
    let world = probe_with(
        Sandbox::builder()
            .fault(Fault::on("GET", "/one").text(&one))
            .fault(Fault::on("GET", "/other").text(&other)),
    );
    assert_eq!(
        world.got(["stream", "interleave", "/one", "/other"]),
        json!([one, other])
    );
}

#[test]
fn what_is_left_open_is_closed_at_the_end() {
    for more in [&[][..], &["--close"]] {
        let world = large(|fault| fault.oversized(u64::MAX));
        let got = world
            .probe(["stream", "leave", "/large"])
            .args(more)
            .run()
            .exits(0)
            .says("")
            .json();
        assert_eq!(got, json!({ "read_something": true }));
    }
    let world = large(|fault| fault.oversized(u64::MAX));
    world
        .tw(["probe", "stream", "leave", "/large", "--panic"])
        .exits(1)
        .prints("")
        .says_with("the stream is open");
}

#[test]
fn after_a_failure_it_is_closed() {
    let got = large(|fault| fault.truncate()).got(["stream", "again", "/large"]);
    assert_eq!(got["first"]["kind"], "network");
    assert_eq!(
        got["first"]["message"],
        "The server's answer to GET /large is cut short"
    );
    assert_eq!(got["again"]["kind"], "closed");
}

#[test]
fn after_its_end_there_is_no_more() {
    let got = large(|fault| fault.text("12345")).got(["stream", "again", "/large"]);
    assert_eq!(got, json!({ "first": "the end", "again": "the end" }));
}

#[test]
fn what_cannot_be_opened_says_so() {
    let (kind, _) = large(Fault::reset_before).met(["stream", "read", "/large"]);
    assert_eq!(kind, "network");
    let (kind, _) = large(Fault::reset_before).met(["stream", "read", "large"]);
    assert_eq!(kind, "bad_request");
}

#[test]
fn the_time_holds_for_an_answer_in_pieces_too() {
    let world = large(|fault| fault.json("{}").delay(LIMIT / 20));
    let (kind, _) = world.met(["stream", "read", "/large", "--deadline", "50"]);
    assert_eq!(kind, "timeout");
    let drip = probe_with(
        Sandbox::builder().fault(Fault::on("GET", "/service-info").slow_drip(100, LIMIT / 60)),
    );
    let (kind, _) = drip.met(["stream", "read", "/service-info", "--deadline", "500"]);
    assert_eq!(kind, "timeout");
}

#[test]
fn a_call_that_is_opened_is_shown_under_verbose() {
    let world = large(|fault| fault.text("12345"));
    world
        .tw(["-v", "probe", "stream", "read", "/large"])
        .exits(0)
        .says_with("> GET http")
        .says_with("/large");
}
