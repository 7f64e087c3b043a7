//! `tw secrets delete`.

use serde::Serialize;
use tw_plugin_api::prelude::*;

use crate::{api::Secrets, which::Which};

/// Delete a secret
#[derive(Args)]
pub(crate) struct Delete {
    #[arg(flatten)]
    which: Which,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Deleted<'a> {
    secret: &'a str,
    workspace_ref: &'a str,
}

pub(crate) fn run(args: Delete, host: &Host) -> Result<Output> {
    let secrets = Secrets::at(host)?;
    let reference = secrets.workspace.reference();
    let (id, name) = args.which.find_to_change(&secrets)?;
    secrets.delete(id)?;
    Output::message(
        &Deleted {
            secret: &name,
            workspace_ref: reference,
        },
        &format!("Secret '{name}' deleted at {reference} workspace"),
    )
}
