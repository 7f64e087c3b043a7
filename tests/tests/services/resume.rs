//! Downloads whose connection breaks, and that go on where they broke off.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    sync::mpsc::{Receiver, channel},
};

use serde_json::{Value, json};
use tw_tests::World;

use crate::{LIMIT, Probe, set_up};

/// The file that the servers of these tests have.
const FILE: &str = "0123456789abcdefghij";

/// A server that gives each connection the next of its answers, and then closes the connection.
struct Server {
    url: String,
    heads: Receiver<Vec<String>>,
}

impl Server {
    fn start<const N: usize>(answers: [String; N]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("the listener has an address");
        let (tell, heads) = channel();
        std::thread::spawn(move || {
            for answer in answers {
                let (connection, _) = listener.accept().expect("the client connects");
                let mut connection = BufReader::new(connection);
                // The test may have ended.
                let _ = tell.send(read_head(&mut connection));
                let answer = answer.replacen("\r\n", "\r\nconnection: close\r\n", 1);
                // The client may have gone.
                let _ = connection.get_mut().write_all(answer.as_bytes());
            }
        });
        Self {
            url: format!("http://{address}/file"),
            heads,
        }
    }

    /// Returns the values of this header in the next request.
    fn next_values(&self, name: &str) -> Vec<String> {
        let head = self.heads.recv_timeout(LIMIT).expect("a request comes");
        let values = head.iter().filter_map(|line| line.split_once(": "));
        let values = values.filter(|(key, _)| key.eq_ignore_ascii_case(name));
        values.map(|(_, value)| value.to_owned()).collect()
    }

    fn has_no_request(&self) -> bool {
        self.heads.try_recv().is_err()
    }
}

/// Reads the lines up to an empty one.
fn read_head(from: &mut impl BufRead) -> Vec<String> {
    let lines = from.lines().map_while(Result::ok);
    lines.take_while(|line| !line.is_empty()).collect()
}

/// Makes an answer with the whole file that breaks off after `length` bytes.
fn whole(headers: &str, length: usize) -> String {
    let (size, body) = (FILE.len(), &FILE[..length]);
    format!("HTTP/1.1 200 OK\r\ncontent-length: {size}\r\n{headers}\r\n{body}")
}

/// Makes an answer with the bytes from `begin` that breaks off before `end`.
fn rest(headers: &str, begin: usize, end: usize) -> String {
    let (size, body) = (FILE.len(), &FILE[begin..end]);
    let (last, left) = (size - 1, size - begin);
    format!(
        "HTTP/1.1 206 Partial Content\r\ncontent-length: {left}\r\ncontent-range: bytes {begin}-{last}/{size}\r\n{headers}\r\n{body}"
    )
}

const ONE: &str = "etag: \"one\"\r\n";
const TWO: &str = "etag: \"two\"\r\n";

/// Downloads the file, and returns what the plugin got.
fn download(world: &World, server: &Server, more: &[&str]) -> Value {
    let line = ["http", "send", "get", &server.url, "--download", "out"];
    let report = ["--report", "--tell", "content-length"];
    let ran = world.probe(line).args(report).args(more).run();
    ran.exits(0).json()
}

/// Asserts that the download succeeded after this many attempts, and that the file is complete.
#[track_caller]
fn assert_complete(world: &World, got: &Value, attempts: u32) {
    let told = (&got["status"], &got["attempts"], &got["headers"]);
    let size = FILE.len().to_string();
    assert_eq!(
        told,
        (&json!(200), &json!(attempts), &json!([size])),
        "{got}"
    );
    assert_eq!(read_out(world).as_deref(), Some(FILE));
}

fn read_out(world: &World) -> Option<String> {
    fs::read_to_string(world.installation.home().join("out")).ok()
}

#[test]
fn a_download_that_breaks_off_requests_only_the_rest() {
    let world = set_up();
    let server = Server::start([whole(ONE, 5), rest(ONE, 5, 12), rest(ONE, 12, 20)]);
    let got = download(&world, &server, &[]);
    assert_complete(&world, &got, 3);
    assert_eq!(server.next_values("range"), [""; 0]);
    assert_eq!(server.next_values("range"), ["bytes=5-"]);
    assert_eq!(server.next_values("if-range"), ["\"one\""]);
}

#[test]
fn a_dated_file_is_resumed_on_the_condition_of_its_date() {
    let world = set_up();
    let dates =
        "date: Thu, 01 Jan 2026 11:00:00 GMT\r\nlast-modified: Thu, 01 Jan 2026 10:00:00 GMT\r\n";
    let server = Server::start([whole(dates, 5), rest("", 5, 20)]);
    let got = download(&world, &server, &[]);
    assert_complete(&world, &got, 2);
    server.next_values("if-range");
    let condition = server.next_values("if-range");
    assert_eq!(condition, ["Thu, 01 Jan 2026 10:00:00 GMT"]);
}

