//! Registries that are down, broken or send wrong data: `tw` prints one clear message and installs nothing, and the installed version still runs.

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
    artifact::{Artifact, REPOSITORY, reference},
    docker::repack,
    given::{FIRST, Given, SECOND, digest, pack},
};

/// Returns a user with the first version of a fruit, installed from a file.
fn set_up() -> Given {
    let given = Given::trusting();
    given.installs(1, FIRST);
    given
}

/// Asserts that installing from this reference fails with this message, and that the first version still runs.
#[track_caller]
fn assert_refused(given: &Given, place: &str, part: &str) {
    let (lock, stored) = (given.read_lock(), given.list_store());
    let ran = given.tw(["plugin", "install", "--yes", place]);
    let ran = ran.never_shows("\u{1b}").fails_with(part);
    assert_eq!(ran.stderr.matches("ERROR").count(), 1, "{ran}");
    assert_eq!(given.read_lock(), lock);
    assert_eq!(given.list_store(), stored);
    given.runs(1, FIRST);
}

/// Asserts that installing the second version fails with this message if the registry answers with `lie`.
#[track_caller]
fn assert_lie_is_refused(
    lie: impl Fn(&Artifact, &Asked) -> Option<Answer> + Send + Sync + 'static,
    part: &str,
) {
    let given = set_up();
    let server = Artifact::of(SECOND).serve(lie);
    assert_refused(&given, &reference(&server.host(), SECOND), part);
}

#[test]
fn an_honest_registry_is_accepted() {
    let given = set_up();
    let server = Artifact::of(SECOND).serve(|_, _| None);
    given
        .tw([
            "plugin",
            "install",
            "--yes",
            &reference(&server.host(), SECOND),
        ])
        .exits(0);
    given.runs(1, SECOND);
}

#[test]
fn an_unreachable_registry_is_named() {
    let given = set_up();
    // The port was free a moment ago, so nobody listens on it.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    drop(listener);
    assert_refused(
        &given,
        &reference(&host, SECOND),
        &format!("the registry {host} can't be reached"),
    );
}

#[test]
fn the_status_of_a_failing_registry_is_shown() {
    assert_lie_is_refused(|_, _| Some(Answer::status(500)), "answered with status 500");
    assert_lie_is_refused(
        |artifact, asked| artifact.is_package(asked).then(|| Answer::status(503)),
        "answered with status 503",
    );
}

#[test]
fn the_message_of_a_registry_is_shown_without_control_characters() {
    let body = br#"{"errors":[{"code":"UNSUPPORTED","message":"slow\u001b[2Jdown"}]}"#;
    let answer = |body: &[u8]| Answer::With(415, Vec::new(), body.to_vec());
    assert_lie_is_refused(move |_, _| Some(answer(body)), "refused the request: slow");
    assert_lie_is_refused(move |_, _| Some(answer(b"\x1b[2J")), "status 415");
}

#[test]
fn a_web_page_is_not_a_plugin() {
    let page = b"<!doctype html><title>Welcome</title>".to_vec();
    assert_lie_is_refused(
        move |_, _| Some(Answer::ok(page.clone()).header("Content-Type", "text/html")),
        "is not a plugin",
    );
}

#[test]
fn an_image_of_another_media_type_is_not_a_plugin() {
    let given = set_up();
    let server = Artifact::with(SECOND, |image| {
        image["layers"][0]["mediaType"] = "application/vnd.oci.image.layer.v1.tar+gzip".into();
    });
    let server = server.serve(|_, _| None);
    assert_refused(
        &given,
        &reference(&server.host(), SECOND),
        "is not a plugin",
    );
}

#[test]
fn a_missing_package_is_reported() {
    assert_lie_is_refused(
        |artifact, asked| artifact.is_package(asked).then(|| Answer::status(404)),
        "there is nothing at",
    );
}

