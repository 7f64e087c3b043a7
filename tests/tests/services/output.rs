//! Results: tables, records, sentences, long ones, and how a run ends.

use insta::assert_snapshot;
use serde_json::{Value, json};
use tw_tests::World;

use crate::{Probe, probe};

/// What people read.
#[track_caller]
fn shown(world: &World, arguments: &[&str]) -> String {
    let ran = world.command(["probe", "output"]).args(arguments).run();
    ran.exits(0).says("").stdout
}

#[test]
fn a_table_and_a_record_show_every_kind_of_value() {
    let world = probe();
    assert_snapshot!("table", shown(&world, &["table"]));
    assert_snapshot!("record", shown(&world, &["record"]));
    assert_snapshot!(
        "table_without_columns",
        shown(&world, &["table", "--plain"])
    );
    assert_snapshot!("empty_table", shown(&world, &["table", "--none"]));
}

#[test]
fn the_data_is_the_same_in_every_view() {
    let world = probe();
    let table = world.got(["output", "table"]);
    assert_eq!(world.got(["output", "table", "--order", "last"]), table);
    assert_eq!(world.got(["output", "record"]), table);
    assert_eq!(table["pets"][1]["name"], "Kit\u{1b}[31mty\n");
    assert_eq!(
        world.got(["output", "table", "--none"]),
        json!({ "pets": [] })
    );
}

#[test]
fn rows_are_ordered_for_the_eye() {
    let world = probe();
    let order = |order: &str| -> Vec<String> {
        let table = shown(&world, &["table", "--order", order]);
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
fn a_sentence_stands_alone() {
    let world = probe();
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
        world.got(["output", "message", "a\nb"]),
        json!({ "said": "a\nb" })
    );
}

#[test]
fn a_text_is_shown_as_it_stands() {
    let world = probe();
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
            "a\u{1b}[31m\r\nb",
        ])
        .exits(0)
        .prints("a␛[31m␍\nb\n");
    assert_eq!(
        world.got(["output", "message", "--as-text", "a\nb"]),
        json!({ "said": "a\nb" })
    );
}

#[test]
fn a_failure_can_have_a_result() {
    let world = probe();
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
fn nothing_is_shown_as_nothing() {
    let world = probe();
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
fn a_result_without_a_json_form_is_a_failure() {
    probe()
        .tw(["probe", "output", "none", "--unwritable"])
        .fails("the result has no JSON form: key must be a string");
}

#[test]
fn a_plugin_defines_exit_codes_from_3_to_125() {
    let world = probe();
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
fn warnings_stand_beside_the_result() {
    let world = probe();
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
fn ten_thousand_rows_come_in_pieces() {
    let world = probe();
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
fn no_rows_are_an_empty_table() {
    let ran = probe().tw(["probe", "output", "rows", "--rows", "0", "--code", "9"]);
    ran.exits(9).prints("\n  Numbers:\n\n    No numbers\n");
}

#[test]
fn rows_without_an_end_are_not_shown() {
    let world = probe();
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
fn rows_that_a_plugin_forgets_to_end_are_told() {
    // The person gets nothing although the command says that it succeeded: somebody must say why.
    let ran = probe().tw(["probe", "output", "rows", "--end", "left"]);
    assert_ne!(ran.stderr, "", "{ran}");
}

#[test]
fn another_result_takes_the_place_of_the_rows() {
    let ran = probe().tw(["probe", "output", "rows", "--end", "replaced"]);
    ran.exits(0).prints("\n  another result\n\n");
}

#[test]
fn a_plugin_that_misuses_rows_is_told_so() {
    let world = probe();
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
