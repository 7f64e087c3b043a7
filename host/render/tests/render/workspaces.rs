//! The tables of the `workspaces` and `organizations` commands, and their hyperlinks on a terminal.

use serde_json::{Value, json};
use tw_plugin_protocol::{Column, ColumnKind, Sort, TableView, View};
use tw_render::{Format, Style};

use crate::{mark_line_ends, render};

fn table(heading: &str, rows: &str, empty: &str, columns: &[(&str, &str)], link: &str) -> View {
    let columns = columns
        .iter()
        .enumerate()
        .map(|(at, (title, field))| Column {
            title: (*title).into(),
            field: (*field).into(),
            kind: ColumnKind::Text,
            link: (at == 0).then(|| link.into()),
            ..Column::default()
        });
    View::Table(TableView {
        heading: heading.into(),
        rows: rows.into(),
        columns: columns.collect(),
        empty: empty.into(),
        sort: Some(Sort {
            as_text: true,
            ..Default::default()
        }),
        ..Default::default()
    })
}

fn workspaces() -> View {
    table(
        "Workspaces for jordi user",
        "/workspaces",
        "No workspaces found",
        &[
            ("Workspace ID", "/workspaceId"),
            ("Workspace Name", "/workspaceName"),
            ("Organization Name", "/orgName"),
            ("Organization ID", "/orgId"),
        ],
        "/orgs/{/orgName}/workspaces/{/workspaceName}/launchpad",
    )
}

fn organizations() -> View {
    table(
        "Organizations for jordi user",
        "/organizations",
        "No organizations found",
        &[("ID", "/orgId"), ("Name", "/orgName")],
        "/orgs/{/orgName}/workspaces",
    )
}

fn value() -> Value {
    json!({"userName": "jordi", "workspaces": [
        {"orgId": 27736513644467_i64, "orgName": "Org 1", "workspaceId": 75887156211589_i64, "workspaceName": "Wörk/1"},
        {"orgId": 27736513644467_i64, "orgName": "Org 1", "workspaceId": 75887156211590_i64, "workspaceName": "w2"},
    ]})
}

fn console(value: &Value, view: &View) -> String {
    render(value, Some(view), Format::Console, &Style::default())
}

const SERVER: &str = "https://cloud.seqera.io";

#[test]
fn workspaces_are_a_plain_table_without_hyperlinks() {
    let text = console(&value(), &workspaces());
    insta::assert_snapshot!(mark_line_ends(&text));
}

#[test]
fn an_identifier_is_a_hyperlink_on_a_terminal_and_keeps_its_width() {
    let style = Style {
        color: false,
        hyperlinks: Some(SERVER.into()),
        ..Style::default()
    };
    let text = render(&value(), Some(&workspaces()), Format::Console, &style);
    let row = text.lines().nth(5).unwrap();
    assert_eq!(
        row,
        concat!(
            "     \x1b]8;;https://cloud.seqera.io/orgs/Org%201/workspaces/W%C3%B6rk%2F1/launchpad\x1b\\75887156211589\x1b]8;;\x1b\\",
            " | Wörk/1         | Org 1             | 27736513644467  ",
        )
    );
}

#[test]
fn hyperlinks_leave_the_columns_aligned() {
    let view = table("", "", "", &[("Name", "/name"), ("B", "/b")], "/x/{/name}");
    let rows = json!([{"name": "a", "b": 1}, {"name": "漢字漢字", "b": 2}, {"name": "long name here", "b": 3}, {"b": 4}]);
    let linked = Style {
        color: true,
        hyperlinks: Some(SERVER.into()),
        ..Style::default()
    };
    let text = render(&rows, Some(&view), Format::Console, &linked);
    let mut plain = text
        .replace("\x1b]8;;\x1b\\", "")
        .replace("\x1b[1m", "")
        .replace("\x1b[0m", "");
    while let Some(start) = plain.find("\x1b]8;;") {
        let end = start + plain[start..].find("\x1b\\").unwrap() + 2;
        plain.replace_range(start..end, "");
    }
    assert_eq!(plain, console(&rows, &view));
    assert_eq!(
        text.matches("\x1b]8;;https").count(),
        3,
        "a row without a name has no link"
    );
}

#[test]
fn an_empty_list_says_what_was_not_found() {
    let none = json!({"userName": "jordi", "workspaces": [], "organizations": []});
    assert_eq!(
        console(&none, &workspaces()),
        "\n  Workspaces for jordi user:\n\n    No workspaces found\n"
    );
    assert_eq!(
        console(&none, &organizations()),
        "\n  Organizations for jordi user:\n\n    No organizations found\n"
    );
}

#[test]
fn organizations_are_a_table_of_two_columns() {
    let one = json!({"organizations": [{"orgId": 9, "orgName": "Acme", "orgLogoUrl": null}]});
    assert_eq!(
        console(&one, &organizations()),
        "\n  Organizations for jordi user:\n\n     ID | Name \n    ----+------\n     9  | Acme \n\n"
    );
}

#[test]
fn an_empty_cell_has_no_hyperlink() {
    let view = table("", "", "", &[("Name", "/name"), ("B", "/b")], "/x/{/b}");
    let rows = json!([{"name": "", "b": 1}]);
    let style = Style {
        color: false,
        hyperlinks: Some(SERVER.into()),
        ..Style::default()
    };
    assert_eq!(
        render(&rows, Some(&view), Format::Console, &style),
        console(&rows, &view)
    );
}
