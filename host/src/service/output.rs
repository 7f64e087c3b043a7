//! A result that the plugin sends in several pieces. It is collected until the command succeeds, because a failed command prints no result.

use tw_plugin_protocol::TableView;
use tw_render::Value;

use crate::error::{Error, ErrorKind};

/// The result that a plugin sends row by row.
#[derive(Default)]
pub(super) struct Rows {
    head: Option<(Value, TableView)>,
    is_complete: bool,
}

impl Rows {
    /// Begins the result. `body` is the value that the rows go into, as JSON. If it is empty, the rows are the whole value.
    pub(super) fn begin(&mut self, view: TableView, body: &[u8]) -> Result<(), Error> {
        if self.head.is_some() {
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
        if !matches!(value.pointer(&view.rows), Some(Value::Array(_))) {
            return Err(misuse(
                "the head of its long result has no list where the rows should go",
            ));
        }
        self.head = Some((value, view));
        Ok(())
    }

    /// Appends rows, which are a JSON list.
    pub(super) fn add(&mut self, body: &[u8]) -> Result<(), Error> {
        let Some((value, view)) = self.head.as_mut().filter(|_| !self.is_complete) else {
            return Err(misuse(
                "it sends rows of a long result that it has not begun, or has ended",
            ));
        };
        let Some(Value::Array(rows)) = Value::parse(body) else {
            return Err(misuse("the rows of its long result are not a list"));
        };
        if let Some(Value::Array(list)) = value.pointer_mut(&view.rows) {
            list.extend(rows);
        }
        Ok(())
    }

    pub(super) fn end(&mut self) -> Result<(), Error> {
        if self.head.is_none() {
            return Err(misuse("it ends a long result that it has not begun"));
        }
        self.is_complete = true;
        Ok(())
    }

    /// True if the result was begun and not ended.
    pub(super) fn is_open(&self) -> bool {
        self.head.is_some() && !self.is_complete
    }

    /// Takes the result. `None` if the plugin sent none or did not end it.
    pub(super) fn take(&mut self) -> Option<(Value, TableView)> {
        self.head.take().filter(|_| self.is_complete)
    }
}

fn misuse(message: &str) -> Error {
    Error::new(ErrorKind::BadRequest, message)
}
