//! A view of a value as people read it.

use std::borrow::Cow;

use serde_json::Value;
use tw_plugin_protocol::{Column, MessageView, RecordView, TableView, TextView, View};

use crate::{
    Style, cell, generic, grid, link, sort,
    text::{visible, visible_document},
};

pub(crate) fn text(value: &Value, view: Option<&View>, style: &Style) -> String {
    match view {
        Some(View::Table(view)) => table(value, view, style),
        Some(View::Record(view)) => record(value, view, style),
        Some(View::Message(view)) => message(view, style),
        Some(View::Text(view)) => document(view),
        // The generic view is always one of those above.
        _ => generic::view(value).map_or_else(String::new, |view| text(value, Some(&view), style)),
    }
}

fn table(value: &Value, view: &TableView, style: &Style) -> String {
    let mut rows = rows(value, &view.rows);
    let columns = or_generic(&view.columns, || generic::columns(&rows));
    let heading = heading(&view.heading, style);
    if rows.is_empty() && !view.empty.is_empty() {
        return format!("{heading}    {}\n", visible(&view.empty));
    }
    if let Some(order) = &view.sort {
        sort::rows(&mut rows, &columns, order);
    }
    let titles = columns.iter().map(|column| title(column, style)).collect();
    let cells = rows
        .into_iter()
        .map(|row| {
            columns
                .iter()
                .map(|column| content(row, column, style))
                .collect()
        })
        .collect();
    format!("{heading}{}\n", grid::with_titles(titles, cells))
}

fn record(value: &Value, view: &RecordView, style: &Style) -> String {
    let record = value.pointer(&view.record).unwrap_or(&Value::Null);
    let fields = or_generic(&view.fields, || generic::fields(record));
    let cells = fields
        .iter()
        .map(|field| vec![title(field, style), content(record, field, style)])
        .collect();
    format!(
        "{}{}\n",
        heading(&view.heading, style),
        grid::without_titles(cells)
    )
}

fn message(view: &MessageView, style: &Style) -> String {
    format!("\n  {}\n\n", style.yellow(&visible(&view.text)))
}

/// The text, with a line feed at its end if it has any.
fn document(view: &TextView) -> String {
    let mut text = visible_document(&view.text).into_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// The view's text, indented, with a colon, between two empty lines; without one, the first of these lines alone.
fn heading(text: &str, style: &Style) -> String {
    if text.is_empty() {
        "\n".to_owned()
    } else {
        format!("\n  {}\n\n", style.bold(&format!("{}:", visible(text))))
    }
}

/// The rows that a pointer names: none where it leads nowhere, and a single one where it leads to something that isn't an array.
fn rows<'a>(value: &'a Value, pointer: &str) -> Vec<&'a Value> {
    match value.pointer(pointer) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(rows)) => rows.iter().collect(),
        Some(single) => vec![single],
    }
}

/// The view's columns; a view that names none shows what there is.
fn or_generic(columns: &[Column], generic: impl FnOnce() -> Vec<Column>) -> Cow<'_, [Column]> {
    if columns.is_empty() {
        generic().into()
    } else {
        columns.into()
    }
}

fn title(column: &Column, style: &Style) -> String {
    style.bold(&grid::fitted(visible(&column.title).into_owned()))
}

fn content(row: &Value, column: &Column, style: &Style) -> String {
    let text = grid::fitted(cell::shown(row, column));
    link::linked(
        text,
        column.link.as_deref(),
        row,
        style.hyperlinks.as_deref(),
    )
}
