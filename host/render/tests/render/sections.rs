//! Several views of one value, and the line below a table.

use serde_json::{Value, json};
use tw_plugin_protocol::{
    Column, MessageView, RecordView, SectionsView, TableView, TextView, View,
};
use tw_render::{Format, Style};

use crate::render;

fn console(value: &Value, view: &View) -> String {
    render(value, Some(view), Format::Console, &Style::default())
}

fn column(title: &str, field: &str) -> Column {
    Column {
        title: title.into(),
        field: field.into(),
        ..Default::default()
    }
}

fn record() -> View {
    View::Record(RecordView {
        heading: "Run".into(),
        record: "/run".into(),
        fields: vec![column("ID", "/id")],
    })
}

fn table() -> TableView {
    TableView {
        heading: "Tasks".into(),
        rows: "/tasks".into(),
        columns: vec![column("Name", "/name")],
        empty: "No tasks".into(),
        ..Default::default()
    }
}

fn message() -> View {
    View::Message(MessageView {
        text: "That was all".into(),
    })
}

fn sections(sections: Vec<View>) -> View {
    View::Sections(SectionsView { sections })
}

fn value() -> Value {
    json!({ "run": { "id": 5 }, "tasks": [{ "name": "fastqc", "log": [1] }] })
}

#[test]
fn sections_stand_below_each_other_with_one_empty_line_between_them() {
    let text = View::Text(TextView {
        text: "raw\n".into(),
    });
    let view = sections(vec![record(), View::Table(table()), message(), text]);
    assert_eq!(
        console(&value(), &view),
        concat!(
            "\n  Run:\n\n",
            "    ----+---\n",
            "     ID | 5 \n",
            "\n  Tasks:\n\n",
            "     Name   \n",
            "    --------\n",
            "     fastqc \n",
            "\n  That was all\n\n",
            "raw\n",
        )
    );
}

#[test]
fn a_table_without_rows_is_followed_by_one_empty_line_too() {
    let view = sections(vec![View::Table(table()), message()]);
    assert_eq!(
        console(&json!({ "tasks": [] }), &view),
        "\n  Tasks:\n\n    No tasks\n\n  That was all\n\n"
    );
}

#[test]
fn an_unknown_view_among_sections_is_left_out() {
    let view = sections(vec![View::Unknown, message(), View::Unknown]);
    assert_eq!(console(&value(), &view), "\n  That was all\n\n");
}

#[test]
fn a_value_without_a_known_section_is_rendered_by_its_shape() {
    for view in [sections(vec![]), sections(vec![View::Unknown])] {
        assert_eq!(console(&json!(7), &view), "\n  7\n\n");
    }
}

#[test]
fn a_footer_stands_below_the_rows() {
    let view = TableView {
        footer: "1 of 7 tasks\x1b".into(),
        ..table()
    };
    let view = View::Table(view);
    assert_eq!(
        console(&value(), &view),
        concat!(
            "\n  Tasks:\n\n",
            "     Name   \n",
            "    --------\n",
            "     fastqc \n",
            "\n    1 of 7 tasks␛\n\n",
        )
    );
    assert_eq!(
        console(&json!({ "tasks": [] }), &view),
        "\n  Tasks:\n\n    No tasks\n\n    1 of 7 tasks␛\n\n"
    );
}

#[test]
fn json_has_no_sections_and_no_footer() {
    let footer = TableView {
        footer: "1 of 7 tasks".into(),
        ..table()
    };
    let view = sections(vec![record(), View::Table(footer)]);
    let json = render(&value(), Some(&view), Format::Json, &Style::default());
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), value());
}
