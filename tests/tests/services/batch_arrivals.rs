//! The outcomes of a batch as they arrive.

use serde_json::{Value, json};
use tw_sandbox::{Fault, Sandbox};
use tw_tests::{Terminal, World, interrupt};

use crate::{LIMIT, Probe, batch::list_outcomes, set_up, set_up_with};

/// Starts a sandbox that doesn't answer `/slow`.
fn set_up_slow() -> World {
    set_up_with(Sandbox::builder().fault(Fault::on("*", "/slow").delay(LIMIT * 10)))
}

/// Returns the outcomes in the order of the requests.
fn sort_by_index(got: &Value) -> Value {
    let mut outcomes = got.as_array().cloned().expect("a batch has outcomes");
    outcomes.sort_by_key(|outcome| outcome["index"].as_u64());
    json!(outcomes)
}

#[test]
fn an_outcome_is_returned_while_another_request_is_in_flight() {
    let world = set_up_slow();
    let line = ["batch", "send", "--arriving", "--take", "1"];
    let got = world.probe_json(line.into_iter().chain(["GET /slow", "GET /service-info"]));
    assert_eq!(
        (&got[0]["index"], &got[0]["status"]),
        (&json!(1), &json!(200))
    );
}

#[test]
fn every_request_has_one_outcome_with_the_answer_to_it() {
    let sandbox = (1..=200).fold(Sandbox::builder(), |sandbox, id| {
        let name = format!("secret-{id}");
        sandbox.secret(tw_sandbox::Secret::new(&name, "x").id(id))
    });
    let world = set_up_with(sandbox);
    let got = world.probe_json(["batch", "send", "--arriving", "--numbers", "200"]);
    let got = sort_by_index(&got);
    assert_eq!(got.as_array().map(Vec::len), Some(200));
    for (at, item) in got.as_array().into_iter().flatten().enumerate() {
        let name = &item["body"]["pipelineSecret"]["name"];
        let expected = (json!(at), json!(format!("secret-{}", at + 1)));
        assert_eq!((&item["index"], name), (&expected.0, &expected.1));
    }
}

#[test]
fn an_empty_batch_ends_at_once() {
    let world = set_up();
    assert_eq!(world.probe_json(["batch", "send", "--arriving"]), json!([]));
    world.saw([]);
}

#[test]
fn closing_a_batch_sends_no_further_request() {
    let world = set_up();
    let line = ["batch", "send", "--arriving", "--take", "1"];
    let line = line.into_iter().chain(["--concurrency", "1"]);
    let requests = ["GET /service-info"; 10].into_iter().chain(["GET /last"]);
    let got = world.probe_json(line.chain(requests));
    assert_eq!(got.as_array().map(Vec::len), Some(1));
    // One was taken, one waits to be taken, and one has its place among the requests in flight.
    assert!(world.sandbox.requests().len() <= 3);
    assert_eq!(world.sandbox.hits("GET", "/last"), 0);
}

#[test]
fn a_batch_that_is_left_open_ends_with_the_run() {
    let world = set_up_slow();
    let line = ["batch", "send", "--arriving", "--take", "1", "--leave"];
    let requests = ["GET /service-info", "GET /slow", "GET /slow"];
    let got = world.probe_json(line.into_iter().chain(requests));
    assert_eq!(got[0]["status"], 200);
}

#[test]
fn stop_on_failure_reports_the_requests_that_were_not_sent() {
    let world = set_up_with(Sandbox::builder().fault(Fault::on("*", "/pets").status(409)));
    let line = [
        "batch",
        "send",
        "--arriving",
        "--stop",
        "--concurrency",
        "1",
    ];
    let requests = [
        "GET /service-info",
        "POST /pets {}",
        "GET /orgs",
        "GET /orgs",
    ];
    let got = world.probe_json(line.into_iter().chain(requests));
    assert_eq!(
        list_outcomes(&sort_by_index(&got)),
        ["done", "done", "not_sent", "not_sent"]
    );
    world.saw(["GET /service-info", "POST /pets"]);
}

#[test]
fn an_interrupt_leaves_an_outcome_for_each_request() {
    let world = set_up_slow();
    let running = world
        .probe(["batch", "send", "--arriving", "--concurrency", "3"])
        .args([
            "GET /service-info",
            "POST /slow {}",
            "GET /slow",
            "PUT /slow {}",
        ])
        .args(["POST /never {}", "GET /never"])
        .start();
    for method in ["GET", "POST", "PUT"] {
        let came = world.sandbox.wait_for_hits(method, "/slow", 1, LIMIT);
        assert!(came, "{method}");
    }
    interrupt(running.id());
    let ran = running.ends();
    assert_eq!(
        list_outcomes(&sort_by_index(&ran.json())),
        [
            "done", "unknown", "failed", "unknown", "not_sent", "not_sent"
        ]
    );
    assert_eq!(world.sandbox.hits("POST", "/never"), 0);
    ran.exits(130).says("");
}

#[test]
fn each_request_has_its_own_deadline() {
    let line = ["batch", "send", "--arriving", "--deadline", "500"];
    let requests = ["GET /slow", "POST /slow {}", "GET /service-info"];
    let got = set_up_slow().probe_json(line.into_iter().chain(requests));
    assert_eq!(
        list_outcomes(&sort_by_index(&got)),
        ["failed", "unknown", "done"]
    );
}

#[test]
fn a_batch_that_cannot_begin_fails_before_anything_is_sent() {
    let world = set_up();
    let line = ["batch", "send", "--arriving", "GET /service-info"];
    let ran = world.probe(line).without_env("TOWER_ACCESS_TOKEN").run();
    ran.fails("Missing TOWER_ACCESS_TOKEN environment variable or 'tw -t <token> ...' parameter");
    world.saw([]);
}

#[test]
fn outcomes_that_were_taken_need_no_memory() {
    const SIZE: usize = 64 << 10;
    let body = "x".repeat(SIZE);
    let world = set_up_with(Sandbox::builder().fault(Fault::on("GET", "/pets").text(&body)));
    let line = ["batch", "send", "--memory", "--times", "1500", "GET /pets"];
    let got = world.probe_json(line);
    assert_eq!(got["bytes"], SIZE * 1500);
    let grown = got["grown_kb"].as_u64().unwrap_or(u64::MAX);
    assert!(
        grown < 24 << 10,
        "94 MB of answers took {grown} KB of memory"
    );
}

#[test]
fn a_label_shows_the_progress_of_the_requests() {
    let world = set_up();
    let line = ["batch", "send", "--arriving", "--label", "Reading"];
    let requests = ["GET /service-info", "GET /orgs"];
    Terminal::start(world.probe(line.into_iter().chain(requests)))
        .ends()
        .exits(0)
        .showed("Reading")
        .showed("/2");
}
