//! Infers a view from the shape of a value that has no view, or a view that this version does not know.

use std::collections::HashSet;

use tw_plugin_protocol::{Column, MessageView, RecordView, TableView, View};

use crate::{Value, cell, value::escape_token};

/// Nobody can read a wider table on a terminal, and a hostile server could send rows with millions of fields.
const MAX_COLUMNS: usize = 50;

/// Infers a view from a value. Returns `None` for null and for an object without fields.
pub(crate) fn infer_view(value: &Value) -> Option<View> {
    match value {
        Value::Null => None,
        Value::Array(_) => Some(View::Table(TableView {
            empty: "Nothing found".to_owned(),
            ..Default::default()
        })),
        Value::Object(fields) if fields.is_empty() => None,
        Value::Object(_) => Some(View::Record(RecordView::default())),
        scalar => Some(View::Message(MessageView {
            text: cell::render_value(scalar),
            ..Default::default()
        })),
    }
}

/// Returns a column for each field, in order of appearance, that holds a scalar in at least one row. Rows that are not objects
/// share one column titled `Value`.
pub(crate) fn infer_columns(rows: &[&Value]) -> Vec<Column> {
    let mut seen = HashSet::new();
    let mut columns = Vec::new();
    let mut has_value_column = false;
    for row in rows {
        match row {
            Value::Object(fields) => {
                for (name, value) in fields {
                    if !value.is_nested() && seen.insert(name.as_str()) {
                        columns.push(column_for(name));
                    }
                }
            }
            _ if !has_value_column => {
                has_value_column = true;
                columns.push(Column {
                    title: "Value".to_owned(),
                    ..Default::default()
                });
            }
            _ => {}
        }
        if columns.len() >= MAX_COLUMNS {
            break;
        }
    }
    columns.truncate(MAX_COLUMNS);
    columns
}

/// Returns a column for each field of an object, nested fields included. A value that is not an object gets one column.
pub(crate) fn infer_fields(value: &Value) -> Vec<Column> {
    match value {
        Value::Object(fields) => fields.keys().map(|name| column_for(name)).collect(),
        _ => infer_columns(&[value]),
    }
}

fn column_for(name: &str) -> Column {
    Column {
        title: name.to_owned(),
        field: format!("/{}", escape_token(name)),
        ..Default::default()
    }
}
