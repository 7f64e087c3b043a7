//! An unreliable network: retries, and what they never do.

use std::time::Duration;

use tw_sandbox::{Fault, Sandbox};
use tw_tests::World;

use crate::{failures::COMMANDS, list_stored, start_with_secret};

#[test]
fn commands_retry_transient_failures_silently() {
    for command in COMMANDS {
        let world = start_with_secret();
        world
            .sandbox
            .fault(Fault::on("GET", "*").status(503).times(1));
        world
            .sandbox
            .fault(Fault::on("GET", "*").reset_after().times(1));
        world
            .sandbox
            .fault(Fault::on("*", "*").status(429).times(1));
        let ran = world.tw(command.iter().copied());
        ran.exits(0).says("");
    }
}

#[test]
fn update_is_sent_again_if_its_response_is_lost() {
    let world = start_with_secret();
    let lost = Fault::on("PUT", "*").reset_after().times(1);
    world.sandbox.fault(lost);
    world
        .tw(["secrets", "update", "-n", "KEY", "-v", "second"])
        .exits(0)
        .says("");
    world.saw([
        "GET /pipeline-secrets",
        "PUT /pipeline-secrets/1001",
        "PUT /pipeline-secrets/1001",
    ]);
    assert_eq!(list_stored(&world), ["1001 KEY=second"]);
}

#[test]
fn delete_succeeds_if_its_first_response_is_lost() {
    let world = start_with_secret();
    let lost = Fault::on("DELETE", "*").reset_after().times(1);
    world.sandbox.fault(lost);
    world
        .tw(["secrets", "delete", "-n", "KEY"])
        .exits(0)
        .says("")
        .prints("\n  Secret 'KEY' deleted at user workspace\n\n");
    assert_eq!(world.sandbox.hits("DELETE", "/pipeline-secrets/1001"), 2);
    assert_eq!(list_stored(&world), [""; 0]);
}

#[test]
fn add_sends_the_create_again_only_after_status_429() {
    for fault in [Fault::reset_before, Fault::reset_after, Fault::truncate] {
        let world = World::with(Sandbox::builder().fault(fault(Fault::on("POST", "*"))));
        let line = ["secrets", "add", "-n", "KEY", "-v", "first"];
        world.tw(line).exits(1);
        assert_eq!(world.sandbox.hits("POST", "/pipeline-secrets"), 1);
    }
    // With 429 the server says that it created nothing.
    let once = Fault::on("POST", "*").status(429).times(1);
    let world = World::with(Sandbox::builder().fault(once));
    let line = ["secrets", "add", "-n", "KEY", "-v", "first"];
    world.tw(line).exits(0).says("");
    assert_eq!(world.sandbox.hits("POST", "/pipeline-secrets"), 2);
    assert_eq!(list_stored(&world), ["1001 KEY=first"]);
}

#[cfg(unix)]
#[test]
fn control_c_ends_the_backoff() {
    let full = Fault::on("*", "*").status(429).header("Retry-After", "50");
    let world = World::with(Sandbox::builder().fault(full));
    let running = world.command(["secrets", "list"]).start();
    let limit = std::time::Duration::from_secs(60);
    let came = world
        .sandbox
        .wait_for_hits("GET", "/pipeline-secrets", 1, limit);
    assert!(came, "the server never saw the request");
    tw_tests::interrupt(running.id());
    running
        .ends()
        .exits(130)
        .prints("")
        .says("\n ERROR: Interrupted\n\n");
}

#[test]
fn the_log_of_retries_shows_neither_value_nor_token() {
    let world = start_with_secret();
    world
        .sandbox
        .fault(Fault::on("PUT", "*").status(503).times(1));
    let value = "hunter2hunter2hunter2";
    let line = ["-v", "secrets", "update", "-n", "KEY", "--value", value];
    world
        .tw(line)
        .exits(0)
        .says_with("* retrying PUT /pipeline-secrets/1001 in ")
        .says_with(", attempt 2")
        .never_shows(value)
        .never_shows(world.sandbox.token());
}

/// Replaces the list of name servers for the program that follows.
#[cfg(unix)]
const NAME_SERVER: &str = r#"mount --bind "$1" /etc/resolv.conf && shift && exec "$@""#;

#[cfg(unix)]
#[test]
fn a_name_server_that_does_not_answer_is_named_as_the_cause() {
    let world = World::new();
    // The name server takes questions and never answers one.
    let server = std::net::UdpSocket::bind("127.53.53.53:53");
    let list = world.installation.home().join("resolv.conf");
    std::fs::write(&list, "nameserver 127.53.53.53\n").expect("the home can be written");
    let can_mount = std::process::Command::new("unshare")
        .args(["--mount", "sh", "-c", NAME_SERVER, "sh"])
        .args([&list])
        .arg("true")
        .output()
        .is_ok_and(|ended| ended.status.success());
    if server.is_err() || !can_mount {
        assert!(
            std::env::var_os("CI").is_none() || !rustix::process::getuid().is_root(),
            "root must be able to replace the list of name servers"
        );
        eprintln!("skipped: only root may replace the list of name servers");
        return;
    }
    let tw = world.installation.tw().display().to_string();
    let list = list.display().to_string();
    let line = ["--mount", "sh", "-c", NAME_SERVER, "sh", &list, &tw];
    let options = "secrets list --retries 0 --connect-timeout 1";
    tw_tests::Tw::new(std::path::Path::new("unshare"), &world.installation.home())
        .args(line.into_iter().chain(options.split(' ')))
        .env("TOWER_ACCESS_TOKEN", world.sandbox.token())
        .env("TOWER_API_ENDPOINT", "https://tw.example.com")
        .run()
        .fails_with("Cannot connect to https://tw.example.com: no name server answered for `tw.example.com` in time");
}

#[test]
fn a_name_without_an_address_is_named() {
    let world = World::new();
    let list = world.command(["secrets", "list", "--retries", "0"]);
    // RFC 6761: no name below `invalid` has an address.
    list.env("TOWER_API_ENDPOINT", "https://no.such.invalid")
        .run()
        .fails_with("the name `no.such.invalid` can't be looked up: ");
}

#[test]
fn a_lookup_that_is_never_answered_is_named() {
    let world = start_with_secret();
    for path in ["/user-info", "/user/1/workspaces"] {
        let silence = Fault::on("GET", path)
            .empty()
            .delay(Duration::from_secs(60));
        world.sandbox.fault(silence.times(1));
        let line = ["--read-timeout", "0.5", "--retries", "0", "secrets", "list"];
        let url = world.sandbox.url();
        world
            .tw(line.into_iter().chain(["-w", "acme/research"]))
            .fails_with(&format!(
                "Cannot look up the user or the workspace at {url}: GET {path} failed: the server did not answer in time"
            ));
    }
}
