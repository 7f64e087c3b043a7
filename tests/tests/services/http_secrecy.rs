//! What `--verbose` shows of a request, and what it doesn't.

use tw_sandbox::{DEMO_TOKEN, Fault, Sandbox};
use tw_tests::World;

use crate::{nobody, probe_with};

fn pets() -> World {
    probe_with(Sandbox::builder().fault(
        Fault::on("*", "/pets").json(r#"{"key":"correct horse","list":["battery staple"]}"#),
    ))
}

#[test]
fn the_calls_are_shown_and_no_header_and_no_body() {
    let world = pets();
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
        "x-key=key-of-mine",
        "--json",
        r#"{"value":"value-of-mine"}"#,
    ]);
    let call = format!("> POST {}/pets?a=b", world.sandbox.url());
    ran.exits(0)
        .says_with(&call)
        .says_with("< POST /pets 200 (")
        .never_shows(DEMO_TOKEN)
        .never_shows("key-of-mine")
        .never_shows("value-of-mine");
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
