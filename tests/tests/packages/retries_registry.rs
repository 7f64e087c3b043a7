//! Registries with passing faults: each request of an installation and of a publication is retried, and a registry that allows no more requests is
//! reported as that. Some tests use a real registry behind a server that spoils its answers.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use tw_tests::{Answer, Asked, Ran, Server, registry::start_faulty};

use crate::{
    artifact::{Artifact, reference},
    docker::Docker,
    given::{FIRST, Given, SECOND},
};

/// Says of each request whether it is the first of its kind.
#[derive(Debug, Default)]
struct Kinds(Mutex<BTreeSet<String>>);

impl Kinds {
    fn is_first(&self, asked: &Asked) -> bool {
        let path = asked.path.split('?').next().unwrap_or_default();
        // The addresses of uploads differ.
        let path = match path.split_once("/uploads/") {
            Some((before, "")) => format!("{before}/uploads/"),
            Some((before, _)) => format!("{before}/uploads/1"),
            None => path.to_owned(),
        };
        let kind = format!("{} {path}", asked.method);
        self.0.lock().unwrap().insert(kind)
    }
}

fn install(given: &Given, server: &Server, version: &str) -> Ran {
    given.tw([
        "plugin",
        "install",
        "--yes",
        &reference(&server.host(), version),
    ])
}

#[test]
fn each_request_of_an_installation_is_retried() {
    for fault in [Answer::status(503), Answer::status(429), Answer::Close] {
        let given = Given::trusting();
        let kinds = Kinds::default();
        let server = Artifact::of(FIRST).serve(move |artifact, asked| {
            // https is tried before http on this machine, so the first bytes can be those of TLS.
            if !asked.path.starts_with('/') {
                return None;
            }
            if kinds.is_first(asked) {
                return Some(fault.clone());
            }
            if asked.path.starts_with("/token?") {
                return Some(Answer::ok(r#"{"token":"t"}"#));
            }
            if asked
                .headers
                .get("authorization")
                .is_none_or(|given| given != "Bearer t")
            {
                let realm = format!(r#"Bearer realm="http://{}/token""#, asked.headers["host"]);
                return Some(Answer::status(401).header("WWW-Authenticate", realm));
            }
            Some(artifact.answer(asked))
        });
        let place = format!("oci://{}/plugins/fruit-001", server.host());
        given.tw(["plugin", "install", "--yes", &place]).exits(0);
        given.runs(1, FIRST);
        let seen = server.seen();
        let tokens = seen.iter().filter(|asked| asked.starts_with("GET /token"));
        assert!(tokens.count() > 1, "{seen:?}");
    }
}

#[test]
fn a_registry_that_allows_no_more_requests_is_reported_as_that() {
    let body = br#"{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit.\u001b[2J"}]}"#;
    let answer = || Answer::With(429, Vec::new(), body.to_vec()).header("Retry-After", "7200");
    let given = Given::trusting();
    let server = Artifact::of(SECOND).serve(move |_, _| Some(answer()));
    let host = server.host();
    install(&given, &server, SECOND)
        .fails_with(&format!("the registry {host} allows no more requests for now: You have reached your pull rate limit."))
        .says_with("try again in 2 hours")
        .never_shows("refuse")
        .never_shows("\u{1b}");
    // The token server of a registry has a limit too.
    let server = Artifact::of(SECOND).serve(move |_, asked| {
        if asked.path.starts_with("/token?") {
            return Some(Answer::status(429).header("Retry-After", "120"));
        }
        let realm = format!(r#"Bearer realm="http://{}/token""#, asked.headers["host"]);
        Some(Answer::status(401).header("WWW-Authenticate", realm))
    });
    install(&given, &server, SECOND)
        .fails_with("/token allows no more requests for now")
        .says_with("try again in 2 minutes")
        .never_shows("refused the login");
}

/// Publishes a version through a server that spoils the first request of each kind, and installs it from the registry itself.
fn publish_through(fault: impl Fn(&dyn Fn() -> Answer) -> Answer + Send + Sync + 'static) {
    let given = Given::trusting();
    let Some(docker) = Docker::open(&given) else {
        return;
    };
    let kinds = Arc::new(Kinds::default());
    let server = start_faulty(docker.host(), move |asked, pass_on| {
        match kinds.is_first(asked) {
            true => fault(pass_on),
            false => pass_on(),
        }
    });
    let place = format!("oci://{}/plugins/fruit-001:{FIRST}", server.host());
    let package = given.package(1, FIRST, Some("acme")).display().to_string();
    given
        .tw(["plugin", "publish", &place, &package])
        .exits(0)
        .says("");
    let direct = docker.tagged(1, FIRST);
    given.tw(["plugin", "install", "--yes", &direct]).exits(0);
    given.runs(1, FIRST);
}

#[test]
fn a_publication_survives_requests_that_never_arrive() {
    publish_through(|_| Answer::Close);
    publish_through(|_| Answer::status(503));
}

#[test]
fn a_publication_survives_answers_that_get_lost() {
    publish_through(|pass_on| {
        pass_on();
        Answer::Close
    });
}

#[test]
fn a_package_in_a_real_registry_is_resumed() {
    let given = Given::trusting();
    let Some(docker) = Docker::open(&given) else {
        return;
    };
    docker.publish(&given, 1, FIRST);
    let ranges = Arc::new(Mutex::new(Vec::new()));
    let (seen, kinds) = (Arc::clone(&ranges), Kinds::default());
    let server = start_faulty(docker.host(), move |asked, pass_on| {
        if let Some(range) = asked.headers.get("range") {
            seen.lock().unwrap().push(range.clone());
        }
        let answer = pass_on();
        match &answer {
            Answer::With(200, _, body) if kinds.is_first(asked) && !body.is_empty() => {
                let half = body.len() / 2;
                answer.cut(half)
            }
            _ => answer,
        }
    });
    install(&given, &server, FIRST).exits(0);
    given.runs(1, FIRST);
    let ranges = ranges.lock().unwrap();
    assert!(ranges.iter().any(|range| range != "bytes=0-"), "{ranges:?}");
}
