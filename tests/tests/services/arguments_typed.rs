//! Values with a type: what a user types, and what the plugin gets.

use insta::assert_snapshot;
use serde_json::{Value, json};
use tw_tests::Ran;

use crate::{Probe, assert_usage_error, set_up};

/// Runs the command with these arguments.
fn run(arguments: &[&str]) -> Ran {
    set_up()
        .probe(["arguments", "typed", "all"])
        .args(arguments)
        .run()
}

/// Returns what the plugin got for one option with this value.
#[track_caller]
fn value(option: &str, value: &str) -> Value {
    let ran = run(&[&format!("--{option}"), value]).exits(0).says("");
    ran.json()[option].clone()
}

#[track_caller]
fn assert_refused(option: &str, value: &str, reason: &str) {
    let ran = run(&[&format!("--{option}"), value]);
    let reason = format!("'--{option} <{}>': {reason}", option.to_uppercase());
    assert_usage_error(ran, &reason);
}

#[test]
fn an_integer_must_fit_the_type_of_its_field() {
    assert_eq!(value("tiny", "-128"), -128);
    assert_eq!(value("wide", "4294967295"), u32::MAX);
    assert_eq!(value("count", "9223372036854775807"), i64::MAX);
    assert_refused("tiny", "128", "expected an integer from -128 to 127");
    assert_refused("wide", "-1", "expected an integer from 0 to 4294967295");
    assert_refused("count", "0", "expected an integer from 1");
    // A message has no larger integer.
    assert_refused(
        "count",
        "9223372036854775808",
        "expected a 64-bit integer from 1",
    );
}

#[test]
fn a_number_with_a_fraction_must_be_in_its_range() {
    assert_eq!(value("part", "0.5"), 0.5);
    assert_eq!(value("part", "1"), 1.0);
    assert_refused("part", "1.01", "expected a number from 0 to 1");
    assert_refused("part", "-0.1", "expected a number from 0 to 1");
}

#[test]
fn an_optional_bool_takes_true_or_false() {
    assert_eq!(value("strict", "true"), true);
    assert_eq!(value("strict", "false"), false);
    assert_eq!(run(&[]).exits(0).json()["strict"], Value::Null);
    assert_usage_error(
        run(&["--strict", "maybe"]),
        "[possible values: true, false]",
    );
    assert_usage_error(run(&["--strict"]), "'--strict <STRICT>'");
}

#[test]
fn a_duration_has_units() {
    assert_eq!(run(&[]).exits(0).json()["keep"], 5400.0);
    assert_eq!(value("keep", "90d"), 7_776_000.0);
    assert_eq!(value("keep", "60500ms"), 60.5);
    assert_refused(
        "keep",
        "90",
        "expected a duration such as 90d, 1h30m or 500ms, from 1m to 90d",
    );
    assert_refused("keep", "59s", "expected a duration from 1m to 90d");
    assert_refused("keep", "13w", "expected a duration from 1m to 90d");
}

#[test]
fn a_size_has_units() {
    assert_eq!(value("memory", "10MiB"), 10 << 20);
    assert_eq!(value("memory", "1.5GB"), 1_500_000_000_i64);
    assert_eq!(value("memory", "4096"), 4096);
    assert_refused(
        "memory",
        "10M",
        "expected a size such as 10MiB, 1.5GB or 4096, up to 5GiB",
    );
    assert_refused("memory", "6GiB", "expected a size up to 5GiB");
}

#[test]
fn a_time_is_absolute_or_an_age() {
    assert_eq!(value("since", "1970-01-01T00:00:01.5Z"), "1500");
    assert_eq!(value("since", "1970-01-02"), "86400000");
    assert_eq!(value("since", "1969-12-31T23:59:59Z"), "-1000");
    let now = jiff::Timestamp::now().as_millisecond();
    let since = value("since", "2d");
    let since: i64 = since
        .as_str()
        .and_then(|ms| ms.parse().ok())
        .expect("a time");
    let age = now - since;
    assert!((172_700_000..=172_800_000).contains(&age), "{age}");
    assert_refused("since", "yesterday", "expected a time such as");
    let world = set_up();
    let command = world.probe(["arguments", "typed", "all"]);
    let got = command
        .env("PROBE_SINCE", "1970-01-02")
        .run()
        .exits(0)
        .json();
    assert_eq!(got["since"], "86400000");
}

