//! Values that a plugin completes while a user types.

use serde_json::json;
use tw_sandbox::{Fault, Sandbox, User, Workspace};
use tw_tests::{Tw, World};

use crate::{Probe, set_up, set_up_with};

const OTHER_TOKEN: &str = "the-token-of-another-user";

/// Prepares what fish runs to complete the last word of a command line.
fn ask(world: &World, words: &[&str]) -> Tw {
    let line = ["__complete", "fish", "--", "tw", "--insecure"];
    let tw = world
        .installation
        .command(line.iter().chain(words).copied());
    tw.env("TOWER_API_ENDPOINT", world.sandbox.url())
        .env("TOWER_ACCESS_TOKEN", world.sandbox.token())
}

/// Completes the last word of a command line, and returns what the user is offered.
fn complete(world: &World, words: &[&str]) -> Vec<String> {
    ask(world, words).run().offered()
}

fn values<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let line = ["probe", "completing", "values"];
    line.iter().chain(words).copied().collect()
}

fn serve_pets(pets: &[&str]) -> World {
    let fault = Fault::on("GET", "/pets").status(200);
    let sandbox = Sandbox::builder().user(User::new(9, "other"));
    set_up_with(
        sandbox
            .token_for(OTHER_TOKEN, 9)
            .fault(fault.body("application/json", json!(pets).to_string())),
    )
}

#[test]
fn a_plugin_completes_values_from_the_api() {
    let world = serve_pets(&["rex", "rosa", "tom"]);
    assert_eq!(complete(&world, &values(&["--pet", "r"])), ["rex", "rosa"]);
    assert_eq!(complete(&world, &values(&["--pet", "t"])), ["tom"]);
    assert_eq!(
        complete(&world, &values(&["--pet=r"])),
        ["--pet=rex", "--pet=rosa"]
    );
    assert_eq!(
        complete(&world, &values(&["--pets", "tom,r"])),
        ["tom,rex", "tom,rosa"]
    );
}

#[test]
fn a_shared_argument_is_completed() {
    let world = set_up();
    assert_eq!(complete(&world, &values(&["--number", "1"])), ["11", "12"]);
}

#[test]
fn the_plugin_gets_the_word_and_the_workspace_and_the_shell_the_help() {
    let world = serve_pets(&["rex"]);
    let words = values(&["--secret", "hunter2", "-w", "acme/research", "--pet", "r"]);
    let ran = ask(&world, &words).run();
    let expected = "values\nrex\ttyped \"r\" at [acme / research]\n";
    ran.exits(0).says("").prints(expected);
}

#[test]
fn candidates_are_remembered_for_the_account_and_the_command_line() {
    let world = serve_pets(&["rex"]);
    let hits = || world.sandbox.hits("GET", "/pets");
    for expected in [1, 1] {
        assert_eq!(complete(&world, &values(&["--pet", "r"])), ["rex"]);
        assert_eq!(hits(), expected);
    }
    let remembered = world.installation.home().join(".cache/tw/completion");
    let files = || {
        let entries = std::fs::read_dir(&remembered).expect("a folder").flatten();
        let is_lock = |name: &std::ffi::OsStr| name.as_encoded_bytes().starts_with(b"turn-");
        entries.filter(move |entry| !is_lock(&entry.file_name()))
    };
    let token = world.sandbox.token().as_bytes().to_vec();
    for file in files() {
        let content = std::fs::read(file.path()).expect("a file");
        assert!(!content.windows(token.len()).any(|part| part == token));
    }
    // Another command line, and another account.
    complete(&world, &values(&["--way", "x", "--pet", "r"]));
    assert_eq!(hits(), 2);
    let words = values(&["--pet", "r"]);
    let other = ask(&world, &words).env("TOWER_ACCESS_TOKEN", OTHER_TOKEN);
    assert_eq!(other.run().offered(), ["rex"]);
    assert_eq!(hits(), 3);
    // What is old counts for nothing.
    for file in files() {
        let file = std::fs::File::options().write(true).open(file.path());
        let then = std::time::SystemTime::now() - std::time::Duration::from_secs(60);
        file.and_then(|file| file.set_modified(then))
            .expect("a file");
    }
    assert_eq!(complete(&world, &values(&["--pet", "r"])), ["rex"]);
    assert_eq!(hits(), 4);
    assert_eq!(files().count(), 1, "old files are removed");
}

#[test]
fn values_that_a_terminal_cannot_show_are_not_offered() {
    let offered = complete(&set_up(), &values(&[""]));
    assert_eq!(
        offered,
        ["plain", "$(reboot)", "two words", "a;b", "`id`", "päckchen"]
    );
}

#[test]
fn a_completion_that_goes_wrong_offers_nothing_and_says_nothing() {
    for way in ["panic", "abort", "exit", "hang", "fail", "ask"] {
        let offered = complete(&set_up(), &values(&["--way", way, "p"]));
        assert_eq!(offered, [""; 0], "{way}");
    }
    let offered = complete(&set_up(), &values(&["--way", "print", "p"]));
    assert_eq!(offered, ["plain", "päckchen"]);
}

