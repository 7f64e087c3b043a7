//! Results that are bytes.

use std::io::Write as _;

use tw_plugin_api::prelude::*;

/// What follows the bytes
#[derive(Choice)]
enum Then {
    /// Nothing
    Nothing,
    /// A second result
    Result,
    /// A long result
    Rows,
    /// A failure of the plugin's own
    Failure,
    /// A second result, and a failure
    Both,
}

/// Write pieces of bytes
#[derive(Args)]
struct Write {
    /// The pieces, in which %1b stands for the byte 0x1b
    pieces: Vec<String>,
    /// Write the pieces this many times
    #[arg(long, default = "1")]
    times: i64,
    /// Write through `std::io::Write`
    #[arg(long)]
    io: bool,
    /// Begin a long result first
    #[arg(long)]
    rows_first: bool,
    /// Ignore failures to write
    #[arg(long)]
    ignore: bool,
    /// Log a warning after each piece, and wait for a line on standard input
    #[arg(long)]
    pause: bool,
    /// What follows the bytes
    #[arg(long, default = "nothing")]
    then: Then,
}

fn write(args: Write, host: &Host) -> Result<Output> {
    let rows = || host.rows(&json!([]), Table::new(""));
    if args.rows_first {
        rows()?;
    }
    for _ in 0..args.times {
        for piece in &args.pieces {
            let piece = decode(piece);
            let written = match args.io {
                true => host
                    .stdout()
                    .write_all(&piece)
                    .map_err(|error| Error::failure(format!("the copy failed: {error}"))),
                false => host.stdout().send(&piece),
            };
            if !args.ignore {
                written?;
            }
            if args.pause {
                host.log().warning("written");
                let _ = std::io::stdin().read_line(&mut String::new());
            }
        }
    }
    let second = || Output::message(&json!("another"), "another result");
    let failure = || Error::failure("it failed after its bytes");
    match args.then {
        Then::Nothing => Ok(Output::none().exit_code(if args.ignore { 0 } else { 3 })),
        Then::Result => second(),
        Then::Rows => rows()?.end(),
        Then::Failure => Err(failure()),
        Then::Both => Ok(second()?.failure(failure())),
    }
}

/// Decodes `%1b` to the byte 0x1b.
fn decode(text: &str) -> Vec<u8> {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at(2);
        bytes.extend(u8::from_str_radix(code, 16));
        bytes.extend(rest.as_bytes());
    }
    bytes
}

/// Copy an answer to standard output
#[derive(Args)]
struct Copy {
    /// The path or URL to read
    url: String,
}

fn copy(args: Copy, host: &Host) -> Result<Output> {
    let mut stream = host.http().get(&args.url).open()?;
    while let Some(piece) = stream.read()? {
        host.stdout().send(piece)?;
    }
    Ok(Output::none().warning(&format!("peak {} KB", crate::report::read_peak())))
}

pub(crate) fn group() -> Group {
    Group::new("bytes", "Results that are bytes")
        .command(Command::new("write", write))
        .command(Command::new("copy", copy))
}
