//! Results: the messages that a command's output becomes.

use std::io::Write;

use serde_json::{Value, json};
use tw_plugin_api::{Host, prelude::*};

use crate::host::{FakeHost, Recorded};

/// Returns the outcome and the value of a command that returns this output.
fn outcome(output: Output) -> (Value, Value) {
    let command = Command::new("show", move |_: (), _: &Host| Ok(output.clone()));
    let plugin = Plugin::new().command(command);
    let (outcome, value) = FakeHost::new()
        .run(plugin, &json!({ "command": ["show"] }))
        .expect("the command succeeds");
    (outcome, serde_json::from_slice(&value).unwrap_or_default())
}

#[test]
fn a_table_has_columns_of_every_kind() {
    let value = json!({ "pets": [{ "id": 2, "name": "Rex", "born": 0, "slept": 0 }] });
    let table = Table::new("/pets")
        .heading("Pets")
        .column(Column::new("ID", "/id").integer())
        .name_column(Column::new("Name", "/name").link("/pets/{/id}"))
        .column(Column::new("Born", "/born").date())
        .column(Column::new("Slept", "/slept").duration())
        .column(Column::new("Weight", "/weight").size().optional())
        .empty("No pets found")
        .footer("1 of 7 pets")
        .sort(1);
    let (outcome, printed) = outcome(Output::table(&value, table).unwrap());
    assert_eq!(printed, value);
    assert_eq!(
        outcome,
        json!({
            "view": {
                "view": "table",
                "heading": "Pets",
                "rows": "/pets",
                "columns": [
                    { "title": "ID", "field": "/id", "kind": "integer" },
                    { "title": "Name", "field": "/name", "kind": "text", "link": "/pets/{/id}" },
                    { "title": "Born", "field": "/born", "kind": "date" },
                    { "title": "Slept", "field": "/slept", "kind": "duration" },
                    { "title": "Weight", "field": "/weight", "kind": "size", "optional": true },
                ],
                "empty": "No pets found",
                "footer": "1 of 7 pets",
                "sort": { "column": 1, "as_text": false, "descending": false },
                "name": 1,
            },
            "exit_code": 0,
        })
    );
}

#[test]
fn a_column_says_how_its_cells_look() {
    let column = Column::new("Status", "")
        .status([("DONE", Status::Good), ("FAILED", Status::Bad)])
        .status([("LATE", Status::Warning), ("QUEUED", Status::Neutral)])
        .right()
        .multiline()
        .max_width(20);
    let table = Table::new("").column(column);
    let (outcome, _) = outcome(Output::table(&json!([]), table).unwrap());
    assert_eq!(
        outcome["view"]["columns"],
        json!([{
            "title": "Status",
            "field": "",
            "kind": "text",
            "statuses": { "DONE": "good", "FAILED": "bad", "LATE": "warning", "QUEUED": "neutral" },
            "align": "right",
            "multiline": true,
            "max_width": 20,
        }])
    );
}

#[test]
fn sections_are_views_of_one_value_in_their_order() {
    let value = json!({ "run": { "id": 5 }, "tasks": [] });
    let sections = Sections::new()
        .record(Record::new("/run"))
        .table(Table::new("/tasks"))
        .message("done")
        .text("1\n2\n");
    let (outcome, printed) = outcome(Output::sections(&value, sections).unwrap());
    assert_eq!(printed, value);
    assert_eq!(
        outcome["view"],
        json!({
            "view": "sections",
            "sections": [
                { "view": "record", "record": "/run", "fields": [] },
                { "view": "table", "rows": "/tasks", "columns": [] },
                { "view": "message", "text": "done" },
                { "view": "text", "text": "1\n2\n" },
            ],
        })
    );
}

#[test]
#[should_panic(
    expected = "it takes its record from `/rum`, and its result has nothing there; \
                           its column `Name` shows `/nmae`, which no row of its result has"
)]
fn a_result_whose_view_has_mistakes_fails_the_test() {
    let value = json!({ "run": {}, "tasks": [{ "name": "a" }] });
    let sections = Sections::new()
        .record(Record::new("/rum"))
        .table(Table::new("/tasks").column(Column::new("Name", "/nmae")));
    outcome(Output::sections(&value, sections).unwrap());
}

#[test]
fn a_table_can_be_sorted_in_three_ways() {
    let sort =
        |table: Table| outcome(Output::table(&json!([]), table).unwrap()).0["view"]["sort"].clone();
    let table = || Table::new("");
    assert_eq!(sort(table()), Value::Null);
    assert_eq!(
        sort(table().sort_as_text(2)),
        json!({ "column": 2, "as_text": true, "descending": false })
    );
    assert_eq!(
        sort(table().sort_descending(3)),
        json!({ "column": 3, "as_text": false, "descending": true })
    );
}

#[test]
fn a_record_has_a_heading_and_fields() {
    let value = json!({ "pet": { "name": "Rex" } });
    let record = Record::new("/pet")
        .heading("Pet")
        .field(Column::new("Name", "/name"))
        .field(Column::new("ID", "/id").integer());
    let (outcome, printed) = outcome(Output::record(&value, record).unwrap());
    assert_eq!(printed, value);
    assert_eq!(
        outcome["view"],
        json!({
            "view": "record",
            "heading": "Pet",
            "record": "/pet",
            "fields": [
                { "title": "Name", "field": "/name", "kind": "text" },
                { "title": "ID", "field": "/id", "kind": "integer" },
            ],
        })
    );
}

