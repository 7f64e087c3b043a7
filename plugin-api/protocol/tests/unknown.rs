//! A kind that a newer version adds reads as `Unknown`, and the known kinds keep their names on the wire.
#![allow(clippy::unwrap_used)]

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tw_plugin_protocol::*;

fn read<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_str(&value.to_string()).unwrap()
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
        &[
            "text",
            "integer",
            "float",
            "path",
            "file",
            "folder",
            "os_text",
            "boolean",
            "duration",
            "size",
            "time",
            "source",
            "workspace",
        ],
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
    assert_kinds(Alignment::Unknown, &["left", "right"]);
    assert_kinds(Status::Unknown, &["good", "warning", "bad", "neutral"]);
    assert_kinds(LogLevel::Unknown, &["warning", "info", "debug"]);
}

#[test]
fn a_newer_status_hides_no_other() {
    let column: Column = read(json!({"statuses": {"DONE": "good", "ODD": "puzzling", "BAD": 5}}));
    let status = |value: &str| column.statuses.get(value).copied();
    assert_eq!(status("DONE"), Some(Status::Good));
    assert_eq!(status("ODD"), Some(Status::Unknown));
    assert_eq!(status("BAD"), Some(Status::Unknown));
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
fn a_newer_view_and_sections_among_sections_read_as_unknown() {
    let later = json!({"view": "chart"});
    let inner = json!({"view": "sections", "sections": [{"view": "message"}]});
    let sections = json!([later, {"view": "message", "text": "m"}, inner, null, 5, []]);
    let View::Sections(view) = read::<View>(json!({"view": "sections", "sections": sections}))
    else {
        panic!("sections are read as another view");
    };
    let message = View::Message(MessageView {
        text: "m".to_owned(),
    });
    let unknown = View::Unknown;
    assert_eq!(
        view.sections,
        [
            unknown.clone(),
            message,
            unknown.clone(),
            unknown.clone(),
            unknown
        ]
    );
}

#[test]
fn sections_of_any_depth_need_little_of_the_stack() {
    let depth = 100_000;
    let begin = r#"{"view": "sections", "sections": ["#.repeat(depth);
    let text = format!("{begin}{}", "]}".repeat(depth));
    let view: View = serde_json::from_str(&text).unwrap();
    assert_eq!(
        view,
        View::Sections(SectionsView {
            sections: vec![View::Unknown]
        })
    );
}

#[test]
fn a_newer_part_of_a_request_reads_as_unknown() {
    assert_eq!(
        read::<Part>(json!({"part": "trailer", "name": "x"})),
        Part::Unknown
    );
    // A part without its name must not read as a part that is not there: then nothing would be secret.
    for part in ["header", "query", "body", "response"] {
        let request: HttpRequest = read(json!({ "sensitive": [{ "part": part }, {}, 5] }));
        assert_eq!(
            request.sensitive,
            [Part::Unknown, Part::Unknown, Part::Unknown]
        );
    }
}

#[test]
fn a_newer_source_of_input_reads_as_unknown() {
    let later = json!({"from": "clipboard", "which": {"selection": 1}});
    assert_eq!(read::<InputSource>(later), InputSource::Unknown);
}

#[test]
fn a_newer_outcome_of_a_request_reads_as_unknown() {
    assert_kinds(
        BatchOutcome::Unknown,
        &["done", "failed", "not_sent", "outcome_unknown"],
    );
    let items = json!([{"outcome": "deferred", "until": [1, 2]}, {"outcome": 1}, 5, {"outcome": "not_sent"}]);
    let reply: BatchReply = read(json!({ "items": items }));
    let outcomes: Vec<BatchOutcome> = reply.items.iter().map(|item| item.outcome).collect();
    let unknown = BatchOutcome::Unknown;
    assert_eq!(outcomes, [unknown, unknown, unknown, BatchOutcome::NotSent]);
    let arrivals = json!([{"index": 3, "item": {"outcome": "deferred"}}, {"index": 2, "item": 5}]);
    let reply: BatchArrivals = read(json!({ "arrivals": arrivals }));
    let outcomes: Vec<(u64, BatchOutcome)> = reply
        .arrivals
        .iter()
        .map(|arrival| (arrival.index, arrival.item.outcome))
        .collect();
    assert_eq!(outcomes, [(3, unknown), (2, unknown)]);
}

#[test]
fn a_tagged_message_reads_without_its_fields() {
    assert_eq!(
        read::<InputSource>(json!({"from": "file"})),
        InputSource::File {
            path: OsText::default()
        }
    );
    for view in ["table", "record", "message", "text", "sections"] {
        assert_ne!(read::<View>(json!({ "view": view })), View::Unknown);
    }
}

#[test]
fn a_newer_value_in_a_document_reads_as_unknown() {
    let value = |value: Value| read::<Node>(json!({ "line": 3, "value": value })).value;
    for later in [
        json!({"timestamp": "12:00"}),
        json!("later"),
        json!({"text": 1}),
        json!({"text": 1.5}),
        json!({"boolean": "true"}),
        json!({"list": {}}),
        json!(7),
    ] {
        assert!(value(later.clone()) == NodeValue::Unknown, "{later}");
    }
    assert!(value(json!({"text": "x"})) == NodeValue::Text("x".to_owned()));
    let list = value(json!({"list": [{"value": {"later": 1}}, {"value": {"boolean": true}}]}));
    let NodeValue::List(nodes) = list else {
        panic!("one unknown value hides the list");
    };
    assert!(nodes[0].value == NodeValue::Unknown && nodes[1].value == NodeValue::Boolean(true));
}

#[test]
fn a_part_of_a_document_without_a_value_is_null() {
    let node = Node::new(3, NodeValue::Null);
    assert!(read::<Node>(json!({"line": 3})) == node);
    assert!(read::<Node>(json!({"line": 3, "value": null})) == node);
    assert!(read::<Node>(json!({"line": 3, "value": "null"})) == node);
    let entry = Entry::new("a", 2, Node::default());
    assert!(read::<Entry>(json!({"key": "a", "line": 2})) == entry);
}

#[test]
fn an_argument_of_every_type_is_read() {
    let read = |value: &str| {
        let message = format!("{{\"arguments\": {{\"n\": {value}}}}}");
        let mut request: RunRequest = from_bytes(message.as_bytes()).unwrap();
        request.arguments.take("n")
    };
    assert!(read("9223372036854775807") == Some(ArgValue::Integer(i64::MAX)));
    assert!(read("-9223372036854775808") == Some(ArgValue::Integer(i64::MIN)));
    assert!(read("9223372036854775808") == Some(ArgValue::Float(9_223_372_036_854_775_808.0)));
    assert!(read("0.5") == Some(ArgValue::Float(0.5)));
    assert!(read("true") == Some(ArgValue::Flag(true)));
    assert!(read("\"true\"") == Some(ArgValue::Text("true".to_owned())));
    let bytes = Bytes {
        bytes: vec![102, 246],
    };
    assert!(read("{\"bytes\": [102, 246]}") == Some(ArgValue::Bytes(bytes)));
    assert!(read("null").is_none());
}

#[test]
fn an_argument_of_an_unknown_type_hides_no_other() {
    let message = br#"{"arguments": {"a": {"later": 1}, "b": "x", "c": 1E400, "d": {"bytes": [300]}, "e": [{}, 1]}}"#;
    let mut request: RunRequest = from_bytes(message).unwrap();
    for name in ["a", "c", "d"] {
        assert!(
            request.arguments.take(name) == Some(ArgValue::Unknown),
            "{name}"
        );
    }
    assert!(request.arguments.take("b") == Some(ArgValue::Text("x".to_owned())));
    let list = ArgValue::List(vec![ArgValue::Unknown, ArgValue::Integer(1)]);
    assert!(request.arguments.take("e") == Some(list));
}

#[test]
fn a_header_is_found_in_upper_and_lower_case() {
    let response: HttpResponse = read(json!({"headers": [
        {"name": "x-one", "value": "1"}, {"name": "x-one", "value": "2"},
    ]}));
    assert_eq!(response.header("X-One"), Some("1"));
    assert_eq!(response.header("x-two"), None);
}
