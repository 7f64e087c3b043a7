//! Secrets among the arguments: no message shows them.

use crate::{Probe, is_usage_error, probe};

#[test]
fn a_secret_in_a_message_is_redacted() {
    let world = probe();
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
    // A short one is not searched for: `y` would hide every y.
    leak()
        .args(["--secret", "y"])
        .run()
        .fails("these are the secrets: y ");
}

#[test]
fn secrets_that_come_several_times_are_all_redacted() {
    let ran = probe()
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
fn a_secret_that_is_no_number_is_not_shown() {
    let world = probe();
    let ran = world.tw(["probe", "arguments", "leak", "--pin", "hunter2hunter2"]);
    is_usage_error(ran.never_shows("hunter2"), "--pin");
}

#[test]
fn a_number_that_is_secret_is_redacted() {
    let ran = probe()
        .probe(["arguments", "leak", "--pin", "1234567890"])
        .run();
    ran.exits(1).never_shows("1234567890");
}
