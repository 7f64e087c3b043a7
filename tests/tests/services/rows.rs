//! Rows that are shown while the command goes on.

use std::{
    fs::File,
    io::{BufRead, BufReader, Write},
    process::{Child, Stdio},
};

use serde_json::json;
use tw_tests::{Terminal, Tw, World};

use crate::{Probe, set_up};

fn stream<'a>(world: &World, arguments: impl IntoIterator<Item = &'a str>) -> Tw {
    world.command(["probe", "output", "stream"]).args(arguments)
}

const HEAD: &str = "\n  Rows:\n\n          N | Name   \n    --------+--------\n";
const FOOTER: &str = "\n    That was all\n\n";

fn row(n: u32) -> String {
    format!("     {n:>6} | row␛0… \n")
}

/// Starts a command whose standard streams are pipes.
fn start(mut tw: Tw) -> Child {
    let command = tw.command().stdin(Stdio::piped()).stdout(Stdio::piped());
    let child = command.stderr(Stdio::piped()).spawn();
    child.expect("tw can be started")
}

#[test]
fn rows_arrive_while_the_command_runs() {
    let world = set_up();
    for (format, head, rows) in [
        ("console", HEAD, [row(0), row(1)]),
        (
            "csv",
            "n,name\r\n",
            [0, 1].map(|n| format!("{n},row\u{1b}000{n}\r\n")),
        ),
        (
            "tsv",
            "n\tname\n",
            [0, 1].map(|n| format!("{n}\trow\u{1b}000{n}\n")),
        ),
        (
            "jsonl",
            "",
            [0, 1].map(|n| format!("{{\"n\":{n},\"name\":\"row\\u001b000{n}\"}}\n")),
        ),
    ] {
        let mut child = start(stream(&world, ["--rows", "2", "--pause", "-o", format]));
        let mut keyboard = child.stdin.take().expect("standard input is a pipe");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut shown = String::new();
        // The command waits for a line after each row, so these reads end only if the rows are not held back.
        for row in rows {
            while !shown.ends_with(&row) {
                let length = stdout.read_line(&mut shown).expect("a line");
                assert_ne!(length, 0, "{format}: no {row:?} after {shown:?}");
            }
            keyboard.write_all(b"\n").expect("the command reads");
        }
        let output = child.wait_with_output().expect("the command ends");
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut stdout, &mut rest).expect("the rest is text");
        assert!(shown.starts_with(head), "{format}: {shown:?}");
        assert_eq!(rest, if format == "console" { FOOTER } else { "" });
        assert_eq!(output.status.code(), Some(0));
    }
}

#[test]
fn rows_that_are_sent_in_pieces_of_any_size_are_shown_alike() {
    let world = set_up();
    let expected = (0..7).map(row).collect::<String>();
    for piece in ["1", "2", "7", "100"] {
        let ran = stream(&world, ["--rows", "7", "--piece", piece]).run();
        ran.exits(0)
            .says("")
            .prints(&format!("{HEAD}{expected}{FOOTER}"));
    }
}

#[test]
fn a_streamed_result_without_rows_is_an_empty_table() {
    let world = set_up();
    let none = ["--rows", "0"];
    let empty = format!("\n  Rows:\n\n    No rows\n{FOOTER}");
    stream(&world, none).run().exits(0).says("").prints(&empty);
    let csv = stream(&world, none).args(["-o", "csv"]).run();
    csv.exits(0).says("").prints("n,name\r\n");
}

#[test]
fn json_and_a_table_without_widths_are_shown_at_the_end() {
    let world = set_up();
    let rows = |n: u32| json!({ "n": n, "name": format!("row\u{1b}000{n}") });
    assert_eq!(
        world.probe_json(["output", "stream"]),
        json!({ "of": "rows", "rows": [rows(0), rows(1), rows(2)] })
    );
    let ran = stream(&world, ["--wide", "--rows", "1"]).run();
    ran.exits(0).prints(
        "\n  Rows:\n\n     N | Name     \n    ---+----------\n     0 | row␛0000 \n\n    That was all\n\n",
    );
    for more in [&["--wide"][..], &["-o", "json"]] {
        let ran = stream(&world, ["--end", "failed"]).args(more).run();
        ran.exits(9)
            .prints("")
            .says("\n ERROR: it failed half-way\n\n");
    }
}

#[test]
fn streamed_rows_keep_their_order_in_every_format() {
    let world = set_up();
    let sorted = stream(&world, ["--sort"]).run().exits(0).stdout;
    assert_eq!(sorted, stream(&world, []).run().exits(0).stdout);
    let wide = |more: &[&str]| {
        let ran = stream(&world, ["--wide"]).args(more).run();
        ran.exits(0).stdout
    };
    assert_eq!(wide(&["--sort"]), wide(&[]));
}

#[test]
fn rows_that_were_shown_stay_when_the_command_fails() {
    let world = set_up();
    let shown = [HEAD, &row(0), &row(1), &row(2)].concat();
    stream(&world, ["--end", "failed"])
        .run()
        .exits(9)
        .prints(&shown)
        .says("\n ERROR: it failed half-way\n\n");
    stream(&world, ["--end", "late"])
        .run()
        .exits(9)
        .prints(&(shown + FOOTER))
        .says("\n ERROR: it failed at the end\n\n");
}

