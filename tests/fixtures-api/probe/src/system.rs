//! The workspaces of the user, the terminal, and the folders of the plugin.

use std::path::Path;

use tw_plugin_api::prelude::*;

use crate::report::got;

/// List the workspaces
#[derive(Args)]
struct Workspaces {
    /// Look up these workspaces instead
    named: Vec<String>,
}

fn workspaces(args: Workspaces, host: &Host) -> Result<Output> {
    let found = match args.named.is_empty() {
        true => host.workspaces(),
        false => args
            .named
            .iter()
            .map(|name| host.workspace_named(name))
            .collect(),
    };
    let value = found.map(|found| {
        let workspaces = found.iter();
        json!(
            workspaces
                .map(|workspace| json!([workspace.id(), workspace.reference()]))
                .collect::<Vec<_>>()
        )
    });
    got(host, value)
}

/// Describe the terminal
#[derive(Args)]
struct Describe {}

fn terminal(_: Describe, host: &Host) -> Result<Output> {
    let terminal = host.terminal()?;
    let line = format!(
        "terminal {} width {:?} height {:?} colors {}",
        terminal.is_terminal(),
        terminal.width(),
        terminal.height(),
        terminal.has_colors()
    );
    host.log().warning(&line);
    Ok(Output::none())
}

/// Write a file into each folder of the plugin
#[derive(Args)]
struct Folders {}

fn folders(_: Folders, host: &Host) -> Result<Output> {
    let value = host.folders().and_then(|folders| {
        let folders = [folders.data(), folders.cache(), folders.state()];
        let write = |folder: &Path| -> Result<String> {
            std::fs::write(folder.join("note"), "kept").context("Cannot write a note")?;
            Ok(folder.display().to_string())
        };
        Ok(json!(
            folders.map(write).into_iter().collect::<Result<Vec<_>>>()?
        ))
    });
    got(host, value)
}

pub(crate) fn group() -> Group {
    Group::new("system", "The workspaces, the terminal and the folders")
        .command(Command::new("workspaces", workspaces))
        .command(Command::new("terminal", terminal))
        .command(Command::new("folders", folders))
}
