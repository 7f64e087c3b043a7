//! Results: tables, records, messages, texts and long results; and their exit codes.

use insta::assert_snapshot;
use serde_json::{Value, json};
use tw_tests::{Terminal, World};

use crate::{Probe, set_up};

/// Returns the console output, with `$` at the end of each line so that trailing spaces and the last line end show in a snapshot.
#[track_caller]
fn render(world: &World, arguments: &[&str]) -> String {
    let ran = world.command(["probe", "output"]).args(arguments).run();
    let stdout = ran.exits(0).says("").stdout;
    stdout.replace('\n', "$\n")
}

#[test]
fn tables_and_records_show_every_kind_of_value() {
    let world = set_up();
    assert_snapshot!("table", render(&world, &["table"]));
    assert_snapshot!("record", render(&world, &["record"]));
    assert_snapshot!(
        "table_without_columns",
        render(&world, &["table", "--plain"])
    );
    assert_snapshot!("empty_table", render(&world, &["table", "--none"]));
}

#[test]
fn json_does_not_depend_on_the_view() {
    let world = set_up();
    let table = world.probe_json(["output", "table"]);
    assert_eq!(
        world.probe_json(["output", "table", "--order", "last"]),
        table
    );
    assert_eq!(world.probe_json(["output", "record"]), table);
    assert_eq!(table["pets"][1]["name"], "Kit\u{1b}[31mty\n");
    assert_eq!(
        world.probe_json(["output", "table", "--none"]),
        json!({ "pets": [] })
    );
}

