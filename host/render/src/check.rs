//! Finds mistakes of a view: JSON pointers that match nothing in the value, which look like an empty table or an empty column.

use tw_plugin_protocol::{Column, View};

use crate::{Value, text::visible};

/// Returns one message for each JSON pointer of the view that matches nothing. The subject of each message is the plugin: "it shows …".
///
/// A pointer to the rows of a table or to a record must match. The pointer of a column must match in at least one row, unless the table has no rows or
/// the column is optional. A field of a record may be missing. A pointer below `null` counts as a match, because `null` means that the object is missing.
///
/// ```
/// use serde_json::json;
/// use tw_plugin_protocol::{TableView, View};
/// use tw_render::{Value, find_mistakes};
///
/// let view = View::Table(TableView { rows: "/pets".into(), ..Default::default() });
/// assert!(find_mistakes(&Value::from(&json!({ "pets": [] })), &view).is_empty());
/// assert_eq!(
///     find_mistakes(&Value::from(&json!({ "cats": [] })), &view),
///     ["it takes the rows of its table from `/pets`, and its result has nothing there"],
/// );
/// ```
pub fn find_mistakes(value: &Value, view: &View) -> Vec<String> {
    let nothing_at = |what: &str, pointer: &str| {
        let pointer = visible(pointer);
        vec![format!(
            "it takes {what} from `{pointer}`, and its result has nothing there"
        )]
    };
    match view {
        View::Table(table) if !value.reaches(&table.rows) => {
            nothing_at("the rows of its table", &table.rows)
        }
        View::Record(record) if !value.reaches(&record.record) => {
            nothing_at("its record", &record.record)
        }
        View::Table(table) => {
            let rows = match value.pointer(&table.rows) {
                Some(Value::Array(rows)) => &rows[..],
                _ => &[],
            };
            let columns = table.columns.iter();
            columns
                .filter_map(|column| find_mistake(column, rows))
                .collect()
        }
        View::Record(record) => {
            let fields = record.fields.iter();
            fields.filter_map(find_malformed).collect()
        }
        _ => Vec::new(),
    }
}

fn find_mistake(column: &Column, rows: &[Value]) -> Option<String> {
    let is_right =
        column.optional || rows.is_empty() || rows.iter().any(|row| row.reaches(&column.field));
    find_malformed(column).or_else(|| {
        (!is_right).then(|| {
            format!(
                "its column `{}` shows `{}`, which no row of its result has",
                visible(&column.title),
                visible(&column.field)
            )
        })
    })
}

/// Refuses a pointer that matches nothing in any value.
fn find_malformed(column: &Column) -> Option<String> {
    let is_pointer = column.field.is_empty() || column.field.starts_with('/');
    (!is_pointer).then(|| {
        format!(
            "its column `{}` shows `{}`, which is not a JSON pointer: a JSON pointer begins with a slash",
            visible(&column.title),
            visible(&column.field)
        )
    })
}
