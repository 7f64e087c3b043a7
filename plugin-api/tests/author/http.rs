//! Requests and responses.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tw_plugin_api::{Request, Response, prelude::*};

use crate::host::FakeHost;

/// Sends a request and returns its message and its body.
pub(crate) fn send(
    build: impl for<'a> Fn(&'a Host) -> Request<'a> + Send + Sync + 'static,
) -> (Value, Vec<u8>) {
    let host = FakeHost::new();
    host.with(move |host| build(host).send().map(drop)).unwrap();
    let call = host.calls().remove(0);
    assert_eq!(call.method, "http.send");
    (call.message, call.body)
}

/// Returns the response that the host answers with this message and this body.
fn response(message: Value, body: &str) -> Response {
    let host = FakeHost::new().reply_with_body("http.send", message, body.as_bytes());
    host.with(|host| host.http().get("/pets?name=x#top").send())
        .unwrap()
}

fn status(status: u16, body: &str) -> Response {
    response(json!({ "status": status }), body)
}

#[test]
fn each_method_of_http_builds_its_request() {
    let method = |build: for<'a> fn(&'a Host) -> Request<'a>| send(build).0;
    let expected = |method: &str| json!({ "method": method, "url": "/pets" });
    assert_eq!(method(|host| host.http().get("/pets")), expected("GET"));
    assert_eq!(method(|host| host.http().head("/pets")), expected("HEAD"));
    assert_eq!(method(|host| host.http().post("/pets")), expected("POST"));
    assert_eq!(method(|host| host.http().put("/pets")), expected("PUT"));
    assert_eq!(method(|host| host.http().patch("/pets")), expected("PATCH"));
    assert_eq!(
        method(|host| host.http().delete("/pets")),
        expected("DELETE")
    );
    assert_eq!(
        method(|host| host.http().request("PATCH", "/pets")),
        expected("PATCH")
    );
}

#[test]
fn each_method_of_a_request_sets_its_field() {
    let (message, body) = send(|host| {
        host.http()
            .post("/pets")
            .query("max", 5)
            .query("name", "Rex")
            .header("x-one", "1")
            .json(&json!({ "value": "v" }))
            .sensitive("/value")
            .sensitive_response("/token")
            .sensitive_header("x-one")
            .sensitive_query("name")
            .deadline(Duration::from_millis(1500))
            .repeatable(true)
            .anonymous()
            .max_body(1024)
    });
    assert_eq!(body, br#"{"value":"v"}"#);
    assert_eq!(
        message,
        json!({
            "method": "POST",
            "url": "/pets",
            "query": [{ "name": "max", "value": "5" }, { "name": "name", "value": "Rex" }],
            "headers": [
                { "name": "x-one", "value": "1" },
                { "name": "content-type", "value": "application/json" },
            ],
            "body": { "offset": 0, "length": 13 },
            "deadline_ms": 1500,
            "repeatable": true,
            "anonymous": true,
            "sensitive": [
                { "part": "body", "pointer": "/value" },
                { "part": "response", "pointer": "/token" },
                { "part": "header", "name": "x-one" },
                { "part": "query", "name": "name" },
            ],
            "max_body": 1024,
        })
    );
}

#[test]
fn a_content_type_that_was_set_before_stays() {
    let (message, _) = send(|host| {
        let request = host.http().put("/pets").header("Content-Type", "text/csv");
        request.body("text/plain", b"a,b".to_vec())
    });
    assert_eq!(
        message["headers"],
        json!([{ "name": "Content-Type", "value": "text/csv" }])
    );
}

#[test]
fn a_segment_stays_one_segment() {
    for (segment, url) in [
        ("Rex-1_~", "/pets/Rex-1_~"),
        ("a/b c", "/pets/a%2Fb%20c"),
        ("ä?#", "/pets/%C3%A4%3F%23"),
        ("a.b", "/pets/a.b"),
        ("...", "/pets/..."),
        (".", "/pets/%252E"),
        ("..", "/pets/%252E%252E"),
        ("", "/pets/"),
        ("09azAZ", "/pets/09azAZ"),
        ("`{/:@[", "/pets/%60%7B%2F%3A%40%5B"),
    ] {
        let (message, _) = send(move |host| host.http().get("/pets").segment(segment));
        assert_eq!(message["url"], url);
    }
}

#[test]
fn only_an_organizations_workspace_becomes_a_parameter() {
    let workspace = json!({ "id": 100, "reference": "[acme / research]" });
    let host = FakeHost::new().reply("workspace.resolve", workspace);
    host.with(|host| {
        let workspace = host.workspace().unwrap();
        host.http()
            .get("/pets")
            .workspace(&workspace)
            .send()
            .unwrap();
        host.http()
            .get("/pets")
            .workspace(&Workspace::user())
            .send()
            .unwrap();
    });
    let calls = host.calls();
    let workspace = json!([{ "name": "workspaceId", "value": "100" }]);
    assert_eq!(calls[1].message["query"], workspace);
    assert_eq!(calls[2].message["query"], Value::Null);
}

#[test]
fn a_request_without_a_json_form_fails_when_it_is_sent() {
    let host = FakeHost::new();
    let send = |host: &Host| {
        let no_json = std::collections::BTreeMap::from([((1, 2), 3)]);
        let request = host.http().post("/pets").json(&no_json);
        request.send().map(drop)
    };
    let error = host.with(send).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the request has no JSON form: key must be a string"
    );
    assert_eq!(host.calls(), []);
}

