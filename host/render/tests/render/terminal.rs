//! Colors and bold text, which appear only if the style asks for them.

use serde_json::json;
use tw_plugin_protocol::{Column, MessageView, RecordView, TableView, View};
use tw_render::{Format, Style, error_text, hint_text, warning_text};

use crate::render;

fn color() -> Style {
    Style {
        color: true,
        hyperlinks: None,
        ..Style::default()
    }
}

fn columns() -> Vec<Column> {
    vec![
        Column {
            title: "ID".into(),
            field: "/id".into(),
            ..Default::default()
        },
        Column {
            title: "Name".into(),
            field: "/name".into(),
            ..Default::default()
        },
    ]
}

#[test]
fn the_heading_and_the_titles_are_bold_and_keep_their_width() {
    let view = View::Table(TableView {
        heading: "Pets".into(),
        columns: columns(),
        ..Default::default()
    });
    let value = json!([{"id": 10, "name": "Rex"}]);
    assert_eq!(
        render(&value, Some(&view), Format::Console, &color()),
        concat!(
            "\n  \x1b[1mPets:\x1b[0m\n\n",
            "     \x1b[1mID\x1b[0m | \x1b[1mName\x1b[0m \n",
            "    ----+------\n",
            "     10 | Rex  \n",
            "\n",
        )
    );
}

#[test]
fn the_titles_of_a_record_are_bold() {
    let view = View::Record(RecordView {
        fields: columns(),
        ..Default::default()
    });
    assert_eq!(
        render(&json!({"id": 10}), Some(&view), Format::Console, &color()),
        "\n    ------+----\n     \x1b[1mID\x1b[0m   | 10 \n     \x1b[1mName\x1b[0m |    \n\n"
    );
}

#[test]
fn a_message_is_yellow() {
    let view = View::Message(MessageView {
        text: "Done".into(),
    });
    assert_eq!(
        render(&json!({}), Some(&view), Format::Console, &color()),
        "\n  \x1b[33mDone\x1b[0m\n\n"
    );
}

#[test]
fn an_error_is_plain_without_color_and_red_with_it() {
    assert_eq!(
        error_text("Unauthorized", &Style::default()),
        "\n ERROR: Unauthorized\n\n"
    );
    assert_eq!(
        error_text("Unauthorized", &color()),
        "\n \x1b[1;31mERROR:\x1b[0m \x1b[31mUnauthorized\x1b[0m\n\n"
    );
}

#[test]
fn an_error_keeps_line_feeds_but_no_other_control_character() {
    assert_eq!(
        error_text(
            "insecure server: http://x\nuse \x1b[5m--insecure\r",
            &Style::default()
        ),
        "\n ERROR: insecure server: http://x\nuse ␛[5m--insecure␍\n\n"
    );
}

#[test]
fn hints_and_warnings_start_with_their_label() {
    assert_eq!(
        hint_text("Run `tw info`", &Style::default()),
        " HINT: Run `tw info`\n\n"
    );
    assert_eq!(hint_text("Run", &color()), " \x1b[1mHINT:\x1b[0m Run\n\n");
    assert_eq!(warning_text("a\nb", &Style::default()), " WARNING: a␊b\n");
    assert_eq!(
        warning_text("a", &color()),
        " \x1b[1;33mWARNING:\x1b[0m a\n"
    );
}

#[test]
fn an_empty_text_has_no_color_sequences() {
    assert_eq!(error_text("", &color()), "\n \x1b[1;31mERROR:\x1b[0m \n\n");
}
