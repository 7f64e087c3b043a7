//! Renders a value and its view for the console.

use std::borrow::Cow;

use tw_plugin_protocol::{Column, MessageView, RecordView, TableView, TextView, View};

use crate::{
    Style, Value, cell, generic, grid, link, sort,
    text::{visible, visible_document},
};

pub(crate) fn render(value: &Value, view: Option<&View>, style: &Style) -> String {
    match view {
        Some(View::Table(view)) => render_table(value, view, style),
        Some(View::Record(view)) => render_record(value, view, style),
        Some(View::Message(view)) => render_message(view, style),
        Some(View::Text(view)) => render_text(view, style),
        // The inferred view is never `View::Unknown`, so this recursion ends.
        _ => generic::infer_view(value)
            .map_or_else(String::new, |view| render(value, Some(&view), style)),
    }
}

fn render_table(value: &Value, view: &TableView, style: &Style) -> String {
    let mut rows = find_rows(value, &view.rows);
    let columns = columns_or_else(&view.columns, || generic::infer_columns(&rows));
    let heading = render_heading(&view.heading, style);
    if rows.is_empty() && !view.empty.is_empty() {
        return format!("{heading}    {}\n", visible(&view.empty));
    }
    if let Some(order) = &view.sort {
        sort::sort_rows(&mut rows, &columns, order);
    }
    let titles = columns
        .iter()
        .map(|column| render_title(column, style))
        .collect();
    let cells = rows
        .into_iter()
        .map(|row| {
            columns
                .iter()
                .map(|column| render_cell(row, column, style))
                .collect()
        })
        .collect();
    format!("{heading}{}\n", grid::render_with_titles(titles, cells))
}

fn render_record(value: &Value, view: &RecordView, style: &Style) -> String {
    let record = value.pointer(&view.record).unwrap_or(&Value::Null);
    let fields = columns_or_else(&view.fields, || generic::infer_fields(record));
    let cells = fields
        .iter()
        .map(|field| {
            vec![
                render_title(field, style),
                render_cell(record, field, style),
            ]
        })
        .collect();
    format!(
        "{}{}\n",
        render_heading(&view.heading, style),
        grid::render_without_titles(cells)
    )
}

fn render_message(view: &MessageView, style: &Style) -> String {
    format!("\n  {}\n\n", style.yellow(&visible(&view.text)))
}

/// Adds the final line feed if the text lacks it. The empty text stays empty.
fn render_text(view: &TextView, style: &Style) -> String {
    let mut text = match style.raw_text {
        true => view.text.clone(),
        false => visible_document(&view.text).into_owned(),
    };
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// Renders the heading between two empty lines. An empty heading becomes one empty line.
fn render_heading(text: &str, style: &Style) -> String {
    if text.is_empty() {
        "\n".to_owned()
    } else {
        format!("\n  {}\n\n", style.bold(&format!("{}:", visible(text))))
    }
}

/// Returns the elements of the array at `pointer`. Any other value there counts as a single row, except null.
fn find_rows<'a>(value: &'a Value, pointer: &str) -> Vec<&'a Value> {
    match value.pointer(pointer) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(rows)) => rows.iter().collect(),
        Some(single) => vec![single],
    }
}

/// Returns the view's columns, or the inferred ones if the view has none.
fn columns_or_else(columns: &[Column], infer: impl FnOnce() -> Vec<Column>) -> Cow<'_, [Column]> {
    if columns.is_empty() {
        infer().into()
    } else {
        columns.into()
    }
}

fn render_title(column: &Column, style: &Style) -> String {
    style.bold(&grid::truncate(visible(&column.title).into_owned()))
}

fn render_cell(row: &Value, column: &Column, style: &Style) -> String {
    let text = grid::truncate(cell::render(row, column));
    link::add_link(
        text,
        column.link.as_deref(),
        row,
        style.hyperlinks.as_deref(),
    )
}
