//! The views that people read: tables, records, and their columns.

use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{
    Alignment, ColumnKind, MessageView, RecordView, SectionsView, Sort, TableView, TextView, View,
};

pub use tw_plugin_protocol::Status;

/// A view of an array: a row for each element. [`Output::table`](crate::Output::table) shows one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table(pub(crate) TableView);

impl Table {
    /// Creates a table of the array at `rows` in the value. `rows` is a JSON pointer ([RFC 6901]); `""` means the
    /// value itself. The host warns if the pointer matches nothing.
    ///
    /// [RFC 6901]: https://www.rfc-editor.org/rfc/rfc6901
    pub fn new(rows: &str) -> Self {
        Self(TableView {
            rows: rows.to_owned(),
            ..Default::default()
        })
    }

    /// Sets the line above the table. The host adds a colon.
    #[must_use]
    pub fn heading(mut self, text: &str) -> Self {
        self.0.heading = text.to_owned();
        self
    }

    /// Adds a column.
    #[must_use]
    pub fn column(mut self, column: Column) -> Self {
        self.0.columns.push(column.0);
        self
    }

    /// Adds the column with the rows' names. An output format that prints only names prints this column.
    #[must_use]
    pub fn name_column(mut self, column: Column) -> Self {
        self.0.name = u32::try_from(self.0.columns.len()).ok();
        self.column(column)
    }

    /// Sets the text that stands in place of a table without rows.
    #[must_use]
    pub fn empty(mut self, text: &str) -> Self {
        self.0.empty = text.to_owned();
        self
    }

    /// Sets the line below the table.
    ///
    /// ```
    /// use tw_plugin_api::{Column, Table};
    ///
    /// Table::new("/pets")
    ///     .column(Column::new("Name", "/name"))
    ///     .footer("20 of 143 pets; `--page 2` shows more");
    /// ```
    #[must_use]
    pub fn footer(mut self, line: &str) -> Self {
        self.0.footer = line.to_owned();
        self
    }

    /// Sorts the rows by the values of a column; the first column has the number 0. The order of the rows in the value,
    /// which formats for programs print, stays. [`Host::stream_rows`](crate::Host::stream_rows) ignores the order.
    #[must_use]
    pub fn sort(self, column: u32) -> Self {
        self.set_sort(Sort {
            column,
            ..Default::default()
        })
    }

    /// Sorts the rows like [`sort`](Self::sort), but by the displayed text, so `10` comes before `9`.
    #[must_use]
    pub fn sort_as_text(self, column: u32) -> Self {
        self.set_sort(Sort {
            column,
            as_text: true,
            ..Default::default()
        })
    }

    /// Sorts the rows like [`sort`](Self::sort), from the largest value to the smallest.
    #[must_use]
    pub fn sort_descending(self, column: u32) -> Self {
        self.set_sort(Sort {
            column,
            descending: true,
            ..Default::default()
        })
    }

    fn set_sort(mut self, sort: Sort) -> Self {
        self.0.sort = Some(sort);
        self
    }
}

/// A view of an object: a row for each field. [`Output::record`](crate::Output::record) shows one.
///
/// ```
/// use tw_plugin_api::{Column, Output, Record, json};
///
/// let value = json!({ "pet": { "name": "Rex", "born": "2022-10-05T12:42:21Z" } });
/// let record = Record::new("/pet")
///     .heading("Pet")
///     .field(Column::new("Name", "/name"))
///     .field(Column::new("Born", "/born").date());
/// Output::record(&value, record).unwrap();
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record(pub(crate) RecordView);

impl Record {
    /// Creates a record of the object at `record` in the value. `record` is a JSON pointer ([RFC 6901]); `""` stands
    /// for the value itself. The host warns if the pointer matches nothing.
    ///
    /// [RFC 6901]: https://www.rfc-editor.org/rfc/rfc6901
    pub fn new(record: &str) -> Self {
        Self(RecordView {
            record: record.to_owned(),
            ..Default::default()
        })
    }

    /// Sets the line above the record. The host adds a colon.
    #[must_use]
    pub fn heading(mut self, text: &str) -> Self {
        self.0.heading = text.to_owned();
        self
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, field: Column) -> Self {
        self.0.fields.push(field.0);
        self
    }
}

/// Several views of one value, one below the other. [`Output::sections`](crate::Output::sections) shows them.
///
/// Each table and each record has its own JSON pointer into the value. A list inside of a row gets no table of its own: only
/// `-o json` and `-o jsonl` show all of it.
///
/// ```
/// use tw_plugin_api::{Column, Output, Record, Sections, Table, json};
///
/// let value = json!({
///     "run": { "id": "5x", "name": "happy_hopper" },
///     "tasks": [{ "name": "fastqc", "log": ["started", "done"] }],
/// });
/// let sections = Sections::new()
///     .record(Record::new("/run").heading("Run").field(Column::new("Name", "/name")))
///     .table(Table::new("/tasks").heading("Tasks").column(Column::new("Name", "/name")))
///     .message("1 task has run");
/// Output::sections(&value, sections).unwrap();
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sections(pub(crate) SectionsView);

