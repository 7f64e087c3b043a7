//! Requests and answers, as a plugin sends and receives them.

use serde_json::{Value, json};
use tw_sandbox::{Fault, Request, Sandbox};
use tw_tests::World;

use crate::{Probe, set_up, set_up_with};

/// Starts a sandbox that answers `/pets` with this fault.
pub(crate) fn serve_pets(answer: impl FnOnce(Fault) -> Fault) -> World {
    set_up_with(Sandbox::builder().fault(answer(Fault::on("*", "/pets"))))
}

/// Returns the one request that the sandbox received.
fn take_only_request(world: &World) -> Request {
    let mut requests = world.sandbox.requests();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

#[test]
fn every_method_is_sent() {
    let world = serve_pets(|pets| pets.json(r#"{"name":"Rex"}"#));
    for method in ["get", "post", "put", "patch", "delete"] {
        let got = world.probe_json(["http", "send", method, "/pets"]);
        assert_eq!(
            (&got["status"], &got["body"]),
            (&json!(200), &json!({ "name": "Rex" }))
        );
    }
    let got = world.probe_json(["http", "send", "head", "/pets"]);
    assert_eq!((&got["status"], &got["body"]), (&json!(200), &json!("")));
    world.saw([
        "GET /pets",
        "POST /pets",
        "PUT /pets",
        "PATCH /pets",
        "DELETE /pets",
        "HEAD /pets",
    ]);
}

#[test]
fn a_query_is_encoded() {
    let world = serve_pets(|pets| pets.json("{}"));
    world.probe_json([
        "http",
        "send",
        "get",
        "/pets?from=path",
        "--query",
        "a b=c&d",
        "--query",
        "q=ü/?#=+%",
        "--query",
        "q=twice",
        "--query",
        "empty=",
    ]);
    let query = take_only_request(&world).query.expect("there is a query");
    assert_eq!(
        query,
        "from=path&a+b=c%26d&q=%C3%BC%2F%3F%23%3D%2B%25&q=twice&empty="
    );
}

#[test]
fn headers_are_sent_and_received() {
    let world = serve_pets(|pets| {
        pets.json("{}")
            .header("X-Answer", "42")
            .header("x-answer", "43")
            .header("X-Empty", "")
    });
    let got = world.probe_json([
        "http",
        "send",
        "get",
        "/pets",
        "--header",
        "X-Pet=Rex",
        "--header",
        "x-pet=Ada",
        "--header",
        "X-Umlaut=ü",
        "--tell",
        "X-ANSWER",
        "--tell",
        "x-empty",
        "--tell",
        "x-absent",
    ]);
    assert_eq!(got["headers"], json!(["42", "", null]));
    let request = take_only_request(&world);
    let sent: Vec<&str> = request
        .headers
        .iter()
        .filter(|(name, _)| name == "x-pet")
        .map(|(_, value)| value.as_str())
        .collect();
    assert_eq!(sent, ["Rex", "Ada"]);
    assert_eq!(request.header("x-umlaut"), Some("ü"));
    assert!(
        request
            .header("user-agent")
            .is_some_and(|agent| agent.starts_with("tw/") && agent.ends_with(" probe/0.1.0"))
    );
}

#[test]
fn an_invalid_header_is_reported_by_name_without_its_value() {
    let world = set_up();
    for (header, named) in [
        ("X-Pet=Rex\r\nX-Evil: hunter2hunter2", "`X-Pet`"),
        ("X Pet=hunter2hunter2", "`X Pet`"),
        ("=hunter2hunter2", "``"),
    ] {
        let (kind, message) =
            world.probe_failure(["http", "send", "get", "/pets", "--header", header]);
        assert_eq!(kind, "bad_request");
        assert!(
            message.contains(named) && !message.contains("hunter2"),
            "{message}"
        );
    }
    world.saw([]);
}

#[test]
fn json_is_sent_and_decoded() {
    let world = serve_pets(|pets| pets.json(r#"{"name":"Rex","legs":4,"more":[1]}"#));
    let got = world.probe_json([
        "http",
        "send",
        "post",
        "/pets",
        "--json",
        r#"{"b":[1,"ü"],"a":null}"#,
        "--pet",
    ]);
    assert_eq!(got, json!({ "name": "Rex", "legs": 4 }));
    let request = take_only_request(&world);
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(
        String::from_utf8_lossy(&request.body),
        r#"{"b":[1,"ü"],"a":null}"#
    );
}

#[test]
fn bytes_are_sent_and_received_unchanged() {
    let all: Vec<u8> = (0..=255).collect();
    let world = serve_pets(|pets| pets.body("application/octet-stream", all.clone()));
    std::fs::write(world.installation.home().join("all.bin"), &all)
        .expect("the home can be written");
    let got = world.probe_json([
        "http",
        "send",
        "put",
        "/pets",
        "--file",
        "all.bin",
        "--tell",
        "content-type",
    ]);
    assert_eq!(
        (&got["body"], &got["headers"]),
        (&json!(all), &json!(["application/octet-stream"]))
    );
    let request = take_only_request(&world);
    assert_eq!(
        (request.body.clone(), request.header("content-type")),
        (all, Some("application/octet-stream"))
    );
}

#[test]
fn an_empty_file_is_sent_as_a_body() {
    let world = serve_pets(Fault::empty);
    std::fs::write(world.installation.home().join("empty"), "").expect("the home can be written");
    let got = world.probe_json(["http", "send", "post", "/pets", "--file", "empty"]);
    assert_eq!((&got["status"], &got["body"]), (&json!(200), &json!("")));
    assert_eq!(
        take_only_request(&world).header("content-type"),
        Some("application/octet-stream")
    );
}

#[test]
fn a_request_without_a_body_has_a_content_length_of_zero() {
    // Some servers answer 411 to a POST without a length.
    for method in ["post", "put", "patch"] {
        let world = serve_pets(Fault::empty);
        world.probe_json(["http", "send", method, "/pets"]);
        assert_eq!(
            take_only_request(&world).header("content-length"),
            Some("0"),
            "{method}"
        );
    }
}

#[test]
fn a_plugin_cannot_replace_the_content_length() {
    let world = serve_pets(Fault::empty);
    let line = ["http", "send", "post", "/pets", "--json", "[1,2,3]"];
    let (kind, message) =
        world.probe_failure(line.into_iter().chain(["--header", "Content-Length=3"]));
    assert_eq!(kind, "bad_request");
    assert!(message.contains("`Content-Length`"), "{message}");
    world.saw([]);
}

#[test]
fn every_status_is_returned_as_data() {
    for status in [201, 204, 304, 400, 404, 409, 429, 500, 503] {
        let world = serve_pets(|pets| pets.status(status));
        assert_eq!(
            world.probe_json(["http", "send", "get", "/pets"])["status"],
            status
        );
    }
}

#[test]
fn a_target_that_is_neither_a_path_nor_a_url_is_refused() {
    let world = set_up();
    for url in [
        "pets",
        "",
        "?q=1",
        "ftp://127.0.0.1/pets",
        "file:///etc/passwd",
        "http://",
        "https://[::1",
        "data:text/plain,x",
        "@127.0.0.1/pets",
        "\\pets",
        "javascript:1",
    ] {
        let (kind, message) = world.probe_failure(["http", "send", "get", url]);
        assert_eq!(kind, "bad_request", "{url}");
        // A query can contain a secret, so the message leaves it out.
        let shown = url.split('?').next().unwrap_or_default();
        assert_eq!(
            message,
            format!("`{shown}` is neither a path below the API nor a URL")
        );
    }
    world.saw([]);
}

#[test]
fn a_path_never_leads_to_another_host() {
    let (world, other) = (set_up(), Sandbox::builder().start());
    let elsewhere = other.address().to_string();
    for path in [
        format!("//{elsewhere}/pets"),
        format!("/\\{elsewhere}/pets"),
        format!("/@{elsewhere}/pets"),
        format!("/.{elsewhere}/pets"),
    ] {
        assert_eq!(
            world.probe_json(["http", "send", "get", &path])["status"],
            404,
            "{path}"
        );
    }
    assert_eq!(other.requests(), []);
    assert_eq!(world.sandbox.requests().len(), 4);
}

#[test]
fn a_path_cannot_leave_the_endpoint() {
    // The API is below /api; other paths of the server may belong to another program.
    let world = set_up();
    let endpoint = format!("{}/api", world.sandbox.url());
    for path in [
        "/../user-info",
        "/pets/../../user-info",
        "/%2e%2e/user-info",
        "/./../user-info",
    ] {
        let tw = world
            .probe(["http", "send", "get", path, "--report"])
            .env("TOWER_API_ENDPOINT", &endpoint);
        let got = tw.run().exits(0).says("").json();
        assert_eq!(got["kind"], "bad_request", "{path}");
    }
    world.saw([]);
}

#[test]
fn the_endpoint_may_have_a_path() {
    let world = serve_pets(|pets| pets.json("{}"));
    for endpoint in ["/api", "/api/"] {
        let endpoint = format!("{}{endpoint}", world.sandbox.url());
        let command = world.probe(["http", "send", "get", "/pets", "--query", "a=1"]);
        command
            .env("TOWER_API_ENDPOINT", &endpoint)
            .run()
            .exits(0)
            .says("");
        world.saw(["GET /api/pets?a=1"]);
    }
}

#[test]
fn debug_output_of_a_response_hides_its_content() {
    let world = serve_pets(|pets| pets.text("hunter2").header("x-key", "hunter2"));
    let debug = world.probe_json(["http", "send", "get", "/pets"])["debug"].clone();
    assert_eq!(
        debug,
        Value::from(r#"Response { call: "GET /pets", status: 200, body_bytes: 7 }"#)
    );
}
