//! Registries that give tokens, as the large ones do, and that keep packages on another server.

use std::fs;

use tw_tests::{Answer, Asked, Server};

use crate::{
    artifact::{Artifact, place},
    docker::{BASIC, PASSWORD},
    given::{FIRST, Given, SECOND},
};

/// What the token server gives out.
const TOKEN: &str = "a-token-of-a-quarter-of-an-hour";

fn authorization(asked: &Asked) -> &str {
    asked
        .headers
        .get("authorization")
        .map_or("", String::as_str)
}

/// A registry that wants a token, and gives one to whom this lets in.
fn with_tokens(version: &str, lets_in: impl Fn(&Asked) -> bool + Send + Sync + 'static) -> Server {
    Artifact::of(version).told_by(move |_, asked| {
        if asked.path.starts_with("/token?") {
            let token = format!(r#"{{"token":"{TOKEN}"}}"#);
            return Some(match lets_in(asked) {
                true => Answer::ok(token),
                false => Answer::status(401),
            });
        }
        // A login has no business here: the token server alone takes it.
        if authorization(asked).starts_with("Basic ") {
            return Some(Answer::status(500));
        }
        let host = &asked.headers["host"];
        let challenge = format!(r#"Bearer realm="http://{host}/token",service="{host}""#);
        (authorization(asked) != format!("Bearer {TOKEN}"))
            .then(|| Answer::status(401).header("WWW-Authenticate", challenge))
    })
}

/// A person whom docker's own file lets in at this host.
fn logged_in(given: Given, host: &str) -> Given {
    let folder = given.work().join("docker");
    fs::create_dir_all(&folder).unwrap();
    let text = format!(r#"{{"auths":{{"{host}":{{"auth":"{BASIC}"}}}}}}"#);
    fs::write(folder.join("config.json"), text).unwrap();
    given.env("DOCKER_CONFIG", folder.display().to_string())
}

#[test]
fn a_token_for_everybody_is_asked_for_and_never_shown() {
    let given = Given::trusting();
    let server = with_tokens(FIRST, |asked| authorization(asked).is_empty());
    let from = place(&server.host(), FIRST);
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
fn a_login_is_shown_to_the_token_server_only() {
    let given = Given::trusting();
    let basic = format!("Basic {BASIC}");
    let server = with_tokens(FIRST, move |asked| authorization(asked) == basic);
    let from = place(&server.host(), FIRST);
    given
        .tw(["plugin", "install", "--yes", &from])
        .fails_with("refused the login");
    given.has_no(1);
    let given = logged_in(given, &server.host());
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
fn what_the_token_server_says_is_not_shown() {
    let given = Given::trusting();
    let server = Server::start(|asked| {
        if asked.path.starts_with("/token?") {
            return Answer::With(403, Vec::new(), b"\x1b[2Jno, keeper:correct-horse".to_vec());
        }
        let realm = format!(r#"Bearer realm="http://{}/token""#, asked.headers["host"]);
        Answer::status(401).header("WWW-Authenticate", realm)
    });
    let given = logged_in(given, &server.host());
    given
        .tw(["plugin", "install", "--yes", &place(&server.host(), FIRST)])
        .never_shows(PASSWORD)
        .never_shows("\u{1b}")
        .fails_with("refused the login");
}

#[test]
fn a_package_that_is_kept_elsewhere_is_fetched_there_without_the_login() {
    let given = Given::trusting();
    let package = Artifact::of(SECOND).package;
    let elsewhere = Server::start(move |asked| match authorization(asked) {
        "" => Answer::ok(package.clone()),
        _ => Answer::status(400),
    });
    let to = format!("{}/blob?signature=x", elsewhere.url());
    let server = Artifact::of(SECOND).told_by(move |artifact, asked| {
        if authorization(asked) != format!("Basic {BASIC}") {
            let challenge = r#"Basic realm="tests""#;
            return Some(Answer::status(401).header("WWW-Authenticate", challenge));
        }
        let moved = || Answer::status(307).header("Location", to.clone());
        artifact.is_package(asked).then(moved)
    });
    let given = logged_in(given, &server.host());
    given
        .tw(["plugin", "install", "--yes", &place(&server.host(), SECOND)])
        .exits(0);
    given.runs(1, SECOND);
    assert_eq!(elsewhere.seen(), ["GET /blob?signature=x"]);
}
