//! Tests of the request log.

use std::thread;
use std::time::Duration;

use tw_sandbox::{Fault, Outcome, Sandbox};

use crate::client::{call, get, try_call};

const LONG: Duration = Duration::from_secs(3600);

#[test]
fn requests_are_logged_unchanged_and_in_order() {
    let sandbox = Sandbox::builder().start();
    call(
        &sandbox,
        "POST",
        "/api/pipeline-secrets?workspaceId=100&x=%20",
        Some(r#"{"name":"ab","value":"v"}"#),
    );
    get(&sandbox, "/pipeline-secrets/x%2Fy");

    let requests = sandbox.requests();
    let [first, second] = requests.as_slice() else {
        panic!("{requests:?}")
    };
    assert_eq!(
        (first.method.as_str(), first.path.as_str()),
        ("POST", "/api/pipeline-secrets")
    );
    assert_eq!(first.route(), "/pipeline-secrets");
    assert_eq!(first.query.as_deref(), Some("workspaceId=100&x=%20"));
    assert_eq!(first.header("Content-Type"), Some("application/json"));
    assert!(
        first
            .headers
            .iter()
            .any(|(name, _)| name == "authorization")
    );
    assert_eq!(first.body, br#"{"name":"ab","value":"v"}"#);
    assert_eq!(first.status(), Some(200));
    assert_eq!(
        (second.path.as_str(), second.status()),
        ("/pipeline-secrets/x%2Fy", Some(400))
    );
    assert!(first.at <= second.at);

    assert_eq!(sandbox.hits("POST", "/pipeline-secrets"), 1);
    assert_eq!(sandbox.hits("GET", "/pipeline-secrets"), 0);
    sandbox.clear_requests();
    assert_eq!(sandbox.requests(), []);
}

#[test]
fn a_test_can_wait_for_a_request_that_is_still_pending() {
    let sandbox = Sandbox::builder()
        .fault(Fault::on("GET", "/orgs").delay(LONG))
        .start();
    thread::scope(|scope| {
        let address = sandbox.address();
        let client = scope.spawn(move || crate::client::send(address, "GET", "/orgs", "", b""));
        assert!(sandbox.wait_for_hits("GET", "/orgs", 1, LONG));
        assert_eq!(sandbox.requests()[0].outcome, Outcome::Pending);
        assert!(!sandbox.wait_for_hits("GET", "/orgs", 2, Duration::ZERO));

        // Dropping the sandbox ends the pending request.
        drop(sandbox);
        assert!(client.join().unwrap().is_err());
    });
}

#[test]
fn a_dropped_sandbox_no_longer_listens() {
    let sandbox = Sandbox::builder().start();
    let address = sandbox.address();
    assert!(try_call(&sandbox, "GET", "/orgs", None).is_ok());
    drop(sandbox);
    assert!(crate::client::send(address, "GET", "/orgs", "", b"").is_err());
}
