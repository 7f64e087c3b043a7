//! Time-outs, the rate, compressed answers: what a person sets, and what holds without.

use std::{
    io::Write,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use tw_sandbox::{Fault, Sandbox};
use tw_tests::{Answer, Server, World};

use crate::{LIMIT, Probe, http::pets, is_usage_error, probe, probe_with};

/// Writes the configuration file.
fn configure(world: &World, text: &str) {
    let folder = world.installation.home().join(".config/tw");
    std::fs::create_dir_all(&folder).expect("the home can be written");
    std::fs::write(folder.join("config.toml"), text).expect("the home can be written");
}

/// A world where `/pets` says nothing.
fn silent() -> World {
    pets(|pets| pets.json("{}").delay(LIMIT * 10))
}

#[test]
fn a_server_has_the_time_that_the_option_names() {
    let line = ["http", "send", "get", "/pets", "--retries=0"];
    let (kind, message) = silent().met(line.into_iter().chain(["--read-timeout", "0.2"]));
    assert_eq!(
        (kind.as_str(), message.as_str()),
        (
            "timeout",
            "GET /pets failed: the server did not answer in time"
        )
    );
    // The time is between two pieces, not for all of them.
    let slow = |pets: Fault| pets.slow_drip(4, Duration::from_millis(100));
    let got = pets(slow).got(line.into_iter().chain(["--read-timeout", "0.6"]));
    assert_eq!(got["status"], 404);
}

#[test]
fn an_answer_that_drips_without_an_end_is_given_up_on() {
    let server = Server::start(|_| Answer::Drip(Duration::from_millis(100)));
    let url = format!("{}/pets", server.url());
    let why = "the server's answer did not end in time";
    for (method, kind, message) in [
        ("get", "timeout", format!("GET {url} failed: {why}")),
        (
            "put",
            "outcome_unknown",
            format!("PUT {url} was sent, and its outcome is unknown: {why}"),
        ),
    ] {
        let line = ["http", "send", method, &url, "--retries=0"];
        let met = probe().met(line.into_iter().chain(["--read-timeout", "0.4"]));
        assert_eq!(met, (kind.to_owned(), message));
    }
}

#[test]
fn a_connection_has_the_time_that_the_option_names() {
    // An address that nothing answers for: packets to it are dropped, or there is no way to it.
    let world = probe();
    let line = [
        "http",
        "send",
        "post",
        "http://192.0.2.1/pets",
        "--retries=0",
    ];
    let begin = Instant::now();
    let (kind, message) = world.met(line.into_iter().chain(["--connect-timeout", "0.2"]));
    assert!(
        begin.elapsed() < Duration::from_secs(8),
        "not the 10 of before"
    );
    assert_eq!(kind, "network");
    assert!(
        message.starts_with("Cannot connect to http://192.0.2.1: "),
        "{message}"
    );
}

#[test]
fn a_connection_that_does_not_come_about_leaves_nothing_uncertain() {
    // The shorter of the two times is up first, and it is told which it was.
    let world = probe();
    let line = ["http", "send", "post", "http://192.0.2.1/pets"];
    let line = line
        .into_iter()
        .chain(["--retries=0", "--read-timeout=0.5"]);
    let (kind, message) = world.met(line);
    assert_eq!(kind, "network", "{message}");
}

#[test]
fn the_configuration_names_them_and_the_option_beats_it() {
    let world = silent();
    configure(
        &world,
        "[http]\nread-timeout = 0.2\nconnect-timeout = 5\nretries = 1\nrate = 0\n",
    );
    assert_eq!(world.met(["http", "send", "get", "/pets"]).0, "timeout");
    world.saw(["GET /pets"; 2]);
    let line = ["http", "send", "get", "/pets", "--retries", "0"];
    assert_eq!(world.met(line).0, "timeout");
    world.saw(["GET /pets"]);
}

#[test]
fn a_configuration_that_says_what_cannot_be_is_told() {
    for (text, told) in [
        (
            "[http]\nretries = 11\n",
            "`http.retries` should be a whole number from 0 to 10",
        ),
        ("[http]\nretries = 1.5\n", "`http.retries` should be"),
        ("[http]\nrate = -1\n", "`http.rate` should be"),
        (
            "[http]\nread-timeout = 0\n",
            "`http.read-timeout` should be a number of seconds above 0, such as 5 or 0.5",
        ),
        (
            "[http]\nconnect-timeout = \"5\"\n",
            "`http.connect-timeout` should be",
        ),
        (
            "[http]\nconnect-timeout = 1e9\n",
            "`http.connect-timeout` should be",
        ),
        (
            "[http]\nretry = 1\n",
            "connect-timeout, read-timeout, retries and rate",
        ),
        ("http = 1\n", "`http` is not a section"),
        ("[http\n", "line 1 is not valid TOML"),
    ] {
        let world = probe();
        configure(&world, text);
        let ran = world.tw(["probe", "http", "send", "get", "/user-info"]);
        ran.fails_with(told).says_with("config.toml");
        world.saw([]);
        // What needs no network needs none of this.
        world.tw(["probe", "--help"]).exits(0);
    }
}

#[test]
fn a_value_that_an_option_cannot_have_is_a_mistake() {
    let world = probe();
    for (option, value) in [
        ("--read-timeout", "0"),
        ("--read-timeout", "-1"),
        ("--read-timeout", "soon"),
        ("--read-timeout", "NaN"),
        ("--read-timeout", ""),
        ("--connect-timeout", "inf"),
        ("--connect-timeout", "86401"),
        ("--connect-timeout", "1s"),
        ("--retries", "11"),
        ("--retries", "-1"),
        ("--retries", "1.5"),
        ("--retries", "many"),
        ("--rate", "-1"),
        ("--rate", "10001"),
        ("--rate", "fast"),
    ] {
        let option_and_value = format!("{option}={value}");
        is_usage_error(
            world.tw([&option_and_value, "probe", "http", "send", "get", "/pets"]),
            option,
        );
        is_usage_error(
            world.tw(["probe", "http", "send", "get", "/pets", &option_and_value]),
            option,
        );
    }
    world.saw([]);
}

/// The requests at the server: no window of one second has more than so many.
fn most_in_a_second(world: &World) -> usize {
    let mut came: Vec<Duration> = world
        .sandbox
        .requests()
        .iter()
        .map(|request| request.at)
        .collect();
    came.sort();
    let second = Duration::from_secs(1);
    let within = |begin: Duration| {
        came.iter()
            .filter(|at| (begin..begin + second).contains(*at))
            .count()
    };
    came.iter().map(|begin| within(*begin)).max().unwrap_or(0)
}

#[test]
fn no_second_has_more_calls_than_the_rate() {
    let world = probe();
    let line = ["batch", "send", "--numbers", "25", "--concurrency", "25"];
    let ran = world.probe(line).args(["--rate", "10"]).run().exits(0);
    assert_eq!(ran.json().as_array().map(Vec::len), Some(25));
    assert_eq!(world.sandbox.requests().len(), 25);
    assert!(most_in_a_second(&world) <= 10);
}

#[test]
fn the_rate_counts_retries_and_calls_one_after_another() {
    let world = probe_with(
        Sandbox::builder().fault(Fault::on("*", "/pipeline-secrets/*").status(503).times(2)),
    );
    configure(&world, "[http]\nrate = 2\n");
    world.got(["batch", "send", "--numbers", "3", "--concurrency", "1"]);
    assert_eq!(world.sandbox.requests().len(), 5);
    assert!(most_in_a_second(&world) <= 2);
}

#[test]
fn without_a_rate_an_api_of_ones_own_is_called_as_fast_as_may_be() {
    for more in [&[][..], &["--rate", "0"], &["--rate", "none"]] {
        let world = probe();
        world
            .probe(["batch", "send", "--numbers", "200"])
            .args(more)
            .run()
            .exits(0);
        // At the public API's rate, it would take 9 seconds.
        assert!(most_in_a_second(&world) > 20);
    }
    // The option comes before the file, in which it is the same word.
    let world = probe();
    configure(&world, "[http]\nrate = 2\n");
    let line = ["batch", "send", "--numbers", "30"];
    world.probe(line).args(["--rate", "none"]).run().exits(0);
    assert!(most_in_a_second(&world) > 20);
    configure(&world, "[http]\nrate = \"none\"\n");
    world.sandbox.clear_requests();
    world.got(line);
    assert!(most_in_a_second(&world) > 20);
    configure(&world, "[http]\nrate = \"some\"\n");
    let (_, message) = world.met(["http", "send", "get", "/pets"]);
    let expected = "`http.rate` should be a whole number from 0 to 10000, or \"none\"";
    assert!(message.contains(expected), "{message}");
}

#[test]
fn the_public_api_is_called_as_often_as_it_allows() {
    // Reached through a proxy, which answers in its place.
    let came = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&came);
    let proxy = Server::start(move |_| {
        let mut came = seen.lock().unwrap_or_else(PoisonError::into_inner);
        came.push(Instant::now());
        Answer::ok("{}")
    });
    let world = probe();
    let tw = world
        .probe(["batch", "send", "--numbers", "30", "--concurrency", "30"])
        .env("TOWER_API_ENDPOINT", "http://api.cloud.seqera.io")
        .env("HTTP_PROXY", proxy.url());
    tw.run().exits(0);
    let came = came.lock().unwrap_or_else(PoisonError::into_inner);
    assert_eq!(came.len(), 30);
    assert!(came[20] - came[0] >= Duration::from_secs(1), "{came:?}");
    assert!(came[29] - came[9] >= Duration::from_secs(1), "{came:?}");
}

