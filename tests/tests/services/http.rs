//! Requests and their answers, as a plugin sends and gets them.

use serde_json::{Value, json};
use tw_sandbox::{Fault, Request, Sandbox};
use tw_tests::World;

use crate::{Probe, probe, probe_with};

/// A sandbox with an endpoint `/pets` that answers this.
pub(crate) fn pets(answer: impl FnOnce(Fault) -> Fault) -> World {
    probe_with(Sandbox::builder().fault(answer(Fault::on("*", "/pets"))))
}

/// The only request that came.
fn only(world: &World) -> Request {
    let mut requests = world.sandbox.requests();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

#[test]
fn every_method_is_sent() {
    let world = pets(|pets| pets.json(r#"{"name":"Rex"}"#));
    for method in ["get", "post", "put", "patch", "delete"] {
        let got = world.got(["http", "send", method, "/pets"]);
        assert_eq!(
            (&got["status"], &got["body"]),
            (&json!(200), &json!({ "name": "Rex" }))
        );
    }
    let got = world.got(["http", "send", "head", "/pets"]);
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
    let world = pets(|pets| pets.json("{}"));
    world.got([
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
    let query = only(&world).query.expect("there is a query");
    assert_eq!(
        query,
        "from=path&a+b=c%26d&q=%C3%BC%2F%3F%23%3D%2B%25&q=twice&empty="
    );
}

#[test]
fn headers_go_both_ways() {
    let world = pets(|pets| {
        pets.json("{}")
            .header("X-Answer", "42")
            .header("x-answer", "43")
            .header("X-Empty", "")
    });
    let got = world.got([
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
    let request = only(&world);
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
fn a_header_that_http_cannot_carry_is_named_and_its_value_is_not() {
    let world = probe();
    for (header, named) in [
        ("X-Pet=Rex\r\nX-Evil: hunter2hunter2", "`X-Pet`"),
        ("X Pet=hunter2hunter2", "`X Pet`"),
        ("=hunter2hunter2", "``"),
    ] {
        let (kind, message) = world.met(["http", "send", "get", "/pets", "--header", header]);
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
    let world = pets(|pets| pets.json(r#"{"name":"Rex","legs":4,"more":[1]}"#));
    let got = world.got([
        "http",
        "send",
        "post",
        "/pets",
        "--json",
        r#"{"b":[1,"ü"],"a":null}"#,
        "--pet",
    ]);
    assert_eq!(got, json!({ "name": "Rex", "legs": 4 }));
    let request = only(&world);
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(
        String::from_utf8_lossy(&request.body),
        r#"{"b":[1,"ü"],"a":null}"#
    );
}

#[test]
fn bytes_are_sent_and_come_as_they_are() {
    let all: Vec<u8> = (0..=255).collect();
    let world = pets(|pets| pets.body("application/octet-stream", all.clone()));
    std::fs::write(world.installation.home().join("all.bin"), &all)
        .expect("the home can be written");
    let got = world.got([
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
    let request = only(&world);
    assert_eq!(
        (request.body.clone(), request.header("content-type")),
        (all, Some("application/octet-stream"))
    );
}

#[test]
fn a_body_without_bytes_is_one_too() {
    let world = pets(Fault::empty);
    std::fs::write(world.installation.home().join("empty"), "").expect("the home can be written");
    let got = world.got(["http", "send", "post", "/pets", "--file", "empty"]);
    assert_eq!((&got["status"], &got["body"]), (&json!(200), &json!("")));
    assert_eq!(
        only(&world).header("content-type"),
        Some("application/octet-stream")
    );
}

#[test]
fn what_brings_no_bytes_says_so() {
    // There are servers that answer 411 to a POST that doesn't.
    for method in ["post", "put", "patch"] {
        let world = pets(Fault::empty);
        world.got(["http", "send", method, "/pets"]);
        assert_eq!(only(&world).header("content-length"), Some("0"), "{method}");
    }
}

#[test]
fn where_a_request_ends_is_not_the_plugins_to_say() {
    let world = pets(Fault::empty);
    let _ = world
        .probe(["http", "send", "post", "/pets", "--json", "[1,2,3]"])
        .args([
            "--header",
            "Content-Length=3",
            "--deadline",
            "5000",
            "--report",
        ])
        .run();
    for request in world.sandbox.requests() {
        assert_eq!(String::from_utf8_lossy(&request.body), "[1,2,3]");
    }
}

#[test]
fn a_status_is_data() {
    for status in [201, 204, 304, 400, 404, 409, 429, 500, 503] {
        let world = pets(|pets| pets.status(status));
        assert_eq!(
            world.got(["http", "send", "get", "/pets"])["status"],
            status
        );
    }
}

#[test]
fn what_is_no_path_and_no_url_is_refused() {
    let world = probe();
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
        let (kind, message) = world.met(["http", "send", "get", url]);
        assert_eq!(kind, "bad_request", "{url}");
        // A query can hold a secret.
        let shown = url.split('?').next().unwrap_or_default();
        assert_eq!(
            message,
            format!("`{shown}` is neither a path below the API nor a URL")
        );
    }
    world.saw([]);
}

#[test]
fn a_path_stays_below_the_address_of_the_api() {
    let (world, other) = (probe(), Sandbox::builder().start());
    let elsewhere = other.address().to_string();
    for path in [
        format!("//{elsewhere}/pets"),
        format!("/\\{elsewhere}/pets"),
        format!("/@{elsewhere}/pets"),
        format!("/.{elsewhere}/pets"),
    ] {
        assert_eq!(
            world.got(["http", "send", "get", &path])["status"],
            404,
            "{path}"
        );
    }
    assert_eq!(other.requests(), []);
    assert_eq!(world.sandbox.requests().len(), 4);
}

#[test]
fn a_path_cannot_climb_out_of_the_api() {
    // With an API below /api, what stands beside it is another program's.
    let world = probe();
    let endpoint = format!("{}/api", world.sandbox.url());
    for path in [
        "/../user-info",
        "/pets/../../user-info",
        "/%2e%2e/user-info",
        "/./../user-info",
    ] {
        let _ = world
            .probe(["http", "send", "get", path, "--report"])
            .env("TOWER_API_ENDPOINT", &endpoint)
            .run();
    }
    let outside = world
        .sandbox
        .requests()
        .into_iter()
        .filter(|request| !request.path.starts_with("/api/"));
    let outside: Vec<String> = outside.map(|request| request.path).collect();
    assert_eq!(outside, Vec::<String>::new());
}

#[test]
fn the_address_of_the_api_may_have_a_path() {
    let world = pets(|pets| pets.json("{}"));
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
fn no_debug_shows_what_was_in_an_answer() {
    let world = pets(|pets| pets.text("hunter2").header("x-key", "hunter2"));
    let debug = world.got(["http", "send", "get", "/pets"])["debug"].clone();
    assert_eq!(
        debug,
        Value::from(r#"Response { call: "GET /pets", status: 200, body_bytes: 7 }"#)
    );
}
