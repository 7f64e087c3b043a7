//! What `--verbose` shows of a request, and what it doesn't.

use tw_sandbox::{DEMO_TOKEN, Fault, Sandbox};
use tw_tests::{Ran, World};

use crate::{nobody, probe_with};

fn pets() -> World {
    probe_with(Sandbox::builder().fault(
        Fault::on("*", "/pets").json(r#"{"key":"correct horse","list":["battery staple"]}"#),
    ))
}

/// The lines of `--verbose` about calls, without what differs from run to run.
fn lines(ran: &Ran) -> Vec<String> {
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
fn each_call_is_shown_with_its_headers_and_without_its_body() {
    let world = probe_with(
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
    let url = format!("{}/pets?a=b", world.sandbox.url());
    assert_eq!(
        lines(&ran),
        [
            &*format!("> POST {url} (25 bytes)"),
            ">   x-kind: dog",
            ">   content-type: application/json",
            ">   authorization: [redacted]",
            "< POST /pets 429 (HTTP/1.1, 0 ms, attempt 1, new connection)",
            "<   content-type: application/json",
            "<   content-length: 20",
            "< POST /pets: 20 bytes after 0 ms",
            "* retrying POST /pets in 0 ms: status 429",
            &*format!("> POST {url} (25 bytes, attempt 2)"),
            ">   x-kind: dog",
            ">   content-type: application/json",
            ">   authorization: [redacted]",
            "< POST /pets 200 (HTTP/1.1, 0 ms, attempt 2, same connection)",
            "<   content-type: application/json",
            "<   content-length: 25",
            "< POST /pets: 25 bytes after 0 ms",
        ]
    );
}

#[test]
fn a_call_that_breaks_is_shown_too() {
    let world = probe_with(Sandbox::builder().fault(Fault::on("*", "/pets").reset_before()));
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
    let lines = lines(&ran.exits(1));
    let last = lines.last().map(String::as_str).unwrap_or_default();
    assert!(
        last.starts_with("< DELETE /pets was sent, and its outcome is unknown: "),
        "{lines:?}"
    );
    assert!(last.ends_with(" (0 ms, attempt 1)"), "{lines:?}");
}

#[test]
fn headers_that_are_secrets_are_shown_by_their_names() {
    let world = probe_with(
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
fn what_a_server_repeats_in_a_header_is_redacted_however_it_is_encoded() {
    let secret = "pass\"word/+ of mine";
    let encodings = [
        secret.to_owned(),
        "pass\\\"word\\/+ of mine".to_owned(),
        "pass%22word%2F%2b+of%20mine".to_owned(),
        "\\u0070ass\\u0022word/+ of mine".to_owned(),
        // In base64, behind nothing, one byte, and two.
        "cGFzcyJ3b3JkLysgb2YgbWluZQ==".to_owned(),
        "OnBhc3Mid29yZC8rIG9mIG1pbmU=".to_owned(),
        "OjpwYXNzIndvcmQvKyBvZiBtaW5l".to_owned(),
        DEMO_TOKEN.to_owned(),
    ];
    let answer = Fault::on("*", "/pets").empty();
    let answer = encodings
        .iter()
        .fold(answer, |answer, told| answer.header("X-Told", told));
    let world = probe_with(Sandbox::builder().fault(answer));
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
    // What is left of base64 is what stood before and behind.
    let redacted =
        |told: &&str| told.contains("[redacted]") && told.len() <= "Oj[redacted]==".len();
    assert!(told.len() == 8 && told.iter().all(redacted), "{ran}");
}

#[test]
fn what_an_answer_marks_is_redacted_in_its_headers_too() {
    let answer = Fault::on("*", "/pets")
        .json(r#"{"key":"correct horse"}"#)
        .header("X-Key", "correct horse");
    let world = probe_with(Sandbox::builder().fault(answer));
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
fn a_hidden_query_parameter_is_hidden_however_short_it_is() {
    let ran = pets().tw([
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
fn a_hidden_query_parameter_in_the_path_is_hidden_too() {
    let ran = pets().tw([
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
fn a_password_in_an_address_is_not_shown() {
    let world = pets();
    let url = world.sandbox.url().replace("://", "://user:hunter2@") + "/pets";
    world
        .tw(["-v", "probe", "http", "send", "get", &url])
        .exits(0)
        .never_shows("hunter2");
    let nobody = nobody().replace("://", "://user:hunter2@");
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
fn what_a_request_marks_is_redacted_when_the_server_repeats_it() {
    let world = probe_with(Sandbox::builder().fault(Fault::on("*", "/echo").echo()));
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
    ran.exits(1).never_shows("horse");
}

#[test]
fn a_marked_header_is_redacted_in_messages() {
    let world = pets();
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
    let ran = pets().tw([
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
        .says_with("battery staple");
}

#[test]
fn an_answer_that_is_marked_as_a_whole_is_redacted_in_messages() {
    let world = probe_with(Sandbox::builder().fault(Fault::on("*", "/pets").text("correct horse")));
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
    ran.exits(1).never_shows("horse");
}

#[test]
fn a_token_that_a_server_repeats_is_redacted() {
    let world = probe_with(Sandbox::builder().fault(Fault::on("*", "/echo").echo()));
    world
        .tw(["-v", "probe", "http", "send", "get", "/echo", "--ok"])
        .exits(1)
        .never_shows(DEMO_TOKEN)
        .says_with("[redacted]");
    world
        .tw(["-v", "probe", "http", "send", "get", "/echo", "--leak"])
        .exits(1)
        .never_shows(DEMO_TOKEN);
}
