//! `tw secrets add`.

use serde::Serialize;
use tw_plugin_api::prelude::*;

use crate::{
    api::{self, Secrets},
    name,
    value::ValueFrom,
};

/// Add a secret
#[derive(Args)]
pub(crate) struct Add {
    /// Secret name
    #[arg(short, long)]
    name: String,
    #[arg(flatten)]
    value: ValueFrom,
    /// Update the secret if it already exists
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
    // The name of an existing secret may break today's rule, so `--overwrite` looks for the secret first.
    if !args.overwrite {
        name::check(name)?;
    }
    let value = args.value.read(host, name)?;
    let secrets = Secrets::open(host)?;
    let existing = match args.overwrite {
        true => secrets.find(name)?,
        false => None,
    };
    let id = match existing {
        None => {
            name::check(name)?;
            let created = secrets.create(name, &value);
            created.or_else(|error| recover(&secrets, error, &args, &value, true))?
        }
        // Updating keeps the ID. Deleting and creating would lose the secret if the second request failed.
        Some(secret) => {
            let id = secret.require_id()?;
            secrets.update(id, &value)?;
            id
        }
    };
    let reference = secrets.workspace.reference();
    let added = Added {
        workspace_ref: reference,
        id,
        name,
    };
    Output::message(
        &added,
        &format!("New secret '{name}' ({id}) added at {reference} workspace"),
    )
}

/// Looks for the secret after a create request whose outcome is unknown, and returns its ID.
///
/// With `--overwrite`, a secret that exists is given the value. A secret that doesn't exist is created by a second request if the answer to the first
/// was lost: the API never has two secrets of one name. Without `--overwrite`, the secret could belong to someone else, so the user
/// decides.
fn recover(
    secrets: &Secrets<'_>,
    error: Error,
    args: &Add,
    value: &Secret,
    is_first: bool,
) -> Result<i64> {
    let Add {
        name, overwrite, ..
    } = args;
    let is_uncertain = api::is_uncertain(&error);
    if !(is_uncertain || *overwrite && api::is_conflict(&error)) {
        return Err(api::explain_conflict(error));
    }
    match secrets.find(name) {
        Ok(Some(secret)) if *overwrite => {
            let id = secret.require_id()?;
            match secrets.update(id, value) {
                Ok(()) => Ok(id),
                Err(second) if is_uncertain => Err(error.and(second)),
                Err(second) => Err(second),
            }
        }
        Ok(Some(_)) => Err(error
            .and(format!("a secret '{name}' exists now"))
            .hint(format!(
                "`tw secrets view -n {name}` shows when it was created, and `tw secrets update -n {name}` sets its value"
            ))),
        Ok(None) if *overwrite && is_first && api::is_lost(&error) => {
            let created = secrets.create(name, value);
            created.or_else(|second| recover(secrets, error.and(second), args, value, false))
        }
        Ok(None) => Err(error.and(format!("'{name}' does not exist yet"))),
        // Only the first error is reported. The failure of the list would add nothing for the user.
        Err(_) => Err(error),
    }
}
