//! The console and JSON output of the `secrets` commands.

use serde_json::{Value, json};
use tw_plugin_protocol::{Column, ColumnKind, MessageView, RecordView, Sort, TableView, View};
use tw_render::{Format, Style};

use crate::{mark_line_ends, render};

fn column(title: &str, field: &str, kind: ColumnKind) -> Column {
    Column {
        title: title.into(),
        field: field.into(),
        kind,
        ..Column::default()
    }
}

fn columns() -> Vec<Column> {
    vec![
        column("ID", "/id", ColumnKind::Integer),
        column("Name", "/name", ColumnKind::Text),
        column("Created", "/dateCreated", ColumnKind::Date),
        column("Updated", "/lastUpdated", ColumnKind::Date),
        column("Used", "/lastUsed", ColumnKind::Date),
    ]
}

fn list(reference: &str) -> View {
    View::Table(TableView {
        heading: format!("Secrets at {reference} workspace"),
        rows: "/secrets".into(),
        columns: columns(),
        empty: "No secrets found".into(),
        sort: Some(Sort {
            column: 0,
            as_text: true,
            descending: false,
        }),
        name: Some(1),
        ..Default::default()
    })
}

fn secret(id: i64, name: &str) -> Value {
    json!({
        "id": id,
        "name": name,
        "dateCreated": "2022-10-05T12:42:21Z",
        "lastUpdated": "2022-10-25T13:21:15Z",
    })
}

fn console(value: &Value, view: &View) -> String {
    render(value, Some(view), Format::Console, &Style::default())
}

fn message(text: &str) -> String {
    console(
        &json!({}),
        &View::Message(MessageView { text: text.into() }),
    )
}

#[test]
fn a_list_is_the_table_of_the_existing_cli() {
    let value = json!({"workspaceRef": "user", "secrets": [secret(5002114781502, "name01")]});
    let text = console(&value, &list("user"));
    insta::assert_snapshot!(mark_line_ends(&text));
}

#[test]
fn rows_sort_by_the_text_of_the_identifier() {
    let value = json!({"secrets": [secret(9, "nine"), secret(10, "ten"), secret(100, "hundred")]});
    let text = console(&value, &list("user"));
    let names: Vec<&str> = text
        .lines()
        .skip(5)
        .filter_map(|line| line.split(" | ").nth(1))
        .collect();
    assert_eq!(names, ["ten    ", "hundred", "nine   "]);
}

#[test]
fn an_empty_list_has_no_closing_empty_line() {
    for value in [json!({"secrets": []}), json!({"secrets": null}), json!({})] {
        assert_eq!(
            console(&value, &list("[Acme / Research]")),
            "\n  Secrets at [Acme / Research] workspace:\n\n    No secrets found\n"
        );
    }
}

#[test]
fn one_secret_is_a_table_without_titles() {
    let view = View::Record(RecordView {
        heading: "Secret at user workspace".into(),
        record: "/secret".into(),
        fields: columns(),
    });
    let value = json!({"workspaceRef": "user", "secret": secret(5002114781502, "name01")});
    insta::assert_snapshot!(mark_line_ends(&console(&value, &view)));
}

#[test]
fn a_change_is_reported_in_one_line() {
    assert_eq!(
        message("New secret 'name01' (7) added at user workspace"),
        "\n  New secret 'name01' (7) added at user workspace\n\n"
    );
    assert_eq!(
        message("Secret 'name01' deleted at [Acme / Research] workspace"),
        "\n  Secret 'name01' deleted at [Acme / Research] workspace\n\n"
    );
    assert_eq!(
        message("Secret 'name01' updated at user workspace"),
        "\n  Secret 'name01' updated at user workspace\n\n"
    );
}

#[test]
fn json_keeps_the_order_of_the_keys_and_ignores_view_and_style() {
    let value = json!({
        "workspaceRef": "user",
        "secrets": [{"id": 7, "name": "a", "lastUsed": "2022-10-05T12:42:21Z", "dateCreated": "2022-10-05T12:42:21Z"}],
        "none": [],
        "unset": null,
    });
    let terminal = Style {
        color: true,
        hyperlinks: Some("https://cloud.seqera.io".into()),
        ..Style::default()
    };
    let text = render(&value, Some(&list("user")), Format::Json, &terminal);
    insta::assert_snapshot!(mark_line_ends(&text));
    assert_eq!(render(&value, None, Format::Json, &Style::default()), text);
}
