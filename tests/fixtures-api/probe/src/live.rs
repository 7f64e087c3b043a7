//! Rows that may be shown while the command goes on.

use tw_plugin_api::prelude::*;

/// What follows the rows
#[derive(Choice)]
enum End {
    /// The plugin ends the result
    Ended,
    /// The plugin leaves the result open
    Left,
    /// The plugin fails
    Failed,
    /// The plugin ends the result, and fails
    Late,
    /// The plugin returns another result
    Both,
    /// The plugin sends a number that no JSON reader can hold
    Huge,
}

/// Send rows that may be shown at once
#[derive(Args)]
pub(crate) struct Live {
    /// The number of rows
    #[arg(long, default = "3")]
    rows: i64,
    /// The number of rows that are sent at once
    #[arg(long, default = "1")]
    piece: i64,
    /// Define a column without a width
    #[arg(long)]
    wide: bool,
    /// Sort the rows in descending order
    #[arg(long)]
    sort: bool,
    /// The JSON pointer of the name
    #[arg(long, default = "/name")]
    name: String,
    /// Log a warning after each piece, and wait for a line on standard input
    #[arg(long)]
    pause: bool,
    /// Show a progress display
    #[arg(long)]
    progress: bool,
    /// Ignore failures to send
    #[arg(long)]
    ignore: bool,
    /// Warn of the largest amount of memory that the process had
    #[arg(long)]
    peak: bool,
    /// What follows the rows
    #[arg(long, default = "ended")]
    end: End,
}

fn table(args: &Live) -> Table {
    let name = Column::new("Name", &args.name);
    let name = match args.wide {
        true => name,
        false => name.max_width(6),
    };
    let table = Table::new("/rows")
        .heading("Rows")
        .column(Column::new("N", "/n").integer().right().max_width(6))
        .column(name)
        .empty("No rows")
        .footer("That was all");
    match args.sort {
        true => table.sort_descending(0),
        false => table,
    }
}

pub(crate) fn stream(args: Live, host: &Host) -> Result<Output> {
    let rows = host.stream_rows(&json!({ "of": "rows", "rows": [] }), table(&args))?;
    let display = args.progress.then(|| host.progress("Counting", None));
    let numbers: Vec<i64> = (0..args.rows).collect();
    let piece = usize::try_from(args.piece).unwrap_or(1);
    for piece in numbers.chunks(piece) {
        let row = |n: &i64| json!({ "n": n, "name": format!("row\u{1b}{n:04}") });
        let sent = rows.send(&piece.iter().map(row).collect::<Vec<_>>());
        if !args.ignore {
            sent?;
        }
        if let Some(display) = &display {
            display.step(1, "Counting still");
        }
        if args.pause {
            host.log().warning("sent");
            let _ = std::io::stdin().read_line(&mut String::new());
        }
    }
    match args.end {
        End::Left => Ok(Output::none()),
        End::Failed => Err(Error::failure("it failed half-way").exit_code(9)),
        End::Late => {
            rows.end()?;
            Err(Error::failure("it failed at the end").exit_code(9))
        }
        End::Both => {
            rows.end()?;
            Output::message(&json!("another"), "another result")
        }
        End::Huge => {
            let huge: Box<serde_json::value::RawValue> = serde_json::from_str("1E400")?;
            rows.send(&[huge])?;
            rows.end()
        }
        End::Ended if args.ignore => Ok(rows.end().unwrap_or_else(|_| Output::none())),
        End::Ended if args.peak => {
            let peak = format!("peak {} KB", crate::report::read_peak());
            Ok(rows.end()?.warning(&peak))
        }
        End::Ended => rows.end(),
    }
}
