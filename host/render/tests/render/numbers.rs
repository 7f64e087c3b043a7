//! Numbers keep their spelling, and values parse as `serde_json` parses them.

use proptest::prelude::*;
use tw_plugin_protocol::{Column, ColumnKind, Sort, TableView, View};
use tw_render::{Format, Style, Value, render};

fn parse(json: &str) -> Value {
    Value::parse(json.as_bytes()).unwrap_or_else(|| panic!("this is not JSON: {json}"))
}

fn json(text: &str) -> String {
    render(&parse(text), None, Format::Json, &Style::default())
}

fn console(text: &str, view: Option<&View>) -> String {
    render(&parse(text), view, Format::Console, &Style::default())
}

/// Numbers whose spelling or value an `f64` does not keep.
const NUMBERS: &[&str] = &[
    "12345678901234567.89",
    "123456789012345678901234567890",
    "-123456789012345678901234567890",
    "0.1000000000000000055511151231257827",
    "1.0",
    "1.10",
    "1e5",
    "1E+05",
    "-0",
    "-0.0",
    "1e-400",
    "1.7976931348623157e308",
];

#[test]
fn json_keeps_the_spelling_of_numbers() {
    for number in NUMBERS {
        assert_eq!(json(number), format!("{number}\n"));
        assert_eq!(
            json(&format!(" {{ \"a\" : [ {number} ] }} ")),
            format!("{{\n  \"a\": [\n    {number}\n  ]\n}}\n")
        );
    }
}

#[test]
fn a_cell_keeps_the_spelling_of_numbers() {
    let kinds = [ColumnKind::Text, ColumnKind::Integer, ColumnKind::Unknown];
    for (kind, number) in kinds
        .into_iter()
        .flat_map(|kind| NUMBERS.iter().map(move |number| (kind, *number)))
    {
        let view = View::Table(TableView {
            columns: vec![Column {
                title: "N".into(),
                kind,
                ..Default::default()
            }],
            ..Default::default()
        });
        let text = console(&format!("[{number}]"), Some(&view));
        assert_eq!(text.lines().nth(3).map(str::trim), Some(number));
    }
    assert_eq!(console("1.50", None), "\n  1.50\n\n");
}

#[test]
fn a_number_too_large_for_a_column_of_durations_or_dates_is_shown_unchanged() {
    for kind in [ColumnKind::Duration, ColumnKind::Date] {
        let columns = vec![Column {
            kind,
            ..Default::default()
        }];
        let view = View::Table(TableView {
            columns,
            ..Default::default()
        });
        let text = console("[123456789012345678901234567890]", Some(&view));
        assert!(text.contains(" 123456789012345678901234567890 "), "{text}");
    }
}

