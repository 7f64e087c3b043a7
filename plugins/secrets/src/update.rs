//! `tw secrets update`.

use serde::Serialize;
use tw_plugin_api::prelude::*;

use crate::{api::Secrets, value::ValueFrom, which::Which};

/// Update the value of a secret
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
    let value = args.value.read(host, &args.which.describe())?;
    let secrets = Secrets::open(host)?;
    let reference = secrets.workspace.reference();
    let secret = args.which.find(&secrets)?;
    secrets.update(secret.require_id()?, &value)?;
    let name = &secret.name;
    let updated = Updated {
        workspace_ref: reference,
        secret_name: name,
    };
    Output::message(
        &updated,
        &format!("Secret '{name}' updated at {reference} workspace"),
    )
}
