//! The bodies of requests and answers under `--verbose=2`, without their secrets.

use tw_sandbox::{DEMO_TOKEN, Fault, Sandbox};
use tw_tests::{Ran, World};

use crate::{
    http::serve_pets,
    set_up_with,
    upload::{MIB, make_large_file, write_file},
};

/// Runs `tw -vv probe http send` with these arguments.
fn send(world: &World, arguments: &[&str]) -> Ran {
    let line = ["-vv", "probe", "http", "send"];
    world.tw(line.iter().chain(arguments).copied())
}

/// Lists the lines of the log that begin with this.
fn list_lines<'a>(ran: &'a Ran, begin: &str) -> Vec<&'a str> {
    let lines = ran.stderr.lines();
    lines.filter(|line| line.starts_with(begin)).collect()
}

#[test]
fn the_bodies_of_a_request_and_its_answer_are_shown_line_by_line() {
    let world = serve_pets(|pets| pets.text("one\ntwo\r\nthree\u{1b}[31m\u{202e}"));
    let ran = send(&world, &["post", "/pets", "--json", r#"{"name":"Rex"}"#]).exits(0);
    ran.says_with("> POST /pets: the body\n>   {\"name\":\"Rex\"}\n")
        .says_with(" bytes after ")
        .says_with("\n<   one\n<   two\n<   three\u{241b}[31m\u{fffd}\n");
}

#[test]
fn a_request_and_an_answer_without_a_body_show_none() {
    let ran = send(&serve_pets(Fault::empty), &["get", "/pets"]).exits(0);
    ran.never_shows("the body").never_shows("not shown");
}

#[test]
fn a_long_body_is_cut_after_4_kib_with_the_number_of_bytes_left_out() {
    let text = "x".repeat(4096) + "yz";
    let world = serve_pets(|pets| pets.text(&text));
    let ran = send(&world, &["get", "/pets"]).exits(0);
    let shown = format!("\n<   {}\n<   (2 more bytes)\n", "x".repeat(4096));
    ran.says_with(&shown);
}

#[test]
fn a_secret_across_the_end_of_the_shown_part_is_redacted() {
    let answer = "x".repeat(4090) + " correct horse battery staple";
    let world = serve_pets(|pets| pets.text(&answer));
    let secret = r#"{"value":"correct horse battery staple"}"#;
    let line = ["post", "/pets", "--json", secret, "--hide", "/value"];
    send(&world, &line).exits(0).never_shows("corre");
}

#[test]
fn the_token_and_secret_fields_are_redacted_in_bodies() {
    let answer = format!(r#"{{"token":"{DEMO_TOKEN}","key":"ab","kept":"plain"}}"#);
    let world = serve_pets(|pets| pets.json(&answer));
    let body = r#"{"a":{"b":"hunter2hunter2"},"pin":"xyz","c":"hunter2hunter2","d":"plain text"}"#;
    let ran = send(
        &world,
        &[
            "post",
            "/pets",
            "--json",
            body,
            "--hide",
            "/a/b",
            "--hide",
            "/pin",
            "--hide-answer",
            "/key",
        ],
    );
    let ran = ran.exits(0).says_with(
        r#">   {"a":{"b":"[redacted]"},"pin":"[redacted]","c":"[redacted]","d":"plain text"}"#,
    );
    let answers = list_lines(&ran, "<   {");
    let answer = r#"<   {"token":"[redacted]","key":"[redacted]","kept":"plain"}"#;
    assert_eq!(answers, [answer]);
}

#[test]
fn a_failed_answer_that_repeats_the_request_is_redacted() {
    let world = set_up_with(Sandbox::builder().fault(Fault::on("*", "/pets").echo()));
    let line = ["post", "/pets", "--json", r#"{"value":"correct horse"}"#];
    let ran = send(&world, &[&line[..], &["--hide", "/value", "--ok"]].concat());
    ran.exits(1).never_shows("horse").never_shows(DEMO_TOKEN);
}

#[test]
fn a_body_that_is_marked_as_a_whole_is_not_shown() {
    let world = serve_pets(|pets| pets.json(r#"{"a":"b"}"#));
    let line = ["post", "/pets", "--json", r#"{"c":"d"}"#];
    let ran = send(&world, &[&line[..], &["--hide", ""]].concat()).exits(0);
    ran.says_with(">   (not shown: it is marked as secret)")
        .says_with(r#"<   {"a":"b"}"#)
        .never_shows(r#"{"c":"d"}"#);
    let ran = send(&world, &[&line[..], &["--hide-answer", ""]].concat()).exits(0);
    ran.says_with("<   (not shown: it is marked as secret)")
        .says_with(r#">   {"c":"d"}"#);
    assert_eq!(list_lines(&send(&world, &line), "<   {").len(), 1);
}

#[test]
fn secret_fields_of_a_body_that_is_no_json_keep_it_hidden() {
    let world = serve_pets(|pets| pets.text("key=abc"));
    let ran = send(&world, &["get", "/pets", "--hide-answer", "/key"]).exits(0);
    ran.says_with("<   (not shown: it has secret fields and is no JSON)");
}

#[test]
fn a_body_that_is_no_text_is_not_shown() {
    for (content_type, body) in [
        ("application/octet-stream", b"plain".as_slice()),
        ("text/plain", b"\xff\xfe"),
        ("text/plain; charset=utf-16", b"s\0e\0c\0"),
    ] {
        let world = serve_pets(|pets| pets.body(content_type, body));
        let ran = send(&world, &["get", "/pets"]).exits(0);
        ran.says_with("<   (not shown: it is no text)");
    }
}

#[test]
fn a_body_that_is_too_large_to_be_searched_is_not_shown() {
    let world = serve_pets(|pets| pets.oversized(MIB + 1));
    let ran = send(&world, &["get", "/pets", "--memory"]).exits(0);
    ran.says_with("<   (not shown: it is too large to be searched for secrets)");
}

#[test]
fn a_file_is_named_and_its_content_is_not_shown() {
    let world = serve_pets(Fault::empty);
    write_file(&world, "a.csv", b"in the file");
    make_large_file(&world, "large.bin", 2 * MIB);
    for file in ["a.csv", "large.bin"] {
        let ran = send(&world, &["put", "/pets", "--upload", file]).exits(0);
        ran.says_with(&format!(">   [content of {file}]"))
            .never_shows("in the file");
    }
}

#[test]
fn a_form_is_shown_with_the_names_of_its_files_and_without_its_secrets() {
    let world = serve_pets(Fault::empty);
    write_file(&world, "a.csv", b"in the file");
    let ran = send(
        &world,
        &[
            "post",
            "/pets",
            "--form",
            "kind=dog",
            "--form",
            "pin=xyz",
            "--form-file",
            "list=a.csv",
            "--hide",
            "/pin",
        ],
    );
    ran.exits(0)
        .says_with(">   dog\n")
        .says_with(">   [redacted]\n")
        .says_with(">   [content of a.csv]\n")
        .never_shows("xyz")
        .never_shows("in the file");
}

#[test]
fn an_answer_that_is_read_in_pieces_or_saved_is_not_shown() {
    let world = serve_pets(|pets| pets.text("in the answer"));
    let ran = world
        .tw(["-vv", "probe", "stream", "read", "/pets"])
        .exits(0);
    ran.says_with("< GET /pets: the body is not shown: it is read in pieces")
        .never_shows("in the answer");
    let ran = send(&world, &["get", "/pets", "--download", "out"]).exits(0);
    ran.never_shows("in the answer");
}
