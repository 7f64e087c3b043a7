//! A plugin of 1.0 that uses each part of the author's API: a group, shared and typed arguments, a workspace, HTTP, every kind of result, settings,
//! completion, prompts, a failure, a panic.
#![forbid(unsafe_code)]

use tw_plugin_api::prelude::*;

mod arguments;
mod requests;
mod results;
mod services;

/// Show the names of the secrets
#[derive(Args)]
struct Names {
    /// The most that are shown
    #[arg(long, default = "10", min = 1, max = 100)]
    most: i64,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    pipeline_secrets: Vec<tw_plugin_api::JsonObject>,
}

fn names(args: Names, host: &Host) -> Result<Output> {
    let workspace = host.workspace()?;
    let listed: Listed = host.http().get("/pipeline-secrets").workspace(&workspace).send()?.ok()?.json()?;
    let most = usize::try_from(args.most).unwrap_or(0);
    let rows: Vec<_> = listed.pipeline_secrets.into_iter().take(most).collect();
    let table = Table::new("/rows")
        .heading(&format!("Names at {} workspace", workspace.reference()))
        .name_column(Column::new("Name", "/name"))
        .empty("None");
    Output::table(&json!({ "rows": rows }), table)
}

/// Fail, or panic
#[derive(Args)]
struct Fail {
    #[arg(long)]
    panic: bool,
}

fn fail(args: Fail, _: &Host) -> Result<Output> {
    assert!(!args.panic, "as it was told");
    Err(Error::failure("as it was told").exit_code(42))
}

fn plugin() -> Plugin {
    use Service::{Auth, Config, Http, Input, Prompt, Workspace};
    Plugin::new()
        .uses([Http, Auth, Workspace, Config, Input, Prompt])
        .config::<arguments::Settings>()
        .group(
            Group::new("frozen", "As it was in 1.0")
                .workspace_option()
                .command(Command::new("names", names).example("tw frozen names", "list the names"))
                .command(Command::new("fail", fail))
                .command(Command::new("typed", arguments::typed))
                .command(Command::new("settings", arguments::settings))
                .command(Command::new("overview", results::overview))
                .command(Command::new("partial", results::partial))
                .command(Command::new("rows", results::rows))
                .command(Command::new("stream", results::stream))
                .command(Command::new("bytes", results::bytes))
                .command(Command::new("requests", requests::requests))
                .command(Command::new("services", services::services))
                .command(Command::new("choose", services::choose)),
        )
}

export_plugin!(plugin);
