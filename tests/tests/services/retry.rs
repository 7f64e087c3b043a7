//! Calls that are made again, those that aren't, and what is certain of them in the end.

use std::time::Duration;

use serde_json::{Value, json};
use tw_sandbox::{Fault, Sandbox};
use tw_tests::{World, interrupt};

use crate::{LIMIT, Probe, batch::outcomes, http::pets, nobody, probe_with};

/// Each method, and whether it may be sent twice.
const METHODS: [(&str, bool); 6] = [
    ("get", true),
    ("head", true),
    ("put", true),
    ("delete", true),
    ("post", false),
    ("patch", false),
];

/// How often the server was asked for `/pets`.
fn calls(world: &World) -> usize {
    let requests = world.sandbox.requests();
    requests
        .iter()
        .filter(|request| request.path == "/pets")
        .count()
}

/// The time between the first and the last request.
fn waited(world: &World) -> Duration {
    let requests = world.sandbox.requests();
    let (first, last) = (requests.first(), requests.last());
    match (first, last) {
        (Some(first), Some(last)) => last.at - first.at,
        _ => Duration::ZERO,
    }
}

/// What `send METHOD /pets` got, or the failure that it met.
fn send(world: &World, method: &str, more: &[&str]) -> Value {
    let line = ["http", "send", method, "/pets", "--report"];
    let ran = world.probe(line).args(more).run();
    ran.exits(0).says("").json()
}

#[test]
fn a_server_that_has_a_bad_moment_is_asked_again() {
    for status in [502, 503, 504] {
        for (method, again) in METHODS {
            let world = pets(|pets| pets.status(status).times(1));
            world.sandbox.fault(Fault::on("*", "/pets").empty());
            let got = send(&world, method, &[]);
            let (status, sent) = if again { (200, 2) } else { (status, 1) };
            assert_eq!(got["status"], status, "{method}");
            assert_eq!(got["attempts"], sent, "{method}");
            assert_eq!(calls(&world), sent, "{method}");
        }
    }
}

#[test]
fn a_call_that_came_too_often_is_made_again_whatever_it_is() {
    for (method, _) in METHODS {
        let world = pets(|pets| pets.status(429).times(1));
        world.sandbox.fault(Fault::on("*", "/pets").empty());
        let got = send(&world, method, &[]);
        assert_eq!((&got["status"], &got["attempts"]), (&json!(200), &json!(2)));
    }
}

#[test]
fn a_connection_that_breaks_is_made_again_for_what_may_be_sent_twice() {
    for fault in [Fault::reset_before, Fault::reset_after, Fault::truncate] {
        for (method, again) in METHODS.into_iter().filter(|(method, _)| *method != "head") {
            let world = pets(|pets| fault(pets).times(1));
            world.sandbox.fault(Fault::on("*", "/pets").empty());
            let got = send(&world, method, &[]);
            match again {
                true => assert_eq!((&got["status"], calls(&world)), (&json!(200), 2)),
                false => assert_eq!(
                    (&got["kind"], calls(&world)),
                    (&json!("outcome_unknown"), 1)
                ),
            }
        }
    }
}

#[test]
fn a_server_that_says_nothing_is_asked_again_for_what_may_be_sent_twice() {
    for (method, again) in METHODS {
        let world = pets(|pets| pets.json("{}").delay(LIMIT * 10).times(1));
        world.sandbox.fault(Fault::on("*", "/pets").empty());
        let got = send(&world, method, &["--read-timeout", "0.3"]);
        match again {
            true => assert_eq!((&got["status"], calls(&world)), (&json!(200), 2)),
            false => assert_eq!(
                (&got["kind"], calls(&world)),
                (&json!("outcome_unknown"), 1)
            ),
        }
    }
}

#[test]
fn a_plugin_can_say_that_it_may_be_sent_twice() {
    let world = pets(|pets| pets.status(503).times(1));
    world.sandbox.fault(Fault::on("*", "/pets").empty());
    let got = send(&world, "post", &["--repeatable"]);
    assert_eq!((&got["status"], &got["attempts"]), (&json!(200), &json!(2)));
}

#[test]
fn no_other_answer_is_asked_for_again() {
    for status in [400, 401, 403, 404, 409, 500, 501] {
        let world = pets(|pets| pets.status(status));
        assert_eq!(send(&world, "get", &[])["attempts"], 1);
        assert_eq!(calls(&world), 1, "{status}");
    }
}

