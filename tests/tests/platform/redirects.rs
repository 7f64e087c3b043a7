//! A server that sends us elsewhere: the token stays with the configured one, and what changes something is not sent on.

use tw_sandbox::{Fault, Sandbox};
use tw_tests::{Installation, World};

use crate::{one_secret, stored};

/// The other server saw requests, or none, but never the token.
#[track_caller]
fn saw_no_token(other: &Sandbox, token: &str) {
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
fn the_token_does_not_go_to_another_server() {
    for status in [301, 302, 303, 307, 308] {
        let other = Sandbox::builder().start();
        let world = one_secret();
        let to = format!("{}/pipeline-secrets", other.url());
        world
            .sandbox
            .fault(Fault::on("GET", "/pipeline-secrets").redirect(&to, status));
        world
            .tw(["secrets", "list"])
            .exits(1)
            .prints("")
            .says_with("\n ERROR: ");
        saw_no_token(&other, world.sandbox.token());
    }
}

#[test]
fn nor_when_the_workspace_is_looked_up() {
    let other = Sandbox::builder().start();
    let world = one_secret();
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
    saw_no_token(&other, world.sandbox.token());
}

#[test]
fn a_detour_on_the_same_server_is_taken() {
    let world = one_secret();
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
fn a_change_is_not_sent_elsewhere() {
    for status in [301, 302, 303, 307, 308] {
        let other = Sandbox::builder().start();
        let world = one_secret();
        for method in ["POST", "PUT", "DELETE"] {
            world.sandbox.fault(
                Fault::on(method, "*")
                    .redirect(&format!("{}/pipeline-secrets", other.url()), status),
            );
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
                .fails_with(&format!("status {status}"));
        }
        assert!(other.requests().is_empty());
        assert_eq!(stored(&world), ["1001 KEY=first"]);
    }
}

#[test]
fn nor_to_another_place_of_the_same_server() {
    let world = one_secret();
    world.sandbox.fault(
        Fault::on("POST", "*")
            .redirect("/api/pipeline-secrets", 307)
            .times(1),
    );
    world
        .tw(["secrets", "add", "-n", "NEW", "-v", "some value"])
        .exits(1)
        .prints("");
    world.saw(["POST /pipeline-secrets"]);
    assert_eq!(stored(&world), ["1001 KEY=first"]);
}

#[test]
fn https_does_not_fall_to_http() {
    let other = Sandbox::builder().start();
    let world = World::of(Sandbox::builder().start_https(), Installation::bundled());
    let ca = world.installation.home().join("ca.pem");
    std::fs::write(&ca, world.sandbox.ca_pem().expect("https has a CA"))
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
fn a_loop_comes_to_an_end() {
    let world = one_secret();
    world
        .sandbox
        .fault(Fault::on("GET", "/pipeline-secrets").redirect("/pipeline-secrets", 302));
    world.tw(["secrets", "list"]).fails_with("redirected");
    assert!(world.sandbox.hits("GET", "/pipeline-secrets") < 50);
}

#[test]
fn a_redirect_to_nowhere() {
    for to in [
        "",
        "http://",
        "http://[::1",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "mailto:a@b",
    ] {
        let world = one_secret();
        world
            .sandbox
            .fault(Fault::on("GET", "/pipeline-secrets").redirect(to, 302));
        world
            .tw(["secrets", "list"])
            .exits(1)
            .prints("")
            .says_with("\n ERROR: ");
    }
    let world = one_secret();
    world
        .sandbox
        .fault(Fault::on("GET", "/pipeline-secrets").status(302).empty());
    world.tw(["secrets", "list"]).fails_with("302");
}