impl Sections {
    /// Creates an empty list of views.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a table. The formats with one row per line, such as `csv`, show the first table.
    #[must_use]
    pub fn table(self, table: Table) -> Self {
        self.add(View::Table(table.0))
    }

    /// Adds a record.
    #[must_use]
    pub fn record(self, record: Record) -> Self {
        self.add(View::Record(record.0))
    }

    /// Adds a sentence.
    #[must_use]
    pub fn message(self, text: &str) -> Self {
        self.add(View::Message(MessageView {
            text: text.to_owned(),
            ..Default::default()
        }))
    }

    /// Adds a text of several lines. See [`Output::text`](crate::Output::text).
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.add(View::Text(TextView {
            text: text.to_owned(),
            ..Default::default()
        }))
    }

    fn add(mut self, view: View) -> Self {
        self.0.sections.push(view);
        self
    }
}

/// A column of a [`Table`], or a field of a [`Record`]: a title, and the place of the value.
///
/// A missing value and `null` are shown as an empty cell. If a table has rows and no row has the value of a column, the host
/// warns that the plugin made a mistake. A value that may be missing everywhere is [`optional`](Self::optional).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column(protocol::Column);

impl Column {
    /// Creates a column that shows the value at `field` in the row. `field` is a JSON pointer ([RFC 6901]).
    ///
    /// [RFC 6901]: https://www.rfc-editor.org/rfc/rfc6901
    pub fn new(title: &str, field: &str) -> Self {
        Self(protocol::Column {
            title: title.to_owned(),
            field: field.to_owned(),
            ..Default::default()
        })
    }

    /// Declares that the values are integers.
    #[must_use]
    pub fn integer(self) -> Self {
        self.set_kind(ColumnKind::Integer)
    }

    /// Declares that the values are points in time: ISO 8601 texts, or milliseconds since 1970-01-01 UTC.
    #[must_use]
    pub fn date(self) -> Self {
        self.set_kind(ColumnKind::Date)
    }

    /// Declares that the values are durations in milliseconds.
    #[must_use]
    pub fn duration(self) -> Self {
        self.set_kind(ColumnKind::Duration)
    }

    /// Declares that the values are numbers of bytes.
    #[must_use]
    pub fn size(self) -> Self {
        self.set_kind(ColumnKind::Size)
    }

    /// Declares that the value may be missing in every row, such as the time of something that may not have happened yet.
    ///
    /// ```
    /// use tw_plugin_api::Column;
    ///
    /// Column::new("Used", "/lastUsed").date().optional();
    /// ```
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.0.optional = true;
        self
    }

    /// Links the values to a page of the Platform, on terminals that support links. `{/pointer}` in `page` means
    /// the row's value at that JSON pointer.
    ///
    /// ```
    /// use tw_plugin_api::Column;
    ///
    /// Column::new("Name", "/name").link("/orgs/{/orgName}/workspaces/{/name}");
    /// ```
    #[must_use]
    pub fn link(mut self, page: &str) -> Self {
        self.0.link = Some(page.to_owned());
        self
    }

    /// Says what values mean for the user, and thereby colors their cells on terminals: green for [`Status::Good`], yellow
    /// for [`Status::Warning`], red for [`Status::Bad`]. A value that is not in the list is [`Status::Neutral`] and has no
    /// color. A number or a boolean matches the text that JSON has for it.
    ///
    /// ```
    /// use tw_plugin_api::{Column, Status};
    ///
    /// Column::new("Status", "/status").status([
    ///     ("SUCCEEDED", Status::Good),
    ///     ("RUNNING", Status::Neutral),
    ///     ("CANCELLED", Status::Warning),
    ///     ("FAILED", Status::Bad),
    /// ]);
    /// ```
    #[must_use]
    pub fn status<'a>(mut self, statuses: impl IntoIterator<Item = (&'a str, Status)>) -> Self {
        let statuses = statuses.into_iter();
        let statuses = statuses.map(|(value, status)| (value.to_owned(), status));
        self.0.statuses.extend(statuses);
        self
    }

    /// Aligns the title and the values at the right. In a record, this has no effect.
    #[must_use]
    pub fn right(mut self) -> Self {
        self.0.align = Alignment::Right;
        self
    }

    /// Shows each line of a text on a line of its own. Otherwise, a line feed in a value is shown as `␊`.
    #[must_use]
    pub fn multiline(mut self) -> Self {
        self.0.multiline = true;
        self
    }

    /// Cuts each line of a value that takes more than this number of terminal columns. The cut text ends in `…`. A wide
    /// character, such as `漢`, takes two columns. Only people see the cut: `-o json` has the whole value.
    ///
    /// ```
    /// use tw_plugin_api::Column;
    ///
    /// Column::new("Script", "/script").multiline().max_width(60);
    /// ```
    #[must_use]
    pub fn max_width(mut self, columns: u32) -> Self {
        self.0.max_width = Some(columns);
        self
    }

    fn set_kind(mut self, kind: ColumnKind) -> Self {
        self.0.kind = kind;
        self
    }
}
