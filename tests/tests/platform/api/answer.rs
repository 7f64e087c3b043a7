//! What is printed, and how failures end.

use tw_sandbox::Fault;
use tw_tests::World;

use super::{serve_nothing, serve_pets};
use crate::start_with_secret;

#[test]
fn the_answer_is_printed_unchanged_in_every_output_format() {
    let body = "{\"b\": 1,\r\n  \"a\":[ 1.50 ]}\u{1b}[31m\0";
    let world = serve_pets(|pets| pets.json(body));
    for format in ["console", "json"] {
        let ran = world.tw(["api", "/pets", "-o", format]).exits(0);
        ran.prints(body).says("");
    }
}

#[test]
fn an_answer_that_is_not_text_is_printed_unchanged() {
    let all: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let world = serve_pets(|pets| pets.body("application/octet-stream", all.clone()));
    let out = world.installation.home().join("out");
    let file = std::fs::File::create(&out).expect("the home can be written");
    let output = world.command(["api", "/pets"]).run_into(file);
    assert_eq!(output.status.code(), Some(0));
    assert!(std::fs::read(&out).is_ok_and(|printed| printed == all));
}

#[test]
fn an_empty_answer_prints_nothing() {
    let world = serve_pets(|pets| pets.status(204).empty());
    let line = ["api", "PUT", "/pets/7"];
    world.tw(line).exits(0).prints("").says("");
}

#[test]
fn a_real_change_reaches_the_server() {
    let world = start_with_secret();
    let created = world.tw([
        "api",
        "/pipeline-secrets",
        "-f",
        "name=NEW",
        "-f",
        "value=x",
    ]);
    assert_eq!(created.exits(0).says("").json()["secretId"], 1002);
    let line = ["api", "PUT", "/pipeline-secrets/1001", "-f", "value=second"];
    world.tw(line).exits(0).prints("").says("");
    let stored = crate::list_stored(&world);
    assert_eq!(stored, ["1001 KEY=second", "1002 NEW=x"]);
}

#[test]
fn a_failed_answer_is_printed_and_its_message_is_the_error() {
    let body = r#"{"message": "No pet 7"}"#;
    let world = serve_pets(|pets| pets.status(404).json(body));
    let error = "\n ERROR: No pet 7\n\n";
    world
        .tw(["api", "/pets/7"])
        .exits(1)
        .prints(body)
        .says(error);
}

#[test]
fn a_failed_answer_without_a_message_is_reported_with_its_status() {
    for (status, error) in [
        (500, "The server answered GET /pets with status 500"),
        (304, "The server answered GET /pets with status 304"),
        (403, "Forbidden"),
        (
            401,
            "Unauthorized. Check your access token, workspace id and tower server url.",
        ),
    ] {
        let world = serve_pets(|pets| pets.status(status).empty());
        world.tw(["api", "/pets"]).fails(error);
    }
}

#[test]
fn include_prints_the_status_and_the_headers_first() {
    let world = serve_pets(|pets| {
        pets.text("hello")
            .header("Set-Cookie", "session=s3cret-value")
            .header("X-One", "1")
    });
    for line in [["api", "/pets", "-i"], ["api", "/pets", "--include"]] {
        let ran = world.tw(line).exits(0).says("").never_shows("s3cret-value");
        let (head, body) = ran.stdout.split_once("\n\n").expect("a head ends");
        assert!(head.starts_with("HTTP/1.1 200\n"), "{head}");
        assert!(head.contains("\nx-one: 1"), "{head}");
        assert!(head.contains("\nset-cookie: [redacted]"), "{head}");
        assert_eq!(body, "hello");
    }
}

#[test]
fn include_prints_the_head_of_a_failure_too() {
    let world = serve_pets(|pets| pets.status(404).text("gone"));
    let ran = world.tw(["api", "/pets", "-i"]).exits(1);
    assert!(ran.stdout.starts_with("HTTP/1.1 404\n"), "{ran}");
    assert!(ran.stdout.ends_with("\n\ngone"), "{ran}");
}

#[test]
fn include_prints_the_version_of_http() {
    let sandbox = tw_sandbox::Sandbox::builder().start_https();
    let world = World::of(sandbox, tw_tests::Installation::bundled());
    let ca = world.sandbox.ca_pem().expect("https has a CA");
    crate::file::write(&world, "ca.pem", ca);
    let ran = world.tw(["api", "HEAD", "/service-info", "-i", "--cacert", "ca.pem"]);
    let ran = ran.exits(0).says("");
    assert!(ran.stdout.starts_with("HTTP/2.0 200\n"), "{ran}");
}

#[test]
fn head_prints_no_body() {
    let world = World::new();
    let line = ["api", "HEAD", "/service-info"];
    world.tw(line).exits(0).prints("").says("");
    world.saw(["HEAD /service-info"]);
}

#[test]
fn a_get_is_retried_and_a_post_is_not() {
    let once = |pets: Fault| pets.status(503).text("busy").times(1);
    let world = serve_pets(once);
    // After the fault, the server knows no pets.
    world.tw(["api", "/pets"]).exits(1);
    world.saw(["GET /pets", "GET /pets"]);
    let world = serve_pets(once);
    world.tw(["api", "POST", "/pets"]).exits(1).prints("busy");
    world.saw(["POST /pets"]);
}

#[test]
fn an_answer_that_breaks_off_is_an_error() {
    let world = World::with(tw_sandbox::Sandbox::builder().fault(Fault::on("GET", "*").truncate()));
    world
        .tw(["api", "/service-info"])
        .exits(1)
        .says_with("\n ERROR: The server's answer to GET /service-info is cut short\n");
    world.saw(["GET /service-info"]);
}

#[test]
fn a_server_that_cannot_be_reached_is_an_error() {
    let world = serve_nothing();
    let tw = world.command(["api", "/pets", "--retries", "0"]);
    let ran = tw.env("TOWER_API_ENDPOINT", "http://127.0.0.1:1").run();
    ran.fails_with("Cannot connect to http://127.0.0.1:1");
}

#[test]
fn plain_http_needs_the_option_insecure() {
    let world = World::new();
    let line = ["api", "/service-info", "-u", world.sandbox.url()];
    let tw = world.installation.command(line);
    tw.env("TOWER_ACCESS_TOKEN", world.sandbox.token())
        .run()
        .fails_with("insecure server");
    world.saw([]);
}
