//! Who a request comes from: the token goes to the API and to nobody else.

use serde_json::json;
use tw_sandbox::{DEMO_TOKEN, Fault, Sandbox};

use crate::{Probe, probe, probe_with};

/// The `Authorization` of each request that came.
fn authorizations(sandbox: &Sandbox) -> Vec<Option<String>> {
    let requests = sandbox.requests();
    requests
        .iter()
        .map(|request| request.header("authorization").map(str::to_owned))
        .collect()
}

fn bearer() -> Option<String> {
    Some(format!("Bearer {DEMO_TOKEN}"))
}

#[test]
fn a_path_gets_the_token_and_another_origin_does_not() {
    let (world, other) = (probe(), Sandbox::builder().start());
    let there = format!("{}/service-info", other.url());
    let here = format!("{}/service-info", world.sandbox.url());
    let same_host = there.replace("127.0.0.1", "localhost");
    for url in ["/service-info", &here, &there, &same_host] {
        world.got(["http", "send", "get", url]);
    }
    assert_eq!(authorizations(&world.sandbox), [bearer(), bearer()]);
    assert_eq!(authorizations(&other), [None, None]);
}

#[test]
fn an_anonymous_request_goes_without() {
    let world = probe();
    let got = world.got(["http", "send", "get", "/user-info", "--anonymous"]);
    assert_eq!(got["status"], 401);
    assert_eq!(authorizations(&world.sandbox), [None]);
}

#[test]
fn without_a_token_only_what_needs_none_is_sent() {
    let (world, other) = (probe(), Sandbox::builder().start());
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
fn a_plugin_cannot_take_another_identity_at_the_api() {
    let world = probe();
    for name in ["Authorization", "authorization"] {
        let got = world.got([
            "http",
            "send",
            "get",
            "/user-info",
            "--header",
            &format!("{name}=Basic b3RoZXI="),
        ]);
        assert_eq!(got["status"], 200);
    }
    assert_eq!(authorizations(&world.sandbox), [bearer(), bearer()]);
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
fn a_plugin_cannot_name_another_host_to_get_the_token() {
    let world = probe();
    let _ = world
        .probe([
            "http",
            "send",
            "get",
            "/user-info",
            "--header",
            "Host=elsewhere.example",
        ])
        .args(["--report"])
        .run();
    for request in world.sandbox.requests() {
        let address = world.sandbox.address().to_string();
        assert_eq!(request.header("host"), Some(address.as_str()));
    }
}

#[test]
fn a_plugin_may_have_an_identity_of_its_own_elsewhere() {
    let (world, other) = (probe(), Sandbox::builder().start());
    let there = format!("{}/service-info", other.url());
    world.got([
        "http",
        "send",
        "get",
        &there,
        "--header",
        "Authorization=Basic b3RoZXI=",
    ]);
    assert_eq!(authorizations(&other), [Some("Basic b3RoZXI=".to_owned())]);
}

#[test]
fn a_redirect_within_the_api_is_followed() {
    let here = Fault::on("GET", "/here").redirect("/service-info", 307);
    let world = probe_with(Sandbox::builder().fault(here));
    assert_eq!(world.got(["http", "send", "get", "/here"])["status"], 200);
    assert_eq!(authorizations(&world.sandbox), [bearer(), bearer()]);
}

#[test]
fn a_redirect_takes_the_token_to_no_other_origin() {
    let other = Sandbox::builder().start();
    let there = format!("{}/service-info", other.url());
    let away = Fault::on("GET", "/away").redirect(&there, 302);
    let world = probe_with(Sandbox::builder().fault(away));
    // What answers to a path is the API and nobody else.
    let (kind, message) = world.met(["http", "send", "get", "/away"]);
    let expected = format!(
        "The server redirects GET /away to {}, which is not the API",
        other.url()
    );
    assert_eq!((kind, message), ("invalid_response".to_owned(), expected));
    assert_eq!(other.requests(), []);
    let whole = format!("{}/away", world.sandbox.url());
    let _ = world
        .probe(["http", "send", "get", &whole, "--report"])
        .run();
    assert!(authorizations(&other).iter().all(Option::is_none));
}

#[test]
fn a_redirect_takes_no_other_identity_along_either() {
    let third = Sandbox::builder().start();
    let there = format!("{}/service-info", third.url());
    let second = Sandbox::builder()
        .fault(Fault::on("GET", "/away").redirect(&there, 302))
        .start();
    let world = probe();
    let away = format!("{}/away", second.url());
    world.got([
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
fn what_changes_something_is_not_sent_elsewhere() {
    let world = probe_with(
        Sandbox::builder().fault(Fault::on("POST", "/away").redirect("/service-info", 307)),
    );
    let got = world.got([
        "http", "send", "post", "/away", "--json", "1", "--tell", "location",
    ]);
    assert_eq!(
        (&got["status"], &got["headers"]),
        (&json!(307), &json!(["/service-info"]))
    );
    world.saw(["POST /away"]);
}

#[test]
fn a_redirect_without_end_is_given_up() {
    let world =
        probe_with(Sandbox::builder().fault(Fault::on("GET", "/loop").redirect("/loop", 302)));
    let (kind, message) = world.met(["http", "send", "get", "/loop"]);
    assert_eq!(
        (kind.as_str(), message.as_str()),
        (
            "invalid_response",
            "GET /loop was redirected more than 10 times"
        )
    );
}

#[test]
fn plain_http_is_refused_unless_it_is_asked_for() {
    let (world, other) = (probe(), Sandbox::builder().start());
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
