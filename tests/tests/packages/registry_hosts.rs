//! The servers that get the credentials of a registry: the registry itself, a token server of the same site, and one that the configuration names.
//!
//! A proxy on this machine serves registries of any name over plain http, which `--plain-http` allows.

use std::fs;

use tw_tests::{Answer, Asked, Ran, Server};

use crate::{
    artifact::{Artifact, reference},
    docker::BASIC,
    given::{Given, SECOND},
    login::{log_in, write_docker_config},
};

const TOKEN: &str = "a-token-of-a-quarter-of-an-hour";

fn authorization(asked: &Asked) -> &str {
    let value = asked.headers.get("authorization");
    value.map_or("", String::as_str)
}

/// Starts a proxy for a registry whose token server has this address.
fn start_registry(realm: &'static str) -> Server {
    Artifact::of(SECOND).serve(move |artifact, asked| {
        let (_, rest) = asked.path.strip_prefix("http://")?.split_once('/')?;
        let path = format!("/{rest}");
        if path.starts_with("/token") {
            return Some(Answer::ok(format!(
                r#"{{"token":"{TOKEN}","access_token":"{TOKEN}"}}"#
            )));
        }
        if authorization(asked) != format!("Bearer {TOKEN}") {
            let challenge = format!(r#"Bearer realm="{realm}",service="tests""#);
            return Some(Answer::status(401).header("WWW-Authenticate", challenge));
        }
        Some(artifact.answer(&Asked {
            path,
            ..asked.clone()
        }))
    })
}

/// Installs from `host`, whose token server is `realm`, with docker's credentials if `is_known`. Returns the requests of tokens too.
fn install(given: Given, host: &str, realm: &'static str, is_known: bool) -> (Ran, Vec<String>) {
    let server = start_registry(realm);
    let given = match is_known {
        true => log_in(given, host),
        false => given,
    };
    let given = given.env("HTTP_PROXY", server.url());
    let place = reference(host, SECOND);
    let line = ["-v", "plugin", "install", "--yes", "--plain-http", &place];
    let ran = given.tw(line).never_shows(BASIC).never_shows(TOKEN);
    let seen = server.seen().into_iter();
    (ran, seen.filter(|asked| asked.contains("/token")).collect())
}

#[test]
fn a_token_server_of_the_same_site_gets_the_credentials() {
    for (host, realm, origin) in [
        (
            "registry.acme.example",
            "http://registry.acme.example/token",
            "registry.acme.example",
        ),
        (
            "registry.acme.example:5000",
            "http://registry.acme.example/token",
            "registry.acme.example",
        ),
        (
            "registry.acme.example",
            "http://login.acme.example:81/token",
            "login.acme.example:81",
        ),
        (
            "registry.acme.co.uk",
            "http://acme.co.uk/token",
            "acme.co.uk",
        ),
        ("docker.io", "http://auth.docker.io/token", "auth.docker.io"),
    ] {
        let (ran, tokens) = install(Given::trusting(), host, realm, true);
        let served = host.replace("docker.io", "index.docker.io");
        let line = format!("* credentials of the registry {served} go to http://{origin}\n");
        ran.exits(0).says_with(&line);
        assert!(!tokens.is_empty());
    }
}

#[test]
fn a_token_server_of_another_site_gets_no_credentials() {
    for (host, realm) in [
        (
            "registry.acme.example",
            "http://registry.evil.example/token",
        ),
        (
            "registry.acme.example",
            "http://acme.example.evil.example/token",
        ),
        ("registry.acme.co.uk", "http://evil.co.uk/token"),
        ("acme.github.io", "http://evil.github.io/token"),
        ("registry.acme.example", "http://127.0.0.1:1/token"),
        ("10.0.0.1", "http://20.0.0.1/token"),
    ] {
        let (ran, tokens) = install(Given::trusting(), host, realm, true);
        let message = format!("wants its credentials to be sent to {realm}, which is another site");
        let ran = ran.fails_with(&message);
        assert!(!ran.stderr.contains("go to"), "{ran}");
        assert!(
            ran.stderr.contains(&format!("`[registry.\"{host}\"]`")),
            "{ran}"
        );
        assert_eq!(tokens, Vec::<String>::new());
    }
}

#[test]
fn a_token_server_of_another_site_may_issue_anonymous_tokens() {
    let realm = "http://tokens.evil.example/token";
    let (ran, tokens) = install(Given::trusting(), "registry.acme.example", realm, false);
    let ran = ran.exits(0);
    assert!(!ran.stderr.contains("go to"), "{ran}");
    assert!(!tokens.is_empty());
}

#[test]
fn the_configuration_can_name_the_token_server_of_a_registry() {
    let given = Given::trusting();
    fs::create_dir_all(given.config()).unwrap();
    let text = "[registry.\"registry.acme.example\"]\nrealm = \"login.other.example\"\n";
    fs::write(given.config().join("config.toml"), text).unwrap();
    let realm = "http://login.other.example/token";
    let (ran, tokens) = install(given, "registry.acme.example", realm, true);
    ran.exits(0).says_with("go to http://login.other.example\n");
    assert!(!tokens.is_empty());
}

#[test]
fn a_realm_that_is_no_web_address_is_refused() {
    for realm in ["file:///etc/passwd", "ftp://registry.acme.example/token"] {
        let (ran, _) = install(Given::trusting(), "registry.acme.example", realm, true);
        ran.fails_with(&format!("wants a login at {realm}, which is not encrypted"));
    }
}

#[test]
fn a_refresh_token_is_exchanged_at_the_token_server_only() {
    let given = Given::trusting();
    let server = Artifact::of(SECOND).serve(|_, asked| {
        if asked.path == "/token" {
            let body = String::from_utf8_lossy(&asked.body).into_owned();
            let is_right = asked.method == "POST"
                && body.contains("grant_type=refresh_token&client_id=tw&refresh_token=to%2Bken")
                && body.contains("scope=repository%3Aplugins%2Ffruit-001%3Apull&");
            return Some(match is_right {
                true => Answer::ok(format!(r#"{{"access_token":"{TOKEN}"}}"#)),
                false => Answer::status(400),
            });
        }
        let host = &asked.headers["host"];
        let challenge = format!(r#"Bearer realm="http://{host}/token",service="tests""#);
        (authorization(asked) != format!("Bearer {TOKEN}"))
            .then(|| Answer::status(401).header("WWW-Authenticate", challenge))
    });
    let host = server.host();
    let text = format!(r#"{{"auths":{{"{host}":{{"identitytoken":"to+ken"}}}}}}"#);
    let folder = write_docker_config(&given, &text);
    let given = given.env("DOCKER_CONFIG", folder.display().to_string());
    let place = reference(&host, SECOND);
    given
        .tw(["-v", "plugin", "install", "--yes", &place])
        .exits(0);
    given.runs(1, SECOND);
}

#[test]
fn a_redirect_of_a_token_server_to_another_server_is_not_followed() {
    let given = Given::trusting();
    let elsewhere = Server::start(|_| Answer::ok(format!(r#"{{"token":"{TOKEN}"}}"#)));
    let to = format!("{}/token", elsewhere.url());
    let server = Server::start(move |asked| {
        let realm = format!(r#"Bearer realm="http://{}/token""#, asked.headers["host"]);
        match asked.path.starts_with("/token?") {
            true => Answer::status(307).header("Location", to.clone()),
            false => Answer::status(401).header("WWW-Authenticate", realm),
        }
    });
    let given = log_in(given, &server.host());
    given
        .tw([
            "plugin",
            "install",
            "--yes",
            &reference(&server.host(), SECOND),
        ])
        .fails_with("answered with status 307");
    assert_eq!(elsewhere.seen(), Vec::<String>::new());
}
