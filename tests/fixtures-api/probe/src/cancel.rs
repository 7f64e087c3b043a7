//! Interrupts: calls that wait until the user stops the run.

use std::time::Duration;

use serde_json::Value;
use tw_plugin_api::{Source, prelude::*};

use crate::report::{failure, got};

/// What to wait for
#[derive(Choice, Clone, Copy)]
enum What {
    /// An answer to a request
    Answer,
    /// The user behind the token
    User,
    /// The workspace
    Workspace,
    /// The next piece of a stream
    Piece,
    /// The end of a sleep
    Sleep,
    /// The interrupt itself
    Interruption,
    /// Standard input
    Input,
}

/// Wait until the run is interrupted
#[derive(Args)]
struct Wait {
    /// What to wait for
    what: What,
    /// Return a result instead of a failure
    #[arg(long)]
    result: bool,
    /// Fail with this exit code
    #[arg(long)]
    code: Option<i64>,
}

/// Tells the server that the plugin waits. The answer is ignored, because an interrupt can come before it.
fn tell_ready(host: &Host) {
    let _ = host.http().get("/ready").anonymous().send();
}

fn wait_for(what: What, host: &Host) -> Result<()> {
    if !matches!(what, What::Sleep) {
        tell_ready(host);
    }
    match what {
        What::Answer => host.http().get("/slow").send().map(drop),
        What::User => host.auth().whoami().map(drop),
        What::Workspace => host.workspace().map(drop),
        What::Piece => {
            let mut stream = host.http().get("/slow").open()?;
            while stream.read()?.is_some() {}
            Ok(())
        }
        // Another thread tells the server while this one sleeps.
        What::Sleep => std::thread::scope(|scope| {
            scope.spawn(|| {
                let _ = host.sleep(Duration::from_millis(100));
                tell_ready(host);
            });
            host.sleep(Duration::from_secs(600))
        }),
        What::Interruption => {
            while !host.is_cancelled() {
                std::thread::yield_now();
            }
            host.sleep(Duration::ZERO)
        }
        What::Input => host.input().bytes(&Source::Stdin, 0).map(drop),
    }
}

fn wait(args: Wait, host: &Host) -> Result<Output> {
    let waited = wait_for(args.what, host);
    host.log().warning("2 of 3 are done");
    let Err(error) = waited else {
        return got(host, Ok(json!("it came")));
    };
    if args.result {
        let value = json!({ "cancelled": host.is_cancelled(), "error": failure(&error), "services": call_services(host) });
        return Output::message(&value, "2 of 3 are done");
    }
    Err(match args.code {
        Some(code) => error.exit_code(u8::try_from(code).unwrap_or(u8::MAX)),
        None => error,
    })
}

/// Calls each service after the interrupt, and returns the kinds of failure.
fn call_services(host: &Host) -> Value {
    let kind = |result: Result<()>| result.err().map(|error| error.kind());
    json!({
        "http": kind(host.http().get("/late").send().map(drop)),
        "batch": kind(host.http().batch().add(host.http().get("/late")).send().map(drop)),
        "auth": kind(host.auth().whoami().map(drop)),
        "workspace": kind(host.workspace().map(drop)),
        "config": kind(host.config::<()>().map(drop)),
        "input": kind(host.input().bytes(&Source::Stdin, 0).map(drop)),
        "prompt": kind(host.prompt().is_interactive().map(drop)),
        "clock": kind(host.now().map(drop)),
    })
}

/// Ignore interrupts and never end
#[derive(Args)]
struct Ignore {}

fn ignore(_: Ignore, host: &Host) -> Result<Output> {
    tell_ready(host);
    // The call returns when the run is interrupted.
    let _ = host.sleep(Duration::from_secs(600));
    host.log().warning("it ignores the interrupt");
    loop {
        std::thread::park();
    }
}

pub(crate) fn group() -> Group {
    Group::new("cancel", "Wait for an interrupt")
        .workspace_option()
        .command(Command::new("wait", wait))
        .command(Command::new("ignore", ignore))
}
