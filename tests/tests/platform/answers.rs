//! Truncated, oversized and malformed responses: no command succeeds with one.

use std::{
    io::{Read, Write},
    net::TcpListener,
};

use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::World;

use crate::{failures::COMMANDS, list_stored};

/// Asserts that every command fails with this text and names one of its requests, and that neither the response nor a panic is shown.
#[track_caller]
fn assert_all_fail(fault: impl Fn() -> Fault, what: &str) {
    let world = World::with(
        Sandbox::builder()
            .secret(Secret::new("KEY", "first"))
            .fault(fault()),
    );
    for command in COMMANDS {
        world.sandbox.clear_requests();
        let ran = world.tw(command.iter().copied());
        let requests = world.sandbox.requests();
        let mut requests = requests
            .iter()
            .map(|request| format!("{} {}", request.method, request.path));
        assert!(
            requests.any(|request| ran.stderr.contains(&request)),
            "{ran}"
        );
        ran.fails_with(what)
            .never_shows("Sign in")
            .never_shows("panicked");
    }
    let list = world.tw(["-o", "json", "secrets", "list"]);
    list.fails_with(what).says_with("GET /pipeline-secrets");
}

fn on_any_request() -> Fault {
    Fault::on("*", "*")
}

#[test]
fn every_command_refuses_a_web_page() {
    assert_all_fail(|| on_any_request().not_json(), "The server's answer to ");
}

#[test]
fn every_command_refuses_plain_text() {
    assert_all_fail(
        || on_any_request().text("Sign in"),
        "The server's answer to ",
    );
}

#[test]
fn every_command_refuses_invalid_utf8() {
    assert_all_fail(
        || on_any_request().body("application/json", vec![0xff, 0xfe, 0x00]),
        "The server's answer to ",
    );
}

#[test]
fn every_command_refuses_json_of_an_unexpected_form() {
    for body in [
        "null",
        "[]",
        "7",
        "{}",
        r#""Sign in""#,
        r#"{"pipelineSecrets": null, "orgsAndWorkspaces": null, "user": null, "pipelineSecret": null}"#,
        r#"{"pipelineSecrets": [{"id": 1}], "pipelineSecret": {"id": 1}, "user": {"id": 1}}"#,
        r#"{"pipelineSecrets": [{"id": "1", "name": "KEY"}], "pipelineSecret": {"id": {}, "name": "KEY"}, "user": {"id": "1", "userName": "demo"}}"#,
    ] {
        assert_all_fail(
            || on_any_request().json(body),
            "is not of the expected form",
        );
    }
}

#[test]
fn every_command_refuses_deeply_nested_json_without_a_crash() {
    let deep = format!("{{\"x\": {}", "[".repeat(200_000));
    assert_all_fail(|| on_any_request().json(&deep), "The server's answer to ");
}

#[test]
fn a_truncated_response_is_reported_as_cut_short() {
    let world = World::with(
        Sandbox::builder()
            .secret(Secret::new("KEY", "first"))
            .fault(on_any_request().truncate()),
    );
    for command in COMMANDS {
        let line = command.iter().copied().chain(["--retries", "0"]);
        world.tw(line).fails_with("is cut short");
    }
}

