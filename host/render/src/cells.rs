//! The cells of a table: their texts, their widths, and their colors and links.

use tw_plugin_protocol::{Alignment, Column, Status};

use crate::{
    Style, Value, cell, fit,
    grid::{self, Grid, Layout},
    link,
    text::visible,
};

/// The texts of the cells of a table, row by row.
pub(crate) struct Cells {
    /// The texts of all cells in one string. A string for each cell would take several times the memory.
    text: String,
    /// The place of the end of each cell in the text.
    ends: Vec<usize>,
    /// The width of the widest line in each column.
    widths: Vec<usize>,
}

impl Cells {
    /// Renders the cells of rows.
    pub(crate) fn render(rows: &[&Value], columns: &[Column]) -> Self {
        let most = grid::most_characters(rows.len());
        let mut cells = Self {
            text: String::new(),
            ends: Vec::with_capacity(rows.len() * columns.len()),
            widths: vec![0; columns.len()],
        };
        for row in rows {
            for (column, width) in columns.iter().zip(&mut cells.widths) {
                let text = render_text(row, column, most);
                for line in text.split('\n') {
                    *width = grid::width(line).max(*width);
                }
                cells.text.push_str(&text);
                cells.ends.push(cells.text.len());
            }
        }
        cells
    }

    /// Returns the layouts of the columns: as wide as the widest cell or title, or as the terminal allows. `named` is the field of the column that names a
    /// row.
    pub(crate) fn lay_out(&self, columns: &[Column], named: Option<String>, style: &Style) -> Grid {
        lay_out(columns, &self.widths, named, style)
    }

    /// Appends the rows to a text. `rows` and `columns` are those that were rendered.
    pub(crate) fn push_to(
        &self,
        out: &mut String,
        rows: &[&Value],
        columns: &[Column],
        grid: &Grid,
        style: &Style,
    ) {
        out.reserve(rows.len() * (grid.width() + 1));
        let mut begin = 0;
        let mut ends = self.ends.iter();
        let mut texts: Vec<&str> = Vec::with_capacity(columns.len());
        for row in rows {
            texts.clear();
            for end in ends.by_ref().take(columns.len()) {
                texts.push(&self.text[begin..*end]);
                begin = *end;
            }
            push_row(out, row, &texts, columns, grid, style);
        }
    }
}

/// Returns the layouts of columns whose cells have at most these widths.
pub(crate) fn lay_out(
    columns: &[Column],
    widths: &[usize],
    named: Option<String>,
    style: &Style,
) -> Grid {
    let layout = |(column, width): (&Column, &usize)| {
        let title = grid::width(&visible(&column.title)).min(grid::MAX_CELL_CHARACTERS);
        Layout {
            is_right: column.align == Alignment::Right,
            ..Layout::new(title.max(*width))
        }
    };
    let mut grid = Grid(columns.iter().zip(widths).map(layout).collect());
    if let Some(terminal) = style.width {
        let name = named.and_then(|field| columns.iter().position(|column| column.field == field));
        fit::fit(&mut grid, columns, name, terminal.into());
    }
    grid
}

/// Appends a row whose cells have these texts.
fn push_row(
    out: &mut String,
    row: &Value,
    texts: &[&str],
    columns: &[Column],
    grid: &Grid,
    style: &Style,
) {
    let is_short = |(layout, text): (&Layout, &&str)| grid::width(text) <= layout.width;
    let shorten_dates = style.width.is_some() && !grid.0.iter().zip(texts).all(is_short);
    let decorate = |at: usize, line: &str| decorate(line, row, &columns[at], style);
    if shorten_dates {
        let texts: Vec<String> = (texts.iter().zip(columns).zip(&grid.0))
            .map(|((text, column), layout)| {
                let short = cell::shorten_date(row, column, layout.width);
                short.unwrap_or_else(|| (*text).to_owned())
            })
            .collect();
        grid.push_row(out, &texts, decorate);
    } else {
        grid.push_row(out, texts, decorate);
    }
}

/// Renders rows that come in pieces, in a grid that doesn't depend on them.
pub(crate) fn render_rows(
    rows: &[Value],
    columns: &[Column],
    grid: &Grid,
    style: &Style,
) -> String {
    let mut text = String::new();
    for row in rows {
        let texts: Vec<String> = columns
            .iter()
            .map(|column| render_text(row, column, grid::MAX_CELL_CHARACTERS))
            .collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        push_row(&mut text, row, &texts, columns, grid, style);
    }
    text
}

/// Renders the text of a cell. `most` is the number of characters that the cell may have.
pub(crate) fn render_text(row: &Value, column: &Column, most: usize) -> String {
    let text = grid::truncate(cell::render(row, column), most);
    match max_width(column) {
        Some(width) if text.lines().any(|line| grid::width(line) > width) => {
            let lines: Vec<_> = text
                .split('\n')
                .map(|line| grid::cut(line, width))
                .collect();
            lines.join("\n")
        }
        _ => text,
    }
}

/// Adds the color and the link of a cell to one of its lines. `None` if it has neither.
pub(crate) fn decorate(line: &str, row: &Value, column: &Column, style: &Style) -> Option<String> {
    let is_colored = style.color && !column.statuses.is_empty();
    let is_linked = style.hyperlinks.is_some() && column.link.is_some();
    (is_colored || is_linked).then(|| {
        link::add_link(
            render_status(line, cell::status(row, column), style),
            column.link.as_deref(),
            row,
            style.hyperlinks.as_deref(),
        )
    })
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
pub(crate) fn max_width(column: &Column) -> Option<usize> {
    let width = usize::try_from(column.max_width?).unwrap_or(usize::MAX);
    Some(width.clamp(1, grid::MAX_CELL_CHARACTERS))
}
