//! A kind that a newer version adds reads as `Unknown`, and the known kinds keep their names on the wire.
#![allow(clippy::unwrap_used)]

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, from_value, json};
use tw_plugin_protocol::*;

fn read<T: DeserializeOwned>(value: Value) -> T {
    from_value(value).unwrap()
}

/// Asserts that each of these names reads as a kind other than `unknown` and is written as the same name, and that any
/// other name reads as `unknown`.
fn assert_kinds<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
    unknown: T,
    names: &[&str],
) {
    for name in names {
        let kind: T = read(json!(name));
        assert_ne!(kind, unknown, "{name}");
        assert_eq!(json!(kind), json!(name));
    }
    assert_eq!(read::<T>(json!("came_later")), unknown);
    assert_eq!(json!(unknown), json!("unknown"));
}

#[test]
fn kinds_of_errors_keep_their_names() {
    let names = [
        "failure",
        "usage",
        "unsupported",
        "closed",
        "cancelled",
        "refused",
        "bad_request",
        "no_token",
        "network",
        "timeout",
        "outcome_unknown",
        "http",
        "invalid_response",
        "too_large",
        "not_found",
        "not_interactive",
        "input",
        "panic",
    ];
    assert_kinds(ErrorKind::Unknown, &names);
    assert_eq!(ErrorKind::Unknown.exit_code(), 1);
    assert_eq!(ErrorKind::Failure.exit_code(), 1);
    assert_eq!(ErrorKind::Usage.exit_code(), 2);
    assert_eq!(ErrorKind::Cancelled.exit_code(), 130);
}

#[test]
fn kinds_of_arguments_and_of_their_values_keep_their_names() {
    assert_kinds(ArgKind::Unknown, &["option", "flag", "positional"]);
    assert_kinds(
        ValueKind::Unknown,
        &["text", "integer", "path", "workspace"],
    );
    assert_kinds(
        ValueSource::Unknown,
        &["command_line", "environment", "default"],
    );
}

#[test]
fn kinds_of_columns_and_levels_of_the_log_keep_their_names() {
    assert_kinds(
        ColumnKind::Unknown,
        &["text", "integer", "date", "duration", "size"],
    );
    assert_kinds(LogLevel::Unknown, &["warning", "info", "debug"]);
}

#[test]
fn a_newer_view_reads_as_unknown() {
    let later = json!({"view": "chart", "series": [{"field": "/x"}], "heading": "h"});
    assert_eq!(read::<View>(later.clone()), View::Unknown);
    assert_eq!(
        read::<Outcome>(json!({"view": later})).view,
        Some(View::Unknown)
    );
}

#[test]
fn a_newer_part_of_a_request_reads_as_unknown() {
    assert_eq!(
        read::<Part>(json!({"part": "trailer", "name": "x"})),
        Part::Unknown
    );
}

#[test]
fn a_newer_source_of_input_reads_as_unknown() {
    let later = json!({"from": "clipboard", "which": {"selection": 1}});
    assert_eq!(read::<InputSource>(later), InputSource::Unknown);
}

#[test]
fn a_newer_outcome_of_a_request_reads_as_unrecognized() {
    let later = json!({"outcome": "deferred", "until": [1, 2]});
    assert_eq!(read::<BatchItem>(later), BatchItem::Unrecognized);
    assert_eq!(
        read::<BatchItem>(json!(BatchItem::Unrecognized)),
        BatchItem::Unrecognized
    );
}

#[test]
fn a_tagged_message_reads_without_its_fields() {
    assert_eq!(
        read::<BatchItem>(json!({"outcome": "done"})),
        BatchItem::Done {
            response: HttpResponse::default()
        }
    );
    for outcome in ["failed", "unknown", "not_sent"] {
        assert_ne!(
            read::<BatchItem>(json!({ "outcome": outcome })),
            BatchItem::Unrecognized
        );
    }
    for part in ["header", "query", "body", "response"] {
        assert_ne!(read::<Part>(json!({ "part": part })), Part::Unknown);
    }
    assert_eq!(
        read::<InputSource>(json!({"from": "file"})),
        InputSource::File {
            path: String::new()
        }
    );
    for view in ["table", "record", "message"] {
        assert_ne!(read::<View>(json!({ "view": view })), View::Unknown);
    }
}

#[test]
fn a_newer_value_in_a_document_reads_as_unknown() {
    let value = |value: Value| read::<Node>(json!({ "line": 3, "value": value })).value;
    assert!(value(json!({"type": "timestamp", "value": "12:00"})) == NodeValue::Unknown);
    // The type and the value don't fit together.
    for other in [
        json!(null),
        json!(1),
        json!(-1),
        json!(1.5),
        json!({"line": 1}),
    ] {
        assert!(value(json!({"type": "text", "value": other})) == NodeValue::Unknown);
    }
    assert!(value(json!({"type": "boolean", "value": "true"})) == NodeValue::Unknown);
    assert!(value(json!({"value": "x", "type": "text"})) == NodeValue::Text("x".to_owned()));
}

#[test]
fn a_part_of_a_document_without_a_value_is_null() {
    assert!(
        read::<Node>(json!({"line": 3}))
            == Node {
                line: 3,
                value: NodeValue::Null
            }
    );
    assert!(read::<Node>(json!("x")) == Node::default());
    assert!(read::<NodeValue>(json!({"type": "null"})) == NodeValue::Null);
    assert!(
        read::<NodeValue>(json!({"type": "boolean", "value": true})) == NodeValue::Boolean(true)
    );
    let entry = read::<Entry>(json!({"key": "a", "line": 2}));
    assert!(
        entry
            == Entry {
                key: "a".to_owned(),
                line: 2,
                value: Node::default()
            }
    );
}

#[test]
fn an_integer_of_more_than_64_bits_is_refused() {
    let read = |number: &str| {
        let message = format!("{{\"arguments\": {{\"n\": {number}}}}}");
        let request: Result<RunRequest, _> = serde_json::from_str(&message);
        request.map(|mut request| request.arguments.take("n"))
    };
    assert!(read("9223372036854775807").unwrap() == Some(ArgValue::Integer(i64::MAX)));
    assert!(read("-9223372036854775808").unwrap() == Some(ArgValue::Integer(i64::MIN)));
    let error = read("9223372036854775808").err().unwrap().to_string();
    assert!(
        error.starts_with("the integer doesn't fit into 64 bits"),
        "{error}"
    );
}

#[test]
fn values_by_name_keep_their_order() {
    let mut values: ByName<i64> = [("b", 2), ("a", 1), ("c", 3)]
        .map(|(name, value)| (name.to_owned(), value))
        .into_iter()
        .collect();
    assert_eq!(values.names().collect::<Vec<_>>(), ["b", "a", "c"]);
    assert_eq!((values.get("a"), values.get("d")), (Some(&1), None));
    assert_eq!(values.take("a"), Some(1));
    assert_eq!(values.take("a"), None);
    assert_eq!(serde_json::to_string(&values).unwrap(), r#"{"b":2,"c":3}"#);
}

#[test]
fn a_header_is_found_in_upper_and_lower_case() {
    let response: HttpResponse = read(json!({"headers": [
        {"name": "x-one", "value": "1"}, {"name": "x-one", "value": "2"},
    ]}));
    assert_eq!(response.header("X-One"), Some("1"));
    assert_eq!(response.header("x-two"), None);
}
