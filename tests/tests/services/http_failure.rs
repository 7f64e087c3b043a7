//! Failed requests, as a plugin and a user see them.

use serde_json::json;
use tw_sandbox::Fault;

use crate::{Probe, http::serve_pets, pick_unused_url, set_up};

#[test]
fn ok_turns_a_failed_status_into_an_error() {
    for (status, message) in [
        (400, "it is so"),
        (
            401,
            "Unauthorized. Check your access token, workspace id and tower server url.",
        ),
        (403, "it is so"),
        (500, "it is so"),
    ] {
        let world = serve_pets(|pets| pets.json(r#"{"message":"it is so"}"#).status(status));
        let failed = world.probe_json(["http", "send", "get", "/pets", "--ok", "--report"]);
        assert_eq!(
            failed,
            json!({ "kind": "http", "message": message, "status": status })
        );
        world
            .tw(["probe", "http", "send", "get", "/pets", "--ok"])
            .fails(message);
    }
    let world = serve_pets(|pets| pets.html("<h1>502</h1>").status(502));
    world
        .tw(["probe", "http", "send", "get", "/pets?key=private", "--ok"])
        .never_shows("private")
        .exits(1)
        .says_with("GET /pets");
}

#[test]
fn control_characters_in_a_servers_message_are_made_visible() {
    let world = serve_pets(|pets| {
        pets.json(r#"{"message":"gone\u001b[2J\r\nERROR: \u202eno"}"#)
            .status(404)
    });
    world
        .tw(["probe", "http", "send", "get", "/pets", "--ok"])
        .fails("gone␛[2J␍␊ERROR: \u{fffd}no");
}

#[test]
fn an_answer_of_another_form_is_reported_without_its_content() {
    for (body, what) in [
        (
            r#"{"name":"hunter2hunter2","legs":"hunter2hunter2"}"#,
            "is not of the expected form: legs: expected an integer from 0 to 255, found a string",
        ),
        (
            r#"{"name":"hunter2hunter2"}"#,
            "is not of the expected form: legs: missing field",
        ),
        (
            r#"{"name":"hunter2hunter2""#,
            "is cut short (line 1, column 24)",
        ),
        ("hunter2hunter2", "is not JSON (line 1, column 1)"),
        ("", "is empty"),
    ] {
        let world = serve_pets(|pets| pets.json(body));
        let (kind, message) = world.probe_failure(["http", "send", "get", "/pets", "--pet"]);
        assert_eq!(kind, "invalid_response");
        assert!(
            message.starts_with(&format!("The server's answer to GET /pets {what}")),
            "{message}"
        );
        assert!(!message.contains("hunter2"), "{message}");
    }
}

#[test]
fn a_request_fails_when_its_deadline_passes() {
    let world = serve_pets(|pets| pets.json("{}").delay(crate::LIMIT));
    let (kind, message) = world.probe_failure(["http", "send", "get", "/pets", "--deadline", "50"]);
    assert_eq!(
        (kind.as_str(), message.as_str()),
        ("timeout", "GET /pets failed: the deadline has passed")
    );
    // A POST may have been processed before the deadline.
    let (kind, _) = world.probe_failure(["http", "send", "post", "/pets", "--deadline", "50"]);
    assert_eq!(kind, "outcome_unknown");
}

#[test]
fn an_answer_larger_than_its_limit_fails() {
    let world = serve_pets(|pets| pets.text("1234567890"));
    assert_eq!(
        world.probe_json(["http", "send", "get", "/pets", "--max-body", "10"])["body"],
        1_234_567_890
    );
    let (kind, message) = world.probe_failure(["http", "send", "get", "/pets", "--max-body", "9"]);
    assert_eq!(
        (kind.as_str(), message.as_str()),
        (
            "too_large",
            "The server's answer to GET /pets has more than 9 bytes"
        )
    );
    let world = serve_pets(|pets| pets.oversized(u64::MAX));
    let (kind, _) = world.probe_failure(["http", "send", "get", "/pets"]);
    assert_eq!(kind, "too_large");
    // The server may have processed a POST whose answer is too large.
    let (kind, message) = world.probe_failure(["http", "send", "post", "/pets", "--max-body", "9"]);
    assert_eq!(
        (kind.as_str(), message.as_str()),
        (
            "outcome_unknown",
            "POST /pets was sent, and its outcome is unknown: the server's answer has more than 9 bytes"
        )
    );
    // An error page above 64 KiB is dropped, and its status is kept.
    let failed = |length: usize| {
        let world = serve_pets(|pets| pets.status(500).text(&"x".repeat(length)));
        world.probe_json(["http", "send", "get", "/pets"])["body"]
            .as_str()
            .map(str::len)
    };
    assert_eq!(
        (failed(64 << 10), failed((64 << 10) + 1)),
        (Some(64 << 10), Some(0))
    );
}

#[test]
fn a_broken_connection_is_reported_by_what_may_have_happened() {
    let world = serve_pets(Fault::reset_after);
    let kind = |more: &[&str]| {
        let got = world
            .probe(["http", "send"])
            .args(more)
            .args(["/pets", "--report"])
            .run();
        got.exits(0).says("").json()["kind"].clone()
    };
    for method in ["get", "head"] {
        assert_eq!(kind(&[method]), "network", "{method}");
    }
    // PUT and DELETE are idempotent, but the outcome of one request is as uncertain as that of a POST.
    for method in ["put", "delete", "post", "patch"] {
        assert_eq!(kind(&[method]), "outcome_unknown", "{method}");
    }
    assert_eq!(kind(&["--repeatable", "post"]), "outcome_unknown");
}

#[test]
fn a_refused_connection_means_that_nothing_was_sent() {
    let world = set_up();
    let url = pick_unused_url();
    for method in ["get", "post"] {
        let (kind, message) = world.probe_failure(["http", "send", method, &format!("{url}/pets")]);
        assert_eq!(kind, "network");
        assert!(
            message.starts_with(&format!("Cannot connect to {url}: ")),
            "{message}"
        );
    }
    world
        .tw(["probe", "http", "send", "get", &url])
        .exits(1)
        .prints("")
        .says_with("Connection error. Check the connection using the command 'tw info'.");
}

#[test]
fn a_truncated_answer_is_reported_as_cut_short() {
    let world = serve_pets(Fault::truncate);
    let (kind, message) = world.probe_failure(["http", "send", "get", "/pets"]);
    assert_eq!(
        (kind.as_str(), message.as_str()),
        ("network", "The server's answer to GET /pets is cut short")
    );
}

#[test]
fn a_request_that_cannot_be_serialized_is_not_sent() {
    let world = set_up();
    for more in [&[][..], &["--batch"]] {
        let ran = world.probe(["http", "unwritable"]).args(more).run();
        ran.fails("the request has no JSON form: key must be a string");
    }
    world.saw([]);
}

#[test]
fn no_content_accepts_only_an_empty_answer() {
    for answer in [
        Fault::empty,
        |pets: Fault| pets.status(204),
        |pets: Fault| pets.json("{}"),
    ] {
        let got =
            serve_pets(answer).probe_json(["http", "send", "delete", "/pets", "--no-content"]);
        assert_eq!(got, "nothing");
    }
    for answer in [Fault::not_json, |pets: Fault| {
        pets.json(r#"{"message":"Please log in"}"#)
    }] {
        let (kind, message) =
            serve_pets(answer).probe_failure(["http", "send", "delete", "/pets", "--no-content"]);
        assert_eq!(kind, "invalid_response");
        assert_eq!(
            message,
            "The server's answer to DELETE /pets has content where none is expected"
        );
    }
}
