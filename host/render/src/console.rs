//! Renders a value and its view for the console.

use std::borrow::Cow;

use tw_plugin_protocol::{
    Column, MessageView, RecordView, SectionsView, TableView, TextView, View,
};

use crate::{
    Style, Value,
    cells::{self, Cells},
    field, generic,
    grid::{self, Grid, Layout},
    select, sort,
    text::{visible, visible_document},
};

pub(crate) fn render(value: &Value, view: Option<&View>, style: &Style) -> String {
    match view {
        Some(View::Table(view)) => render_table(value, view, style),
        Some(View::Record(view)) => render_record(value, view, style),
        Some(View::Message(view)) => render_message(view, style),
        Some(View::Text(view)) => render_text(view, style),
        Some(View::Sections(view)) if has_known(view) => render_sections(value, view, style),
        // The inferred view is neither `View::Unknown` nor `View::Sections`, so this recursion ends.
        _ => generic::infer_view(value)
            .map_or_else(String::new, |view| render(value, Some(&view), style)),
    }
}

/// True if this version knows one of the views.
fn has_known(view: &SectionsView) -> bool {
    let mut sections = view.sections.iter();
    sections.any(|section| !matches!(section, View::Unknown))
}

/// Renders the views one below the other, with one empty line between them. Leaves out unknown views.
fn render_sections(value: &Value, view: &SectionsView, style: &Style) -> String {
    let sections = view.sections.iter();
    let known = sections.filter(|section| !matches!(section, View::Unknown));
    known.fold(String::new(), |mut text, section| {
        let section = render(value, Some(section), style);
        let section = match (text.is_empty(), text.ends_with("\n\n")) {
            (true, _) => &*section,
            (_, true) => section.strip_prefix('\n').unwrap_or(&section),
            _ => {
                if !section.starts_with('\n') {
                    text.push('\n');
                }
                &section
            }
        };
        text + section
    })
}

fn render_table(value: &Value, view: &TableView, style: &Style) -> String {
    let mut rows = find_rows(value, &view.rows);
    let columns = columns_or_else(&view.columns, || generic::infer_columns(&rows));
    if rows.is_empty() && !view.empty.is_empty() {
        return render_empty(view, style);
    }
    if let Some(order) = &view.sort {
        sort::sort_rows(&mut rows, &columns, order);
    }
    let named = name_of(view, &columns);
    let columns = select::choose(columns, style);
    let cells = Cells::render(&rows, &columns);
    let grid = cells.lay_out(&columns, named, style);
    let mut text = render_head(view, &columns, &grid, style);
    cells.push_to(&mut text, &rows, &columns, &grid, style);
    text + &render_end(view, style)
}

/// Returns the field of the column that names a row, as the view says it.
pub(crate) fn name_of(view: &TableView, columns: &[Column]) -> Option<String> {
    let at = usize::try_from(view.name?).ok()?;
    Some(columns.get(at)?.field.clone())
}

/// Renders a table without rows.
pub(crate) fn render_empty(view: &TableView, style: &Style) -> String {
    if style.rows_only {
        return String::new();
    }
    let footer = match view.footer.is_empty() {
        true => String::new(),
        false => render_end(view, style),
    };
    format!(
        "{}    {}\n{footer}",
        render_heading(&view.heading, style),
        visible(&view.empty),
    )
}

/// Renders what stands below the rows of a table: an empty line, or the footer between two empty lines.
pub(crate) fn render_end(view: &TableView, style: &Style) -> String {
    match view.footer.is_empty() {
        _ if style.rows_only => String::new(),
        true => "\n".to_owned(),
        false => format!("\n    {}\n\n", visible(&view.footer)),
    }
}

/// Renders what stands above the rows of a table.
pub(crate) fn render_head(
    view: &TableView,
    columns: &[Column],
    grid: &Grid,
    style: &Style,
) -> String {
    if style.rows_only {
        return String::new();
    }
    let mut text = render_heading(&view.heading, style);
    let titles: Vec<String> = columns.iter().map(render_title).collect();
    grid.push_row(&mut text, &titles, |_, title| Some(style.bold(title)));
    grid.push_rule(&mut text);
    text
}

fn render_record(value: &Value, view: &RecordView, style: &Style) -> String {
    let record = value.pointer(&view.record).unwrap_or(&Value::Null);
    let fields = columns_or_else(&view.fields, || generic::infer_fields(record));
    let fields = select::choose(fields, style);
    let titles: Vec<String> = fields.iter().map(render_title).collect();
    let widest = titles.iter().map(|title| grid::width(title)).max();
    let widest = widest.unwrap_or_default();
    let room = style.width.map(|terminal| {
        let titles = Grid(vec![Layout::new(widest), Layout::new(0)]).width();
        usize::from(terminal).saturating_sub(titles)
    });
    let texts: Vec<String> = fields
        .iter()
        .map(|field| {
            let text = cells::render_text(record, field, grid::MAX_CELL_CHARACTERS);
            room.map_or(text.clone(), |room| field::wrap_lines(&text, room))
        })
        .collect();
    let lines = texts.iter().flat_map(|text| text.split('\n'));
    let width = lines.map(grid::width).max().unwrap_or_default();
    let grid = Grid(vec![Layout::new(widest), Layout::new(width)]);
    let mut text = String::new();
    if !style.rows_only {
        text = render_heading(&view.heading, style);
        grid.push_rule(&mut text);
    }
    for ((title, value), field) in titles.iter().zip(&texts).zip(&*fields) {
        grid.push_row(&mut text, &[title, value], |at, line| match at {
            0 => Some(style.bold(line)),
            _ => cells::decorate(line, record, field, style),
        });
    }
    text + if style.rows_only { "" } else { "\n" }
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
pub(crate) fn find_rows<'a>(value: &'a Value, pointer: &str) -> Vec<&'a Value> {
    match value.pointer(pointer) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(rows)) => rows.iter().collect(),
        Some(single) => vec![single],
    }
}

/// Returns the view's columns, or the inferred ones if the view has none.
pub(crate) fn columns_or_else(
    columns: &[Column],
    infer: impl FnOnce() -> Vec<Column>,
) -> Cow<'_, [Column]> {
    if columns.is_empty() {
        infer().into()
    } else {
        columns.into()
    }
}

fn render_title(column: &Column) -> String {
    let title = visible(&column.title).into_owned();
    grid::truncate(title, grid::MAX_CELL_CHARACTERS)
}
