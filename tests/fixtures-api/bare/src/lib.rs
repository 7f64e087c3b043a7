//! A plugin that declares no service, and calls each of them.
#![forbid(unsafe_code)]

use std::time::Duration;

use tw_plugin_api::{Source, prelude::*};

/// A call of a service
#[derive(Choice)]
enum Call {
    Send,
    Batch,
    Open,
    Whoami,
    Token,
    Workspace,
    Config,
    Bytes,
    Document,
    Interactive,
    Text,
    Password,
    Confirm,
    Rows,
    Now,
    Sleep,
}

/// Call a service
#[derive(Args)]
struct CallService {
    /// The call to make
    call: Call,
}

fn call(args: CallService, host: &Host) -> Result<Output> {
    let request = || host.http().get("/service-info");
    match args.call {
        Call::Send => request().send().map(drop)?,
        Call::Batch => host.http().batch().add(request()).send().map(drop)?,
        Call::Open => request().open().map(drop)?,
        Call::Whoami => host.auth().whoami().map(drop)?,
        Call::Token => host.auth().token().map(drop)?,
        Call::Workspace => host.workspace().map(drop)?,
        Call::Config => host.config::<()>()?,
        Call::Bytes => host.input().bytes(&Source::Stdin, 0).map(drop)?,
        Call::Document => host.input().document_in("{}", "json").map(drop)?,
        Call::Interactive => host.prompt().is_interactive().map(drop)?,
        Call::Text => host.prompt().text("Well?", None).map(drop)?,
        Call::Password => host.prompt().secret("Well?", None).map(drop)?,
        Call::Confirm => host.prompt().confirm("Well?", true).map(drop)?,
        Call::Rows => return host.rows(&json!([]), Table::new(""))?.end(),
        Call::Now => host.now().map(drop)?,
        Call::Sleep => host.sleep(Duration::ZERO)?,
    }
    Output::message(&json!({}), "it was not refused")
}

/// Use the services that need no declaration
#[derive(Args)]
struct Quiet {}

fn quiet(_: Quiet, host: &Host) -> Result<Output> {
    host.log().warning("everybody reads this");
    host.progress("Nobody sees this", None).done(1);
    Output::message(&json!({ "cancelled": host.is_cancelled() }), "done")
}

/// Wait until the user presses Ctrl-C
#[derive(Args)]
struct Wait {}

fn wait(_: Wait, host: &Host) -> Result<Output> {
    host.log().warning("waiting for Ctrl-C");
    while !host.is_cancelled() {
        // Canceling ends the sleep with an error.
        let _ = host.sleep(Duration::from_millis(50));
    }
    host.log().warning("stopped in good order");
    Ok(Output::none())
}

fn plugin() -> Plugin {
    Plugin::new().group(
        Group::new("bare", "Call services that are not declared")
            .command(Command::new("call", call))
            .command(Command::new("quiet", quiet))
            .command(Command::new("wait", wait)),
    )
}

export_plugin!(plugin);
