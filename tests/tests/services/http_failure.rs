//! Requests that fail, and what a plugin and a person learn of it.

use serde_json::json;
use tw_sandbox::Fault;

use crate::{Probe, http::pets, nobody, probe};

#[test]
fn a_status_that_means_failure_can_be_made_one() {
    for (status, message) in [
        (400, "it is so"),
        (
            401,
            "Unauthorized. Check your access token, workspace id and tower server url.",
        ),
        (403, "it is so"),
        (500, "it is so"),
    ] {
        let world = pets(|pets| pets.json(r#"{"message":"it is so"}"#).status(status));
        let failed = world.got(["http", "send", "get", "/pets", "--ok", "--report"]);
        assert_eq!(
            failed,
            json!({ "kind": "http", "message": message, "status": status })
        );
        world
            .tw(["probe", "http", "send", "get", "/pets", "--ok"])
            .fails(message);
    }
    let world = pets(|pets| pets.html("<h1>502</h1>").status(502));
    world
        .tw(["probe", "http", "send", "get", "/pets?key=private", "--ok"])
        .never_shows("private")
        .exits(1)
        .says_with("GET /pets");
}

#[test]
fn what_a_server_says_cannot_steer_the_terminal() {
    let world = pets(|pets| {
        pets.json(r#"{"message":"gone\u001b[2J\r\nERROR: \u202eno"}"#)
            .status(404)
    });
    world
        .tw(["probe", "http", "send", "get", "/pets", "--ok"])
        .fails("gone␛[2J␍␊ERROR: \u{fffd}no");
}

#[test]
fn an_answer_of_another_form_is_told_by_its_call_and_not_its_content() {
    for (body, what) in [
        (
            r#"{"name":"hunter2hunter2","legs":"hunter2hunter2"}"#,
            "is not of the expected form (line 1, column ",
        ),
        (
            r#"{"name":"hunter2hunter2""#,
            "is cut short (line 1, column 24)",
        ),
        ("hunter2hunter2", "is not JSON (line 1, column 1)"),
        ("", "is empty"),
    ] {
        let world = pets(|pets| pets.json(body));
        let (kind, message) = world.met(["http", "send", "get", "/pets", "--pet"]);
        assert_eq!(kind, "invalid_response");
        assert!(
            message.starts_with(&format!("The server's answer to GET /pets {what}")),
            "{message}"
        );
        assert!(!message.contains("hunter2"), "{message}");
    }
}

#[test]
fn a_request_has_the_time_that_it_is_given() {
    let world = pets(|pets| pets.json("{}").delay(crate::LIMIT));
    let (kind, message) = world.met(["http", "send", "get", "/pets", "--deadline", "50"]);
    assert_eq!(
        (kind.as_str(), message.as_str()),
        ("timeout", "GET /pets failed: the deadline has passed")
    );
    // What changes something may have been carried out.
    let (kind, _) = world.met(["http", "send", "post", "/pets", "--deadline", "50"]);
    assert_eq!(kind, "outcome_unknown");
}

#[test]
fn an_answer_has_the_size_that_it_is_given() {
    let world = pets(|pets| pets.text("1234567890"));
    assert_eq!(
        world.got(["http", "send", "get", "/pets", "--max-body", "10"])["body"],
        1_234_567_890
    );
    let (kind, message) = world.met(["http", "send", "get", "/pets", "--max-body", "9"]);
    assert_eq!(
        (kind.as_str(), message.as_str()),
        (
            "too_large",
            "The server's answer to GET /pets has more than 9 bytes"
        )
    );
    let world = pets(|pets| pets.oversized(u64::MAX));
    let (kind, _) = world.met(["http", "send", "get", "/pets"]);
    assert_eq!(kind, "too_large");
    // A change may have been carried out.
    let (kind, message) = world.met(["http", "send", "post", "/pets", "--max-body", "9"]);
    assert_eq!(
        (kind.as_str(), message.as_str()),
        (
            "outcome_unknown",
            "POST /pets was sent, and its outcome is unknown: the server's answer has more than 9 bytes"
        )
    );
    // A failure is told by its status.
    let failed = |length: usize| {
        let world = pets(|pets| pets.status(500).text(&"x".repeat(length)));
        world.got(["http", "send", "get", "/pets"])["body"]
            .as_str()
            .map(str::len)
    };
    assert_eq!(
        (failed(64 << 10), failed((64 << 10) + 1)),
        (Some(64 << 10), Some(0))
    );
}

#[test]
fn a_connection_that_breaks_is_told_by_what_may_have_happened() {
    let world = pets(Fault::reset_after);
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
    // That a change may be sent twice doesn't make it certain whether it was carried out.
    for method in ["put", "delete", "post", "patch"] {
        assert_eq!(kind(&[method]), "outcome_unknown", "{method}");
    }
    assert_eq!(kind(&["--repeatable", "post"]), "outcome_unknown");
}

#[test]
fn where_nobody_listens_nothing_was_sent() {
    let world = probe();
    let address = nobody();
    for method in ["get", "post"] {
        let (kind, message) = world.met(["http", "send", method, &format!("{address}/pets")]);
        assert_eq!(kind, "network");
        assert!(
            message.starts_with(&format!("Cannot connect to {address}: ")),
            "{message}"
        );
    }
    world
        .tw(["probe", "http", "send", "get", &address])
        .exits(1)
        .prints("")
        .says_with("Connection error. Check the connection using the command 'tw info'.");
}

#[test]
fn an_answer_that_is_cut_short_is_told_as_that() {
    let world = pets(Fault::truncate);
    let (kind, message) = world.met(["http", "send", "get", "/pets"]);
    assert_eq!(
        (kind.as_str(), message.as_str()),
        ("network", "The server's answer to GET /pets is cut short")
    );
}

#[test]
fn a_request_without_a_json_form_is_not_sent() {
    let world = probe();
    for more in [&[][..], &["--batch"]] {
        let ran = world.probe(["http", "unwritable"]).args(more).run();
        ran.fails("the request has no JSON form: key must be a string");
    }
    world.saw([]);
}

#[test]
fn an_answer_without_content_has_none() {
    for answer in [
        Fault::empty,
        |pets: Fault| pets.status(204),
        |pets: Fault| pets.json("{}"),
    ] {
        let got = pets(answer).got(["http", "send", "delete", "/pets", "--no-content"]);
        assert_eq!(got, "nothing");
    }
    for answer in [Fault::not_json, |pets: Fault| {
        pets.json(r#"{"message":"Please log in"}"#)
    }] {
        let (kind, message) = pets(answer).met(["http", "send", "delete", "/pets", "--no-content"]);
        assert_eq!(kind, "invalid_response");
        assert_eq!(
            message,
            "The server's answer to DELETE /pets has content where none is expected"
        );
    }
}
