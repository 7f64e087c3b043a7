//! Registries and servers that never end their answers: `tw` stops reading at a size, a number or a time.

use std::{
    fs,
    time::{Duration, Instant},
};

use serde_json::json;
use tw_tests::{Answer, Asked, Server};

use crate::{
    artifact::{Artifact, REPOSITORY, reference},
    given::{FIRST, Given, SECOND, digest},
};

/// Longer than any of these commands takes. A server that keeps `tw` waiting exceeds it.
const LIMIT: Duration = Duration::from_secs(30);

/// Asserts that a command line fails with this message, in time, and that nothing is installed.
#[track_caller]
fn assert_ends<'a>(given: &Given, line: impl IntoIterator<Item = &'a str>, part: &str) {
    let begin = Instant::now();
    let ran = given.tw(line).fails_with(part);
    assert!(
        begin.elapsed() < LIMIT,
        "it took {:?}: {ran}",
        begin.elapsed()
    );
    given.has_no(1);
}

/// Asserts that installing from a registry fails with this message if the registry answers with `lie`.
#[track_caller]
fn assert_install_ends(
    lie: impl Fn(&Artifact, &Asked) -> Option<Answer> + Send + Sync + 'static,
    part: &str,
) {
    let given = Given::trusting();
    let server = Artifact::of(SECOND).serve(lie);
    let place = reference(&server.host(), SECOND);
    let line = ["--read-timeout", "1", "plugin", "install", "--yes", &place];
    assert_ends(&given, line, part);
}

fn is_manifest(asked: &Asked) -> bool {
    asked.path.contains("/manifests/")
}

