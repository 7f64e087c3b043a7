//! What a plugin finds out about the system: the user's workspaces, the terminal, and the plugin's own folders.

use std::os::unix::fs::PermissionsExt;

use serde_json::json;
use tw_tests::{Terminal, World};

use crate::{Probe, set_up};

#[test]
fn all_workspaces_of_the_user_are_listed_with_one_request() {
    let world = set_up();
    let got = world.probe_json(["system", "workspaces"]);
    let expected = json!([
        [null, "user"],
        [100, "[acme / research]"],
        [101, "[acme / production]"],
    ]);
    assert_eq!(got, expected);
    world.saw(["GET /user-info", "GET /user/1/workspaces"]);
}

#[test]
fn a_workspace_is_found_by_its_reference_and_by_its_number() {
    let world = set_up();
    let got = world.probe_json(["system", "workspaces", "acme/production", "100"]);
    assert_eq!(
        got,
        json!([[101, "[acme / production]"], [100, "[acme / research]"]])
    );
    world.saw(["GET /user-info", "GET /user/1/workspaces"]);
    let (kind, message) = world.probe_failure(["system", "workspaces", "acme/nowhere"]);
    assert_eq!(kind, "not_found");
    assert_eq!(
        message,
        "Workspace 'nowhere' at organization 'acme' not found"
    );
}

#[test]
fn a_plugin_has_folders_of_its_own_that_only_the_user_can_enter() {
    let world = set_up();
    let first = world.probe_json(["system", "folders"]);
    assert_eq!(world.probe_json(["system", "folders"]), first);
    let folders: Vec<&str> = first
        .as_array()
        .expect("three folders")
        .iter()
        .filter_map(|folder| folder.as_str())
        .collect();
    assert_eq!(folders.len(), 3);
    let home = world.installation.home();
    for folder in folders {
        let folder = std::path::Path::new(folder);
        assert!(folder.starts_with(&home) && folder.ends_with("plugin-data/probe"));
        let note = std::fs::read_to_string(folder.join("note"));
        assert_eq!(note.expect("a note"), "kept");
        let mode = folder.metadata().expect("a folder").permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{}", folder.display());
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let world = set_up();
    std::fs::write(world.installation.home().join(".cache"), "in the way").expect("a file");
    let (kind, message) = world.probe_failure(["system", "folders"]);
    assert_eq!(kind, "input");
    assert!(message.starts_with("The folder "), "{message}");
    assert!(
        message.contains(".cache/tw/plugin-data/probe can't be made"),
        "{message}"
    );
}

#[test]
fn a_pipe_is_no_terminal() {
    set_up()
        .tw(["probe", "system", "terminal"])
        .exits(0)
        .says("warning: plugin `probe`: terminal false width None height None colors false\n");
}

#[test]
fn a_run_on_a_terminal_knows_that_standard_output_is_a_pipe() {
    let world = set_up();
    Terminal::start(world.command(["probe", "system", "terminal"]))
        .ends()
        .exits(0)
        .showed("terminal false");
}

/// Puts a program of this name on PATH, and returns the value of PATH.
fn put_on_path(world: &World, name: &str, script: &str) -> String {
    let folder = world.installation.home().join("programs");
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a file");
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&path, executable).expect("a file");
    format!("{}:/usr/bin:/bin", folder.display())
}

