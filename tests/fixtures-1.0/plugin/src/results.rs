//! Every kind of result.

use std::io::Write;

use tw_plugin_api::prelude::*;

pub(crate) fn overview(_: (), _: &Host) -> Result<Output> {
    let value = json!({
        "run": { "id": "5x", "started": "2026-01-31T12:00:00Z", "bytes": 2048, "ms": 90_000 },
        "tasks": [
            { "name": "fastqc", "status": "DONE", "log": "one\ntwo", "n": 10 },
            { "name": "multiqc", "status": "FAILED", "log": "a long line that is cut", "n": 9 },
        ],
    });
    let record = Record::new("/run")
        .heading("Run")
        .field(Column::new("ID", "/id"))
        .field(Column::new("Started", "/started").date())
        .field(Column::new("Size", "/bytes").size())
        .field(Column::new("Time", "/ms").duration())
        .field(Column::new("Owner", "/owner").optional());
    let table = Table::new("/tasks")
        .heading("Tasks")
        .column(Column::new("Name", "/name"))
        .column(Column::new("Status", "/status").status([("DONE", Status::Good), ("FAILED", Status::Bad)]))
        .column(Column::new("Log", "/log").multiline().max_width(10))
        .column(Column::new("N", "/n").integer().right())
        .sort(3)
        .footer("2 tasks");
    let sections = Sections::new().record(record).table(table).message("1 task failed").text("line 1\nline 2\n");
    let output = Output::sections(&value, sections)?;
    Ok(output.note("a note").warning("a warning").exit_code(3))
}

pub(crate) fn partial(_: (), _: &Host) -> Result<Output> {
    let failure = Err::<(), _>(Error::failure("the rest failed").hint("try again")).context("In 1.0");
    let output = Output::text(&json!({ "done": 1 }), "1 is done")?;
    Ok(match failure {
        Ok(()) => output,
        Err(error) => output.failure(error.exit_code(4)),
    })
}

fn numbers() -> Table {
    Table::new("/numbers").heading("Numbers").column(Column::new("Number", "/n").integer())
}

pub(crate) fn rows(_: (), host: &Host) -> Result<Output> {
    let rows = host.rows(&json!({ "numbers": [], "kind": "rows" }), numbers())?;
    for n in 0..3 {
        rows.send(&[json!({ "n": n })])?;
    }
    rows.end()
}

pub(crate) fn stream(_: (), host: &Host) -> Result<Output> {
    let rows = host.stream_rows(&json!({ "numbers": [], "kind": "stream" }), numbers())?;
    for n in 0..3 {
        rows.send(&[json!({ "n": n }), json!({ "n": n + 10 })])?;
    }
    rows.end()
}

pub(crate) fn bytes(_: (), host: &Host) -> Result<Output> {
    host.stdout().send(b"\x00one\n")?;
    writeln!(host.stdout(), "two")?;
    Ok(Output::none())
}
