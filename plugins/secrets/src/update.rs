//! `tw secrets update`.

use serde::Serialize;
use tw_plugin_api::prelude::*;

use crate::{api::Secrets, value::ValueFrom, which::Which};

/// Give a secret a new value
#[derive(Args)]
pub(crate) struct Update {
    #[arg(flatten)]
    which: Which,
    #[arg(flatten)]
    value: ValueFrom,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Updated<'a> {
    workspace_ref: &'a str,
    secret_name: &'a str,
}

pub(crate) fn run(args: Update, host: &Host) -> Result<Output> {
    let value = args.value.read(host, &args.which.shown())?;
    let secrets = Secrets::at(host)?;
    let reference = secrets.workspace.reference();
    let (id, name) = args.which.find_to_change(&secrets)?;
    secrets.update(id, &value)?;
    Output::message(
        &Updated {
            workspace_ref: reference,
            secret_name: &name,
        },
        &format!("Secret '{name}' updated at {reference} workspace"),
    )
}
