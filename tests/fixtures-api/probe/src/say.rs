//! Log messages, progress, failures and the clock.

use std::time::Duration;

use tw_plugin_api::{ErrorKind, prelude::*};

use crate::report::got;

/// Log a message at every level
#[derive(Args)]
struct Log {
    /// The message
    line: String,
    /// Append a secret
    #[arg(long)]
    secret: Option<Secret>,
}

fn log(args: Log, host: &Host) -> Result<Output> {
    let secret = args.secret.as_ref().map_or("", Secret::expose);
    let line = |level: &str| format!("{level}: {}{secret}", args.line);
    host.log().warning(&line("a warning"));
    host.log().info(&line("an info"));
    host.log().debug(&line("a debug"));
    got(host, Ok(json!("logged")))
}

/// Show a progress display
#[derive(Args)]
struct Progress {
    /// The number of steps; unknown if not given
    #[arg(long)]
    total: Option<i64>,
    /// Do not end the display
    #[arg(long)]
    leave: bool,
    /// Show a second display, and log a warning after each step
    #[arg(long)]
    busy: bool,
}

fn progress(args: Progress, host: &Host) -> Result<Output> {
    let progress = host.progress("Comparing", args.total.map(i64::unsigned_abs));
    let second = args.busy.then(|| host.progress("Reading", Some(2)));
    if let Some(second) = &second {
        for step in 1..=2 {
            second.done(step);
            progress.done(step);
            host.sleep(Duration::from_millis(150))?;
            host.log().warning(&format!("step {step}"));
        }
    }
    for step in 1..=args.total.unwrap_or(3) {
        progress.done(step.unsigned_abs());
        progress.step(step.unsigned_abs(), "Comparing still");
    }
    if args.leave {
        std::mem::forget(progress);
    }
    got(host, Ok(json!("compared")))
}

/// A kind of failure
#[derive(Choice)]
enum Kind {
    Failure,
    Usage,
    Cancelled,
    NotFound,
    Timeout,
    Refused,
}

/// Fail
#[derive(Args)]
struct Fail {
    /// What happened
    message: String,
    /// The kind of failure
    #[arg(long, default = "failure")]
    kind: Kind,
    /// What to do next
    #[arg(long)]
    hint: Option<String>,
    /// Set the exit code
    #[arg(long)]
    code: Option<i64>,
    /// Name this argument as the wrong one
    #[arg(long)]
    argument: Option<String>,
    /// A secret
    #[arg(long)]
    secret: Option<Secret>,
}

fn fail(args: Fail, _: &Host) -> Result<Output> {
    let mut error = match args.kind {
        Kind::Failure => Error::failure(&args.message),
        Kind::Usage => Error::usage(&args.message),
        Kind::Cancelled => Error::new(ErrorKind::Cancelled, &args.message),
        Kind::NotFound => Error::new(ErrorKind::NotFound, &args.message),
        Kind::Timeout => Error::new(ErrorKind::Timeout, &args.message),
        Kind::Refused => Error::new(ErrorKind::Refused, &args.message),
    };
    if let Some(hint) = args.hint {
        error = error.hint(hint);
    }
    if let Some(code) = args.code {
        error = error.exit_code(u8::try_from(code).unwrap_or(u8::MAX));
    }
    if let Some(argument) = args.argument {
        error = error.argument(&argument);
    }
    Err(error)
}

/// Sleep, and show the time
#[derive(Args)]
struct Now {
    /// How long to sleep, in milliseconds
    #[arg(long, default = "0")]
    after: i64,
}

fn now(args: Now, host: &Host) -> Result<Output> {
    host.sleep(Duration::from_millis(args.after.unsigned_abs()))?;
    let now = host.now();
    got(
        host,
        now.map(|now| json!({ "unix_ms": now.unix_ms(), "iso": now.iso() })),
    )
}

pub(crate) fn group() -> Group {
    Group::new("say", "Log messages, progress, failures and the clock")
        .command(Command::new("log", log))
        .command(Command::new("progress", progress))
        .command(Command::new("fail", fail))
        .command(Command::new("now", now))
}
