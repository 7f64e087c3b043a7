//! `-f` and `-F`.

use serde_json::{Value, json};
use tw_tests::World;

use super::{assert_refused, find_request, send, serve_nothing};
use crate::file::write;

#[track_caller]
fn send_json(world: &World, line: &[&str]) -> Value {
    let request = send(world, line);
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.query, None);
    serde_json::from_slice(&request.body).expect("the body is JSON")
}

#[test]
fn raw_fields_are_texts_and_typed_fields_are_json() {
    let world = serve_nothing();
    let line = [
        "/pets", "-f", "a=5", "-f", "b=@x", "-F", "c=5", "-F", "d=true",
    ];
    let more = ["-F", "e=null", "-F", "f=[1,2]", "-F", "g=some text"];
    assert_eq!(
        send_json(&world, &[&line[..], &more].concat()),
        json!({ "a": "5", "b": "@x", "c": 5, "d": true, "e": null, "f": [1, 2], "g": "some text" })
    );
}

#[test]
fn a_number_keeps_its_digits() {
    let world = serve_nothing();
    let request = send(
        &world,
        &["/pets", "-F", "a=1.50", "-F", "b=12345678901234567890123"],
    );
    let body = String::from_utf8_lossy(&request.body).into_owned();
    assert_eq!(body, r#"{"a":1.50,"b":12345678901234567890123}"#);
}

#[test]
fn brackets_in_keys_make_objects_and_lists() {
    let world = serve_nothing();
    let line = ["/pets", "-f", "a[b]=1", "-F", "a[c][]=2", "-F", "a[c][]=3"];
    let more = ["-f", "l[][n]=x", "-f", "l[][n]=y"];
    assert_eq!(
        send_json(&world, &[&line[..], &more].concat()),
        json!({ "a": { "b": "1", "c": [2, 3] }, "l": [{ "n": "x" }, { "n": "y" }] })
    );
}

#[test]
fn a_typed_field_can_be_the_content_of_a_file_or_of_standard_input() {
    let world = serve_nothing();
    write(&world, "notes.txt", "first\nsecond\n");
    let text = json!({ "notes": "first\nsecond\n" });
    assert_eq!(
        send_json(&world, &["/pets", "-F", "notes=@notes.txt"]),
        text
    );
    let tw = world.command(["api", "/pets", "-F", "notes=@-"]);
    tw.input("first\nsecond\n").run().exits(0).says("");
    let body: Value = serde_json::from_slice(&find_request(&world).body).expect("it is JSON");
    assert_eq!(body, text);
}

#[test]
fn fields_are_the_query_of_a_get() {
    let world = serve_nothing();
    let line = [
        "GET",
        "/pets",
        "-f",
        "search=a b",
        "-F",
        "max=5",
        "-F",
        "x=null",
    ];
    let request = send(&world, &line);
    assert_eq!(request.query.as_deref(), Some("search=a+b&max=5&x="));
    assert!(request.body.is_empty());
    let request = send(&world, &["HEAD", "/pets", "-f", "ids[]=1", "-f", "ids[]=2"]);
    assert_eq!(request.query.as_deref(), Some("ids%5B%5D=1&ids%5B%5D=2"));
}

#[test]
fn fields_are_the_query_beside_an_input() {
    let world = serve_nothing();
    write(&world, "pet.json", "{}");
    let request = send(&world, &["/pets", "--input", "pet.json", "-f", "a=b"]);
    assert_eq!(
        (request.query.as_deref(), request.body.as_slice()),
        (Some("a=b"), &b"{}"[..])
    );
}

#[test]
fn a_malformed_field_is_a_usage_error_that_does_not_show_the_value() {
    let world = serve_nothing();
    for (option, name) in [("-f", "--raw-field"), ("-F", "--field")] {
        let message = format!("invalid value for '{name}': expected 'key=value'");
        assert_refused(&world, &["/pets", option, "s3cret-value"], &message);
    }
    assert_refused(
        &world,
        &["/pets", "-f", "a[b=s3cret-value"],
        "'a[b' is not the key of a field: expected 'a', 'a[b]' or 'a[]'",
    );
    assert_refused(
        &world,
        &["/pets", "-f", "a=s3cret-value", "-f", "a[b]=x"],
        "the field 'a[b]' contradicts an earlier one",
    );
}

#[test]
fn a_field_whose_file_cannot_be_sent_is_reported_and_nothing_is_sent() {
    let world = serve_nothing();
    write(&world, "image.png", b"\xff\xfe");
    world
        .tw(["api", "/pets", "-F", "a=@missing.txt"])
        .fails("missing.txt can't be read: No such file or directory");
    world
        .tw(["api", "/pets", "-F", "a=@image.png"])
        .fails("'image.png' is not UTF-8, so it can't be the value of a field");
    world.saw([]);
}

#[test]
fn standard_input_can_be_sent_only_once() {
    let world = serve_nothing();
    let message = "standard input can be sent only once";
    assert_refused(&world, &["/pets", "-F", "a=@-", "-F", "b=@-"], message);
    assert_refused(&world, &["/pets", "-F", "a=@-", "--input", "-"], message);
}
