//! Batches.

use serde_json::{Value, json};
use tw_plugin_api::{BatchOutcome, prelude::*};

use crate::host::FakeHost;

fn error(kind: &str) -> Value {
    json!({ "kind": kind, "message": "it failed" })
}

#[test]
fn a_batch_shares_one_body_between_its_requests() {
    let items = json!({ "items": [{ "outcome": "not_sent" }, { "outcome": "not_sent" }, { "outcome": "not_sent" }] });
    let host = FakeHost::new().reply("http.batch", items);
    host.with(|host| {
        let http = host.http();
        http.batch()
            .add(http.post("/a").body("text/plain", b"first".to_vec()))
            .add(http.get("/b"))
            .add(
                http.post("/c")
                    .body("text/plain", b"a longer second body".to_vec()),
            )
            .label("Feeding")
            .concurrency(4)
            .stop_on_failure()
            .send()
            .unwrap();
    });
    let call = host.calls().remove(0);
    assert_eq!(call.method, "http.batch");
    assert_eq!(call.body, b"firsta longer second body");
    let headers = json!([{ "name": "content-type", "value": "text/plain" }]);
    assert_eq!(
        call.message,
        json!({
            "requests": [
                { "method": "POST", "url": "/a", "headers": headers, "body": { "offset": 0, "length": 5 } },
                { "method": "GET", "url": "/b" },
                { "method": "POST", "url": "/c", "headers": headers, "body": { "offset": 5, "length": 20 } },
            ],
            "label": "Feeding",
            "concurrency": 4,
            "stop_on_failure": true,
        })
    );
}

