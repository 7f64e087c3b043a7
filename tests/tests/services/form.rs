//! Multipart forms with texts and files.

use serde_json::{Value, json};
use tw_sandbox::{Fault, Request, Sandbox};
use tw_tests::World;

use crate::{
    LIMIT, Probe,
    http::serve_pets,
    set_up, set_up_with,
    upload::{MIB, drain, make_large_file, start_server, write_file},
};

/// Sends a form and returns the answer or the failure that the plugin got.
fn send(world: &World, url: &str, form: &[&str]) -> Value {
    let line = ["http", "send", "post", url, "--report"];
    world.probe(line).args(form).run().exits(0).json()
}

/// Returns the body of a form, with `B` for the boundary.
#[track_caller]
fn read_form(request: &Request) -> String {
    let content_type = request.header("content-type").unwrap_or_default();
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=");
    let boundary = boundary.expect("the content type names the boundary");
    assert_eq!(boundary.len(), 35);
    let body = String::from_utf8_lossy(&request.body);
    let length = request.body.len().to_string();
    assert_eq!(request.header("content-length"), Some(length.as_str()));
    body.replace(boundary, "B")
}

#[test]
fn a_form_has_texts_and_files() {
    let world = serve_pets(Fault::empty);
    write_file(&world, "a.csv", b"a,b\n1,2\n");
    write_file(&world, "empty", b"");
    let form = [
        "--form",
        "header=true",
        "--form-file",
        "file=./a.csv",
        "--form-file",
        "more=empty",
    ];
    assert_eq!(send(&world, "/pets", &form)["status"], 200);
    let expected = [
        "--B",
        r#"Content-Disposition: form-data; name="header""#,
        "",
        "true",
        "--B",
        r#"Content-Disposition: form-data; name="file"; filename="a.csv""#,
        "Content-Type: text/csv",
        "",
        "a,b\n1,2\n",
        "--B",
        r#"Content-Disposition: form-data; name="more"; filename="empty""#,
        "Content-Type: text/csv",
        "",
        "",
        "--B--",
        "",
    ];
    let request = world.sandbox.requests().remove(0);
    assert_eq!(read_form(&request), expected.join("\r\n"));
}

#[test]
fn a_form_of_texts_needs_no_file() {
    let world = serve_pets(Fault::empty);
    send(&world, "/pets", &["--form", "a=ü", "--form", "b="]);
    let request = world.sandbox.requests().remove(0);
    let part = |name: &str, text: &str| {
        format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    };
    let expected = format!("{}{}--B--\r\n", part("a", "ü"), part("b", ""));
    assert_eq!(read_form(&request), expected);
}

#[test]
fn a_name_in_a_form_cannot_add_a_header() {
    let world = serve_pets(Fault::empty);
    send(&world, "/pets", &["--form", "a\"b\r\nX-Evil: 1=text"]);
    let request = world.sandbox.requests().remove(0);
    let expected = "--B\r\nContent-Disposition: form-data; name=\"a%22b%0D%0AX-Evil: 1\"\r\n\r\ntext\r\n--B--\r\n";
    assert_eq!(read_form(&request), expected);
}

#[test]
fn a_retry_sends_the_whole_form() {
    let world = serve_pets(|pets| pets.status(429).times(1));
    world.sandbox.fault(Fault::on("POST", "/pets").empty());
    write_file(&world, "a.csv", b"a,b");
    let got = send(
        &world,
        "/pets",
        &["--form", "x=1", "--form-file", "file=a.csv"],
    );
    assert_eq!((&got["status"], &got["attempts"]), (&json!(200), &json!(2)));
    let requests = world.sandbox.requests();
    assert!(requests[0].body == requests[1].body && requests[0].body.len() > 100);
}

#[test]
fn a_large_file_in_a_form_is_never_held_in_memory_as_a_whole() {
    let (done, taken) = std::sync::mpsc::channel();
    let url = start_server(move |body, length| {
        done.send(drain(body, length)).expect("the test waits");
        true
    });
    let world = set_up();
    make_large_file(&world, "large", 64 * MIB);
    let got = send(&world, &url, &["--form-file", "file=large", "--memory"]);
    let taken = taken.recv_timeout(LIMIT).unwrap_or_default();
    assert!(taken > 64 * MIB, "{taken}");
    let grown = got["grown_kb"].as_u64().unwrap_or(u64::MAX);
    assert!(grown < 16 << 10, "64 MB took {grown} KB of memory");
}

#[test]
fn a_file_of_a_form_that_cannot_be_read_is_reported_by_name_and_nothing_is_sent() {
    let world = serve_pets(Fault::empty);
    write_file(&world, "a.csv", b"a,b");
    let form = [
        "--form-file",
        "file=a.csv",
        "--form-file",
        "more=nothing.csv",
    ];
    let got = send(&world, "/pets", &form);
    assert_eq!(got["kind"], "input", "{got}");
    let message = "nothing.csv can't be read: No such file or directory";
    assert_eq!(got["message"], message);
    world.saw([]);
}

#[test]
fn the_sensitive_parts_of_a_form_stay_hidden() {
    let world = set_up_with(Sandbox::builder().fault(Fault::on("*", "/pets").echo()));
    write_file(&world, "key.pem", b"battery staple 1\n");
    let line = ["-v", "probe", "http", "send", "post", "/pets", "--ok"];
    let form = [
        "--form",
        "key=hunter2hunter2",
        "--form",
        "name=Rex",
        "--form-file",
        "file=key.pem",
    ];
    let line: Vec<&str> = line.into_iter().chain(form).collect();
    let hide = |more: &[&str]| world.tw(line.iter().chain(more).copied()).exits(1);
    hide(&[])
        .says_with("hunter2hunter2")
        .says_with("battery staple");
    let ran = hide(&["--hide", "/key", "--hide", "/file"]);
    ran.never_shows("hunter2")
        .never_shows("battery")
        .says_with("Rex");
    hide(&["--hide", ""])
        .never_shows("hunter2")
        .never_shows("battery");
}
