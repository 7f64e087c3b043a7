//! Redirects: the token stays with the configured server, and requests that change something are not redirected.

use tw_sandbox::{Fault, Sandbox};
use tw_tests::{Installation, World};

use crate::{list_stored, start_with_secret};

/// Asserts that no request to this server has the token.
#[track_caller]
fn assert_saw_no_token(other: &Sandbox, token: &str) {
    for request in other.requests() {
        assert_eq!(request.header("authorization"), None, "{request}");
        let all = format!(
            "{:?} {:?}",
            request.headers,
            String::from_utf8_lossy(&request.body)
        );
        assert!(!all.contains(token), "{all}");
    }
}

#[test]
fn a_redirect_to_another_server_never_gets_the_token() {
    for status in [301, 302, 303, 307, 308] {
        let other = Sandbox::builder().start();
        let world = start_with_secret();
        let to = format!("{}/pipeline-secrets", other.url());
        world
            .sandbox
            .fault(Fault::on("GET", "/pipeline-secrets").redirect(&to, status));
        world
            .tw(["secrets", "list"])
            .exits(1)
            .prints("")
            .says_with("\n ERROR: ");
        assert_saw_no_token(&other, world.sandbox.token());
    }
}

#[test]
fn a_redirect_of_the_workspace_lookup_never_gets_the_token() {
    let other = Sandbox::builder().start();
    let world = start_with_secret();
    world
        .sandbox
        .fault(Fault::on("GET", "/user-info").redirect(&format!("{}/user-info", other.url()), 302));
    for command in [
        &["secrets", "list", "-w", "100"][..],
        &["workspaces", "list"],
        &["organizations", "list"],
    ] {
        world
            .tw(command.iter().copied())
            .exits(1)
            .prints("")
            .says_with("\n ERROR: ");
    }
    assert_saw_no_token(&other, world.sandbox.token());
}

#[test]
fn a_redirected_get_is_followed_on_the_same_server() {
    let world = start_with_secret();
    world.sandbox.fault(
        Fault::on("GET", "/pipeline-secrets")
            .redirect("/api/pipeline-secrets", 307)
            .times(1),
    );
    world
        .tw(["secrets", "list"])
        .exits(0)
        .says("")
        .prints_with(" KEY ");
    world.saw(["GET /pipeline-secrets", "GET /api/pipeline-secrets"]);
}

#[test]
fn a_redirected_change_is_not_sent_to_another_server() {
    for status in [301, 302, 303, 307, 308] {
        let other = Sandbox::builder().start();
        let world = start_with_secret();
        for method in ["POST", "PUT", "DELETE"] {
            world.sandbox.fault(Fault::on(method, "*").redirect(
                &format!("{}/pipeline-secrets?key=seekrit", other.url()),
                status,
            ));
        }
        for change in [
            &["secrets", "add", "-n", "NEW", "-v", "some value"][..],
            &[
                "secrets",
                "add",
                "-n",
                "KEY",
                "-v",
                "some value",
                "--overwrite",
            ],
            &["secrets", "update", "-n", "KEY", "-v", "some value"],
            &["secrets", "delete", "-n", "KEY"],
        ] {
            world
                .tw(change.iter().copied())
                .fails_with(&format!(
                    "status {status}, which is a redirect to {}\n",
                    other.url()
                ))
                .never_shows("seekrit");
        }
        assert!(other.requests().is_empty());
        assert_eq!(list_stored(&world), ["1001 KEY=first"]);
    }
}

#[test]
fn a_redirected_change_is_not_sent_to_another_path() {
    let world = start_with_secret();
    world.sandbox.fault(
        Fault::on("POST", "*")
            .redirect("/api/pipeline-secrets", 307)
            .times(1),
    );
    world
        .tw(["secrets", "add", "-n", "NEW", "-v", "some value"])
        .fails("The server answered POST /pipeline-secrets with status 307, which is a redirect to /api/pipeline-secrets");
    world.saw(["POST /pipeline-secrets"]);
    assert_eq!(list_stored(&world), ["1001 KEY=first"]);
}

#[test]
fn a_redirect_from_https_to_http_is_refused() {
    let other = Sandbox::builder().start();
    let world = World::of(Sandbox::builder().start_https(), Installation::bundled());
    let ca = world.installation.home().join("ca.pem");
    std::fs::write(
        &ca,
        world.sandbox.ca_pem().expect("an HTTPS sandbox has a CA"),
    )
    .expect("the home can be written");
    world
        .sandbox
        .fault(Fault::on("GET", "*").redirect(&format!("{}/pipeline-secrets", other.url()), 302));
    for line in [&["secrets", "list"][..], &["--insecure", "secrets", "list"]] {
        let ran = world
            .command(line.iter().copied())
            .env("TW_CACERT", &ca)
            .run();
        ran.fails_with("redirect");
    }
    assert!(other.requests().is_empty());
}

#[test]
fn a_redirect_loop_ends() {
    let world = start_with_secret();
    world
        .sandbox
        .fault(Fault::on("GET", "/pipeline-secrets").redirect("/pipeline-secrets", 302));
    world.tw(["secrets", "list"]).fails_with("redirected");
    assert!(world.sandbox.hits("GET", "/pipeline-secrets") < 50);
}

#[test]
fn a_redirect_without_a_usable_location_is_an_error() {
    for to in [
        "",
        "http://",
        "http://[::1",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "mailto:a@b",
    ] {
        let world = start_with_secret();
        world
            .sandbox
            .fault(Fault::on("GET", "/pipeline-secrets").redirect(to, 302));
        world
            .tw(["secrets", "list"])
            .exits(1)
            .prints("")
            .says_with("\n ERROR: ");
    }
    let world = start_with_secret();
    world
        .sandbox
        .fault(Fault::on("GET", "/pipeline-secrets").status(302).empty());
    world.tw(["secrets", "list"]).fails_with("302");
}
