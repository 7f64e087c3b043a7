//! Crashes: a plugin that crashes ends the process, and the last message names it.

use crate::given::Given;

const SIGABRT: i32 = 6;
const SIGSEGV: i32 = 11;

fn assert_crash_is_reported(command: &str, signal: i32, name: &str) {
    let given = Given::healthy().plugin("crashes");
    let path = given.installation.plugin("crashes");
    let path = path.canonicalize().expect("the library is there");
    let ran = given.tw(["crashes", command]).dies_of(signal).prints("");
    let said = format!(
        "\n ERROR: The plugin `crashes` crashed ({name}).\n This is a fault of the plugin: tell its author. Its library is {}\n\n",
        path.display()
    );
    let ran = ran.says_with(&said);
    assert!(ran.stderr.lines().count() <= 8, "{ran}");
    given.others_work(0);
}

#[test]
fn a_segfault_names_the_plugin() {
    assert_crash_is_reported("segfault", SIGSEGV, "SIGSEGV");
}

#[test]
fn a_segfault_on_a_thread_names_the_plugin() {
    assert_crash_is_reported("segfault-on-a-thread", SIGSEGV, "SIGSEGV");
}

#[test]
fn an_abort_names_the_plugin() {
    assert_crash_is_reported("abort", SIGABRT, "SIGABRT");
}

#[test]
fn a_stack_overflow_names_the_plugin() {
    assert_crash_is_reported("overflow", SIGSEGV, "SIGSEGV");
}

#[test]
fn an_exit_from_a_command_fails_and_names_the_plugin() {
    let given = Given::healthy().plugin("crashes");
    for command in ["exit", "exit-on-a-thread"] {
        let ran = given.tw(["crashes", command]).prints("");
        assert!(!ran.status.success(), "{ran}");
        let ran = ran.says_with("`crashes`");
        assert!(ran.stderr.lines().count() <= 8, "{ran}");
    }
    given.others_work(0);
}

#[test]
fn a_crash_is_an_error_in_json_too() {
    let given = Given::healthy().plugin("crashes");
    for (command, what) in [
        ("segfault", "SIGSEGV"),
        ("exit", "it ended the process by itself"),
    ] {
        let line = ["crashes", command, "--error-format", "json"];
        let ran = given.tw(line).prints("");
        let last = ran.stderr.lines().last().unwrap_or_default();
        let last: serde_json::Value =
            serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {ran}"));
        let error = &last["error"];
        assert_eq!(error["code"], "plugin-crash", "{ran}");
        assert_eq!(error["plugin"], "crashes", "{ran}");
        assert_eq!(
            error["message"],
            format!("The plugin `crashes` crashed ({what})")
        );
    }
}
