//! The person stops the run: what a plugin is told, what it can still say, and how it ends.

use std::{io::Write, net::TcpListener, process::Stdio, time::Duration};

use serde_json::json;
use tw_sandbox::{Fault, Sandbox};
use tw_tests::{Ran, World, interrupt};
use wait_timeout::ChildExt;

use crate::{LIMIT, Probe, batch::outcomes, probe, probe_with};

/// A sandbox that tells when the plugin waits, and lets it wait.
fn slow() -> World {
    let never = |path: &str| Fault::on("GET", path).json("{}").delay(LIMIT * 10);
    let sandbox = Sandbox::builder().fault(Fault::on("GET", "/ready").json("{}"));
    probe_with(sandbox.fault(never("/slow")).fault(never("/user-info")))
}

/// Lets the plugin wait for this, and interrupts it then.
fn interrupted(world: &World, until: &str, arguments: &[&str]) -> Ran {
    let arguments = ["cancel", "wait"].iter().chain(arguments).copied();
    let running = world.start_until(until, arguments);
    interrupt(running.id());
    running.ends()
}

const DONE: &str = "warning: plugin `probe`: 2 of 3 are done\n";
const INTERRUPTED: &str = "warning: plugin `probe`: 2 of 3 are done\n\n ERROR: Interrupted\n\n";

#[test]
fn whatever_a_plugin_waits_for_comes_back() {
    for (what, until) in [
        (&["answer"][..], "GET /slow"),
        (&["piece"], "GET /slow"),
        (&["user"], "GET /user-info"),
        (&["workspace", "-w", "acme/research"], "GET /user-info"),
        (&["sleep"], "GET /ready"),
        (&["interruption"], "GET /ready"),
    ] {
        interrupted(&slow(), until, what)
            .exits(130)
            .prints("")
            .says(INTERRUPTED);
    }
}

#[test]
fn a_plugin_can_report_what_it_did_as_its_result() {
    let ran = interrupted(&slow(), "GET /slow", &["answer", "--result"]);
    let got = ran.json();
    assert_eq!(got["cancelled"], true);
    assert_eq!(got["error"]["kind"], "cancelled");
    ran.says(DONE).exits(130);
}

#[test]
fn every_other_service_is_closed_to_it_then() {
    let world = slow();
    let got = interrupted(&world, "GET /ready", &["sleep", "--result"]).json();
    let services = [
        "http",
        "batch",
        "auth",
        "workspace",
        "config",
        "input",
        "prompt",
        "clock",
    ];
    for service in services {
        assert_eq!(got["services"][service], json!("cancelled"), "{service}");
    }
    assert_eq!(world.sandbox.hits("GET", "/late"), 0);
}

#[test]
fn an_exit_code_of_its_own_is_no_way_around_130() {
    interrupted(&slow(), "GET /slow", &["answer", "--code", "7"])
        .exits(130)
        .says(INTERRUPTED);
}

#[test]
fn a_plugin_that_waits_for_input_can_report_too() {
    let world = slow();
    let (input, mut typed) = std::io::pipe().expect("a pipe can be made");
    let mut tw = world.probe(["cancel", "wait", "input"]);
    let command = tw.command().stdin(input).stdout(Stdio::null());
    let mut child = command
        .stderr(Stdio::piped())
        .spawn()
        .expect("tw can be started");
    drop(tw);
    // More than a pipe holds: once it is written, the plugin has begun to read, and there is no end yet.
    let written = typed.write_all(&[b'x'; 4 << 20]);
    written.expect("the plugin reads");
    interrupt(child.id());
    let status = child
        .wait_timeout(LIMIT)
        .expect("a child can be waited for");
    if status.is_none() {
        child.kill().expect("a child can be killed");
    }
    assert_eq!(status.and_then(|status| status.code()), Some(130));
    let said = std::io::read_to_string(child.stderr.expect("standard error is a pipe"));
    assert_eq!(said.expect("tw prints UTF-8"), INTERRUPTED);
}

#[test]
fn a_plugin_that_goes_on_is_ended() {
    let world = slow();
    let running = world.start_until("GET /ready", ["cancel", "ignore"]);
    interrupt(running.id());
    running.ends().exits(130).prints("");
}

#[test]
fn a_second_time_ends_it_at_once() {
    let world = slow();
    let running = world.start_until("GET /ready", ["cancel", "ignore"]);
    interrupt(running.id());
    interrupt(running.id());
    running.ends().exits(130).prints("");
}

#[test]
fn what_had_no_connection_yet_was_not_sent() {
    // It takes connections, and doesn't say a word of TLS.
    let mute = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let url = format!("https://{}", mute.local_addr().expect("it has an address"));
    let world = probe();
    let begun = |line: &[&str]| {
        let tw = world.probe(line.iter().copied());
        let running = tw.env("TOWER_API_ENDPOINT", &url).start();
        let (connection, _) = mute.accept().expect("it connects");
        // Until it waits for an answer.
        std::thread::sleep(Duration::from_millis(300));
        interrupt(running.id());
        let ran = running.ends().exits(130);
        drop(connection);
        ran
    };
    begun(&["http", "send", "post", "/pets"]).never_shows("was sent");
    let got = begun(&["batch", "send", "POST /pets {}", "POST /pets {}"]).json();
    assert_eq!(outcomes(&got), ["not_sent", "not_sent"]);
}
