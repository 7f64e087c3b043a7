//! Standard output that is a terminal, closed or full, and Ctrl-C.
#![cfg(unix)]

use std::{
    fs::File,
    io::Read,
    process::{Child, Stdio},
    sync::mpsc,
    time::Duration,
};

use tw_tests::{Answer, Server, Terminal, Tw, World, interrupt};
use wait_timeout::ChildExt;

use super::serve_pets;

/// An answer that is larger than all buffers on its way.
fn serve_large() -> World {
    serve_pets(|pets| pets.oversized(64 << 20))
}

/// The time limit of every wait.
const LIMIT: Duration = Duration::from_secs(60);

/// Starts a command whose standard output is a pipe, and waits for the first byte of the answer.
fn start_until_answer(mut tw: Tw) -> Child {
    let command = tw.command().stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().expect("tw starts");
    let mut stdout = child.stdout.take().expect("standard output is a pipe");
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let first = stdout.read_exact(&mut [0]);
        sender.send(first.map(|()| stdout))
    });
    let first = receiver.recv_timeout(LIMIT);
    child.stdout = first.expect("the answer is not kept back").ok();
    child
}

/// Calls a server that begins an answer and doesn't end it, and waits for the beginning.
fn start_with_endless_answer() -> (Server, Child) {
    let server = Server::start(|_| Answer::Begin(b"hello".to_vec()));
    let world = World::new();
    let tw = world.command(["api", "/pets", "--read-timeout", "3600"]);
    let child = start_until_answer(tw.env("TOWER_API_ENDPOINT", server.url()));
    (server, child)
}

/// Waits for the end, and returns the exit code and standard error.
fn end(mut child: Child) -> (Option<i32>, String) {
    let ended = child.wait_timeout(LIMIT);
    let status = ended.expect("a child can be waited for");
    let mut said = String::new();
    let stderr = child.stderr.as_mut().expect("standard error is a pipe");
    let read = stderr.read_to_string(&mut said);
    read.expect("tw prints UTF-8");
    (status.and_then(|status| status.code()), said)
}

#[test]
fn a_reader_that_closes_the_pipe_ends_the_command_quietly() {
    let world = serve_large();
    let mut child = start_until_answer(world.command(["api", "/pets"]));
    drop(child.stdout.take());
    assert_eq!(end(child), (Some(0), String::new()));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported() {
    for (line, status) in [
        (&["api", "/pets"][..], 200),
        (&["api", "/pets", "-i"], 200),
        (&["api", "/pets", "--paginate"], 200),
        (&["api", "/pets"], 404),
    ] {
        let world = serve_pets(|pets| pets.status(status).text("hello"));
        let full = File::options().write(true).open("/dev/full");
        let output = world
            .command(line.iter().copied())
            .run_into(full.expect("/dev/full can be opened"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("No space left"), "{said}");
    }
}

#[test]
fn control_c_ends_a_command_that_waits_for_the_answer() {
    let world = serve_pets(|pets| pets.json("{}").delay(Duration::from_secs(3600)));
    for (method, error) in [
        ("GET", "Interrupted"),
        (
            "POST",
            "POST /pets was sent, and its outcome is unknown: it was interrupted",
        ),
    ] {
        let running = world.command(["api", method, "/pets"]).start();
        assert!(world.sandbox.wait_for_hits(method, "/pets", 1, LIMIT));
        interrupt(running.id());
        let error = format!("\n ERROR: {error}\n\n");
        running.ends().exits(130).prints("").says(&error);
    }
}

#[test]
fn control_c_ends_an_answer_that_does_not_end() {
    let (_server, child) = start_with_endless_answer();
    interrupt(child.id());
    let error = "\n ERROR: Interrupted\n\n".to_owned();
    assert_eq!(end(child), (Some(130), error));
}

#[test]
fn an_answer_is_printed_while_it_arrives() {
    let (_server, mut child) = start_with_endless_answer();
    assert!(child.try_wait().is_ok_and(|ended| ended.is_none()));
    child.kill().expect("a child can be killed");
    child.wait().expect("a child can be waited for");
}

#[test]
fn a_verbose_large_answer_has_one_time_and_not_one_for_each_piece() {
    let world = serve_pets(|pets| pets.oversized(4 << 20));
    let ran = world.tw(["-v", "api", "/pets"]).exits(0);
    assert_eq!(
        ran.stderr.matches("* request ").count(),
        1,
        "{}",
        ran.stderr
    );
}

#[test]
fn json_on_a_terminal_is_indented() {
    let world = serve_pets(|pets| pets.json(r#"{"a":[1,{"b":"x: y"}],"c":{}}"#));
    let left = Terminal::start_all(world.command(["api", "/pets"])).ends();
    let expected = "{\r\n  \"a\": [\r\n    1,\r\n    {\r\n      \"b\": \"x: y\"\r\n    }\r\n  ],\r\n  \"c\": {}\r\n}\r\n";
    assert!(left.screen.starts_with(expected), "{:?}", left.screen);
    assert_eq!(left.code, Some(0));
}

#[test]
fn a_text_on_a_terminal_ends_its_line_and_cannot_control_the_terminal() {
    let world = serve_pets(|pets| pets.text("red\u{1b}[31m"));
    let left = Terminal::start_all(world.command(["api", "/pets"])).ends();
    assert!(left.screen.starts_with("red"), "{:?}", left.screen);
    assert!(!left.screen.contains('\u{1b}'), "{:?}", left.screen);
    assert!(left.screen.contains("[31m\r\n"), "{:?}", left.screen);
}

#[test]
fn a_failed_answer_on_a_terminal_is_indented_above_the_error() {
    let world = serve_pets(|pets| pets.status(404).json(r#"{"message":"No pets"}"#));
    let left = Terminal::start_all(world.command(["api", "/pets"])).ends();
    let answer = "{\r\n  \"message\": \"No pets\"\r\n}\r\n\r\n";
    assert!(left.screen.starts_with(answer), "{:?}", left.screen);
    assert!(left.screen.contains("ERROR:"), "{:?}", left.screen);
    assert_eq!(left.code, Some(1));
}

#[test]
fn an_empty_answer_on_a_terminal_prints_nothing() {
    let world = World::new();
    let left = Terminal::start_all(world.command(["api", "HEAD", "/service-info"])).ends();
    assert!(
        left.screen.starts_with("\r\n[it ended]"),
        "{:?}",
        left.screen
    );
}
