//! Turns a result value and its view into text. Does no I/O and knows nothing of the command line.
//!
//! A plugin returns a JSON value and a [`View`] that says how to show the value. [`render`] turns both into text in the
//! [`Format`] that the user chose. [`Style`] says which terminal features the text may use.
//!
//! # Console layout
//!
//! A view holds bare text. The renderer adds the indentation, the colon and the empty lines. The heading
//! `Secrets at user workspace` becomes:
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
//! - **Table:** every cell has one blank on each side, so lines end in blanks. An empty line closes the table. A table
//!   without a heading starts with one empty line. A table without rows is its heading followed by the view's `empty`
//!   text, with no closing empty line; if `empty` is not set, the column titles are shown. A table without columns
//!   shows every field of its rows that is not nested, up to 50. A footer stands below the table, after an empty line and
//!   indented by four blanks, and another empty line follows.
//! - **Record:** the same grid without column titles. The rule comes first, then one row per field.
//! - **Message:** one line, indented by two blanks, between two empty lines.
//! - **Text:** the text itself, with a line feed at its end. With [`Style::raw_text`], every character of it is kept.
//!
//! - **Sections:** the views one below the other, with one empty line between them.
//!
//! With [`Style::width`], a table is as narrow as the terminal: dates are shortened, texts are cut and end in `…`, and a terminal that is still too narrow gets
//! a last column `…` in the place of columns. The texts of a record are wrapped.
//!
//! A cell of more than 16,000 characters is cut and ends in `…`; in a table of more than 65 rows it may have fewer, but always 200. So is a line that
//! is wider than the largest width of its column. Only the console cuts texts.
//!
//! # Untrusted text
//!
//! Every string of a value or a view may come from a server or a plugin. The console shows each control character, each
//! bidirectional character and each invisible one that joins nothing as a visible one (see [`text`]). JSON escapes them. CSV, TSV and texts keep them with
//! [`Style::raw_text`], and otherwise show them as visible characters. None of them reaches a terminal, unless the host sets
//! [`Style::raw_text`] for one.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod cell;
mod cells;
mod console;
mod error;
mod field;
mod fit;
mod format;
mod generic;
mod grid;
mod invisible;
mod json;
mod lines;
mod link;
mod names;
mod select;
mod sort;
mod stream;
mod style;
pub mod text;
mod value;
mod yaml;

use tw_plugin_protocol::View;

pub use error::{error_text, hint_text, usage_text, warning_text};
pub use field::field;
pub use format::{Format, UnknownFormat};
pub use grid::cut;
pub use select::{UnknownColumn, check_columns};
pub use stream::TableStream;
pub use style::Style;
pub use value::{Number, NumberTooLarge, Value};

/// Formats the point in time that is this many milliseconds after 1970-01-01 UTC as columns of dates show it: `Wed, 5 Oct 2022
/// 12:42:21 GMT`. Returns the number if the year is not between -9999 and 9999.
pub fn format_date(unix_ms: i64) -> String {
    cell::format_unix_ms(unix_ms)
}

/// Renders a result as the text that goes to standard output.
///
/// - [`Format::Console`] shows the value as the view says. Without a view, or with [`View::Unknown`], the shape of the value
///   decides: an array becomes a table, an object a record, a string, number or boolean a message. Null and an empty object
///   become the empty string.
/// - [`Format::Json`] and [`Format::Yaml`] show the value and ignore both the view and the style.
/// - [`Format::Names`] shows the name of each row of the view's first table on one line, escaped as in TSV. The name stands in the column that the view
///   says, or else in the field `name`, or in the first field whose name ends so, or in the first column. A value without a table has one name.
/// - [`Format::JsonLines`] shows each row of the view's table as JSON on one line. With sections, it is their first table. A value
///   without a table is one line.
/// - [`Format::Csv`] and [`Format::Tsv`] show the same rows in the columns of the view. The first line has the names of the fields,
///   such as `workspace.id` for the column of `/workspace/id`. A value without a table is a single row, with the fields of the
///   view's record. The rows keep the order of the value. CSV follows RFC 4180. In TSV, a tab, a line feed, a carriage return and a
///   backslash of a value are `\t`, `\n`, `\r` and `\\`.
///
/// Every format shows a number as the plugin spelled it, except the console in columns of dates, durations and sizes.
///
/// Rendering never fails. A JSON pointer that matches nothing gives an empty cell. A value that does not fit the kind of its
/// column is shown unchanged.
///
/// ```
/// use serde_json::json;
/// use tw_plugin_protocol::{MessageView, View};
/// use tw_render::{Format, Style, Value, render};
///
/// let view = View::Message(MessageView { text: "Secret 'KEY' deleted".into() });
/// let value = Value::from(&json!({"secret": "KEY"}));
/// let text = render(&value, Some(&view), Format::Console, &Style::default());
/// assert_eq!(text, "\n  Secret 'KEY' deleted\n\n");
/// ```
pub fn render(value: &Value, view: Option<&View>, format: Format, style: &Style) -> String {
    match format {
        Format::Console => console::render(value, view, style),
        Format::Json => json::render(value),
        Format::Yaml => yaml::render(value),
        Format::Names => names::render(value, view, style),
        Format::JsonLines | Format::Csv | Format::Tsv => lines::render(value, view, format, style),
    }
}
