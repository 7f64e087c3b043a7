//! Downloads are retried by the rules for calls to the API: what is retried, how often, and what a user sees of it.

use std::{
    collections::BTreeMap,
    fs,
    net::TcpListener,
    sync::atomic::{AtomicUsize, Ordering},
};

use tw_tests::{Answer, Asked, Server, Terminal};

use crate::given::{FIRST, Given, pack, signature_of};

/// Returns the files of a server: a package at `/fruit.tar.gz` and its signature.
fn files() -> BTreeMap<String, Vec<u8>> {
    let package = pack(1, FIRST, Some("acme"));
    BTreeMap::from([
        ("/fruit.tar.gz".to_owned(), fs::read(&package).unwrap()),
        (
            "/fruit.tar.gz.minisig".to_owned(),
            fs::read(signature_of(&package)).unwrap(),
        ),
    ])
}

/// Starts a server that gives the answer of `fault` to the first requests, as many as `count`, and serves the package to the later ones.
fn start(count: usize, fault: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Server {
    let (files, asked_before) = (files(), AtomicUsize::new(0));
    Server::start(move |asked| {
        if asked_before.fetch_add(1, Ordering::SeqCst) < count {
            return fault(asked);
        }
        match files.get(&asked.path) {
            Some(content) => Answer::ok(content.clone()),
            None => Answer::status(404),
        }
    })
}

fn url(server: &Server) -> String {
    format!("{}/fruit.tar.gz", server.url())
}

#[test]
fn each_passing_fault_of_a_server_is_retried() {
    let soon = |asked: &str| Answer::status(429).header("Retry-After", asked);
    for fault in [
        Answer::status(502),
        Answer::status(503),
        Answer::status(504),
        Answer::status(429),
        soon("0"),
        soon("Sun, 06 Nov 1994 08:49:37 GMT"),
        Answer::Close,
        Answer::Short(vec![b'x'; 1000]),
        Answer::ok(vec![b'x'; 1000]).cut(0),
    ] {
        let given = Given::trusting();
        let shown = format!("{fault:?}");
        let server = start(2, move |_| fault.clone());
        let ran = given.tw(["plugin", "install", "--yes", &url(&server)]);
        ran.exits(0);
        let package = "GET /fruit.tar.gz";
        assert_eq!(
            server.seen(),
            [package, package, package, "GET /fruit.tar.gz.minisig"],
            "{shown}"
        );
        given.runs(1, FIRST);
    }
}

#[test]
fn a_silent_server_is_asked_again() {
    let given = Given::trusting();
    let server = start(1, |_| Answer::Silence);
    let line = ["--read-timeout", "1", "plugin", "install", "--yes"];
    let url = url(&server);
    given.tw(line.into_iter().chain([url.as_str()])).exits(0);
    assert_eq!(server.seen().len(), 3);
}

#[test]
fn the_option_retries_says_how_often() {
    for (retries, count, exit_code) in [("0", 1, 1), ("1", 2, 1), ("2", 4, 0), ("5", 4, 0)] {
        let given = Given::trusting();
        let server = start(2, |_| Answer::status(503));
        let line = ["--retries", retries, "plugin", "install", "--yes"];
        let url = url(&server);
        let ran = given.tw(line.into_iter().chain([url.as_str()]));
        let ran = ran.exits(exit_code);
        assert_eq!(server.seen().len(), count, "{ran}");
    }
}

#[test]
fn a_failure_that_a_retry_does_not_change_is_not_retried() {
    for status in [400, 401, 403, 404, 410, 500, 501] {
        let given = Given::trusting();
        let server = start(1, move |_| Answer::status(status));
        let ran = given.tw(["plugin", "install", "--yes", &url(&server)]);
        let ran = ran.exits(1);
        assert_eq!(server.seen().len(), 1, "{ran}");
    }
    let given = Given::trusting();
    let server = start(1, |_| {
        Answer::status(302).header("Location", "http://packages.invalid/fruit.tar.gz")
    });
    given
        .tw(["plugin", "install", "--yes", &url(&server)])
        .fails_with("it redirects to an address that is not encrypted");
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn verbose_shows_each_retry_without_the_query_of_the_address() {
    let given = Given::trusting();
    let server = start(1, |_| Answer::status(503));
    let url = format!("{}?signature=hunter2", url(&server));
    let ran = given.tw(["-v", "--retries", "1", "plugin", "install", "--yes", &url]);
    let shown = ran.never_shows("hunter2").stderr.clone();
    let expected = format!("* retrying GET {}/fruit.tar.gz in ", server.url());
    let lines: Vec<&str> = shown
        .lines()
        .filter(|line| line.contains("retrying"))
        .collect();
    assert_eq!(lines.len(), 1, "{shown}");
    assert!(lines[0].starts_with(&expected), "{shown}");
    assert!(lines[0].ends_with(" ms: status 503"), "{shown}");
}

#[test]
fn a_server_that_nobody_listens_at_is_tried_again() {
    let given = Given::trusting();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/fruit.tar.gz", listener.local_addr().unwrap());
    drop(listener);
    let line = ["-v", "--retries", "2", "plugin", "install", "--yes", &url];
    let ran = given.tw(line).fails_with("can't be reached");
    assert_eq!(ran.stderr.matches("* retrying GET ").count(), 2, "{ran}");
}

#[test]
fn a_server_that_allows_no_more_requests_says_when_it_does() {
    for (asked, hint) in [
        ("3600", "try again in 60 minutes"),
        ("61", "try again in 61 seconds"),
        ("86400", "try again in 24 hours"),
        ("Fri, 31 Dec 9999 23:59:59 GMT", "days"),
    ] {
        let given = Given::trusting();
        let server = start(1, move |_| Answer::status(429).header("Retry-After", asked));
        let ran = given.tw(["-v", "plugin", "install", "--yes", &url(&server)]);
        ran.fails_with("allows no more requests for now")
            .says_with(hint)
            .says_with("is not retried: the server asks for a longer wait than tw allows");
        assert_eq!(server.seen().len(), 1);
    }
}

#[test]
fn an_index_is_fetched_again_after_a_fault() {
    let given = Given::trusting();
    let folder = given.work().join("index");
    fs::create_dir(&folder).unwrap();
    let document = r#"{"format":1,"serial":1,"publishers":{},"plugins":{}}"#;
    fs::write(folder.join("index.json"), document).unwrap();
    crate::docker::sign(&given, &folder.join("index.json"), "acme");
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    let (index, signature) = (read("index.json"), read("index.json.minisig"));
    let asked_before = AtomicUsize::new(0);
    let server = Server::start(move |asked| {
        let content = if asked.path.ends_with(".minisig") {
            &signature
        } else {
            &index
        };
        match asked_before.fetch_add(1, Ordering::SeqCst) % 2 {
            0 => Answer::Close,
            _ => Answer::ok(content.clone()),
        }
    });
    let url = format!("{}/index.json", server.url());
    let key = crate::given::public_key("acme");
    given
        .tw(["plugin", "index", "add", "acme", &url, "--key", &key])
        .exits(0);
    assert_eq!(server.seen().len(), 4);
    given.tw(["plugin", "index", "update"]).exits(0);
    assert_eq!(server.seen().len(), 8);
}

#[test]
fn an_interrupt_ends_the_wait_for_a_retry() {
    let given = Given::trusting();
    let server = start(1, |_| Answer::status(429).header("Retry-After", "60"));
    let line = ["-v", "plugin", "install", "--yes", &url(&server)];
    Terminal::start(given.command(line))
        .until("* retrying GET ")
        .interrupts()
        .ends()
        .exits(130)
        .showed("Interrupted");
    assert_eq!(server.seen().len(), 1);
    given.has_no(1);
}

#[test]
fn a_terminal_says_when_a_download_is_repeated() {
    let given = Given::trusting();
    let server = start(1, |_| Answer::status(429).header("Retry-After", "2"));
    let url = url(&server);
    let line = ["plugin", "install", &url, "--plain-http", "--yes"];
    let running = Terminal::start(given.command(line)).until("429, again in ");
    running.ends().exits(0).works_as_before();
    let quiet = start(1, |_| Answer::status(429).header("Retry-After", "1"));
    let url = format!("{}/fruit.tar.gz", quiet.url());
    let line = [
        "plugin",
        "install",
        &url,
        "--plain-http",
        "--yes",
        "--quiet",
    ];
    let left = Terminal::start(given.command(line)).ends().exits(0);
    left.never_showed("again in").never_showed("fruit");
}
