//! Writes cells whose widths are known: padding, rule and indentation.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

const INDENT: &str = "    ";
/// The title and the cells of the column that stands for the columns that a narrow terminal has no room for.
const MORE: &str = "…";

/// No terminal shows a longer cell.
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
    // A character takes at least one byte.
    if text.len() <= most {
        return text;
    }
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Returns the number of terminal columns that a line takes.
pub(crate) fn width(line: &str) -> usize {
    match line.is_ascii() {
        true => line.len(),
        false => line.width(),
    }
}

/// Cuts a line to this number of terminal columns. The ellipsis marks the cut.
pub fn cut(line: &str, most: usize) -> Cow<'_, str> {
    if width(line) <= most {
        return line.into();
    }
    let mut used = 0;
    let kept = line.graphemes(true).take_while(|grapheme| {
        used += grapheme.width();
        used < most
    });
    let length: usize = kept.map(str::len).sum();
    format!("{}…", &line[..length]).into()
}

/// The layout of a column.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) is_right: bool,
    /// The number of terminal columns of the texts.
    pub(crate) width: usize,
    /// False if the terminal has no room for the column.
    pub(crate) is_shown: bool,
}

impl Layout {
    /// Makes the layout of a column whose texts have at most this width. An empty column has the width of a blank.
    pub(crate) fn new(width: usize) -> Self {
        Self {
            is_right: false,
            width: width.max(1),
            is_shown: true,
        }
    }
}

/// The layouts of the columns of a table.
#[derive(Debug, Clone, Default)]
pub(crate) struct Grid(pub(crate) Vec<Layout>);

impl Grid {
    /// Returns the number of terminal columns that a line takes.
    pub(crate) fn width(&self) -> usize {
        let shown = self.0.iter().filter(|layout| layout.is_shown);
        let (count, widths) = shown.fold((0, 0), |(count, sum), layout| {
            (count + 1, sum + layout.width)
        });
        let more = usize::from(self.hides_columns());
        // Each cell has a blank on both sides, and a bar stands between two cells.
        INDENT.len() + widths + more + 3 * (count + more) - usize::from(count > 0)
    }

    fn hides_columns(&self) -> bool {
        self.0.iter().any(|layout| !layout.is_shown)
    }

    /// Appends the rule.
    pub(crate) fn push_rule(&self, out: &mut String) {
        let shown = self.0.iter().filter(|layout| layout.is_shown);
        let more = self.hides_columns().then_some(1);
        out.push_str(INDENT);
        for (at, width) in shown.map(|layout| layout.width).chain(more).enumerate() {
            out.push_str(if at > 0 { "+" } else { "" });
            out.extend(std::iter::repeat_n('-', width + 2));
        }
        out.push('\n');
    }

    /// Appends a row of texts, each of which may have several lines. `decorate` adds colors and links to a line of a column; they take no terminal
    /// columns.
    pub(crate) fn push_row<T: AsRef<str>>(
        &self,
        out: &mut String,
        texts: &[T],
        decorate: impl Fn(usize, &str) -> Option<String>,
    ) {
        let lines = |text: &T| text.as_ref().bytes().filter(|byte| *byte == b'\n').count() + 1;
        let height = texts.iter().map(lines).max().unwrap_or(1);
        for number in 0..height {
            out.push_str(INDENT);
            let mut is_first = true;
            for (at, (layout, text)) in self.0.iter().zip(texts).enumerate() {
                if !layout.is_shown {
                    continue;
                }
                out.push_str(if is_first { " " } else { "| " });
                is_first = false;
                let text = text.as_ref();
                let line = match height {
                    1 => text,
                    _ => text.split('\n').nth(number).unwrap_or_default(),
                };
                push_cell(out, line, layout, |line| decorate(at, line));
                out.push(' ');
            }
            if self.hides_columns() {
                out.push_str(if is_first { " " } else { "| " });
                out.push_str(MORE);
                out.push(' ');
            }
            out.push('\n');
        }
    }
}

/// Appends a line of a cell, cut and padded to the width of its column.
fn push_cell(
    out: &mut String,
    line: &str,
    layout: &Layout,
    decorate: impl Fn(&str) -> Option<String>,
) {
    let line = cut(line, layout.width);
    let blanks = std::iter::repeat_n(' ', layout.width.saturating_sub(width(&line)));
    if layout.is_right {
        out.extend(blanks.clone());
    }
    match decorate(&line) {
        Some(decorated) => out.push_str(&decorated),
        None => out.push_str(&line),
    }
    if !layout.is_right {
        out.extend(blanks);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_grid_knows_how_wide_its_lines_are() {
        let layout = |width: usize, is_shown| Layout {
            is_shown,
            ..Layout::new(width)
        };
        for layouts in [
            vec![],
            vec![layout(3, true)],
            vec![layout(3, true), layout(1, true), layout(12, true)],
            vec![layout(3, true), layout(5, false), layout(12, false)],
        ] {
            let grid = Grid(layouts);
            let texts = ["漢", "é", "twelve chars"];
            let mut text = String::new();
            grid.push_rule(&mut text);
            grid.push_row(&mut text, &texts[..grid.0.len()], |_, _| None);
            for line in text.lines() {
                assert_eq!(line.width(), grid.width(), "{grid:?} {line:?}");
            }
        }
    }
}
