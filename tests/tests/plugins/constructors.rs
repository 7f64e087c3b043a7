//! Constructors, which run when a library is mapped, before the host can call it.

use crate::given::Given;

const AUTHOR: &str = "tell its author, or remove the library";

pub(crate) fn set_up_constructor(does: &str) -> Given {
    Given::healthy()
        .plugin("constructor")
        .env("TW_CONSTRUCTOR", does)
}

#[test]
fn a_plugin_with_a_harmless_constructor_works() {
    let given = set_up_constructor("nothing");
    given.accepts("constructor");
    given
        .tw(["constructed"])
        .exits(0)
        .prints("\n  It was loaded, and has run\n\n")
        .says("");
}

#[test]
fn a_constructor_that_exits_is_refused() {
    set_up_constructor("exit").refuses(
        "constructor",
        "it ended the process with exit code 7 when it was loaded",
        AUTHOR,
    );
}

#[test]
fn a_constructor_that_aborts_is_refused() {
    set_up_constructor("abort").refuses(
        "constructor",
        "it crashed (SIGABRT) when it was loaded",
        AUTHOR,
    );
}

#[test]
fn a_constructor_that_exits_only_in_a_run_names_the_plugin() {
    let given = set_up_constructor("nothing").with_own_files();
    given.accepts("constructor");
    let ran = given.env("TW_CONSTRUCTOR", "exit").tw(["constructed"]);
    assert!(!ran.status.success(), "{ran}");
    ran.prints("").says_with("`constructor`");
}

// A plugin has five seconds to describe itself. Commands of other plugins do not load it again after a timeout. A command that nobody else has does, and
// so does `tw plugin list`, because the timeout can be due to a busy machine.
#[test]
fn a_constructor_that_hangs_is_stopped_once_and_remembered() {
    let given = set_up_constructor("hang").with_own_files();
    let marks = given.installation.prefix().join("marks");
    let given = given.env("TW_CONSTRUCTOR_MARKS", marks.to_string_lossy());
    let count_loads = || std::fs::read_to_string(&marks).map_or(0, |text| text.lines().count());
    let listed = given.find("constructor");
    assert_eq!(
        listed["problem"],
        "it didn't say what it is within 5 seconds"
    );
    let hint = listed["hint"].as_str().unwrap_or_default();
    assert!(hint.starts_with("run the command again; "), "{listed:#}");
    let before = count_loads();
    given
        .tw(["healthy"])
        .exits(0)
        .prints(crate::given::HEALTHY)
        .says("");
    given
        .tw(["--help"])
        .exits(0)
        .says_with("1 plugin can't be used");
    assert_eq!(
        count_loads(),
        before,
        "an ordinary command loads the plugin again"
    );
    given.tw(["constructed"]).exits(2).says_with("constructed");
    assert_eq!(
        count_loads(),
        before + 1,
        "a command that nobody has loads the plugin once more"
    );
    let given = given.env("TW_CONSTRUCTOR", "nothing");
    given.tw(["constructed"]).exits(0).says("");
    given.accepts("constructor");
}

#[test]
fn the_first_list_loads_a_broken_plugin_once() {
    let given = set_up_constructor("exit").with_own_files();
    let marks = given.installation.prefix().join("marks");
    let given = given.env("TW_CONSTRUCTOR_MARKS", marks.to_string_lossy());
    given.list();
    let marks = std::fs::read_to_string(&marks).expect("the plugin was loaded");
    assert_eq!(marks.lines().count(), 1, "the list loads the plugin twice");
}

#[test]
fn a_plugin_that_is_only_described_sees_no_token() {
    let given = set_up_constructor("nothing").with_own_files();
    let marks = given.installation.prefix().join("marks");
    let given = given
        .env("TW_CONSTRUCTOR_MARKS", marks.to_string_lossy())
        .env("TOWER_ACCESS_TOKEN", "a-token-of-some-length");
    given.accepts("constructor");
    let marks = std::fs::read_to_string(&marks).expect("the plugin was loaded");
    assert_eq!(marks, "loaded\n");
}
