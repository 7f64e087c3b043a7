//! Answers that the plugin reads piece by piece.

use std::time::Duration;

use tw_plugin_api::{Stream, prelude::*};

use crate::report::{failure, got, read_peak};

/// Read an answer piece by piece
#[derive(Args)]
struct Read {
    /// The path or URL to read
    url: String,
    /// The deadline in milliseconds
    #[arg(long)]
    deadline: Option<i64>,
}

fn read(args: Read, host: &Host) -> Result<Output> {
    let before = read_peak();
    let size = || {
        let mut request = host.http().get(&args.url);
        if let Some(ms) = args.deadline {
            request = request.deadline(Duration::from_millis(ms.unsigned_abs()));
        }
        let mut stream = request.open()?;
        let (mut size, mut pieces) = (0, 0);
        while let Some(piece) = stream.read()? {
            size += piece.len();
            pieces += 1;
        }
        let again = stream.read()?.is_none();
        Ok(
            json!({ "status": stream.status(), "bytes": size, "pieces": pieces, "ended": again, "grown_kb": read_peak() - before }),
        )
    };
    got(host, size())
}

/// Read two answers in turns
#[derive(Args)]
struct Interleave {
    /// The first answer
    one: String,
    /// The second answer
    other: String,
}

fn interleave(args: Interleave, host: &Host) -> Result<Output> {
    let work = || {
        let mut streams = [
            host.http().get(&args.one).open()?,
            host.http().get(&args.other).open()?,
        ];
        let mut texts = [String::new(), String::new()];
        let mut open = true;
        while open {
            open = false;
            for (stream, text) in streams.iter_mut().zip(&mut texts) {
                if let Some(piece) = stream.read()? {
                    text.push_str(&String::from_utf8_lossy(&piece));
                    open = true;
                }
            }
        }
        Ok(json!(texts))
    };
    got(host, work())
}

/// Open an answer, read a piece, and leave it open
#[derive(Args)]
struct Leave {
    /// The path or URL to read
    url: String,
    /// Close the stream
    #[arg(long)]
    close: bool,
    /// Panic before the stream is closed
    #[arg(long)]
    panic: bool,
}

fn leave(args: Leave, host: &Host) -> Result<Output> {
    let first = |mut stream: Stream<'_>| {
        let bytes = stream.read()?.map_or(0, |piece| piece.len());
        assert!(!args.panic, "the stream is open");
        if args.close {
            drop(stream);
        } else {
            std::mem::forget(stream);
        }
        Ok(json!({ "read_something": bytes > 0 }))
    };
    got(host, host.http().get(&args.url).open().and_then(first))
}

/// Read to the end or a failure, and once more
#[derive(Args)]
struct Again {
    /// The path or URL to read
    url: String,
}

fn again(args: Again, host: &Host) -> Result<Output> {
    let mut stream = host.http().get(&args.url).open()?;
    let first = loop {
        match stream.read() {
            Ok(Some(_)) => {}
            other => break other,
        }
    };
    let told = |read: Result<Option<Vec<u8>>>| {
        read.map_or_else(|error| failure(&error), |_| json!("the end"))
    };
    let value = json!({ "first": told(first), "again": told(stream.read()) });
    got(host, Ok(value))
}

pub(crate) fn group() -> Group {
    Group::new("stream", "Streamed answers")
        .command(Command::new("read", read))
        .command(Command::new("interleave", interleave))
        .command(Command::new("leave", leave))
        .command(Command::new("again", again))
}
