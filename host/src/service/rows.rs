//! A result that the plugin sends row by row.
//!
//! Rows are collected until the command succeeds, because a failed command prints no result. If the plugin allows it and the format can show each row
//! without the others, rows are instead written when they arrive, and none of them is kept.

use tw_plugin_protocol::{ColumnCheck, OutputHead, TableView};
use tw_render::{Format, Style, TableStream, Value};

use super::output::{Sink, misuse};
use crate::error::Error;

/// The rows of a run.
pub(super) struct Rows {
    format: Format,
    style: Style,
    /// The result so far. `None` if the plugin has begun none.
    begun: Option<Begun>,
    is_complete: bool,
}

/// A long result that the plugin has begun.
enum Begun {
    /// The value with the rows so far, and its view.
    Collected(Value, TableView),
    /// The renderer of rows that are written when they arrive. `None` after the end of the result.
    Shown(Option<TableStream>, ColumnCheck),
}

/// What the plugin sent of its result while it ran.
pub(crate) enum Sent {
    Nothing,
    /// Bytes, which are written.
    Bytes,
    /// Bytes, which are not written, because `--jq` filters them.
    Collected(Vec<u8>),
    /// The whole result, row by row.
    Rows(Value, TableView),
    /// The beginning of a result that the plugin did not end.
    Unfinished,
    /// Rows, which are written.
    Shown {
        is_complete: bool,
        /// The mistakes of the view.
        mistakes: Vec<String>,
    },
}

impl Rows {
    pub(super) fn new(format: Format, style: Style) -> Self {
        Self {
            format,
            style,
            begun: None,
            is_complete: false,
        }
    }

    /// Begins the result. `body` is the value that the rows go into, as JSON. If it is empty, the rows are the whole value.
    pub(super) fn begin(
        &mut self,
        head: OutputHead,
        body: &[u8],
        sink: &mut Sink,
    ) -> Result<(), Error> {
        let mut view = head.view;
        if self.begun.is_some() {
            return Err(misuse("it begins a second long result"));
        }
        let mut value = match body {
            [] => Value::Null,
            body => Value::parse(body)
                .ok_or_else(|| misuse("the head of its long result is not JSON"))?,
        };
        if view.rows.is_empty() && matches!(value, Value::Null) {
            value = Value::Array(Vec::new());
        }
        let Some(Value::Array(rows)) = value.pointer_mut(&view.rows) else {
            return Err(misuse(
                "the head of its long result has no list where the rows should go",
            ));
        };
        if !head.stream {
            self.begun = Some(Begun::Collected(value, view));
            return Ok(());
        }
        TableStream::check_columns(&view, &self.style)
            .map_err(|unknown| Error::invalid_value(unknown.to_string()))?;
        // The order would otherwise depend on the format: a row that is shown at once can't be sorted.
        view.sort = None;
        match TableStream::new(&view, self.format, &self.style) {
            Some(stream) => {
                let rows = std::mem::take(rows);
                self.begun = Some(Begun::Shown(Some(stream), ColumnCheck::new(&view)));
                self.add_rows(rows, sink)
            }
            None => {
                self.begun = Some(Begun::Collected(value, view));
                Ok(())
            }
        }
    }

    /// Appends rows, which are a JSON list.
    pub(super) fn add(&mut self, body: &[u8], sink: &mut Sink) -> Result<(), Error> {
        if !self.is_open() {
            return Err(misuse(
                "it sends rows of a long result that it has not begun, or has ended",
            ));
        }
        match Value::parse(body) {
            Some(Value::Array(rows)) => self.add_rows(rows, sink),
            _ => Err(misuse("the rows of its long result are not a list")),
        }
    }

    fn add_rows(&mut self, rows: Vec<Value>, sink: &mut Sink) -> Result<(), Error> {
        match &mut self.begun {
            Some(Begun::Collected(value, view)) => {
                if let Some(Value::Array(list)) = value.pointer_mut(&view.rows) {
                    list.extend(rows);
                }
                Ok(())
            }
            Some(Begun::Shown(Some(stream), check)) => {
                for row in &rows {
                    let checked = row.check_numbers();
                    checked.map_err(|error| {
                        misuse(&format!("a row of its long result can't be read: {error}"))
                    })?;
                }
                check.add(&rows);
                sink.write_text(&stream.push(&rows))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn end(&mut self, sink: &mut Sink) -> Result<(), Error> {
        let Some(begun) = &mut self.begun else {
            return Err(misuse("it ends a long result that it has not begun"));
        };
        self.is_complete = true;
        match begun {
            Begun::Shown(stream, _) => {
                let end = stream.take().map(TableStream::end);
                sink.write_text(&end.unwrap_or_default())
            }
            Begun::Collected(..) => Ok(()),
        }
    }

    /// True if the plugin has begun a result.
    pub(super) fn has_begun(&self) -> bool {
        self.begun.is_some()
    }

    /// True if the result was begun and not ended.
    fn is_open(&self) -> bool {
        self.has_begun() && !self.is_complete
    }

    /// Takes the result.
    pub(super) fn take(&mut self) -> Sent {
        match self.begun.take() {
            None => Sent::Nothing,
            Some(Begun::Shown(_, check)) => Sent::Shown {
                is_complete: self.is_complete,
                mistakes: check.find_mistakes(),
            },
            Some(Begun::Collected(value, view)) if self.is_complete => Sent::Rows(value, view),
            Some(Begun::Collected(..)) => Sent::Unfinished,
        }
    }
}
