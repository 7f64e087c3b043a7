//! Plugins that write to standard output themselves. The host passes their output on to standard error, and warns about it.

use std::process::Stdio;

use tw_tests::Terminal;

use crate::given::Given;

fn format_warning(bytes: usize) -> String {
    format!(
        "warning: plugin `prints`: it wrote {bytes} bytes to standard output by itself; they are not part of the result and went to standard error. A plugin returns what it has to say: tell its author\n"
    )
}

#[test]
fn output_that_a_plugin_prints_itself_goes_to_standard_error() {
    let given = Given::healthy().plugin("prints");
    for (way, printed) in [
        ("line", "a whole line\n"),
        ("part", "part of a line"),
        ("raw", "past every buffer"),
        ("child", "from a child\n"),
        ("escape", "\u{1b}[31mred\r\n"),
    ] {
        let line_end = if printed.ends_with('\n') { "" } else { "\n" };
        let said = format!("{printed}{line_end}{}", format_warning(printed.len()));
        given
            .tw(["prints", way])
            .exits(0)
            .prints("\n  Done\n\n")
            .says(&said);
        let ran = given.tw(["prints", way, "-o", "json"]).exits(0);
        assert_eq!(ran.json(), serde_json::json!({ "done": true }));
    }
}

#[test]
fn nothing_of_a_flood_is_lost() {
    const BYTES: usize = 16 << 20;
    let given = Given::healthy().plugin("prints");
    let ran = given.tw(["prints", "flood"]).exits(0);
    let (flood, warning) = ran.stderr.split_at(BYTES.min(ran.stderr.len()));
    assert!(flood.len() == BYTES && flood.bytes().all(|byte| byte == b'x'));
    assert_eq!(warning, format!("\n{}", format_warning(BYTES)));
    assert_eq!(ran.stdout, "\n  Done\n\n");
}

#[test]
fn a_flood_that_nobody_reads_does_not_stop_the_command() {
    let given = Given::healthy().plugin("prints");
    let (_, closed) = std::io::pipe().expect("a pipe can be made");
    let output = given
        .command(["prints", "flood"])
        .command()
        .stdin(Stdio::null())
        .stderr(closed)
        .output()
        .expect("tw can be started");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stdout, b"\n  Done\n\n");
}

#[test]
fn a_terminal_gets_printed_output_without_control_characters() {
    let given = Given::healthy().plugin("prints");
    let ended = Terminal::start(given.command(["prints", "escape"])).ends();
    ended
        .exits(0)
        .showed("␛[31mred␍\r\n")
        .never_showed("\u{1b}[31m");
}

#[test]
fn a_child_process_that_keeps_standard_output_open_does_not_stop_the_command() {
    let given = Given::healthy().plugin("prints");
    let printed = "a child is left\n";
    given
        .tw(["prints", "leave"])
        .exits(0)
        .prints("\n  Done\n\n")
        .says(&format!("{printed}{}", format_warning(printed.len())));
}

#[test]
fn standard_output_is_empty_when_a_plugin_prints_and_fails() {
    let given = Given::healthy().plugin("prints");
    for (way, printed, failure) in [
        (
            "failing",
            "before the failure\n",
            " ERROR: It failed after it had printed\n",
        ),
        (
            "panicking",
            "part of a line",
            "it panicked after it had printed\n",
        ),
    ] {
        given
            .tw(["prints", way])
            .exits(1)
            .prints("")
            .says_with(printed)
            .says_with(&format_warning(printed.len()))
            .says_with(failure);
    }
}
