//! Packages at plain URLs.

use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use tw_tests::{Answer, Server};

use crate::given::{FIRST, Given, SECOND, digest, pack, signature_of};

/// Returns the files of a server: a package at `/fruit.tar.gz` and, with a `key`, its signature.
fn files(version: &str, key: Option<&str>) -> BTreeMap<String, Vec<u8>> {
    let package = pack(1, version, key);
    let mut files = BTreeMap::from([("/fruit.tar.gz".to_owned(), fs::read(&package).unwrap())]);
    if key.is_some() {
        let signature = fs::read(signature_of(&package)).unwrap();
        files.insert("/fruit.tar.gz.minisig".to_owned(), signature);
    }
    files
}

/// Asserts that installing from this URL fails with this message and stores nothing.
#[track_caller]
fn assert_refused(given: &Given, url: &str, part: &str) {
    let ran = given
        .tw(["plugin", "install", "--yes", url])
        .fails_with(part);
    assert_eq!(ran.stderr.matches("ERROR").count(), 1, "{ran}");
    assert_eq!(given.list_store(), Vec::<String>::new());
    given.has_no(1);
}

/// Returns a user with an empty store.
fn set_up() -> Given {
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
    assert_eq!(given.list_entry("fruit-001")["source"], url);
    // A URL is one version, so an upgrade doesn't ask the server.
    drop(server);
    given
        .tw(["plugin", "upgrade", "--yes", "--all"])
        .exits(0)
        .prints_with("All plugins are up to date");
}

#[test]
fn a_package_at_a_url_without_a_signature_needs_allow_unsigned() {
    let given = set_up();
    let server = Server::of_files(files(FIRST, None));
    let url = format!("{}/fruit.tar.gz", server.url());
    assert_refused(&given, &url, "it isn't signed with a trusted key");
    given
        .tw(["plugin", "install", "--yes", "--allow-unsigned", &url])
        .exits(0);
    given.runs(1, FIRST);
    assert_eq!(given.list_entry("fruit-001")["publisher"], "(unsigned)");
}

#[test]
fn a_signature_of_another_package_is_refused_even_with_allow_unsigned() {
    let given = set_up();
    let mut files = files(FIRST, Some("acme"));
    let other = fs::read(pack(1, SECOND, Some("acme"))).unwrap();
    files.insert("/fruit.tar.gz".to_owned(), other);
    let server = Server::of_files(files);
    let url = format!("{}/fruit.tar.gz", server.url());
    assert_refused(&given, &url, "its signature doesn't match its content");
    given
        .tw(["plugin", "install", "--yes", "--allow-unsigned", &url])
        .fails_with("its signature doesn't match its content");
    given.has_no(1);
}

#[test]
fn a_missing_file_is_reported_with_its_url() {
    let given = set_up();
    let server = Server::of_files(BTreeMap::new());
    let url = format!("{}/fruit.tar.gz", server.url());
    assert_refused(&given, &url, &format!("there is nothing at {url}"));
}

