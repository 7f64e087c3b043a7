//! Tables whose rows come in pieces.
#![allow(
    clippy::expect_used,
    reason = "a test that can't go on panics with the reason"
)]

use serde_json::{Value, json};
use tw_plugin_protocol::{Alignment, Column, TableView, View};
use tw_render::{Format, Style, TableStream};

use crate::render;

fn column(title: &str, field: &str, max_width: Option<u32>) -> Column {
    Column {
        title: title.into(),
        field: field.into(),
        max_width,
        ..Default::default()
    }
}

fn table() -> TableView {
    TableView {
        heading: "Tasks".into(),
        columns: vec![
            Column {
                align: Alignment::Right,
                ..column("ID", "/id", Some(4))
            },
            Column {
                multiline: true,
                ..column("Name", "/name", Some(3))
            },
        ],
        empty: "No tasks".into(),
        ..Default::default()
    }
}

/// Renders rows that come in pieces, and returns the text of each piece and the text below the rows.
fn stream(view: &TableView, format: Format, pieces: &[Value]) -> Vec<String> {
    let mut stream = TableStream::new(view, format, &Style::default()).expect("a stream");
    let mut texts = Vec::new();
    for piece in pieces {
        let rows = piece.as_array().expect("rows").iter();
        let rows: Vec<tw_render::Value> = rows.map(tw_render::Value::from).collect();
        texts.push(stream.push(&rows));
    }
    texts.push(stream.end());
    texts
}

fn pieces() -> [Value; 4] {
    [
        json!([]),
        json!([{ "id": 1, "name": "a" }]),
        json!([{ "id": 12345, "name": "abcde\nb" }, {}]),
        json!([]),
    ]
}

#[test]
fn the_console_pads_the_columns_to_their_largest_width() {
    assert_eq!(
        stream(&table(), Format::Console, &pieces()),
        [
            "",
            concat!(
                "\n  Tasks:\n\n",
                "       ID | Name \n",
                "    ------+------\n",
                "        1 | a    \n",
            ),
            concat!(
                "     123… | ab…  \n",
                "          | b    \n",
                "          |      \n",
            ),
            "",
            "\n",
        ]
    );
}

#[test]
fn a_footer_follows_the_last_row() {
    let view = TableView {
        footer: "That was all".into(),
        ..table()
    };
    let texts = stream(&view, Format::Console, &pieces());
    assert_eq!(texts.last().unwrap(), "\n    That was all\n\n");
}

#[test]
fn lines_are_the_same_as_those_of_a_whole_result() {
    for format in [Format::JsonLines, Format::Csv, Format::Tsv] {
        let pieces = pieces();
        let rows: Vec<Value> = pieces
            .iter()
            .flat_map(|piece| piece.as_array().unwrap().clone())
            .collect();
        let view = View::Table(table());
        let whole = render(&json!(rows), Some(&view), format, &Style::default());
        assert_eq!(stream(&table(), format, &pieces).concat(), whole);
    }
}

#[test]
fn a_table_without_rows_is_rendered_at_the_end() {
    for format in [Format::Console, Format::JsonLines, Format::Csv, Format::Tsv] {
        for view in [
            table(),
            TableView {
                empty: String::new(),
                ..table()
            },
        ] {
            let text = stream(&view, format, &[json!([])]).concat();
            if format == Format::Console && view.empty.is_empty() {
                let expected = "\n  Tasks:\n\n       ID | Name \n    ------+------\n\n";
                assert_eq!(text, expected);
                continue;
            }
            let view = View::Table(view);
            assert_eq!(
                text,
                render(&json!([]), Some(&view), format, &Style::default())
            );
        }
    }
}

#[test]
fn a_table_that_depends_on_all_of_its_rows_does_not_come_in_pieces() {
    let style = Style::default();
    let open = |view: &TableView, format| TableStream::new(view, format, &style).is_some();
    assert!(!open(&table(), Format::Json));
    let mut view = table();
    view.columns.push(column("Wide", "/wide", None));
    assert!(!open(&view, Format::Console));
    assert!(open(&view, Format::JsonLines) && open(&view, Format::Csv) && open(&view, Format::Tsv));
    view.columns.clear();
    assert!(!open(&view, Format::Console));
    assert!(open(&view, Format::JsonLines));
    assert!(!open(&view, Format::Csv) && !open(&view, Format::Tsv));
}

#[test]
fn a_column_is_never_wider_than_a_cell_can_be() {
    let view = TableView {
        columns: vec![column("A", "/a", Some(u32::MAX))],
        ..Default::default()
    };
    let text = stream(
        &view,
        Format::Console,
        &[json!([{ "a": "x".repeat(70_000) }])],
    );
    let last = text[0].lines().last().unwrap();
    assert_eq!(last.chars().count(), 16_006);
    assert!(last.ends_with("x… "));
}
