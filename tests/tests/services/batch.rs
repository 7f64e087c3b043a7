//! Batches: many requests at once, and the outcome of each.

use std::time::Duration;

use serde_json::{Value, json};
use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::{World, interrupt};

use crate::{LIMIT, Probe, pick_unused_url, set_up, set_up_with};

/// Lists the outcome of each request: done, failed, unknown or not_sent.
pub(crate) fn list_outcomes(got: &Value) -> Vec<String> {
    let items = got.as_array().expect("a batch has outcomes");
    items
        .iter()
        .map(|item| {
            item["outcome"]
                .as_str()
                .expect("each request has an outcome")
                .to_owned()
        })
        .collect()
}

/// Lists the times at which the requests arrived at the sandbox, the earliest first.
pub(crate) fn list_arrivals(world: &World) -> Vec<Duration> {
    let requests = world.sandbox.requests();
    let mut times: Vec<Duration> = requests.iter().map(|request| request.at).collect();
    times.sort();
    times
}

/// Starts a sandbox that answers `/pets` with this fault.
fn serve_pets(fault: impl FnOnce(Fault) -> Fault) -> World {
    set_up_with(Sandbox::builder().fault(fault(Fault::on("*", "/pets"))))
}

#[test]
fn outcomes_keep_the_order_of_the_requests() {
    let late = Fault::on("GET", "/pipeline-secrets/1").delay(Duration::from_millis(200));
    let world = (1..=200).fold(Sandbox::builder().fault(late), |sandbox, id| {
        sandbox.secret(Secret::new(&format!("secret-{id}"), "x").id(id))
    });
    let got = set_up_with(world).probe_json(["batch", "send", "--numbers", "200"]);
    assert_eq!(got.as_array().map(Vec::len), Some(200));
    for (at, item) in got.as_array().into_iter().flatten().enumerate() {
        let secret = &item["body"]["pipelineSecret"];
        assert_eq!(
            (&item["outcome"], &secret["name"]),
            (&json!("done"), &json!(format!("secret-{}", at + 1)))
        );
    }
}

#[test]
fn the_size_limit_covers_all_answers_of_a_batch() {
    let world = serve_pets(|pets| pets.oversized(20 << 20));
    for (requests, outcome) in [(1, "done"), (2, "failed")] {
        let line = ["batch", "send"].into_iter().chain(["GET /pets"; 2]);
        let got = world.probe_json(line.take(2 + requests));
        assert_eq!(list_outcomes(&got), vec![outcome; requests]);
        if outcome == "failed" {
            assert_eq!(got[0]["error"]["kind"], "too_large");
        }
    }
}

#[test]
fn a_hanging_retry_does_not_hold_back_the_others() {
    let busy = Fault::on("GET", "/pets").status(429).times(4);
    let hangs = Fault::on("GET", "/pets").delay(LIMIT * 10);
    let world = set_up_with(Sandbox::builder().fault(busy).fault(hangs));
    let line = ["batch", "send", "--concurrency", "4"].into_iter();
    let running = world.probe(line.chain(["GET /pets"; 4])).start();
    // After a 429 the host sends one retry at a time. No retry is answered here, and still all four are sent: each holds back the next one
    // for a short time only.
    assert!(world.sandbox.wait_for_hits("GET", "/pets", 8, LIMIT));
    interrupt(running.id());
    running.ends().exits(130);
}

#[test]
fn a_retry_after_pauses_the_whole_batch() {
    // With a rate limit, requests that wait for their turn are paused too.
    for (rate, too_many) in [("none", 52), ("30", 32)] {
        let busy = Fault::on("GET", "/pets")
            .status(429)
            .header("Retry-After", "3");
        let world = set_up_with(Sandbox::builder().fault(busy.after(10).times(1)));
        let line = [
            "probe",
            "batch",
            "send",
            "--concurrency",
            "40",
            "--rate",
            rate,
        ];
        let pets = ["GET /pets"; 80];
        world.tw([&line[..], &pets].concat()).exits(0);
        let came = list_arrivals(&world);
        assert_eq!(came.len(), 81);
        // The 11th request is answered with 429. The requests in flight at that moment arrive too, and all others wait for three seconds.
        let pause = came[too_many - 1] - came[10];
        assert!(pause >= Duration::from_secs(3), "{pause:?}");
    }
}

