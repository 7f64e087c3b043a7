//! Results with several views, notes, and the looks of cells.

use insta::assert_snapshot;
use serde_json::{Value, json};
use tw_tests::Terminal;

use crate::{Probe, set_up};

#[test]
fn sections_show_several_views_of_one_value() {
    let world = set_up();
    let ran = world.tw(["probe", "output", "sections"]);
    let shown = ran.exits(0).says("").stdout;
    assert_snapshot!("sections", shown.replace('\n', "$\n"));
}

#[test]
fn json_shows_the_one_value_of_sections() {
    let json = set_up().probe_json(["output", "sections"]);
    assert_eq!(json["run"], json!({ "id": 5, "name": "happy_hopper" }));
    assert_eq!(json["tasks"][0]["logs"], json!(["one", "two"]));
}

#[test]
fn a_mistake_in_one_of_several_views_is_reported() {
    let world = set_up();
    let line = ["probe", "output", "sections", "--record", "/rum"];
    world.tw(line).exits(0).says(
        "warning: plugin `probe`: it takes its record from `/rum`, and its result has nothing there: tell its author\n",
    );
}

#[test]
fn notes_are_printed_beside_the_result_and_are_no_warnings() {
    let world = set_up();
    let line = ["probe", "output", "message", "Done", "--note", "one"];
    let more = ["--note", "two\n\u{1b}[2J", "--warning", "three"];
    let says = "warning: plugin `probe`: three\nnote: plugin `probe`: one\nnote: plugin `probe`: two␊␛[2J\n";
    let line = [&line[..], &more].concat();
    world
        .tw(line.iter().copied())
        .exits(0)
        .prints("\n  Done\n\n")
        .says(says);
    world
        .tw(line.into_iter().chain(["--failure", "half"]))
        .exits(7)
        .prints("\n  Done\n\n")
        .says(&format!("{says}\n ERROR: half\n\n"));
}

#[test]
fn a_note_contains_no_secret() {
    let world = set_up();
    let token = world.sandbox.token();
    let ran = world.tw(["probe", "output", "message", "Done", "--note", token]);
    ran.exits(0).says("note: plugin `probe`: [redacted]\n");
}

#[test]
fn cells_are_aligned_cut_and_split_into_lines() {
    let ran = set_up().tw(["probe", "output", "cells"]);
    assert_snapshot!("cells", ran.exits(0).says("").stdout.replace('\n', "$\n"));
}

#[test]
fn json_has_the_whole_values_of_cells() {
    let json = set_up().probe_json(["output", "cells"]);
    let name = |at: usize| json[at]["name"].clone();
    assert_eq!(name(0), "漢字漢字漢字");
    assert_eq!([name(2), name(3)], [json!("abcdefghij"), json!("a\nb")]);
    assert_eq!(json[0]["script"], "one\ntwo");
    assert_eq!(json[3]["cpus"], Value::Null);
}

#[test]
fn a_status_has_its_color_on_a_terminal_that_wants_colors() {
    let world = set_up();
    let tw = || world.command(["probe", "output", "cells"]);
    let colored = Terminal::start_all(tw()).ends().exits(0);
    colored
        .showed("\u{1b}[32mDONE\u{1b}[0m")
        .showed("\u{1b}[33mLATE\u{1b}[0m")
        .showed("\u{1b}[31mFAILED\u{1b}[0m")
        .showed(" ODD ");
    let plain = Terminal::start_all(tw().env("NO_COLOR", "1")).ends();
    plain.exits(0).showed(" DONE ").never_showed("\u{1b}[3");
}
