//! `Debug` shows nothing that may be a secret.

use serde_json::json;
use tw_plugin_protocol::{Document, NodeValue, RunRequest};

#[test]
fn debug_of_arguments_shows_their_names_and_no_value() {
    let request: RunRequest = serde_json::from_value(json!({
        "command": ["secrets", "add"],
        "arguments": {"name": "s3cret-name", "value": "s3cret-text", "many": ["s3cret-item", 7001], "id": 7001, "force": true},
    }))
    .unwrap();
    for shown in [format!("{:?}", request.arguments), format!("{request:#?}")] {
        assert!(
            shown.contains("\"value\"") && shown.contains("\"many\""),
            "{shown}"
        );
        for value in ["s3cret", "7001", "true"] {
            assert!(!shown.contains(value), "{shown}");
        }
    }
}

#[test]
fn take_removes_a_value() {
    let mut request: RunRequest =
        serde_json::from_value(json!({"arguments": {"value": "s3cret"}})).unwrap();
    assert!(request.arguments.take("value").is_some());
    assert!(request.arguments.take("value").is_none());
}

#[test]
fn debug_of_a_document_shows_its_format_only() {
    let document: Document = serde_json::from_value(json!({
        "format": "dotenv",
        "root": {"line": 1, "value": {"type": "map", "value": [
            {"key": "s3cret-key", "line": 1, "value": {"line": 1, "value": {"type": "text", "value": "s3cret"}}},
        ]}},
    }))
    .unwrap();
    let shown = format!("{document:?}");
    assert!(
        shown.contains("dotenv") && !shown.contains("s3cret"),
        "{shown}"
    );
}

#[test]
fn wiping_a_document_empties_its_texts_and_numbers() {
    let mut document: Document = serde_json::from_value(json!({
        "format": "json",
        "root": {"value": {"type": "map", "value": [
            {"key": "list", "value": {"value": {"type": "list", "value": [
                {"value": {"type": "text", "value": "s3cret"}},
                {"value": {"type": "number", "value": "7001"}},
                {"value": {"type": "boolean", "value": true}},
            ]}}},
        ]}},
    }))
    .unwrap();
    document.root.wipe();
    let NodeValue::Map(entries) = document.root.value else {
        panic!("the root is a map");
    };
    let NodeValue::List(nodes) = &entries[0].value.value else {
        panic!("the entry is a list");
    };
    assert!(nodes[0].value == NodeValue::Text(String::new()));
    assert!(nodes[1].value == NodeValue::Number(String::new()));
    assert!(nodes[2].value == NodeValue::Boolean(true));
}
