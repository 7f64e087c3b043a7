//! Turns a result value and the view of it into text: no I/O, no command line.
//!
//! A plugin hands over a value and a [`View`] of it; [`render`] shows it in the [`Format`] that was
//! asked for, and [`Style`] says what the place it goes to can show.
//!
//! # What the console looks like
//!
//! A view carries bare texts; indentation, colon and empty lines are the renderer's. The heading
//! `Secrets at user workspace` is shown as
//!
//! ```text
//!
//!   Secrets at user workspace:
//!
//!      ID            | Name   | Created
//!     ---------------+--------+------------------------------
//!      5002114781502 | name01 | Wed, 5 Oct 2022 12:42:21 GMT
//!
//! ```
//!
//! with a closing empty line, and each cell with one blank on either side, at the end of a line too. A table without
//! a heading begins with one empty line in its place. A record is the same table without column titles: the rule comes
//! first, then a row a field. A message is a line between two empty ones, indented by two blanks. A text is shown as it stands.
//!
//! A table without rows is its heading and the view's text for that, with no closing empty line; without such a text, its
//! titles alone. A view that names no columns shows all the fields that it finds. A cell longer than 16,000 characters is cut,
//! which an ellipsis tells; JSON has all of it.
//!
//! # Text that others wrote
//!
//! Every string of a value or a view may have come from a server or a plugin. In the console each control and
//! bidirectional character is replaced by a visible one ([`text`]), in JSON it is escaped; none reaches a terminal.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod cell;
mod console;
mod error;
mod format;
mod generic;
mod grid;
mod json;
mod link;
mod sort;
mod style;
pub mod text;

use serde_json::Value;
use tw_plugin_protocol::View;

pub use error::{error_text, hint_text, warning_text};
pub use format::{Format, UnknownFormat};
pub use style::Style;

/// The text of a result, as it goes to standard output.
///
/// - [`Format::Console`]: the view of the value. Without a view, or with one that this version doesn't know, the value is
///   shown by its own shape: an array as a table of its fields, an object as a record, a text as a message, null as nothing.
/// - [`Format::Json`]: the value as it is, whatever its view; the style plays no part.
///
/// It never fails: a pointer that leads nowhere is an empty cell, and a value that isn't what its column says is shown as it stands.
pub fn render(value: &Value, view: Option<&View>, format: Format, style: &Style) -> String {
    match format {
        Format::Console => console::text(value, view, style),
        Format::Json => json::text(value),
    }
}
