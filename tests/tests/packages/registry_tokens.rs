//! Registries that issue tokens, as the large public ones do, and registries that keep packages on another server.

use tw_tests::{Answer, Asked, Server};

use crate::{
    artifact::{Artifact, reference},
    docker::{BASIC, PASSWORD},
    given::{FIRST, Given, SECOND},
    login::log_in,
};

/// The token that the token server issues.
const TOKEN: &str = "a-token-of-a-quarter-of-an-hour";

fn authorization(asked: &Asked) -> &str {
    asked
        .headers
        .get("authorization")
        .map_or("", String::as_str)
}

/// Starts a registry that requires a token. Its token server issues one for each request that `lets_in` accepts.
fn start_token_registry(
    version: &str,
    lets_in: impl Fn(&Asked) -> bool + Send + Sync + 'static,
) -> Server {
    Artifact::of(version).serve(move |_, asked| {
        if asked.path.starts_with("/token?") {
            let token = format!(r#"{{"token":"{TOKEN}"}}"#);
            return Some(match lets_in(asked) {
                true => Answer::ok(token),
                false => Answer::status(401),
            });
        }
        // Only the token server may see the password, so the registry fails a request that carries one.
        if authorization(asked).starts_with("Basic ") {
            return Some(Answer::status(500));
        }
        let host = &asked.headers["host"];
        let challenge = format!(r#"Bearer realm="http://{host}/token",service="{host}""#);
        (authorization(asked) != format!("Bearer {TOKEN}"))
            .then(|| Answer::status(401).header("WWW-Authenticate", challenge))
    })
}

#[test]
fn an_anonymous_token_is_requested_and_never_shown() {
    let given = Given::trusting();
    let server = start_token_registry(FIRST, |asked| authorization(asked).is_empty());
    let from = reference(&server.host(), FIRST);
    given
        .tw(["-v", "plugin", "install", "--yes", &from])
        .never_shows(TOKEN)
        .exits(0);
    given.runs(1, FIRST);
    let seen = server.seen();
    let scope = "scope=repository%3Aplugins%2Ffruit-001%3Apull";
    let asked = seen.iter().find(|asked| asked.starts_with("GET /token?"));
    assert!(asked.is_some_and(|asked| asked.contains(scope)), "{seen:?}");
}

#[test]
fn the_password_is_sent_only_to_the_token_server() {
    let given = Given::trusting();
    let basic = format!("Basic {BASIC}");
    let server = start_token_registry(FIRST, move |asked| authorization(asked) == basic);
    let from = reference(&server.host(), FIRST);
    given
        .tw(["plugin", "install", "--yes", &from])
        .fails_with("refused the login");
    given.has_no(1);
    let given = log_in(given, &server.host());
    given
        .tw(["-v", "plugin", "install", "--yes", &from])
        .never_shows(TOKEN)
        .never_shows(BASIC)
        .never_shows(PASSWORD)
        .exits(0);
    given.runs(1, FIRST);
    given
        .tw(["plugin", "upgrade", "--yes", "--all"])
        .exits(0)
        .prints_with("All plugins are up to date");
}

#[test]
fn the_answer_of_the_token_server_is_not_shown() {
    let given = Given::trusting();
    let server = Server::start(|asked| {
        if asked.path.starts_with("/token?") {
            return Answer::With(403, Vec::new(), b"\x1b[2Jno, keeper:correct-horse".to_vec());
        }
        let realm = format!(r#"Bearer realm="http://{}/token""#, asked.headers["host"]);
        Answer::status(401).header("WWW-Authenticate", realm)
    });
    let given = log_in(given, &server.host());
    given
        .tw([
            "plugin",
            "install",
            "--yes",
            &reference(&server.host(), FIRST),
        ])
        .never_shows(PASSWORD)
        .never_shows("\u{1b}")
        .fails_with("refused the login");
}

#[test]
fn a_redirect_to_another_server_does_not_carry_the_password() {
    let given = Given::trusting();
    let package = Artifact::of(SECOND).package;
    let elsewhere = Server::start(move |asked| match authorization(asked) {
        "" => Answer::ok(package.clone()),
        _ => Answer::status(400),
    });
    let to = format!("{}/blob?signature=x", elsewhere.url());
    let server = Artifact::of(SECOND).serve(move |artifact, asked| {
        if authorization(asked) != format!("Basic {BASIC}") {
            let challenge = r#"Basic realm="tests""#;
            return Some(Answer::status(401).header("WWW-Authenticate", challenge));
        }
        let moved = || Answer::status(307).header("Location", to.clone());
        artifact.is_package(asked).then(moved)
    });
    let given = log_in(given, &server.host());
    given
        .tw([
            "plugin",
            "install",
            "--yes",
            &reference(&server.host(), SECOND),
        ])
        .exits(0);
    given.runs(1, SECOND);
    assert_eq!(elsewhere.seen(), ["GET /blob?signature=x"]);
}
