//! `--quiet`, and the log file.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;

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
