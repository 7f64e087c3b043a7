//! Retries: which requests are sent again, when, how often, and how certain their outcome is.

use std::time::Duration;

use serde_json::{Value, json};
use tw_sandbox::{Fault, Sandbox};
use tw_tests::{Terminal, Tw, World};

use crate::{LIMIT, Probe, batch::list_outcomes, http::serve_pets, pick_unused_url, set_up_with};

/// The methods, each with `true` if it is idempotent.
const METHODS: [(&str, bool); 6] = [
    ("get", true),
    ("head", true),
    ("put", true),
    ("delete", true),
    ("post", false),
    ("patch", false),
];

/// Counts the requests for `/pets`.
fn count_requests(world: &World) -> usize {
    let requests = world.sandbox.requests();
    requests
        .iter()
        .filter(|request| request.path == "/pets")
        .count()
}

/// Returns the time between the first and the last request.
fn measure_wait(world: &World) -> Duration {
    let requests = world.sandbox.requests();
    let (first, last) = (requests.first(), requests.last());
    match (first, last) {
        (Some(first), Some(last)) => last.at - first.at,
        _ => Duration::ZERO,
    }
}

/// Runs `send METHOD /pets`, and returns the answer or the failure that the plugin got.
fn send(world: &World, method: &str, more: &[&str]) -> Value {
    let line = ["http", "send", method, "/pets", "--report"];
    let ran = world.probe(line).args(more).run();
    ran.exits(0).says("").json()
}

/// Starts a command with `--verbose` on a terminal, and waits until it announces the retry of `request`.
#[track_caller]
fn start_until_backoff(tw: Tw, request: &str) -> Terminal {
    let announced = format!("* retrying {request} in ");
    Terminal::start(tw.env("NO_COLOR", "1")).until(&announced)
}

#[test]
fn idempotent_requests_are_retried_after_a_gateway_error() {
    for status in [502, 503, 504] {
        for (method, again) in METHODS {
            let world = serve_pets(|pets| pets.status(status).times(1));
            world.sandbox.fault(Fault::on("*", "/pets").empty());
            let got = send(&world, method, &[]);
            let (status, sent) = if again { (200, 2) } else { (status, 1) };
            assert_eq!(got["status"], status, "{method}");
            assert_eq!(got["attempts"], sent, "{method}");
            assert_eq!(count_requests(&world), sent, "{method}");
        }
    }
}

#[test]
fn every_method_is_retried_after_429() {
    for (method, _) in METHODS {
        let world = serve_pets(|pets| pets.status(429).times(1));
        world.sandbox.fault(Fault::on("*", "/pets").empty());
        let got = send(&world, method, &[]);
        assert_eq!((&got["status"], &got["attempts"]), (&json!(200), &json!(2)));
    }
}

#[test]
fn idempotent_requests_are_retried_after_a_broken_connection() {
    for fault in [Fault::reset_before, Fault::reset_after, Fault::truncate] {
        for (method, again) in METHODS.into_iter().filter(|(method, _)| *method != "head") {
            let world = serve_pets(|pets| fault(pets).times(1));
            world.sandbox.fault(Fault::on("*", "/pets").empty());
            let got = send(&world, method, &[]);
            match again {
                true => assert_eq!((&got["status"], count_requests(&world)), (&json!(200), 2)),
                false => assert_eq!(
                    (&got["kind"], count_requests(&world)),
                    (&json!("outcome_unknown"), 1)
                ),
            }
        }
    }
}

#[test]
fn idempotent_requests_are_retried_after_a_read_timeout() {
    for (method, again) in METHODS {
        let world = serve_pets(|pets| pets.json("{}").delay(LIMIT * 10).times(1));
        world.sandbox.fault(Fault::on("*", "/pets").empty());
        let got = send(&world, method, &["--read-timeout", "0.3"]);
        match again {
            true => assert_eq!((&got["status"], count_requests(&world)), (&json!(200), 2)),
            false => assert_eq!(
                (&got["kind"], count_requests(&world)),
                (&json!("outcome_unknown"), 1)
            ),
        }
    }
}

#[test]
fn a_plugin_can_mark_a_request_as_idempotent() {
    let world = serve_pets(|pets| pets.status(503).times(1));
    world.sandbox.fault(Fault::on("*", "/pets").empty());
    let got = send(&world, "post", &["--repeatable"]);
    assert_eq!((&got["status"], &got["attempts"]), (&json!(200), &json!(2)));
}

#[test]
fn other_statuses_are_not_retried() {
    for status in [400, 401, 403, 404, 409, 500, 501] {
        let world = serve_pets(|pets| pets.status(status));
        assert_eq!(send(&world, "get", &[])["attempts"], 1);
        assert_eq!(count_requests(&world), 1, "{status}");
    }
}