#[test]
fn incomplete_json_is_reported_as_cut_short() {
    let world = World::with(
        Sandbox::builder().fault(Fault::on("GET", "*").json(r#"{"pipelineSecrets": ["#)),
    );
    world.tw(["secrets", "list"]).fails_with("is cut short");
}

#[test]
fn a_response_of_a_gibibyte_is_refused() {
    let world = World::with(Sandbox::builder().fault(on_any_request().oversized(1 << 30)));
    world
        .tw(["secrets", "list"])
        .fails_with("GET /pipeline-secrets");
    world
        .tw(["workspaces", "list"])
        .fails_with("GET /user-info");
}

#[test]
fn every_command_refuses_an_empty_response() {
    for status in [200, 202, 204] {
        let world = World::with(Sandbox::builder().fault(on_any_request().status(status).empty()));
        for command in COMMANDS {
            world
                .tw(command.iter().copied())
                .exits(1)
                .prints("")
                .says_with("\n ERROR: ");
        }
    }
}

#[test]
fn a_reset_connection_is_reported_with_its_request() {
    let world = World::with(
        Sandbox::builder()
            .secret(Secret::new("KEY", "first"))
            .fault(on_any_request().reset_before()),
    );
    for command in COMMANDS {
        let ran = world.tw(command.iter().copied().chain(["--retries", "0"]));
        // Only `add` without `--overwrite` sends a change as its first request.
        let failure = match ran.stderr.contains("ERROR: POST ") {
            true => "POST /pipeline-secrets was sent, and its outcome is unknown: ",
            false => " failed: ",
        };
        ran.fails_with(failure).says_with(
            "\n ERROR: Connection error. Check the connection using the command 'tw info'.\n\n",
        );
    }
    assert_eq!(list_stored(&world), ["1001 KEY=first"]);
}

#[test]
fn add_fails_and_sends_no_second_request_if_the_connection_breaks_after_the_first() {
    let world = World::with(Sandbox::builder().fault(Fault::on("POST", "*").reset_after()));
    world
        .tw(["secrets", "add", "-n", "KEY", "-v", "first"])
        .exits(1)
        .prints("")
        .says_with("POST /pipeline-secrets");
    assert_eq!(
        world.sandbox.hits("POST", "/pipeline-secrets"),
        1,
        "the POST must be sent exactly once"
    );
}

#[test]
fn a_response_that_is_not_http_is_reported_with_its_request() {
    for answer in [
        "",
        "SSH-2.0-OpenSSH_9.6\r\n",
        "HTTP/1.1 200",
        "HTTP/1.1 999999 Nonsense\r\n\r\n",
        "\0\0\0\0",
    ] {
        let world = World::new();
        let ran = world
            .command(["secrets", "list", "--retries", "0"])
            .env("TOWER_API_ENDPOINT", respond_once(answer))
            .run();
        ran.fails_with("GET /pipeline-secrets");
    }
}

/// Starts a server that answers one connection with these bytes, and returns its URL.
fn respond_once(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("a listener has an address");
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept()?;
        let _ = stream.read(&mut [0; 1024])?;
        stream.write_all(answer.as_bytes())
    });
    format!("http://{address}")
}

#[test]
fn update_and_delete_fail_if_a_response_has_unexpected_content() {
    let content = r#"{"message": "Try again later"}"#;
    for (method, command) in [
        ("PUT", &["update", "-n", "KEY", "-v", "second"][..]),
        ("DELETE", &["delete", "-n", "KEY"]),
    ] {
        let world = World::with(
            Sandbox::builder()
                .secret(Secret::new("KEY", "first"))
                .fault(Fault::on(method, "*").json(content)),
        );
        let ran = world.tw([&["secrets"], command].concat());
        ran.fails_with(&format!(
            "The server's answer to {method} /pipeline-secrets/1001 has content where none is expected"
        ));
        assert_eq!(list_stored(&world), ["1001 KEY=first"]);
    }
}

#[test]
fn add_looks_up_a_secret_whose_response_was_too_large() {
    let world = World::with(Sandbox::builder().fault(Fault::on("POST", "*").oversized(64 << 20)));
    let ran = world.tw(["secrets", "add", "-n", "KEY", "-v", "first"]);
    ran.fails_with("its outcome is unknown: the server's answer has more than ")
        .says_with("'KEY' is not there yet");
}

#[test]
fn add_looks_up_a_secret_after_the_timeout_of_a_gateway() {
    for status in [502, 504, 520, 524] {
        let fault = Fault::on("POST", "*").status(status).processed();
        let world = World::with(Sandbox::builder().fault(fault));
        let ran = world.tw(["secrets", "add", "-n", "KEY", "-v", "first"]);
        ran.fails_with("a secret 'KEY' is there now");
    }
}
