//! `tw secrets add`.

use serde::Serialize;
use tw_plugin_api::prelude::*;

use crate::api::Secrets;

/// Add a secret
#[derive(Args)]
pub(crate) struct Add {
    /// Secret name
    #[arg(short, long)]
    name: String,
    /// Secret value
    #[arg(short, long)]
    value: Secret,
    /// Give the secret the new value if it is there already
    #[arg(long)]
    overwrite: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Added<'a> {
    workspace_ref: &'a str,
    id: i64,
    name: &'a str,
}

pub(crate) fn run(args: Add, host: &Host) -> Result<Output> {
    let secrets = Secrets::at(host)?;
    let reference = secrets.workspace.reference();
    let name = args.name.as_str();
    let there = match args.overwrite {
        true => secrets.find(name)?,
        false => None,
    };
    let id = match there {
        None => secrets.create(name, &args.value)?,
        // In place: nothing is deleted, and the identifier stays.
        Some(secret) => {
            let id = secret.id.ok_or_else(|| {
                Error::new(
                    ErrorKind::InvalidResponse,
                    format!("the server gave secret '{name}' without an identifier"),
                )
            })?;
            secrets.update(id, &args.value)?;
            id
        }
    };
    Output::message(
        &Added {
            workspace_ref: reference,
            id,
            name,
        },
        &format!("New secret '{name}' ({id}) added at {reference} workspace"),
    )
}