#[test]
fn the_retry_budget_limits_the_attempts() {
    for (retries, sent) in [
        (&[][..], 4),
        (&["--retries", "0"], 1),
        (&["--retries=1"], 2),
    ] {
        let world = serve_pets(|pets| pets.status(503).json(r#"{"message":"full"}"#));
        let got = send(&world, "get", retries);
        assert_eq!(
            (&got["status"], &got["attempts"]),
            (&json!(503), &json!(sent))
        );
        assert_eq!(got["body"], json!({ "message": "full" }));
        assert_eq!(count_requests(&world), sent);
        let world = serve_pets(Fault::reset_before);
        assert_eq!(send(&world, "get", retries)["kind"], "network");
        assert_eq!(count_requests(&world), sent);
    }
}

#[test]
fn retry_after_in_seconds_is_respected() {
    for status in [429, 503] {
        let world = serve_pets(|pets| pets.status(status).header("Retry-After", "1").times(1));
        world.sandbox.fault(Fault::on("*", "/pets").empty());
        assert_eq!(send(&world, "get", &[])["attempts"], 2);
        assert!(measure_wait(&world) >= Duration::from_secs(1), "{status}");
    }
}

#[test]
fn retry_after_as_a_date_is_measured_by_the_servers_clock() {
    let world = serve_pets(|pets| {
        let pets = pets.status(429).times(1);
        pets.header("Date", "Sun, 06 Nov 1994 08:49:36 GMT")
            .header("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT")
    });
    world.sandbox.fault(Fault::on("*", "/pets").empty());
    assert_eq!(send(&world, "post", &[])["attempts"], 2);
    assert!(measure_wait(&world) >= Duration::from_secs(1));
}

#[test]
fn a_retry_after_above_one_minute_is_not_waited_for() {
    for after in [
        "61",
        "3600",
        "999999999999999999999",
        "Fri, 01 Jan 2100 00:00:00 GMT",
    ] {
        let world = serve_pets(|pets| pets.status(429).header("Retry-After", after));
        let got = send(&world, "get", &["--tell", "retry-after"]);
        assert_eq!(
            (&got["status"], &got["headers"]),
            (&json!(429), &json!([after]))
        );
        assert_eq!(count_requests(&world), 1);
        world
            .tw(["probe", "http", "send", "get", "/pets", "--ok", "-v"])
            .exits(1)
            .says_with(
                "* GET /pets is not retried: the server asks for a longer wait than tw allows",
            );
    }
}

#[test]
fn the_deadline_covers_all_attempts() {
    let world = serve_pets(|pets| pets.status(503).header("Retry-After", "30"));
    // The server asks for more time than the deadline leaves, so its answer is returned at once.
    let got = send(&world, "get", &["--deadline", "5000"]);
    assert_eq!((&got["status"], count_requests(&world)), (&json!(503), 1));
    let world = serve_pets(|pets| pets.json("{}").delay(LIMIT * 10));
    let got = send(
        &world,
        "get",
        &["--deadline", "700", "--read-timeout", "0.3"],
    );
    assert_eq!(got["message"], "GET /pets failed: the deadline has passed");
    assert!(count_requests(&world) >= 2);
}

#[test]
fn a_request_interrupted_after_429_has_certainly_failed() {
    let refused = Fault::on("*", "/pets")
        .status(429)
        .header("Retry-After", "50");
    let world = set_up_with(
        Sandbox::builder()
            .fault(refused)
            .fault(Fault::on("GET", "/slow").delay(LIMIT * 10)),
    );
    let line = ["batch", "send", "--concurrency", "2", "-v"];
    let requests = ["GET /slow", "POST /pets {}", "POST /pets {}"];
    let tw = world.probe(line).args(requests);
    let left = start_until_backoff(tw, "POST /pets").interrupts().ends();
    let got = left.exits(130).json();
    assert_eq!(list_outcomes(&got), ["failed", "failed", "not_sent"]);
    assert_eq!(got[1]["error"]["kind"], "cancelled");
}

#[test]
fn a_request_interrupted_after_a_gateway_timeout_is_uncertain() {
    let world = set_up_with(
        Sandbox::builder()
            .fault(
                Fault::on("DELETE", "/pets")
                    .status(504)
                    .header("Retry-After", "50"),
            )
            .fault(Fault::on("GET", "/soon").json("{}"))
            .fault(Fault::on("GET", "/slow").delay(LIMIT * 10)),
    );
    let line = ["batch", "send", "--concurrency", "2", "-v"];
    let requests = ["DELETE /pets", "GET /soon", "GET /slow"];
    let terminal = start_until_backoff(world.probe(line).args(requests), "DELETE /pets");
    assert!(world.sandbox.wait_for_hits("GET", "/slow", 1, LIMIT));
    let got = terminal.interrupts().ends().exits(130).json();
    assert_eq!(list_outcomes(&got), ["unknown", "done", "failed"]);
}

#[test]
fn a_429_with_a_large_body_is_retried() {
    let page = "<p>Come back later.</p>".repeat(100_000);
    let world = serve_pets(|pets| pets.status(429).html(&page).times(1));
    let got = send(&world, "post", &["--max-body", "1000"]);
    assert_eq!((&got["status"], count_requests(&world)), (&json!(404), 2));
}

#[test]
fn a_retried_delete_that_finds_nothing_counts_as_done() {
    for fault in [
        |pets: Fault| pets.reset_after(),
        |pets: Fault| pets.status(503).processed(),
        |pets: Fault| pets.status(504).processed(),
    ] {
        let world = serve_pets(|pets| fault(pets).times(1));
        world.sandbox.fault(Fault::on("*", "/pets").status(404));
        let got = send(&world, "delete", &[]);
        assert_eq!((&got["status"], &got["attempts"]), (&json!(204), &json!(2)));
        assert_eq!(got["body"], "");
    }
}

#[test]
fn a_delete_that_was_never_processed_reports_404() {
    // The server did not process a request that it answers with 429.
    for fault in [
        |pets: Fault| pets.status(429),
        |pets: Fault| pets.status(404),
    ] {
        let world = serve_pets(|pets| fault(pets).times(1));
        world.sandbox.fault(Fault::on("*", "/pets").status(404));
        assert_eq!(send(&world, "delete", &[])["status"], 404);
    }
}

#[test]
fn a_change_whose_answer_was_lost_stays_uncertain_after_a_failed_retry() {
    for then in [401, 409, 429, 500, 503] {
        let world = serve_pets(|pets| pets.reset_after().times(1));
        world.sandbox.fault(Fault::on("*", "/pets").status(then));
        let got = send(&world, "put", &[]);
        assert_eq!(got["kind"], "outcome_unknown");
        assert_eq!(
            got["message"],
            format!(
                "PUT /pets was sent, and its outcome is unknown: its answer was lost, and the retry was answered with status {then}"
            )
        );
        assert_eq!(send(&world, "get", &[])["status"], then);
    }
    // A gateway that answers 502 does not know the outcome either.
    let world = serve_pets(|pets| pets.status(502).times(1));
    world.sandbox.fault(Fault::on("*", "/pets").status(401));
    assert_eq!(
        send(&world, "put", &[])["message"],
        "PUT /pets was sent, and its outcome is unknown: a gateway in front of the API answered, and the retry was answered with status 401"
    );
    let world = serve_pets(|pets| pets.status(502).times(1));
    world.sandbox.fault(Fault::on("*", "/pets").status(204));
    assert_eq!(send(&world, "put", &[])["status"], 204);
}

#[test]
fn a_refused_connection_is_retried_for_every_method() {
    let world = set_up_with(Sandbox::builder());
    let url = format!("{}/pets", pick_unused_url());
    for method in ["get", "post"] {
        let ran = world.tw(["-v", "probe", "http", "send", method, &url]);
        let again = ran
            .stderr
            .lines()
            .filter(|line| line.starts_with("* retrying "));
        assert_eq!(again.count(), 3, "{ran}");
        ran.exits(1);
        assert_eq!(
            world.probe_failure(["http", "send", method, &url]).0,
            "network"
        );
    }
}

#[test]
fn a_request_sets_its_own_number_of_retries_up_to_the_users() {
    for (asked, user, sent) in [
        ("0", None, 1),
        ("1", None, 2),
        ("4", None, 5),
        ("4", Some("2"), 3),
        ("1", Some("2"), 2),
        ("4", Some("0"), 1),
    ] {
        let world = serve_pets(|pets| pets.status(503));
        let user = user.map(|user| ["--retries", user]);
        let more = ["--retries-of-call", asked].into_iter();
        let more: Vec<&str> = more.chain(user.into_iter().flatten()).collect();
        assert_eq!(send(&world, "get", &more)["status"], 503);
        assert_eq!(count_requests(&world), sent, "{more:?}");
    }
}

#[test]
fn a_request_without_retries_is_not_sent_again_after_429() {
    let world = serve_pets(|pets| pets.status(429));
    let got = send(&world, "get", &["--retries-of-call", "0"]);
    assert_eq!((&got["status"], &got["attempts"]), (&json!(429), &json!(1)));
}

#[test]
fn opening_a_stream_is_retried() {
    let world = serve_pets(|pets| pets.status(503).times(1));
    world.sandbox.fault(Fault::on("*", "/pets").text("12345"));
    world.probe_json(["stream", "read", "/pets"]);
    assert_eq!(count_requests(&world), 2);
}

#[test]
fn each_request_of_a_batch_has_its_own_retry_budget() {
    let world = serve_pets(|pets| pets.status(503).times(2));
    world.sandbox.fault(Fault::on("*", "/pets").json("{}"));
    let got = world.probe_json([
        "batch",
        "send",
        "GET /pets",
        "GET /pets",
        "GET /service-info",
    ]);
    let statuses: Vec<&Value> = got
        .as_array()
        .into_iter()
        .flatten()
        .map(|item| &item["status"])
        .collect();
    assert_eq!(statuses, [200, 200, 200]);
    assert_eq!(count_requests(&world), 4);
}

#[test]
fn an_interrupt_ends_the_backoff() {
    let world = serve_pets(|pets| pets.status(503).header("Retry-After", "50"));
    let tw = world.probe(["http", "send", "get", "/pets", "-v"]);
    let left = start_until_backoff(tw, "GET /pets").interrupts().ends();
    // The terminal writes each line end as "\r\n".
    left.exits(130)
        .showed("\r\n\r\n ERROR: Interrupted\r\n\r\n");
    assert_eq!(count_requests(&world), 1);
}
