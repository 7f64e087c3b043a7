//! Arguments whose values have a type: numbers, durations, sizes, times, and types of the plugin.

use std::{
    fmt,
    num::NonZeroU8,
    path::PathBuf,
    str::FromStr,
    time::{Duration, SystemTime},
};

use tw_plugin_api::{Size, Source, prelude::*};

use crate::report::got;

/// A point, typed as `X,Y`.
struct Point(i32, i32);

/// The reason why a text is no point.
struct NoPoint;

impl fmt::Display for NoPoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("expected two numbers such as 1,2")
    }
}

impl FromStr for Point {
    type Err = NoPoint;

    fn from_str(text: &str) -> std::result::Result<Self, NoPoint> {
        let (x, y) = text.split_once(',').ok_or(NoPoint)?;
        let number = |text: &str| text.parse().map_err(|_| NoPoint);
        Ok(Self(number(x)?, number(y)?))
    }
}

/// An order
#[derive(Choice)]
enum Order {
    /// The most recent first
    #[choice(alias = "new", alias = "newest")]
    MostRecent,
    /// By name
    Name,
}

/// Print values of every type
#[derive(Args)]
struct Typed {
    /// A number of 8 bits
    #[arg(long)]
    tiny: Option<i8>,
    /// A number of 32 bits
    #[arg(long)]
    wide: Option<u32>,
    /// A count
    #[arg(long, min = 1, default = 20)]
    count: u64,
    /// A part
    #[arg(long, min = 0.0, max = 1.0)]
    part: Option<f64>,
    /// True or false
    #[arg(long)]
    strict: Option<bool>,
    /// A duration
    #[arg(long, min = "1m", max = "90d", default = "1h30m")]
    keep: Duration,
    /// A size
    #[arg(long, max = "5GiB")]
    memory: Option<Size>,
    /// A time
    #[arg(long, env = "PROBE_SINCE")]
    since: Option<SystemTime>,
    /// A file
    #[arg(long)]
    input: Option<Source>,
    /// A file that must not be a folder
    #[arg(long, file)]
    file: Option<PathBuf>,
    /// A folder
    #[arg(long, folder)]
    folder: Option<PathBuf>,
    /// An order
    #[arg(long)]
    order: Option<Order>,
    /// A point
    #[arg(long, parse)]
    at: Option<Point>,
    /// Secret numbers above 0
    #[arg(long, parse, sensitive)]
    pins: Vec<NonZeroU8>,
    /// Tags
    #[arg(long)]
    tags: Option<Vec<String>>,
    /// Conflicts with --tags and --at
    #[arg(long, conflicts = ["tags", "at"])]
    alone: bool,
    /// Requires --tags and --at
    #[arg(long, requires = ["tags", "at"])]
    together: bool,
}

fn typed(args: Typed, host: &Host) -> Result<Output> {
    let unix_ms = |time: SystemTime| {
        let since = time.duration_since(SystemTime::UNIX_EPOCH);
        since.map_or_else(
            |before| format!("-{}", before.duration().as_millis()),
            |since| since.as_millis().to_string(),
        )
    };
    let input = args.input.map(|input| match input {
        Source::Stdin => "stdin".to_owned(),
        Source::File(path) => path.display().to_string(),
        other => format!("{other:?}"),
    });
    got(
        host,
        Ok(json!({
            "tiny": args.tiny,
            "wide": args.wide,
            "count": args.count,
            "part": args.part,
            "strict": args.strict,
            "keep": args.keep.as_secs_f64(),
            "memory": args.memory.map(Size::bytes),
            "since": args.since.map(unix_ms),
            "input": input,
            "paths": [args.file, args.folder],
        "order": args.order.map(|order| order.to_string()),
            "at": args.at.map(|point| [point.0, point.1]),
            "pins": args.pins.len(),
            "tags": args.tags,
            "alone": args.alone,
            "together": args.together,
        })),
    )
}

/// Take at least one file
#[derive(Args)]
struct Several {
    /// The files
    #[arg(required)]
    files: Vec<Source>,
}

fn several(args: Several, host: &Host) -> Result<Output> {
    got(host, Ok(json!({ "files": args.files.len() })))
}

pub(crate) fn group() -> Group {
    Group::new("typed", "Values of every type")
        .command(Command::new("all", typed))
        .command(Command::new("several", several))
}