#[test]
fn a_hyperlink_has_the_digits_of_its_number() {
    let columns = vec![Column {
        field: "/id".into(),
        link: Some("/x/{/id}".into()),
        ..Default::default()
    }];
    let view = View::Table(TableView {
        columns,
        ..Default::default()
    });
    let style = Style {
        hyperlinks: Some("https://cloud.seqera.io".into()),
        ..Default::default()
    };
    let value = parse(r#"[{"id": 123456789012345678901234567890}]"#);
    let text = render(&value, Some(&view), Format::Console, &style);
    assert!(
        text.contains("https://cloud.seqera.io/x/123456789012345678901234567890\x1b"),
        "{text:?}"
    );
}

#[test]
fn numbers_sort_by_value_however_they_are_spelled() {
    let view = View::Table(TableView {
        columns: vec![Column::default()],
        sort: Some(Sort::default()),
        ..Default::default()
    });
    let sorted = [
        "-1e30",
        "-99999999999999999999999999999",
        "-1.5",
        "-0",
        "0.0",
        "1e-3",
        "9007199254740992",
        "9007199254740993",
        "18446744073709551617",
        "18446744073709551618",
        "170141183460469231731687303715884105726",
        "170141183460469231731687303715884105727",
        "1e39",
        "10000000000000000000000000000000000000000",
    ];
    // `-0` and `0.0` are equal and keep their order, so both inputs have them in the same order.
    let mut reversed = sorted;
    reversed.reverse();
    reversed.swap(9, 10);
    for rows in [sorted, reversed] {
        let text = console(&format!("[{}]", rows.join(",")), Some(&view));
        let cells: Vec<&str> = text.lines().skip(3).map(str::trim).collect();
        assert_eq!(cells[..sorted.len()], sorted);
    }
}

#[test]
fn a_number_too_large_for_a_float_is_named_with_its_place() {
    for (text, message) in [
        ("1E400", "the number 1E400 is too large for JSON readers"),
        (
            r#"{"pets": [{"size": 1}, {"size": -1e999}]}"#,
            "the number -1e999 at /pets/1/size is too large for JSON readers",
        ),
        (
            r#"{"a/b~c": {"": 1e309}}"#,
            "the number 1e309 at /a~1b~0c/ is too large for JSON readers",
        ),
        (
            "{\"a\\n\\u202e\\u001b[2J\": 1e309}",
            "the number 1e309 at /a␊�␛[2J is too large for JSON readers",
        ),
    ] {
        let error = parse(text).check_numbers().unwrap_err();
        assert_eq!(error.to_string(), message);
    }
    for number in NUMBERS {
        assert!(parse(number).check_numbers().is_ok(), "{number}");
    }
}

#[test]
fn the_error_for_a_very_long_number_and_place_is_short() {
    let text = format!(r#"{{"{}": 1{}}}"#, "é".repeat(5000), "0".repeat(400));
    let error = parse(&text).check_numbers().unwrap_err().to_string();
    let number = format!("1{}…", "0".repeat(38));
    let place = format!("/{}…", "é".repeat(198));
    assert_eq!(
        error,
        format!("the number {number} at {place} is too large for JSON readers")
    );
}

#[test]
fn the_last_of_duplicate_fields_takes_the_place_of_the_first() {
    let value = parse(r#"{"a": 1, "b": 2, "a": [3.0]}"#);
    assert_eq!(value.to_string(), r#"{"a":[3.0],"b":2}"#);
}

#[test]
fn values_nest_as_deep_as_serde_json_allows() {
    for (depth, is_allowed) in [(127, true), (128, false), (100_000, false)] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let text = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            assert_eq!(Value::parse(text.as_bytes()).is_some(), is_allowed);
            let theirs = serde_json::from_str::<serde_json::Value>(&text);
            assert_eq!(theirs.is_ok(), is_allowed);
        }
    }
}

#[test]
fn a_pointer_finds_what_serde_json_finds() {
    let text = r#"{"a": [1, {"b/c": 2, "m~n": 3, "": 4}], "01": 5, "": {"": 6}}"#;
    let mut value = parse(text);
    let theirs: serde_json::Value = serde_json::from_str(text).unwrap();
    for pointer in [
        "",
        "/",
        "//",
        "/a",
        "/a/0",
        "/a/1/b~1c",
        "/a/1/m~0n",
        "/a/1/",
        "/a/01",
        "/a/+1",
        "/a/-",
        "/a/2",
        "/01",
        "a",
        "/a/0/x",
        "/~01",
    ] {
        let expected = theirs.pointer(pointer).map(ToString::to_string);
        assert_eq!(
            value.pointer(pointer).map(ToString::to_string),
            expected,
            "{pointer}"
        );
        let found = value.pointer_mut(pointer).map(|value| value.to_string());
        assert_eq!(found, expected, "{pointer}");
    }
}

fn any_number() -> impl Strategy<Value = String> {
    // The exponents are small enough that no number is too large for an `f64`.
    "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?"
}

/// Returns JSON texts without blanks. No object has a field twice, because its names are numbered.
fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => any_number(),
        1 => prop::sample::select(vec!["null", "true", "false", r#""1.0""#, r#""1e5,[{\"""#])
            .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6)
                .prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec(inner, 0..6).prop_map(|items| {
                let fields = items.iter().enumerate();
                let fields = fields.map(|(number, item)| format!("\"f{}\":{item}", 9 - number));
                format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
            }),
        ]
    })
}

/// Returns texts of the characters that JSON consists of. Most of them are not JSON.
fn nearly_json() -> impl Strategy<Value = String> {
    let pieces = vec![
        "[", "]", "{", "}", ",", ":", "\"", "\"a\"", "\"b\":", "1", "0", "-", ".", "e", "null",
        "true", " ", "\n", "\\u0041", "\\ud83e", "\\udd80", "\\", "\u{feff}", "\u{1}",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn random_json_keeps_every_character(text in any_json()) {
        let value = parse(&text);
        prop_assert_eq!(value.to_string(), text.clone());
        prop_assert!(value.check_numbers().is_ok());
        let rendered = render(&value, None, Format::Json, &Style::default());
        prop_assert_eq!(rendered.replace([' ', '\n'], ""), text);
    }

    #[test]
    fn a_text_parses_if_serde_json_parses_it(text in nearly_json()) {
        let theirs: Option<serde_json::Value> = serde_json::from_str(&text).ok();
        let ours = Value::parse(text.as_bytes());
        prop_assert_eq!(ours.is_some(), theirs.is_some());
        if let (Some(ours), Some(theirs)) = (ours, theirs) {
            let reparsed: serde_json::Value = serde_json::from_str(&ours.to_string()).unwrap();
            prop_assert_eq!(reparsed, theirs);
        }
    }

    #[test]
    fn a_value_built_with_json_is_printed_as_serde_json_prints_it(text in any_json()) {
        let theirs: serde_json::Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(Value::from(&theirs).to_string(), theirs.to_string());
    }
}
