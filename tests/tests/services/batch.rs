//! Many requests at once, and the certainty about each of them.

use std::time::Duration;

use serde_json::{Value, json};
use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::{World, interrupt};

use crate::{LIMIT, Probe, nobody, probe, probe_with};

/// What became of each request, in a word.
pub(crate) fn outcomes(got: &Value) -> Vec<String> {
    let items = got.as_array().expect("a batch has outcomes");
    items
        .iter()
        .map(|item| item["outcome"].as_str().expect("each is told").to_owned())
        .collect()
}

/// A sandbox where `/pets` fails like this.
fn broken(fault: impl FnOnce(Fault) -> Fault) -> World {
    probe_with(Sandbox::builder().fault(fault(Fault::on("*", "/pets"))))
}

#[test]
fn the_outcomes_come_in_the_order_of_the_requests() {
    let late = Fault::on("GET", "/pipeline-secrets/1").delay(Duration::from_millis(200));
    let world = (1..=200).fold(Sandbox::builder().fault(late), |sandbox, id| {
        sandbox.secret(Secret::new(&format!("secret-{id}"), "x").id(id))
    });
    let got = probe_with(world).got(["batch", "send", "--numbers", "200"]);
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
fn all_answers_together_have_the_size_that_one_may_have() {
    let world = broken(|pets| pets.oversized(20 << 20));
    for (requests, outcome) in [(1, "done"), (2, "failed")] {
        let line = ["batch", "send"].into_iter().chain(["GET /pets"; 2]);
        let got = world.got(line.take(2 + requests));
        assert_eq!(outcomes(&got), vec![outcome; requests]);
        if outcome == "failed" {
            assert_eq!(got[0]["error"]["kind"], "too_large");
        }
    }
}

#[test]
fn a_call_that_hangs_holds_up_the_others_for_a_moment_only() {
    let busy = Fault::on("GET", "/pets").status(429).times(4);
    let hangs = Fault::on("GET", "/pets").delay(LIMIT * 10);
    let world = probe_with(Sandbox::builder().fault(busy).fault(hangs));
    let line = ["batch", "send", "--concurrency", "4"].into_iter();
    let running = world.probe(line.chain(["GET /pets"; 4])).start();
    // One by one at first; and none of them is answered.
    assert!(world.sandbox.wait_for_hits("GET", "/pets", 8, LIMIT));
    interrupt(running.id());
    running.ends().exits(130);
}

#[test]
fn what_one_call_is_told_of_the_pace_holds_for_all() {
    // With a rate, those that wait for their turn when it is told wait on.
    for (rate, too_many) in [("none", 52), ("30", 32)] {
        let busy = Fault::on("GET", "/pets")
            .status(429)
            .header("Retry-After", "3");
        let world = probe_with(Sandbox::builder().fault(busy.after(10).times(1)));
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
        let running = world.command([&line[..], &pets].concat()).start();
        assert!(world.sandbox.wait_for_hits("GET", "/pets", 11, LIMIT));
        // Those that were under way beside it, and no other.
        let more = Duration::from_secs(2);
        assert!(!world.sandbox.wait_for_hits("GET", "/pets", too_many, more));
        running.ends().exits(0);
        assert_eq!(world.sandbox.hits("GET", "/pets"), 81);
    }
}

#[test]
fn one_raw_body_carries_all_of_them() {
    let answer = |path: &str, body: &str| Fault::on("*", path).body("text/plain", body);
    let world = probe_with(
        Sandbox::builder()
            .fault(answer("/a", "alpha"))
            .fault(answer("/b", ""))
            .fault(answer("/c", "γάμμα")),
    );
    let got = world.got([
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
    let world = probe();
    assert_eq!(world.got(["batch", "send"]), json!([]));
    world.saw([]);
}

#[test]
fn a_status_is_data_here_too() {
    let got = probe().got([
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
    assert_eq!(outcomes(&got), ["done", "done", "done"]);
}

#[test]
fn a_read_whose_connection_breaks_has_failed() {
    for fault in [Fault::reset_before, Fault::reset_after, Fault::truncate] {
        let got = broken(fault).got(["batch", "send", "GET /pets", "GET /service-info"]);
        assert_eq!(outcomes(&got), ["failed", "done"]);
        assert_eq!(got[0]["error"]["kind"], "network");
    }
}

#[test]
fn a_post_whose_connection_breaks_is_unknown() {
    for fault in [Fault::reset_before, Fault::reset_after, Fault::truncate] {
        let got = broken(fault).got(["batch", "send", "POST /pets {}", "GET /service-info"]);
        assert_eq!(outcomes(&got), ["unknown", "done"]);
        assert_eq!(got[0]["error"]["kind"], "outcome_unknown");
    }
}

#[test]
fn any_change_whose_connection_breaks_is_unknown() {
    for fault in [Fault::reset_before, Fault::reset_after, Fault::truncate] {
        let got = broken(fault).got(["batch", "send", "PUT /pets {}", "DELETE /pets"]);
        assert_eq!(outcomes(&got), ["unknown", "unknown"]);
    }
}

#[test]
fn what_never_left_has_failed() {
    let nobody = nobody();
    let requests = ["GET", "POST", "PUT", "DELETE"].map(|method| format!("{method} {nobody}/pets"));
    let world = probe();
    let got = world
        .probe(["batch", "send"])
        .args(&requests)
        .run()
        .exits(0)
        .says("")
        .json();
    assert_eq!(outcomes(&got), ["failed"; 4]);
    assert_eq!(got[1]["error"]["kind"], "network");
}

#[test]
fn what_cannot_be_sent_has_failed_and_the_others_are_sent() {
    let got = probe().got(["batch", "send", "GET pets", "GET /service-info"]);
    assert_eq!(outcomes(&got), ["failed", "done"]);
    assert_eq!(
        got[0]["error"]["message"],
        "`pets` is neither a path below the API nor a URL"
    );
}

#[test]
fn without_a_token_the_batch_fails() {
    let world = probe();
    let ran = world
        .probe(["batch", "send", "GET /service-info", "GET /user-info"])
        .without_env("TOWER_ACCESS_TOKEN")
        .run();
    ran.fails("Missing TOWER_ACCESS_TOKEN environment variable or 'tw -t <token> ...' parameter");
    world.saw([]);
}

#[test]
fn the_time_of_each_is_its_own() {
    let got = broken(|pets| pets.json("{}").delay(LIMIT)).got([
        "batch",
        "send",
        "GET /pets",
        "POST /pets {}",
        "PUT /pets {}",
        "GET /service-info",
        "--deadline",
        "500",
    ]);
    assert_eq!(outcomes(&got), ["failed", "unknown", "unknown", "done"]);
}

#[test]
fn after_a_failure_nothing_more_is_sent_when_that_is_asked_for() {
    let requests = [
        "GET /service-info",
        "POST /pets {}",
        "GET /user-info",
        "GET /orgs",
    ];
    for fault in [Fault::reset_after, |pets: Fault| pets.status(409)] {
        let world = broken(fault);
        let got = world
            .probe(["batch", "send", "--stop", "--concurrency", "1"])
            .args(requests)
            .run();
        let outcomes = outcomes(&got.exits(0).json());
        assert_eq!(
            (&outcomes[0], &outcomes[2..]),
            (
                &"done".to_owned(),
                &["not_sent".to_owned(), "not_sent".to_owned()][..]
            )
        );
        world.saw(["GET /service-info", "POST /pets"]);
        world.sandbox.clear_requests();
        let got = world
            .probe(["batch", "send", "--concurrency", "1"])
            .args(requests)
            .run();
        got.exits(0);
        assert_eq!(world.sandbox.requests().len(), 4);
    }
}

#[test]
fn no_more_are_under_way_than_are_asked_for() {
    let delay = Duration::from_millis(100);
    let world = broken(|pets| pets.json("{}").delay(delay));
    world
        .probe(["batch", "send", "--concurrency", "2"])
        .args(["GET /pets"; 7])
        .run()
        .exits(0);
    let mut came: Vec<Duration> = world
        .sandbox
        .requests()
        .iter()
        .map(|request| request.at)
        .collect();
    came.sort();
    // A third can only come once one of two was answered.
    for three in came.windows(3) {
        assert!(three[2] - three[0] >= delay, "{came:?}");
    }
}

#[test]
fn a_slow_answer_does_not_hold_up_the_others() {
    let world = probe_with(
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
    let came = world
        .sandbox
        .wait_for_hits("GET", "/ready", 1, Duration::from_secs(10));
    interrupt(running.id());
    running.ends();
    assert!(came, "one slow answer holds up the whole batch");
}

#[test]
fn a_label_shows_nothing_where_there_is_no_terminal() {
    let got = probe().got(["batch", "send", "--label", "Reading", "GET /service-info"]);
    assert_eq!(outcomes(&got), ["done"]);
}

#[test]
fn an_interrupted_batch_says_what_is_certain() {
    let world = probe_with(Sandbox::builder().fault(Fault::on("*", "/slow").delay(LIMIT * 10)));
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
        outcomes(&ran.json()),
        [
            "done", "unknown", "failed", "unknown", "not_sent", "not_sent"
        ]
    );
    assert_eq!(ran.json()[2]["error"]["kind"], "cancelled");
    assert_eq!(world.sandbox.hits("POST", "/never"), 0);
    ran.exits(130).says("");
}

#[test]
fn an_interrupted_batch_can_fail_with_what_is_certain() {
    let world = probe_with(Sandbox::builder().fault(Fault::on("*", "/slow").delay(LIMIT * 10)));
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
