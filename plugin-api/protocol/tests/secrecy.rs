//! `Debug` shows nothing that may be a secret.

#![allow(clippy::unwrap_used)]

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tw_plugin_protocol::{Document, FormPart, RunRequest};

fn read<T: DeserializeOwned>(message: Value) -> T {
    serde_json::from_str(&message.to_string()).unwrap()
}

#[test]
fn debug_of_arguments_shows_their_names_and_no_value() {
    let request: RunRequest = read(json!({
        "command": ["secrets", "add"],
        "arguments": {"name": "s3cret-name", "value": "s3cret-text", "many": ["s3cret-item", 7001], "id": 7001, "force": true},
    }));
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
fn debug_of_a_form_shows_the_names_of_its_parts() {
    let part: FormPart = read(json!({"name": "key", "text": "s3cret", "file": "s3cret"}));
    assert_eq!(format!("{part:?}"), "FormPart(\"key\")");
}

#[test]
fn take_removes_a_value() {
    let mut request: RunRequest = read(json!({"arguments": {"value": "s3cret"}}));
    assert!(request.arguments.take("value").is_some());
    assert!(request.arguments.take("value").is_none());
}

#[test]
fn debug_of_a_document_shows_its_format_only() {
    let document: Document = read(json!({
        "format": "dotenv",
        "root": {"line": 1, "value": {"map": [
            {"key": "s3cret-key", "line": 1, "value": {"line": 1, "value": {"text": "s3cret"}}},
        ]}},
    }));
    let shown = format!("{document:?}");
    assert!(
        shown.contains("dotenv") && !shown.contains("s3cret"),
        "{shown}"
    );
}
