//! Registries that are down, broken or lie: one clear message, nothing is installed, and what was installed still runs.

use std::{
    fs,
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::json;
use tw_tests::{Answer, Asked};

use crate::{
    artifact::{Artifact, REPOSITORY, place},
    docker::repacked,
    given::{FIRST, Given, SECOND, digest, packed},
};

/// A person who has the first version, from a file.
fn given() -> Given {
    let given = Given::trusting();
    given.installs(1, FIRST);
    given
}

/// The second version from there is refused with this, and the first is as it was.
#[track_caller]
fn refused(given: &Given, place: &str, part: &str) {
    let (lock, stored) = (given.lock(), given.stored());
    let ran = given.tw(["plugin", "install", "--yes", place]);
    let ran = ran.never_shows("\u{1b}").fails_with(part);
    assert_eq!(ran.stderr.matches("ERROR").count(), 1, "{ran}");
    assert_eq!(given.lock(), lock);
    assert_eq!(given.stored(), stored);
    given.runs(1, FIRST);
}

/// What is refused from every such registry.
#[track_caller]
fn lies(lie: impl Fn(&Artifact, &Asked) -> Option<Answer> + Send + Sync + 'static, part: &str) {
    let given = given();
    let server = Artifact::of(SECOND).told_by(lie);
    refused(&given, &place(&server.host(), SECOND), part);
}

#[test]
fn one_that_is_honest_is_believed() {
    let given = given();
    let server = Artifact::of(SECOND).told_by(|_, _| None);
    given
        .tw(["plugin", "install", "--yes", &place(&server.host(), SECOND)])
        .exits(0);
    given.runs(1, SECOND);
}

#[test]
fn one_that_is_not_there_is_said_to_be_so() {
    let given = given();
    // A port that was free a moment ago, and that nobody listens on.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    drop(listener);
    refused(
        &given,
        &place(&host, SECOND),
        &format!("the registry {host} can't be reached"),
    );
}

#[test]
fn one_that_fails_is_said_to_fail() {
    lies(|_, _| Some(Answer::status(500)), "answered with status 500");
    lies(
        |artifact, asked| artifact.is_package(asked).then(|| Answer::status(503)),
        "answered with status 503",
    );
}

#[test]
fn one_that_refuses_is_quoted_with_nothing_that_moves_the_cursor() {
    let body = br#"{"errors":[{"code":"TOOMANYREQUESTS","message":"slow\u001b[2Jdown"}]}"#;
    let answer = |body: &[u8]| Answer::With(429, Vec::new(), body.to_vec());
    lies(move |_, _| Some(answer(body)), "refused the request: ");
    lies(move |_, _| Some(answer(b"\x1b[2J")), "status 429");
}

#[test]
fn one_that_is_a_web_page_has_no_plugin() {
    let page = b"<!doctype html><title>Welcome</title>".to_vec();
    lies(
        move |_, _| Some(Answer::ok(page.clone()).header("Content-Type", "text/html")),
        "is not a plugin",
    );
}

#[test]
fn one_that_has_an_image_of_something_else_has_no_plugin() {
    let given = given();
    let server = Artifact::with(SECOND, |image| {
        image["layers"][0]["mediaType"] = "application/vnd.oci.image.layer.v1.tar+gzip".into();
    });
    let server = server.told_by(|_, _| None);
    refused(&given, &place(&server.host(), SECOND), "is not a plugin");
}

#[test]
fn one_that_has_lost_the_package_has_nothing() {
    lies(
        |artifact, asked| artifact.is_package(asked).then(|| Answer::status(404)),
        "there is nothing at",
    );
}

#[test]
fn a_package_other_than_its_digest_says_is_refused() {
    lies(
        |artifact, asked| {
            artifact.is_package(asked).then(|| {
                let mut package = artifact.package.clone();
                let middle = package.len() / 2;
                package[middle] ^= 1;
                Answer::ok(package)
            })
        },
        "doesn't match its digest",
    );
}

#[test]
fn another_good_package_in_its_place_is_refused() {
    lies(
        |artifact, asked| {
            artifact.is_package(asked).then(|| {
                let other = fs::read(packed(2, SECOND, Some("acme"))).unwrap();
                Answer::ok(other)
            })
        },
        "it is damaged or was changed",
    );
}

#[test]
fn a_manifest_other_than_its_digest_says_is_refused() {
    let lie = |_: &Artifact, asked: &Asked| {
        let is_manifest = asked.path.contains("/manifests/sha256:");
        is_manifest.then(|| Answer::ok(r#"{"schemaVersion":2}"#))
    };
    lies(lie, "doesn't match its digest");
    // Asked for by its digest, the whole is compared too.
    let given = given();
    let server = Artifact::of(SECOND).told_by(lie);
    let pinned = format!(
        "oci://{}/plugins/fruit-001@{}",
        server.host(),
        digest(b"meant")
    );
    refused(&given, &pinned, "doesn't match its digest");
}

#[test]
fn a_version_under_another_version_s_tag_is_refused() {
    let given = given();
    let server = Artifact::of(SECOND).told_by(|artifact, asked| {
        let index = &artifact.files[&format!("{REPOSITORY}/manifests/{}", artifact.version)];
        (asked.path == format!("{REPOSITORY}/manifests/70.0.109"))
            .then(|| Answer::ok(index.clone()))
    });
    refused(
        &given,
        &place(&server.host(), "70.0.109"),
        "has the version 70.0.101, not 70.0.109",
    );
}

#[test]
fn a_package_that_is_cut_short_is_refused() {
    lies(
        |artifact, asked| {
            artifact
                .is_package(asked)
                .then(|| Answer::Short(artifact.package[..artifact.package.len() / 2].to_vec()))
        },
        "was interrupted",
    );
    lies(
        |artifact, asked| {
            artifact
                .is_package(asked)
                .then(|| Answer::ok(&artifact.package[..artifact.package.len() / 2]))
        },
        "doesn't match its digest",
    );
}

#[test]
fn a_package_with_more_behind_it_is_refused() {
    lies(
        |artifact, asked| {
            artifact
                .is_package(asked)
                .then(|| Answer::ok([&artifact.package[..], &[0; 1 << 20]].concat()))
        },
        "that its manifest says",
    );
}

#[test]
fn a_package_that_is_larger_than_was_said_is_refused_whatever_its_digest() {
    let given = given();
    let artifact = Artifact::with(SECOND, |image| image["layers"][0]["size"] = 1000.into());
    let server = artifact.told_by(|_, _| None);
    refused(
        &given,
        &place(&server.host(), SECOND),
        "that its manifest says",
    );
}

#[test]
fn a_package_that_would_fill_the_memory_is_not_begun() {
    let given = given();
    let artifact = Artifact::with(SECOND, |image| {
        image["layers"][0]["size"] = (1u64 << 40).into();
    });
    let server = artifact.told_by(|_, _| None);
    refused(&given, &place(&server.host(), SECOND), "sends more than");
    let seen = server.seen();
    assert!(
        !seen.iter().any(|asked| asked.contains("/blobs/")),
        "{seen:?}"
    );
}

#[test]
fn an_index_that_says_another_target_than_its_package_is_refused() {
    let given = given();
    let odd = repacked(&given, (1, SECOND), "odd", Some("acme"), |manifest| {
        manifest["plugin"]["target"] = "aarch64-linux".into();
    });
    let package = fs::read(odd).unwrap();
    let (size, sum) = (package.len(), digest(&package));
    let blob = format!("{REPOSITORY}/blobs/{sum}");
    let artifact = Artifact::with(SECOND, |image| {
        image["layers"][0]["size"] = size.into();
        image["layers"][0]["digest"] = sum.into();
        image["layers"].as_array_mut().unwrap().truncate(1);
    });
    let server =
        artifact.told_by(move |_, asked| (asked.path == blob).then(|| Answer::ok(package.clone())));
    refused(
        &given,
        &place(&server.host(), SECOND),
        "has nothing for x86_64-linux",
    );
}

#[test]
fn tags_that_come_in_small_pages_are_all_looked_at() {
    let given = Given::trusting();
    let tags = |names: &[&str]| json!({ "name": "plugins/fruit-001", "tags": names });
    let server = Artifact::of(FIRST).told_by(move |_, asked| {
        let page = asked
            .path
            .strip_prefix(&format!("{REPOSITORY}/tags/list"))?;
        let page = match page.split_once("last=") {
            None => tags(&[FIRST, "latest"]),
            Some((_, "latest")) => tags(&["not-a-version", SECOND]),
            Some(_) => tags(&[]),
        };
        Some(Answer::ok(page.to_string()))
    });
    given
        .tw(["plugin", "install", "--yes", &place(&server.host(), FIRST)])
        .exits(0);
    let dry = given.tw(["plugin", "upgrade", "--all", "--dry-run", "-o", "json"]);
    let dry = dry.exits(0).json();
    assert_eq!(dry["upgrades"][0]["to"], SECOND, "{:?}", server.seen());
}

#[test]
fn a_registry_that_knows_no_pages_is_not_asked_for_ever() {
    let given = Given::trusting();
    // This one knows no pages: it always answers with all it has.
    let server = Artifact::of(FIRST).told_by(|_, _| None);
    let from = place(&server.host(), FIRST);
    given.tw(["plugin", "install", "--yes", &from]).exits(0);
    given
        .tw(["plugin", "upgrade", "--yes", "--all"])
        .exits(0)
        .prints_with("All plugins are up to date");
    given.runs(1, FIRST);
    let seen = server.seen();
    let pages = seen.iter().filter(|asked| asked.contains("/tags/list"));
    assert_eq!(pages.count(), 2, "{seen:?}");
}

#[test]
fn another_plugin_is_no_version_of_the_one_that_is_installed() {
    let given = Given::trusting();
    let (later, other) = (
        Arc::new(AtomicBool::new(false)),
        Artifact::of_fruit(2, SECOND, |_| {}),
    );
    let is_later = Arc::clone(&later);
    let server = Artifact::of(FIRST)
        .told_by(move |_, asked| is_later.load(Ordering::SeqCst).then(|| other.answer(asked)));
    let from = place(&server.host(), FIRST);
    given.tw(["plugin", "install", "--yes", &from]).exits(0);
    // The next version in the repository of fruit-001 is one of fruit-002.
    later.store(true, Ordering::SeqCst);
    let (lock, stored) = (given.lock(), given.stored());
    given
        .tw(["plugin", "upgrade", "--yes", "fruit-001"])
        .fails_with("now has the plugin `fruit-002`");
    assert_eq!((given.lock(), given.stored()), (lock, stored));
    given.has_no(2);
}

#[test]
fn one_that_fails_is_not_taken_for_an_empty_one_when_something_is_published() {
    let given = Given::trusting();
    let server = Artifact::of(FIRST).told_by(|_, asked| {
        asked
            .path
            .contains("/manifests/")
            .then(|| Answer::status(500))
    });
    let package = given.package(1, FIRST, Some("acme")).display().to_string();
    let to = place(&server.host(), FIRST);
    given
        .tw(["plugin", "publish", &to, &package])
        .fails_with("answered with status 500");
    let seen = server.seen();
    let changes = |line: &&String| !line.starts_with("GET") && !line.starts_with("HEAD");
    assert_eq!(seen.iter().find(changes), None, "{seen:?}");
}
