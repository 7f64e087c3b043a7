//! Renders a value and its view for the console.

use std::borrow::Cow;

use tw_plugin_protocol::{
    Alignment, Column, MessageView, RecordView, SectionsView, Status, TableView, TextView, View,
};

use crate::{
    Style, Value, cell, generic,
    grid::{self, Cell, Layout},
    link, sort,
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
    let text = render_heading(&view.heading, style);
    let titles = render_titles(&columns, style);
    let most = grid::most_characters(rows.len());
    let table = match style.width {
        Some(_) => {
            let layouts: Vec<Layout> = columns.iter().map(layout).collect();
            let cells = render_cells(rows, &columns, style, most);
            grid::render_with_titles(titles, cells, &layouts, style.width)
        }
        None => {
            let layouts = measure_columns(&rows, &columns, most);
            let head = grid::render_with_titles(titles, Vec::new(), &layouts, None);
            // The cells of a part are dropped before the next part: they take ten times the memory of their text.
            rows.chunks(PART).fold(head, |text, part| {
                let cells = render_cells(part.iter().copied(), &columns, style, most);
                text + &grid::render_rows(cells, &layouts)
            })
        }
    };
    text + &table + &render_end(view)
}

/// The number of rows whose cells are in memory at once.
const PART: usize = 1000;

/// Returns the layout of each column, as wide as its widest cell.
fn measure_columns(rows: &[&Value], columns: &[Column], most: usize) -> Vec<Layout> {
    let plain = Style::default();
    let measure = |column: &Column| {
        let title = grid::width(&render_title(column, &plain));
        let lines = rows
            .iter()
            .flat_map(|row| render_cell(row, column, &plain, most));
        Layout {
            width: lines.map(|line| grid::width(&line)).chain([title]).max(),
            ..layout(column)
        }
    };
    columns.iter().map(measure).collect()
}

/// Renders a table without rows.
pub(crate) fn render_empty(view: &TableView, style: &Style) -> String {
    let footer = match view.footer.is_empty() {
        true => String::new(),
        false => render_end(view),
    };
    format!(
        "{}    {}\n{footer}",
        render_heading(&view.heading, style),
        visible(&view.empty),
    )
}

/// Renders what stands below the rows of a table: an empty line, or the footer between two empty lines.
pub(crate) fn render_end(view: &TableView) -> String {
    match view.footer.is_empty() {
        true => "\n".to_owned(),
        false => format!("\n    {}\n\n", visible(&view.footer)),
    }
}

/// Renders what stands above the rows of a table whose columns have these layouts.
pub(crate) fn render_head(view: &TableView, layouts: &[Layout], style: &Style) -> String {
    let titles = render_titles(&view.columns, style);
    let heading = render_heading(&view.heading, style);
    heading + &grid::render_with_titles(titles, Vec::new(), layouts, None)
}

/// Returns the layout of each column of a table whose rows are not all known. `None` if the width of a column depends on its cells.
pub(crate) fn fixed_layouts(columns: &[Column]) -> Option<Vec<Layout>> {
    let fixed = |column: &Column| {
        let title = grid::width(&render_title(column, &Style::default()));
        Some(Layout {
            width: Some(max_width(column)?.max(title)),
            ..layout(column)
        })
    };
    let layouts: Option<Vec<Layout>> = columns.iter().map(fixed).collect();
    layouts.filter(|layouts| !layouts.is_empty())
}

fn layout(column: &Column) -> Layout {
    Layout {
        is_right: column.align == Alignment::Right,
        width: None,
    }
}

/// Renders the cells of rows. `most` is the number of characters that a cell may have.
pub(crate) fn render_cells<'a>(
    rows: impl IntoIterator<Item = &'a Value>,
    columns: &[Column],
    style: &Style,
    most: usize,
) -> Vec<Vec<Cell>> {
    let render_row = |row| {
        let columns = columns.iter();
        columns
            .map(|column| render_cell(row, column, style, most))
            .collect()
    };
    rows.into_iter().map(render_row).collect()
}

fn render_record(value: &Value, view: &RecordView, style: &Style) -> String {
    let record = value.pointer(&view.record).unwrap_or(&Value::Null);
    let fields = columns_or_else(&view.fields, || generic::infer_fields(record));
    let cells = fields
        .iter()
        .map(|field| {
            vec![
                vec![render_title(field, style)],
                render_cell(record, field, style, grid::MAX_CELL_CHARACTERS),
            ]
        })
        .collect();
    format!(
        "{}{}\n",
        render_heading(&view.heading, style),
        grid::render_without_titles(cells, style.width)
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

fn render_titles(columns: &[Column], style: &Style) -> Vec<String> {
    let columns = columns.iter();
    columns.map(|column| render_title(column, style)).collect()
}

fn render_title(column: &Column, style: &Style) -> String {
    let title = visible(&column.title).into_owned();
    style.bold(&grid::truncate(title, grid::MAX_CELL_CHARACTERS))
}

fn render_cell(row: &Value, column: &Column, style: &Style, most: usize) -> Cell {
    let status = cell::status(row, column);
    let text = grid::truncate(cell::render(row, column), most);
    let render_line = |line: &str| {
        let line = match max_width(column) {
            Some(width) => grid::cut(line, width),
            None => line.into(),
        };
        link::add_link(
            render_status(&line, status, style),
            column.link.as_deref(),
            row,
            style.hyperlinks.as_deref(),
        )
    };
    text.split('\n').map(render_line).collect()
}

fn render_status(text: &str, status: Status, style: &Style) -> String {
    match status {
        Status::Good => style.green(text),
        Status::Warning => style.yellow(text),
        Status::Bad => style.red(text),
        _ => text.to_owned(),
    }
}

/// Returns the number of terminal columns that a line of a cell may take. A cut text needs one for its ellipsis.
fn max_width(column: &Column) -> Option<usize> {
    let width = usize::try_from(column.max_width?).unwrap_or(usize::MAX);
    Some(width.clamp(1, grid::MAX_CELL_CHARACTERS))
}
