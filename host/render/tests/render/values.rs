//! Values of any shape, with views that fit them and views that do not.

use serde_json::{Value, json};
use tw_plugin_protocol::{Column, RecordView, TableView, TextView, View};
use tw_render::{Format, Style};

use crate::render;

fn console(value: &Value, view: Option<&View>) -> String {
    render(value, view, Format::Console, &Style::default())
}

fn column(title: &str, field: &str) -> Column {
    Column {
        title: title.into(),
        field: field.into(),
        ..Default::default()
    }
}

#[test]
fn a_table_without_a_heading_starts_with_one_empty_line() {
    let view = View::Table(TableView {
        columns: vec![column("A", "/a")],
        empty: "None".into(),
        ..Default::default()
    });
    assert_eq!(
        console(&json!([{"a": 1}]), Some(&view)),
        "\n     A \n    ---\n     1 \n\n"
    );
    assert_eq!(console(&json!([]), Some(&view)), "\n    None\n");
}

#[test]
fn a_table_without_rows_or_empty_text_shows_its_titles() {
    let view = View::Table(TableView {
        columns: vec![column("A", "/a")],
        ..Default::default()
    });
    assert_eq!(console(&json!([]), Some(&view)), "\n     A \n    ---\n\n");
}

#[test]
fn columns_align_by_display_width() {
    let view = View::Table(TableView {
        columns: vec![column("名前", "/n"), column("B", "/b")],
        ..Default::default()
    });
    let rows =
        json!([{"n": "漢字漢字", "b": 1}, {"n": "e\u{301}te\u{301}", "b": 2}, {"n": "🦀", "b": 3}]);
    assert_eq!(
        console(&rows, Some(&view)),
        concat!(
            "\n",
            "     名前     | B \n",
            "    ----------+---\n",
            "     漢字漢字 | 1 \n",
            "     e\u{301}te\u{301}      | 2 \n",
            "     🦀       | 3 \n",
            "\n",
        )
    );
}

#[test]
fn a_pointer_that_matches_nothing_gives_an_empty_cell() {
    let view = View::Table(TableView {
        columns: vec![
            column("A", "/x/y"),
            column("B", "no pointer"),
            column("C", ""),
        ],
        ..Default::default()
    });
    assert_eq!(
        console(&json!([7]), Some(&view)),
        "\n     A | B | C \n    ---+---+---\n       |   | 7 \n\n"
    );
    let record = View::Record(RecordView {
        record: "/nowhere".into(),
        fields: vec![column("A", "/a")],
        ..Default::default()
    });
    assert_eq!(
        console(&json!({"a": 1}), Some(&record)),
        "\n    ---+---\n     A |   \n\n"
    );
}

#[test]
fn rows_that_are_not_an_array_count_as_one_row() {
    let view = View::Table(TableView {
        rows: "/pet".into(),
        columns: vec![column("Name", "/name")],
        ..Default::default()
    });
    assert_eq!(
        console(&json!({"pet": {"name": "Rex"}}), Some(&view)),
        "\n     Name \n    ------\n     Rex  \n\n"
    );
}

#[test]
fn a_view_without_columns_shows_every_scalar_field() {
    let table = View::Table(TableView {
        heading: "Pets".into(),
        ..Default::default()
    });
    assert_eq!(
        console(
            &json!([{"id": 1}, {"name": "Rex", "tags": ["a"]}]),
            Some(&table)
        ),
        "\n  Pets:\n\n     id | name \n    ----+------\n     1  |      \n        | Rex  \n\n"
    );
}

#[test]
fn a_value_without_a_known_view_is_rendered_by_its_shape() {
    for view in [None, Some(&View::Unknown)] {
        assert_eq!(console(&json!(null), view), "");
        assert_eq!(console(&json!({}), view), "");
        assert_eq!(console(&json!("Done\n"), view), "\n  Done␊\n\n");
        assert_eq!(console(&json!(7), view), "\n  7\n\n");
        assert_eq!(console(&json!([]), view), "\n    Nothing found\n");
        assert_eq!(
            console(&json!([1, "b"]), view),
            "\n     Value \n    -------\n     1     \n     b     \n\n"
        );
        assert_eq!(
            console(&json!({"a/b~c": 1, "nested": {"x": [1]}}), view),
            "\n    --------+-----------\n     a/b~c  | 1         \n     nested | {\"x\":[1]} \n\n"
        );
    }
}

#[test]
fn a_very_long_cell_is_cut_and_stays_on_its_line() {
    let view = View::Table(TableView {
        columns: vec![column("A", "/a")],
        ..Default::default()
    });
    let shown = console(
        &json!([{"a": "漢 字".repeat(50_000)}, {"a": 1}]),
        Some(&view),
    );
    assert_eq!(shown.lines().count(), 6);
    assert!(shown.contains('…'));
}

#[test]
fn a_text_keeps_its_lines_and_tabs_and_ends_in_one_line_feed() {
    for (text, expected) in [
        ("a\tb\n  c", "a\tb\n  c\n"),
        ("done\n", "done\n"),
        ("\x1b[2J", "␛[2J\n"),
        ("", ""),
    ] {
        let view = View::Text(TextView { text: text.into() });
        assert_eq!(console(&json!({"other": 1}), Some(&view)), expected);
    }
}

#[test]
fn a_raw_text_keeps_every_character() {
    let style = Style {
        raw_text: true,
        ..Style::default()
    };
    let text = "a\r\n\x1b[2J\u{202e}\0b";
    let view = View::Text(TextView { text: text.into() });
    assert_eq!(
        render(&Value::Null, Some(&view), Format::Console, &style),
        format!("{text}\n")
    );
}

#[test]
fn a_table_without_columns_shows_at_most_fifty() {
    let row = |range: std::ops::Range<u32>| -> Value {
        let fields = range.map(|number| (format!("f{number}"), json!(number)));
        Value::Object(fields.collect())
    };
    let one_wide_row = json!([row(0..60)]);
    let many_different_rows = json!([row(0..30), row(30..49), row(49..60), row(60..90)]);
    for rows in [one_wide_row, many_different_rows] {
        let text = console(&rows, Some(&View::Table(TableView::default())));
        let titles: Vec<&str> = text.lines().nth(1).unwrap().split('|').collect();
        assert_eq!(titles.len(), 50);
        assert_eq!(titles[49].trim(), "f49");
    }
}
