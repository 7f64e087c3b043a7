//! Timeouts, the rate limiter and compressed answers: their options, their configuration and their defaults.

use std::{
    io::Write,
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use tw_sandbox::{Fault, Sandbox};
use tw_tests::{Answer, Server, World};

use crate::{
    LIMIT, Probe, assert_usage_error, batch::list_arrivals, http::serve_pets, set_up, set_up_with,
};

/// Writes the configuration file.
fn configure(world: &World, text: &str) {
    let folder = world.installation.home().join(".config/tw");
    std::fs::create_dir_all(&folder).expect("the home can be written");
    std::fs::write(folder.join("config.toml"), text).expect("the home can be written");
}

/// Starts a sandbox that never answers `/pets`.
fn serve_silence() -> World {
    serve_pets(|pets| pets.json("{}").delay(LIMIT * 10))
}

#[test]
fn the_read_timeout_limits_the_silence_of_a_server() {
    let line = ["http", "send", "get", "/pets", "--retries=0"];
    let (kind, message) =
        serve_silence().probe_failure(line.into_iter().chain(["--read-timeout", "0.2"]));
    assert_eq!(
        (kind.as_str(), message.as_str()),
        (
            "timeout",
            "GET /pets failed: the server did not answer in time"
        )
    );
    // The timeout applies to each piece of an answer, not to the whole answer.
    let slow = |pets: Fault| pets.slow_drip(4, Duration::from_millis(100));
    let got = serve_pets(slow).probe_json(line.into_iter().chain(["--read-timeout", "0.6"]));
    assert_eq!(got["status"], 404);
}

#[test]
fn an_answer_that_never_ends_times_out() {
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
        let met = set_up().probe_failure(line.into_iter().chain(["--read-timeout", "0.4"]));
        assert_eq!(met, (kind.to_owned(), message));
    }
}

/// Starts a listener that accepts nothing, and fills its queue, so that further attempts to connect hang. Returns its URL, and the listener
/// and connections that keep the queue full.
fn block_connections() -> (String, (TcpListener, Vec<TcpStream>)) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("the listener has an address");
    let connect = || TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok();
    let queue = std::iter::from_fn(connect).collect();
    (format!("http://{address}"), (listener, queue))
}

#[test]
fn a_connection_that_hangs_fails_before_the_request_is_sent() {
    let (server, _queue) = block_connections();
    let world = set_up();
    // The time to connect is also limited to nine tenths of the read timeout. The two must differ enough for a busy machine, because the outcome
    // is unknown if the read timeout passes first. If neither option had an effect, the deadline would pass before the default of ten seconds.
    for option in ["--connect-timeout=0.2", "--read-timeout=3"] {
        let url = format!("{server}/pets");
        let line = ["http", "send", "post", &url, "--retries=0", option];
        let (kind, message) = world.probe_failure(line.into_iter().chain(["--deadline", "9000"]));
        assert_eq!(kind, "network", "{message}");
        let expected = format!("Cannot connect to {server}: ");
        assert!(message.starts_with(&expected), "{message}");
    }
}

#[test]
fn options_take_precedence_over_the_configuration() {
    let world = serve_silence();
    configure(
        &world,
        "[http]\nread-timeout = 0.2\nconnect-timeout = 5\nretries = 1\nrate = 0\n",
    );
    assert_eq!(
        world.probe_failure(["http", "send", "get", "/pets"]).0,
        "timeout"
    );
    world.saw(["GET /pets"; 2]);
    let line = ["http", "send", "get", "/pets", "--retries", "0"];
    assert_eq!(world.probe_failure(line).0, "timeout");
    world.saw(["GET /pets"]);
}

#[test]
fn an_invalid_configuration_is_reported() {
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
            "line 2: the key `http.retry` is unknown\n        write `retries`",
        ),
        ("http = 1\n", "`http` is not a section"),
        ("[http\n", "line 1 is not valid TOML"),
    ] {
        let world = set_up();
        configure(&world, text);
        let ran = world.tw(["probe", "http", "send", "get", "/user-info"]);
        ran.fails_with(told).says_with("config.toml");
        world.saw([]);
        // Help does not read the file.
        world.tw(["probe", "--help"]).exits(0);
    }
}