#[test]
fn rows_are_sorted_for_the_console() {
    let world = set_up();
    let order = |order: &str| -> Vec<String> {
        let table = render(&world, &["table", "--order", order]);
        let cells = table
            .lines()
            .filter_map(|line| line.split('|').next())
            .map(str::trim);
        cells
            .filter(|cell| cell.parse::<i64>().is_ok())
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(order("number"), ["9", "10", "100"]);
    assert_eq!(order("text"), ["10", "100", "9"]);
    assert_eq!(order("last"), ["100", "10", "9"]);
}

#[test]
fn a_message_is_indented_and_has_no_control_characters() {
    let world = set_up();
    world
        .tw(["probe", "output", "message", "It is done"])
        .exits(0)
        .says("")
        .prints("\n  It is done\n\n");
    world
        .tw(["probe", "output", "message", "a\u{1b}[31m\nb"])
        .exits(0)
        .prints("\n  a␛[31m␊b\n\n");
    assert_eq!(
        world.probe_json(["output", "message", "a\nb"]),
        json!({ "said": "a\nb" })
    );
}

#[test]
fn a_text_is_printed_without_layout_and_unchanged() {
    let world = set_up();
    world
        .tw(["probe", "output", "message", "--as-text", "A=1\n\tB\n"])
        .exits(0)
        .says("")
        .prints("A=1\n\tB\n");
    world
        .tw([
            "probe",
            "output",
            "message",
            "--as-text",
            "a\u{1b}[31m\r\n\u{202e}b",
        ])
        .exits(0)
        .prints("a\u{1b}[31m\r\n\u{202e}b\n");
    assert_eq!(
        world.probe_json(["output", "message", "--as-text", "a\nb"]),
        json!({ "said": "a\nb" })
    );
}

#[test]
fn a_text_has_no_control_characters_on_a_terminal() {
    let world = set_up();
    let line = [
        "probe",
        "output",
        "message",
        "--as-text",
        "a\u{1b}[31m\r\n\tb",
    ];
    let ended = Terminal::start_all(world.command(line)).ends().exits(0);
    ended.showed("a␛[31m␍\r\n").never_showed("\u{1b}[31m");
}

#[test]
fn a_pointer_that_matches_nothing_is_reported_as_a_mistake_of_the_plugin() {
    let world = set_up();
    let nothing = "from `/pats`, and its result has nothing there";
    for (options, mistake) in [
        (
            &["--rows", "/pats"][..],
            format!("it takes the rows of its table {nothing}"),
        ),
        (
            &["--rows", "/pats", "--record"],
            format!("it takes its record {nothing}"),
        ),
        (
            &["--column", "/nmae"],
            "its column `Name` shows `/nmae`, which no row of its result has".to_owned(),
        ),
    ] {
        let line = [&["probe", "output", "mistaken"], options].concat();
        world.tw(line.iter().copied()).exits(0).says(&format!(
            "warning: plugin `probe`: {mistake}: tell its author\n"
        ));
        // JSON is the same with and without the mistake.
        world
            .command(line)
            .args(["-o", "json"])
            .run()
            .exits(0)
            .says("");
    }
    for right in [&[][..], &["--column", "/nmae", "--optional"]] {
        let line = [&["probe", "output", "mistaken"], right].concat();
        world.tw(line).exits(0).says("");
    }
}

#[test]
fn a_failure_can_carry_a_result() {
    let world = set_up();
    let line = [
        "probe",
        "output",
        "message",
        "Half done",
        "--failure",
        "b\u{7} is left",
    ];
    world
        .tw(line)
        .exits(7)
        .prints("\n  Half done\n\n")
        .says("\n ERROR: b␇ is left\n\n");
    let json = [&["-o", "json"], &line[..]].concat();
    assert_eq!(
        world.tw(json).exits(7).json(),
        json!({ "said": "Half done" })
    );
}

#[test]
fn an_empty_output_prints_nothing() {
    let world = set_up();
    world
        .tw(["probe", "output", "none"])
        .exits(0)
        .prints("")
        .says("");
    world
        .tw(["-o", "json", "probe", "output", "none"])
        .exits(0)
        .prints("")
        .says("");
}

#[test]
fn a_result_that_cannot_be_serialized_is_a_failure() {
    set_up()
        .tw(["probe", "output", "none", "--unwritable"])
        .fails("the result has no JSON form: key must be a string");
}

#[test]
fn a_result_can_set_exit_codes_from_3_to_125() {
    let world = set_up();
    for (code, exit) in [
        (0, 0),
        (3, 3),
        (42, 42),
        (125, 125),
        (1, 1),
        (2, 1),
        (126, 1),
        (130, 1),
        (255, 1),
    ] {
        let ran = world.tw([
            "probe",
            "output",
            "message",
            "Done",
            "--code",
            &code.to_string(),
        ]);
        ran.exits(exit).prints("\n  Done\n\n").says("");
    }
}

#[test]
fn warnings_are_printed_beside_the_result() {
    let world = set_up();
    let ran = world.tw([
        "probe",
        "output",
        "message",
        "Done",
        "--warning",
        "one",
        "--warning",
        "two\n\u{1b}[2J",
    ]);
    ran.exits(0)
        .prints("\n  Done\n\n")
        .says("warning: plugin `probe`: one\nwarning: plugin `probe`: two␊␛[2J\n");
}

#[test]
fn rows_sent_in_pieces_form_one_result() {
    let world = set_up();
    let ran = world.tw(["probe", "output", "rows", "--rows", "10000"]);
    let ran = ran.exits(0).says("warning: plugin `probe`: that was all\n");
    let numbers: Vec<&str> = ran
        .stdout
        .lines()
        .map(str::trim)
        .filter(|line| line.parse::<u32>().is_ok())
        .collect();
    let expected: Vec<String> = (0..10_000).rev().map(|n| n.to_string()).collect();
    assert_eq!(numbers, expected);

    let ran = world
        .probe(["output", "rows", "--rows", "10000"])
        .run()
        .exits(0);
    let rows: Vec<Value> = (0..10_000).map(|n| json!({ "n": n })).collect();
    assert_eq!(ran.json(), json!({ "of": "numbers", "numbers": rows }));
}

#[test]
fn a_result_without_rows_is_an_empty_table() {
    let ran = set_up().tw(["probe", "output", "rows", "--rows", "0", "--code", "9"]);
    ran.exits(9).prints("\n  Numbers:\n\n    No numbers\n");
}

#[test]
fn unfinished_rows_are_not_shown() {
    let world = set_up();
    for format in ["console", "json"] {
        world
            .tw(["-o", format, "probe", "output", "rows", "--end", "left"])
            .prints("");
        world
            .tw([
                "-o", format, "probe", "output", "rows", "--end", "failed", "--code", "9",
            ])
            .exits(9)
            .prints("")
            .says("\n ERROR: it failed half-way\n\n");
    }
}

#[test]
fn unfinished_rows_are_reported() {
    // The user gets no result from a command that exits 0, so a warning must explain why.
    let ran = set_up().tw(["probe", "output", "rows", "--end", "left"]);
    ran.exits(0)
        .prints("")
        .says_with("warning: plugin `probe`: it began a long result and didn't end it");
}

#[test]
fn a_result_beside_rows_is_a_mistake_of_the_plugin() {
    let world = set_up();
    for format in ["console", "json"] {
        world
            .tw(["-o", format, "probe", "output", "rows", "--end", "both"])
            .prints("")
            .fails("The plugin `probe`: it sent a long result and returned another result too");
    }
}

#[test]
fn a_misuse_of_rows_is_reported() {
    let world = set_up();
    for (end, message) in [
        ("twice", "it begins a second long result"),
        (
            "nowhere",
            "the head of its long result has no list where the rows should go",
        ),
    ] {
        let ran = world.tw(["probe", "output", "rows", "--end", end]);
        ran.fails(&format!("The plugin `probe`: {message}"));
    }
}
