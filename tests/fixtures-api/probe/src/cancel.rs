//! What happens when the person stops the run.

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
    /// A piece of a stream
    Piece,
    /// Some time
    Sleep,
    /// The interruption itself
    Interruption,
    /// Standard input
    Input,
}

/// Wait until the person stops the run
#[derive(Args)]
struct Wait {
    /// What to wait for
    what: What,
    /// Report it as a result, instead of failing
    #[arg(long)]
    result: bool,
    /// Fail with an exit code of its own
    #[arg(long)]
    code: Option<i64>,
}

/// Tells the server that the waiting begins. An interruption may come before the answer.
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
        // It is told while it sleeps.
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
        let value = json!({ "cancelled": host.is_cancelled(), "error": failure(&error), "services": services(host) });
        return Output::message(&value, "2 of 3 are done");
    }
    Err(match args.code {
        Some(code) => error.exit_code(u8::try_from(code).unwrap_or(u8::MAX)),
        None => error,
    })
}

/// What each service says once the run is to stop.
fn services(host: &Host) -> Value {
    let kind = |result: Result<()>| result.err().map(|error| error.kind());
    json!({
        "http": kind(host.http().get("/late").send().map(drop)),
        "batch": kind(host.http().batch().add(host.http().get("/late")).send().map(drop)),
        "auth": kind(host.auth().whoami().map(drop)),
        "workspace": kind(host.workspace().map(drop)),
        "config": kind(host.config().map(drop)),
        "input": kind(host.input().bytes(&Source::Stdin, 0).map(drop)),
        "prompt": kind(host.prompt().is_interactive().map(drop)),
        "clock": kind(host.now().map(drop)),
    })
}

/// Never stop, whatever the person wants
#[derive(Args)]
struct Ignore {}

fn ignore(_: Ignore, host: &Host) -> Result<Output> {
    tell_ready(host);
    loop {
        std::thread::park();
    }
}

pub(crate) fn group() -> Group {
    Group::new("cancel", "What happens when the person stops the run")
        .workspace_option()
        .command(Command::new("wait", wait))
        .command(Command::new("ignore", ignore))
}
