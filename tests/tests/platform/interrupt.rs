//! Ctrl-C during a command, and what a killed process leaves behind.
#![cfg(unix)]

use std::{
    io::Read,
    os::unix::process::ExitStatusExt,
    process::{Child, ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::{Running, Tw, World};
use wait_timeout::ChildExt;

use crate::{file::write, list_stored};

/// The delay of a response that never comes: one hour, which no test waits.
const FOREVER: Duration = Duration::from_secs(3600);

/// The time limit of every wait.
const LIMIT: Duration = Duration::from_secs(60);

/// Starts a world whose server never answers this request.
fn start_with_stuck(method: &str, path: &str) -> World {
    let fault = Fault::on(method, path).delay(FOREVER);
    World::with(
        Sandbox::builder()
            .secret(Secret::new("KEY", "first"))
            .fault(fault),
    )
}

/// Starts the command line and waits until the server has its request.
fn start_until_request(world: &World, line: &[&str], method: &str, path: &str) -> Running {
    let running = world.command(line.iter().copied()).start();
    wait_for_requests(world, method, path, 1);
    running
}

fn wait_for_requests(world: &World, method: &str, path: &str, count: usize) {
    let came = world.sandbox.wait_for_hits(method, path, count, LIMIT);
    assert!(came, "the server never saw {count} {method} {path}");
}

fn send(process: u32, signal: Signal) {
    let process = i32::try_from(process)
        .ok()
        .and_then(Pid::from_raw)
        .expect("a child has a process ID");
    kill_process(process, signal).expect("a child can be sent a signal");
}

#[test]
fn a_signal_ends_a_command_that_waits_for_the_server() {
    for (signal, line, method, path) in waits() {
        let world = start_with_stuck(method, path);
        let running = start_until_request(&world, line, method, path);
        send(running.id(), signal);
        // The server may have carried out a change that was sent.
        let message = match method {
            "POST" => {
                "POST /pipeline-secrets was sent, and its outcome is unknown: it was interrupted"
            }
            _ => "Interrupted",
        };
        let error = format!("\n ERROR: {message}\n\n");
        running.ends().exits(130).prints("").says(&error);
    }
}

/// Returns each signal with each command line that waits, and the request that the command waits for.
fn waits() -> impl Iterator<Item = (Signal, &'static [&'static str], &'static str, &'static str)> {
    let waits = [
        (&["secrets", "list"][..], "GET", "/pipeline-secrets"),
        (&["secrets", "list", "-w", "100"], "GET", "/user-info"),
        (
            &["secrets", "add", "-n", "NEW", "-v", "x"],
            "POST",
            "/pipeline-secrets",
        ),
        (&["workspaces", "list"], "GET", "/user/1/workspaces"),
        (&["whoami"], "GET", "/user-info"),
        (&["info"], "GET", "/user-info"),
        (&["doctor"], "GET", "/service-info"),
        (&["token", "status"], "GET", "/user-info"),
        (
            &["login", "--store", "file", "-t", "x"],
            "GET",
            "/user-info",
        ),
    ];
    let signals = [Signal::INT, Signal::TERM, Signal::HUP];
    signals
        .into_iter()
        .flat_map(move |signal| waits.map(|(line, method, path)| (signal, line, method, path)))
}

/// Starts an import whose report nobody reads, and waits until the server has its first request.
///
/// The report has about 75 KB because the names are long, and a pipe holds 64 KB. An interrupted import can't end by itself, because it is blocked
/// while it writes its report.
fn start_with_unread_report(world: &World) -> Child {
    let name = "A".repeat(90);
    let file: String = (0..600).map(|at| format!("{name}{at}=x\n")).collect();
    write(world, "secrets.env", file);
    let mut tw = world.command(["secrets", "import", "secrets.env"]);
    let command = tw.command().stdin(Stdio::null()).stdout(Stdio::piped());
    let spawned = command.stderr(Stdio::null()).spawn();
    wait_for_requests(world, "POST", "/pipeline-secrets", 1);
    spawned.expect("tw can be started")
}

/// Interrupts a command and waits for the first byte of its report, which proves that it has handled the signal.
fn interrupt_until_report(child: &mut Child) {
    send(child.id(), Signal::INT);
    let stdout = child.stdout.as_mut().expect("standard output is a pipe");
    let first = stdout.read_exact(&mut [0]);
    first.expect("an interrupted import reports what it did");
}

/// Sends the signal of Ctrl-C until the process ends: the host counts all signals within 50 ms as one key press.
fn interrupt_until_end(child: &mut Child) -> ExitStatus {
    let pause = Duration::from_millis(10);
    for _ in 0..LIMIT.as_millis() / pause.as_millis() {
        send(child.id(), Signal::INT);
        let ended = child.wait_timeout(pause);
        if let Some(status) = ended.expect("a child can be waited for") {
            return status;
        }
    }
    child.kill().expect("a child can be killed");
    panic!("the process did not end within {LIMIT:?}");
}

#[test]
fn a_second_control_c_ends_a_command_before_its_grace_is_over() {
    let worlds = [(); 2].map(|()| start_with_stuck("POST", "/pipeline-secrets"));
    let [mut once, mut twice] = worlds.each_ref().map(start_with_unread_report);
    // The first Ctrl-C gives a command two seconds of grace. The grace of `once` begins before that of `twice`.
    interrupt_until_report(&mut once);
    assert_eq!(interrupt_until_end(&mut twice).code(), Some(130));
    let ended = once.try_wait().expect("a child can be waited for");
    assert_eq!(ended, None, "the end of the grace ended both commands");
    assert_eq!(interrupt_until_end(&mut once).code(), Some(130));
}

#[test]
fn an_interrupted_import_reports_the_outcome_of_every_secret() {
    let stuck = Fault::on("POST", "/pipeline-secrets")
        .after(3)
        .delay(FOREVER);
    let world = World::with(Sandbox::builder().fault(stuck));
    let file: String = (0..20).map(|at| format!("NAME_{at}=x\n")).collect();
    write(&world, "secrets.env", file);
    let line = world.command(["secrets", "import", "secrets.env", "-o", "json"]);
    let running = line.start();
    // Three requests are answered. Eight more wait for their answers, because an import sends at most eight at once.
    wait_for_requests(&world, "POST", "/pipeline-secrets", 11);
    send(running.id(), Signal::INT);
    let ran = running.ends().exits(130).says(
        "\n ERROR: Interrupted: 3 of 20 secrets are done; 0 failed, 8 unknown, 9 not sent\n\n",
    );
    let value = ran.json();
    let count = |outcome: &str| {
        let steps = value["secrets"].as_array().into_iter().flatten();
        steps.filter(|step| step["outcome"] == outcome).count()
    };
    assert_eq!(["done", "unknown", "not sent"].map(count), [3, 8, 9]);
    assert_eq!(world.sandbox.secrets(None).len(), 3);
    // The import sent no request after the interruption.
    assert_eq!(world.sandbox.hits("POST", "/pipeline-secrets"), 11);
    world.sandbox.clear_faults();
    world.tw(["secrets", "import", "secrets.env"]).exits(0);
    assert_eq!(world.sandbox.secrets(None).len(), 20);
}

#[test]
fn an_interrupted_delete_sends_no_further_request() {
    let (method, path) = ("DELETE", "/pipeline-secrets/1001");
    for (line, method, path, requests) in [
        (
            &["secrets", "delete", "-n", "KEY"][..],
            "GET",
            "/pipeline-secrets",
            &["GET /pipeline-secrets"][..],
        ),
        (
            &["secrets", "delete", "--names", "KEY,OTHER"],
            method,
            path,
            &["GET /pipeline-secrets", "DELETE /pipeline-secrets/1001"],
        ),
    ] {
        let other = Secret::new("OTHER", "second");
        let stuck = Fault::on(method, path).delay(FOREVER);
        let secrets = Sandbox::builder().secret(Secret::new("KEY", "first"));
        let world = World::with(secrets.secret(other).fault(stuck));
        let running = start_until_request(&world, line, method, path);
        send(running.id(), Signal::INT);
        running.ends().exits(130).prints("");
        world.saw(requests.iter().copied());
        assert_eq!(list_stored(&world), ["1001 KEY=first", "1002 OTHER=second"]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_process_leaves_no_core_with_the_token() {
    use std::os::unix::fs::MetadataExt;
    let world = start_with_stuck("GET", "/pipeline-secrets");
    let home = world.installation.home();
    let shell = Tw::new("/bin/sh".as_ref(), &home)
        .args([
            "-c",
            "ulimit -c unlimited; exec \"$0\" --insecure secrets list",
        ])
        .args([world.installation.tw()])
        .env("TOWER_API_ENDPOINT", world.sandbox.url())
        .env("TOWER_ACCESS_TOKEN", world.sandbox.token());
    let running = shell.start();
    wait_for_requests(&world, "GET", "/pipeline-secrets", 1);
    // The memory file of a process that can't be dumped belongs to root, so other processes of the user can't read it.
    let process =
        std::fs::metadata(format!("/proc/{}/mem", running.id())).expect("the process runs");
    assert_eq!(process.uid(), 0);
    // SIGTRAP dumps core by default. A shell may start the tests with SIGINT and SIGQUIT ignored, but not SIGTRAP.
    send(running.id(), Signal::TRAP);
    let ran = running.ends().dies_of(Signal::TRAP.as_raw());
    assert!(!ran.status.core_dumped(), "{ran}");
    let cores = std::fs::read_dir(home)
        .expect("the home can be read")
        .filter_map(Result::ok);
    let names: Vec<_> = cores
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    assert!(
        !names.iter().any(|name| name.starts_with("core")),
        "{names:?}"
    );
}
