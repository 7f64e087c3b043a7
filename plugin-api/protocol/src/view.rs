//! How people read a value: a table, a record, a message or a text. A view holds no data of its own but pointers into the value, so
//! that every format shows the same.

use serde::{Deserialize, Serialize};

use crate::read::kinds;

/// A view of a value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "view", rename_all = "snake_case")]
#[non_exhaustive]
pub enum View {
    /// Many things, a row each.
    Table(TableView),
    /// One thing, a row a field.
    Record(RecordView),
    /// A sentence.
    Message(MessageView),
    /// A text of several lines.
    Text(TextView),
    /// A view that this reader doesn't know: the value is shown as it is.
    #[default]
    #[serde(other)]
    Unknown,
}

/// Many things, a row each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TableView {
    /// The line above the table.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub heading: String,
    /// The array of rows in the value: a JSON pointer, empty for the value itself.
    pub rows: String,
    /// The columns.
    pub columns: Vec<Column>,
    /// What stands there when there are no rows.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub empty: String,
    /// The order for people's eyes; without it as in the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<Sort>,
    /// The column, by number from 0, that names a row: what a list of names alone would show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<u32>,
}

/// One thing, a row a field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecordView {
    /// The line above it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub heading: String,
    /// The object in the value: a JSON pointer, empty for the value itself.
    pub record: String,
    /// The fields.
    pub fields: Vec<Column>,
}

/// A sentence about something that was done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MessageView {
    /// The sentence, one line.
    pub text: String,
}

/// A text as it stands: a file, say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TextView {
    /// The text; a line feed at its end is added where there is none.
    pub text: String,
}

/// A column of a table, or a field of a record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Column {
    /// What stands above or before it.
    pub title: String,
    /// Where its value stands in the row: a JSON pointer. Absent and null are shown as nothing.
    pub field: String,
    /// What its value is.
    pub kind: ColumnKind,
    /// On a terminal the value is a link to this page of the Platform: a path, where `{/pointer}` stands for a value of the row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// What a column's values are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnKind {
    /// Text, or whatever it is, as it stands.
    #[default]
    Text,
    /// An integer.
    Integer,
    /// A moment: an ISO 8601 text, or milliseconds since 1970.
    Date,
    /// A length of time, in milliseconds.
    Duration,
    /// A number of bytes.
    Size,
    /// A kind that this reader doesn't know; shown like text.
    Unknown,
}

kinds!(ColumnKind {
    Text "text",
    Integer "integer",
    Date "date",
    Duration "duration",
    Size "size",
});

/// The order of a table's rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sort {
    /// The column, by number from 0.
    pub column: u32,
    /// Whether the values are compared by what is shown, and not by what they are (10 before 9).
    pub as_text: bool,
    /// Whether the last come first.
    pub descending: bool,
}
