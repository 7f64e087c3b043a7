//! A broken download goes on where it broke, if the server says that the file is the same.

use std::{
    fs,
    sync::{Arc, Mutex},
};

use tw_tests::{Answer, Asked, Server};

use crate::{
    artifact::{Artifact, reference},
    given::{FIRST, Given, SECOND, pack, signature_of},
};

const ETAG: &str = "\"one\"";

/// A server of one package that breaks the first transfer in its middle.
struct Breaking {
    server: Server,
    /// The header `Range` of each request for the package, empty if it has none.
    ranges: Arc<Mutex<Vec<String>>>,
    half: usize,
}

impl Breaking {
    /// Starts a server whose later answers `rest` makes from the request, the package and its middle.
    fn start(rest: impl Fn(&Asked, &[u8], usize) -> Answer + Send + Sync + 'static) -> Self {
        let path = pack(1, FIRST, Some("acme"));
        let package = fs::read(&path).unwrap();
        let signature = fs::read(signature_of(&path)).unwrap();
        let (ranges, half) = (Arc::new(Mutex::new(Vec::new())), package.len() / 2);
        let all = Arc::clone(&ranges);
        let server = Server::start(move |asked| {
            if asked.path.ends_with(".minisig") {
                return Answer::ok(signature.clone());
            }
            let mut ranges = all.lock().unwrap();
            let range = asked.headers.get("range");
            ranges.push(range.cloned().unwrap_or_default());
            match ranges.len() {
                1 => Answer::ok(package.clone()).header("ETag", ETAG).cut(half),
                _ => rest(asked, &package, half),
            }
        });
        Self {
            server,
            ranges,
            half,
        }
    }

    fn ranges(&self) -> Vec<String> {
        self.ranges.lock().unwrap().clone()
    }

    fn install(&self, given: &Given) -> tw_tests::Ran {
        let url = format!("{}/fruit.tar.gz", self.server.url());
        given.tw(["plugin", "install", "--yes", &url])
    }
}

/// Makes the answer to a request for the bytes after `begin`.
fn answer_rest(package: &[u8], begin: usize) -> Answer {
    let (last, total) = (package.len() - 1, package.len());
    Answer::With(206, Vec::new(), package[begin..].to_vec())
        .header("ETag", ETAG)
        .header("Content-Range", format!("bytes {begin}-{last}/{total}"))
}

#[test]
fn only_the_rest_of_a_broken_download_is_requested() {
    let given = Given::trusting();
    let breaking = Breaking::start(|asked, package, half| {
        assert_eq!(asked.headers["if-range"], ETAG);
        answer_rest(package, half)
    });
    breaking.install(&given).exits(0);
    let rest = format!("bytes={}-", breaking.half);
    assert_eq!(breaking.ranges(), [String::new(), rest]);
    given.runs(1, FIRST);
}

#[test]
fn a_file_that_has_changed_or_a_wrong_rest_is_downloaded_from_its_beginning() {
    let whole = |package: &[u8]| Answer::ok(package.to_vec()).header("ETag", "\"two\"");
    let given = Given::trusting();
    let breaking = Breaking::start(move |_, package, _| whole(package));
    breaking.install(&given).exits(0);
    given.runs(1, FIRST);
    assert_eq!(breaking.ranges().len(), 2);
    // Each of these answers to the request for the rest is not the rest.
    for at in 0..4 {
        let given = Given::trusting();
        let breaking = Breaking::start(move |asked, package, half| {
            if !asked.headers.contains_key("range") {
                return whole(package);
            }
            let rest = &package[half..];
            let (last, total) = (package.len() - 1, package.len());
            let range = |begin: usize| format!("bytes {begin}-{last}/{total}");
            let part = |begin| {
                Answer::With(206, Vec::new(), rest.to_vec()).header("Content-Range", range(begin))
            };
            match at {
                0 => part(half - 1).header("ETag", ETAG),
                1 => part(half).header("ETag", "\"two\""),
                2 => part(half),
                _ => Answer::status(416),
            }
        });
        breaking.install(&given).exits(0);
        given.runs(1, FIRST);
        let rest = format!("bytes={}-", breaking.half);
        assert_eq!(
            breaking.ranges(),
            [String::new(), rest, String::new()],
            "{at}"
        );
    }
}

#[test]
fn a_file_that_is_put_together_from_two_versions_is_refused_by_its_signature() {
    let given = Given::trusting();
    let breaking = Breaking::start(|_, package, half| {
        let mut lie = package.to_vec();
        lie[half..].fill(0);
        answer_rest(&lie, half)
    });
    breaking
        .install(&given)
        .fails_with("its signature doesn't match its content");
    let rest = format!("bytes={}-", breaking.half);
    assert_eq!(breaking.ranges(), [String::new(), rest]);
    given.has_no(1);
}

#[test]
fn a_blob_of_a_registry_is_resumed_and_its_digest_is_checked() {
    for is_honest in [true, false] {
        let given = Given::trusting();
        let server = Artifact::of(SECOND).serve(move |artifact, asked| {
            if !artifact.is_package(asked) {
                return None;
            }
            let half = artifact.package.len() / 2;
            let mut package = artifact.package.clone();
            if !is_honest {
                package[half..].fill(0);
            }
            Some(match asked.headers.contains_key("range") {
                true => answer_rest(&package, half),
                false => Answer::ok(package).header("ETag", ETAG).cut(half),
            })
        });
        let place = reference(&server.host(), SECOND);
        let ran = given.tw(["plugin", "install", "--yes", &place]);
        match is_honest {
            true => {
                ran.exits(0);
                given.runs(1, SECOND);
            }
            false => {
                ran.fails_with("doesn't match");
                given.has_no(1);
            }
        }
    }
}

#[test]
fn a_blob_that_ends_early_without_saying_so_is_requested_again() {
    let given = Given::trusting();
    let count = Mutex::new(0);
    let server = Artifact::of(SECOND).serve(move |artifact, asked| {
        let mut count = count.lock().unwrap();
        *count += usize::from(artifact.is_package(asked));
        let half = artifact.package.len() / 2;
        (*count == 1 && artifact.is_package(asked))
            .then(|| Answer::Unmarked(artifact.package[..half].to_vec()))
    });
    let place = reference(&server.host(), SECOND);
    given.tw(["plugin", "install", "--yes", &place]).exits(0);
    given.runs(1, SECOND);
}
