//! The formats with one row per line: JSON lines, CSV and TSV.

use serde_json::json;
use tw_tests::{Terminal, World};

use crate::set_up;

#[track_caller]
fn assert_prints(world: &World, format: &str, line: &[&str], expected: &str) {
    let line = [&["-o", format, "probe", "output"], line].concat();
    world.tw(line).exits(0).says("").prints(expected);
}

#[test]
fn the_rows_of_a_table_are_lines() {
    let world = set_up();
    let plain = ["table", "--plain"];
    assert_prints(&world, "jsonl", &plain, "{\"id\":1,\"name\":\"Rex\"}\n");
    assert_prints(&world, "csv", &plain, "id,name\r\n1,Rex\r\n");
    assert_prints(&world, "tsv", &plain, "id\tname\n1\tRex\n");
    let names = "id,name,born,age,weight,note\r\n";
    assert_prints(&world, "csv", &["table", "--none"], names);
    assert_prints(&world, "jsonl", &["table", "--none"], "");
}

#[test]
fn lines_have_the_values_of_the_json_and_the_fields_of_the_view() {
    let world = set_up();
    let first = "10,Rex,2022-10-05T12:42:21Z,90061001,1610612736,\r\n";
    let rest = concat!(
        "9,\"Kit\u{1b}[31mty\n\",0,1500,1023,\r\n",
        "100,Ada,yesterday,old,-2048,\"{\"\"is\"\":[\"\"good\"\"]}\"\r\n",
    );
    let names = "id,name,born,age,weight,note\r\n";
    let csv = [names, first, rest].concat();
    assert_prints(&world, "csv", &["table"], &csv);
    // The order of the view is for people.
    assert_prints(&world, "csv", &["table", "--order", "last"], &csv);
    assert_prints(&world, "csv", &["record"], &[names, first].concat());
    let tsv = csv
        .replace("\"Kit\u{1b}[31mty\n\"", "Kit\u{1b}[31mty\\n")
        .replace("\"{\"\"is\"\":[\"\"good\"\"]}\"", "{\"is\":[\"good\"]}")
        .replace(',', "\t")
        .replace("\r\n", "\n");
    assert_prints(&world, "tsv", &["table"], &tsv);
}

#[test]
fn every_line_of_jsonl_is_a_row() {
    let world = set_up();
    let whole = world
        .tw(["-o", "json", "probe", "output", "table"])
        .exits(0)
        .json();
    let lines = world
        .tw(["-o", "jsonl", "probe", "output", "table"])
        .exits(0);
    let rows: Vec<serde_json::Value> = lines
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is JSON"))
        .collect();
    assert_eq!(json!(rows), whole["pets"]);
}

#[test]
fn the_first_table_of_sections_is_shown() {
    let world = set_up();
    let sections = ["sections"];
    assert_prints(&world, "csv", &sections, "name\r\nfastqc\r\nmultiqc\r\n");
    let lines =
        "{\"name\":\"fastqc\",\"logs\":[\"one\",\"two\"]}\n{\"name\":\"multiqc\",\"logs\":[]}\n";
    assert_prints(&world, "jsonl", &sections, lines);
}

#[test]
fn a_value_without_rows_is_one_line() {
    let world = set_up();
    let message = ["message", "a,b\tc"];
    assert_prints(&world, "jsonl", &message, "{\"said\":\"a,b\\tc\"}\n");
    assert_prints(&world, "csv", &message, "said\r\n\"a,b\tc\"\r\n");
    assert_prints(&world, "tsv", &message, "said\na,b\\tc\n");
    for format in ["jsonl", "csv", "tsv"] {
        assert_prints(&world, format, &["none"], "");
    }
}

#[test]
fn lines_have_no_control_characters_on_a_terminal() {
    let world = set_up();
    for (format, shown) in [
        ("jsonl", "Kit\\u001b[31mty\\n"),
        ("csv", ",Kit␛[31mty␊,"),
        ("tsv", "\tKit␛[31mty\\n\t"),
    ] {
        let line = ["-o", format, "probe", "output", "table"];
        let ended = Terminal::start_all(world.command(line)).ends().exits(0);
        ended.showed(shown).never_showed("\u{1b}[31m");
    }
}

#[test]
fn a_mistake_in_the_view_is_reported_because_lines_depend_on_the_view() {
    let world = set_up();
    for format in ["jsonl", "csv", "tsv"] {
        let line = [
            "-o", format, "probe", "output", "mistaken", "--rows", "/pats",
        ];
        world
            .tw(line)
            .exits(0)
            .says_with("it takes the rows of its table from `/pats`");
    }
}

#[test]
fn commands_of_the_host_print_lines_too() {
    let world = set_up();
    let csv = world.tw(["-o", "csv", "plugin", "list"]).exits(0).stdout;
    let names = "name,version,abi,origin,publisher,state,path\r\nprobe,";
    assert!(csv.starts_with(names), "{csv}");
    assert_eq!(csv.lines().count(), 2);
    let jsonl = world.tw(["-o", "jsonl", "plugin", "list"]).exits(0).json();
    assert_eq!(jsonl["name"], "probe");
    let tsv = world.tw(["-o", "tsv", "plugin", "info", "probe"]).exits(0);
    assert_eq!(tsv.stdout.lines().count(), 2);
}

#[test]
fn the_environment_can_choose_the_format() {
    let world = set_up();
    let tw = world.command(["probe", "output", "table", "--plain"]);
    tw.env("TOWER_CLI_OUTPUT_FORMAT", "CSV")
        .run()
        .exits(0)
        .prints("id,name\r\n1,Rex\r\n");
    let tw = world.command(["probe", "output", "none"]);
    tw.env("TOWER_CLI_OUTPUT_FORMAT", "xml")
        .run()
        .exits(2)
        .says_with("expected console, json, jsonl, csv or tsv");
}
