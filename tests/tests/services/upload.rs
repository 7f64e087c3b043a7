//! Request bodies that are files, which the host reads while it sends them.

use std::{
    fs::{self, File, OpenOptions},
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    time::Duration,
};

use serde_json::{Value, json};
use tw_sandbox::{Fault, Sandbox};
use tw_tests::{World, interrupt};

use crate::{LIMIT, Probe, http::serve_pets, set_up, set_up_on, set_up_with};

pub(crate) const MIB: u64 = 1 << 20;

/// Writes a file into the home folder, in which the commands run.
pub(crate) fn write_file(world: &World, name: &str, content: &[u8]) -> PathBuf {
    let path = world.installation.home().join(name);
    fs::write(&path, content).expect("the home can be written");
    path
}

/// Makes a file of this size without using the disk.
pub(crate) fn make_large_file(world: &World, name: &str, size: u64) -> PathBuf {
    let path = world.installation.home().join(name);
    let file = File::create(&path).expect("the home can be written");
    file.set_len(size).expect("a file can have this size");
    path
}

/// Starts a server that takes one request, and returns its URL. `take` gets the connection when the head has been read, and the announced
/// length. If `take` returns true, the server answers.
pub(crate) fn start_server(
    take: impl FnOnce(&mut dyn Read, u64) -> bool + Send + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("the listener has an address");
    std::thread::spawn(move || {
        let (connection, _) = listener.accept().expect("the client connects");
        let mut body = BufReader::new(connection);
        let length = read_head(&mut body);
        if take(&mut body, length) {
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
            // The client may have gone.
            let _ = body.get_mut().write_all(answer);
        }
    });
    format!("http://{address}/pets")
}

/// Reads the head of a request, and returns the length that it announces.
fn read_head(from: &mut BufReader<TcpStream>) -> u64 {
    let lines = from.lines().map_while(Result::ok);
    let lines: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let length = lines.iter().find_map(|line| {
        let line = line.to_ascii_lowercase();
        line.strip_prefix("content-length: ")?.trim().parse().ok()
    });
    length.expect("the request announces a length")
}

pub(crate) fn drain(from: &mut dyn Read, length: u64) -> u64 {
    std::io::copy(&mut from.take(length), &mut std::io::sink()).unwrap_or_default()
}

/// Sends the file and returns the answer or the failure that the plugin got.
fn upload(world: &World, url: &str, file: &str, more: &[&str]) -> Value {
    let line = ["http", "send", "put", url, "--upload", file, "--report"];
    world.probe(line).args(more).run().exits(0).json()
}

#[test]
fn a_file_is_sent_with_its_length_and_unchanged() {
    let content: Vec<u8> = (0..300_000_u32)
        .map(|number| (number % 251) as u8)
        .collect();
    for content in [content.as_slice(), b"x", b""] {
        let world = serve_pets(Fault::empty);
        write_file(&world, "a.bin", content);
        assert_eq!(upload(&world, "/pets", "a.bin", &[])["status"], 200);
        let request = world.sandbox.requests().remove(0);
        assert!(request.body == content);
        let length = content.len().to_string();
        assert_eq!(request.header("content-length"), Some(length.as_str()));
        assert_eq!(request.header("transfer-encoding"), None);
        assert_eq!(
            request.header("content-type"),
            Some("application/octet-stream")
        );
    }
}

#[test]
fn a_file_is_sent_over_http_2() {
    let content = vec![7; 3_000_000];
    let fault = Fault::on("PUT", "/pets").empty();
    let world = set_up_on(Sandbox::builder().fault(fault).start_https());
    let ca = world.sandbox.ca_pem().expect("https has a CA").to_owned();
    write_file(&world, "ca.pem", ca.as_bytes());
    write_file(&world, "a.bin", &content);
    let got = upload(&world, "/pets", "a.bin", &["--cacert", "ca.pem"]);
    assert_eq!(got["status"], 200, "{got}");
    assert!(world.sandbox.requests().remove(0).body == content);
}

#[test]
fn a_large_file_is_never_held_in_memory_as_a_whole() {
    const SIZE: u64 = 64 * MIB;
    let (done, taken) = std::sync::mpsc::channel();
    let url = start_server(move |body, length| {
        done.send(drain(body, length)).expect("the test waits");
        true
    });
    let world = set_up();
    make_large_file(&world, "large", SIZE);
    let got = upload(&world, &url, "large", &["--memory"]);
    assert_eq!(taken.recv_timeout(LIMIT), Ok(SIZE));
    let grown = got["grown_kb"].as_u64().unwrap_or(u64::MAX);
    assert!(grown < 16 << 10, "64 MB took {grown} KB of memory");
}

#[test]
fn a_retry_sends_the_file_from_its_beginning() {
    for fault in [
        Fault::on("PUT", "/pets").status(503),
        Fault::on("PUT", "/pets").reset_before(),
    ] {
        let world = set_up_with(Sandbox::builder().fault(fault.times(2)));
        world.sandbox.fault(Fault::on("PUT", "/pets").empty());
        write_file(&world, "a.txt", b"hello");
        let got = upload(&world, "/pets", "a.txt", &[]);
        assert_eq!((&got["status"], &got["attempts"]), (&json!(200), &json!(3)));
        let requests = world.sandbox.requests();
        assert!(requests.iter().all(|request| request.body == b"hello"));
        assert_eq!(requests.len(), 3);
    }
}

