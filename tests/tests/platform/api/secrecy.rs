//! What was sent appears in no log and in no error.

use tw_sandbox::Fault;

use super::serve_pets;
use crate::file::write;

const VALUE: &str = "SENTINEL-value";

/// The lines that send [`VALUE`], each in another place.
const LINES: [&[&str]; 6] = [
    &["/pets", "-f", "value=SENTINEL-value"],
    &["/pets", "-F", "a[b]=SENTINEL-value"],
    &["/pets", "-F", "value=@value.txt"],
    &["PUT", "/pets", "--input", "body.json"],
    &["GET", "/pets", "-f", "value=SENTINEL-value"],
    &["/pets", "-H", "X-Api-Key: SENTINEL-value"],
];

#[test]
fn verbose_shows_no_value_that_was_sent_and_no_body() {
    for line in LINES {
        let world = serve_pets(|pets| pets.json(r#"{"answer": "SENTINEL-answer"}"#));
        write(&world, "value.txt", VALUE);
        write(&world, "body.json", format!(r#"{{"value": "{VALUE}"}}"#));
        for verbose in ["-v", "-vv"] {
            let ran = world.tw([&[verbose, "api"][..], line].concat()).exits(0);
            assert!(ran.stdout.contains("SENTINEL-answer"), "{ran}");
            assert!(ran.stderr.contains("> "), "{ran}");
            assert!(!ran.stderr.contains("SENTINEL"), "{ran}");
            assert!(!ran.stderr.contains(world.sandbox.token()), "{ran}");
        }
    }
}

#[test]
fn an_error_redacts_what_the_server_repeats_and_standard_output_does_not() {
    for line in LINES {
        let world = serve_pets(|pets| {
            pets.status(400)
                .json(&format!(r#"{{"message": "Not good: {VALUE}"}}"#))
        });
        write(&world, "value.txt", VALUE);
        write(&world, "body.json", format!(r#"{{"value": "{VALUE}"}}"#));
        let ran = world.tw([&["api"][..], line].concat()).exits(1);
        let ran = ran.says("\n ERROR: Not good: [redacted]\n\n");
        assert!(ran.stdout.contains(VALUE), "{ran}");
    }
}

#[test]
fn the_token_is_redacted_in_an_error() {
    let world = serve_pets(Fault::echo);
    let ran = world.tw(["api", "/pets"]).exits(1);
    assert!(ran.stderr.contains("[redacted]"), "{ran}");
    assert!(!ran.stderr.contains(world.sandbox.token()), "{ran}");
}

#[test]
fn verbose_shows_headers_and_parameters_that_are_not_secret() {
    let world = serve_pets(|pets| pets.json("{}"));
    let line = [
        "-v",
        "api",
        "/pets",
        "-H",
        "Accept: text/csv",
        "--query",
        "max=5",
    ];
    let ran = world.tw(line).exits(0);
    ran.says_with("accept: text/csv").says_with("/pets?max=5");
}
