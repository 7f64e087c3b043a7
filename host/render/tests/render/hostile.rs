//! Text from a server or a plugin never controls the terminal, wherever in a value or a view the text is.

use proptest::prelude::*;
use serde_json::{Value, json};
use tw_plugin_protocol::{
    Alignment, Column, ColumnKind, MessageView, RecordView, SectionsView, Sort, Status, TableView,
    TextView, View,
};
use tw_render::{Format, Style, TableStream, error_text, hint_text, usage_text, warning_text};

use crate::render;

const HOSTILE: &str = "a\x1b[31m\x1b]0;t\x07\r\nb\tc\0\x7f\u{85}\u{9b}2J\u{202e}\u{2066}\u{200f}\u{61c}\u{feff}\u{2028}|";

/// True if the character controls a terminal or hides text from a reader.
fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(character, '\u{61c}' | '\u{feff}' | '\u{2028}' | '\u{2029}')
}

fn is_harmless(text: &str) -> bool {
    !text
        .chars()
        .any(|character| character != '\n' && is_hostile(character))
}

/// Removes the terminal sequences that the renderer itself writes.
fn strip_own_sequences(text: &str) -> String {
    let mut plain = text.to_owned();
    for sequence in [
        "\x1b[0m",
        "\x1b[1m",
        "\x1b[31m",
        "\x1b[32m",
        "\x1b[33m",
        "\x1b]8;;\x1b\\",
    ] {
        plain = plain.replace(sequence, "");
    }
    while let Some(start) = plain.find("\x1b]8;;https://cloud.seqera.io/") {
        let end = start
            + plain[start..]
                .find("\x1b\\")
                .unwrap_or(plain.len() - start - 2)
            + 2;
        assert!(
            plain[start + 1..end - 2]
                .chars()
                .all(|character| character.is_ascii_graphic())
        );
        plain.replace_range(start..end, "");
    }
    plain
}

fn hostile_columns() -> Vec<Column> {
    let kinds = [
        ColumnKind::Text,
        ColumnKind::Integer,
        ColumnKind::Date,
        ColumnKind::Duration,
        ColumnKind::Size,
        ColumnKind::Unknown,
    ];
    let column = |kind| Column {
        title: HOSTILE.into(),
        field: "/x".into(),
        kind,
        link: Some(format!("/{HOSTILE}/{{/x}}")),
        statuses: [(HOSTILE.to_owned(), Status::Bad)].into(),
        ..Column::default()
    };
    let narrow = Column {
        multiline: true,
        max_width: Some(20),
        ..column(ColumnKind::Text)
    };
    kinds.into_iter().map(column).chain([narrow]).collect()
}

fn hostile_views() -> Vec<View> {
    let sections = single_views();
    let mut views = single_views();
    views.push(View::Sections(SectionsView { sections }));
    views
}

fn single_views() -> Vec<View> {
    vec![
        View::Table(TableView {
            heading: HOSTILE.into(),
            columns: hostile_columns(),
            empty: HOSTILE.into(),
            footer: HOSTILE.into(),
            sort: Some(Sort::default()),
            ..Default::default()
        }),
        View::Table(TableView {
            rows: "/none".into(),
            empty: HOSTILE.into(),
            footer: HOSTILE.into(),
            ..Default::default()
        }),
        View::Record(RecordView {
            heading: HOSTILE.into(),
            fields: hostile_columns(),
            ..Default::default()
        }),
        View::Record(RecordView::default()),
        View::Message(MessageView {
            text: HOSTILE.into(),
        }),
        View::Unknown,
    ]
}

#[test]
fn hostile_text_is_made_visible_in_every_part_of_a_result() {
    let nested = json!({HOSTILE: {HOSTILE: [HOSTILE]}});
    let values = [
        json!(HOSTILE),
        json!([{"x": HOSTILE}]),
        json!({"x": HOSTILE, HOSTILE: HOSTILE}),
        json!([{"x": nested, HOSTILE: 1}]),
        nested,
    ];
    let terminal = Style {
        color: true,
        hyperlinks: Some("https://cloud.seqera.io".into()),
        ..Style::default()
    };
    for view in hostile_views() {
        for value in &values {
            let plain = render(value, Some(&view), Format::Console, &Style::default());
            assert!(is_harmless(&plain), "{plain:?}");
            let styled = render(value, Some(&view), Format::Console, &terminal);
            assert_eq!(strip_own_sequences(&styled), plain);
            for format in [Format::JsonLines, Format::Csv, Format::Tsv] {
                let lines = render(value, Some(&view), format, &terminal);
                let lines = lines.replace("\r\n", "\n").replace('\t', "");
                assert!(is_harmless(&lines), "{lines:?}");
            }
            let json = render(value, Some(&view), Format::Json, &terminal);
            assert!(is_harmless(&json), "{json:?}");
            assert_eq!(&serde_json::from_str::<Value>(&json).unwrap(), value);
        }
    }
}

#[test]
fn hostile_text_is_made_visible_in_rows_that_come_in_pieces() {
    let view = TableView {
        heading: HOSTILE.into(),
        columns: hostile_columns()
            .into_iter()
            .map(|column| Column {
                max_width: Some(9),
                ..column
            })
            .collect(),
        footer: HOSTILE.into(),
        ..Default::default()
    };
    let rows = [tw_render::Value::from(&json!({ "x": HOSTILE }))];
    for format in [Format::Console, Format::JsonLines, Format::Csv, Format::Tsv] {
        let mut stream = TableStream::new(&view, format, &Style::default()).unwrap();
        let text = stream.push(&rows) + &stream.end();
        let text = text.replace("\r\n", "\n").replace('\t', "");
        assert!(is_harmless(&text), "{text:?}");
    }
}

