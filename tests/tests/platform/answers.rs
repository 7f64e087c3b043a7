//! Answers that break off, are too large, or are not what the API promises: never a success.

use std::{
    io::{Read, Write},
    net::TcpListener,
};

use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::World;

use crate::{failures::COMMANDS, stored};

/// Every command fails, says which call it was, and none of what was in the answer.
#[track_caller]
fn all_fail(fault: impl Fn() -> Fault, what: &str) {
    let world = World::with(
        Sandbox::builder()
            .secret(Secret::new("KEY", "first"))
            .fault(fault()),
    );
    for command in COMMANDS {
        let ran = world.tw(command.iter().copied());
        ran.fails_with(what)
            .never_shows("Sign in")
            .never_shows("panicked");
    }
    let list = world.tw(["-o", "json", "secrets", "list"]);
    list.fails_with(what).says_with("GET /pipeline-secrets");
}

fn any() -> Fault {
    Fault::on("*", "*")
}

#[test]
fn a_page_of_html() {
    all_fail(|| any().not_json(), "The server's answer to ");
}

#[test]
fn a_text() {
    all_fail(|| any().text("Sign in"), "The server's answer to ");
}

#[test]
fn bytes_that_are_no_text() {
    all_fail(
        || any().body("application/json", vec![0xff, 0xfe, 0x00]),
        "The server's answer to ",
    );
}

#[test]
fn json_of_another_shape() {
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
        all_fail(|| any().json(body), "is not of the expected form");
    }
}

#[test]
fn json_that_is_deeper_than_any_answer() {
    let deep = format!("{{\"x\": {}", "[".repeat(200_000));
    all_fail(|| any().json(&deep), "The server's answer to ");
}

#[test]
fn an_answer_that_is_cut_short() {
    let world = World::with(
        Sandbox::builder()
            .secret(Secret::new("KEY", "first"))
            .fault(any().truncate()),
    );
    for command in COMMANDS {
        let line = command.iter().copied().chain(["--retries", "0"]);
        world.tw(line).fails_with("is cut short");
    }
}

#[test]
fn half_a_json() {
    let world = World::with(
        Sandbox::builder().fault(Fault::on("GET", "*").json(r#"{"pipelineSecrets": ["#)),
    );
    world.tw(["secrets", "list"]).fails_with("is cut short");
}

#[test]
fn an_answer_that_never_ends() {
    let world = World::with(Sandbox::builder().fault(any().oversized(1 << 30)));
    world
        .tw(["secrets", "list"])
        .fails_with("GET /pipeline-secrets");
    world
        .tw(["workspaces", "list"])
        .fails_with("GET /user-info");
}

#[test]
fn an_answer_with_nothing_in_it() {
    for status in [200, 202, 204] {
        let world = World::with(Sandbox::builder().fault(any().status(status).empty()));
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
fn a_connection_that_is_reset() {
    let world = World::with(
        Sandbox::builder()
            .secret(Secret::new("KEY", "first"))
            .fault(any().reset_before()),
    );
    for command in COMMANDS {
        let ran = world.tw(command.iter().copied().chain(["--retries", "0"]));
        // What looks something up first has changed nothing yet.
        let told = match ran.stderr.contains("ERROR: POST ") {
            true => "POST /pipeline-secrets was sent, and its outcome is unknown: ",
            false => " failed: ",
        };
        ran.fails_with(told).says_with(
            "\n ERROR: Connection error. Check the connection using the command 'tw info'.\n\n",
        );
    }
    assert_eq!(stored(&world), ["1001 KEY=first"]);
}

#[test]
fn a_secret_that_was_made_before_the_connection_broke_is_no_success() {
    let world = World::with(Sandbox::builder().fault(Fault::on("POST", "*").reset_after()));
    world
        .tw(["secrets", "add", "-n", "KEY", "-v", "first"])
        .exits(1)
        .prints("")
        .says_with("POST /pipeline-secrets");
    assert_eq!(
        world.sandbox.hits("POST", "/pipeline-secrets"),
        1,
        "a POST is not sent twice"
    );
}

#[test]
fn a_server_that_does_not_speak_http() {
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
            .env("TOWER_API_ENDPOINT", says_once(answer))
            .run();
        ran.fails_with("GET /pipeline-secrets");
    }
}

/// The address of a server that answers one connection with these bytes.
fn says_once(answer: &'static str) -> String {
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
fn a_change_is_not_done_because_of_any_json() {
    let said = r#"{"message": "Try again later"}"#;
    for (method, command) in [
        ("PUT", &["update", "-n", "KEY", "-v", "second"][..]),
        ("DELETE", &["delete", "-n", "KEY"]),
    ] {
        let world = World::with(
            Sandbox::builder()
                .secret(Secret::new("KEY", "first"))
                .fault(Fault::on(method, "*").json(said)),
        );
        let ran = world.tw([&["secrets"], command].concat());
        ran.fails_with(&format!(
            "The server's answer to {method} /pipeline-secrets/1001 has content where none is expected"
        ));
        assert_eq!(stored(&world), ["1001 KEY=first"]);
    }
}

#[test]
fn a_secret_whose_answer_is_too_long_is_looked_up() {
    let world = World::with(Sandbox::builder().fault(Fault::on("POST", "*").oversized(64 << 20)));
    let ran = world.tw(["secrets", "add", "-n", "KEY", "-v", "first"]);
    ran.fails_with("its outcome is unknown: the server's answer has more than ")
        .says_with("'KEY' does not exist yet");
}

#[test]
fn a_secret_that_a_server_in_front_gave_up_on_is_looked_up() {
    for status in [502, 504, 520, 524] {
        let fault = Fault::on("POST", "*").status(status).processed();
        let world = World::with(Sandbox::builder().fault(fault));
        let ran = world.tw(["secrets", "add", "-n", "KEY", "-v", "first"]);
        ran.fails_with("a secret 'KEY' exists now");
    }
}
