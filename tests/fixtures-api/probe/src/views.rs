//! Results with several views, and the looks of cells.

use tw_plugin_api::prelude::*;

/// Show several views of one value
#[derive(Args)]
pub(crate) struct Several {
    /// The JSON pointer of the record
    #[arg(long, default = "/run")]
    record: String,
}

pub(crate) fn sections(args: Several, _: &Host) -> Result<Output> {
    let value = json!({
        "run": { "id": 5, "name": "happy_hopper" },
        "tasks": [
            { "name": "fastqc", "logs": ["one", "two"] },
            { "name": "multiqc", "logs": [] },
        ],
        "files": [{ "path": "a,b.txt" }],
    });
    let name = || Column::new("Name", "/name");
    let sections = Sections::new()
        .record(Record::new(&args.record).heading("Run").field(name()))
        .table(
            Table::new("/tasks")
                .heading("Tasks")
                .column(name())
                .footer("2 of 7 tasks"),
        )
        .table(Table::new("/files").column(Column::new("Path", "/path")))
        .message("The run took 2 minutes");
    Output::sections(&value, sections)
}

/// Show cells of every kind
#[derive(Args)]
pub(crate) struct Looks {}

pub(crate) fn cells(_: Looks, _: &Host) -> Result<Output> {
    let value = json!([
        { "status": "DONE", "cpus": 16, "script": "one\ntwo", "name": "漢字漢字漢字" },
        { "status": "FAILED", "cpus": 4, "script": "\u{1b}[31m", "name": "abc" },
        { "status": "LATE", "cpus": 100, "script": "", "name": "abcdefghij" },
        { "status": "ODD", "cpus": null, "script": null, "name": "a\nb" },
    ]);
    let status = Column::new("Status", "/status").status([
        ("DONE", Status::Good),
        ("LATE", Status::Warning),
        ("FAILED", Status::Bad),
    ]);
    let table = Table::new("")
        .column(status)
        .column(Column::new("CPUs", "/cpus").integer().right())
        .column(Column::new("Script", "/script").multiline())
        .column(Column::new("Name", "/name").max_width(8));
    Output::table(&value, table)
}
