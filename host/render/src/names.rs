//! Renders the names of rows, one on each line.

use std::borrow::Cow;

use tw_plugin_protocol::{Column, TableView, View, pointer_tokens};

use crate::{Style, Value, console, generic, lines, value::escape_token};

/// Renders the names of the rows of the view's first table, or the name of its record, or the name of a value that has neither. A text without a name is
/// rendered as nothing, because its fields were made for programs that know them.
pub(crate) fn render(value: &Value, view: Option<&View>, style: &Style) -> String {
    if let Some(View::Table(view)) = find_table(view) {
        let rows = console::find_rows(value, &view.rows);
        let columns = console::columns_or_else(&view.columns, || generic::infer_columns(&rows));
        return render_rows(rows, find(view, &columns), style);
    }
    if let Some((rows, columns)) = lines::find_table(value, view) {
        return render_rows(rows, name_column(&columns), style);
    }
    let (row, field) = match lines::find_record(value, view) {
        Some((row, fields)) => {
            let fields = console::columns_or_else(fields, || generic::infer_fields(row));
            (row, name_column(&fields).cloned())
        }
        None => (
            value,
            name_field(value, !matches!(view, Some(View::Text(_)))),
        ),
    };
    match field {
        Some(field) => render_rows([row], Some(&field), style),
        None => String::new(),
    }
}

/// Renders the names of rows, which stand in this column.
pub(crate) fn render_rows<'a>(
    rows: impl IntoIterator<Item = &'a Value>,
    column: Option<&Column>,
    style: &Style,
) -> String {
    let name = |row: &'a Value| column.and_then(|column| row.pointer(&column.field));
    rows.into_iter()
        .map(|row| {
            let name = name(row).map_or(Cow::Borrowed(""), lines::raw_text);
            lines::render_tsv_line(&[name], style)
        })
        .collect()
}

/// Returns the column of a table that names a row: the one that the view says. Otherwise, see [`name_column`].
pub(crate) fn find<'a>(view: &TableView, columns: &'a [Column]) -> Option<&'a Column> {
    let named = view.name.and_then(|at| usize::try_from(at).ok());
    let named = named.and_then(|at| columns.get(at));
    named.or_else(|| name_column(columns))
}

/// Returns the first table of a view.
fn find_table(view: Option<&View>) -> Option<&View> {
    match view? {
        table @ View::Table(_) => Some(table),
        View::Sections(view) => {
            let mut sections = view.sections.iter();
            sections.find(|section| matches!(section, View::Table(_)))
        }
        _ => None,
    }
}

/// Returns the column of the field `name`, or else of the first field whose name ends so, such as `secretName`, or else the first column.
fn name_column(columns: &[Column]) -> Option<&Column> {
    named_column(columns).or_else(|| columns.first())
}

fn named_column(columns: &[Column]) -> Option<&Column> {
    let last = |column: &Column| {
        let tokens = pointer_tokens(&column.field)?;
        Some(tokens.last()?.to_lowercase())
    };
    let is_name = |column: &&Column| last(column).is_some_and(|token| token == "name");
    let ends_so = |column: &&Column| last(column).is_some_and(|token| token.ends_with("name"));
    let mut by_name = columns.iter();
    let found = by_name.find(is_name);
    found.or_else(|| columns.iter().find(ends_so))
}

/// Returns the field that names a value without a table or a record, by the rule of [`name_column`]. The fields of its objects count too, because the
/// result of a change often is `{"secret": {"name": …}}`. Without a field for the name, the first field counts only if `can_be_first`, and never if it is a
/// boolean.
fn name_field(value: &Value, can_be_first: bool) -> Option<Column> {
    let mut fields = Vec::new();
    collect_scalars(value, "", 2, &mut fields);
    let first = fields
        .iter()
        .find(|field| can_be_first && !matches!(value.pointer(&field.field), Some(Value::Bool(_))));
    named_column(&fields).or(first).cloned()
}

/// Collects the fields with texts, numbers and booleans, those of the value before those of the objects in it.
fn collect_scalars(value: &Value, pointer: &str, depth: usize, fields: &mut Vec<Column>) {
    let Value::Object(object) = value else {
        if !value.is_nested() && !matches!(value, Value::Null) {
            fields.push(column(pointer.to_owned()));
        }
        return;
    };
    let below = |name: &str| format!("{pointer}/{}", escape_token(name));
    let (nested, scalars): (Vec<_>, Vec<_>) =
        object.iter().partition(|(_, field)| field.is_nested());
    for (name, field) in scalars {
        collect_scalars(field, &below(name), depth, fields);
    }
    if depth > 1 {
        for (name, field) in nested {
            collect_scalars(field, &below(name), depth - 1, fields);
        }
    }
}

fn column(field: String) -> Column {
    Column {
        field,
        ..Default::default()
    }
}
