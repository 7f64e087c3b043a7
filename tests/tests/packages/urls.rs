//! Packages at plain URLs.

use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tw_tests::{Answer, Server};

use crate::given::{FIRST, Given, SECOND, digest, packed, signature_of};

/// The package and its signature, where one is wanted, at `/fruit.tar.gz`.
fn files(version: &str, key: Option<&str>) -> BTreeMap<String, Vec<u8>> {
    let package = packed(1, version, key);
    let mut files = BTreeMap::from([("/fruit.tar.gz".to_owned(), fs::read(&package).unwrap())]);
    if key.is_some() {
        let signature = fs::read(signature_of(&package)).unwrap();
        files.insert("/fruit.tar.gz.minisig".to_owned(), signature);
    }
    files
}

#[track_caller]
fn refused(given: &Given, url: &str, part: &str) {
    let ran = given
        .tw(["plugin", "install", "--yes", url])
        .fails_with(part);
    assert_eq!(ran.stderr.matches("ERROR").count(), 1, "{ran}");
    assert_eq!(given.stored(), Vec::<String>::new());
    given.has_no(1);
}

/// A person with a store that nothing is in.
fn given() -> Given {
    let given = Given::trusting();
    given.installs(1, FIRST);
    given.tw(["plugin", "remove", "fruit-001"]).exits(0);
    given
}

#[test]
fn a_package_at_a_url_is_installed_with_the_signature_beside_it() {
    let given = Given::trusting();
    let server = Server::of_files(files(FIRST, Some("acme")));
    let url = format!("{}/fruit.tar.gz", server.url());
    given
        .tw(["plugin", "install", "--yes", &url])
        .exits(0)
        .says_with("publisher   acme");
    given.runs(1, FIRST);
    assert_eq!(
        server.seen(),
        ["GET /fruit.tar.gz", "GET /fruit.tar.gz.minisig"]
    );
    assert_eq!(given.listed("fruit-001")["source"], url);
    // A URL is one version: nothing newer is looked for.
    drop(server);
    given
        .tw(["plugin", "upgrade", "--yes", "--all"])
        .exits(0)
        .prints_with("All plugins are up to date");
}

#[test]
fn a_package_at_a_url_without_a_signature_is_an_exception() {
    let given = given();
    let server = Server::of_files(files(FIRST, None));
    let url = format!("{}/fruit.tar.gz", server.url());
    refused(&given, &url, "it isn't signed with a trusted key");
    given
        .tw(["plugin", "install", "--yes", "--allow-unsigned", &url])
        .exits(0);
    given.runs(1, FIRST);
    assert_eq!(given.listed("fruit-001")["publisher"], "(unsigned)");
}

#[test]
fn a_signature_of_another_package_is_refused_whatever_is_allowed() {
    let given = given();
    let mut files = files(FIRST, Some("acme"));
    let other = fs::read(packed(1, SECOND, Some("acme"))).unwrap();
    files.insert("/fruit.tar.gz".to_owned(), other);
    let server = Server::of_files(files);
    let url = format!("{}/fruit.tar.gz", server.url());
    refused(&given, &url, "its signature doesn't match its content");
    given
        .tw(["plugin", "install", "--yes", "--allow-unsigned", &url])
        .fails_with("its signature doesn't match its content");
    given.has_no(1);
}

#[test]
fn a_url_where_nothing_is_says_so() {
    let given = given();
    let server = Server::of_files(BTreeMap::new());
    let url = format!("{}/fruit.tar.gz", server.url());
    refused(&given, &url, &format!("there is nothing at {url}"));
}

#[test]
fn a_server_that_fails_is_said_to_fail() {
    let given = given();
    let server = Server::start(|_| Answer::status(500));
    let url = format!("{}/fruit.tar.gz", server.url());
    refused(&given, &url, "answered with status 500");
    // A signature that can't be had is another thing than none.
    let files = files(FIRST, Some("acme"));
    let server = Server::start(move |asked| match files.get(&asked.path) {
        Some(package) if asked.path.ends_with(".gz") => Answer::ok(package.clone()),
        _ => Answer::status(500),
    });
    let url = format!("{}/fruit.tar.gz", server.url());
    given
        .tw(["plugin", "install", "--yes", "--allow-unsigned", &url])
        .fails_with("answered with status 500");
    given.has_no(1);
}

#[test]
fn a_server_that_is_not_there_is_said_to_be_so() {
    let given = given();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/fruit.tar.gz", listener.local_addr().unwrap());
    drop(listener);
    refused(&given, &url, "can't be reached");
}

