//! The other services of the host.

use std::time::Duration;

use tw_plugin_api::prelude::*;

pub(crate) fn services(_: (), host: &Host) -> Result<Output> {
    let progress = host.progress("Working", Some(2));
    progress.step(1, "half");
    drop(progress);
    host.log().warning("a warning of the log");
    host.sleep(Duration::from_millis(1))?;
    let time = host.parse_time("2026-01-31")?;
    let at = host.time_at(time.unix_ms())?;
    let terminal = host.terminal()?;
    let folders = host.folders()?;
    let document = host.input().document_in("A=1\n", "dotenv")?;
    let workspaces = host.workspaces()?;
    let value = json!({
        "time": time.iso(),
        "same": at.unix_ms() == time.unix_ms() && host.now()?.unix_ms() > time.unix_ms(),
        "terminal": terminal.is_terminal() || host.is_terminal(),
        "folder": folders.data().is_dir(),
        "document": document.to_json(),
        "lines": document.root().line,
        "workspaces": workspaces.iter().map(|workspace| workspace.reference()).collect::<Vec<_>>(),
        "cancelled": host.is_cancelled(),
        "user": host.auth().whoami()?.name(),
        "format": host.format(),
        "feature": host.has_feature("frozen.feature"),
    });
    Output::message(&value, "served")
}

pub(crate) fn choose(_: (), host: &Host) -> Result<Output> {
    if !host.prompt().is_interactive()? {
        return Err(Error::new(ErrorKind::NotInteractive, "nobody is here"));
    }
    let choices = ["red", "green", "blue"];
    let color = host.prompt().choose("Which color?", &choices)?;
    Output::message(&json!({ "color": choices[color] }), choices[color])
}
