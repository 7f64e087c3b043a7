//! Where the API is: the address and its spellings, and a server that isn't there.

use std::{ffi::OsStr, net::TcpStream};

use tw_tests::World;

use crate::one_secret;

const CONNECTION: &str =
    "\n ERROR: Connection error. Check the connection using the command 'tw info'.\n\n";

/// A port of this machine that nobody listens on.
const CLOSED: &str = "127.0.0.1:1";

#[test]
fn nobody_listens() {
    let refused = TcpStream::connect(CLOSED).expect_err("nobody listens");
    let world = World::new();
    let error = format!("\n ERROR: Cannot connect to http://{CLOSED}: {refused}\n\n{CONNECTION}");
    for command in crate::failures::COMMANDS {
        let tw = world
            .command(command.iter().copied().chain(["--retries", "0"]))
            .env("TOWER_API_ENDPOINT", format!("http://{CLOSED}"));
        tw.run().exits(1).prints("").says(&error);
    }
}

#[test]
fn a_name_that_nobody_has() {
    let world = World::new();
    let tw = world
        .command(["secrets", "list"])
        .env("TOWER_API_ENDPOINT", "https://platform.invalid");
    tw.run()
        .fails_with("https://platform.invalid")
        .says_with(CONNECTION);
}

#[test]
fn a_slash_at_the_end_and_a_path_are_part_of_many_addresses() {
    let world = one_secret();
    for (end, path) in [("/", ""), ("//", ""), ("/api", "/api"), ("/api/", "/api")] {
        let tw = world.command(["secrets", "list"]).env(
            "TOWER_API_ENDPOINT",
            format!("{}{end}", world.sandbox.url()),
        );
        tw.run().exits(0).says("").prints_with(" KEY ");
        world.saw([format!("GET {path}/pipeline-secrets").as_str()]);
    }
}

#[test]
fn what_is_no_address_is_said_before_anything_is_sent() {
    let world = World::new();
    for address in [
        "nonsense",
        "127.0.0.1:8000",
        "ftp://example.org",
        "http://",
        "https://?x",
        "file:///tmp",
        "//host",
    ] {
        let ran = world.tw(["--url", address, "secrets", "list"]);
        ran.fails_with("is not the address of an API")
            .says_with(address.trim_end_matches('/'));
    }
    world.saw([]);
}

#[test]
fn an_address_with_a_question_in_it_is_no_address() {
    let world = one_secret();
    let addresses =
        ["?page=1", "/?page=1", "#top"].map(|end| format!("{}{end}", world.sandbox.url()));
    let is_taken = |address: &&String| {
        let ran = world.tw(["secrets", "list", "-u", address.as_str()]);
        !ran.stderr.contains("is not the address of an API")
    };
    let taken: Vec<_> = addresses.iter().filter(is_taken).collect();
    assert!(taken.is_empty(), "{taken:?}");
    world.saw([]);
}

#[test]
fn an_address_with_a_password_is_refused_and_the_password_is_not_shown() {
    let world = World::new();
    let address = world
        .sandbox
        .url()
        .replace("://", "://user:hunter2-sentinel@");
    world
        .tw(["secrets", "list", "-u", &address])
        .fails_with("password")
        .never_shows("hunter2-sentinel");
    world.saw([]);
}

#[test]
fn an_empty_variable_means_the_public_platform() {
    let world = World::new();
    // Behind a proxy that isn't there, so that nothing leaves this machine.
    let tw = world
        .command(["secrets", "list"])
        .env("TOWER_API_ENDPOINT", "");
    let ran = tw.env("HTTPS_PROXY", format!("http://{CLOSED}")).run();
    ran.fails_with("https://api.cloud.seqera.io")
        .says_with(CONNECTION);
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_is_not_passed_over() {
    use std::os::unix::ffi::OsStrExt;
    let world = World::new();
    let broken = OsStr::from_bytes(b"https://platform.example/\xff");
    // Behind a proxy that isn't there, so that nothing leaves this machine.
    let tw = world
        .command(["secrets", "list"])
        .env("TOWER_API_ENDPOINT", broken);
    let ran = tw.env("HTTPS_PROXY", format!("http://{CLOSED}")).run();
    // The token must not go to another server than the one that was meant.
    ran.never_shows("api.cloud.seqera.io")
        .says_with("TOWER_API_ENDPOINT");
}

#[test]
fn a_proxy_of_the_environment_is_used() {
    let world = one_secret();
    let tw = world
        .command(["secrets", "list"])
        .env("TOWER_API_ENDPOINT", "http://platform.invalid");
    tw.env("HTTP_PROXY", world.sandbox.url())
        .env("http_proxy", world.sandbox.url())
        .run()
        .exits(0)
        .says("")
        .prints_with(" KEY ");
    assert_eq!(world.sandbox.requests().len(), 1);
}
