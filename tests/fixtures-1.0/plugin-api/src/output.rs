//! The result of a command.

use serde::Serialize;
use tw_plugin_protocol::{MessageView, Outcome, TextView, View};

use crate::{Error, Record, Result, Sections, Table};

/// The result of a command: a value, and a view of it.
///
/// The value is the data: `-o json` prints it, and it should be the same in every output format. The view
/// says how `-o console` shows the value to people, and which of its parts are the rows and the fields that `-o jsonl`,
/// `-o csv` and `-o tsv` print.
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
    /// Creates a result with a row for each element of an array in `value`.
    ///
    /// # Errors
    /// If `value` can't be serialized as JSON.
    pub fn table<T: Serialize + ?Sized>(value: &T, table: Table) -> Result<Self> {
        Self::new(value, View::Table(table.0))
    }

    /// Creates a result with a row for each field of an object in `value`.
    ///
    /// # Errors
    /// If `value` can't be serialized as JSON.
    pub fn record<T: Serialize + ?Sized>(value: &T, record: Record) -> Result<Self> {
        Self::new(value, View::Record(record.0))
    }

    /// Creates a result with several views of `value`, one below the other. See [`Sections`].
    ///
    /// # Errors
    /// If `value` can't be serialized as JSON.
    pub fn sections<T: Serialize + ?Sized>(value: &T, sections: Sections) -> Result<Self> {
        Self::new(value, View::Sections(sections.0))
    }

    /// Creates a result that people read as one sentence, such as a confirmation of what the command did.
    ///
    /// # Errors
    /// If `value` can't be serialized as JSON.
    pub fn message<T: Serialize + ?Sized>(value: &T, text: &str) -> Result<Self> {
        let text = text.to_owned();
        Self::new(
            value,
            View::Message(MessageView {
                text,
                ..Default::default()
            }),
        )
    }

    /// Creates a result that people read as a text of several lines, such as the content of a file. The host adds a line
    /// feed if the last line has none. A pipe or a file gets the text unchanged otherwise. On a terminal, the host
    /// replaces control characters except line feeds and tabs.
    ///
    /// ```
    /// use tw_plugin_api::{Output, json};
    ///
    /// Output::text(&json!({ "names": ["A", "B"] }), "A=\nB=\n").unwrap();
    /// ```
    ///
    /// # Errors
    /// If `value` can't be serialized as JSON.
    pub fn text<T: Serialize + ?Sized>(value: &T, text: &str) -> Result<Self> {
        let text = text.to_owned();
        Self::new(
            value,
            View::Text(TextView {
                text,
                ..Default::default()
            }),
        )
    }

    /// Creates an empty result. The host prints nothing. A command that wrote its result to [`Stdout`](crate::Stdout)
    /// returns this.
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
            value: to_json(value)?,
        })
    }

    /// Sets the exit code of a command that succeeded. A plugin may give the codes 3 to 125 a meaning of its own, and
    /// should document it. `tw` replaces all others except 0 by 1.
    #[must_use]
    pub fn exit_code(mut self, code: u8) -> Self {
        self.outcome.exit_code = code;
        self
    }

    /// Adds a failure to a result, for a command that did only a part of its work. The host prints the result, then the
    /// failure, and exits with the failure's code.
    ///
    /// ```
    /// use tw_plugin_api::{Error, Output, json};
    ///
    /// let value = json!({ "deleted": ["x"], "failed": ["y"] });
    /// Output::message(&value, "1 dataset was deleted")
    ///     .unwrap()
    ///     .failure(Error::failure("1 dataset could not be deleted"));
    /// ```
    #[must_use]
    pub fn failure(mut self, error: Error) -> Self {
        // A host that doesn't know the field `failure` must exit with a failure too.
        self.outcome.exit_code = 1;
        self.outcome.failure = Some(error.into_message());
        self
    }

    /// Adds a warning. The host prints it as one line on standard error.
    #[must_use]
    pub fn warning(mut self, line: &str) -> Self {
        self.outcome.warnings.push(line.to_owned());
        self
    }

    /// Adds a note: something that the user should know and that is no problem. The host prints it as one line on standard
    /// error.
    ///
    /// ```
    /// use tw_plugin_api::{Output, json};
    ///
    /// Output::message(&json!({ "id": 5 }), "Pipeline 5 was launched")
    ///     .unwrap()
    ///     .note("`tw runs watch 5` follows the run");
    /// ```
    #[must_use]
    pub fn note(mut self, line: &str) -> Self {
        self.outcome.notes.push(line.to_owned());
        self
    }
}

pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>> {
    serde_json::to_vec(value)
        .map_err(|error| Error::failure(format!("the result has no JSON form: {error}")))
}