/// Makes the answer of a registry that wants a token from its own token server.
fn ask_for_token(asked: &Asked) -> Answer {
    let realm = format!(r#"Bearer realm="http://{}/token""#, asked.headers["host"]);
    Answer::status(401).header("WWW-Authenticate", realm)
}

#[test]
fn an_endless_manifest_is_refused() {
    let endless = || Answer::Endless(200, vec![b' '; 1 << 16]);
    assert_install_ends(
        move |_, asked| is_manifest(asked).then(endless),
        "sends more than 4194304 bytes",
    );
    // The image index says how long the manifest of a target is.
    assert_install_ends(
        move |_, asked| asked.path.contains("/manifests/sha256:").then(endless),
        "sends more than",
    );
}

#[test]
fn an_endless_message_of_a_registry_is_not_read() {
    assert_install_ends(
        |_, _| Some(Answer::Endless(400, vec![b' '; 1 << 16])),
        "answered with status 400",
    );
}

#[test]
fn an_endless_token_is_refused() {
    assert_install_ends(
        |_, asked| {
            Some(match asked.path.starts_with("/token?") {
                true => Answer::Endless(200, vec![b' '; 1 << 16]),
                false => ask_for_token(asked),
            })
        },
        "sent an answer that tw can't read",
    );
}

/// Asserts that an upgrade from a registry with this list of tags fails, and returns the number of pages that were requested.
#[track_caller]
fn count_pages(list: impl Fn(&Asked) -> Answer + Send + Sync + 'static, part: &str) -> usize {
    let given = Given::trusting();
    let server = Artifact::of(FIRST)
        .serve(move |_, asked| asked.path.contains("/tags/list").then(|| list(asked)));
    let from = reference(&server.host(), FIRST);
    given.tw(["plugin", "install", "--yes", &from]).exits(0);
    let begin = Instant::now();
    let ran = given.tw(["plugin", "upgrade", "--yes", "--all"]);
    ran.exits(1).says_with(part);
    assert!(begin.elapsed() < LIMIT, "it took {:?}", begin.elapsed());
    let seen = server.seen();
    let pages = seen.iter().filter(|asked| asked.contains("/tags/list"));
    pages.count()
}

#[test]
fn an_endless_page_of_tags_is_refused() {
    let page = |_: &Asked| Answer::Endless(200, vec![b' '; 1 << 16]);
    assert_eq!(count_pages(page, "sends more than 4194304 bytes"), 1);
}

#[test]
fn an_endless_list_of_tags_is_refused() {
    let tags = |asked: &Asked, count: usize| {
        // Each page begins behind the last one.
        let last = asked.path.rsplit_once("last=").map_or("", |(_, last)| last);
        let tags: Vec<String> = (0..count)
            .map(|number| format!("{last}x{number}"))
            .collect();
        Answer::ok(json!({ "tags": tags }).to_string())
    };
    let too_long = "the list of versions";
    assert_eq!(count_pages(move |asked| tags(asked, 60_000), too_long), 2);
    assert_eq!(count_pages(move |asked| tags(asked, 1), too_long), 200);
}

#[test]
fn an_index_of_too_many_packages_is_refused() {
    assert_install_ends(
        |artifact, asked| {
            let path = format!("{REPOSITORY}/manifests/{SECOND}");
            let mut index: serde_json::Value =
                serde_json::from_slice(&artifact.files[&path]).unwrap();
            let entry = index["manifests"][0].clone();
            index["manifests"] = vec![entry; 65].into();
            (asked.path == path).then(|| Answer::ok(index.to_string()))
        },
        "has more than 64 packages",
    );
}

#[test]
fn a_manifest_that_an_index_names_twice_is_downloaded_once() {
    let given = Given::trusting();
    let server = Artifact::of(SECOND).serve(|artifact, asked| {
        let path = format!("{REPOSITORY}/manifests/{SECOND}");
        let mut index: serde_json::Value = serde_json::from_slice(&artifact.files[&path]).unwrap();
        let entry = index["manifests"][0].clone();
        index["manifests"] = vec![entry; 64].into();
        (asked.path == path).then(|| Answer::ok(index.to_string()))
    });
    let place = reference(&server.host(), SECOND);
    given.tw(["plugin", "install", "--yes", &place]).exits(0);
    given.runs(1, SECOND);
    let seen = server.seen();
    let manifests = seen
        .iter()
        .filter(|asked| asked.contains("/manifests/sha256:"));
    assert_eq!(manifests.count(), 1, "{seen:?}");
}

#[test]
fn an_answer_that_arrives_byte_by_byte_ends_with_a_message() {
    let drip = || Answer::Drip(Duration::from_millis(50));
    let too_slow = "answers too slowly";
    assert_install_ends(move |_, asked| is_manifest(asked).then(drip), too_slow);
    assert_install_ends(
        move |artifact, asked| artifact.is_package(asked).then(drip),
        too_slow,
    );
    assert_install_ends(
        move |_, asked| {
            Some(match asked.path.starts_with("/token?") {
                true => drip(),
                false => ask_for_token(asked),
            })
        },
        too_slow,
    );
}

#[test]
fn a_download_that_arrives_byte_by_byte_ends_with_a_message() {
    let given = Given::trusting();
    let server = Server::start(|_| Answer::Drip(Duration::from_millis(50)));
    let url = format!("{}/fruit.tar.gz", server.url());
    let line = ["--read-timeout", "1", "plugin", "install", "--yes", &url];
    assert_ends(&given, line, "answers too slowly");
}

#[test]
fn a_package_that_arrives_in_time_is_installed() {
    let given = Given::trusting();
    let server = Artifact::of(SECOND).serve(|_, asked| {
        if asked.path.contains("/blobs/") {
            std::thread::sleep(Duration::from_millis(400));
        }
        None
    });
    let place = reference(&server.host(), SECOND);
    given
        .tw(["--read-timeout", "1", "plugin", "install", "--yes", &place])
        .exits(0);
    given.runs(1, SECOND);
    let lock = fs::read_to_string(given.lock_file()).unwrap();
    assert!(
        lock.contains(&digest(&Artifact::of(SECOND).package)),
        "{lock}"
    );
}
