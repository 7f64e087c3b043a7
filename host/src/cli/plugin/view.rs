//! How results are shown: tables, records, and lines below a table.

use tw_plugin_protocol::{Column, Manifest, RecordView, Status, TableView, View};
use tw_render::text::visible;

/// The number of columns of a terminal that doesn't say its size, and of a pipe.
const USUAL_WIDTH: u16 = 80;

/// Returns the number of columns of a stream's terminal.
#[cfg(unix)]
fn width(stream: impl std::os::fd::AsFd) -> u16 {
    terminal_size::terminal_size_of(stream).map_or(USUAL_WIDTH, |(width, _)| width.0)
}

/// Returns the number of columns of a stream's terminal.
#[cfg(not(unix))]
fn width(stream: impl std::os::windows::io::AsHandle) -> u16 {
    terminal_size::terminal_size_of(stream).map_or(USUAL_WIDTH, |(width, _)| width.0)
}

/// Renders a line `label value` of the plan that a user confirms on standard error. At most `most_lines` lines of the value are shown.
pub(super) fn plan_line(label: &str, value: &str, most_lines: usize) -> String {
    tw_render::field(label, value, width(std::io::stderr()).into(), most_lines)
}

/// The states that are good or bad.
const STATES: [(&str, Status); 12] = [
    ("ok", Status::Good),
    ("valid", Status::Good),
    ("accepted", Status::Good),
    ("warning", Status::Warning),
    ("unknown", Status::Warning),
    ("failed", Status::Bad),
    ("broken", Status::Bad),
    ("forbidden", Status::Bad),
    ("invalid", Status::Bad),
    ("missing", Status::Bad),
    ("rejected", Status::Bad),
    ("unreadable", Status::Bad),
];

/// A title, and the JSON pointer of the field below it.
pub(in crate::cli) type Field<'a> = (&'a str, &'a str);

/// Makes a table. The first column names a row.
pub(in crate::cli) fn table(heading: &str, rows: &str, columns: &[Field<'_>], empty: &str) -> View {
    View::Table(TableView {
        heading: heading.to_owned(),
        rows: rows.to_owned(),
        columns: columns.iter().map(column).collect(),
        empty: empty.to_owned(),
        name: Some(0),
        ..Default::default()
    })
}

/// Makes the view of a record, which stands at `pointer` in the result.
pub(in crate::cli) fn record(heading: &str, pointer: &str, fields: &[Field<'_>]) -> View {
    View::Record(RecordView {
        heading: heading.to_owned(),
        record: pointer.to_owned(),
        fields: fields.iter().map(column).collect(),
        ..Default::default()
    })
}

/// Makes a column. A state has the same color wherever it is shown.
fn column((title, field): &Field<'_>) -> Column {
    let statuses = STATES.map(|(state, status)| (state.to_owned(), status));
    Column {
        title: (*title).to_owned(),
        field: (*field).to_owned(),
        statuses: match *field == "/state" {
            true => statuses.into(),
            false => Default::default(),
        },
        ..Default::default()
    }
}

/// Renders what is wrong with a plugin, and how to fix it, as two lines below a table.
pub(in crate::cli) fn render_problem(name: &str, problem: &str, hint: &str) -> String {
    let hint = match hint {
        "" => String::new(),
        hint => format!("    {}\n", visible(hint)),
    };
    format!("  {}: {}\n{hint}", visible(name), visible(problem))
}

/// Returns the command lines that a plugin adds: `tw secrets list`.
pub(super) fn command_lines(manifest: &Manifest) -> Vec<String> {
    fn collect(above: &str, command: &tw_plugin_protocol::Command, lines: &mut Vec<String>) {
        let line = format!("{above} {}", command.name);
        if command.subcommands.is_empty() {
            lines.push(line);
            return;
        }
        for below in &command.subcommands {
            collect(&line, below, lines);
        }
    }
    let mut lines = Vec::new();
    for command in &manifest.commands {
        collect("tw", command, &mut lines);
    }
    lines
}
