//! The table of cells: widths, padding, rule and indentation.

use std::borrow::Cow;

use comfy_table::{ContentArrangement, ContentLineStyle, LineStyle, Table, TableStyle};

use crate::link;

const INDENT: &str = "    ";
const RULE: LineStyle = LineStyle::none().fill('-').junction('+');
const CELLS: ContentLineStyle = ContentLineStyle::none().junction('|');
const LAYOUT: TableStyle = TableStyle::new().header_lines(CELLS).content_lines(CELLS);

/// The layout counts columns in 16 bits and would break a cell that doesn't fit. No character takes more than three columns.
const LONGEST_CELL: usize = 16_000;

/// The text as long as a cell can be; what is cut off is told by an ellipsis.
pub(crate) fn fitted(text: String) -> String {
    match text.char_indices().nth(LONGEST_CELL) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// A table with titles: the titles, the rule, the rows.
pub(crate) fn with_titles(titles: Vec<String>, rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table
        .load_style(LAYOUT.header_separator(RULE))
        .set_header(titles);
    lines(table, rows)
}

/// A table without titles: the rule, the rows.
pub(crate) fn without_titles(rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(LAYOUT.top_border(RULE));
    lines(table, rows)
}

fn lines(mut table: Table, rows: Vec<Vec<String>>) -> String {
    // Otherwise the layout would ask the terminal for its width.
    table
        .force_no_tty()
        .set_content_arrangement(ContentArrangement::Disabled);
    table.add_rows(rows);
    table
        .lines()
        .map(|line| format!("{INDENT}{}\n", without_resets(&line)))
        .collect()
}

/// The layout takes a link for a colour and resets it after its end, which is not needed.
fn without_resets(line: &str) -> Cow<'_, str> {
    if line.contains(link::END) {
        Cow::Owned(line.replace(&format!("{}\x1b[0m", link::END), link::END))
    } else {
        Cow::Borrowed(line)
    }
}
