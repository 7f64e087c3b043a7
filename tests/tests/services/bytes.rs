//! Results that a plugin writes as bytes.

use std::{
    fs::File,
    io::{Read, Write},
    process::{Output, Stdio},
};

use tw_sandbox::{Fault, Sandbox};
use tw_tests::{Terminal, Tw, World};

use crate::{set_up, set_up_with};

fn write<'a>(world: &World, arguments: impl IntoIterator<Item = &'a str>) -> Tw {
    world.command(["probe", "bytes", "write"]).args(arguments)
}

#[track_caller]
fn assert_ended(output: &Output, code: i32, stderr: &str) {
    assert_eq!(String::from_utf8_lossy(&output.stderr), stderr);
    assert_eq!(output.status.code(), Some(code));
}

const PIECES: [&str; 4] = ["a%1b[31m%0d%0a%00", "%c3", "%a9%ff", "end"];
const BYTES: &[u8] = b"a\x1b[31m\r\n\x00\xc3\xa9\xffend";

#[test]
fn a_pipe_and_a_file_get_the_bytes_unchanged_in_every_format() {
    let world = set_up();
    for format in ["console", "json"] {
        for more in [&[][..], &["--io"]] {
            let tw = || write(&world, PIECES).args(more).args(["-o", format]);
            let output = tw().run_into(Stdio::piped());
            assert_eq!(output.stdout, BYTES, "{format} {more:?}");
            assert_ended(&output, 3, "");

            let path = world.installation.home().join("bytes");
            let file = File::create(&path).expect("a file can be created");
            assert_ended(&tw().run_into(file), 3, "");
            let content = std::fs::read(&path).expect("the file can be read");
            assert_eq!(content, BYTES, "{format} {more:?}");
        }
    }
}

#[test]
fn a_terminal_gets_visible_text() {
    let world = set_up();
    let ended = Terminal::start_all(write(&world, PIECES).args(["%0a%e6%bc"])).ends();
    ended.exits(3).showed("a␛[31m␍\r\n␀é�end\r\n�");
}

#[test]
fn bytes_arrive_while_the_command_runs() {
    let world = set_up();
    let mut tw = write(&world, ["first", "second", "--pause"]);
    let mut child = tw
        .command()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("tw can be started");
    let mut keyboard = child.stdin.take().expect("standard input is a pipe");
    let mut stdout = child.stdout.take().expect("standard output is a pipe");
    let mut first = [0; 5];
    // The command waits for a line, so this read ends only if the bytes are not held back.
    stdout
        .read_exact(&mut first)
        .expect("the first piece arrives");
    assert_eq!(&first, b"first");
    keyboard.write_all(b"\n\n").expect("the command reads");
    let mut rest = String::new();
    stdout
        .read_to_string(&mut rest)
        .expect("the rest is readable");
    assert_eq!(rest, "second");
    assert_eq!(child.wait().expect("the command ends").code(), Some(3));
}

#[test]
fn a_large_answer_is_copied_in_little_memory() {
    const SIZE: u64 = 64 << 20;
    let world = set_up_with(Sandbox::builder().fault(Fault::on("GET", "/large").oversized(SIZE)));
    let ran = world.tw(["probe", "bytes", "copy", "/large"]).exits(0);
    assert_eq!(ran.stdout.len() as u64, SIZE);
    let peak = ran.stderr.split_whitespace().rev().nth(1);
    let peak: u64 = peak
        .and_then(|peak| peak.parse().ok())
        .expect("the probe reports its peak");
    assert!(peak < 64 << 10, "64 MB took {peak} KB of memory");
}

#[test]
fn a_reader_that_closes_the_pipe_ends_the_command_quietly() {
    let world = set_up();
    for more in [&[][..], &["--io"]] {
        let mut tw = write(&world, ["line%0a", "--times", "1000000000"]).args(more);
        let mut child = tw
            .command()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("tw can be started");
        let mut stdout = child.stdout.take().expect("standard output is a pipe");
        let mut first = [0; 5];
        stdout
            .read_exact(&mut first)
            .expect("the first line arrives");
        drop(stdout);
        let output = child.wait_with_output().expect("the command ends");
        assert_ended(&output, 0, "");
    }
}

#[test]
fn a_failure_after_a_closed_pipe_is_still_a_failure() {
    let world = set_up();
    let (_, closed) = std::io::pipe().expect("a pipe can be made");
    let tw = write(&world, ["x", "--ignore", "--then", "failure"]);
    let expected = "\n ERROR: it failed after its bytes\n\n";
    assert_ended(&tw.run_into(closed), 1, expected);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_even_if_the_plugin_ignores_it() {
    let world = set_up();
    for more in [&[][..], &["--ignore"]] {
        let full = File::options()
            .write(true)
            .open("/dev/full")
            .expect("/dev/full can be opened");
        let output = write(&world, ["x"]).args(more).run_into(full);
        let expected = "\n ERROR: Cannot write the result: No space left on device\n\n";
        assert_ended(&output, 1, expected);
    }
}

#[test]
fn bytes_stay_written_when_the_command_fails() {
    let ran = write(&set_up(), ["half", "--then", "failure"]).run();
    ran.exits(1)
        .prints("half")
        .says("\n ERROR: it failed after its bytes\n\n");
}

#[test]
fn a_result_beside_bytes_is_a_mistake_of_the_plugin() {
    let world = set_up();
    let both = "it wrote bytes to standard output and returned a result too";
    for (arguments, message) in [
        (&["x", "--then", "result"][..], both),
        (
            &["x", "--then", "rows"],
            "it begins a long result after it has written bytes to standard output",
        ),
    ] {
        let ran = write(&world, arguments.iter().copied()).run();
        ran.exits(1)
            .prints("x")
            .says(&format!("\n ERROR: The plugin `probe`: {message}\n\n"));
    }
    write(&world, ["x", "--then", "both"])
        .run()
        .exits(1)
        .prints("x")
        .says(&format!(
            "warning: plugin `probe`: {both}\n\n ERROR: it failed after its bytes\n\n"
        ));
    write(&world, ["x", "--rows-first"]).run().fails(
        "The plugin `probe`: it writes bytes to standard output after it has begun a long result",
    );
}

#[test]
fn ctrl_c_ends_a_command_that_writes_without_an_end() {
    let world = set_up();
    let line = ["line%0a", "--times", "1000000000"];
    let ended = Terminal::start_all(write(&world, line))
        .until("line")
        .interrupts()
        .ends();
    ended.exits(130).showed("Interrupted");
}