#[test]
fn hostile_text_does_not_forge_a_row() {
    let view = View::Table(TableView {
        columns: vec![Column {
            title: "Name".into(),
            field: "/x".into(),
            ..Default::default()
        }],
        ..Default::default()
    });
    let text = render(
        &json!([{"x": "a\n     b"}]),
        Some(&view),
        Format::Console,
        &Style::default(),
    );
    assert_eq!(text, "\n     Name     \n    ----------\n     a␊     b \n\n");
}

#[test]
fn json_escapes_the_control_characters_that_serde_json_keeps() {
    assert_eq!(
        render(
            &json!("\x7f\u{9b}\u{202e}é\n"),
            None,
            Format::Json,
            &Style::default()
        ),
        "\"\\u007f\\u009b\\u202eé\\n\"\n"
    );
}

#[test]
fn hostile_text_is_made_visible_in_errors_hints_and_warnings() {
    let style = Style::default();
    for text in [
        error_text(HOSTILE, &style),
        hint_text(HOSTILE, &style),
        usage_text(HOSTILE, Some(HOSTILE), &style),
        warning_text(HOSTILE, &style),
    ] {
        assert!(is_harmless(&text), "{text:?}");
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i32>().prop_map(|number| Value::from(f64::from(number) / 4.0)),
        any_text().prop_map(Value::from),
        Just(Value::from("2022-10-05T12:42:21+02:00")),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((any_key(), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Returns texts with control characters, which `any::<String>()` leaves out.
fn any_text() -> impl Strategy<Value = String> {
    prop::collection::vec(any::<char>(), 0..8)
        .prop_map(|characters| characters.into_iter().collect())
}

fn any_key() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("a".to_owned()),
        Just("b".to_owned()),
        Just(String::new()),
        any_text()
    ]
}

fn any_pointer() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("/a".to_owned()),
        Just("/b/0".to_owned()),
        Just("/".to_owned()),
        any_text(),
    ]
}

fn any_column() -> impl Strategy<Value = Column> {
    let kind = prop::sample::select(vec![
        ColumnKind::Text,
        ColumnKind::Integer,
        ColumnKind::Date,
        ColumnKind::Duration,
        ColumnKind::Size,
        ColumnKind::Unknown,
    ]);
    let link = prop::option::of(any_pointer().prop_map(|pointer| format!("/x/{{{pointer}}}")));
    (any_text(), any_pointer(), kind, link).prop_map(|(title, field, kind, link)| Column {
        title,
        field,
        kind,
        link,
        ..Column::default()
    })
}

fn any_cells() -> impl Strategy<Value = Column> {
    let statuses = prop_oneof![
        Just(Status::Good),
        Just(Status::Warning),
        Just(Status::Bad),
        Just(Status::Neutral),
    ];
    let align = prop_oneof![Just(Alignment::Left), Just(Alignment::Right)];
    let width = prop::option::of(0..30_u32);
    let more = (any_text(), statuses, align, any::<bool>(), width);
    (any_column(), more).prop_map(
        |(column, (value, status, align, multiline, max_width))| Column {
            statuses: [(value, status)].into(),
            align,
            multiline,
            max_width,
            ..column
        },
    )
}

fn any_view() -> impl Strategy<Value = View> {
    let columns = || prop::collection::vec(any_cells(), 0..4);
    let sort = prop::option::of((0..5_u32, any::<bool>(), any::<bool>()).prop_map(
        |(column, as_text, descending)| Sort {
            column,
            as_text,
            descending,
        },
    ));
    prop_oneof![
        (any_text(), any_pointer(), columns(), any_text(), sort).prop_map(
            |(heading, rows, columns, empty, sort)| {
                View::Table(TableView {
                    heading,
                    rows,
                    columns,
                    empty,
                    sort,
                    footer: String::new(),
                    name: None,
                })
            }
        ),
        (any_text(), any_pointer(), columns()).prop_map(|(heading, record, fields)| {
            View::Record(RecordView {
                heading,
                record,
                fields,
            })
        }),
        any_text().prop_map(|text| View::Message(MessageView { text })),
        any_text().prop_map(|text| View::Text(TextView { text })),
        Just(View::Unknown),
    ]
}

fn any_sections() -> impl Strategy<Value = View> {
    let sections = prop::collection::vec(any_view(), 0..4);
    sections.prop_map(|sections| View::Sections(SectionsView { sections }))
}

proptest! {
    #[test]
    fn no_value_and_no_view_crashes_the_renderer_or_controls_the_terminal(value in any_value(), view in prop_oneof![any_view(), any_sections()]) {
        let plain = render(&value, Some(&view), Format::Console, &Style::default());
        // Only a text view keeps tabs.
        let tabs = if matches!(view, View::Text(_) | View::Sections(_)) { "\t" } else { "" };
        prop_assert!(is_harmless(&plain.replace(tabs, "")));
        prop_assert!(plain.is_empty() || plain.ends_with('\n'));
        let terminal = Style { color: true, hyperlinks: Some("https://cloud.seqera.io".into()), ..Style::default() };
        let styled = render(&value, Some(&view), Format::Console, &terminal);
        prop_assert_eq!(strip_own_sequences(&styled), plain);
    }

    #[test]
    fn json_parses_back_to_the_same_value(value in any_value()) {
        let text = render(&value, None, Format::Json, &Style::default());
        prop_assert!(is_harmless(&text));
        prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
