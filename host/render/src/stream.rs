//! Renders a table whose rows come in pieces, without keeping them.

use std::borrow::Cow;

use tw_plugin_protocol::TableView;

use crate::{
    Format, Style, UnknownColumn, Value, cells, console, grid::Grid, lines, names, select,
};

/// A table whose rows are rendered piece by piece, in the order in which they come.
///
/// ```
/// use serde_json::json;
/// use tw_plugin_protocol::{Column, TableView};
/// use tw_render::{Format, Style, TableStream, Value};
///
/// let column = Column { title: "ID".into(), field: "/id".into(), ..Default::default() };
/// let view = TableView { columns: vec![column], ..Default::default() };
/// let mut stream = TableStream::new(&view, Format::Tsv, &Style::default()).unwrap();
/// assert_eq!(stream.push(&[Value::from(&json!({ "id": 5 }))]), "id\n5\n");
/// assert_eq!(stream.push(&[Value::from(&json!({ "id": 6 }))]), "6\n");
/// assert_eq!(stream.end(), "");
/// ```
#[derive(Debug)]
pub struct TableStream {
    view: TableView,
    format: Format,
    style: Style,
    /// The layouts of the columns on the console.
    grid: Grid,
    /// True if the text above the rows was rendered.
    has_begun: bool,
}

impl TableStream {
    /// Checks that each chosen column exists, if the view says which columns there are.
    ///
    /// # Errors
    /// A name that no column has.
    pub fn check_columns(view: &TableView, style: &Style) -> Result<(), UnknownColumn> {
        match view.columns.is_empty() {
            true => Ok(()),
            false => select::check(&view.columns, style),
        }
    }

    /// Begins a table. Returns `None` if the table can be rendered only when all rows are known: as JSON or YAML, in a format with columns if the view has
    /// none, and on the console unless every column has a [`max_width`](tw_plugin_protocol::Column::max_width).
    pub fn new(view: &TableView, format: Format, style: &Style) -> Option<Self> {
        let columns = select::choose(Cow::Borrowed(&view.columns), style);
        let grid = match format {
            Format::Json | Format::Yaml => return None,
            Format::JsonLines if style.columns.is_none() => Grid::default(),
            _ if view.columns.is_empty() => return None,
            Format::Console => {
                let widths = columns.iter().map(cells::max_width);
                let widths: Vec<usize> = widths.collect::<Option<_>>()?;
                let named = console::name_of(view, &view.columns);
                cells::lay_out(&columns, &widths, named, style)
            }
            _ => Grid::default(),
        };
        let mut shown = view.clone();
        shown.columns = match format {
            Format::Names => names::find(view, &view.columns)
                .cloned()
                .into_iter()
                .collect(),
            _ => columns.into_owned(),
        };
        Some(Self {
            view: shown,
            format,
            style: style.clone(),
            grid,
            has_begun: false,
        })
    }

    /// Renders more rows. The first rows come with the text above them.
    pub fn push(&mut self, rows: &[Value]) -> String {
        if rows.is_empty() {
            return String::new();
        }
        let head = match std::mem::replace(&mut self.has_begun, true) {
            true => String::new(),
            false => self.render_head(),
        };
        let (columns, style) = (&self.view.columns, &self.style);
        let rows = match self.format {
            Format::Console => cells::render_rows(rows, columns, &self.grid, style),
            Format::Names => names::render_rows(rows, columns.first(), style),
            format => lines::render_rows(rows, columns, format, style),
        };
        head + &rows
    }

    /// Renders the text below the rows. A table without rows is rendered as a whole.
    pub fn end(self) -> String {
        match (self.format, self.has_begun) {
            (Format::Console, true) => console::render_end(&self.view, &self.style),
            (Format::Console, false) if !self.view.empty.is_empty() => {
                console::render_empty(&self.view, &self.style)
            }
            (Format::Console, false) => {
                self.render_head() + &console::render_end(&self.view, &self.style)
            }
            (_, true) => String::new(),
            (_, false) => self.render_head(),
        }
    }

    fn render_head(&self) -> String {
        match self.format {
            Format::Console => {
                console::render_head(&self.view, &self.view.columns, &self.grid, &self.style)
            }
            format => lines::render_head(&self.view.columns, format, &self.style),
        }
    }
}
