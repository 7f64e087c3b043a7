//! Views whose JSON pointers match nothing.

use serde_json::json;
use tw_plugin_protocol::{
    Column, ColumnCheck, Json, MessageView, RecordView, SectionsView, TableView, View,
    find_mistakes as mistakes,
};

fn column(field: &str) -> Column {
    Column {
        title: "Name".into(),
        field: field.into(),
        ..Default::default()
    }
}

fn table(rows: &str, columns: Vec<Column>) -> View {
    View::Table(TableView {
        rows: rows.into(),
        columns,
        ..Default::default()
    })
}

fn record(record: &str, fields: Vec<Column>) -> View {
    View::Record(RecordView {
        record: record.into(),
        fields,
        ..Default::default()
    })
}

#[test]
fn a_pointer_to_rows_or_to_a_record_must_match() {
    let value = json!({ "pets": [], "none": null });
    for view in [
        table("/pets", vec![column("/name")]),
        table("/none", vec![]),
        table("/none/pets", vec![]),
        table("", vec![]),
        record("/none", vec![column("/name")]),
        View::Message(MessageView::default()),
    ] {
        assert_eq!(mistakes(&value, &view), [""; 0], "{view:?}");
    }
    let rows = "it takes the rows of its table from `/pats`, and its result has nothing there";
    assert_eq!(
        mistakes(&value, &table("/pats", vec![column("/name")])),
        [rows]
    );
    let expected = "it takes its record from `pets`, and its result has nothing there";
    assert_eq!(mistakes(&value, &record("pets", vec![])), [expected]);
}

#[test]
fn a_column_must_match_in_one_row() {
    let value = json!([{ "id": 1 }, { "id": 2, "name": null, "owner": null }]);
    let right = ["/id", "/name", "/owner/name", ""];
    let view = table("", right.map(column).to_vec());
    assert_eq!(mistakes(&value, &view), [""; 0]);
    let wrong = ["/nmae", "/id/deep"];
    let view = table("", wrong.map(column).to_vec());
    let expected = wrong
        .map(|field| format!("its column `Name` shows `{field}`, which no row of its result has"));
    assert_eq!(mistakes(&value, &view), expected);
}

#[test]
fn an_optional_column_and_a_field_of_a_record_may_be_missing() {
    let optional = Column {
        optional: true,
        ..column("/nickname")
    };
    let value = json!([{ "id": 1 }]);
    assert_eq!(mistakes(&value, &table("", vec![optional])), [""; 0]);
    let view = record("/0", vec![column("/nickname")]);
    assert_eq!(mistakes(&value, &view), [""; 0]);
}

#[test]
fn a_pointer_without_a_slash_is_always_a_mistake() {
    let expected = "its column `Name` shows `name`, which is not a JSON pointer: a JSON pointer begins with a slash";
    let optional = Column {
        optional: true,
        ..column("name")
    };
    let view = table("", vec![optional]);
    assert_eq!(mistakes(&json!([]), &view), [expected]);
    let view = record("", vec![column("name")]);
    assert_eq!(mistakes(&json!({ "name": "Rex" }), &view), [expected]);
}

#[test]
fn every_view_of_sections_is_checked() {
    let value = json!({ "run": { "id": 5 }, "tasks": [{ "name": "a" }] });
    let sections = |sections: Vec<View>| View::Sections(SectionsView { sections });
    let right = sections(vec![
        record("/run", vec![column("/id")]),
        table("/tasks", vec![column("/name")]),
        View::Unknown,
    ]);
    assert_eq!(mistakes(&value, &right), [""; 0]);
    let wrong = sections(vec![
        record("/rum", vec![]),
        View::Message(MessageView::default()),
        table("/tasks", vec![column("/nmae")]),
    ]);
    assert_eq!(
        mistakes(&value, &wrong),
        [
            "it takes its record from `/rum`, and its result has nothing there",
            "its column `Name` shows `/nmae`, which no row of its result has",
        ]
    );
}

#[test]
fn the_columns_of_rows_that_come_in_pieces_are_checked_over_all_pieces() {
    let view = TableView {
        columns: vec![column("/id"), column("/nmae"), column("")],
        ..Default::default()
    };
    let mut check = ColumnCheck::new(&view);
    assert_eq!(check.find_mistakes(), [""; 0]);
    check.add(&[json!({ "name": "Rex" })]);
    assert_eq!(check.find_mistakes().len(), 2);
    check.add(&[json!({ "id": 1 })]);
    let expected = "its column `Name` shows `/nmae`, which no row of its result has";
    assert_eq!(check.find_mistakes(), [expected]);
}

#[test]
fn an_index_of_an_array_has_neither_a_sign_nor_leading_zeros() {
    let value = json!([[{ "a/b": 1, "c~d": 2 }]]);
    for (pointer, found) in [
        ("/0/0/a~1b", Some(json!(1))),
        ("/0/0/c~0d", Some(json!(2))),
        ("/00/0", None),
        ("/+0/0", None),
        ("/-/0", None),
        ("/1", None),
        ("0", None),
    ] {
        assert_eq!(value.find(pointer).cloned(), found, "{pointer}");
    }
}