#[test]
fn each_request_has_its_outcome() {
    let reply = json!({ "items": [
        { "outcome": "done", "response": { "status": 200, "body": { "offset": 2, "length": 3 } } },
        { "outcome": "done", "response": { "status": 404 } },
        { "outcome": "failed", "error": error("network") },
        { "outcome": "not_sent" },
        { "outcome": "outcome_unknown", "error": error("outcome_unknown") },
        { "outcome": "deferred" },
        { "outcome": "done", "response": { "status": 200, "body": { "offset": 4, "length": 9 } } },
    ] });
    let host = FakeHost::new().reply_with_body("http.batch", reply, b"..one..");
    let outcomes = host
        .with(|host| {
            let batch = (0..7).fold(host.http().batch(), |batch, number| {
                batch.add(host.http().get(format!("/pets/{number}?name=x")))
            });
            batch.send()
        })
        .unwrap();
    let shown: Vec<String> = outcomes
        .into_iter()
        .map(|outcome| match outcome {
            BatchOutcome::Done(response) => {
                let failure = response.json::<Value>().unwrap_err();
                format!("{} {:?} {failure}", response.status(), response.bytes())
            }
            BatchOutcome::Failed(error) => format!("failed {:?}", error.kind()),
            BatchOutcome::NotSent => "not sent".to_owned(),
            BatchOutcome::Unknown(error) => format!("unknown {:?} {error}", error.kind()),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(
        shown,
        [
            "200 [111, 110, 101] The server's answer to GET /pets/0 is not JSON (line 1, column 1)",
            "404 [] The server's answer to GET /pets/1 is empty",
            "failed Network",
            "not sent",
            "unknown OutcomeUnknown it failed",
            "unknown Unsupported the host reports an outcome that this plugin doesn't know",
            "200 [] The server's answer to GET /pets/6 is empty",
        ]
    );
}

#[test]
fn a_batch_with_a_request_that_cannot_be_built_sends_nothing() {
    let host = FakeHost::new();
    let send = |host: &Host| {
        let no_json = std::collections::BTreeMap::from([((1, 2), 3)]);
        let http = host.http();
        let batch = http
            .batch()
            .add(http.post("/a").json(&no_json))
            .add(http.get("/b"));
        batch.send().map(drop)
    };
    let error = host.with(send).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the request has no JSON form: key must be a string"
    );
    assert_eq!(host.calls(), []);
}

#[test]
fn a_reply_with_another_number_of_outcomes_is_refused() {
    let host = FakeHost::new().reply(
        "http.batch",
        json!({ "items": [{ "outcome": "not_sent" }] }),
    );
    let error = host
        .with(|host| {
            let http = host.http();
            http.batch()
                .add(http.get("/a"))
                .add(http.get("/b"))
                .send()
                .map(drop)
        })
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    assert_eq!(
        error.to_string(),
        "the host returned 1 outcomes for 2 requests"
    );
}

#[test]
fn debug_of_a_batch_shows_no_body() {
    FakeHost::new().with(|host| {
        let http = host.http();
        let batch = http
            .batch()
            .add(http.post("/a").body("text/plain", b"s3cret".to_vec()));
        let shown = format!("{batch:?}");
        assert!(
            shown.contains("/a") && !shown.contains("s3cret") && !shown.contains("115"),
            "{shown}"
        );
    });
}

/// Starts a batch of two requests, takes this many outcomes, and returns them in words.
fn take(host: &Host, most: usize) -> Result<Vec<String>> {
    let http = host.http();
    let batch = http.batch().add(http.get("/a")).add(http.get("/b"));
    let taken = batch.start()?.take(most).map(|arrival| match arrival? {
        (index, BatchOutcome::Done(response)) => {
            let text = String::from_utf8_lossy(response.bytes()).into_owned();
            Ok(format!("{index} {} {text}", response.status()))
        }
        (index, outcome) => Ok(format!("{index} {outcome:?}")),
    });
    taken.collect()
}

fn methods(host: &FakeHost) -> Vec<String> {
    let calls = host.calls().into_iter();
    calls.map(|call| call.method).collect()
}

#[test]
fn outcomes_come_in_the_order_of_arrival_with_the_index_of_their_request() {
    let both = json!({ "arrivals": [
        { "index": 1, "item": { "outcome": "done", "response": { "status": 200, "body": { "offset": 1, "length": 3 } } } },
        { "index": 0, "item": { "outcome": "not_sent" } },
    ] });
    let host = FakeHost::new()
        .reply("http.batch_open", json!({ "stream": 4 }))
        .reply_with_body("http.batch_next", both, b".one.")
        .reply("http.batch_next", json!({ "end": true }));
    let outcomes = host.with(|host| take(host, 9)).unwrap();
    assert_eq!(outcomes, ["1 200 one", "0 NotSent"]);
    let calls = host.calls();
    let methods: Vec<&str> = calls.iter().map(|call| call.method.as_str()).collect();
    assert_eq!(
        methods,
        ["http.batch_open", "http.batch_next", "http.batch_next"]
    );
    assert_eq!(calls[1].message, json!({ "stream": 4 }));
}

#[test]
fn outcomes_that_are_dropped_early_close_the_batch() {
    let one = json!({ "arrivals": [{ "index": 1, "item": { "outcome": "not_sent" } }] });
    let host = FakeHost::new()
        .reply("http.batch_open", json!({ "stream": 4 }))
        .reply("http.batch_next", one);
    assert_eq!(host.with(|host| take(host, 1)).unwrap(), ["1 NotSent"]);
    let last = host.calls().pop().unwrap();
    assert_eq!(
        (last.method.as_str(), last.message),
        ("http.close", json!({ "stream": 4 }))
    );
}

#[test]
fn a_failure_of_the_host_ends_the_outcomes_and_closes_the_batch() {
    let host = FakeHost::new()
        .reply("http.batch_open", json!({ "stream": 4 }))
        .fail("http.batch_next", error("closed"));
    let failure = host.with(|host| take(host, 9)).unwrap_err();
    assert_eq!(failure.kind(), ErrorKind::Closed);
    let methods = methods(&host);
    assert_eq!(
        methods,
        ["http.batch_open", "http.batch_next", "http.close"]
    );
}

#[test]
fn missing_outcomes_and_outcomes_of_no_request_are_refused() {
    for (reply, message) in [
        (
            json!({ "end": true }),
            "the host returned 0 outcomes for 2 requests",
        ),
        (
            json!({ "arrivals": [{ "index": 2, "item": { "outcome": "not_sent" } }] }),
            "the host returned outcome 2 for 2 requests",
        ),
    ] {
        let host = FakeHost::new()
            .reply("http.batch_open", json!({ "stream": 4 }))
            .reply("http.batch_next", reply);
        let failure = host.with(|host| take(host, 9)).unwrap_err();
        assert_eq!(failure.kind(), ErrorKind::BadRequest);
        assert_eq!(failure.to_string(), message);
    }
}
