//! Fits the columns of a table to a terminal.

use tw_plugin_protocol::{Column, ColumnKind};

use crate::{
    cell::{DATE_AND_TIME, DATE_ONLY},
    grid::Grid,
};

/// The width to which a column of texts shrinks before another column is left out.
const NARROW: usize = 8;

/// Makes a grid as narrow as the terminal: shortens dates, then cuts the texts of the widest columns, and leaves out columns at the right. Identifiers are
/// never cut, because people copy them. `name` is the column that names a row.
pub(crate) fn fit(grid: &mut Grid, columns: &[Column], name: Option<usize>, terminal: usize) {
    let whole: Vec<usize> = grid.0.iter().map(|layout| layout.width).collect();
    shrink_dates(grid, columns, terminal, DATE_AND_TIME);
    shrink_texts(grid, columns, terminal, NARROW);
    shrink_dates(grid, columns, terminal, DATE_ONLY);
    hide_columns(grid, name, terminal);
    // The texts that are left have the room of the hidden columns.
    for ((layout, column), width) in grid.0.iter_mut().zip(columns).zip(whole) {
        if is_text(column) {
            layout.width = width;
        }
    }
    shrink_texts(grid, columns, terminal, 1);
}

fn shrink_dates(grid: &mut Grid, columns: &[Column], terminal: usize, width: usize) {
    if grid.width() > terminal {
        for (layout, column) in grid.0.iter_mut().zip(columns) {
            if column.kind == ColumnKind::Date {
                layout.width = layout.width.min(width);
            }
        }
    }
}

/// Cuts the widest column of texts, and again the widest one, until the grid fits or no column is wider than `least`.
fn shrink_texts(grid: &mut Grid, columns: &[Column], terminal: usize, least: usize) {
    loop {
        let excess = grid.width().saturating_sub(terminal);
        let mut widths: Vec<(usize, usize)> = (grid.0.iter().zip(columns).enumerate())
            .filter(|(_, (layout, column))| layout.is_shown && is_text(column))
            .map(|(at, (layout, _))| (layout.width, at))
            .collect();
        widths.sort_unstable();
        let Some((widest, at)) = widths
            .pop()
            .filter(|(width, _)| excess > 0 && *width > least)
        else {
            return;
        };
        // One column narrower than the next one, so that the next one is the widest then.
        let next = widths
            .last()
            .map_or(0, |(width, _)| width.saturating_sub(1));
        let width = widest.saturating_sub(excess).max(next).max(least);
        grid.0[at].width = width.min(widest - 1);
    }
}

fn is_text(column: &Column) -> bool {
    !matches!(column.kind, ColumnKind::Integer | ColumnKind::Date) && !is_identifier(column)
}

/// True for a field such as `id` or `workflowId`, whose values can be texts.
fn is_identifier(column: &Column) -> bool {
    let name = column.field.rsplit('/').next().unwrap_or_default();
    name.eq_ignore_ascii_case("id") || name.ends_with("Id")
}

/// Leaves out the last columns until the grid fits. The first column stays, and so does the name unless only one column fits.
fn hide_columns(grid: &mut Grid, name: Option<usize>, terminal: usize) {
    while grid.width() > terminal {
        let shown = |at: &usize| grid.0[*at].is_shown;
        let mut last = (1..grid.0.len()).rev().filter(shown);
        match last.find(|at| Some(*at) != name) {
            Some(at) => grid.0[at].is_shown = false,
            None => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::Layout;

    const KINDS: [ColumnKind; 5] = [
        ColumnKind::Integer,
        ColumnKind::Text,
        ColumnKind::Date,
        ColumnKind::Date,
        ColumnKind::Text,
    ];

    /// Returns the widths of the columns that are shown, and the width of the whole table.
    fn fit_widths(widths: [usize; 5], terminal: usize) -> (Vec<usize>, usize) {
        let columns = KINDS.map(|kind| Column {
            kind,
            ..Default::default()
        });
        let mut grid = Grid(widths.map(Layout::new).to_vec());
        fit(&mut grid, &columns, Some(1), terminal);
        let shown = grid.0.iter().filter(|layout| layout.is_shown);
        (shown.map(|layout| layout.width).collect(), grid.width())
    }

    #[test]
    fn a_table_that_fits_is_not_changed() {
        let widths = [13, 10, 29, 29, 4];
        assert_eq!(fit_widths(widths, 103), (widths.to_vec(), 103));
    }

    #[test]
    fn dates_are_shortened_before_texts_are_cut() {
        assert_eq!(fit_widths([13, 10, 29, 29, 4], 80).0, [13, 10, 16, 16, 4]);
        assert_eq!(
            fit_widths([13, 80, 29, 29, 4], 80),
            (vec![13, 13, 16, 16, 4], 80)
        );
    }

    #[test]
    fn the_widest_texts_are_cut_first() {
        assert_eq!(
            fit_widths([4, 90, 16, 16, 100], 100),
            (vec![4, 23, 16, 16, 23], 100)
        );
        assert_eq!(fit_widths([4, 90, 16, 16, 12], 100).0[4], 12);
    }

    #[test]
    fn a_table_fits_every_terminal_that_has_room_for_its_first_column() {
        for widths in [[4, 50, 29, 29, 4], [13, 1, 29, 29, 90], [19, 8, 29, 1, 200]] {
            for terminal in 0..250 {
                let (shown, width) = fit_widths(widths, terminal);
                assert_eq!(shown[0], widths[0]);
                // The identifier, the beginning of the name, and the mark of the hidden columns.
                let least = 4 + (widths[0] + 2) + (1 + 3) + (1 + 3);
                assert!(
                    width <= terminal.max(least),
                    "{widths:?} {terminal}: {shown:?}"
                );
            }
        }
    }

    #[test]
    fn an_identifier_that_is_a_text_is_not_cut() {
        let column = |field: &str| Column {
            field: field.to_owned(),
            ..Default::default()
        };
        let columns = [column("/run/workflowId"), column("/grid")];
        let mut grid = Grid([22, 22].map(Layout::new).to_vec());
        fit(&mut grid, &columns, None, 40);
        assert_eq!((grid.0[0].width, grid.0[1].width), (22, 9));
    }

    #[test]
    fn columns_are_left_out_where_nothing_else_helps() {
        assert_eq!(
            fit_widths([13, 50, 29, 29, 4], 60),
            (vec![13, 8, 10, 10], 60)
        );
        assert_eq!(fit_widths([13, 50, 29, 29, 4], 40), (vec![13, 14], 40));
        assert_eq!(fit_widths([13, 50, 29, 29, 4], 20).0, [13, 1]);
        assert_eq!(fit_widths([5, 50, 29, 29, 4], 20).1, 20);
    }
}
