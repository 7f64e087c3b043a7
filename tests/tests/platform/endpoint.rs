//! The URL of the API: its accepted forms, and a server that can't be reached.

use std::ffi::OsStr;

use tw_sandbox::{Fault, Sandbox};
use tw_tests::World;

use crate::start_with_secret;

const CONNECTION: &str =
    "\n ERROR: Connection error. Check the connection using the command 'tw info'.\n\n";

/// A local port without a listener.
const CLOSED: &str = "127.0.0.1:1";

#[test]
fn a_refused_connection_is_reported_with_its_cause() {
    let world = World::new();
    let error =
        format!("\n ERROR: Cannot connect to http://{CLOSED}: Connection refused\n\n{CONNECTION}");
    for command in crate::failures::COMMANDS {
        let tw = world
            .command(command.iter().copied().chain(["--retries", "0"]))
            .env("TOWER_API_ENDPOINT", format!("http://{CLOSED}"));
        tw.run().exits(1).prints("").says(&error);
    }
}

#[test]
fn an_unknown_host_is_reported_with_its_address() {
    let world = World::new();
    let tw = world
        .command(["secrets", "list"])
        .env("TOWER_API_ENDPOINT", "https://platform.invalid");
    tw.run()
        .fails_with("https://platform.invalid")
        .says_with(CONNECTION);
}

#[test]
fn a_url_may_have_a_path_and_trailing_slashes() {
    let world = start_with_secret();
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
fn a_malformed_url_is_refused_before_any_request() {
    let world = World::new();
    for address in [
        "nonsense",
        "127.0.0.1:8000",
        "ftp://example.org",
        "http://",
        "https://?",
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
fn each_fault_of_an_address_has_its_hint() {
    let world = World::new();
    for (address, reason, hint) in [
        (
            "",
            "it is empty",
            "the address comes from the option --url\n",
        ),
        (
            "https://",
            "it names no host",
            "the address comes from the option --url\n",
        ),
        (
            "foo:",
            "it does not begin with https://",
            "--url: write https://foo, or http://foo with `--insecure`\n",
        ),
        ("https://h:x", "its port is no number", "the option --url\n"),
        (
            "https://a..b",
            "its host is no valid name",
            "the option --url\n",
        ),
        (
            "'https://h'",
            "it has a quote or a bracket around it",
            "the option --url\n",
        ),
    ] {
        let ran = world.tw(["whoami", "--url", address]).exits(1);
        ran.says_with(reason).says_with(hint);
    }
    world.saw([]);
}

#[test]
fn a_failed_call_says_what_to_do() {
    let hint_of = |world: &World, line: &[&str]| {
        let tw = world.command(line.iter().copied());
        let ran = tw.args(["--error-format", "json", "--retries", "0"]).run();
        let line = ran.exits(1).stderr;
        let error: serde_json::Value = serde_json::from_str(&line).expect("it is an error");
        error["error"]["hint"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let world = World::with(
        Sandbox::builder()
            .fault(Fault::on("GET", "/pipeline-secrets").html("<h1>Log in</h1>"))
            .fault(Fault::on("POST", "/pipeline-secrets").reset_after()),
    );
    let hint = hint_of(&world, &["secrets", "add", "-n", "KEY", "-v", "x"]);
    assert_eq!(
        hint,
        "find out whether the change was made before you repeat the command"
    );
    // The address of the command line is not that of the variable.
    let other = format!("http://{CLOSED}/x");
    let hint = hint_of(&world, &["api", &other]);
    assert_eq!(
        hint,
        format!("check the network and the address http://{CLOSED}")
    );
}

#[test]
fn a_url_with_a_query_or_a_fragment_is_refused() {
    let world = start_with_secret();
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
fn a_query_and_a_fragment_of_a_refused_url_are_not_shown() {
    let world = World::new();
    let server = world.sandbox.url();
    for (address, shown) in [
        (format!("{server}/?token=s3cr3t"), format!("'{server}/?…'")),
        (format!("{server}/#s3cr3t"), format!("'{server}/#…'")),
        (format!("{server}/?a=b@s3cr3t"), "'…'".to_owned()),
        ("https://user:s3?cr3t@host/".to_owned(), "'…'".to_owned()),
        (
            "https://user:s3cr3t@host/?s3cr3t".to_owned(),
            "'…@host/?…'".to_owned(),
        ),
    ] {
        for format in ["console", "json"] {
            let line = ["whoami", "-u", &address, "--error-format", format];
            let ran = world.tw(line).exits(1);
            ran.says_with(&shown)
                .never_shows("s3cr3t")
                .never_shows("s3?cr3t");
        }
    }
    world.saw([]);
}

#[test]
fn a_url_with_a_password_is_refused_without_showing_the_password() {
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
fn an_empty_endpoint_variable_means_the_public_platform() {
    let world = World::new();
    // The proxy can't be reached, so that no request leaves this machine.
    let tw = world
        .command(["secrets", "list"])
        .env("TOWER_API_ENDPOINT", "");
    let ran = tw.env("HTTPS_PROXY", format!("http://{CLOSED}")).run();
    ran.fails_with("https://api.cloud.seqera.io")
        .says_with(CONNECTION);
}

#[cfg(unix)]
#[test]
fn an_endpoint_variable_that_is_not_utf8_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let world = World::new();
    let broken = OsStr::from_bytes(b"https://platform.example/\xff");
    // The proxy can't be reached, so that no request leaves this machine.
    let tw = world
        .command(["secrets", "list"])
        .env("TOWER_API_ENDPOINT", broken);
    let ran = tw.env("HTTPS_PROXY", format!("http://{CLOSED}")).run();
    // The token must not go to the public Platform instead of the server that the variable names.
    ran.never_shows("api.cloud.seqera.io")
        .rejects("TOWER_API_ENDPOINT");
}

#[test]
fn requests_go_through_the_proxy_of_the_environment() {
    let world = start_with_secret();
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