#[test]
fn the_rate_is_of_the_api_alone() {
    let (world, other) = (probe(), Sandbox::builder().start());
    let elsewhere = format!("GET {}/service-info", other.url());
    let line = ["batch", "send", "--rate", "1"].into_iter();
    world.got(line.chain([&*elsewhere; 5]));
    let came = other.requests();
    // Counted, they would take four seconds.
    assert!(came[4].at - came[0].at < Duration::from_secs(3), "{came:?}");
}

#[test]
fn an_api_that_is_called_too_often_is_called_again() {
    // At once, so that most come too early; and none too often for the three times that it is made again.
    let world = probe_with(Sandbox::builder().rate(3));
    let got = world.got(["batch", "send", "--numbers", "15"]);
    let statuses = got
        .as_array()
        .into_iter()
        .flatten()
        .map(|item| &item["status"]);
    assert!(statuses.clone().all(|status| status == 404), "{got}");
}

/// The bytes in gzip.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory can be written");
    encoder.finish().expect("memory can be written")
}

/// A server that has this in gzip.
fn compressed(answer: Vec<u8>) -> Server {
    Server::start(move |asked| {
        let accepted = asked.headers.get("accept-encoding");
        assert!(accepted.is_some_and(|accepted| accepted.contains("gzip")));
        Answer::ok(answer.clone()).header("Content-Encoding", "gzip")
    })
}

