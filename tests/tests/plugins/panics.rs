//! Panics: a plugin that panics fails with the message and the place of the panic.

use crate::given::Given;

#[test]
fn a_panic_in_registration_makes_the_plugin_broken() {
    Given::healthy().plugin("panics-registering").refuses(
        "panics-registering",
        "it panicked at panics-registering/src/lib.rs:7:5: no commands today",
        "tell its author",
    );
}

#[test]
fn a_panic_in_a_command_fails_with_its_message_and_place() {
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
fn a_panic_is_one_error_in_json() {
    let given = Given::healthy().plugin("panics");
    let ran = given.tw(["panics", "run", "--error-format", "json"]);
    let error: serde_json::Value =
        serde_json::from_str(&ran.stderr).unwrap_or_else(|error| panic!("{error}: {ran}"));
    assert_eq!(error["error"]["code"], "plugin-panic");
    assert_eq!(error["error"]["kind"], "panic");
    assert_eq!(error["error"]["plugin"], "panics");
    ran.exits(1).prints("");
}

#[test]
fn a_panic_on_a_thread_is_a_warning() {
    let given = Given::healthy().plugin("panics");
    let line = "warning: plugin `panics`: a thread of it panicked at panics/src/lib.rs:20:35: spilled the tea elsewhere\n";
    given
        .tw(["panics", "thread"])
        .exits(0)
        .prints("\n  It went on\n\n")
        .says(line);
}

#[test]
fn a_thousand_panics_print_a_few_lines() {
    let given = Given::healthy().plugin("panics");
    let ran = given
        .tw(["panics", "many"])
        .exits(0)
        .prints("\n  It went on\n\n");
    let ran = ran.says_with(": panic 0\n");
    assert!(ran.stderr.lines().count() <= 8, "{ran}");
}

#[test]
fn a_panic_payload_that_panics_when_it_is_dropped_is_contained() {
    let given = Given::healthy().plugin("panics");
    given
        .tw(["panics", "payload"])
        .fails("The plugin `panics` failed: it panicked at panics/src/lib.rs:32:5: no message");
}

#[test]
fn control_characters_in_a_panic_message_are_not_printed() {
    let given = Given::healthy().plugin("panics");
    let ran = given.tw(["panics", "hostile"]).exits(1).prints("");
    assert_eq!(ran.stderr.lines().count(), 3, "{ran}");
    ran.never_shows("\u{1b}").never_shows("\u{202e}");
}