#[test]
fn an_invalid_option_value_is_a_usage_error() {
    let world = set_up();
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
        assert_usage_error(
            world.tw([&option_and_value, "probe", "http", "send", "get", "/pets"]),
            option,
        );
        assert_usage_error(
            world.tw(["probe", "http", "send", "get", "/pets", &option_and_value]),
            option,
        );
    }
    world.saw([]);
}

/// Counts the requests in the busiest second of the sandbox.
fn count_busiest_second(world: &World) -> usize {
    let came = list_arrivals(world);
    let second = Duration::from_secs(1);
    let within = |begin: Duration| {
        came.iter()
            .filter(|at| (begin..begin + second).contains(*at))
            .count()
    };
    came.iter().map(|begin| within(*begin)).max().unwrap_or(0)
}

#[test]
fn no_second_has_more_requests_than_the_rate() {
    let world = set_up();
    let line = ["batch", "send", "--numbers", "25", "--concurrency", "25"];
    let ran = world.probe(line).args(["--rate", "10"]).run().exits(0);
    assert_eq!(ran.json().as_array().map(Vec::len), Some(25));
    assert_eq!(world.sandbox.requests().len(), 25);
    assert!(count_busiest_second(&world) <= 10);
}

#[test]
fn the_rate_counts_retries_and_sequential_requests() {
    let world = set_up_with(
        Sandbox::builder().fault(Fault::on("*", "/pipeline-secrets/*").status(503).times(2)),
    );
    configure(&world, "[http]\nrate = 2\n");
    world.probe_json(["batch", "send", "--numbers", "3", "--concurrency", "1"]);
    assert_eq!(world.sandbox.requests().len(), 5);
    assert!(count_busiest_second(&world) <= 2);
}

#[test]
fn without_a_rate_a_private_api_is_not_throttled() {
    for more in [&[][..], &["--rate", "0"], &["--rate", "none"]] {
        let world = set_up();
        world
            .probe(["batch", "send", "--numbers", "200"])
            .args(more)
            .run()
            .exits(0);
        // At the public API's rate of 20 a second, this would take 9 seconds.
        assert!(count_busiest_second(&world) > 20);
    }
    // The option takes precedence over the configuration, which accepts the same word.
    let world = set_up();
    configure(&world, "[http]\nrate = 2\n");
    let line = ["batch", "send", "--numbers", "30"];
    world.probe(line).args(["--rate", "none"]).run().exits(0);
    assert!(count_busiest_second(&world) > 20);
    configure(&world, "[http]\nrate = \"none\"\n");
    world.sandbox.clear_requests();
    world.probe_json(line);
    assert!(count_busiest_second(&world) > 20);
    configure(&world, "[http]\nrate = \"some\"\n");
    let ran = world.tw(["probe", "http", "send", "get", "/pets"]).exits(1);
    ran.says_with("`http.rate` should be a whole number from 0 to 10000, or \"none\"");
}

#[test]
fn the_public_api_is_throttled_to_its_limit() {
    // A proxy answers in place of the public API.
    let came = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&came);
    let proxy = Server::start(move |_| {
        let mut came = seen.lock().unwrap_or_else(PoisonError::into_inner);
        came.push(Instant::now());
        Answer::ok("{}")
    });
    let world = set_up();
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
fn the_rate_does_not_throttle_other_servers() {
    let (world, other) = (set_up(), Sandbox::builder().start());
    let elsewhere = format!("GET {}/service-info", other.url());
    let line = ["batch", "send", "--rate", "1"].into_iter();
    world.probe_json(line.chain([&*elsewhere; 5]));
    let came = other.requests();
    // If the rate limit applied to these five requests, they would take four seconds.
    assert!(came[4].at - came[0].at < Duration::from_secs(3), "{came:?}");
}