#[test]
fn one_raw_body_carries_all_answers() {
    let answer = |path: &str, body: &str| Fault::on("*", path).body("text/plain", body);
    let world = set_up_with(
        Sandbox::builder()
            .fault(answer("/a", "alpha"))
            .fault(answer("/b", ""))
            .fault(answer("/c", "γάμμα")),
    );
    let got = world.probe_json([
        "batch",
        "send",
        "--concurrency",
        "1",
        r#"POST /c {"of":"c"}"#,
        "GET /b",
        r#"PUT /a [1,2,3]"#,
        r#"POST /b """#,
    ]);
    let bodies: Vec<&Value> = got
        .as_array()
        .into_iter()
        .flatten()
        .map(|item| &item["body"])
        .collect();
    assert_eq!(bodies, ["γάμμα", "", "alpha", ""]);
    let sent: Vec<String> = world
        .sandbox
        .requests()
        .iter()
        .map(|request| {
            format!(
                "{} {}",
                request.path,
                String::from_utf8_lossy(&request.body)
            )
        })
        .collect();
    assert_eq!(sent, [r#"/c {"of":"c"}"#, "/b ", "/a [1,2,3]", r#"/b """#]);
}

#[test]
fn an_empty_batch_has_no_outcomes() {
    let world = set_up();
    assert_eq!(world.probe_json(["batch", "send"]), json!([]));
    world.saw([]);
}

#[test]
fn every_status_in_a_batch_is_returned_as_data() {
    let got = set_up().probe_json([
        "batch",
        "send",
        "GET /pipeline-secrets/7",
        "GET /nowhere",
        "GET /user-info",
    ]);
    let statuses: Vec<&Value> = got
        .as_array()
        .into_iter()
        .flatten()
        .map(|item| &item["status"])
        .collect();
    assert_eq!(statuses, [404, 404, 200]);
    assert_eq!(list_outcomes(&got), ["done", "done", "done"]);
}

#[test]
fn a_read_fails_when_its_connection_breaks() {
    for fault in [Fault::reset_before, Fault::reset_after, Fault::truncate] {
        let got = serve_pets(fault).probe_json(["batch", "send", "GET /pets", "GET /service-info"]);
        assert_eq!(list_outcomes(&got), ["failed", "done"]);
        assert_eq!(got[0]["error"]["kind"], "network");
    }
}

#[test]
fn the_outcome_of_a_post_is_unknown_when_its_connection_breaks() {
    for fault in [Fault::reset_before, Fault::reset_after, Fault::truncate] {
        let got =
            serve_pets(fault).probe_json(["batch", "send", "POST /pets {}", "GET /service-info"]);
        assert_eq!(list_outcomes(&got), ["unknown", "done"]);
        assert_eq!(got[0]["error"]["kind"], "outcome_unknown");
    }
}

#[test]
fn the_outcome_of_any_change_is_unknown_when_its_connection_breaks() {
    for fault in [Fault::reset_before, Fault::reset_after, Fault::truncate] {
        let got = serve_pets(fault).probe_json(["batch", "send", "PUT /pets {}", "DELETE /pets"]);
        assert_eq!(list_outcomes(&got), ["unknown", "unknown"]);
    }
}

#[test]
fn a_request_without_a_connection_has_failed() {
    let url = pick_unused_url();
    let requests = ["GET", "POST", "PUT", "DELETE"].map(|method| format!("{method} {url}/pets"));
    let world = set_up();
    let got = world
        .probe(["batch", "send"])
        .args(&requests)
        .run()
        .exits(0)
        .says("")
        .json();
    assert_eq!(list_outcomes(&got), ["failed"; 4]);
    assert_eq!(got[1]["error"]["kind"], "network");
}

#[test]
fn an_invalid_request_fails_and_the_others_are_sent() {
    let got = set_up().probe_json(["batch", "send", "GET pets", "GET /service-info"]);
    assert_eq!(list_outcomes(&got), ["failed", "done"]);
    assert_eq!(
        got[0]["error"]["message"],
        "`pets` is neither a path below the API nor a URL"
    );
}

#[test]
fn without_a_token_the_batch_fails() {
    let world = set_up();
    let ran = world
        .probe(["batch", "send", "GET /service-info", "GET /user-info"])
        .without_env("TOWER_ACCESS_TOKEN")
        .run();
    ran.fails("Missing TOWER_ACCESS_TOKEN environment variable or 'tw -t <token> ...' parameter");
    world.saw([]);
}

#[test]
fn each_request_has_its_own_deadline() {
    let got = serve_pets(|pets| pets.json("{}").delay(LIMIT)).probe_json([
        "batch",
        "send",
        "GET /pets",
        "POST /pets {}",
        "PUT /pets {}",
        "GET /service-info",
        "--deadline",
        "500",
    ]);
    assert_eq!(
        list_outcomes(&got),
        ["failed", "unknown", "unknown", "done"]
    );
}

#[test]
fn stop_on_failure_sends_nothing_after_a_failure() {
    let requests = [
        "GET /service-info",
        "POST /pets {}",
        "GET /user-info",
        "GET /orgs",
    ];
    for fault in [Fault::reset_after, |pets: Fault| pets.status(409)] {
        let world = serve_pets(fault);
        let got = world
            .probe(["batch", "send", "--stop", "--concurrency", "1"])
            .args(requests)
            .run();
        let outcomes = list_outcomes(&got.exits(0).json());
        assert_eq!(outcomes[0], "done");
        assert_eq!(outcomes[2..], ["not_sent", "not_sent"]);
        world.saw(["GET /service-info", "POST /pets"]);
        let got = world
            .probe(["batch", "send", "--concurrency", "1"])
            .args(requests)
            .run();
        got.exits(0);
        assert_eq!(world.sandbox.requests().len(), 4);
    }
}

#[test]
fn concurrency_limits_the_requests_in_flight() {
    let delay = Duration::from_millis(100);
    let world = serve_pets(|pets| pets.json("{}").delay(delay));
    world
        .probe(["batch", "send", "--concurrency", "2"])
        .args(["GET /pets"; 7])
        .run()
        .exits(0);
    let came = list_arrivals(&world);
    assert_eq!(came.len(), 7);
    // The third of three consecutive requests is sent after one of the first two was answered.
    for three in came.windows(3) {
        assert!(three[2] - three[0] >= delay, "{came:?}");
    }
}

#[test]
fn a_slow_answer_does_not_hold_back_the_others() {
    let world = set_up_with(
        Sandbox::builder()
            .fault(Fault::on("GET", "/slow").delay(LIMIT * 10))
            .fault(Fault::on("GET", "/ready").json("{}")),
    );
    let running = world.start_until(
        "GET /slow",
        [
            "batch",
            "send",
            "GET /slow",
            "--concurrency",
            "2",
            "GET /orgs",
            "GET /orgs",
            "GET /orgs",
            "GET /orgs",
            "GET /ready",
        ],
    );
    let came = world.sandbox.wait_for_hits("GET", "/ready", 1, LIMIT);
    interrupt(running.id());
    running.ends();
    assert!(came, "one slow answer holds back the whole batch");
}

#[test]
fn a_label_is_not_shown_without_a_terminal() {
    let got = set_up().probe_json(["batch", "send", "--label", "Reading", "GET /service-info"]);
    assert_eq!(list_outcomes(&got), ["done"]);
}

#[test]
fn a_file_that_waits_for_its_turn_does_not_stall() {
    let world = serve_pets(|pets| pets.status(200));
    std::fs::write(world.installation.home().join("pet"), "a pet").unwrap();
    let line = ["batch", "send", "--rate", "1", "--read-timeout", "1"];
    let got = world.probe_json(
        line.into_iter()
            .chain(["--retries", "0"])
            .chain(["POST /pets @pet"; 4]),
    );
    assert_eq!(list_outcomes(&got), ["done"; 4]);
}