#[test]
fn a_source_is_a_file_or_standard_input() {
    assert_eq!(value("input", "-"), "stdin");
    assert_eq!(value("input", "a/b.env"), "a/b.env");
    let world = set_up();
    let got = world.probe_json(["arguments", "typed", "several", "-", "a"]);
    assert_eq!(got["files"], 2);
}

#[test]
fn a_list_that_is_required_needs_a_value() {
    let world = set_up();
    assert_usage_error(
        world.tw(["probe", "arguments", "typed", "several"]),
        "<FILES>...",
    );
}

#[test]
fn an_optional_list_differs_from_an_empty_one() {
    assert_eq!(run(&[]).exits(0).json()["tags"], Value::Null);
    let got = run(&["--tags", "a", "--tags", "b"]).exits(0).json();
    assert_eq!(got["tags"], json!(["a", "b"]));
}

#[test]
fn an_alias_of_a_choice_yields_the_word() {
    for word in ["most-recent", "new", "newest"] {
        assert_eq!(value("order", word), "most-recent");
    }
    assert_usage_error(
        run(&["--order", "old"]),
        "[possible values: most-recent, name]",
    );
}

#[test]
fn a_value_that_the_plugin_cannot_parse_is_a_usage_error_of_its_option() {
    assert_eq!(value("at", "1,-2"), json!([1, -2]));
    let ran = run(&["--at", "1;2"]);
    // The line is the one that clap prints for its own types.
    let clap = run(&["--tiny", "1;2"]).exits(2).stderr;
    let expected = clap
        .replace("--tiny <TINY>", "--at <AT>")
        .replace(
            "expected an integer from -128 to 127",
            "expected two numbers such as 1,2",
        )
        .replace(
            "expected a 64-bit integer from -128 to 127",
            "expected two numbers such as 1,2",
        );
    assert_eq!(ran.exits(2).prints("").stderr, expected);
    assert_refused("at", "\u{1b}[31m", "expected two numbers such as 1,2");
}

#[test]
fn a_secret_that_the_plugin_cannot_parse_is_not_shown() {
    assert_eq!(
        run(&["--pins", "1", "--pins", "255"]).exits(0).json()["pins"],
        2
    );
    let ran = run(&["--pins", "1", "--pins", "hunter2"]);
    assert_usage_error(
        ran.never_shows("hunter2"),
        "'--pins <PINS>': its form is wrong",
    );
}

#[test]
fn lists_of_conflicts_and_requirements_count_each() {
    assert_usage_error(
        run(&["--alone", "--tags", "a"]),
        "'--alone' cannot be used with '--tags <TAGS>'",
    );
    assert_usage_error(
        run(&["--alone", "--at", "1,2"]),
        "'--alone' cannot be used with '--at <AT>'",
    );
    let ran = run(&["--together", "--tags", "a"]);
    assert_usage_error(ran, "--at <AT>");
    run(&["--together", "--tags", "a", "--at", "1,2"]).exits(0);
    run(&["--alone"]).exits(0);
}

#[test]
fn help_shows_ranges_units_and_choices() {
    let world = set_up();
    let help = |flag| {
        let ran = world.tw(["probe", "arguments", "typed", "all", flag]);
        ran.exits(0).says("").stdout
    };
    assert_snapshot!("short_help_of_typed", help("-h"));
    assert_snapshot!("help_of_typed", help("--help"));
}

#[test]
fn completion_offers_files_or_folders_as_the_type_says() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("word.txt"), "").expect("a file");
    std::fs::create_dir(folder.path().join("words")).expect("a folder");
    let world = set_up();
    let offers = |option: &str| {
        let line = [
            "__complete",
            "powershell",
            "--",
            "tw",
            "probe",
            "arguments",
            "typed",
            "all",
            option,
            "wor",
        ];
        let completed = world.installation.command(line).from(folder.path()).run();
        completed.exits(0).stdout
    };
    assert!(
        offers("--input").contains("word.txt"),
        "{}",
        offers("--input")
    );
    assert!(
        offers("--file").contains("word.txt"),
        "{}",
        offers("--file")
    );
    let folders = offers("--folder");
    assert!(
        folders.contains("words") && !folders.contains("word.txt"),
        "{folders}"
    );
}
