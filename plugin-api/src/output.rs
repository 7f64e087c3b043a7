//! What a command leaves: a value, a view of it, an exit code.

use serde::Serialize;
use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{
    ColumnKind, MessageView, Outcome, OutputHead, RecordView, Sort, TableView, TextView, View,
};

use crate::{Error, Host, Result};

/// What a command leaves. The value is the data, and the same in every format; the view is how people read it.
///
/// ```
/// use tw_plugin_api::{Column, Output, Result, Table, json};
///
/// fn output() -> Result<Output> {
///     let value = json!({ "pets": [{ "id": 2, "name": "Rex" }] });
///     let table = Table::new("/pets")
///         .heading("Pets")
///         .column(Column::new("ID", "/id").integer())
///         .column(Column::new("Name", "/name"))
///         .empty("No pets found");
///     Output::table(&value, table)
/// }
/// # output().unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct Output {
    pub(crate) outcome: Outcome,
    pub(crate) value: Vec<u8>,
}

impl Output {
    /// Many things.
    ///
    /// # Errors
    /// When the value has no JSON form; likewise below.
    pub fn table<T: Serialize + ?Sized>(value: &T, table: Table) -> Result<Self> {
        Self::new(value, View::Table(table.0))
    }

    /// One thing.
    ///
    /// # Errors
    /// When the value has no JSON form.
    pub fn record<T: Serialize + ?Sized>(value: &T, record: Record) -> Result<Self> {
        Self::new(value, View::Record(record.0))
    }

    /// A sentence about what was done.
    ///
    /// # Errors
    /// When the value has no JSON form.
    pub fn message<T: Serialize + ?Sized>(value: &T, text: &str) -> Result<Self> {
        Self::new(
            value,
            View::Message(MessageView {
                text: text.to_owned(),
            }),
        )
    }

    /// A text of several lines as it stands, such as a file that the person asked for. It ends with a line feed, which is added where it isn't there.
    ///
    /// ```
    /// use tw_plugin_api::{Output, json};
    /// Output::text(&json!({ "names": ["A", "B"] }), "A=\nB=\n").unwrap();
    /// ```
    ///
    /// # Errors
    /// When the value has no JSON form.
    pub fn text<T: Serialize + ?Sized>(value: &T, text: &str) -> Result<Self> {
        Self::new(
            value,
            View::Text(TextView {
                text: text.to_owned(),
            }),
        )
    }

    /// Nothing, or what went out as [`Rows`].
    pub fn none() -> Self {
        Self {
            outcome: Outcome::default(),
            value: Vec::new(),
        }
    }

    fn new<T: Serialize + ?Sized>(value: &T, view: View) -> Result<Self> {
        Ok(Self {
            outcome: Outcome {
                view: Some(view),
                ..Default::default()
            },
            value: json(value)?,
        })
    }

    /// Ends the process with this code although the command succeeded: 3 to 125, as the plugin documents them. Any other but 0 becomes 1.
    #[must_use]
    pub fn exit_code(mut self, code: u8) -> Self {
        self.outcome.exit_code = code;
        self
    }

    /// The command has failed, and has a result all the same: what was done of it, say. The result is shown, then the failure, and the
    /// process ends as it says.
    ///
    /// ```
    /// use tw_plugin_api::{Error, Output, json};
    /// let done = json!({ "done": ["a"], "left": ["b"] });
    /// Output::message(&done, "1 of 2 datasets uploaded").unwrap().failure(Error::failure("'b' can't be read"));
    /// ```
    #[must_use]
    pub fn failure(mut self, error: Error) -> Self {
        // A host that knows nothing of failures beside results ends with this.
        self.outcome.exit_code = 1;
        self.outcome.failure = Some(error.into_message());
        self
    }

    /// Something went wrong beside the result: one line on standard error.
    #[must_use]
    pub fn warning(mut self, line: &str) -> Self {
        self.outcome.warnings.push(line.to_owned());
        self
    }
}

fn json<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>> {
    serde_json::to_vec(value)
        .map_err(|error| Error::failure(format!("the result has no JSON form: {error}")))
}

/// A view of many things: a row each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table(TableView);

impl Table {
    /// A table of the array at this place of the value: a JSON pointer, empty for the value itself.
    pub fn new(rows: &str) -> Self {
        Self(TableView {
            rows: rows.to_owned(),
            ..Default::default()
        })
    }

    /// The line above the table, without a colon.
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

