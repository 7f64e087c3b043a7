//! `--quiet`, the log file, and the line that says what is waited for.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;

use tw_sandbox::Fault;
use tw_tests::Terminal;

use crate::{list_stored, start_with_secret};

#[test]
fn quiet_hides_confirmations_and_shows_results_and_errors() {
    let world = start_with_secret();
    for flag in ["-q", "--quiet"] {
        let line = ["secrets", "add", "-n", "NEW", "--value-env", "HOME", flag];
        world.tw(line).exits(0).says("").prints("");
        world.tw(line).exits(1).says_with("already exists");
        world
            .tw([flag, "secrets", "delete", "-n", "NEW"])
            .exits(0)
            .says("")
            .prints("");
        let list = world.tw(["secrets", "list", flag]).exits(0);
        list.prints_with("KEY");
        let json = [
            "secrets",
            "update",
            "-n",
            "KEY",
            "--value-env",
            "HOME",
            "-o",
            "json",
            flag,
        ];
        assert_eq!(world.tw(json).exits(0).json()["secretName"], "KEY");
    }
    assert_eq!(list_stored(&world).len(), 1);
}

#[test]
fn quiet_hides_the_notes_of_built_in_commands() {
    let world = start_with_secret();
    let url = world.sandbox.url();
    let token = world.sandbox.token();
    let login = ["login", "--store", "file", "-u", url, "-t", token];
    let login = || world.command(login);
    login().run().exits(0).says_with("note: ");
    let ran = login().args(["-q"]).run().exits(0).prints("");
    assert!(!ran.stderr.contains("note: "), "{ran}");
}

#[test]
fn a_log_file_gets_what_verbose_shows_without_secrets() {
    let world = start_with_secret();
    let file = world.installation.home().join("tw.log");
    let path = file.to_str().expect("the path is UTF-8");
    let line = [
        "secrets",
        "update",
        "-n",
        "KEY",
        "-v",
        "s3cr3t value",
        "--log-file",
        path,
    ];
    let ran = world.tw(line).exits(0);
    assert!(!ran.stderr.contains("PUT"), "{ran}");
    let first = std::fs::read_to_string(&file).expect("the log is there");
    assert!(first.contains("PUT /pipeline-secrets/1001"), "{first}");
    let is_dated = |line: &str| line.starts_with("20") && line.contains("Z ");
    assert!(first.lines().all(is_dated), "{first}");
    let mode = file
        .metadata()
        .expect("the log is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    // A second run appends, and a level that is asked for adds the bodies.
    let tw = world.command(["secrets", "update", "-n", "KEY", "-v", "s3cr3t value"]);
    let tw = tw.env("TW_LOG", "trace").env("TW_LOG_FILE", path);
    tw.run().exits(0);
    let log = std::fs::read_to_string(&file).expect("the log is there");
    let second = log
        .strip_prefix(&first)
        .expect("the first run is still there");
    assert!(second.contains("[redacted]"), "{second}");
    for secret in ["s3cr3t value", world.sandbox.token()] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[test]
fn the_level_of_the_log_can_come_from_the_environment() {
    let world = start_with_secret();
    let list = || world.command(["secrets", "list"]);
    let shown = list().env("TW_LOG", "debug").run().exits(0);
    shown.says_with("GET /pipeline-secrets");
    list().env("TW_LOG", "OFF").run().exits(0).says("");
    list().env("TW_LOG", "").run().exits(0).says("");
    let wrong = list().env("TW_LOG", "loud").run();
    wrong.rejects("Invalid value 'loud' for TW_LOG: expected debug, trace or off");
}

#[test]
fn a_terminal_says_what_is_waited_for_until_the_answer_is_there() {
    let world = start_with_secret();
    let server = Fault::on("GET", "/pipeline-secrets").delay(std::time::Duration::from_secs(2));
    world.sandbox.fault(server.times(1));
    let tw = world.command(["secrets", "list"]);
    let left = Terminal::start_all_at(tw, 100, 40).until("Waiting for 127.0.0.1");
    let left = left.until("KEY").ends().exits(0).works_as_before();
    // The line is removed before the result.
    let (_, after) = left
        .screen
        .rsplit_once("Waiting for")
        .expect("it was shown");
    let (between, _) = after.split_once("Secrets at").expect("the result is shown");
    assert!(between.contains("\u{1b}[2K"), "{between:?}");
}

#[test]
fn a_terminal_says_when_a_call_is_repeated() {
    let world = start_with_secret();
    let full = Fault::on("GET", "/pipeline-secrets")
        .status(429)
        .header("Retry-After", "2");
    world.sandbox.fault(full.times(1));
    let tw = world.command(["secrets", "list"]);
    let running = Terminal::start_all_at(tw, 100, 40).until("429, again in ");
    running.until("KEY").ends().exits(0);
}

#[test]
fn nothing_is_said_about_waiting_in_a_pipe_or_under_quiet() {
    let world = start_with_secret();
    let slow = || {
        let fault = Fault::on("GET", "/pipeline-secrets");
        world
            .sandbox
            .fault(fault.delay(std::time::Duration::from_secs(1)).times(1));
    };
    slow();
    world.tw(["secrets", "list"]).exits(0).says("");
    slow();
    let quiet = Terminal::start_all_at(world.command(["secrets", "list", "-q"]), 100, 40);
    quiet.ends().exits(0).never_showed("Waiting");
    slow();
    let dumb = world.command(["api", "/pipeline-secrets"]);
    Terminal::start(dumb).ends().exits(0);
}
