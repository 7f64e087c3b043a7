//! Renders rows for programs, one row after the other: JSON lines, CSV and TSV. The values are those of the JSON, not the texts of the console.

use std::borrow::Cow;

use tw_plugin_protocol::{Column, View, pointer_tokens};

use crate::{Format, Style, Value, console, generic, json, select, text::visible};

/// Renders a value as lines of this format.
pub(crate) fn render(value: &Value, view: Option<&View>, format: Format, style: &Style) -> String {
    if format == Format::JsonLines && style.columns.is_none() {
        return match find_table(value, view) {
            Some((rows, columns)) => render_rows(rows, &columns, format, style),
            None => json::render_line(value),
        };
    }
    match find_table(value, view).or_else(|| find_single_row(value, view)) {
        Some((rows, columns)) => {
            let columns = select::choose(columns, style);
            render_head(&columns, format, style) + &render_rows(rows, &columns, format, style)
        }
        None => String::new(),
    }
}

/// Returns the rows and the columns that a user can choose from: those of the lines, or on the console those of the view's first table or record. `None`
/// if the format shows neither.
pub(crate) fn find_columns<'a>(
    value: &'a Value,
    view: Option<&'a View>,
    format: Format,
) -> Option<Found<'a>> {
    let is_inferred = matches!(view, None | Some(View::Unknown));
    let has_record = || match is_inferred {
        true => matches!(value, Value::Object(_)),
        false => format != Format::Console || find_record(value, view).is_some(),
    };
    find_table(value, view).or_else(|| match has_record() {
        true => find_single_row(value, view),
        false => None,
    })
}

pub(crate) type Found<'a> = (Vec<&'a Value>, Cow<'a, [Column]>);

/// Returns the rows and the columns of the view's first table. A value whose view shows no part of it is a table if it is an array.
pub(crate) fn find_table<'a>(value: &'a Value, view: Option<&'a View>) -> Option<Found<'a>> {
    match view {
        Some(View::Table(view)) => {
            let rows = console::find_rows(value, &view.rows);
            let columns = console::columns_or_else(&view.columns, || generic::infer_columns(&rows));
            Some((rows, columns))
        }
        Some(View::Sections(view)) => {
            let mut sections = view.sections.iter();
            sections.find_map(|section| find_table(value, Some(section)))
        }
        Some(View::Record(_) | View::Message(_) | View::Text(_)) => None,
        _ => match value {
            Value::Array(rows) => {
                let rows: Vec<&Value> = rows.iter().collect();
                let columns = generic::infer_columns(&rows);
                Some((rows, columns.into()))
            }
            _ => None,
        },
    }
}

/// Returns the view's first record as a table of one row. Without a record, the whole value is the row.
fn find_single_row<'a>(value: &'a Value, view: Option<&'a View>) -> Option<Found<'a>> {
    let (row, fields) = find_record(value, view).unwrap_or((value, &[]));
    let fields = console::columns_or_else(fields, || generic::infer_fields(row));
    let is_empty = matches!(row, Value::Null) || fields.is_empty();
    (!is_empty).then_some((vec![row], fields))
}

pub(crate) fn find_record<'a>(
    value: &'a Value,
    view: Option<&'a View>,
) -> Option<(&'a Value, &'a [Column])> {
    match view? {
        View::Record(view) => Some((value.pointer(&view.record)?, &view.fields)),
        View::Sections(view) => {
            let mut sections = view.sections.iter();
            sections.find_map(|section| find_record(value, Some(section)))
        }
        _ => None,
    }
}

/// Renders the line with the names of the fields, which JSON lines don't have.
pub(crate) fn render_head(columns: &[Column], format: Format, style: &Style) -> String {
    match format {
        // A line without fields would be a line with one empty field.
        Format::Csv | Format::Tsv if !columns.is_empty() && !style.rows_only => {
            let names = columns.iter().map(name).collect();
            render_fields([names], format, style)
        }
        _ => String::new(),
    }
}

pub(crate) fn render_rows<'a>(
    rows: impl IntoIterator<Item = &'a Value>,
    columns: &[Column],
    format: Format,
    style: &Style,
) -> String {
    let rows = rows.into_iter();
    match format {
        Format::Csv | Format::Tsv => {
            let fields = |row: &'a Value| {
                let fields = columns.iter().map(|column| row.pointer(&column.field));
                fields.map(|field| field.map_or(Cow::Borrowed(""), raw_text))
            };
            render_fields(rows.map(|row| fields(row).collect()), format, style)
        }
        _ if style.columns.is_some() => rows
            .map(|row| json::render_line(&project(row, columns)))
            .collect(),
        _ => rows.map(json::render_line).collect(),
    }
}

/// Returns an object with the fields of these columns, by the names of the fields. A missing field stays missing.
fn project(row: &Value, columns: &[Column]) -> Value {
    let fields = columns.iter().filter_map(|column| {
        let field = row.pointer(&column.field)?;
        Some((name(column).into_owned(), field.clone()))
    });
    Value::Object(fields.collect())
}

/// Returns the name of a column's field: `id` for `/id`, `workspace.id` for `/workspace/id`. A column that shows the whole row has its title as its name.
pub(crate) fn name(column: &Column) -> Cow<'_, str> {
    let tokens: Vec<String> = pointer_tokens(&column.field).map_or(Vec::new(), Iterator::collect);
    match tokens.is_empty() {
        true => (&*column.title).into(),
        false => tokens.join(".").into(),
    }
}

/// Returns a value as a field has it: a text as it is, null as the empty text, everything else as JSON on one line.
pub(crate) fn raw_text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => "".into(),
        Value::String(text) => text.into(),
        other => other.to_string().into(),
    }
}

fn render_fields<'a>(
    rows: impl IntoIterator<Item = Vec<Cow<'a, str>>>,
    format: Format,
    style: &Style,
) -> String {
    let rows = rows.into_iter();
    match format {
        Format::Csv => render_csv(rows.map(|row| {
            let fields = row.into_iter();
            fields.map(|field| safe(field, style)).collect()
        })),
        _ => rows.map(|row| render_tsv_line(&row, style)).collect(),
    }
}

/// Renders lines as RFC 4180 specifies them: each ends in a carriage return and a line feed.
fn render_csv<'a>(rows: impl Iterator<Item = Vec<Cow<'a, str>>>) -> String {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        // A write into memory never fails.
        let _ = writer.write_record(row.iter().map(|field| field.as_bytes()));
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

/// Renders a line of fields between tabs. A tab, a line end and a backslash in a field are escaped, so that each row is one line.
pub(crate) fn render_tsv_line(row: &[Cow<'_, str>], style: &Style) -> String {
    let escape = |field: &Cow<'_, str>| {
        if !field.contains(['\\', '\t', '\n', '\r']) {
            return safe(field.as_ref().into(), style).into_owned();
        }
        let escaped = field
            .replace('\\', "\\\\")
            .replace('\t', "\\t")
            .replace('\n', "\\n")
            .replace('\r', "\\r");
        safe(escaped.into(), style).into_owned()
    };
    row.iter().map(escape).collect::<Vec<_>>().join("\t") + "\n"
}

/// Replaces control characters on a terminal.
fn safe<'a>(text: Cow<'a, str>, style: &Style) -> Cow<'a, str> {
    match style.raw_text {
        true => text,
        false => visible(&text).into_owned().into(),
    }
}