#[test]
fn a_package_that_does_not_match_its_digest_is_refused() {
    assert_lie_is_refused(
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
fn another_valid_package_in_its_place_is_refused() {
    assert_lie_is_refused(
        |artifact, asked| {
            artifact.is_package(asked).then(|| {
                let other = fs::read(pack(2, SECOND, Some("acme"))).unwrap();
                Answer::ok(other)
            })
        },
        "it is damaged or was changed",
    );
}

#[test]
fn a_manifest_that_does_not_match_its_digest_is_refused() {
    let lie = |_: &Artifact, asked: &Asked| {
        let is_manifest = asked.path.contains("/manifests/sha256:");
        is_manifest.then(|| Answer::ok(r#"{"schemaVersion":2}"#))
    };
    assert_lie_is_refused(lie, "doesn't match its digest");
    // With a digest in the reference, the image index is compared too.
    let given = set_up();
    let server = Artifact::of(SECOND).serve(lie);
    let pinned = format!(
        "oci://{}/plugins/fruit-001@{}",
        server.host(),
        digest(b"meant")
    );
    assert_refused(&given, &pinned, "doesn't match its digest");
}

#[test]
fn a_version_under_the_tag_of_another_version_is_refused() {
    let given = set_up();
    let server = Artifact::of(SECOND).serve(|artifact, asked| {
        let index = &artifact.files[&format!("{REPOSITORY}/manifests/{}", artifact.version)];
        (asked.path == format!("{REPOSITORY}/manifests/70.0.109"))
            .then(|| Answer::ok(index.clone()))
    });
    assert_refused(
        &given,
        &reference(&server.host(), "70.0.109"),
        "has the version 70.0.101, not 70.0.109",
    );
}

#[test]
fn a_package_that_is_cut_short_is_refused() {
    assert_lie_is_refused(
        |artifact, asked| {
            artifact
                .is_package(asked)
                .then(|| Answer::Short(artifact.package[..artifact.package.len() / 2].to_vec()))
        },
        "was interrupted",
    );
    assert_lie_is_refused(
        |artifact, asked| {
            artifact
                .is_package(asked)
                .then(|| Answer::ok(&artifact.package[..artifact.package.len() / 2]))
        },
        "doesn't match its digest",
    );
}

#[test]
fn a_package_longer_than_its_size_is_refused() {
    assert_lie_is_refused(
        |artifact, asked| {
            artifact
                .is_package(asked)
                .then(|| Answer::ok([&artifact.package[..], &[0; 1 << 20]].concat()))
        },
        "that its manifest says",
    );
}

#[test]
fn a_package_longer_than_its_size_is_refused_even_with_the_right_digest() {
    let given = set_up();
    let artifact = Artifact::with(SECOND, |image| image["layers"][0]["size"] = 1000.into());
    let server = artifact.serve(|_, _| None);
    assert_refused(
        &given,
        &reference(&server.host(), SECOND),
        "that its manifest says",
    );
}

#[test]
fn the_download_of_a_package_that_is_too_large_does_not_begin() {
    let given = set_up();
    let artifact = Artifact::with(SECOND, |image| {
        image["layers"][0]["size"] = (1u64 << 40).into();
    });
    let server = artifact.serve(|_, _| None);
    assert_refused(
        &given,
        &reference(&server.host(), SECOND),
        "sends more than",
    );
    let seen = server.seen();
    assert!(
        !seen.iter().any(|asked| asked.contains("/blobs/")),
        "{seen:?}"
    );
}

#[test]
fn a_package_for_another_target_than_in_the_index_is_refused() {
    let given = set_up();
    let odd = repack(&given, (1, SECOND), "odd", Some("acme"), |manifest| {
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
        artifact.serve(move |_, asked| (asked.path == blob).then(|| Answer::ok(package.clone())));
    let place = reference(&server.host(), SECOND);
    given
        .tw(["plugin", "install", "--yes", "--allow-unsigned", &place])
        .fails_with("has nothing for x86_64-linux");
}

#[test]
fn all_pages_of_the_tag_list_are_read() {
    let given = Given::trusting();
    let tags = |names: &[&str]| json!({ "name": "plugins/fruit-001", "tags": names });
    let server = Artifact::of(FIRST).serve(move |_, asked| {
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
        .tw([
            "plugin",
            "install",
            "--yes",
            &reference(&server.host(), FIRST),
        ])
        .exits(0);
    let dry = given.tw(["plugin", "upgrade", "--all", "--dry-run", "-o", "json"]);
    let dry = dry.exits(0).json();
    assert_eq!(dry["upgrades"][0]["to"], SECOND, "{:?}", server.seen());
}

#[test]
fn a_registry_that_ignores_paging_is_not_asked_forever() {
    let given = Given::trusting();
    // An artifact ignores the query, so every request for a page gets all tags.
    let server = Artifact::of(FIRST).serve(|_, _| None);
    let from = reference(&server.host(), FIRST);
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
fn an_upgrade_to_another_plugin_is_refused() {
    let given = Given::trusting();
    let (later, other) = (
        Arc::new(AtomicBool::new(false)),
        Artifact::of_fruit(2, SECOND, |_| {}),
    );
    let is_later = Arc::clone(&later);
    let server = Artifact::of(FIRST)
        .serve(move |_, asked| is_later.load(Ordering::SeqCst).then(|| other.answer(asked)));
    let from = reference(&server.host(), FIRST);
    given.tw(["plugin", "install", "--yes", &from]).exits(0);
    // The next version in the repository of fruit-001 is a version of fruit-002.
    later.store(true, Ordering::SeqCst);
    let (lock, stored) = (given.read_lock(), given.list_store());
    given
        .tw(["plugin", "upgrade", "--yes", "fruit-001"])
        .fails_with("the repository is called `fruit-001`, but has the plugin `fruit-002`");
    assert_eq!((given.read_lock(), given.list_store()), (lock, stored));
    given.has_no(2);
}

#[test]
fn publish_does_not_take_a_failing_registry_for_an_empty_one() {
    let given = Given::trusting();
    let server = Artifact::of(FIRST).serve(|_, asked| {
        asked
            .path
            .contains("/manifests/")
            .then(|| Answer::status(500))
    });
    let package = given.package(1, FIRST, Some("acme")).display().to_string();
    let to = reference(&server.host(), FIRST);
    given
        .tw(["plugin", "publish", &to, &package])
        .fails_with("answered with status 500");
    let seen = server.seen();
    let changes = |line: &&String| !line.starts_with("GET") && !line.starts_with("HEAD");
    assert_eq!(seen.iter().find(changes), None, "{seen:?}");
}
