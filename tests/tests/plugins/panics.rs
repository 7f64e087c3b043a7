//! A plugin that panics fails with a message, its place, and nothing more.

use crate::given::Given;

#[test]
fn in_registration() {
    Given::healthy().plugin("panics-registering").refuses(
        "panics-registering",
        "it panicked at panics-registering/src/lib.rs:7:5: no commands today",
        "tell its author",
    );
}

#[test]
fn in_run() {
    let given = Given::healthy().plugin("panics");
    given.tw(["panics", "run"]).fails(
        "The plugin `panics` failed: it panicked at panics/src/lib.rs:16:5: spilled the tea",
    );
    given
        .tw(["panics", "run", "-o", "json"])
        .exits(1)
        .prints("");
    given.others_work(0);
}

#[test]
fn on_a_thread_of_its_own() {
    let given = Given::healthy().plugin("panics");
    let line = "warning: plugin `panics`: a thread of it panicked at panics/src/lib.rs:20:35: spilled the tea elsewhere\n";
    given
        .tw(["panics", "thread"])
        .exits(0)
        .prints("\n  It went on\n\n")
        .says(line);
}

#[test]
fn on_a_thousand_threads() {
    let given = Given::healthy().plugin("panics");
    let ran = given
        .tw(["panics", "many"])
        .exits(0)
        .prints("\n  It went on\n\n");
    assert!(ran.stderr.lines().count() <= 8, "{ran}");
}

#[test]
fn with_a_payload_that_panics_when_it_is_dropped() {
    let given = Given::healthy().plugin("panics");
    given
        .tw(["panics", "payload"])
        .fails("The plugin `panics` failed: it panicked at panics/src/lib.rs:32:5: no message");
}

#[test]
fn with_control_characters() {
    let given = Given::healthy().plugin("panics");
    let ran = given.tw(["panics", "hostile"]).exits(1).prints("");
    assert_eq!(ran.stderr.lines().count(), 3, "{ran}");
    ran.never_shows("\u{1b}").never_shows("\u{202e}");
}
