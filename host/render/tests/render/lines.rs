//! The formats with one row per line: JSON lines, CSV and TSV.

use serde_json::{Value, json};
use tw_plugin_protocol::{
    Column, ColumnKind, MessageView, RecordView, SectionsView, Sort, TableView, View,
};
use tw_render::{Format, Style};

use crate::render;

const FORMATS: [Format; 3] = [Format::JsonLines, Format::Csv, Format::Tsv];

/// The style of a pipe.
fn raw() -> Style {
    Style {
        raw_text: true,
        ..Style::default()
    }
}

fn column(title: &str, field: &str) -> Column {
    Column {
        title: title.into(),
        field: field.into(),
        ..Default::default()
    }
}

fn table() -> View {
    View::Table(TableView {
        rows: "/pets".into(),
        columns: vec![
            column("ID", "/id"),
            column("Owner", "/owner/na~1me"),
            Column {
                kind: ColumnKind::Date,
                max_width: Some(2),
                ..column("Born", "/born")
            },
            column("Whole", ""),
        ],
        empty: "No pets".into(),
        footer: "1 of 7".into(),
        sort: Some(Sort::default()),
        ..Default::default()
    })
}

fn lines(value: &Value, view: Option<&View>) -> [String; 3] {
    FORMATS.map(|format| render(value, view, format, &raw()))
}

#[test]
fn each_row_is_a_line_with_the_values_of_the_json_in_their_order() {
    let value = json!({ "of": "pets", "pets": [
        { "id": 10, "owner": { "na/me": "Ada, \"A\"" }, "born": 0 },
        { "id": 9.50, "owner": null, "born": "yesterday" },
    ] });
    let [jsonl, csv, tsv] = lines(&value, Some(&table()));
    assert_eq!(
        jsonl,
        concat!(
            "{\"id\":10,\"owner\":{\"na/me\":\"Ada, \\\"A\\\"\"},\"born\":0}\n",
            "{\"id\":9.5,\"owner\":null,\"born\":\"yesterday\"}\n",
        )
    );
    assert_eq!(
        csv,
        concat!(
            "id,owner.na/me,born,Whole\r\n",
            "10,\"Ada, \"\"A\"\"\",0,\"{\"\"id\"\":10,\"\"owner\"\":{\"\"na/me\"\":\"\"Ada, \\\"\"A\\\"\"\"\"},\"\"born\"\":0}\"\r\n",
            "9.5,,yesterday,\"{\"\"id\"\":9.5,\"\"owner\"\":null,\"\"born\"\":\"\"yesterday\"\"}\"\r\n",
        )
    );
    assert_eq!(
        tsv,
        concat!(
            "id\towner.na/me\tborn\tWhole\n",
            "10\tAda, \"A\"\t0\t{\"id\":10,\"owner\":{\"na/me\":\"Ada, \\\\\"A\\\\\"\"},\"born\":0}\n",
            "9.5\t\tyesterday\t{\"id\":9.5,\"owner\":null,\"born\":\"yesterday\"}\n",
        )
    );
}

#[test]
fn a_field_keeps_its_characters_in_a_pipe_and_has_no_control_characters_on_a_terminal() {
    let view = View::Table(TableView {
        columns: vec![column("A", "/a"), column("B", "/b")],
        ..Default::default()
    });
    let value = json!([{ "a": "x\ty\r\nz\\n", "b": "\x1b[31m\u{202e}" }]);
    let [jsonl, csv, tsv] = lines(&value, Some(&view));
    let escaped = "{\"a\":\"x\\ty\\r\\nz\\\\n\",\"b\":\"\\u001b[31m\\u202e\"}\n";
    assert_eq!(jsonl, escaped);
    assert_eq!(csv, "a,b\r\n\"x\ty\r\nz\\n\",\x1b[31m\u{202e}\r\n");
    assert_eq!(tsv, "a\tb\nx\\ty\\r\\nz\\\\n\t\x1b[31m\u{202e}\n");

    let terminal = Style {
        color: true,
        ..Style::default()
    };
    let shown = FORMATS.map(|format| render(&value, Some(&view), format, &terminal));
    assert_eq!(
        shown,
        [
            escaped,
            "a,b\r\nx␉y␍␊z\\n,␛[31m�\r\n",
            "a\tb\nx\\ty\\r\\nz\\\\n\t␛[31m�\n",
        ]
    );
}

