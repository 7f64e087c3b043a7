//! Interrupts: which calls return, what an interrupted plugin can still report, and how its run ends.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    process::{Child, ExitStatus, Stdio},
    time::Duration,
};

use serde_json::json;
use tw_sandbox::{Fault, Sandbox};
use tw_tests::{Ran, World, interrupt};
use wait_timeout::ChildExt;

use crate::{LIMIT, Probe, batch::list_outcomes, set_up, set_up_with};

/// Starts a sandbox that answers `/ready`, and never answers `/slow` and `/user-info`.
fn set_up_slow() -> World {
    let never = |path: &str| Fault::on("GET", path).json("{}").delay(LIMIT * 10);
    let sandbox = Sandbox::builder().fault(Fault::on("GET", "/ready").json("{}"));
    set_up_with(sandbox.fault(never("/slow")).fault(never("/user-info")))
}

/// Runs `cancel wait …`, and interrupts it when the server has received the request `until`.
fn interrupt_wait(world: &World, until: &str, arguments: &[&str]) -> Ran {
    let arguments = ["cancel", "wait"].iter().chain(arguments).copied();
    let running = world.start_until(until, arguments);
    interrupt(running.id());
    running.ends()
}

const DONE: &str = "warning: plugin `probe`: 2 of 3 are done\n";
const INTERRUPTED: &str = "warning: plugin `probe`: 2 of 3 are done\n\n ERROR: Interrupted\n\n";
const IGNORED: &str = "warning: plugin `probe`: it ignores the interrupt\n";

#[test]
fn every_blocking_call_returns_when_the_run_is_interrupted() {
    for (what, until) in [
        (&["answer"][..], "GET /slow"),
        (&["piece"], "GET /slow"),
        (&["user"], "GET /user-info"),
        (&["workspace", "-w", "acme/research"], "GET /user-info"),
        (&["sleep"], "GET /ready"),
        (&["interruption"], "GET /ready"),
    ] {
        interrupt_wait(&set_up_slow(), until, what)
            .exits(130)
            .prints("")
            .says(INTERRUPTED);
    }
}

#[test]
fn an_interrupted_plugin_can_return_a_result() {
    let ran = interrupt_wait(&set_up_slow(), "GET /slow", &["answer", "--result"]);
    let got = ran.json();
    assert_eq!(got["cancelled"], true);
    assert_eq!(got["error"]["kind"], "cancelled");
    ran.says(DONE).exits(130);
}

#[test]
fn every_other_service_refuses_calls_after_an_interrupt() {
    let world = set_up_slow();
    let got = interrupt_wait(&world, "GET /ready", &["sleep", "--result"]).json();
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
fn an_interrupted_run_exits_130_whatever_code_the_plugin_sets() {
    interrupt_wait(&set_up_slow(), "GET /slow", &["answer", "--code", "7"])
        .exits(130)
        .says(INTERRUPTED);
}

#[test]
fn a_plugin_that_reads_standard_input_can_report_after_an_interrupt() {
    let world = set_up_slow();
    let (input, mut typed) = std::io::pipe().expect("a pipe can be made");
    let mut tw = world.probe(["cancel", "wait", "input"]);
    let command = tw.command().stdin(input).stdout(Stdio::null());
    let mut child = command
        .stderr(Stdio::piped())
        .spawn()
        .expect("tw can be started");
    // With the reading end open in this process, the write below would hang instead of fail if tw ended early.
    drop(tw);
    // The pipe holds less than this, so the plugin is reading once everything is written. The plugin reads on, because the pipe stays open.
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
fn the_host_ends_a_plugin_that_ignores_an_interrupt() {
    let world = set_up_slow();
    let running = world.start_until("GET /ready", ["cancel", "ignore"]);
    interrupt(running.id());
    running.ends().exits(130).prints("").says(IGNORED);
}

/// Starts a plugin that ignores interrupts, interrupts it, and waits until the plugin has noticed: from then on its grace period runs.
fn start_ignoring(world: &World) -> Child {
    let mut tw = world.probe(["cancel", "ignore"]);
    let command = tw.command().stdin(Stdio::null()).stdout(Stdio::null());
    let mut child = command
        .stderr(Stdio::piped())
        .spawn()
        .expect("tw can be started");
    assert!(world.sandbox.wait_for_hits("GET", "/ready", 1, LIMIT));
    interrupt(child.id());
    let mut line = String::new();
    let stderr = child.stderr.as_mut().expect("standard error is a pipe");
    let read = BufReader::new(stderr).read_line(&mut line);
    read.expect("tw prints UTF-8");
    assert_eq!(line, IGNORED);
    child
}

/// Interrupts the process until it ends. One interrupt may not be enough: the host counts signals within 50 ms as one key press.
fn interrupt_until_it_ends(child: &mut Child) -> ExitStatus {
    let between = Duration::from_millis(20);
    for _ in 0..LIMIT.as_millis() / between.as_millis() {
        interrupt(child.id());
        if let Some(status) = child
            .wait_timeout(between)
            .expect("a child can be waited for")
        {
            return status;
        }
    }
    panic!("it did not end within {LIMIT:?}");
}

#[test]
fn a_second_interrupt_ends_a_run_before_its_grace_period_is_over() {
    // Both runs are in their grace period, and the period of the first run ends first. If the second run ends while the first run still waits,
    // the second interrupt ended the second run. On a busy machine, both grace periods can pass between two steps of the test, so the test tries
    // several times.
    let ends_early = || {
        let (world, other) = (set_up_slow(), set_up_slow());
        let mut waits = start_ignoring(&world);
        let mut ends = start_ignoring(&other);
        let status = interrupt_until_it_ends(&mut ends);
        assert_eq!(status.code(), Some(130));
        let ended = waits.try_wait().expect("a child can be waited for");
        waits.kill().expect("a child can be killed");
        waits.wait().expect("a child can be waited for");
        ended.is_none()
    };
    assert!(
        (0..5).any(|_| ends_early()),
        "only the end of the grace period ends a run that was interrupted twice"
    );
}

#[test]
fn a_request_interrupted_during_the_tls_handshake_was_not_sent() {
    // The listener accepts connections, and never answers a TLS handshake.
    let mute = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = mute.local_addr().expect("the listener has an address");
    let url = format!("https://{address}");
    let world = set_up();
    let interrupt_handshake = |line: &[&str]| {
        let tw = world.probe(line.iter().copied());
        let running = tw.env("TOWER_API_ENDPOINT", &url).start();
        let (mut connection, _) = mute.accept().expect("tw connects");
        // The first byte belongs to the client's hello: from here on, tw waits for the answer to it.
        let begun = connection.read_exact(&mut [0]);
        begun.expect("tw begins the handshake");
        interrupt(running.id());
        let ran = running.ends().exits(130);
        drop(connection);
        ran
    };
    interrupt_handshake(&["http", "send", "post", "/pets"])
        .says("\n ERROR: Interrupted\n\n")
        .never_shows("was sent");
    let got = interrupt_handshake(&["batch", "send", "POST /pets {}", "POST /pets {}"]).json();
    assert_eq!(list_outcomes(&got), ["not_sent", "not_sent"]);
}