#[test]
fn it_is_asked_so_often_and_no_more() {
    for (retries, sent) in [
        (&[][..], 4),
        (&["--retries", "0"], 1),
        (&["--retries=1"], 2),
    ] {
        let world = pets(|pets| pets.status(503).json(r#"{"message":"full"}"#));
        let got = send(&world, "get", retries);
        assert_eq!(
            (&got["status"], &got["attempts"]),
            (&json!(503), &json!(sent))
        );
        assert_eq!(got["body"], json!({ "message": "full" }));
        assert_eq!(calls(&world), sent);
        let world = pets(Fault::reset_before);
        assert_eq!(send(&world, "get", retries)["kind"], "network");
        assert_eq!(calls(&world), sent);
    }
}

#[test]
fn a_server_that_names_seconds_is_given_them() {
    for status in [429, 503] {
        let world = pets(|pets| pets.status(status).header("Retry-After", "1").times(1));
        world.sandbox.fault(Fault::on("*", "/pets").empty());
        assert_eq!(send(&world, "get", &[])["attempts"], 2);
        assert!(waited(&world) >= Duration::from_secs(1), "{status}");
    }
}

#[test]
fn a_server_that_names_a_date_is_given_the_time_by_its_own_clock() {
    let world = pets(|pets| {
        let pets = pets.status(429).times(1);
        pets.header("Date", "Sun, 06 Nov 1994 08:49:36 GMT")
            .header("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT")
    });
    world.sandbox.fault(Fault::on("*", "/pets").empty());
    assert_eq!(send(&world, "post", &[])["attempts"], 2);
    assert!(waited(&world) >= Duration::from_secs(1));
}

#[test]
fn a_server_that_wants_an_hour_is_not_waited_for() {
    for after in [
        "61",
        "3600",
        "999999999999999999999",
        "Fri, 01 Jan 2100 00:00:00 GMT",
    ] {
        let world = pets(|pets| pets.status(429).header("Retry-After", after));
        let got = send(&world, "get", &["--tell", "retry-after"]);
        assert_eq!(
            (&got["status"], &got["headers"]),
            (&json!(429), &json!([after]))
        );
        assert_eq!(calls(&world), 1);
        world
            .tw(["probe", "http", "send", "get", "/pets", "--ok", "-v"])
            .exits(1)
            .says_with(
                "* GET /pets is not retried: the server asks for a longer wait than tw allows",
            );
    }
}

#[test]
fn the_time_that_a_plugin_gives_is_for_all_attempts() {
    let world = pets(|pets| pets.status(503).header("Retry-After", "30"));
    // There is no time to wait so long, so what the server said last is the answer.
    let got = send(&world, "get", &["--deadline", "5000"]);
    assert_eq!((&got["status"], calls(&world)), (&json!(503), 1));
    let world = pets(|pets| pets.json("{}").delay(LIMIT * 10));
    let got = send(
        &world,
        "get",
        &["--deadline", "700", "--read-timeout", "0.3"],
    );
    assert_eq!(got["message"], "GET /pets failed: the deadline has passed");
    assert!(calls(&world) >= 2);
}

#[test]
fn nothing_is_uncertain_about_what_a_server_refused() {
    let refused = Fault::on("*", "/pets")
        .status(429)
        .header("Retry-After", "50");
    let world = probe_with(
        Sandbox::builder()
            .fault(refused)
            .fault(Fault::on("GET", "/slow").delay(LIMIT * 10)),
    );
    let line = ["GET /slow", "POST /pets {}", "POST /pets {}"];
    let line = ["batch", "send", "--concurrency", "2"]
        .into_iter()
        .chain(line);
    let running = world.start_until("POST /pets", line);
    // It is answered at once, and waits then.
    std::thread::sleep(Duration::from_secs(1));
    interrupt(running.id());
    let got = running.ends().exits(130).json();
    assert_eq!(outcomes(&got), ["failed", "failed", "not_sent"]);
    assert_eq!(got[1]["error"]["kind"], "cancelled");
}

#[test]
fn what_a_server_in_front_gave_up_on_is_uncertain_when_it_is_interrupted() {
    let world = probe_with(
        Sandbox::builder()
            .fault(
                Fault::on("DELETE", "/pets")
                    .status(504)
                    .header("Retry-After", "50"),
            )
            .fault(Fault::on("GET", "/soon").delay(Duration::from_millis(300)))
            .fault(Fault::on("GET", "/slow").delay(LIMIT * 10)),
    );
    let line = [
        "--concurrency",
        "2",
        "DELETE /pets",
        "GET /soon",
        "GET /slow",
    ];
    let line = ["batch", "send"].into_iter().chain(line);
    let running = world.start_until("GET /slow", line);
    interrupt(running.id());
    let got = running.ends().exits(130).json();
    assert_eq!(outcomes(&got), ["unknown", "done", "failed"]);
}

#[test]
fn a_server_that_has_too_much_to_do_is_called_again_however_long_its_page_is() {
    let page = "<p>Come back later.</p>".repeat(100_000);
    let world = pets(|pets| pets.status(429).html(&page).times(1));
    let got = send(&world, "post", &["--max-body", "1000"]);
    assert_eq!((&got["status"], calls(&world)), (&json!(404), 2));
}

#[test]
fn a_delete_that_finds_nothing_the_second_time_was_carried_out() {
    for fault in [
        |pets: Fault| pets.reset_after(),
        |pets: Fault| pets.status(503).processed(),
        |pets: Fault| pets.status(504).processed(),
    ] {
        let world = pets(|pets| fault(pets).times(1));
        world.sandbox.fault(Fault::on("*", "/pets").status(404));
        let got = send(&world, "delete", &[]);
        assert_eq!((&got["status"], &got["attempts"]), (&json!(204), &json!(2)));
        assert_eq!(got["body"], "");
    }
}

#[test]
fn a_delete_that_finds_nothing_the_first_time_was_not() {
    // 429 says that it wasn't carried out.
    for fault in [
        |pets: Fault| pets.status(429),
        |pets: Fault| pets.status(404),
    ] {
        let world = pets(|pets| fault(pets).times(1));
        world.sandbox.fault(Fault::on("*", "/pets").status(404));
        assert_eq!(send(&world, "delete", &[])["status"], 404);
    }
}

#[test]
fn a_change_whose_answer_was_lost_is_uncertain_whatever_comes_then() {
    for then in [401, 409, 429, 500, 503] {
        let world = pets(|pets| pets.reset_after().times(1));
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
    // Nor does one in front of the API know.
    let world = pets(|pets| pets.status(502).times(1));
    world.sandbox.fault(Fault::on("*", "/pets").status(401));
    assert_eq!(
        send(&world, "put", &[])["message"],
        "PUT /pets was sent, and its outcome is unknown: a gateway in front of the API answered, and the retry was answered with status 401"
    );
    let world = pets(|pets| pets.status(502).times(1));
    world.sandbox.fault(Fault::on("*", "/pets").status(204));
    assert_eq!(send(&world, "put", &[])["status"], 204);
}

#[test]
fn where_nobody_listens_it_is_tried_again_and_nothing_was_sent() {
    let world = probe_with(Sandbox::builder());
    let address = format!("{}/pets", nobody());
    for method in ["get", "post"] {
        let ran = world.tw(["-v", "probe", "http", "send", method, &address]);
        let again = ran
            .stderr
            .lines()
            .filter(|line| line.starts_with("* retrying "));
        assert_eq!(again.count(), 3, "{ran}");
        ran.exits(1);
        assert_eq!(world.met(["http", "send", method, &address]).0, "network");
    }
}

#[test]
fn a_stream_is_opened_again() {
    let world = pets(|pets| pets.status(503).times(1));
    world.sandbox.fault(Fault::on("*", "/pets").text("12345"));
    world.got(["stream", "read", "/pets"]);
    assert_eq!(calls(&world), 2);
}

#[test]
fn in_a_batch_each_has_attempts_of_its_own() {
    let world = pets(|pets| pets.status(503).times(2));
    world.sandbox.fault(Fault::on("*", "/pets").json("{}"));
    let got = world.got([
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
    assert_eq!(calls(&world), 4);
}

#[test]
fn control_c_ends_the_wait() {
    let world = pets(|pets| pets.status(503).header("Retry-After", "50"));
    let running = world.start_until("GET /pets", ["http", "send", "get", "/pets"]);
    interrupt(running.id());
    running.ends().exits(130).says("\n ERROR: Interrupted\n\n");
    assert_eq!(calls(&world), 1);
}
