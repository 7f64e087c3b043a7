//! Requests under `--verbose`, and the redaction of secrets in headers, queries, bodies and answers.

use insta::assert_snapshot;
use tw_sandbox::{DEMO_TOKEN, Fault, Sandbox};
use tw_tests::{Ran, World};

use crate::{pick_unused_url, set_up_with};

/// Starts a sandbox that answers `/pets` with two secrets.
fn serve_pets() -> World {
    set_up_with(Sandbox::builder().fault(
        Fault::on("*", "/pets").json(r#"{"key":"correct horse","list":["battery staple"]}"#),
    ))
}

/// Lists the lines that `--verbose` printed about requests. Times are replaced with 0, and the date of the server is left out.
fn list_request_lines(ran: &Ran) -> Vec<String> {
    let lines = ran.stderr.lines().filter(|line| {
        let is_of_call = line.starts_with(['>', '<']) || line.starts_with("* retrying ");
        is_of_call && !line.starts_with("<   date: ")
    });
    let told = lines.map(|line| {
        let words = line.split(' ').zip(line.split(' ').skip(1).chain([""]));
        let words = words.map(|(word, next)| match next.starts_with("ms") {
            true if word.starts_with('(') => "(0".to_owned(),
            true => "0".to_owned(),
            false => word.to_owned(),
        });
        words.collect::<Vec<_>>().join(" ")
    });
    told.collect()
}

#[test]
fn verbose_shows_headers_and_never_bodies() {
    let world = set_up_with(
        Sandbox::builder()
            .fault(
                Fault::on("*", "/pets")
                    .status(429)
                    .json(r#"{"message":"slowly"}"#)
                    .times(1),
            )
            .fault(Fault::on("*", "/pets").json(r#"{"key":"value-of-theirs"}"#)),
    );
    let ran = world.tw([
        "-v",
        "probe",
        "http",
        "send",
        "post",
        "/pets",
        "--query",
        "a=b",
        "--header",
        "x-kind=dog",
        "--json",
        r#"{"value":"value-of-mine"}"#,
    ]);
    let ran = ran
        .exits(0)
        .never_shows(DEMO_TOKEN)
        .never_shows("value-of-mine")
        .never_shows("value-of-theirs");
    // The `$` makes the end of each line part of the snapshot.
    let lines = list_request_lines(&ran)
        .into_iter()
        .map(|line| line + "$\n");
    let lines: String = lines.collect();
    let lines = lines.replace(world.sandbox.url(), "http://sandbox");
    assert_snapshot!("verbose_requests", lines);
}

#[test]
fn verbose_shows_a_request_whose_connection_breaks() {
    let world = set_up_with(Sandbox::builder().fault(Fault::on("*", "/pets").reset_before()));
    let ran = world.tw([
        "-v",
        "probe",
        "http",
        "send",
        "delete",
        "/pets",
        "--retries",
        "0",
    ]);
    let lines = list_request_lines(&ran.exits(1));
    let last = lines.last().map(String::as_str).unwrap_or_default();
    assert!(
        last.starts_with("< DELETE /pets was sent, and its outcome is unknown: "),
        "{lines:?}"
    );
    assert!(last.ends_with(" (0 ms, attempt 1)"), "{lines:?}");
}

#[test]
fn verbose_redacts_the_values_of_secret_headers() {
    let world = set_up_with(
        Sandbox::builder().fault(
            Fault::on("*", "/pets")
                .empty()
                .header("Set-Cookie", "sid=7"),
        ),
    );
    let ran = world.tw([
        "-v",
        "probe",
        "http",
        "send",
        "get",
        "/pets",
        "--anonymous",
        "--header",
        "Cookie=sid=8",
        "--header",
        "X-Pin=1234",
        "--hide-header",
        "x-pin",
    ]);
    ran.exits(0)
        .says_with(">   cookie: [redacted]")
        .says_with(">   x-pin: [redacted]")
        .says_with("<   set-cookie: [redacted]")
        .never_shows("sid=")
        .never_shows("1234");
}

#[test]
fn a_secret_that_a_server_repeats_is_redacted_in_every_encoding() {
    let secret = "pass\"word/+ of mine";
    let encodings = [
        secret.to_owned(),
        "pass\\\"word\\/+ of mine".to_owned(),
        "pass%22word%2F%2b+of%20mine".to_owned(),
        "\\u0070ass\\u0022word/+ of mine".to_owned(),
        // Base64 encodes a text in three ways, depending on the number of bytes before it.
        "cGFzcyJ3b3JkLysgb2YgbWluZQ==".to_owned(),
        "OnBhc3Mid29yZC8rIG9mIG1pbmU=".to_owned(),
        "OjpwYXNzIndvcmQvKyBvZiBtaW5l".to_owned(),
        "7061737322776F72642F2B206F66206d696e65".to_owned(),
        "70 61 73 73 22 77 6f 72 64 2f 2b 20 6f 66 20 6d 69 6e 65".to_owned(),
        "pass=22word=2F=2b of mine".to_owned(),
        "pass&QUOT;word&sol;&plus; of mine".to_owned(),
        DEMO_TOKEN.to_owned(),
    ];
    let answer = Fault::on("*", "/pets").empty();
    let answer = encodings
        .iter()
        .fold(answer, |answer, told| answer.header("X-Told", told));
    let world = set_up_with(Sandbox::builder().fault(answer));
    let body = serde_json::json!({ "value": secret }).to_string();
    let line = [
        "-v", "probe", "http", "send", "post", "/pets", "--json", &body,
    ];
    let ran = world
        .tw(line.into_iter().chain(["--hide", "/value"]))
        .exits(0);
    let told: Vec<&str> = ran
        .stderr
        .lines()
        .filter_map(|line| line.strip_prefix("<   x-told: "))
        .collect();
    // In base64, the characters that encode neighboring bytes too remain.
    let redacted =
        |told: &&str| told.contains("[redacted]") && told.len() <= "Oj[redacted]==".len();
    assert!(
        told.len() == encodings.len() && told.iter().all(redacted),
        "{ran}"
    );
}

#[test]
fn a_marked_field_of_an_answer_is_redacted_in_its_headers() {
    let answer = Fault::on("*", "/pets")
        .json(r#"{"key":"correct horse"}"#)
        .header("X-Key", "correct horse");
    let world = set_up_with(Sandbox::builder().fault(answer));
    let line = [
        "-v",
        "probe",
        "http",
        "send",
        "get",
        "/pets",
        "--hide-answer",
        "/key",
    ];
    world.tw(line).exits(0).says_with("<   x-key: [redacted]");
}

#[test]
fn a_hidden_query_parameter_is_redacted_however_short_it_is() {
    let ran = serve_pets().tw([
        "-v",
        "probe",
        "http",
        "send",
        "get",
        "/pets",
        "--query",
        "sig=7",
        "--query",
        "page=3",
        "--query",
        "sig=correct horse",
        "--hide-query",
        "sig",
    ]);
    ran.exits(0)
        .never_shows("sig=7")
        .never_shows("horse")
        .says_with("page=3")
        .says_with("sig=")
        .says_with("redacted");
}

#[test]
fn a_hidden_query_parameter_in_the_path_is_redacted() {
    let ran = serve_pets().tw([
        "-v",
        "probe",
        "http",
        "send",
        "get",
        "/pets?sig=7&page=3",
        "--hide-query",
        "sig",
    ]);
    ran.exits(0).never_shows("sig=7").says_with("page=3");
}

#[test]
fn a_short_value_that_a_server_repeats_in_a_header_is_redacted() {
    let answer = Fault::on("*", "/pets").empty();
    let answer = answer.header("X-Told", "value: 7531");
    let answer = answer.header("Location", "/pets/7531/7531a?pin=7531");
    let world = set_up_with(Sandbox::builder().fault(answer));
    let line = ["-v", "probe", "http", "send", "post", "/pets"];
    let more = ["--json", r#"{"pin":"7531"}"#, "--hide", "/pin"];
    world
        .tw(line.into_iter().chain(more))
        .exits(0)
        .says_with("<   x-told: value: [redacted]\n")
        // Part of another word.
        .says_with("<   location: /pets/[redacted]/7531a\n");
}

#[test]
fn a_password_in_a_url_is_not_shown() {
    let world = serve_pets();
    let url = world.sandbox.url().replace("://", "://user:hunter2@") + "/pets";
    world
        .tw(["-v", "probe", "http", "send", "get", &url])
        .exits(0)
        .says_with("> GET http://")
        .never_shows("hunter2");
    let nobody = pick_unused_url().replace("://", "://user:hunter2@");
    world
        .tw(["-v", "probe", "http", "send", "get", &nobody])
        .exits(1)
        .never_shows("hunter2");
    let broken = Sandbox::builder()
        .fault(Fault::on("*", "*").reset_before())
        .start();
    let broken = broken.url().replace("://", "://user:hunter2@");
    world
        .tw(["-v", "probe", "http", "send", "get", &broken])
        .exits(1)
        .never_shows("hunter2");
}

#[test]
fn a_marked_field_of_a_request_is_redacted_when_the_server_repeats_it() {
    let world = set_up_with(Sandbox::builder().fault(Fault::on("*", "/echo").echo()));
    let ran = world.tw([
        "probe",
        "http",
        "send",
        "post",
        "/echo",
        "--json",
        r#"{"a":{"b":"correct horse"},"c":"plain text"}"#,
        "--hide",
        "/a/b",
        "--ok",
    ]);
    ran.exits(1)
        .never_shows("horse")
        .never_shows(DEMO_TOKEN)
        .says_with("[redacted]")
        .says_with("plain text");
    let ran = world.tw([
        "probe",
        "http",
        "send",
        "post",
        "/echo",
        "--json",
        r#""correct horse""#,
        "--hide",
        "",
        "--ok",
    ]);
    ran.exits(1).never_shows("horse").says_with("[redacted]");
}

#[test]
fn a_marked_header_is_redacted_in_messages() {
    let world = serve_pets();
    let ran = world.tw([
        "probe",
        "http",
        "send",
        "get",
        "/pets",
        "--header",
        "x-key=correct horse",
        "--hide-header",
        "X-KEY",
        "--leak",
    ]);
    ran.exits(1).never_shows("horse").says_with("[redacted]");
}

#[test]
fn a_marked_field_of_an_answer_is_redacted_in_messages() {
    let ran = serve_pets().tw([
        "probe",
        "http",
        "send",
        "get",
        "/pets",
        "--hide-answer",
        "/key",
        "--leak",
    ]);
    ran.exits(1)
        .never_shows("correct horse")
        .says_with("[redacted]")
        .says_with("battery staple");
}

#[test]
fn an_answer_that_is_marked_as_a_whole_is_redacted_in_messages() {
    let world =
        set_up_with(Sandbox::builder().fault(Fault::on("*", "/pets").text("correct horse")));
    let ran = world.tw([
        "probe",
        "http",
        "send",
        "get",
        "/pets",
        "--hide-answer",
        "",
        "--leak",
    ]);
    ran.exits(1).never_shows("horse").says_with("[redacted]");
}

#[test]
fn a_token_that_a_server_repeats_is_redacted() {
    let world = set_up_with(Sandbox::builder().fault(Fault::on("*", "/echo").echo()));
    world
        .tw(["-v", "probe", "http", "send", "get", "/echo", "--ok"])
        .exits(1)
        .never_shows(DEMO_TOKEN)
        .says_with("[redacted]");
    world
        .tw(["-v", "probe", "http", "send", "get", "/echo", "--leak"])
        .exits(1)
        .never_shows(DEMO_TOKEN)
        .says_with("[redacted]");
}
