//! Renders a table whose rows come in pieces, without keeping them.

use tw_plugin_protocol::TableView;

use crate::{
    Format, Style, Value, console,
    grid::{self, Layout},
    lines,
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
    layouts: Vec<Layout>,
    /// True if the text above the rows was rendered.
    has_begun: bool,
}

impl TableStream {
    /// Begins a table. Returns `None` if the table can be rendered only when all rows are known: as JSON, as CSV or TSV if the view has no
    /// columns, and on the console unless every column has a [`max_width`](tw_plugin_protocol::Column::max_width).
    pub fn new(view: &TableView, format: Format, style: &Style) -> Option<Self> {
        let layouts = match format {
            Format::Json => return None,
            Format::Console => console::fixed_layouts(&view.columns)?,
            Format::JsonLines => Vec::new(),
            Format::Csv | Format::Tsv if view.columns.is_empty() => return None,
            Format::Csv | Format::Tsv => Vec::new(),
        };
        Some(Self {
            view: view.clone(),
            format,
            style: style.clone(),
            layouts,
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
            Format::Console => {
                let cells = console::render_cells(rows, columns, style, grid::MAX_CELL_CHARACTERS);
                grid::render_rows(cells, &self.layouts)
            }
            format => lines::render_rows(rows, columns, format, style),
        };
        head + &rows
    }

    /// Renders the text below the rows. A table without rows is rendered as a whole.
    pub fn end(self) -> String {
        match (self.format, self.has_begun) {
            (Format::Console, true) => console::render_end(&self.view),
            (Format::Console, false) if !self.view.empty.is_empty() => {
                console::render_empty(&self.view, &self.style)
            }
            (Format::Console, false) => self.render_head() + &console::render_end(&self.view),
            (_, true) => String::new(),
            (_, false) => self.render_head(),
        }
    }

    fn render_head(&self) -> String {
        match self.format {
            Format::Console => console::render_head(&self.view, &self.layouts, &self.style),
            format => lines::render_head(&self.view.columns, format, &self.style),
        }
    }
}