    /// Adds a column that names a row.
    #[must_use]
    pub fn name_column(mut self, column: Column) -> Self {
        self.0.name = u32::try_from(self.0.columns.len()).ok();
        self.column(column)
    }

    /// What stands there when there are no rows.
    #[must_use]
    pub fn empty(mut self, text: &str) -> Self {
        self.0.empty = text.to_owned();
        self
    }

    /// For people's eyes, orders the rows by a column, counted from 0.
    #[must_use]
    pub fn sort(self, column: u32) -> Self {
        self.sorted(Sort {
            column,
            ..Default::default()
        })
    }

    /// The same, by what is shown: `10` comes before `9`.
    #[must_use]
    pub fn sort_as_text(self, column: u32) -> Self {
        self.sorted(Sort {
            column,
            as_text: true,
            ..Default::default()
        })
    }

    /// The same, the last first.
    #[must_use]
    pub fn sort_descending(self, column: u32) -> Self {
        self.sorted(Sort {
            column,
            descending: true,
            ..Default::default()
        })
    }

    fn sorted(mut self, sort: Sort) -> Self {
        self.0.sort = Some(sort);
        self
    }
}

/// A view of one thing: a row a field.
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
pub struct Record(RecordView);

impl Record {
    /// A record of the object at this place of the value: a JSON pointer, empty for the value itself.
    pub fn new(record: &str) -> Self {
        Self(RecordView {
            record: record.to_owned(),
            ..Default::default()
        })
    }

    /// The line above it, without a colon.
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

/// A column of a table, or a field of a record: a title, and where the value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column(protocol::Column);

impl Column {
    /// A column with this title, of what stands at this place of the row: a JSON pointer.
    pub fn new(title: &str, field: &str) -> Self {
        Self(protocol::Column {
            title: title.to_owned(),
            field: field.to_owned(),
            ..Default::default()
        })
    }

    /// It holds integers.
    #[must_use]
    pub fn integer(self) -> Self {
        self.of(ColumnKind::Integer)
    }

    /// It holds moments: ISO 8601 texts, or milliseconds since 1970.
    #[must_use]
    pub fn date(self) -> Self {
        self.of(ColumnKind::Date)
    }

    /// It holds lengths of time, in milliseconds.
    #[must_use]
    pub fn duration(self) -> Self {
        self.of(ColumnKind::Duration)
    }

    /// It holds numbers of bytes.
    #[must_use]
    pub fn size(self) -> Self {
        self.of(ColumnKind::Size)
    }

    /// On a terminal its values link to this page of the Platform; `{/pointer}` stands for a value of the row.
    #[must_use]
    pub fn link(mut self, page: &str) -> Self {
        self.0.link = Some(page.to_owned());
        self
    }

    fn of(mut self, kind: ColumnKind) -> Self {
        self.0.kind = kind;
        self
    }
}

/// A long result that is sent in pieces, so that the plugin never holds all of it. It is shown when the command has succeeded.
///
/// ```
/// use tw_plugin_api::{Column, Host, Output, Result, Table, json};
///
/// fn numbers(_: (), host: &Host) -> Result<Output> {
///     let table = Table::new("/numbers").column(Column::new("Number", "/n").integer());
///     let rows = host.rows(&json!({ "numbers": [] }), table)?;
///     for n in 0..100_000 {
///         rows.send(&[json!({ "n": n })])?;
///     }
///     rows.end()
/// }
/// # let _ = numbers;
/// ```
#[derive(Debug)]
pub struct Rows<'a> {
    host: &'a Host,
}

impl<'a> Rows<'a> {
    pub(crate) fn begin<T: Serialize>(host: &'a Host, value: &T, table: Table) -> Result<Self> {
        let head = OutputHead { view: table.0 };
        host.call::<protocol::OutputBegin>(&head, &json(value)?)?;
        Ok(Self { host })
    }

    /// More rows.
    ///
    /// # Errors
    /// When they have no JSON form, or the person stops the run.
    pub fn send<T: Serialize>(&self, rows: &[T]) -> Result<()> {
        self.host
            .call::<protocol::OutputRows>(&protocol::Empty {}, &json(rows)?)
            .map(drop)
    }

    /// The end of them: what the command returns.
    ///
    /// # Errors
    /// When the person stops the run.
    pub fn end(self) -> Result<Output> {
        self.host.ask::<protocol::OutputEnd>(&protocol::Empty {})?;
        Ok(Output::none())
    }
}