#[test]
fn messages_and_texts_keep_their_text() {
    let (message, printed) = outcome(Output::message(&json!(1), "one").unwrap());
    assert_eq!(message["view"], json!({ "view": "message", "text": "one" }));
    assert_eq!(printed, json!(1));
    let (text, printed) = outcome(Output::text(&json!([1, 2]), "1\n2\n").unwrap());
    assert_eq!(text["view"], json!({ "view": "text", "text": "1\n2\n" }));
    assert_eq!(printed, json!([1, 2]));
}

#[test]
fn an_empty_result_has_no_view_and_no_value() {
    assert_eq!(
        outcome(Output::none()),
        (json!({ "exit_code": 0 }), Value::Null)
    );
}

#[test]
fn an_output_carries_its_exit_code_its_warnings_and_its_notes() {
    let output = Output::none().exit_code(3).warning("late").warning("cold");
    assert_eq!(
        outcome(output.note("odd").note("even")).0,
        json!({ "exit_code": 3, "warnings": ["late", "cold"], "notes": ["odd", "even"] })
    );
}

#[test]
fn an_output_with_a_failure_ends_with_1_under_a_host_that_ignores_the_failure() {
    let output = Output::message(&json!(1), "one pet was fed")
        .unwrap()
        .failure(Error::failure("one pet was not fed").exit_code(9));
    assert_eq!(
        outcome(output).0,
        json!({
            "view": { "view": "message", "text": "one pet was fed" },
            "exit_code": 1,
            "failure": { "kind": "failure", "message": "one pet was not fed", "exit_code": 9 },
        })
    );
}

#[test]
fn a_value_without_a_json_form_is_a_failure() {
    let no_json = std::collections::BTreeMap::from([((1, 2), 3)]);
    let error = Output::message(&no_json, "").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the result has no JSON form: key must be a string"
    );
}

#[test]
fn a_long_result_is_sent_in_pieces() {
    let host = FakeHost::new();
    host.with(|host| {
        let rows = host
            .rows(&json!({ "numbers": [] }), Table::new("/numbers"))
            .unwrap();
        rows.send(&[1, 2]).unwrap();
        rows.send(&[3]).unwrap();
        rows.end().unwrap();
    });
    let call = |method: &str, message: Value, body: &str| Recorded {
        method: method.to_owned(),
        message,
        body: body.as_bytes().to_vec(),
    };
    let view = json!({ "view": { "rows": "/numbers", "columns": [] } });
    assert_eq!(
        host.calls(),
        [
            call("output.begin", view, r#"{"numbers":[]}"#),
            call("output.rows", json!({}), "[1,2]"),
            call("output.rows", json!({}), "[3]"),
            call("output.end", json!({}), ""),
        ]
    );
}

#[test]
fn only_a_streamed_result_may_be_shown_before_its_end() {
    let begin = |is_streamed: bool| {
        let host = FakeHost::new();
        host.with(move |host| match is_streamed {
            true => host.stream_rows(&json!([]), Table::new("")).map(drop),
            false => host.rows(&json!([]), Table::new("")).map(drop),
        })
        .unwrap();
        host.calls()[0].message["stream"].clone()
    };
    assert_eq!([begin(true), begin(false)], [json!(true), Value::Null]);
}

#[test]
fn a_long_result_fails_with_the_host() {
    let refusal = json!({ "kind": "refused", "message": "no" });
    for method in ["output.begin", "output.rows", "output.end"] {
        let host = FakeHost::new().fail(method, refusal.clone());
        let result = host.with(|host| {
            let rows = host.rows(&json!([]), Table::new(""))?;
            rows.send(&[1])?;
            rows.end()
        });
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Refused, "{method}");
    }
}

#[test]
fn each_write_of_bytes_is_one_call() {
    let host = FakeHost::new();
    host.with(|host| {
        let mut stdout = host.stdout();
        stdout.send("text").unwrap();
        stdout.write_all(b"\x00\xff\r\n").unwrap();
        stdout.flush().unwrap();
    });
    let call = |body: &[u8]| Recorded {
        method: "output.write".to_owned(),
        message: json!({}),
        body: body.to_vec(),
    };
    assert_eq!(host.calls(), [call(b"text"), call(b"\x00\xff\r\n")]);
}

#[test]
fn a_failed_write_is_an_io_error_that_contains_the_hosts_error() {
    let kinds = [
        ("closed", std::io::ErrorKind::BrokenPipe),
        ("failure", std::io::ErrorKind::Other),
        // `write_all` tries again after `Interrupted`.
        ("cancelled", std::io::ErrorKind::Other),
    ];
    for (kind, expected) in kinds {
        let failure = json!({ "kind": kind, "message": "no" });
        let host = FakeHost::new().fail("output.write", failure);
        let error = host.with(|host| host.stdout().write_all(b"x").unwrap_err());
        assert_eq!(error.kind(), expected, "{kind}");
        let inner = Error::from(error);
        assert_eq!(inner.to_string(), "no");
    }
}