#[test]
fn a_file_that_cannot_be_sent_is_reported_by_name_and_nothing_is_sent() {
    let world = serve_pets(Fault::empty);
    fs::create_dir(world.installation.home().join("folder")).expect("the home can be written");
    assert_eq!(
        upload(&world, "/pets", "nothing.csv", &[]),
        json!({
            "kind": "input",
            "message": "nothing.csv can't be read: No such file or directory",
            "status": null,
        })
    );
    for path in ["folder", "/dev/zero"] {
        let got = upload(&world, "/pets", path, &[]);
        assert_eq!(got["kind"], "input");
        assert_eq!(got["message"], format!("{path} is not a regular file"));
    }
    world.saw([]);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_refused_without_waiting_for_a_writer() {
    let world = serve_pets(Fault::empty);
    let pipe = world.installation.home().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(
        made.is_ok_and(|status| status.success()),
        "mkfifo makes a pipe"
    );
    let got = upload(&world, "/pets", "pipe", &[]);
    assert_eq!(got["message"], "pipe is not a regular file");
    world.saw([]);
}

#[test]
fn a_file_that_becomes_shorter_fails_by_name() {
    let world = set_up();
    let path = make_large_file(&world, "large", 64 * MIB);
    let url = start_server(move |body, length| {
        drain(body, MIB);
        let file = OpenOptions::new().write(true).open(path);
        file.and_then(|file| file.set_len(2 * MIB))
            .expect("the file can be cut");
        drain(body, length);
        false
    });
    let got = upload(&world, &url, "large", &[]);
    assert_eq!(got["kind"], "input", "{got}");
    assert_eq!(got["message"], "large became shorter while it was sent");
}

#[test]
fn an_upload_may_take_longer_than_the_read_timeout() {
    let world = set_up();
    make_large_file(&world, "large", 40 * MIB);
    // The server takes 2.4 seconds, and never waits for a second.
    let url = start_server(|body, length| {
        for _ in 0..40 {
            drain(body, MIB);
            std::thread::sleep(Duration::from_millis(60));
        }
        length == 40 * MIB
    });
    let got = upload(
        &world,
        &url,
        "large",
        &["--read-timeout", "1", "--retries", "0"],
    );
    assert_eq!(got["status"], 200, "{got}");
}

#[test]
fn a_server_that_takes_no_more_of_a_file_ends_the_upload() {
    let world = set_up();
    make_large_file(&world, "large", 64 * MIB);
    let (end, wait) = std::sync::mpsc::channel::<()>();
    let url = start_server(move |_, _| wait.recv_timeout(LIMIT).is_ok());
    let got = upload(
        &world,
        &url,
        "large",
        &["--read-timeout", "1", "--retries", "0"],
    );
    assert_eq!(got["kind"], "outcome_unknown", "{got}");
    let unknown = "was sent, and its outcome is unknown: the server did not answer in time";
    assert_eq!(got["message"], format!("PUT {url} {unknown}"));
    drop(end);
}

#[test]
fn an_interrupt_ends_an_upload() {
    let world = set_up();
    make_large_file(&world, "large", 64 * MIB);
    let (begun, wait) = std::sync::mpsc::channel();
    let (end, wait_for_end) = std::sync::mpsc::channel::<()>();
    let url = start_server(move |body, _| {
        drain(body, MIB);
        begun.send(()).expect("the test waits");
        wait_for_end.recv_timeout(LIMIT).is_ok()
    });
    let line = ["http", "send", "put", &url, "--upload", "large"];
    let running = world.probe(line).start();
    assert_eq!(wait.recv_timeout(LIMIT), Ok(()));
    interrupt(running.id());
    running.ends().exits(130).prints("");
    drop(end);
}

#[test]
fn the_sensitive_parts_of_a_file_stay_hidden() {
    let world = set_up_with(Sandbox::builder().fault(Fault::on("*", "/pets").echo()));
    write_file(
        &world,
        "a.json",
        br#"{"name":"Rex","value":"hunter2hunter2"}"#,
    );
    let line = [
        "-v", "probe", "http", "send", "put", "/pets", "--ok", "--upload", "a.json",
    ];
    let shown = world.tw(line).exits(1);
    shown.says_with("hunter2hunter2");
    let hidden = world.tw(line.into_iter().chain(["--hide", "/value"]));
    hidden.never_shows("hunter2").exits(1).says_with("Rex");
    let hidden = world.tw(line.into_iter().chain(["--hide", ""]));
    hidden.never_shows("hunter2").exits(1);
}

#[test]
fn a_file_that_is_too_large_to_be_searched_for_secrets_is_not_sent() {
    let world = serve_pets(Fault::empty);
    make_large_file(&world, "large", 9 * MIB);
    let got = upload(&world, "/pets", "large", &["--hide", "/value"]);
    assert_eq!(got["kind"], "too_large", "{got}");
    let message = "large has more than 8388608 bytes, which is too much for a file with secrets";
    assert_eq!(got["message"], message);
    world.saw([]);
}
