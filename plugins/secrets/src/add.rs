//! `tw secrets add`.

use serde::Serialize;
use tw_plugin_api::prelude::*;

use crate::{api::Secrets, name, value::ValueFrom};

/// Add a secret
#[derive(Args)]
pub(crate) struct Add {
    /// Secret name
    #[arg(short, long)]
    name: String,
    #[arg(flatten)]
    value: ValueFrom,
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
    let name = args.name.as_str();
    // One that is there already may have whatever name it has.
    if !args.overwrite {
        name::check(name)?;
    }
    let value = args.value.read(host, name)?;
    let secrets = Secrets::at(host)?;
    let reference = secrets.workspace.reference();
    let there = match args.overwrite {
        true => secrets.find(name)?,
        false => None,
    };
    let id = match there {
        None => {
            name::check(name)?;
            secrets.create(name, &value)?
        }
        // In place: nothing is deleted, and the identifier stays.
        Some(secret) => {
            let id = secret.number()?;
            secrets.update(id, &value)?;
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