/// What the server has to say, as the plugin gets it.
fn of_server(world: &World, server: &Server, more: &[&str]) -> Value {
    let url = format!("{}/pets", server.url());
    let line = ["http", "send", "get", &url, "--report", "--retries", "0"];
    world.probe(line).args(more).run().exits(0).says("").json()
}

#[test]
fn a_compressed_answer_is_what_it_was() {
    let server = compressed(gzip(br#"{"name":"Rex"}"#));
    let world = probe();
    let got = of_server(&world, &server, &["--tell", "content-encoding"]);
    assert_eq!(got["body"], json!({ "name": "Rex" }));
    assert_eq!(got["headers"], json!([null]));
    let head = format!("{}/pets", server.url());
    assert_eq!(world.got(["http", "send", "head", &head])["body"], "");
}

#[test]
fn a_compressed_answer_is_bounded_by_what_it_becomes() {
    let bomb = gzip(&vec![0; 40 << 20]);
    assert!(bomb.len() < 100_000);
    let got = of_server(&probe(), &compressed(bomb), &[]);
    assert_eq!(got["kind"], "too_large");
    let small = compressed(gzip(b"1234567890"));
    let got = of_server(&probe(), &small, &["--max-body", "9"]);
    assert_eq!(got["kind"], "too_large");
}

#[test]
fn a_compressed_answer_that_is_cut_short_or_is_none_is_told() {
    let whole = gzip(br#"{"name":"Rex"}"#);
    let half = whole[..whole.len() / 2].to_vec();
    for broken in [half, b"no gzip at all".to_vec()] {
        let got = of_server(&probe(), &compressed(broken), &[]);
        assert_eq!(got["kind"], "network");
        let message = got["message"].as_str().unwrap_or_default();
        assert!(message.ends_with("/pets is cut short"), "{message}");
    }
}
