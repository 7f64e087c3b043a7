//! A plugin of 1.0: a group, shared and typed arguments, a workspace, HTTP, a table, a record, a message, a failure, a panic.
#![forbid(unsafe_code)]

use tw_plugin_api::prelude::*;

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
    Plugin::new().uses([Service::Http, Service::Workspace]).group(
        Group::new("frozen", "As it was in 1.0")
            .workspace_option()
            .command(Command::new("names", names))
            .command(Command::new("fail", fail)),
    )
}

export_plugin!(plugin);
