//! Answers that a plugin reads piece by piece.

use serde_json::json;
use tw_sandbox::{Fault, Sandbox};
use tw_tests::World;

use crate::{LIMIT, Probe, set_up_with};

/// Starts a sandbox that answers `GET /large` with this fault.
fn serve_large(fault: impl FnOnce(Fault) -> Fault) -> World {
    set_up_with(Sandbox::builder().fault(fault(Fault::on("GET", "/large"))))
}

#[test]
fn a_large_answer_is_never_held_in_memory_as_a_whole() {
    const SIZE: u64 = 64 << 20;
    let got = serve_large(|fault| fault.oversized(SIZE)).probe_json(["stream", "read", "/large"]);
    assert_eq!(
        (&got["status"], &got["bytes"], &got["ended"]),
        (&json!(200), &json!(SIZE), &json!(true))
    );
    assert!(got["pieces"].as_u64().is_some_and(|pieces| pieces > 1));
    let grown = got["grown_kb"].as_u64().unwrap_or(u64::MAX);
    assert!(grown < 16 << 10, "64 MB took {grown} KB of memory");
}

#[test]
fn a_small_an_empty_and_a_failed_answer_are_read_to_their_end() {
    let got = serve_large(|fault| fault.text("12345")).probe_json(["stream", "read", "/large"]);
    assert_eq!((&got["bytes"], &got["ended"]), (&json!(5), &json!(true)));
    let got = serve_large(Fault::empty).probe_json(["stream", "read", "/large"]);
    assert_eq!(
        (&got["bytes"], &got["pieces"], &got["ended"]),
        (&json!(0), &json!(0), &json!(true))
    );
    let got =
        serve_large(|fault| fault.text("no").status(404)).probe_json(["stream", "read", "/large"]);
    assert_eq!((&got["status"], &got["bytes"]), (&json!(404), &json!(2)));
}

#[test]
fn two_answers_can_be_read_in_turns() {
    let (one, other) = ("a".repeat(700_000), "b".repeat(1_000_000));
    let world = set_up_with(
        Sandbox::builder()
            .fault(Fault::on("GET", "/one").text(&one))
            .fault(Fault::on("GET", "/other").text(&other)),
    );
    assert_eq!(
        world.probe_json(["stream", "interleave", "/one", "/other"]),
        json!([one, other])
    );
}

#[test]
fn a_run_ends_although_a_stream_is_left_open() {
    for more in [&[][..], &["--close"]] {
        let world = serve_large(|fault| fault.oversized(u64::MAX));
        let got = world
            .probe(["stream", "leave", "/large"])
            .args(more)
            .run()
            .exits(0)
            .says("")
            .json();
        assert_eq!(got, json!({ "read_something": true }));
    }
    let world = serve_large(|fault| fault.oversized(u64::MAX));
    world
        .tw(["probe", "stream", "leave", "/large", "--panic"])
        .exits(1)
        .prints("")
        .says_with("the stream is open");
}

#[test]
fn a_stream_is_closed_after_a_failure() {
    let got = serve_large(|fault| fault.truncate()).probe_json(["stream", "again", "/large"]);
    assert_eq!(got["first"]["kind"], "network");
    assert_eq!(
        got["first"]["message"],
        "The server's answer to GET /large is cut short"
    );
    assert_eq!(got["again"]["kind"], "closed");
}

#[test]
fn reading_past_the_end_returns_the_end_again() {
    let got = serve_large(|fault| fault.text("12345")).probe_json(["stream", "again", "/large"]);
    assert_eq!(got, json!({ "first": "the end", "again": "the end" }));
}

#[test]
fn a_stream_that_cannot_be_opened_fails() {
    let (kind, _) = serve_large(Fault::reset_before).probe_failure(["stream", "read", "/large"]);
    assert_eq!(kind, "network");
    let (kind, _) = serve_large(Fault::reset_before).probe_failure(["stream", "read", "large"]);
    assert_eq!(kind, "bad_request");
}

#[test]
fn the_deadline_covers_the_whole_stream() {
    let world = serve_large(|fault| fault.json("{}").delay(LIMIT / 20));
    let (kind, _) = world.probe_failure(["stream", "read", "/large", "--deadline", "50"]);
    assert_eq!(kind, "timeout");
    let drip = set_up_with(
        Sandbox::builder().fault(Fault::on("GET", "/service-info").slow_drip(100, LIMIT / 60)),
    );
    let (kind, _) = drip.probe_failure(["stream", "read", "/service-info", "--deadline", "500"]);
    assert_eq!(kind, "timeout");
}

#[test]
fn verbose_shows_a_streamed_request() {
    let world = serve_large(|fault| fault.text("12345"));
    world
        .tw(["-v", "probe", "stream", "read", "/large"])
        .exits(0)
        .says_with("> GET http")
        .says_with("/large");
}
