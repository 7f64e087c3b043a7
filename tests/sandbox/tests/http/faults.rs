//! Tests of every kind of fault: what the client receives and what the log records.

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use tw_sandbox::{Fault, Outcome, Sandbox, Secret};

use crate::client::{Answer, call, get, try_call};

const BODY: Option<&str> = Some(r#"{"name":"KEY","value":"hush hush"}"#);

fn sandbox(fault: Fault) -> Sandbox {
    Sandbox::builder()
        .secret(Secret::new("OLD", "value").id(7))
        .fault(fault)
        .start()
}

fn create(sandbox: &Sandbox) -> io::Result<Answer> {
    try_call(sandbox, "POST", "/pipeline-secrets", BODY)
}

fn outcome(sandbox: &Sandbox) -> Outcome {
    sandbox.requests().remove(0).outcome
}

#[test]
fn a_status_fault_answers_the_given_number_of_requests_without_processing_them() {
    let sandbox = sandbox(
        Fault::on("POST", "/pipeline-secrets")
            .status(503)
            .header("Retry-After", "1")
            .times(1),
    );
    assert_eq!(get(&sandbox, "/pipeline-secrets").status, 200);

    let refused = create(&sandbox).unwrap();
    assert_eq!(
        (refused.status, refused.header("retry-after")),
        (503, Some("1"))
    );
    assert!(refused.message().contains("503"));
    assert_eq!(sandbox.secrets(None).len(), 1);

    assert_eq!(create(&sandbox).unwrap().status, 200);
    assert_eq!(
        sandbox.requests()[1].outcome,
        Outcome::Faulted {
            fault: "answer",
            status: Some(503)
        }
    );
}

#[test]
fn an_answer_has_the_given_body_and_content_type() {
    let on = || Fault::on("GET", "*");
    for (fault, status, content_type, body) in [
        (
            on().status(500).html("<h1>x</h1>"),
            500,
            Some("text/html; charset=utf-8"),
            "<h1>x</h1>",
        ),
        (
            on().text("no").status(400),
            400,
            Some("text/plain; charset=utf-8"),
            "no",
        ),
        (
            on().json("{}").status(404),
            404,
            Some("application/json"),
            "{}",
        ),
        (on().status(403).empty(), 403, None, ""),
        (on().status(204), 204, None, ""),
        (
            on().body("application/json", "\u{1}"),
            200,
            Some("application/json"),
            "\u{1}",
        ),
    ] {
        let answer = get(&sandbox(fault), "/orgs");
        assert_eq!((answer.status, answer.text().as_str()), (status, body));
        if status != 204 {
            assert_eq!(answer.header("content-type"), content_type, "{body}");
        }
    }
    assert!(
        get(&sandbox(on().not_json()), "/orgs")
            .text()
            .starts_with("<!DOCTYPE html>")
    );
}

#[test]
fn a_processed_answer_reports_failure_but_keeps_the_change() {
    let sandbox = sandbox(Fault::on("POST", "*").status(504).processed());
    assert_eq!(create(&sandbox).unwrap().status, 504);
    assert_eq!(sandbox.secrets(None).len(), 2);
}

#[test]
fn a_delay_precedes_the_normal_answer() {
    let delay = Duration::from_millis(40);
    let sandbox = sandbox(Fault::on("POST", "*").delay(delay));
    let start = Instant::now();
    assert_eq!(create(&sandbox).unwrap().status, 200);
    assert!(start.elapsed() >= delay);
    assert_eq!(
        outcome(&sandbox),
        Outcome::Faulted {
            fault: "delay",
            status: Some(200)
        }
    );
}

#[test]
fn a_reset_before_processing_changes_nothing() {
    let sandbox = sandbox(Fault::on("POST", "*").reset_before().times(1));
    assert_eq!(
        create(&sandbox).unwrap_err().kind(),
        ErrorKind::ConnectionReset
    );
    assert_eq!(sandbox.secrets(None).len(), 1);
    assert_eq!(
        outcome(&sandbox),
        Outcome::Faulted {
            fault: "reset before",
            status: None
        }
    );
    assert_eq!(create(&sandbox).unwrap().status, 200);
}

#[test]
fn a_reset_after_processing_keeps_the_change() {
    let sandbox = sandbox(Fault::on("POST", "*").reset_after());
    assert_eq!(
        create(&sandbox).unwrap_err().kind(),
        ErrorKind::ConnectionReset
    );
    assert_eq!(sandbox.secrets(None)[1].value, "hush hush");
    assert_eq!(
        outcome(&sandbox),
        Outcome::Faulted {
            fault: "reset after",
            status: None
        }
    );
}

#[test]
fn a_refusal_over_http_1_closes_the_connection_without_processing_the_request() {
    let sandbox = sandbox(Fault::on("POST", "*").refuse());
    assert_eq!(
        create(&sandbox).unwrap_err().kind(),
        ErrorKind::UnexpectedEof
    );
    assert_eq!(sandbox.secrets(None).len(), 1);
    assert_eq!(
        outcome(&sandbox),
        Outcome::Faulted {
            fault: "refuse",
            status: None
        }
    );
}

#[test]
fn a_truncated_answer_is_shorter_than_its_content_length() {
    let sandbox = sandbox(Fault::on("*", "*").truncate());
    for (method, body) in [
        ("GET", None),
        ("PUT", Some(r#"{"value":"new"}"#)),
        ("DELETE", None),
    ] {
        let error = try_call(&sandbox, method, "/pipeline-secrets/7", body).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedEof, "{method}");
    }
    assert_eq!(sandbox.secrets(None), []);
    assert_eq!(
        outcome(&sandbox),
        Outcome::Faulted {
            fault: "truncate",
            status: Some(200)
        }
    );
}

#[test]
fn an_oversized_answer_has_the_given_size() {
    let answer = get(
        &sandbox(Fault::on("GET", "/orgs").oversized(3_000_001)),
        "/orgs",
    );
    assert_eq!((answer.status, answer.body.len()), (200, 3_000_001));
    assert_eq!(answer.header("content-length"), None);
    assert!(answer.body.iter().all(|byte| *byte == b' '));
}

#[test]
fn a_slow_drip_delivers_the_whole_answer() {
    let sandbox = sandbox(Fault::on("*", "*").slow_drip(10, Duration::from_millis(1)));
    let start = Instant::now();
    let answer = get(&sandbox, "/pipeline-secrets");
    assert_eq!(answer.json()["totalSize"], 1);
    assert!(start.elapsed() >= Duration::from_millis((answer.body.len() / 10) as u64));
    assert_eq!(
        call(&sandbox, "DELETE", "/pipeline-secrets/7", None).status,
        204
    );
}

#[test]
fn a_redirect_names_its_location() {
    let answer = get(
        &sandbox(Fault::on("GET", "/orgs").redirect("http://other.example/orgs", 307)),
        "/orgs",
    );
    assert_eq!(
        (answer.status, answer.header("location")),
        (307, Some("http://other.example/orgs"))
    );
}

#[test]
fn an_echo_repeats_the_token_and_the_body() {
    let sandbox = sandbox(Fault::on("POST", "*").echo());
    let answer = create(&sandbox).unwrap();
    assert_eq!(answer.status, 400);
    assert!(answer.message().contains(sandbox.token()) && answer.message().contains("hush hush"));
    assert_eq!(sandbox.secrets(None).len(), 1);
}

#[test]
fn a_fault_also_applies_below_api_until_it_is_cleared() {
    let sandbox = sandbox(Fault::on("GET", "/user/*/workspaces").status(500));
    assert_eq!(get(&sandbox, "/api/user/1/workspaces").status, 500);
    assert_eq!(get(&sandbox, "/user-info").status, 200);
    sandbox.clear_faults();
    assert_eq!(get(&sandbox, "/user/1/workspaces").status, 200);
    sandbox.fault("GET /orgs status=418".parse().unwrap());
    assert_eq!(get(&sandbox, "/orgs").status, 418);
}

#[test]
fn an_invalid_status_or_header_does_not_crash_the_server() {
    let sandbox = sandbox(
        Fault::on("GET", "*")
            .status(42)
            .header("no name", "x")
            .header("X-Ok", "no\nvalue"),
    );
    assert_eq!(get(&sandbox, "/orgs").status, 500);
}

#[test]
fn a_token_beyond_its_rate_is_answered_429_with_retry_after() {
    let sandbox = Sandbox::builder().rate(1).start();
    // At least two of twenty requests in a row start within one second, unless each takes longer than a second.
    let refused = (0..20)
        .map(|_| get(&sandbox, "/orgs"))
        .find(|answer| answer.status == 429)
        .expect("a refusal");
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(refused.message(), "Too many requests");
}
