//! Cells: statuses, alignment, several lines, and the largest width.

use serde_json::{Value, json};
use tw_plugin_protocol::{Alignment, Column, RecordView, Status, TableView, View};
use tw_render::{Format, Style};

use crate::render;

fn column(title: &str, field: &str) -> Column {
    Column {
        title: title.into(),
        field: field.into(),
        ..Default::default()
    }
}

fn status(field: &str) -> Column {
    let statuses = [
        ("DONE", Status::Good),
        ("LATE", Status::Warning),
        ("FAILED", Status::Bad),
        ("QUEUED", Status::Neutral),
        ("ODD", Status::Unknown),
        ("1", Status::Good),
        ("true", Status::Bad),
    ];
    Column {
        statuses: statuses
            .map(|(value, status)| (value.to_owned(), status))
            .into(),
        ..column("S", field)
    }
}

fn table(columns: Vec<Column>) -> View {
    View::Table(TableView {
        columns,
        ..Default::default()
    })
}

fn color() -> Style {
    Style {
        color: true,
        ..Style::default()
    }
}

/// Renders a table and returns the lines below its rule.
fn rows(value: &Value, columns: Vec<Column>, style: &Style) -> Vec<String> {
    let text = render(value, Some(&table(columns)), Format::Console, style);
    text.lines().skip(3).map(str::to_owned).collect()
}

#[test]
fn a_status_colors_the_cell_whose_value_it_lists() {
    let value = json!([
        "DONE",
        "LATE",
        "FAILED",
        "QUEUED",
        "ODD",
        "done",
        1,
        true,
        null,
        ["DONE"]
    ]);
    assert_eq!(
        rows(&value, vec![status("")], &color()),
        [
            "     \x1b[32mDONE\x1b[0m   ",
            "     \x1b[33mLATE\x1b[0m   ",
            "     \x1b[31mFAILED\x1b[0m ",
            "     QUEUED ",
            "     ODD    ",
            "     done   ",
            "     \x1b[32m1\x1b[0m      ",
            "     \x1b[31mtrue\x1b[0m   ",
            "            ",
            "     DONE   ",
            "",
        ]
    );
    let plain = rows(&value, vec![status("")], &Style::default());
    assert_eq!(plain[..2], ["     DONE   ", "     LATE   "]);
}

#[test]
fn a_field_of_a_record_can_have_a_status() {
    let view = View::Record(RecordView {
        fields: vec![status("/s")],
        ..Default::default()
    });
    let value = json!({ "s": "FAILED" });
    assert_eq!(
        render(&value, Some(&view), Format::Console, &color()),
        "\n    ---+--------\n     \x1b[1mS\x1b[0m | \x1b[31mFAILED\x1b[0m \n\n"
    );
}

#[test]
fn a_right_column_ends_at_the_right_with_its_title() {
    let right = Column {
        align: Alignment::Right,
        ..column("Size", "/s")
    };
    let view = table(vec![right, column("B", "/b")]);
    let value = json!([{ "s": 5, "b": 1 }, { "s": 123_456 }, { "s": "漢" }]);
    assert_eq!(
        render(&value, Some(&view), Format::Console, &Style::default()),
        concat!(
            "\n",
            "       Size | B \n",
            "    --------+---\n",
            "          5 | 1 \n",
            "     123456 |   \n",
            "         漢 |   \n",
            "\n",
        )
    );
}

#[test]
fn a_multiline_column_shows_each_line_of_a_value_on_a_line_of_its_own() {
    let script = Column {
        multiline: true,
        ..column("Script", "/s")
    };
    let value = json!([
        { "id": 1, "s": "one\r\n\n  two\x1b\n" },
        { "id": 2, "s": "" },
        { "id": 3, "s": ["a\nb"] },
    ]);
    let columns = vec![column("ID", "/id"), script, column("ID", "/id")];
    assert_eq!(
        rows(&value, columns, &Style::default()),
        [
            "     1  | one    | 1  ",
            "        |        |    ",
            "        |   two␛ |    ",
            "     2  |        | 2  ",
            "     3  | a␊b    | 3  ",
            "",
        ]
    );
    assert_eq!(
        rows(&json!(["a\nb"]), vec![column("S", "")], &Style::default()),
        ["     a␊b ", ""]
    );
}

#[test]
fn a_multiline_field_of_a_record_has_one_title() {
    let view = View::Record(RecordView {
        fields: vec![Column {
            multiline: true,
            ..column("Script", "/s")
        }],
        ..Default::default()
    });
    assert_eq!(
        render(
            &json!({ "s": "a\nb" }),
            Some(&view),
            Format::Console,
            &Style::default()
        ),
        "\n    --------+---\n     Script | a \n            | b \n\n"
    );
}

#[test]
fn each_line_of_a_cell_has_a_link_and_a_color_of_its_own() {
    let column = Column {
        multiline: true,
        link: Some("/runs".into()),
        statuses: [("a\nb".to_owned(), Status::Good)].into(),
        ..column("S", "")
    };
    let style = Style {
        hyperlinks: Some("https://tw.example".into()),
        ..color()
    };
    let line = |text: &str| {
        format!("     \x1b]8;;https://tw.example/runs\x1b\\\x1b[32m{text}\x1b[0m\x1b]8;;\x1b\\ ")
    };
    assert_eq!(
        rows(&json!(["a\nb"]), vec![column], &style),
        [line("a"), line("b"), String::new()]
    );
}

#[test]
fn a_text_wider_than_its_column_is_cut_by_terminal_columns() {
    let narrow = |width| Column {
        max_width: Some(width),
        multiline: true,
        ..column("N", "")
    };
    let value = json!(["abcdef", "漢字漢字", "abc\nabcdef", 1_234_567]);
    let style = Style::default();
    assert_eq!(
        rows(&value, vec![narrow(5)], &style),
        [
            "     abcd… ",
            "     漢字… ",
            "     abc   ",
            "     abcd… ",
            "     1234… ",
            ""
        ]
    );
    assert_eq!(
        rows(&json!(["ab"]), vec![narrow(0)], &style),
        ["     … ", ""]
    );
    let json = render(&value, Some(&table(vec![narrow(5)])), Format::Json, &style);
    assert!(json.contains("abcdef") && json.contains("漢字漢字"));
}

#[test]
fn one_long_cell_does_not_make_a_large_table_huge() {
    let mut names = vec![json!("x".repeat(60_000))];
    names.resize(3000, json!("short"));
    let names = Value::from(names);
    let text = render(
        &names,
        Some(&table(vec![column("Name", "")])),
        Format::Console,
        &Style::default(),
    );
    assert!(text.len() < 2 << 20, "{}", text.len());
    assert!(text.contains("xxx… \n"), "{}", &text[..1000]);
}

#[test]
fn a_table_of_several_parts_is_one_table() {
    let rows: Vec<Value> = (0..2500)
        .map(|number| json!({ "id": number, "name": "é".repeat(number / 100) }))
        .collect();
    let columns = vec![column("ID", "/id"), column("Name", "/name")];
    let text = render(
        &rows.into(),
        Some(&table(columns)),
        Format::Console,
        &Style::default(),
    );
    let lines: Vec<&str> = text.lines().filter(|line| line.contains('|')).collect();
    assert_eq!(lines.len(), 2501);
    let width = lines[0].chars().count();
    assert!(lines.iter().all(|line| line.chars().count() == width));
    assert!(lines[2500].starts_with("     2499 | éééééééééééééééééééééééé "));
}
