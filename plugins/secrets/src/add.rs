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
            let made = secrets.create(name, &value);
            made.or_else(|error| settled(&secrets, error, &args, &value))?
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

/// Looks up what became of a secret whose answer was lost. One that may be there is given its value then, which makes certain that
/// it has it; without `--overwrite` it could be another's, so that the person decides.
fn settled(secrets: &Secrets<'_>, error: Error, args: &Add, value: &Secret) -> Result<i64> {
    let Add { name, .. } = args;
    if !(api::is_uncertain(&error) || args.overwrite && api::is_there(&error)) {
        return Err(error);
    }
    match secrets.find(name) {
        Ok(Some(secret)) if args.overwrite => {
            let id = secret.number()?;
            secrets.update(id, value)?;
            Ok(id)
        }
        Ok(Some(_)) => Err(error
            .and(format!("a secret '{name}' is there now"))
            .hint(format!("`tw secrets view -n {name}` shows when it was made, and `tw secrets update -n {name}` gives it the value"))),
        Ok(None) => Err(error.and(format!("'{name}' is not there yet"))),
        Err(_) => Err(error),
    }
}
