//! Plain http: only to this machine, or if the user allows it. A registry on this machine that speaks TLS is used with TLS.

use std::fs;

use tw_sandbox::{Fault, Sandbox};
use tw_tests::{Answer, Asked, Server};

use crate::{
    artifact::{Artifact, reference},
    docker::BASIC,
    given::{FIRST, Given, SECOND},
    login::log_in,
};

const FAR: &str = "registry.acme.example";

/// Starts a proxy for plain http to a registry that requires a password.
fn start_far_registry() -> Server {
    Artifact::of(SECOND).serve(|artifact, asked| {
        let rest = asked.path.strip_prefix("http://")?;
        let path = rest.strip_prefix(FAR)?.to_owned();
        let basic = format!("Basic {BASIC}");
        if asked.headers.get("authorization") != Some(&basic) {
            let challenge = r#"Basic realm="tests""#;
            return Some(Answer::status(401).header("WWW-Authenticate", challenge));
        }
        Some(artifact.answer(&Asked {
            path,
            ..asked.clone()
        }))
    })
}

/// Returns a user who is logged in at the registry.
fn set_up(server: &Server) -> Given {
    log_in(Given::trusting(), FAR).env("HTTP_PROXY", server.url())
}

fn configure(given: &Given, text: &str) {
    fs::create_dir_all(given.config()).unwrap();
    fs::write(given.config().join("config.toml"), text).unwrap();
}

#[test]
fn a_registry_elsewhere_is_never_asked_over_plain_http_by_itself() {
    let server = start_far_registry();
    let given = set_up(&server);
    let place = reference(FAR, SECOND);
    for options in [&[][..], &["--insecure"]] {
        let line = ["plugin", "install", "--yes", &place];
        given
            .tw(options.iter().copied().chain(line))
            .fails_with("can't be reached");
    }
    assert_eq!(server.seen(), Vec::<String>::new());
}

#[test]
fn the_option_plain_http_allows_it_for_one_command() {
    let server = start_far_registry();
    let given = set_up(&server);
    let place = reference(FAR, SECOND);
    given
        .tw(["-v", "plugin", "install", "--yes", "--plain-http", &place])
        .exits(0)
        .says_with(&format!(
            "* credentials of the registry {FAR} go to http://{FAR}\n"
        ));
    given.runs(1, SECOND);
    given
        .tw(["plugin", "upgrade", "--yes", "--all"])
        .exits(1)
        .says_with("can't be reached");
    given
        .tw(["plugin", "upgrade", "--yes", "--all", "--plain-http"])
        .exits(0);
}

#[test]
fn every_command_that_connects_to_registries_has_the_option() {
    let given = Given::new();
    for command in [
        &["install"][..],
        &["upgrade"],
        &["sync"],
        &["publish"],
        &["index", "add"],
        &["index", "update"],
    ] {
        let line = ["plugin"].iter().chain(command).chain(&["--help"]);
        given.tw(line.copied()).exits(0).prints_with("--plain-http");
    }
    given
        .tw(["plugin", "list", "--plain-http"])
        .rejects("--plain-http");
}

#[test]
fn the_configuration_allows_plain_http_for_one_registry() {
    let server = start_far_registry();
    let given = set_up(&server);
    let place = reference(FAR, SECOND);
    configure(&given, "[registry.\"other.example\"]\nplain-http = true\n");
    given
        .tw(["plugin", "install", "--yes", &place])
        .fails_with("can't be reached");
    configure(
        &given,
        &format!("[registry.\"{FAR}\"]\nplain-http = true\n"),
    );
    given.tw(["plugin", "install", "--yes", &place]).exits(0);
    given.runs(1, SECOND);
}

#[test]
fn a_faulty_section_of_a_registry_is_reported() {
    let given = Given::trusting();
    let place = reference("127.0.0.1:1", SECOND);
    for (text, part) in [
        (
            "plain_http = true",
            ".plain_http` is unknown\n        write `plain-http`",
        ),
        (
            "plain-http = \"yes\"",
            ".plain-http` should be true or false",
        ),
        ("realm = 1", ".realm` should be a text in quotes"),
    ] {
        configure(&given, &format!("[registry.\"{FAR}\"]\n{text}\n"));
        let ran = given.tw(["plugin", "install", "--yes", &place]);
        ran.fails_with(part);
    }
}

/// Starts a registry with TLS on this machine, and returns the option that trusts its CA.
fn start_tls_registry(given: &Given, version: &str) -> (Sandbox, String) {
    let mut sandbox = Sandbox::builder();
    for (path, content) in Artifact::of(version).files {
        let fault = Fault::on("*", &path).status(200);
        sandbox = sandbox.fault(fault.body("application/json", content));
    }
    let sandbox = sandbox.start_https();
    let ca = given.work().join("ca.pem");
    fs::write(&ca, sandbox.ca_pem().unwrap()).unwrap();
    (sandbox, format!("--cacert={}", ca.display()))
}

#[test]
fn a_registry_on_this_machine_with_tls_is_used_with_tls() {
    let given = Given::trusting();
    let (sandbox, cacert) = start_tls_registry(&given, FIRST);
    let host = sandbox.url().strip_prefix("https://").unwrap().to_owned();
    let place = reference(&host, FIRST);
    given
        .tw([&cacert, "plugin", "install", "--yes", &place])
        .exits(0);
    given.runs(1, FIRST);
}

#[test]
fn a_registry_on_this_machine_with_an_unknown_certificate_is_not_asked_over_plain_http() {
    let given = Given::trusting();
    let (sandbox, _) = start_tls_registry(&given, FIRST);
    let host = sandbox.url().strip_prefix("https://").unwrap().to_owned();
    given
        .tw(["plugin", "install", "--yes", &reference(&host, FIRST)])
        .fails_with("its certificate is signed by an unknown authority");
    assert!(sandbox.requests().is_empty());
}

#[test]
fn a_registry_with_tls_that_wants_a_login_over_plain_http_is_refused() {
    let given = Given::trusting();
    let realm = r#"Bearer realm="http://127.0.0.1:1/token""#;
    let fault = Fault::on("*", "*")
        .status(401)
        .header("WWW-Authenticate", realm);
    let sandbox = Sandbox::builder().fault(fault).start_https();
    let ca = given.work().join("ca.pem");
    fs::write(&ca, sandbox.ca_pem().unwrap()).unwrap();
    let (cacert, host) = (
        format!("--cacert={}", ca.display()),
        sandbox.url().strip_prefix("https://").unwrap().to_owned(),
    );
    let given = log_in(given, &host);
    given
        .tw([
            &cacert,
            "plugin",
            "install",
            "--yes",
            &reference(&host, FIRST),
        ])
        .fails_with("wants a login at http://127.0.0.1:1/token, which is not encrypted");
}
