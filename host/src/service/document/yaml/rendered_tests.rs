//! The output format `yaml`, as this reader of YAML reads it: every text is the same text again, and every number has the same digits.

use proptest::prelude::*;
use serde_json::json;
use tw_plugin_protocol::{Node, NodeValue};
use tw_render::{Format, Style, Value, render};

use crate::service::document::{DocumentFormat, parse};

/// Renders a value as YAML, and parses it.
fn round_trip(value: &Value) -> Node {
    let text = render(value, None, Format::Yaml, &Style::default());
    match parse(&text, DocumentFormat::Yaml) {
        Ok(parsed) => parsed.document.root,
        Err(error) => panic!("{error}: {text}"),
    }
}

fn assert_same(value: &Value, node: &Node) {
    match (value, &node.value) {
        (Value::Null, NodeValue::Null) => {}
        (Value::Bool(value), NodeValue::Boolean(read)) => assert_eq!(value, read),
        (Value::Number(number), NodeValue::Number(read)) => assert_eq!(number.text(), read),
        (Value::String(text), NodeValue::Text(read)) => assert_eq!(text, read),
        (Value::Array(items), NodeValue::List(read)) => {
            assert_eq!(items.len(), read.len());
            items
                .iter()
                .zip(read)
                .for_each(|(item, read)| assert_same(item, read));
        }
        (Value::Object(fields), NodeValue::Map(read)) => {
            assert!(fields.keys().eq(read.iter().map(|entry| &entry.key)));
            let values = fields.values().zip(read);
            values.for_each(|(field, read)| assert_same(field, &read.value));
        }
        (value, _) => panic!("{value} became something else"),
    }
}

#[test]
fn a_text_that_looks_like_something_else_stays_a_text() {
    let long = "k".repeat(3000);
    for text in [
        "",
        " ",
        "no",
        "NO",
        "y",
        "off",
        "true",
        "null",
        "Null",
        "~",
        "1e3",
        "1_000",
        "0x1F",
        "0o17",
        "0b1",
        "12:30:45",
        "-1",
        "+1",
        ".5",
        "1.",
        ".inf",
        ".NaN",
        "2026-01-01",
        "2026-01-01T12:00:00Z",
        "<<",
        "=",
        "a: b",
        "a #b",
        "#a",
        "- a",
        "? a",
        "a:",
        "[a]",
        "{a}",
        "*a",
        "&a",
        "!a",
        "%a",
        "@a",
        "`a",
        "|",
        ">",
        "'a'",
        "\"a\"",
        "a\\nb",
        "a\nb\n",
        "\n",
        "a\r\nb",
        " a",
        "a ",
        "\ta",
        "a\tb",
        "---",
        "...",
        "--- a",
        "\u{0}\u{1b}[31m\u{7f}\u{85}\u{2028}\u{feff}\u{fffe}\u{ffff}\u{202e}",
        "e\u{301} 漢字 👩\u{200d}💻",
        "\u{1d173}\u{e0041}",
        &long,
    ] {
        let value = Value::from(&json!({ "text": text, "list": [text, { text: text }] }));
        assert_same(&value, &round_trip(&value));
    }
}

#[test]
fn a_number_keeps_its_digits_and_a_structure_its_order() {
    let numbers = r#"[12345678901234567890123, 1.50, 1E5, -0, 1e-7, 12345678901234567.89]"#;
    let json = format!(
        r#"{{"z": {numbers}, "a": [[], {{}}, [[1], [null, true]], {{"b": {{"c": []}}}}]}}"#
    );
    let value = Value::parse(json.as_bytes()).expect("it is JSON");
    assert_same(&value, &round_trip(&value));
}

#[test]
fn a_terminal_gets_no_control_character() {
    let value = Value::from(&json!({ "a\u{1b}[31m": "\u{9b}\u{202e}\u{ad}" }));
    let text = render(&value, None, Format::Yaml, &Style::default());
    assert_eq!(text, "\"a\\x1b[31m\": \"\\x9b\\u202e\\xad\"\n");
}

proptest! {
    #[test]
    fn every_text_is_the_same_text_again(text in "\\PC*|[ -~\n\t]*", key in any::<String>()) {
        let value = Value::from(&json!([text, { key: text }]));
        assert_same(&value, &round_trip(&value));
    }
}
