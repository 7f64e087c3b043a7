//! Secret arguments, which no message shows.

use crate::{Probe, assert_usage_error, set_up};

#[test]
fn a_secret_in_a_message_is_redacted() {
    let world = set_up();
    let leak = || world.probe(["arguments", "leak"]);
    let redacted = "these are the secrets: [redacted] ";
    leak()
        .args(["--secret", "correct horse"])
        .run()
        .fails(redacted)
        .never_shows("horse");
    leak()
        .env("PROBE_SECRET", "correct horse")
        .run()
        .fails(redacted)
        .never_shows("horse");
    // Secrets below eight characters are not redacted in messages: `y` would hide every y.
    leak()
        .args(["--secret", "y"])
        .run()
        .fails("these are the secrets: y ");
}

#[test]
fn every_value_of_a_repeated_secret_is_redacted() {
    let ran = set_up()
        .probe([
            "arguments",
            "leak",
            "--several",
            "correct horse",
            "--several",
            "battery staple",
        ])
        .run();
    ran.never_shows("correct")
        .never_shows("staple")
        .fails("these are the secrets: [redacted] [redacted] ");
}

#[test]
fn a_secret_number_that_does_not_parse_is_not_shown() {
    let world = set_up();
    let ran = world.tw(["probe", "arguments", "leak", "--pin", "hunter2hunter2"]);
    assert_usage_error(ran.never_shows("hunter2"), "--pin");
}

#[test]
fn a_secret_number_is_redacted() {
    let ran = set_up()
        .probe(["arguments", "leak", "--pin", "1234567890"])
        .run();
    ran.never_shows("1234567890")
        .fails("these are the secrets:  [redacted]");
}

#[test]
fn a_secret_that_the_plugin_prints_by_itself_is_redacted() {
    let line = ["arguments", "leak", "--print", "--secret", "correct horse"];
    let ran = set_up().probe(line).run();
    ran.never_shows("horse").says_with("printed: [redacted]\n");
}