#[test]
fn a_table_without_rows_has_a_line_with_its_names() {
    let [jsonl, csv, tsv] = lines(&json!({ "pets": [] }), Some(&table()));
    assert_eq!(jsonl, "");
    assert_eq!(csv, "id,owner.na/me,born,Whole\r\n");
    assert_eq!(tsv, "id\towner.na/me\tborn\tWhole\n");
}

#[test]
fn a_record_is_one_row() {
    let record = View::Record(RecordView {
        record: "/pet".into(),
        fields: vec![column("ID", "/id"), column("Tags", "/tags")],
        ..Default::default()
    });
    let value = json!({ "pet": { "id": 1, "tags": ["a", "b"] } });
    assert_eq!(
        lines(&value, Some(&record)),
        [
            "{\"pet\":{\"id\":1,\"tags\":[\"a\",\"b\"]}}\n",
            "id,tags\r\n1,\"[\"\"a\"\",\"\"b\"\"]\"\r\n",
            "id\ttags\n1\t[\"a\",\"b\"]\n",
        ]
    );
}

#[test]
fn a_value_without_rows_is_one_line() {
    let message = View::Message(MessageView {
        text: "Done".into(),
    });
    assert_eq!(
        lines(&json!({ "deleted": "x", "of": [1] }), Some(&message)),
        [
            "{\"deleted\":\"x\",\"of\":[1]}\n",
            "deleted,of\r\nx,[1]\r\n",
            "deleted\tof\nx\t[1]\n",
        ]
    );
    assert_eq!(
        lines(&json!("x"), Some(&message)),
        ["\"x\"\n", "Value\r\nx\r\n", "Value\nx\n"]
    );
    assert_eq!(lines(&json!({}), Some(&message)), ["{}\n", "", ""]);
}

#[test]
fn a_value_without_a_known_view_is_a_table_if_it_is_an_array() {
    let value = json!([{ "a": 1 }, { "b": "x" }]);
    for view in [None, Some(&View::Unknown)] {
        assert_eq!(
            lines(&value, view),
            [
                "{\"a\":1}\n{\"b\":\"x\"}\n",
                "a,b\r\n1,\r\n,x\r\n",
                "a\tb\n1\t\n\tx\n"
            ]
        );
    }
    assert_eq!(
        lines(&json!({ "a": [] }), None),
        ["{\"a\":[]}\n", "a\r\n[]\r\n", "a\n[]\n"]
    );
}

#[test]
fn the_first_table_of_sections_is_shown_and_otherwise_their_first_record() {
    let record = View::Record(RecordView {
        record: "/run".into(),
        fields: vec![column("Run", "/id")],
        ..Default::default()
    });
    let table = |rows: &str| {
        View::Table(TableView {
            rows: rows.into(),
            columns: vec![column("Name", "/name")],
            ..Default::default()
        })
    };
    let value = json!({ "run": { "id": 5 }, "a": [{ "name": "x" }], "b": [{ "name": "y" }] });
    let sections = |sections: Vec<View>| View::Sections(SectionsView { sections });
    assert_eq!(
        lines(
            &value,
            Some(&sections(vec![record.clone(), table("/a"), table("/b")]))
        ),
        ["{\"name\":\"x\"}\n", "name\r\nx\r\n", "name\nx\n"]
    );
    let [jsonl, csv, tsv] = lines(&value, Some(&sections(vec![View::Unknown, record])));
    assert_eq!(jsonl, format!("{value}\n"));
    assert_eq!([csv, tsv], ["id\r\n5\r\n", "id\n5\n"]);
}