#[test]
fn the_status_of_a_failing_server_is_shown() {
    let given = set_up();
    let server = Server::start(|_| Answer::status(500));
    let url = format!("{}/fruit.tar.gz", server.url());
    assert_refused(&given, &url, "answered with status 500");
    // A signature that can't be fetched doesn't count as a missing signature.
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
fn an_unreachable_server_is_reported() {
    let given = set_up();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/fruit.tar.gz", listener.local_addr().unwrap());
    drop(listener);
    assert_refused(&given, &url, "can't be reached");
}

#[test]
fn an_incomplete_download_installs_nothing() {
    let given = set_up();
    let package = files(FIRST, Some("acme"))["/fruit.tar.gz"].clone();
    let server = Server::start(move |_| Answer::Short(package[..package.len() / 2].to_vec()));
    let url = format!("{}/fruit.tar.gz", server.url());
    assert_refused(&given, &url, "was interrupted");
}

#[test]
fn a_web_page_is_not_a_package() {
    let given = set_up();
    let server = Server::start(|_| Answer::ok("<!doctype html>"));
    let url = format!("{}/fruit.tar.gz", server.url());
    assert_refused(&given, &url, "its signature can't be read");
    let server = Server::start(|asked| match asked.path.ends_with(".minisig") {
        true => Answer::status(404),
        false => Answer::ok("<!doctype html>"),
    });
    let url = format!("{}/fruit.tar.gz", server.url());
    given
        .tw(["plugin", "install", "--yes", "--allow-unsigned", &url])
        .fails_with("it is not a package of a plugin");
}

#[test]
fn redirects_are_followed_but_not_forever() {
    let given = set_up();
    let files = files(FIRST, Some("acme"));
    let server = Server::start(move |asked| match files.get(&asked.path) {
        Some(content) => Answer::ok(content.clone()),
        None if asked.path.starts_with("/latest.tar.gz") => {
            let to = asked.path.replace("latest", "fruit");
            Answer::status(302).header("Location", to)
        }
        None => Answer::status(302).header("Location", asked.path.clone()),
    });
    assert_refused(
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
    assert_eq!(given.list_entry("fruit-001")["source"], url);
}

#[test]
fn unencrypted_downloads_from_another_machine_are_refused() {
    let given = set_up();
    let far = "http://packages.invalid/fruit.tar.gz";
    assert_refused(&given, far, "is not encrypted");
    assert_refused(&given, far, "`--plain-http`");
    // `--insecure` is about the Platform's API only.
    given
        .tw(["--insecure", "plugin", "install", "--yes", far])
        .fails_with("is not encrypted");
    given
        .tw(["plugin", "install", "--yes", "--plain-http", far])
        .fails_with("can't be reached");
    let server = Server::start(move |_| Answer::status(302).header("Location", far));
    let url = format!("{}/fruit.tar.gz", server.url());
    assert_refused(
        &given,
        &url,
        "it redirects to an address that is not encrypted",
    );
}

#[test]
fn the_lock_has_the_digest_and_the_url_of_a_download() {
    let given = Given::trusting();
    let files = files(FIRST, Some("acme"));
    let package = digest(&files["/fruit.tar.gz"]);
    let server = Server::of_files(files);
    let url = format!("{}/fruit.tar.gz", server.url());
    given
        .tw(["plugin", "install", "--yes", &url])
        .exits(0)
        .says_with(&package);
    let lock = given.read_lock();
    let here = &lock["plugins"]["fruit-001"]["targets"]["x86_64-linux"];
    assert_eq!(here["package"], package);
    assert_eq!(here["source"], url);
}

#[test]
fn the_platform_token_is_never_sent_to_a_package_server() {
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
fn an_interrupted_download_leaves_nothing_behind() {
    let given = set_up();
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
    assert_eq!(given.list_store(), Vec::<String>::new());
    given.has_no(1);
    // The interrupted command holds no lock: the next install works.
    given.installs(1, SECOND);
    given.runs(1, SECOND);
}

#[test]
fn a_download_goes_through_the_proxy_unless_no_proxy_names_the_server() {
    let server = Server::of_files(files(FIRST, Some("acme")));
    let host = server.host();
    let (_, port) = host.rsplit_once(':').unwrap();
    let url = format!("{}/fruit.tar.gz", server.url());
    let proxy = Server::start(|_| Answer::status(403));
    let given = Given::trusting().env("HTTP_PROXY", proxy.url());
    let install = |exceptions: &str| {
        let line = ["plugin", "install", "--yes", &url];
        given.command(line).env("NO_PROXY", exceptions).run()
    };
    for exceptions in ["", "127.0.0.1:1", "*.example", "[::1], 10.0.0.0/8"] {
        install(exceptions).fails_with("status 403");
    }
    assert_eq!(server.seen(), Vec::<String>::new());
    let asked = proxy.seen().len();
    for exceptions in [
        "127.0.0.1",
        &host,
        &format!("*.example {host}"),
        &format!("*:{port}"),
        "127.0.0.0/8",
        "*",
    ] {
        install(exceptions).exits(0);
    }
    assert_eq!(proxy.seen().len(), asked);
}
