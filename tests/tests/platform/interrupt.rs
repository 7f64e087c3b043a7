//! A person who has waited long enough, and what the process leaves behind when it is killed.
#![cfg(unix)]

use std::{os::unix::process::ExitStatusExt, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use tw_sandbox::{Fault, Sandbox, Secret};
use tw_tests::{Running, Tw, World};

use crate::{file::write, stored};

/// Nobody waits that long: a test in which the delay passes has failed.
const FOR_EVER: Duration = Duration::from_secs(3600);

/// A world in which such a request is never answered.
fn stuck(method: &str, path: &str) -> World {
    let fault = Fault::on(method, path).delay(FOR_EVER);
    World::with(
        Sandbox::builder()
            .secret(Secret::new("KEY", "first"))
            .fault(fault),
    )
}

/// The line, when its request has come.
fn waiting(world: &World, line: &[&str], method: &str, path: &str) -> Running {
    until_asked(
        world,
        world.command(line.iter().copied()).start(),
        method,
        path,
    )
}

fn until_asked(world: &World, running: Running, method: &str, path: &str) -> Running {
    assert!(
        world
            .sandbox
            .wait_for_hits(method, path, 1, Duration::from_secs(60)),
        "the request does not come"
    );
    running
}

fn send(running: &Running, signal: Signal) {
    let pid = i32::try_from(running.id())
        .ok()
        .and_then(Pid::from_raw)
        .expect("a process has a number");
    kill_process(pid, signal).expect("a child can be sent a signal");
}

#[test]
fn control_c_ends_a_command_that_waits() {
    for (line, method, path) in [
        (&["secrets", "list"][..], "GET", "/pipeline-secrets"),
        (&["secrets", "list", "-w", "100"], "GET", "/user-info"),
        (
            &["secrets", "add", "-n", "NEW", "-v", "x"],
            "POST",
            "/pipeline-secrets",
        ),
        (&["workspaces", "list"], "GET", "/user/1/workspaces"),
    ] {
        let world = stuck(method, path);
        let running = waiting(&world, line, method, path);
        send(&running, Signal::INT);
        // A change that had left may have been carried out, and is not passed over in silence.
        let told = match method {
            "POST" => {
                "POST /pipeline-secrets was sent, and its outcome is unknown: it was interrupted"
            }
            _ => "Interrupted",
        };
        let told = format!("\n ERROR: {told}\n\n");
        running.ends().exits(130).prints("").says(&told);
    }
}

#[test]
fn a_second_control_c_ends_it_too() {
    let world = stuck("GET", "/pipeline-secrets");
    let running = waiting(&world, &["secrets", "list"], "GET", "/pipeline-secrets");
    send(&running, Signal::INT);
    send(&running, Signal::INT);
    running.ends().exits(130).prints("");
}

#[test]
fn an_import_that_is_interrupted_tells_what_was_done() {
    let stuck = Fault::on("POST", "/pipeline-secrets")
        .after(3)
        .delay(FOR_EVER);
    let world = World::with(Sandbox::builder().fault(stuck));
    let file: String = (0..20).map(|at| format!("NAME_{at}=x\n")).collect();
    write(&world, "secrets.env", file);
    let line = world.command(["secrets", "import", "secrets.env", "-o", "json"]);
    let running = line.start();
    // Three are done, and then all eight that are under way at once wait.
    let limit = Duration::from_secs(60);
    assert!(
        world
            .sandbox
            .wait_for_hits("POST", "/pipeline-secrets", 11, limit)
    );
    send(&running, Signal::INT);
    let ran = running.ends().exits(130).says(
        "\n ERROR: Interrupted: 3 of 20 secrets are done; 0 failed, 8 unknown, 9 not sent\n\n",
    );
    let value = ran.json();
    let outcomes = |name: &str| {
        let steps = value["secrets"].as_array().into_iter().flatten();
        steps.filter(|step| step["outcome"] == name).count()
    };
    assert_eq!(["done", "unknown", "not sent"].map(outcomes), [3, 8, 9]);
    assert_eq!(world.sandbox.secrets(None).len(), 3);
    // No new call once it was asked to stop.
    assert_eq!(world.sandbox.hits("POST", "/pipeline-secrets"), 11);
    world.sandbox.clear_faults();
    world.tw(["secrets", "import", "secrets.env"]).exits(0);
    assert_eq!(world.sandbox.secrets(None).len(), 20);
}

#[test]
fn what_was_not_begun_is_not_done() {
    let world = stuck("GET", "/pipeline-secrets");
    let running = waiting(
        &world,
        &["secrets", "delete", "-n", "KEY"],
        "GET",
        "/pipeline-secrets",
    );
    send(&running, Signal::INT);
    running.ends().exits(130).prints("");
    world.saw(["GET /pipeline-secrets"]);
    assert_eq!(stored(&world), ["1001 KEY=first"]);
}

#[cfg(target_os = "linux")]
#[test]
fn no_core_holds_the_token() {
    use std::os::unix::fs::MetadataExt;
    let world = stuck("GET", "/pipeline-secrets");
    let home = world.installation.home();
    let shell = Tw::new("/bin/sh".as_ref(), &home)
        .args([
            "-c",
            "ulimit -c unlimited; exec \"$0\" --insecure secrets list",
        ])
        .args([world.installation.tw()])
        .env("TOWER_API_ENDPOINT", world.sandbox.url())
        .env("TOWER_ACCESS_TOKEN", world.sandbox.token());
    let running = until_asked(&world, shell.start(), "GET", "/pipeline-secrets");
    // What the kernel doesn't dump, and lets no other process of the same user look into, belongs to root.
    let process =
        std::fs::metadata(format!("/proc/{}/mem", running.id())).expect("the process is there");
    assert_eq!(process.uid(), 0);
    // A signal that dumps by default, and that nobody who starts a test in the background has had ignored.
    send(&running, Signal::TRAP);
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
