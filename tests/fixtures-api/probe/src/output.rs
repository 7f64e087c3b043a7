//! Results in every view.

use serde_json::Value;
use tw_plugin_api::prelude::*;

/// Returns the value that the views show.
fn make_pets() -> Value {
    json!({ "pets": [
        { "id": 10, "name": "Rex", "born": "2022-10-05T12:42:21Z", "age": 90_061_001, "weight": 1_610_612_736_u64, "note": null },
        { "id": 9, "name": "Kit\u{1b}[31mty\n", "born": 0, "age": 1500, "weight": 1023 },
        { "id": 100, "name": "Ada", "born": "yesterday", "age": "old", "weight": -2048, "note": { "is": ["good"] } },
    ] })
}

fn columns() -> [Column; 6] {
    [
        Column::new("ID", "/id").integer(),
        Column::new("Name", "/name").link("/pets/{/id}"),
        Column::new("Born", "/born").date(),
        Column::new("Age", "/age").duration(),
        Column::new("Weight", "/weight").size(),
        Column::new("Note", "/note"),
    ]
}

fn table_of_pets() -> Table {
    let [id, name, rest @ ..] = columns();
    let table = Table::new("/pets")
        .heading("Pets")
        .column(id)
        .name_column(name);
    rest.into_iter().fold(table, Table::column)
}

/// An order
#[derive(Choice)]
enum Order {
    /// By the number
    Number,
    /// By the displayed text
    Text,
    /// Descending
    Last,
}

/// Show a table
#[derive(Args)]
struct Many {
    /// Sort the rows
    #[arg(long)]
    order: Option<Order>,
    /// Show an empty table
    #[arg(long)]
    none: bool,
    /// Define no columns and no heading
    #[arg(long)]
    plain: bool,
}

fn table(args: Many, _: &Host) -> Result<Output> {
    if args.none {
        return Output::table(
            &json!({ "pets": [] }),
            table_of_pets().empty("No pets found"),
        );
    }
    if args.plain {
        return Output::table(&json!([{ "id": 1, "name": "Rex" }]), Table::new(""));
    }
    let table = match args.order {
        None => table_of_pets(),
        Some(Order::Number) => table_of_pets().sort(0),
        Some(Order::Text) => table_of_pets().sort_as_text(0),
        Some(Order::Last) => table_of_pets().sort_descending(0),
    };
    Output::table(&make_pets(), table)
}

/// Show a record
#[derive(Args)]
struct One {}

fn record(_: One, _: &Host) -> Result<Output> {
    let record = Record::new("/pets/0").heading("Pet");
    Output::record(
        &make_pets(),
        columns().into_iter().fold(record, Record::field),
    )
}

/// Show a message
#[derive(Args)]
struct Sentence {
    /// The message
    text: String,
    /// Set the exit code
    #[arg(long)]
    code: Option<i64>,
    /// Add a warning
    #[arg(long)]
    warning: Vec<String>,
    /// Add a note
    #[arg(long)]
    note: Vec<String>,
    /// Print it as a text, without layout
    #[arg(long)]
    as_text: bool,
    /// Fail with this message
    #[arg(long)]
    failure: Option<String>,
}

fn message(args: Sentence, _: &Host) -> Result<Output> {
    let said = json!({ "said": args.text });
    let output = match args.as_text {
        true => Output::text(&said, &args.text)?,
        false => Output::message(&said, &args.text)?,
    };
    let output = match args.failure {
        Some(failure) => output.failure(Error::failure(failure).exit_code(7)),
        None => output,
    };
    let output = args
        .warning
        .iter()
        .fold(output, |output, line| output.warning(line));
    let notes = args.note.iter();
    let output = notes.fold(output, |output, line| output.note(line));
    Ok(match args.code {
        Some(code) => output.exit_code(u8::try_from(code).unwrap_or(u8::MAX)),
        None => output,
    })
}

/// Show nothing
#[derive(Args)]
struct Nothing {
    /// Show a value that cannot be serialized
    #[arg(long)]
    unwritable: bool,
}

fn none(args: Nothing, _: &Host) -> Result<Output> {
    if args.unwritable {
        let map = std::collections::BTreeMap::from([((1, 2), 3)]);
        return Output::message(&map, "never shown");
    }
    Ok(Output::none())
}

/// How a long result ends
#[derive(Choice)]
enum End {
    /// The plugin ends the result
    Ended,
    /// The plugin leaves the result open
    Left,
    /// The plugin fails
    Failed,
    /// The plugin returns another result
    Both,
    /// The plugin begins a second long result
    Twice,
    /// The head has no list for the rows
    Nowhere,
}

/// Send rows in pieces
#[derive(Args)]
struct Long {
    /// The number of rows
    #[arg(long, default = "10")]
    rows: i64,
    /// How the result ends
    #[arg(long, default = "ended")]
    end: End,
    /// Set the exit code
    #[arg(long, default = "0")]
    code: i64,
}

fn rows(args: Long, host: &Host) -> Result<Output> {
    let table = || {
        let number = Column::new("Number", "/n").integer();
        Table::new("/numbers").heading("Numbers").column(number)
    };
    let head = json!({ "of": "numbers", "numbers": [] });
    if matches!(args.end, End::Nowhere) {
        return host.rows(&json!({}), table())?.end();
    }
    let sent = host.rows(&head, table().sort_descending(0).empty("No numbers"))?;
    let numbers: Vec<i64> = (0..args.rows).collect();
    for piece in numbers.chunks(7) {
        let piece: Vec<Value> = piece.iter().map(|n| json!({ "n": n })).collect();
        sent.send(&piece)?;
    }
    let code = u8::try_from(args.code).unwrap_or(u8::MAX);
    match args.end {
        End::Left => Ok(Output::none()),
        End::Failed => Err(Error::failure("it failed half-way").exit_code(code)),
        End::Both => {
            sent.end()?;
            Output::message(&json!("another"), "another result")
        }
        End::Twice => host.rows(&head, table())?.end(),
        _ => Ok(sent.end()?.exit_code(code).warning("that was all")),
    }
}

/// Show a view whose JSON pointers match nothing
#[derive(Args)]
struct Mistaken {
    /// The JSON pointer of the rows
    #[arg(long, default = "/pets")]
    rows: String,
    /// The JSON pointer of the column
    #[arg(long, default = "/name")]
    column: String,
    /// Declare the column optional
    #[arg(long)]
    optional: bool,
    /// Show a record instead of a table
    #[arg(long)]
    record: bool,
}

fn mistaken(args: Mistaken, _: &Host) -> Result<Output> {
    let value = json!({ "pets": [{ "name": "Rex" }, { "id": 2 }] });
    let column = Column::new("Name", &args.column);
    let column = match args.optional {
        true => column.optional(),
        false => column,
    };
    match args.record {
        true => Output::record(&value, Record::new(&args.rows).field(column)),
        false => Output::table(&value, Table::new(&args.rows).column(column)),
    }
}

pub(crate) fn group() -> Group {
    Group::new("output", "Results in every view")
        .command(Command::new("table", table))
        .command(Command::new("record", record))
        .command(Command::new("message", message))
        .command(Command::new("none", none))
        .command(Command::new("rows", rows))
        .command(Command::new("mistaken", mistaken))
        .command(Command::new("stream", crate::live::stream))
        .command(Command::new("sections", crate::views::sections))
        .command(Command::new("cells", crate::views::cells))
}
