//! Constructors: they run when a library is mapped, before anybody can ask it anything.

use crate::given::Given;

const AUTHOR: &str = "tell its author, or remove the library";

fn constructor(does: &str) -> Given {
    Given::healthy()
        .plugin("constructor")
        .env("TW_CONSTRUCTOR", does)
}

#[test]
fn one_that_does_no_harm_is_a_plugin() {
    let given = constructor("nothing");
    given.accepts("constructor");
    given
        .tw(["constructed"])
        .exits(0)
        .prints("\n  It was loaded, and has run\n\n")
        .says("");
}

#[test]
fn one_that_exits_is_refused() {
    constructor("exit").refuses(
        "constructor",
        "it ended the process with exit code 7 when it was loaded",
        AUTHOR,
    );
}

#[test]
fn one_that_aborts_is_refused() {
    constructor("abort").refuses(
        "constructor",
        "it crashed (SIGABRT) when it was loaded",
        AUTHOR,
    );
}

#[test]
fn one_that_exits_only_when_it_runs_says_who_it_was() {
    let given = constructor("nothing").with_own_files();
    given.accepts("constructor");
    let ran = given.env("TW_CONSTRUCTOR", "exit").tw(["constructed"]);
    assert!(!ran.status.success(), "{ran}");
    ran.prints("").says_with("`constructor`");
}

/// The slow one: a plugin has five seconds to say what it is. Ordinary commands don't ask it again; `tw plugin list` does, because a
/// machine under load can have been too slow.
#[test]
fn one_that_hangs_is_stopped_once_and_remembered() {
    let given = constructor("hang").with_own_files();
    let marks = given.installation.prefix().join("marks");
    let given = given.env("TW_CONSTRUCTOR_MARKS", marks.to_string_lossy());
    let asked = || std::fs::read_to_string(&marks).map_or(0, |text| text.lines().count());
    let listed = given.listed("constructor");
    assert_eq!(
        listed["problem"],
        "it didn't say what it is within 5 seconds"
    );
    let mend = listed["mend"].as_str().unwrap_or_default();
    assert!(mend.contains(AUTHOR), "{listed:#}");
    let before = asked();
    given
        .tw(["healthy"])
        .exits(0)
        .prints(crate::given::HEALTHY)
        .says("");
    given
        .tw(["--help"])
        .exits(0)
        .says_with("1 plugin can't be used");
    given.tw(["constructed"]).exits(2).says_with("constructed");
    assert_eq!(asked(), before, "an ordinary command asked it again");
    let given = given.env("TW_CONSTRUCTOR", "nothing");
    assert_eq!(given.listed("constructor")["state"], "ok");
    assert_eq!(asked(), before + 1, "`tw plugin list` asks again, once");
    given.accepts("constructor");
}

#[test]
fn a_broken_one_is_asked_once_by_the_first_list() {
    let given = constructor("exit").with_own_files();
    let marks = given.installation.prefix().join("marks");
    let given = given.env("TW_CONSTRUCTOR_MARKS", marks.to_string_lossy());
    given.list();
    let marks = std::fs::read_to_string(&marks).expect("it was asked");
    assert_eq!(
        marks.lines().count(),
        1,
        "what was asked a moment ago needn't be asked again"
    );
}

#[test]
fn one_that_is_only_asked_what_it_is_finds_no_token() {
    let given = constructor("nothing").with_own_files();
    let marks = given.installation.prefix().join("marks");
    let given = given
        .env("TW_CONSTRUCTOR_MARKS", marks.to_string_lossy())
        .env("TOWER_ACCESS_TOKEN", "a-token-of-some-length");
    given.accepts("constructor");
    let marks = std::fs::read_to_string(&marks).expect("it was asked");
    assert_eq!(marks, "loaded\n");
}