#[test]
fn a_request_shows_its_method_and_its_path_only() {
    FakeHost::new().with(|host| {
        let request = host
            .http()
            .get("/pets?name=s3cret#s3cret")
            .header("x-one", "s3cret");
        assert_eq!(request.to_string(), "GET /pets");
        let shown = format!("{request:?}");
        assert!(
            shown.contains("/pets") && !shown.contains("s3cret"),
            "{shown}"
        );
    });
}

#[test]
fn a_response_has_a_status_headers_and_a_body() {
    let headers = json!([
        { "name": "x-one", "value": "1" },
        { "name": "x-one", "value": "2" },
        { "name": "x-two", "value": "3" },
    ]);
    let response = response(
        json!({ "status": 404, "headers": headers, "attempts": 2 }),
        "{}",
    );
    assert_eq!((response.status(), response.attempts()), (404, 2));
    assert_eq!(response.header("X-One"), Some("1"));
    assert_eq!(response.header("x-three"), None);
    let all: Vec<_> = response.headers().collect();
    assert_eq!(all, [("x-one", "1"), ("x-one", "2"), ("x-two", "3")]);
    assert_eq!(response.bytes(), b"{}");
}

#[test]
fn debug_of_a_response_shows_the_size_of_the_body_only() {
    let shown = format!("{:?}", status(200, "s3cret"));
    assert_eq!(
        shown,
        "Response { call: \"GET /pets\", status: 200, body_bytes: 6 }"
    );
}

#[derive(Deserialize, Debug, PartialEq)]
struct Pet {
    name: String,
}

#[test]
fn json_is_decoded_or_explained_without_its_content() {
    let pet: Pet = status(200, r#"{ "name": "Rex" }"#).json().unwrap();
    assert_eq!(pet.name, "Rex");
    for (body, what) in [
        ("", "is empty"),
        (r#"{ "name": "s3cret"#, "is cut short (line 1, column 17)"),
        ("s3cret", "is not JSON (line 1, column 1)"),
        (
            r#"{ "name": 5 }"#,
            "is not of the expected form: name: expected a string, found a number",
        ),
    ] {
        let error = status(200, body).json::<Pet>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidResponse);
        assert_eq!(
            error.to_string(),
            format!("The server's answer to GET /pets {what}")
        );
    }
}

#[test]
fn only_a_status_from_200_to_299_is_ok() {
    for code in [200, 204, 299] {
        assert_eq!(status(code, "").ok().unwrap().status(), code);
    }
    for code in [199, 300, 404, 500] {
        let error = status(code, "").ok().unwrap_err();
        assert_eq!(
            (error.kind(), error.status()),
            (ErrorKind::Http, Some(code))
        );
        assert_eq!(
            error.to_string(),
            format!("The server answered GET /pets with status {code}")
        );
    }
}

#[test]
fn a_failed_response_gives_the_servers_message() {
    let message = |code: u16, body: &str| status(code, body).ok().unwrap_err().to_string();
    let unauthorized = "Unauthorized. Check your access token, workspace id and tower server url.";
    assert_eq!(message(401, r#"{ "message": "no" }"#), unauthorized);
    assert_eq!(message(403, ""), "Forbidden");
    assert_eq!(message(403, r#"{ "message": "Not yours" }"#), "Not yours");
    assert_eq!(message(409, r#"{ "message": "It exists" }"#), "It exists");
    assert_eq!(
        message(409, r#"{ "message": " " }"#),
        "The server answered GET /pets with status 409"
    );
}

#[test]
fn an_overloaded_server_says_when_to_try_again() {
    let hint = |code: u16, after: Option<&str>| {
        let headers = after.map(|value| json!([{ "name": "retry-after", "value": value }]));
        let message = json!({ "status": code, "headers": headers.unwrap_or(json!([])) });
        let host = FakeHost::new().reply("http.send", message);
        let fetch = |_: (), host: &Host| -> Result<Output> {
            host.http().get("/pets").send()?.ok()?;
            Ok(Output::none())
        };
        let plugin = Plugin::new().command(Command::new("fetch", fetch));
        let failure = host.run(plugin, &json!({ "command": ["fetch"] }));
        failure.expect_err("the status is a failure")["hint"].clone()
    };
    let seconds = json!("the server asks you to try again in 120 seconds");
    assert_eq!(hint(429, Some(" 120 ")), seconds);
    assert_eq!(hint(503, Some("120")), seconds);
    assert_eq!(
        hint(503, Some("Fri, 01 Jan 2100 00:00:00 GMT")),
        "the server asks you to try again after Fri, 01 Jan 2100 00:00:00 GMT"
    );
    assert_eq!(hint(500, Some("120")), Value::Null);
    assert_eq!(hint(429, Some(" ")), Value::Null);
    assert_eq!(hint(429, Some("0")), Value::Null);
    assert_eq!(hint(429, None), Value::Null);
}

#[test]
fn no_content_is_an_empty_body_or_an_empty_object() {
    assert!(status(204, "").no_content().is_ok());
    assert!(status(200, "{}").no_content().is_ok());
    let error = status(200, "<html>").no_content().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidResponse);
    assert_eq!(
        error.to_string(),
        "The server's answer to GET /pets has content where none is expected"
    );
}