#[test]
fn a_download_that_breaks_off_installs_nothing() {
    let given = given();
    let package = files(FIRST, Some("acme"))["/fruit.tar.gz"].clone();
    let server = Server::start(move |_| Answer::Short(package[..package.len() / 2].to_vec()));
    let url = format!("{}/fruit.tar.gz", server.url());
    refused(&given, &url, "was interrupted");
}

#[test]
fn a_web_page_is_no_package() {
    let given = given();
    let server = Server::start(|_| Answer::ok("<!doctype html>"));
    let url = format!("{}/fruit.tar.gz", server.url());
    refused(&given, &url, "it is not a package of a plugin");
}

#[test]
fn a_redirect_is_followed_and_one_without_end_is_not() {
    let given = given();
    let files = files(FIRST, Some("acme"));
    let server = Server::start(move |asked| match files.get(&asked.path) {
        Some(content) => Answer::ok(content.clone()),
        None if asked.path.starts_with("/latest.tar.gz") => {
            let to = asked.path.replace("latest", "fruit");
            Answer::status(302).header("Location", to)
        }
        None => Answer::status(302).header("Location", asked.path.clone()),
    });
    refused(
        &given,
        &format!("{}/loop.tar.gz", server.url()),
        "it redirects too often",
    );
    let url = format!("{}/latest.tar.gz", server.url());
    given
        .tw(["plugin", "install", "--yes", &url])
        .exits(0)
        .says_with("publisher   acme");
    given.runs(1, FIRST);
    assert_eq!(given.listed("fruit-001")["source"], url);
}

#[test]
fn what_is_not_encrypted_is_refused_on_any_other_machine() {
    let given = given();
    let far = "http://packages.invalid/fruit.tar.gz";
    refused(&given, far, "is not encrypted");
    refused(&given, far, "`--insecure`");
    given
        .tw(["--insecure", "plugin", "install", "--yes", far])
        .fails_with("can't be reached");
    let server = Server::start(move |_| Answer::status(302).header("Location", far));
    let url = format!("{}/fruit.tar.gz", server.url());
    refused(
        &given,
        &url,
        "it redirects to an address that is not encrypted",
    );
}

#[test]
fn what_is_downloaded_is_what_is_installed() {
    let given = Given::trusting();
    let files = files(FIRST, Some("acme"));
    let package = digest(&files["/fruit.tar.gz"]);
    let server = Server::of_files(files);
    let url = format!("{}/fruit.tar.gz", server.url());
    given
        .tw(["plugin", "install", "--yes", &url])
        .exits(0)
        .says_with(&package);
    let lock = given.lock();
    let here = &lock["plugins"]["fruit-001"]["targets"]["x86_64-linux"];
    assert_eq!(here["package"], package);
    assert_eq!(here["source"], url);
}

#[test]
fn the_token_of_the_platform_is_never_sent_to_where_packages_are() {
    let given = Given::trusting().env("TOWER_ACCESS_TOKEN", "tw-secret-token");
    let files = files(FIRST, Some("acme"));
    let server = Server::start(move |asked| {
        let headers = format!("{:?}", asked.headers);
        match files.get(&asked.path) {
            Some(content) if !headers.contains("tw-secret-token") => Answer::ok(content.clone()),
            _ => Answer::status(500),
        }
    });
    let url = format!("{}/fruit.tar.gz", server.url());
    given
        .tw(["-v", "plugin", "install", "--yes", &url])
        .never_shows("tw-secret-token")
        .exits(0);
}

#[test]
fn an_install_that_is_interrupted_while_it_downloads_leaves_nothing() {
    let given = given();
    let server = Server::start(|_| Answer::Silence);
    let url = format!("{}/fruit.tar.gz", server.url());
    let running = given.start(["plugin", "install", "--yes", &url]);
    let deadline = Instant::now() + Duration::from_secs(30);
    while server.seen().is_empty() {
        assert!(Instant::now() < deadline, "nothing was asked for");
        std::thread::yield_now();
    }
    let id = i32::try_from(running.id()).ok().and_then(Pid::from_raw);
    kill_process(id.unwrap(), Signal::INT).unwrap();
    let ran = running.ends();
    assert!(!ran.status.success(), "{ran}");
    assert_eq!(ran.stdout, "");
    assert_eq!(given.stored(), Vec::<String>::new());
    given.has_no(1);
    // Nobody else is kept from installing.
    given.installs(1, SECOND);
    given.runs(1, SECOND);
}
