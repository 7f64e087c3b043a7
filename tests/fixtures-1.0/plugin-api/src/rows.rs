//! Long results, which are sent in pieces.

use serde::Serialize;
use tw_plugin_protocol as protocol;
use tw_plugin_protocol::{Empty, OutputHead};

use crate::{Host, Output, Result, Table, output::to_json};

/// A long result that the plugin sends in pieces, so that it never holds all rows. [`Host::rows`] and
/// [`Host::stream_rows`] start one.
///
/// The host prints the rows of [`Host::rows`] when the command has succeeded. If the command fails, the host prints none of
/// them. It may print those of [`Host::stream_rows`] at once, in little memory.
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
    pub(crate) fn begin<T: Serialize>(
        host: &'a Host,
        value: &T,
        table: Table,
        stream: bool,
    ) -> Result<Self> {
        let head = OutputHead {
            stream,
            view: table.0,
            ..OutputHead::default()
        };
        host.call::<protocol::OutputBegin>(&head, &to_json(value)?)?;
        Ok(Self { host })
    }

    /// Sends more rows, in their order.
    ///
    /// # Errors
    /// If a row can't be serialized as JSON, or if the user presses Ctrl-C. If the host shows the rows at once, also with
    /// [`ErrorKind::Closed`](crate::ErrorKind::Closed) if the reader has closed standard output, and if the rows can't be
    /// written.
    pub fn send<T: Serialize>(&self, rows: &[T]) -> Result<()> {
        self.host
            .call::<protocol::OutputRows>(&Empty {}, &to_json(rows)?)?;
        Ok(())
    }

    /// Ends the result. The command must return this `Output`.
    ///
    /// # Errors
    /// If the user presses Ctrl-C. If the host shows the rows at once, as for [`send`](Self::send).
    pub fn end(self) -> Result<Output> {
        self.host.ask::<protocol::OutputEnd>(&Empty {})?;
        Ok(Output::none())
    }
}
