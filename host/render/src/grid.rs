//! Lays out cells: column widths, padding, rule and indentation.

use std::borrow::Cow;

use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, ContentLineStyle, LineStyle, Table,
    TableStyle, Width,
};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::link;

const INDENT: &str = "    ";
const RULE: LineStyle = LineStyle::none().fill('-').junction('+');
const CELLS: ContentLineStyle = ContentLineStyle::none().junction('|');
/// The blanks on both sides of a cell.
const PADDING: usize = 2;
const LAYOUT: TableStyle = TableStyle::new().header_lines(CELLS).content_lines(CELLS);

/// comfy-table counts terminal columns in a `u16` and breaks a cell that is wider. A character takes at most three columns,
/// so this many characters always fit.
pub(crate) const MAX_CELL_CHARACTERS: usize = 16_000;

/// The number of characters that all cells of a column may have together if each is as long as the longest: a single long cell makes the others wide.
const MOST_IN_COLUMN: usize = 1 << 20;
/// The number of characters that a cell may always have.
const MOST_IN_LARGE_TABLE: usize = 200;

/// Returns the number of characters that a cell of a table with this number of rows may have.
pub(crate) fn most_characters(rows: usize) -> usize {
    (MOST_IN_COLUMN / rows.max(1)).clamp(MOST_IN_LARGE_TABLE, MAX_CELL_CHARACTERS)
}

/// Cuts a text to this number of characters. The ellipsis marks the cut.
pub(crate) fn truncate(text: String, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Returns the number of terminal columns that a line takes.
pub(crate) fn width(line: &str) -> usize {
    line.width()
}

/// Cuts a line to this number of terminal columns. The ellipsis marks the cut.
pub(crate) fn cut(line: &str, width: usize) -> Cow<'_, str> {
    if line.width() <= width {
        return line.into();
    }
    let mut used = 0;
    let kept = line.graphemes(true).take_while(|grapheme| {
        used += grapheme.width();
        used < width
    });
    let length: usize = kept.map(str::len).sum();
    format!("{}…", &line[..length]).into()
}

/// The lines of a cell.
pub(crate) type Cell = Vec<String>;

/// The layout of a column.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layout {
    pub(crate) is_right: bool,
    /// The number of terminal columns. `None` if the widest cell determines it.
    pub(crate) width: Option<usize>,
}

/// Renders the titles, the rule and the rows.
pub(crate) fn render_with_titles(
    titles: Vec<String>,
    rows: Vec<Vec<Cell>>,
    layouts: &[Layout],
    width: Option<u16>,
) -> String {
    let mut table = Table::new();
    table
        .load_style(LAYOUT.header_separator(RULE))
        .set_header(titles);
    wrap(&mut table, width);
    render_lines(table, rows, layouts)
}

/// Renders the rule and the rows.
pub(crate) fn render_without_titles(rows: Vec<Vec<Cell>>, width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(LAYOUT.top_border(RULE));
    wrap(&mut table, width);
    render_lines(table, rows, &[])
}

/// Makes a table wrap its cells to a terminal of this width, or never.
fn wrap(table: &mut Table, width: Option<u16>) {
    let arrangement = match width {
        Some(_) => ContentArrangement::Dynamic,
        None => ContentArrangement::Disabled,
    };
    table.set_content_arrangement(arrangement);
    if let Some(width) = width {
        table.set_width(width.saturating_sub(INDENT.len() as u16));
    }
}

/// Renders the rows alone.
pub(crate) fn render_rows(rows: Vec<Vec<Cell>>, layouts: &[Layout]) -> String {
    let mut table = Table::new();
    table.load_style(LAYOUT);
    wrap(&mut table, None);
    render_lines(table, rows, layouts)
}

fn render_lines(mut table: Table, rows: Vec<Vec<Cell>>, layouts: &[Layout]) -> String {
    // By default comfy-table asks the terminal for its width.
    table.force_no_tty();
    table.add_rows(rows.into_iter().flat_map(split_row));
    for (column, layout) in table.column_iter_mut().zip(layouts) {
        if layout.is_right {
            column.set_cell_alignment(CellAlignment::Right);
        }
        if let Some(width) = layout.width {
            let padded = u16::try_from(width + PADDING).unwrap_or(u16::MAX);
            column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(padded)));
        }
    }
    table
        .lines()
        .map(|line| format!("{INDENT}{}\n", strip_resets(&line)))
        .collect()
}

/// Splits a row into its lines. comfy-table would repeat the hyperlink of a cell's first line in the others.
fn split_row(mut row: Vec<Cell>) -> Vec<Vec<String>> {
    let height = row.iter().map(Vec::len).max().unwrap_or_default();
    let line = |at: usize| {
        let cells = row.iter_mut().map(|cell| cell.get_mut(at));
        cells
            .map(|line| line.map(std::mem::take).unwrap_or_default())
            .collect()
    };
    (0..height).map(line).collect()
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
    fn a_cell_is_wrapped_to_the_width_of_the_terminal() {
        let text = format!("Useful{:62}Publisher | seqera (RWQx)", "");
        let cells = || {
            let cell = |text: &str| vec![text.to_owned()];
            vec![
                vec![cell("Description"), cell(&text)],
                vec![cell("Publisher"), cell("acme")],
            ]
        };
        assert!(render_without_titles(cells(), None).contains(&text));
        let wrapped = render_without_titles(cells(), Some(80));
        assert!(wrapped.lines().all(|line| line.width() <= 80), "{wrapped}");
        let fields = wrapped
            .lines()
            .filter(|line| line.starts_with("     Publisher"));
        assert_eq!(fields.count(), 1, "{wrapped}");
        assert!(wrapped.contains("(RWQx)"), "{wrapped}");
    }

    #[test]
    fn only_a_text_longer_than_the_limit_is_cut() {
        let longest = "é".repeat(MAX_CELL_CHARACTERS);
        let truncate = |text| truncate(text, most_characters(65));
        assert_eq!(truncate(longest.clone()), longest);
        assert_eq!(truncate(format!("{longest}x")), format!("{longest}…"));
    }

    #[test]
    fn the_cells_of_a_large_table_are_cut_earlier() {
        assert_eq!(most_characters(0), MAX_CELL_CHARACTERS);
        assert_eq!(most_characters(3000), 349);
        assert_eq!(most_characters(1_000_000), MOST_IN_LARGE_TABLE);
    }

    #[test]
    fn a_line_is_cut_by_the_terminal_columns_that_it_takes() {
        for (line, width, expected) in [
            ("abc", 3, "abc"),
            ("abcd", 3, "ab…"),
            ("漢字", 4, "漢字"),
            ("漢字漢", 5, "漢字…"),
            ("漢字漢", 4, "漢…"),
            ("e\u{301}te\u{301}s", 3, "e\u{301}t…"),
            ("a👩\u{200d}👩\u{200d}👧b", 3, "a…"),
            ("a👩\u{200d}👩\u{200d}👧b", 4, "a👩\u{200d}👩\u{200d}👧b"),
            ("ab", 1, "…"),
            ("", 1, ""),
        ] {
            assert_eq!(cut(line, width), expected, "{line} {width}");
        }
    }
}
