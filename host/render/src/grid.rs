//! Lays out cells: column widths, padding, rule and indentation.

use std::borrow::Cow;

use comfy_table::{ContentArrangement, ContentLineStyle, LineStyle, Table, TableStyle};

use crate::link;

const INDENT: &str = "    ";
const RULE: LineStyle = LineStyle::none().fill('-').junction('+');
const CELLS: ContentLineStyle = ContentLineStyle::none().junction('|');
const LAYOUT: TableStyle = TableStyle::new().header_lines(CELLS).content_lines(CELLS);

/// comfy-table counts terminal columns in a `u16` and breaks a cell that is wider. A character takes at most three columns,
/// so this many characters always fit.
const MAX_CELL_CHARACTERS: usize = 16_000;

/// Cuts a text to the longest that fits a cell. The ellipsis marks the cut.
pub(crate) fn truncate(text: String) -> String {
    match text.char_indices().nth(MAX_CELL_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Renders the titles, the rule and the rows.
pub(crate) fn render_with_titles(titles: Vec<String>, rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table
        .load_style(LAYOUT.header_separator(RULE))
        .set_header(titles);
    render_lines(table, rows)
}

/// Renders the rule and the rows.
pub(crate) fn render_without_titles(rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(LAYOUT.top_border(RULE));
    render_lines(table, rows)
}

fn render_lines(mut table: Table, rows: Vec<Vec<String>>) -> String {
    // By default comfy-table asks the terminal for its width and wraps the cells to it.
    table
        .force_no_tty()
        .set_content_arrangement(ContentArrangement::Disabled);
    table.add_rows(rows);
    table
        .lines()
        .map(|line| format!("{INDENT}{}\n", strip_resets(&line)))
        .collect()
}

/// Removes the color reset that comfy-table adds after a hyperlink, which it takes for a color.
fn strip_resets(line: &str) -> Cow<'_, str> {
    if line.contains(link::END) {
        Cow::Owned(line.replace(&format!("{}\x1b[0m", link::END), link::END))
    } else {
        Cow::Borrowed(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_text_longer_than_the_limit_is_cut() {
        let longest = "é".repeat(MAX_CELL_CHARACTERS);
        assert_eq!(truncate(longest.clone()), longest);
        assert_eq!(truncate(format!("{longest}x")), format!("{longest}…"));
    }
}
