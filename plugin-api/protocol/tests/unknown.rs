//! Kinds that came later than the reader read as unknown, and those that there are keep their names on the wire.
#![allow(clippy::unwrap_used)]

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, from_value, json};
use tw_plugin_protocol::*;

fn read<T: DeserializeOwned>(value: Value) -> T {
    from_value(value).unwrap()
}

/// Each of these names is a kind that is known and written by the same name; a name that came later is the unknown kind.
fn kinds<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(
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
fn kinds_of_errors() {
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
    kinds(ErrorKind::Unknown, &names);
    assert_eq!(ErrorKind::Unknown.exit_code(), 1);
}

#[test]
fn kinds_of_arguments_and_of_their_values() {
    kinds(ArgKind::Unknown, &["option", "flag", "positional"]);
    kinds(
        ValueKind::Unknown,
        &["text", "integer", "path", "workspace"],
    );
    kinds(
        ValueSource::Unknown,
        &["command_line", "environment", "default"],
    );
}

#[test]
fn kinds_of_columns_and_levels_of_log() {
    kinds(
        ColumnKind::Unknown,
        &["text", "integer", "date", "duration", "size"],
    );
    kinds(LogLevel::Unknown, &["warning", "info", "debug"]);
}

#[test]
fn a_view_that_came_later() {
    let later = json!({"view": "chart", "series": [{"field": "/x"}], "heading": "h"});
    assert_eq!(read::<View>(later.clone()), View::Unknown);
    assert_eq!(
        read::<Outcome>(json!({"view": later})).view,
        Some(View::Unknown)
    );
}

#[test]
fn a_part_that_came_later() {
    assert_eq!(
        read::<Part>(json!({"part": "trailer", "name": "x"})),
        Part::Unknown
    );
}

#[test]
fn a_source_of_input_that_came_later() {
    let later = json!({"from": "clipboard", "which": {"selection": 1}});
    assert_eq!(read::<InputSource>(later), InputSource::Unknown);
}

#[test]
fn an_outcome_that_came_later() {
    let later = json!({"outcome": "deferred", "until": [1, 2]});
    assert_eq!(read::<BatchItem>(later), BatchItem::Unrecognised);
    assert_eq!(
        read::<BatchItem>(json!(BatchItem::Unrecognised)),
        BatchItem::Unrecognised
    );
}

#[test]
fn what_is_tagged_reads_without_its_fields_too() {
    assert_eq!(
        read::<BatchItem>(json!({"outcome": "done"})),
        BatchItem::Done {
            response: HttpResponse::default()
        }
    );
    for outcome in ["failed", "unknown", "not_sent"] {
        assert_ne!(
            read::<BatchItem>(json!({ "outcome": outcome })),
            BatchItem::Unrecognised
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
