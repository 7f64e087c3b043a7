//! Log messages, progress and failures, which appear beside the result; and the clock.

use std::time::{SystemTime, UNIX_EPOCH};

use tw_tests::Terminal;

use crate::{Probe, set_up};

#[test]
fn warnings_are_always_shown_and_other_levels_only_with_verbose() {
    let world = set_up();
    let ran = world.tw(["probe", "say", "log", "three"]);
    ran.exits(0)
        .prints("\n  see the JSON\n\n")
        .says("warning: plugin `probe`: a warning: three\n");
    let ran = world.tw(["-v", "probe", "say", "log", "three"]);
    let ran = ran.exits(0).prints("\n  see the JSON\n\n");
    ran.says_with("warning: plugin `probe`: a warning: three\n* probe: an info: three\n* probe: a debug: three\n");
}

#[test]
fn a_log_message_is_one_line_without_control_characters() {
    let ran = set_up().tw(["probe", "say", "log", "a\u{1b}[2J\nERROR: \u{202e}b\r"]);
    ran.exits(0)
        .says("warning: plugin `probe`: a warning: a␛[2J␊ERROR: \u{fffd}b␍\n");
}

#[test]
fn secrets_in_a_log_message_are_redacted() {
    let world = set_up();
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
fn a_secret_with_a_control_character_is_redacted() {
    // The host searches for secrets before it replaces control characters, so a control character cannot hide a secret.
    let ran = set_up().tw([
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
fn progress_is_not_shown_without_a_terminal() {
    let world = set_up();
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
fn progress_is_shown_on_a_terminal_and_removed_at_the_end() {
    let world = set_up();
    for more in [&["--total", "3"][..], &["--total", "3", "--leave"]] {
        let left = Terminal::start(world.probe(["say", "progress"]).args(more))
            .ends()
            .exits(0);
        assert_eq!(left.json(), "compared");
        let screen = left.showed("Comparing").screen;
        let last = screen.rsplit("\u{1b}[2K").next().unwrap_or_default();
        assert!(
            !last.contains("Comparing"),
            "the progress display is left behind: {screen:?}"
        );
    }
    // With --verbose, log lines and the progress display would overwrite each other.
    let logged = world.probe(["say", "progress", "--total", "3", "-v"]);
    let left = Terminal::start(logged).ends().exits(0);
    left.never_showed("Comparing");
}

#[test]
fn a_failure_prints_one_message_and_sets_the_exit_code() {
    let world = set_up();
    world
        .tw(["probe", "say", "fail", "It went wrong"])
        .fails("It went wrong");
    for (kind, code) in [("failure", 1), ("cancelled", 130), ("not-found", 1)] {
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
fn a_failure_with_an_invalid_exit_code_exits_with_the_default_of_its_kind() {
    let world = set_up();
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
fn a_timeout_also_prints_the_connection_hint() {
    let ran = set_up().tw([
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
fn an_error_message_is_one_line_without_control_characters() {
    let world = set_up();
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
fn a_hint_is_shown_only_on_a_terminal() {
    let world = set_up();
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
fn the_clock_returns_the_system_time() {
    let since_1970 = || {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("the clock is past 1970");
        i64::try_from(now.as_millis()).expect("the time fits 64 bits")
    };
    let before = since_1970();
    let got = set_up().probe_json(["say", "now", "--after", "20"]);
    let after = since_1970();
    let ms = got["unix_ms"].as_i64().expect("the time is a number");
    assert!(
        (before + 20..=after + 1).contains(&ms),
        "{before} {ms} {after}"
    );
    let iso = got["iso"].as_str().expect("the time is a string");
    let (day, time) = iso.split_once('T').expect("the time is in ISO 8601");
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

#[test]
fn a_line_of_the_log_stands_alone_beside_several_progress_displays() {
    let world = set_up();
    let busy = world.probe(["say", "progress", "--total", "3", "--busy"]);
    let left = Terminal::start(busy).ends().exits(0);
    let screen = left.showed("Comparing").showed("Reading").screen;
    for step in ["step 1", "step 2"] {
        let line = format!("warning: plugin `probe`: {step}\r\n");
        let at = screen
            .find(&line)
            .unwrap_or_else(|| panic!("no {line:?} in {screen:?}"));
        let before = screen[..at].trim_end_matches("\u{1b}[1A");
        // The line begins where the displays were erased, or in a new line.
        let is_alone = before.is_empty() || before.ends_with('\n') || before.ends_with("\u{1b}[2K");
        assert!(is_alone, "{screen:?}");
    }
    let last = screen.rsplit("\u{1b}[2K").next().unwrap_or_default();
    assert!(
        !last.contains("Comparing") && !last.contains("Reading"),
        "{screen:?}"
    );
}

#[test]
fn a_usage_failure_is_printed_as_an_error_of_the_command_line() {
    let world = set_up();
    let fail = |more: &[&str]| {
        let line = ["probe", "say", "fail", "--kind", "usage"]
            .iter()
            .chain(more);
        world.tw(line.copied()).exits(2).prints("")
    };
    let usage =
        "\n\nUsage: tw probe say fail [OPTIONS] <MESSAGE>\n\nFor more information, try '--help'.\n";
    fail(&["no \u{1b}such pet"]).says(&format!("error: no ␛such pet{usage}"));
    let with_hint = fail(&["no such pet", "--hint", "list the pets"]);
    with_hint.says(&format!(
        "error: no such pet\n\n  tip: list the pets{usage}"
    ));
    // The option and its value, which the host knows.
    let line = ["it is no hint", "--hint", "x\u{1b}y", "--argument", "hint"];
    fail(&line).says_with("error: invalid value 'x␛y' for '--hint <HINT>': it is no hint\n");
    let line = [
        "it is no secret",
        "--secret",
        "hunter2",
        "--argument",
        "secret",
    ];
    let ran = fail(&line)
        .never_shows("hunter2")
        .says_with("for '--secret <SECRET>'");
    ran.never_shows("it is no secret");
    // An argument that was not given, and one that isn't there.
    let line = ["not so", "--argument", "hint"];
    fail(&line).says_with("error: invalid value for '--hint <HINT>': not so\n");
    fail(&["not so", "--argument", "other"]).says_with("error: not so\n");
    let line = ["not so", "--argument", "message", "--hint", "say it"];
    fail(&line).says_with("for '<MESSAGE>': not so\n\n  tip: say it\n");
    // A plugin that sets its own code has a failure of its own.
    let ran = world.tw([
        "probe", "say", "fail", "--kind", "usage", "no", "--code", "7",
    ]);
    ran.exits(7).says("\n ERROR: no\n\n");
}
