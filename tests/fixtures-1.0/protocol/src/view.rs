//! Views: how people read a value. A view contains JSON pointers into the value and no data of its own, so all output
//! formats show the same data.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use crate::argument::is_false;
use crate::read::{integer, kind, kind_by_name, kinds, list, object, objects, or_default};

/// A view of a value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "view", rename_all = "snake_case")]
#[non_exhaustive]
pub enum View {
    /// A row for each element of an array.
    Table(TableView),
    /// A row for each field of an object.
    Record(RecordView),
    /// A sentence.
    Message(MessageView),
    /// A text of several lines.
    Text(TextView),
    /// Several views, one below the other.
    Sections(SectionsView),
    /// A view that this reader doesn't know. The value is shown in a generic form.
    #[default]
    Unknown,
}

/// The tag of a view.
#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ViewKind {
    Table,
    Record,
    Message,
    Text,
    Sections,
    #[default]
    #[serde(other)]
    Unknown,
}

#[derive(Deserialize)]
struct Tagged {
    #[serde(default, deserialize_with = "kind")]
    view: ViewKind,
}

// The reader that serde derives for a tag among the fields keeps the fields in a form in which raw values can't be read.
impl<'de> Deserialize<'de> for View {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        let view = serde_json::from_str(raw).and_then(|Tagged { view }| match view {
            ViewKind::Table => serde_json::from_str(raw).map(Self::Table),
            ViewKind::Record => serde_json::from_str(raw).map(Self::Record),
            ViewKind::Message => serde_json::from_str(raw).map(Self::Message),
            ViewKind::Text => serde_json::from_str(raw).map(Self::Text),
            ViewKind::Sections => serde_json::from_str(raw).map(Self::Sections),
            ViewKind::Unknown => Ok(Self::Unknown),
        });
        Ok(view.unwrap_or_default())
    }
}

/// A view of an array: a row for each element.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TableView {
    /// The line above the table, without a colon.
    #[serde(
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub heading: String,
    /// The place of the array in the value: a JSON pointer. An empty text means the value itself.
    #[serde(deserialize_with = "or_default")]
    pub rows: String,
    /// The columns.
    #[serde(deserialize_with = "objects")]
    pub columns: Vec<Column>,
    /// The text that stands in place of a table without rows.
    #[serde(
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub empty: String,
    /// The line below the table.
    #[serde(
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub footer: String,
    /// The order in which people see the rows. `None` keeps the order of the value. The host ignores it for rows that it
    /// may show before the run has ended (see [`OutputHead::stream`](crate::OutputHead::stream)).
    #[serde(deserialize_with = "object", skip_serializing_if = "Option::is_none")]
    pub sort: Option<Sort>,
    /// The number of the column that names a row; the first column is 0. An output format that shows only names shows
    /// this column. `None` if no column names a row.
    #[serde(deserialize_with = "integer", skip_serializing_if = "Option::is_none")]
    pub name: Option<u32>,
}

/// A view of an object: a row for each field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecordView {
    /// The line above the record, without a colon.
    #[serde(
        deserialize_with = "or_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub heading: String,
    /// The place of the object in the value: a JSON pointer. An empty text means the value itself.
    #[serde(deserialize_with = "or_default")]
    pub record: String,
    /// The fields.
    #[serde(deserialize_with = "objects")]
    pub fields: Vec<Column>,
}

/// A sentence, such as a confirmation of what a command did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MessageView {
    /// The sentence, in one line.
    #[serde(deserialize_with = "or_default")]
    pub text: String,
}

/// A text of several lines, such as the content of a file. A pipe or a file gets the text unchanged. On a terminal, the host
/// replaces control characters except line feeds and tabs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TextView {
    /// The text. The host adds a line feed if the last line has none.
    #[serde(deserialize_with = "or_default")]
    pub text: String,
}

/// Several views of one value, one below the other, such as a record, a table and a message. Each has its own JSON pointer
/// into the value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SectionsView {
    /// The views, in their order. The host leaves out a view that it doesn't know. Sections can't contain sections: such a
    /// view reads as one that the host doesn't know.
    #[serde(deserialize_with = "sections")]
    pub sections: Vec<View>,
}