#[test]
fn a_file_that_has_changed_is_downloaded_again_from_its_beginning() {
    let world = set_up();
    let old =
        "HTTP/1.1 200 OK\r\ncontent-length: 30\r\netag: \"old\"\r\n\r\nsomething longer and old"
            .to_owned();
    let server = Server::start([old, whole(ONE, 7), rest(ONE, 7, 20)]);
    let got = download(&world, &server, &[]);
    assert_complete(&world, &got, 3);
}

#[test]
fn a_server_without_what_is_needed_to_resume_is_asked_for_the_whole_file() {
    for headers in [
        "",
        "etag: W/\"one\"\r\n",
        "etag: \"one\"\r\naccept-ranges: none\r\n",
    ] {
        let world = set_up();
        let server = Server::start([whole(headers, 5), whole(headers, 20)]);
        let got = download(&world, &server, &[]);
        assert_complete(&world, &got, 2);
        server.next_values("range");
        assert_eq!(server.next_values("range"), [""; 0]);
    }
}

#[test]
fn an_answer_that_is_not_the_rest_of_the_same_file_is_dropped_and_the_download_begins_again() {
    let other_begin = rest(ONE, 3, 20);
    let other_size = rest(ONE, 5, 20).replace("/20", "/21");
    let too_long = rest(ONE, 5, 20).replace("content-length: 15", "content-length: 16") + "x";
    let no_size = rest(ONE, 5, 20).replace("content-length: 15\r\n", "");
    let no_range = rest(ONE, 5, 20).replace("content-range", "x-range");
    let beyond = "HTTP/1.1 416 Range Not Satisfiable\r\ncontent-length: 0\r\n\r\n".to_owned();
    let answers = [
        rest(TWO, 5, 20),
        rest("", 5, 20),
        other_begin,
        other_size,
        too_long,
        no_size,
        no_range,
        beyond,
    ];
    for answer in answers {
        let world = set_up();
        let server = Server::start([whole(ONE, 5), answer, whole(ONE, 20)]);
        let got = download(&world, &server, &["--retries", "1"]);
        assert_complete(&world, &got, 2);
        server.next_values("range");
        assert_eq!(server.next_values("range"), ["bytes=5-"]);
        assert_eq!(server.next_values("range"), [""; 0]);
    }
}

#[test]
fn more_bytes_than_the_server_announced_are_not_part_of_the_file() {
    let world = set_up();
    let server = Server::start([whole(ONE, 5), rest(ONE, 5, 20) + "more"]);
    let got = download(&world, &server, &[]);
    assert_complete(&world, &got, 2);
}

#[test]
fn a_busy_server_does_not_make_the_download_begin_again() {
    let world = set_up();
    let busy = "HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n".to_owned();
    let server = Server::start([whole(ONE, 5), busy, rest(ONE, 5, 20)]);
    let got = download(&world, &server, &[]);
    assert_complete(&world, &got, 3);
}

#[test]
fn the_number_of_retries_is_that_of_the_request_and_no_partial_file_is_left() {
    let world = set_up();
    let server = Server::start([whole(ONE, 5), rest(ONE, 5, 12), rest(ONE, 12, 20)]);
    let got = download(&world, &server, &["--retries", "1"]);
    assert_eq!(got["kind"], "network", "{got}");
    assert_eq!(read_out(&world), None);
    let left = fs::read_dir(world.installation.home()).expect("the home can be read");
    let mut names = left.flatten().map(|entry| entry.file_name());
    assert!(!names.any(|name| name.to_string_lossy().starts_with(".new-")));
}

#[test]
fn a_part_that_the_plugin_requests_is_not_resumed() {
    let world = set_up();
    let part = rest(ONE, 10, 14);
    let server = Server::start([part, rest(ONE, 10, 20)]);
    let got = download(&world, &server, &["--header", "Range=bytes=10-"]);
    assert_eq!((&got["status"], &got["attempts"]), (&json!(206), &json!(2)));
    assert_eq!(read_out(&world).as_deref(), Some(&FILE[10..]));
    assert_eq!(server.next_values("range"), ["bytes=10-"]);
    assert_eq!(server.next_values("range"), ["bytes=10-"]);
    assert!(server.has_no_request());
}

#[test]
fn a_size_limit_covers_the_bytes_of_all_attempts() {
    let world = set_up();
    let server = Server::start([whole(ONE, 5), rest(ONE, 5, 20)]);
    let got = download(&world, &server, &["--max-body", "19"]);
    assert_eq!(got["kind"], "too_large", "{got}");
    assert_eq!(read_out(&world), None);
}
