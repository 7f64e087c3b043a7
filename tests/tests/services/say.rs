//! What goes beside the result: log, progress, failures; and the time.

use std::time::{SystemTime, UNIX_EPOCH};

use tw_tests::Terminal;

use crate::{Probe, probe};

#[test]
fn a_warning_is_always_shown_and_the_rest_under_verbose() {
    let world = probe();
    let ran = world.tw(["probe", "say", "log", "three"]);
    ran.exits(0)
        .prints("\n  see the JSON\n\n")
        .says("warning: plugin `probe`: a warning: three\n");
    let ran = world.tw(["-v", "probe", "say", "log", "three"]);
    let ran = ran.exits(0).prints("\n  see the JSON\n\n");
    ran.says_with("warning: plugin `probe`: a warning: three\n* probe: an info: three\n* probe: a debug: three\n");
}

#[test]
fn a_line_of_log_is_one_line_and_steers_no_terminal() {
    let ran = probe().tw(["probe", "say", "log", "a\u{1b}[2J\nERROR: \u{202e}b\r"]);
    ran.exits(0)
        .says("warning: plugin `probe`: a warning: a␛[2J␊ERROR: \u{fffd}b␍\n");
}

#[test]
fn a_line_of_log_shows_no_secret() {
    let world = probe();
    let ran = world.tw([
        "-v",
        "probe",
        "say",
        "log",
        "key=",
        "--secret",
        "correct horse",
    ]);
    ran.exits(0)
        .never_shows("horse")
        .says_with("a debug: key=[redacted]");
    let token = world.sandbox.token().to_owned();
    world
        .tw(["-v", "probe", "say", "log", &token])
        .exits(0)
        .never_shows(&token);
}

#[test]
fn a_secret_is_found_across_what_is_replaced() {
    // Control characters are replaced after the search, so that none hides a secret from it.
    let ran = probe().tw([
        "probe",
        "say",
        "log",
        "key=",
        "--secret",
        "correct\u{1b}horse",
    ]);
    ran.exits(0).never_shows("horse").says_with("[redacted]");
}

#[test]
fn progress_shows_nothing_where_there_is_no_terminal() {
    let world = probe();
    for more in [
        &[][..],
        &["--total", "3"],
        &["--total", "3", "--leave"],
        &["--total", "0"],
    ] {
        let ran = world.probe(["say", "progress"]).args(more).run();
        assert_eq!(ran.exits(0).says("").json(), "compared");
    }
}

#[test]
fn progress_is_shown_on_a_terminal_and_goes_away() {
    let world = probe();
    for more in [&["--total", "3"][..], &["--total", "3", "--leave"]] {
        let left = Terminal::start(world.probe(["say", "progress"]).args(more))
            .ends()
            .exits(0);
        assert_eq!(left.json(), "compared");
        let screen = left.showed("Comparing").screen;
        let last = screen.rsplit("\u{1b}[2K").next().unwrap_or_default();
        assert!(
            !last.contains("Comparing"),
            "the display is left behind: {screen:?}"
        );
    }
    // Beside a log, its lines and the display would be one.
    let logged = world.probe(["say", "progress", "--total", "3", "-v"]);
    let left = Terminal::start(logged).ends().exits(0);
    left.never_showed("Comparing");
}

#[test]
fn a_failure_is_one_message_and_an_exit_code() {
    let world = probe();
    world
        .tw(["probe", "say", "fail", "It went wrong"])
        .fails("It went wrong");
    for (kind, code) in [
        ("failure", 1),
        ("usage", 2),
        ("cancelled", 130),
        ("not-found", 1),
    ] {
        let ran = world.tw(["probe", "say", "fail", "It went wrong", "--kind", kind]);
        ran.exits(code)
            .prints("")
            .says("\n ERROR: It went wrong\n\n");
    }
    for code in [3, 42, 125, 130] {
        let ran = world.tw([
            "probe",
            "say",
            "fail",
            "It went wrong",
            "--code",
            &code.to_string(),
        ]);
        ran.exits(code)
            .prints("")
            .says("\n ERROR: It went wrong\n\n");
    }
}

#[test]
fn a_failure_never_ends_as_a_success() {
    let world = probe();
    for code in ["0", "126", "255"] {
        world
            .tw(["probe", "say", "fail", "It went wrong", "--code", code])
            .exits(1);
        world
            .tw([
                "probe",
                "say",
                "fail",
                "It went wrong",
                "--kind",
                "usage",
                "--code",
                code,
            ])
            .exits(2);
    }
}

#[test]
fn a_failure_to_connect_says_so_twice() {
    let ran = probe().tw([
        "probe",
        "say",
        "fail",
        "It took too long",
        "--kind",
        "timeout",
    ]);
    ran.exits(1).says("\n ERROR: It took too long\n\n\n ERROR: Connection error. Check the connection using the command 'tw info'.\n\n");
}

#[test]
fn a_message_is_one_line_and_steers_no_terminal() {
    let world = probe();
    world
        .tw(["probe", "say", "fail", "a\u{1b}[2J\nERROR: \u{202e}b\r"])
        .fails("a␛[2J␊ERROR: \u{fffd}b␍");
    world
        .tw(["probe", "say", "fail", ""])
        .exits(1)
        .prints("")
        .says_with("it failed without saying why");
}

#[test]
fn a_hint_is_for_people_at_a_terminal() {
    let world = probe();
    let fail = [
        "say",
        "fail",
        "It went wrong",
        "--hint",
        "turn it off\u{1b}[2J and on",
    ];
    world
        .command(["probe"])
        .args(fail)
        .run()
        .fails("It went wrong");
    let left = Terminal::start(world.probe(fail)).ends().exits(1);
    left.showed("It went wrong")
        .showed("turn it off␛[2J and on");
}

#[test]
fn the_time_is_the_systems() {
    let since_1970 = || {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("it is later than 1970");
        i64::try_from(now.as_millis()).expect("it is not yet so late")
    };
    let before = since_1970();
    let got = probe().got(["say", "now", "--after", "20"]);
    let after = since_1970();
    let ms = got["unix_ms"].as_i64().expect("it is a number");
    assert!(
        (before + 20..=after + 1).contains(&ms),
        "{before} {ms} {after}"
    );
    let iso = got["iso"].as_str().expect("it is a text");
    let (day, time) = iso.split_once('T').expect("it is ISO 8601");
    assert_eq!(
        (day.len(), time.len(), time.ends_with('Z')),
        (10, 13, true),
        "{iso}"
    );
    assert!(
        time.ends_with(&format!("{:03}Z", ms % 1000)),
        "{iso} is not {ms}"
    );
}
