//! The output formats other than JSON and the console: YAML, CSV, TSV, names and JSON lines; and the options that choose columns and rows.

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
        .says_with("expected console, json, yaml, csv, tsv, names or jsonl");
}

#[test]
fn yaml_is_the_value_in_block_style() {
    let world = set_up();
    assert_prints(
        &world,
        "yaml",
        &["table", "--plain"],
        "- id: 1\n  name: Rex\n",
    );
    let ran = world
        .tw(["-o", "yaml", "probe", "output", "table"])
        .exits(0);
    assert!(
        ran.stdout.contains("name: \"Kit\\x1b[31mty\\n\"\n"),
        "{ran}"
    );
    assert!(
        ran.stdout.contains("born: \"2022-10-05T12:42:21Z\"\n"),
        "{ran}"
    );
    assert!(ran.stdout.contains("note: null\n"), "{ran}");
}

#[test]
fn names_are_those_of_the_rows_one_on_each_line() {
    let world = set_up();
    let names = "Rex\nKit\u{1b}[31mty\\n\nAda\n";
    assert_prints(&world, "names", &["table"], names);
    assert_prints(&world, "names", &["table", "--none"], "");
    assert_prints(&world, "names", &["record"], "Rex\n");
    assert_prints(&world, "names", &["sections"], "fastqc\nmultiqc\n");
    // A value without a field for the name is named by its first field.
    assert_prints(&world, "names", &["message", "a\nb"], "a\\nb\n");
    let line = ["-o", "names", "probe", "output", "table"];
    let ended = Terminal::start_all(world.command(line)).ends().exits(0);
    ended.showed("Kit␛[31mty\\n").never_showed("\u{1b}[31m");
    world
        .tw(["-o", "names", "plugin", "list"])
        .prints("probe\n");
    // The result is a text, and it has no name without a user.
    let info = world.command(["-o", "names", "info"]);
    info.without_env("TOWER_ACCESS_TOKEN").run().prints("");
}

#[test]
fn columns_are_chosen_in_their_order_by_field_or_title() {
    let world = set_up();
    let table = |options: &[&str]| {
        let line = [&["probe", "output", "table"], options].concat();
        world.tw(line).exits(0).says("").stdout
    };
    let csv = "name,id\r\nRex,10\r\n\"Kit\u{1b}[31mty\n\",9\r\nAda,100\r\n";
    assert_eq!(table(&["-o", "csv", "--columns", "NAME, Id"]), csv);
    let lines = table(&["-o", "jsonl", "--columns", "id,note"]);
    assert!(
        lines.starts_with("{\"id\":10,\"note\":null}\n{\"id\":9}\n"),
        "{lines}"
    );
    let console = table(&["--columns", "weight,name", "--order", "number"]);
    let shown = "     Weight   | Name        \n    ----------+-------------\n     1023 B   | Kit␛[31mty␊ \n";
    assert!(console.contains(shown), "{console}");
}

#[test]
fn an_unknown_column_is_a_usage_error_that_lists_the_columns() {
    let world = set_up();
    for (line, columns) in [
        (
            &["probe", "output", "table"][..],
            "weight, id, age, name, note, born",
        ),
        (
            &["-o", "csv", "probe", "output", "table"],
            "weight, id, age, name, note, born",
        ),
    ] {
        let line = [line, &["--columns", "wieght"]].concat();
        let error = format!("the result has no column 'wieght'; its columns are {columns}");
        world.tw(line).rejects(&error);
    }
    let listed = world.tw(["plugin", "list", "--columns", "nmae"]);
    listed.rejects("error: the result has no column 'nmae'; its columns are name, ");
    world
        .tw(["probe", "output", "message", "hello", "--columns", "a"])
        .exits(0)
        .says_with("'--columns' has no effect");
}

#[test]
fn without_headers_there_are_only_rows() {
    let world = set_up();
    let csv = ["table", "--plain", "--no-headers"];
    assert_prints(&world, "csv", &csv, "1,Rex\r\n");
    assert_prints(&world, "tsv", &csv, "1\tRex\n");
    assert_prints(&world, "console", &csv, "     1  | Rex  \n");
    assert_prints(&world, "console", &["table", "--none", "--no-headers"], "");
}

#[test]
fn options_that_make_no_sense_together_are_refused_before_the_command_runs() {
    let world = set_up();
    for (options, refused) in [
        (
            &["-o", "json", "--columns", "id"][..],
            "'--columns' cannot be used with '-o json'",
        ),
        (
            &["-o", "yaml", "--columns", "id"],
            "'--columns' cannot be used with '-o yaml'",
        ),
        (
            &["-o", "names", "--no-headers"],
            "'--no-headers' cannot be used with '-o names'",
        ),
        (
            &["-o", "jsonl", "--no-headers"],
            "'--no-headers' cannot be used with '-o jsonl'",
        ),
        (
            &["-o", "csv", "--jq", "."],
            "'--jq' cannot be used with '-o csv'",
        ),
        (
            &["--jq", ".", "--columns", "id"],
            "'--jq' cannot be used with '--columns'",
        ),
        (
            &["--jq", ".", "--no-headers"],
            "'--jq' cannot be used with '--no-headers'",
        ),
        (
            &["--columns", "a,,b"],
            "invalid value 'a,,b' for '--columns <A,B>'",
        ),
    ] {
        let line = [&["probe", "identity", "whoami"], options].concat();
        world.tw(line).rejects(refused);
    }
    assert_eq!(world.sandbox.requests().len(), 0);
}
