//! The identity of a request: the token goes to the API and to no other server.

use serde_json::json;
use tw_sandbox::{DEMO_TOKEN, Fault, Sandbox};

use crate::{Probe, set_up, set_up_with};

/// Lists the `Authorization` header of each request that the sandbox received.
fn list_authorizations(sandbox: &Sandbox) -> Vec<Option<String>> {
    let requests = sandbox.requests();
    requests
        .iter()
        .map(|request| request.header("authorization").map(str::to_owned))
        .collect()
}

fn format_bearer() -> Option<String> {
    Some(format!("Bearer {DEMO_TOKEN}"))
}

#[test]
fn the_token_is_sent_to_the_api_and_to_no_other_origin() {
    let (world, other) = (set_up(), Sandbox::builder().start());
    let there = format!("{}/service-info", other.url());
    let here = format!("{}/service-info", world.sandbox.url());
    let same_host = there.replace("127.0.0.1", "localhost");
    for url in ["/service-info", &here, &there, &same_host] {
        world.probe_json(["http", "send", "get", url]);
    }
    assert_eq!(
        list_authorizations(&world.sandbox),
        [format_bearer(), format_bearer()]
    );
    assert_eq!(list_authorizations(&other), [None, None]);
}

#[test]
fn an_anonymous_request_carries_no_token() {
    let world = set_up();
    let got = world.probe_json(["http", "send", "get", "/user-info", "--anonymous"]);
    assert_eq!(got["status"], 401);
    assert_eq!(list_authorizations(&world.sandbox), [None]);
}

#[test]
fn without_a_token_only_requests_that_need_none_are_sent() {
    let (world, other) = (set_up(), Sandbox::builder().start());
    let there = format!("{}/service-info", other.url());
    let got = |more: &[&str]| {
        world
            .probe(["http", "send", "get"])
            .args(more)
            .without_env("TOWER_ACCESS_TOKEN")
            .run()
    };
    assert_eq!(
        got(&["/service-info", "--report"]).exits(0).json()["kind"],
        "no_token"
    );
    got(&["/service-info"])
        .fails("Missing TOWER_ACCESS_TOKEN environment variable or 'tw -t <token> ...' parameter");
    world.saw([]);
    assert_eq!(
        got(&["/service-info", "--anonymous"]).exits(0).json()["status"],
        200
    );
    assert_eq!(got(&[&there]).exits(0).json()["status"], 200);
}

#[test]
fn a_plugin_cannot_replace_the_authorization_header_for_the_api() {
    let world = set_up();
    for name in ["Authorization", "authorization"] {
        let got = world.probe_json([
            "http",
            "send",
            "get",
            "/user-info",
            "--header",
            &format!("{name}=Basic b3RoZXI="),
        ]);
        assert_eq!(got["status"], 200);
    }
    assert_eq!(
        list_authorizations(&world.sandbox),
        [format_bearer(), format_bearer()]
    );
    for request in world.sandbox.requests() {
        let count = request
            .headers
            .iter()
            .filter(|(name, _)| name == "authorization")
            .count();
        assert_eq!(count, 1);
    }
}

#[test]
fn a_plugin_cannot_replace_the_host_header() {
    let world = set_up();
    let (kind, message) = world.probe_failure([
        "http",
        "send",
        "get",
        "/user-info",
        "--header",
        "Host=elsewhere.example",
    ]);
    assert_eq!(kind, "bad_request");
    assert!(message.contains("`Host`"), "{message}");
    world.saw([]);
}

#[test]
fn a_plugin_may_send_its_own_authorization_to_another_origin() {
    let (world, other) = (set_up(), Sandbox::builder().start());
    let there = format!("{}/service-info", other.url());
    world.probe_json([
        "http",
        "send",
        "get",
        &there,
        "--header",
        "Authorization=Basic b3RoZXI=",
    ]);
    assert_eq!(
        list_authorizations(&other),
        [Some("Basic b3RoZXI=".to_owned())]
    );
}

#[test]
fn a_redirect_within_the_api_is_followed() {
    let here = Fault::on("GET", "/here").redirect("/service-info", 307);
    let world = set_up_with(Sandbox::builder().fault(here));
    assert_eq!(
        world.probe_json(["http", "send", "get", "/here"])["status"],
        200
    );
    assert_eq!(
        list_authorizations(&world.sandbox),
        [format_bearer(), format_bearer()]
    );
}

#[test]
fn a_redirect_never_carries_the_token_to_another_origin() {
    let other = Sandbox::builder().start();
    let there = format!("{}/service-info", other.url());
    let away = Fault::on("GET", "/away").redirect(&there, 302);
    let world = set_up_with(Sandbox::builder().fault(away));
    // An absolute URL is as good as a path: the API itself must answer both.
    let absolute = format!("{}/away", world.sandbox.url());
    for url in ["/away", &absolute] {
        let (kind, message) = world.probe_failure(["http", "send", "get", url]);
        let expected = format!(
            "The server redirects GET {url} to {}, which is not the API",
            other.url()
        );
        assert_eq!((kind, message), ("invalid_response".to_owned(), expected));
    }
    assert_eq!(
        list_authorizations(&world.sandbox),
        [format_bearer(), format_bearer()]
    );
    assert_eq!(other.requests(), []);
}

#[test]
fn a_redirect_to_another_origin_drops_authorization_and_cookies() {
    let third = Sandbox::builder().start();
    let there = format!("{}/service-info", third.url());
    let second = Sandbox::builder()
        .fault(Fault::on("GET", "/away").redirect(&there, 302))
        .start();
    let world = set_up();
    let away = format!("{}/away", second.url());
    world.probe_json([
        "http",
        "send",
        "get",
        &away,
        "--header",
        "Authorization=Basic b3RoZXI=",
        "--header",
        "Cookie=session=1",
    ]);
    let request = &third.requests()[0];
    assert_eq!(
        (request.header("authorization"), request.header("cookie")),
        (None, None)
    );
}

#[test]
fn a_redirect_of_a_change_is_not_followed() {
    let world = set_up_with(
        Sandbox::builder().fault(Fault::on("POST", "/away").redirect("/service-info", 307)),
    );
    let got = world.probe_json([
        "http", "send", "post", "/away", "--json", "1", "--tell", "location",
    ]);
    assert_eq!(
        (&got["status"], &got["headers"]),
        (&json!(307), &json!(["/service-info"]))
    );
    world.saw(["POST /away"]);
}

#[test]
fn an_endless_redirect_fails_after_ten_steps() {
    let world =
        set_up_with(Sandbox::builder().fault(Fault::on("GET", "/loop").redirect("/loop", 302)));
    let (kind, message) = world.probe_failure(["http", "send", "get", "/loop"]);
    assert_eq!(
        (kind.as_str(), message.as_str()),
        (
            "invalid_response",
            "GET /loop was redirected more than 10 times"
        )
    );
}

#[test]
fn plain_http_is_refused_without_the_insecure_option() {
    let (world, other) = (set_up(), Sandbox::builder().start());
    let there = format!("{}/service-info", other.url());
    let command = world
        .installation
        .command(["probe", "http", "send", "get", &there]);
    command
        .env("TOWER_ACCESS_TOKEN", DEMO_TOKEN)
        .run()
        .exits(1)
        .prints("")
        .says_with("You are trying to connect to an insecure server: http://127.0.0.1");
    assert_eq!(other.requests(), []);
}