/// Waits until a file has a line, and returns the file's text.
fn wait_for_file(path: &std::path::Path) -> String {
    let begin = std::time::Instant::now();
    loop {
        match std::fs::read_to_string(path) {
            Ok(text) if text.ends_with('\n') => return text,
            _ => assert!(
                begin.elapsed() < crate::LIMIT,
                "{} is missing",
                path.display()
            ),
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

#[test]
fn a_page_is_shown_in_the_browser_without_the_token() {
    let world = set_up();
    let seen = world.installation.home().join("seen");
    let script = format!(
        "env > {0}.new; echo \"$@\" >> {0}.new; mv {0}.new {0}",
        seen.display()
    );
    let path = put_on_path(&world, "xdg-open", &script);
    let url = "https://cloud.example/orgs?a=1&b=$(reboot)";
    let open = |url: &str| world.probe(["system", "open", url]).env("PATH", &path);
    open(url).run().exits(0).says("");
    let text = wait_for_file(&seen);
    assert!(text.ends_with(&format!("{url}\n")), "{text}");
    assert!(!text.contains(world.sandbox.token()), "{text}");
    for wrong in [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "mailto:a@b",
        "",
    ] {
        let ran = open(wrong).run().exits(1);
        ran.says_with(&format!("`{wrong}` is not the address of a web page"));
    }
    let nothing = world
        .probe(["system", "open", url])
        .env("PATH", "/nowhere")
        .env("BROWSER", "/nowhere");
    nothing
        .run()
        .exits(1)
        .says_with("No browser can be started to show https://cloud.example/orgs");
}

#[test]
fn a_program_runs_with_the_real_standard_streams_and_without_the_token() {
    let world = set_up();
    let script = "cat; echo to-stdout; echo to-stderr >&2; env";
    let line = [
        "system",
        "run",
        "--say",
        "--variable",
        "x y",
        "sh",
        "-c",
        script,
    ];
    let ran = world.probe(line).input("from-stdin\n").run().exits(0);
    assert!(ran.stdout.starts_with("from-stdin\nto-stdout\n"), "{ran}");
    assert!(ran.stdout.contains("PROBE_VARIABLE=x y\n"), "{ran}");
    let ran = ran.never_shows(world.sandbox.token());
    ran.says("to-stderr\nwarning: plugin `probe`: it ended with Some(0)\n");
}

#[test]
fn the_output_of_a_program_stands_where_it_was_written() {
    let line = ["system", "run", "--write", "echo", "between"];
    let ran = set_up().probe(line).run().exits(0);
    ran.prints("before\nbetween\nafter\n");
}

#[test]
fn a_program_has_a_terminal_if_tw_has_one() {
    let world = set_up();
    let script = "test -t 0 && test -t 1 && test -t 2 && echo all-are-terminals";
    let tw = world.command(["probe", "system", "run", "--say", "sh", "-c", script]);
    Terminal::start_all(tw)
        .ends()
        .exits(0)
        .showed("all-are-terminals");
}

#[test]
fn the_exit_code_and_the_folder_of_a_program_are_its_own() {
    let world = set_up();
    let run = |program: &[&str]| {
        let line = ["system", "run", "--say", "--folder", "/"]
            .iter()
            .chain(program);
        world.probe(line.copied()).run().exits(0)
    };
    run(&["pwd"]).prints("/\n");
    run(&["sh", "-c", "exit 7"]).says_with("it ended with Some(7)");
    run(&["sh", "-c", "kill -9 $$"]).says_with("it ended with None");
    let line = ["system", "run", "--report", "--folder", "/gone", "pwd"];
    let failure = world.probe(line).run().exits(0).json();
    assert_eq!(failure["message"], "There is no folder /gone");
    let line = ["system", "run", "--report", "no-such\u{1b}program"];
    let failure = world.probe(line).run().exits(0).json();
    assert_eq!(failure["kind"], "not_found");
    let message = failure["message"].as_str().expect("a message");
    let expected = "The program `no-such␛program` can't be started";
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn ctrl_c_goes_to_the_program_in_the_foreground() {
    let world = set_up();
    let start = |script: &str| {
        let tw = world.command(["probe", "system", "run", "--say", "sh", "-c", script]);
        Terminal::start_all(tw).until("ready")
    };
    // A program that handles Ctrl-C goes on, also after several.
    let handles = "n=0; trap 'n=$((n+1)); echo caught $n' INT; echo ready; while test $n -lt 2; do sleep 0.1; done; exit 0";
    let left = start(handles).interrupts().until("caught 1");
    let left = left.interrupts().until("caught 2").ends();
    left.exits(0).showed("it ended with Some(0)");
    // A program that ends by Ctrl-C, or as shells report that, cancels the run.
    let reports = "trap 'exit 130' INT; echo ready; while true; do sleep 0.1; done";
    start(reports).interrupts().ends().exits(130);
    let left = start("echo ready; exec sleep 60")
        .interrupts()
        .ends()
        .exits(130);
    left.showed("Interrupted").works_as_before();
}

#[test]
fn times_are_read_and_described() {
    let world = set_up();
    let describe = |text: &str| world.probe_json(["system", "time", text]);
    let expected = json!([
        1_664_973_741_000_i64,
        "2022-10-05T12:42:21.000Z",
        "Wed, 5 Oct 2022 12:42:21 GMT"
    ]);
    for text in [
        "2022-10-05T12:42:21Z",
        "2022-10-05T14:42:21+02:00",
        "@1664973741000",
    ] {
        let got = describe(text);
        assert_eq!(
            got.as_array().map(|parts| &parts[..3]),
            expected.as_array().map(|parts| &parts[..3])
        );
        assert!(
            got[3]
                .as_str()
                .is_some_and(|text| text.ends_with(" years ago")),
            "{got}"
        );
    }
    assert_eq!(describe("2022-10-05")[1], "2022-10-05T00:00:00.000Z");
    assert_eq!(describe("3d")[3], "3 days ago");
    assert_eq!(describe("90m")[3], "1 hour ago");
    let (kind, message) = world.probe_failure(["system", "time", "a while"]);
    assert_eq!(kind, "input");
    assert!(
        message.starts_with("`a while` is not a time such as"),
        "{message}"
    );
    let now = describe("0s")[3].clone();
    assert!(now == "now" || now == "1 second ago", "{now}");
    let (kind, _) = world.probe_failure(["system", "time", "@9223372036854775807"]);
    assert_eq!(kind, "bad_request");
}
