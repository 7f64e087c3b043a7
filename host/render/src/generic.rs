//! A view for a value that came without one, or with one that this version doesn't know: by the value's own shape.

use std::collections::HashSet;

use serde_json::Value;
use tw_plugin_protocol::{Column, MessageView, RecordView, TableView, View};

use crate::cell;

/// The most columns of a table whose rows say what they are: a table that is wider is of no use to anybody.
const MOST_COLUMNS: usize = 50;

/// The view that the shape of the value suggests; none for null and for an object without fields.
pub(crate) fn view(value: &Value) -> Option<View> {
    match value {
        Value::Null => None,
        Value::Array(_) => Some(View::Table(TableView {
            empty: "Nothing found".to_owned(),
            ..Default::default()
        })),
        Value::Object(fields) if fields.is_empty() => None,
        Value::Object(_) => Some(View::Record(RecordView::default())),
        scalar => Some(View::Message(MessageView {
            text: cell::plain(scalar),
        })),
    }
}

/// A column for each field that is not nested in at least one of the rows, in the order in which they appear; and one for
/// the rows that aren't objects.
pub(crate) fn columns(rows: &[&Value]) -> Vec<Column> {
    let mut seen = HashSet::new();
    let mut columns = Vec::new();
    let mut scalar = false;
    for row in rows {
        match row {
            Value::Object(fields) => {
                for (name, value) in fields {
                    if !value.is_array() && !value.is_object() && seen.insert(name.as_str()) {
                        columns.push(field(name));
                    }
                }
            }
            _ if !scalar => {
                scalar = true;
                columns.push(Column {
                    title: "Value".to_owned(),
                    ..Default::default()
                });
            }
            _ => {}
        }
        if columns.len() >= MOST_COLUMNS {
            break;
        }
    }
    columns.truncate(MOST_COLUMNS);
    columns
}

/// A field of a record for each of the object's own; one for a value that isn't an object.
pub(crate) fn fields(value: &Value) -> Vec<Column> {
    match value {
        Value::Object(fields) => fields.keys().map(|name| field(name)).collect(),
        _ => columns(&[value]),
    }
}

fn field(name: &str) -> Column {
    Column {
        title: name.to_owned(),
        field: format!("/{}", name.replace('~', "~0").replace('/', "~1")),
        ..Default::default()
    }
}