#[test]
fn requests_that_exceed_the_servers_rate_are_retried() {
    // The requests are sent at once, so most exceed the server's rate; each of them succeeds within its three retries.
    let world = set_up_with(Sandbox::builder().rate(3));
    let got = world.probe_json(["batch", "send", "--numbers", "15"]);
    let statuses: Vec<&Value> = got
        .as_array()
        .into_iter()
        .flatten()
        .map(|item| &item["status"])
        .collect();
    assert_eq!(statuses, [404; 15]);
}

#[test]
fn all_calls_go_through_to_a_server_that_accepts_few() {
    // A server that says 429 and not when to come back.
    let world = set_up_with(Sandbox::builder().rate(5));
    let line = ["batch", "send", "--numbers", "40", "--concurrency", "40"];
    let ran = world.probe(line).args(["--retries", "1"]).run();
    let got = ran.exits(0).json();
    let items = got.as_array().into_iter().flatten();
    let statuses: Vec<&Value> = items.map(|item| &item["status"]).collect();
    assert_eq!(statuses, [404; 40]);
    // Without a lower pace, each call that waits comes back several times.
    let requests = world.sandbox.requests().len();
    assert!(requests < 100, "{requests}");
}

#[test]
fn a_429_uses_up_no_retry_while_other_calls_are_accepted() {
    let refused = Fault::on("*", "/pets").status(429).times(3);
    let world = set_up_with(
        Sandbox::builder()
            .fault(refused)
            .fault(Fault::on("*", "/pets").json("{}")),
    );
    let line = ["batch", "send", "--concurrency", "2", "GET /pets"];
    let line = line.into_iter().chain(["GET /service-info"; 20]);
    let ran = world.probe(line).args(["--retries", "1"]).run();
    assert_eq!(ran.exits(0).json()[0]["status"], 200);
}

/// Compresses bytes with gzip.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory can be written");
    encoder.finish().expect("memory can be written")
}

/// Starts a server that returns this body, which is compressed with gzip.
fn serve_gzip(answer: Vec<u8>) -> Server {
    Server::start(move |asked| {
        let accepted = asked.headers.get("accept-encoding");
        assert!(accepted.is_some_and(|accepted| accepted.contains("gzip")));
        Answer::ok(answer.clone()).header("Content-Encoding", "gzip")
    })
}

/// Sends a GET to the server, and returns the answer or the failure that the plugin got.
fn get_from(world: &World, server: &Server, more: &[&str]) -> Value {
    let url = format!("{}/pets", server.url());
    let line = ["http", "send", "get", &url, "--report", "--retries", "0"];
    world.probe(line).args(more).run().exits(0).says("").json()
}

#[test]
fn a_compressed_answer_is_decompressed() {
    let server = serve_gzip(gzip(br#"{"name":"Rex"}"#));
    let world = set_up();
    let got = get_from(&world, &server, &["--tell", "content-encoding"]);
    assert_eq!(got["body"], json!({ "name": "Rex" }));
    assert_eq!(got["headers"], json!([null]));
    let head = format!("{}/pets", server.url());
    assert_eq!(
        world.probe_json(["http", "send", "head", &head])["body"],
        ""
    );
}

#[test]
fn the_size_limit_counts_decompressed_bytes() {
    let bomb = gzip(&vec![0; 40 << 20]);
    assert!(bomb.len() < 100_000);
    let got = get_from(&set_up(), &serve_gzip(bomb), &[]);
    assert_eq!(got["kind"], "too_large");
    let small = serve_gzip(gzip(b"1234567890"));
    let got = get_from(&set_up(), &small, &["--max-body", "9"]);
    assert_eq!(got["kind"], "too_large");
}

#[test]
fn a_broken_compressed_answer_is_reported_as_cut_short() {
    let whole = gzip(br#"{"name":"Rex"}"#);
    let half = whole[..whole.len() / 2].to_vec();
    for broken in [half, b"no gzip at all".to_vec()] {
        let got = get_from(&set_up(), &serve_gzip(broken), &[]);
        assert_eq!(got["kind"], "network");
        let message = got["message"].as_str().unwrap_or_default();
        assert!(message.ends_with("/pets is cut short"), "{message}");
    }
}