/// Reads the views of sections. Sections among them read as `Unknown`, because a reader that followed them would need as
/// much of its stack as a message asks for.
fn sections<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<View>, D::Error> {
    let sections: Vec<&RawValue> = list(deserializer)?;
    let read = |section: &RawValue| match serde_json::from_str(section.get()) {
        Ok(Tagged {
            view: ViewKind::Sections,
        }) => View::Unknown,
        _ => serde_json::from_str(section.get()).unwrap_or_default(),
    };
    Ok(sections.into_iter().map(read).collect())
}

/// A column of a table, or a field of a record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Column {
    /// The title above the column or before the field.
    #[serde(deserialize_with = "or_default")]
    pub title: String,
    /// The place of the value in the row: a JSON pointer. A missing value and `null` are shown as an empty cell.
    #[serde(deserialize_with = "or_default")]
    pub field: String,
    /// The type of the values.
    #[serde(deserialize_with = "kind")]
    pub kind: ColumnKind,
    /// True if the value may be missing in every row. Otherwise the host warns of a column of a table that no row has.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_false")]
    pub optional: bool,
    /// The page of the Platform that the value links to on terminals: a path, in which `{/pointer}` means the
    /// row's value at that JSON pointer. `None` if the value is no link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// What a value means for the user. The host colors a cell whose text is one of the keys. A number or a boolean
    /// matches the text that JSON has for it. A value that is missing here is neutral.
    #[serde(
        deserialize_with = "kind_by_name",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub statuses: BTreeMap<String, Status>,
    /// The side of the column on which the texts stand. A record ignores it.
    #[serde(deserialize_with = "kind", skip_serializing_if = "is_left")]
    pub align: Alignment,
    /// True if each line of the value is a line of the cell. Otherwise the cell has one line, and a line feed in the value
    /// is shown as a visible character.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_false")]
    pub multiline: bool,
    /// The largest number of terminal columns of a line in the cell. A longer line is cut and ends in `…`. `None` if the
    /// host cuts only texts that no terminal can show.
    #[serde(deserialize_with = "integer", skip_serializing_if = "Option::is_none")]
    pub max_width: Option<u32>,
}

/// What a value means for the user, such as the state of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Status {
    /// Success, shown in green.
    Good,
    /// A state that needs attention, shown in yellow.
    Warning,
    /// A failure, shown in red.
    Bad,
    /// Neither good nor bad, shown without a color.
    #[default]
    Neutral,
    /// A status that this reader doesn't know. It is treated as [`Neutral`](Self::Neutral).
    #[serde(other)]
    Unknown,
}

/// The side of a column on which its texts stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Alignment {
    /// The texts begin at the left.
    #[default]
    Left,
    /// The texts end at the right.
    Right,
    /// An alignment that this reader doesn't know. It is treated as [`Left`](Self::Left).
    #[serde(other)]
    Unknown,
}

fn is_left(align: &Alignment) -> bool {
    *align == Alignment::Left
}

/// The type of a column's values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ColumnKind {
    /// Any value, shown as a text.
    #[default]
    Text,
    /// An integer.
    Integer,
    /// A point in time: an ISO 8601 text, or milliseconds since 1970-01-01 UTC.
    Date,
    /// A duration in milliseconds.
    Duration,
    /// A number of bytes.
    Size,
    /// A type that this reader doesn't know. It is treated as [`Text`](Self::Text).
    #[serde(other)]
    Unknown,
}

/// The order of a table's rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sort {
    /// The number of the column; the first column is 0.
    #[serde(deserialize_with = "integer")]
    pub column: u32,
    /// True if the displayed texts are compared, so that `10` comes before `9`. Otherwise the values are compared.
    #[serde(deserialize_with = "or_default")]
    pub as_text: bool,
    /// True if the largest value comes first.
    #[serde(deserialize_with = "or_default")]
    pub descending: bool,
}

kinds!(Alignment ColumnKind Status ViewKind);
