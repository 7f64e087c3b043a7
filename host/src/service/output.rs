//! A long result that comes in pieces. It is kept until the command has succeeded: a result that fails half-way shows nothing.

use serde_json::Value;
use tw_plugin_protocol::{ErrorKind, ErrorMessage, TableView};

use super::fail;

/// The long result of a run.
#[derive(Default)]
pub(super) struct Rows {
    begun: Option<(Value, TableView)>,
    ended: bool,
}

impl Rows {
    pub(super) fn begin(&mut self, view: TableView, body: &[u8]) -> Result<(), ErrorMessage> {
        if self.begun.is_some() {
            return Err(wrong("it begins a second long result"));
        }
        let mut value = match body {
            [] => Value::Null,
            body => serde_json::from_slice(body)
                .map_err(|_| wrong("the head of its long result is not JSON"))?,
        };
        if view.rows.is_empty() && value.is_null() {
            value = Value::Array(Vec::new());
        }
        if !value.pointer(&view.rows).is_some_and(Value::is_array) {
            return Err(wrong(
                "the head of its long result has no list where the rows should go",
            ));
        }
        self.begun = Some((value, view));
        Ok(())
    }

    pub(super) fn add(&mut self, body: &[u8]) -> Result<(), ErrorMessage> {
        let Some((value, view)) = self.begun.as_mut().filter(|_| !self.ended) else {
            return Err(wrong(
                "it sends rows of a long result that isn't begun, or has ended",
            ));
        };
        let rows: Vec<Value> = serde_json::from_slice(body)
            .map_err(|_| wrong("the rows of its long result are not a list"))?;
        if let Some(Value::Array(list)) = value.pointer_mut(&view.rows) {
            list.extend(rows);
        }
        Ok(())
    }

    pub(super) fn end(&mut self) -> Result<(), ErrorMessage> {
        if self.begun.is_none() {
            return Err(wrong("it ends a long result that isn't begun"));
        }
        self.ended = true;
        Ok(())
    }

    /// Whether it was begun and not ended.
    pub(super) fn is_open(&self) -> bool {
        self.begun.is_some() && !self.ended
    }

    /// The result, if it was ended.
    pub(super) fn take(&mut self) -> Option<(Value, TableView)> {
        self.begun.take().filter(|_| self.ended)
    }
}

fn wrong(message: &str) -> ErrorMessage {
    fail(ErrorKind::BadRequest, message)
}
