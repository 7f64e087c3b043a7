//! `tw secrets list`.

use serde::Serialize;
use tw_plugin_api::prelude::*;

use crate::api::{PipelineSecret, Secrets};

/// List the secrets of a workspace
#[derive(Args)]
pub(crate) struct List {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed<'a> {
    workspace_ref: &'a str,
    secrets: Vec<PipelineSecret>,
}

pub(crate) fn run(_: List, host: &Host) -> Result<Output> {
    let secrets = Secrets::at(host)?;
    let reference = secrets.workspace.reference();
    let [id, name, rest @ ..] = PipelineSecret::columns();
    let table = Table::new("/secrets").column(id).name_column(name);
    let table = rest.into_iter().fold(table, Table::column);
    let listed = Listed {
        workspace_ref: reference,
        secrets: secrets.list()?,
    };
    Output::table(
        &listed,
        table
            .heading(&format!("Secrets at {reference} workspace"))
            .sort_as_text(0)
            .empty("No secrets found"),
    )
}