#[test]
fn no_network_and_no_token_complete_nothing() {
    let world = serve_pets(&["rex"]);
    let words = values(&["--pet", "r"]);
    let without_token = ask(&world, &words).without_env("TOWER_ACCESS_TOKEN");
    assert_eq!(without_token.run().offered(), [""; 0]);
    let url = crate::pick_unused_url();
    let without_server = ask(&world, &words).env("TOWER_API_ENDPOINT", &url);
    assert_eq!(without_server.run().offered(), [""; 0]);
}

#[test]
fn workspaces_complete_by_themselves() {
    let sandbox = Sandbox::builder().workspace(Workspace::new(77, 10, "review"));
    let world = set_up_with(sandbox);
    let expected = ["acme/research", "acme/review"];
    assert_eq!(complete(&world, &values(&["-w", "acme/re"])), expected);
}

#[test]
fn a_completed_value_is_an_ordinary_value() {
    let got = set_up().probe_json(["completing", "values", "--pet", "other", "word"]);
    assert_eq!(
        (&got["pet"], &got["word"]),
        (&json!("other"), &json!("word"))
    );
}

#[test]
fn a_slow_answer_is_there_at_a_later_tab() {
    let slow = Fault::on("GET", "/pets")
        .status(200)
        .body("application/json", "[\"rex\"]");
    let sandbox = Sandbox::builder().fault(slow.delay(std::time::Duration::from_secs(2)));
    let world = set_up_with(sandbox);
    let words = values(&["--pet", "r"]);
    assert_eq!(complete(&world, &words), [""; 0]);
    let begin = std::time::Instant::now();
    while complete(&world, &words).is_empty() {
        assert!(begin.elapsed() < crate::LIMIT, "no later Tab completes");
    }
}

#[test]
fn a_value_that_the_command_line_takes_as_an_option_is_not_offered() {
    let world = serve_pets(&["--help", "--pets", "=ls", "-rf", "rex"]);
    let offered = complete(&world, &values(&["--pet", ""]));
    assert_eq!(offered, ["=ls", "-rf", "rex"]);
    assert_eq!(complete(&world, &values(&["--pet", "-"])), ["-rf"]);
    let offered = complete(&world, &values(&["--pet=-"]));
    assert_eq!(offered, ["--pet=--help", "--pet=--pets", "--pet=-rf"]);
}

#[test]
fn a_command_forgets_the_candidates() {
    let world = serve_pets(&["rex"]);
    let hits = || world.sandbox.hits("GET", "/pets");
    for expected in [1, 2] {
        assert_eq!(complete(&world, &values(&["--pet", "r"])), ["rex"]);
        assert_eq!(hits(), expected);
        world.probe_json(["completing", "values", "--pet", "rex"]);
    }
    complete(&world, &values(&["--pet", "r"]));
    let remembered = world.installation.home().join(".cache/tw/completion");
    world.tw(["logout"]);
    let left = std::fs::read_dir(remembered).expect("a folder").flatten();
    let mut names = left.map(|entry| entry.file_name().into_string());
    assert!(names.all(|name| name.is_ok_and(|name| name.starts_with("turn-"))));
}

#[test]
fn one_process_at_a_time_asks_a_server() {
    let hanging = Fault::on("GET", "/pets").delay(std::time::Duration::from_secs(30));
    let world = set_up_with(Sandbox::builder().fault(hanging));
    for word in ["a", "b", "c", "d"] {
        assert_eq!(complete(&world, &values(&["--pet", word])), [""; 0]);
    }
    assert_eq!(world.sandbox.hits("GET", "/pets"), 1);
}

#[test]
fn no_process_shows_a_word_and_no_home_is_made() {
    let hanging = Fault::on("GET", "/pets").delay(std::time::Duration::from_secs(30));
    let world = set_up_with(Sandbox::builder().fault(hanging));
    let home = world.installation.home().join("missing");
    let line = "tw --insecure -tT0KEN probe completing values --secret S3CRET --pet r\0r\0";
    let running = world
        .installation
        .command(["__complete", "bash"])
        .env("TOWER_API_ENDPOINT", world.sandbox.url())
        .env("HOME", &home)
        .input(line)
        .start();
    let begin = std::time::Instant::now();
    let mut seen = false;
    while world.sandbox.hits("GET", "/pets") == 0 {
        assert!(begin.elapsed() < crate::LIMIT, "the server is never asked");
    }
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    for process in processes {
        let line = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).into_owned();
        seen |= line.contains("__candidates");
        assert!(
            !line.contains("S3CRET") && !line.contains("T0KEN"),
            "{line}"
        );
    }
    assert!(seen || !cfg!(target_os = "linux"));
    running.ends().prints("values\n");
    assert!(!home.exists());
}