#[test]
fn shown_rows_without_an_end_are_reported() {
    let ran = stream(&set_up(), ["--rows", "1", "--end", "left"]).run();
    ran.exits(0).prints(&(HEAD.to_owned() + &row(0))).says(
        "warning: plugin `probe`: it began a long result and didn't end it, so the result may be incomplete: tell its author\n",
    );
}

#[test]
fn a_result_beside_shown_rows_is_a_mistake_of_the_plugin() {
    let ran = stream(&set_up(), ["--rows", "0", "--end", "both"]).run();
    ran.exits(1).says(
        "\n ERROR: The plugin `probe`: it sent a long result and returned another result too\n\n",
    );
}

#[test]
fn a_column_that_no_shown_row_has_is_a_mistake_of_the_plugin() {
    let world = set_up();
    let says = "warning: plugin `probe`: its column `Name` shows `/nmae`, which no row of its result has: tell its author\n";
    let tw = || stream(&world, ["--name", "/nmae"]);
    tw().run().exits(0).says(says);
    tw().args(["-o", "csv"]).run().exits(0).says(says);
    tw().args(["-o", "json"]).run().exits(0).says("");
    tw().args(["--rows", "0"]).run().exits(0).says("");
}

#[test]
fn a_row_with_a_number_that_no_reader_can_hold_is_not_shown() {
    let world = set_up();
    let ran = stream(&world, ["-o", "jsonl", "--rows", "1", "--end", "huge"]).run();
    ran.exits(1)
        .prints("{\"n\":0,\"name\":\"row\\u001b0000\"}\n")
        .says_with("a row of its long result can't be read: the number 1E400 is too large for JSON readers");
}

#[test]
fn a_reader_that_closes_the_pipe_ends_a_stream_of_rows_quietly() {
    let world = set_up();
    for more in [&[][..], &["-o", "csv"], &["-o", "jsonl"]] {
        let mut child = start(stream(&world, ["--rows", "10000000", "--piece", "100"]).args(more));
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        stdout
            .read_line(&mut String::new())
            .expect("the first line arrives");
        drop(stdout);
        let output = child.wait_with_output().expect("the command ends");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert_eq!(output.status.code(), Some(0));
    }
}

#[test]
fn a_failure_after_a_closed_pipe_of_rows_is_still_a_failure() {
    let world = set_up();
    let (_, closed) = std::io::pipe().expect("a pipe can be made");
    let tw = stream(&world, ["--ignore", "--end", "failed"]);
    let output = tw.run_into(closed);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(stderr, "\n ERROR: it failed half-way\n\n");
    assert_eq!(output.status.code(), Some(9));
}

#[cfg(target_os = "linux")]
#[test]
fn rows_that_cannot_be_written_are_an_error_even_if_the_plugin_ignores_it() {
    let world = set_up();
    for more in [&[][..], &["--ignore"]] {
        let full = File::options().write(true).open("/dev/full");
        let output = stream(&world, [])
            .args(more)
            .run_into(full.expect("/dev/full can be opened"));
        let expected = "\n ERROR: Cannot write the result: No space left on device\n\n";
        assert_eq!(String::from_utf8_lossy(&output.stderr), expected);
        assert_eq!(output.status.code(), Some(1));
    }
}

#[test]
fn ctrl_c_ends_a_stream_of_rows_and_leaves_those_that_were_shown() {
    let world = set_up();
    let tw = stream(&world, ["--rows", "10000000"]);
    let ended = Terminal::start_all(tw).until("row␛0…").interrupts().ends();
    ended.exits(130).showed("Rows:").showed("Interrupted");
}

#[test]
fn a_progress_display_leaves_the_terminal_while_rows_are_shown() {
    let world = set_up();
    let tw = stream(&world, ["--progress", "--rows", "50"]);
    let left = Terminal::start_all(tw).ends().exits(0);
    let screen = left.showed("Counting").screen;
    for n in 0..50 {
        let line = row(n).replace('\n', "\r\n");
        let at = screen
            .find(&line)
            .unwrap_or_else(|| panic!("no {line:?} in {screen:?}"));
        let before = screen[..at].trim_end_matches("\u{1b}[1A");
        assert!(
            before.ends_with("\r\n") || before.ends_with("\u{1b}[2K"),
            "{line:?} does not stand alone in {screen:?}"
        );
    }
}

#[test]
fn streamed_rows_take_little_memory() {
    let world = set_up();
    let peak = |rows: &str| -> u64 {
        let line = ["--peak", "--piece", "1000", "-o", "jsonl", "--rows", rows];
        let ran = stream(&world, line).run().exits(0);
        assert_eq!(ran.stdout.lines().count().to_string(), rows);
        let peak = ran.stderr.split_whitespace().rev().nth(1);
        peak.and_then(|peak| peak.parse().ok())
            .expect("the probe reports its peak")
    };
    let (few, many) = (peak("1000"), peak("200000"));
    assert!(
        many < few + (8 << 10),
        "1,000 rows took {few} KB, 200,000 rows {many} KB"
    );
}
