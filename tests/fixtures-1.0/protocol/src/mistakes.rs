//! Mistakes of a view: JSON pointers that match nothing in the value, which look like an empty table or an empty column.

use crate::{Column, Json, TableView, View};

/// Returns one message for each JSON pointer of the view that matches nothing. The subject of each message is the plugin: "it shows …". A message
/// contains texts of the view as they are, so it may contain control characters.
///
/// A pointer to the rows of a table or to a record must match. The pointer of a column must match in at least one row, unless the table has no rows or
/// the column is optional. A field of a record may be missing. A pointer below `null` counts as a match, because `null` means that the object is missing.
/// Each view of sections is checked.
///
/// ```
/// use serde_json::json;
/// use tw_plugin_protocol::{TableView, View, find_mistakes};
///
/// let view = View::Table(TableView { rows: "/pets".into(), ..Default::default() });
/// assert!(find_mistakes(&json!({ "pets": [] }), &view).is_empty());
/// assert_eq!(
///     find_mistakes(&json!({ "cats": [] }), &view),
///     ["it takes the rows of its table from `/pets`, and its result has nothing there"],
/// );
/// ```
pub fn find_mistakes<J: Json>(value: &J, view: &View) -> Vec<String> {
    let nothing_at = |what: &str, pointer: &str| {
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
            let mut check = ColumnCheck::new(table);
            let rows = value.find(&table.rows).and_then(Json::items);
            check.add(rows.unwrap_or_default());
            check.find_mistakes()
        }
        View::Record(record) => {
            let fields = record.fields.iter();
            fields.filter_map(find_malformed).collect()
        }
        View::Sections(sections) => {
            let sections = sections.sections.iter();
            sections
                .flat_map(|section| find_mistakes(value, section))
                .collect()
        }
        View::Message(_) | View::Text(_) | View::Unknown => Vec::new(),
    }
}

/// Checks the columns of a table whose rows come in pieces, by the rules of [`find_mistakes`].
#[derive(Debug)]
pub struct ColumnCheck {
    /// The columns that no row has had so far.
    missing: Vec<Column>,
    has_rows: bool,
}

impl ColumnCheck {
    /// Begins the check of a table without rows.
    pub fn new(table: &TableView) -> Self {
        Self {
            missing: table.columns.clone(),
            has_rows: false,
        }
    }

    /// Checks more rows.
    pub fn add<J: Json>(&mut self, rows: &[J]) {
        self.has_rows |= !rows.is_empty();
        self.missing
            .retain(|column| !rows.iter().any(|row| row.reaches(&column.field)));
    }

    /// Returns one message for each column whose pointer matched in no row.
    pub fn find_mistakes(&self) -> Vec<String> {
        let columns = self.missing.iter();
        columns
            .filter_map(|column| {
                let is_mistake = self.has_rows && !column.optional;
                find_malformed(column).or_else(|| is_mistake.then(|| no_row_has(column)))
            })
            .collect()
    }
}

fn no_row_has(column: &Column) -> String {
    format!(
        "its column `{}` shows `{}`, which no row of its result has",
        column.title, column.field
    )
}

/// Refuses a pointer that matches nothing in any value.
fn find_malformed(column: &Column) -> Option<String> {
    let is_pointer = column.field.is_empty() || column.field.starts_with('/');
    (!is_pointer).then(|| {
        format!(
            "its column `{}` shows `{}`, which is not a JSON pointer: a JSON pointer begins with a slash",
            column.title, column.field
        )
    })
}
