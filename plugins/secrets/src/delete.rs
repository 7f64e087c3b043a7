//! `tw secrets delete`.

use serde::Serialize;
use tw_plugin_api::{ErrorKind, prelude::*};

use crate::{
    api::{PipelineSecret, Secrets},
    name::quoted,
};

/// Delete secrets
#[derive(Args)]
#[args(exactly_one_of(id, name, names))]
pub(crate) struct Delete {
    /// Secret unique identifier
    #[arg(short, long)]
    id: Option<i64>,
    /// Secret name
    #[arg(short, long)]
    name: Option<String>,
    /// Names of several secrets, with commas between them
    #[arg(long, value_name = "NAMES", delimiter = ',')]
    names: Vec<String>,
    /// Ask before anything is deleted
    #[arg(long)]
    confirm: bool,
    /// A secret that isn't there is no failure
    #[arg(long)]
    ignore_missing: bool,
}

/// One secret, or those of `--names`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Deleted<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'a str>,
    workspace_ref: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    secrets: Option<&'a [&'a str]>,
}

pub(crate) fn run(args: Delete, host: &Host) -> Result<Output> {
    if args.names.iter().any(|name| name.trim().is_empty()) {
        return Err(Error::usage("one of '--names' is empty: write A,B"));
    }
    if args.confirm && !host.prompt().is_interactive()? {
        return Err(Error::usage("there is no terminal to ask on"));
    }
    let secrets = Secrets::at(host)?;
    let found = args.find(&secrets)?;
    let names: Vec<&str> = found.iter().map(|secret| secret.name.as_str()).collect();
    let reference = secrets.workspace.reference();
    if args.confirm && !names.is_empty() {
        let question = format!("Delete {} at {reference} workspace?", quoted(&names));
        if !host.prompt().confirm(&question, false)? {
            return Err(Error::failure("Nothing was deleted"));
        }
    }
    for (at, secret) in found.iter().enumerate() {
        let deleted = secret.number().and_then(|id| secrets.delete(id));
        match deleted {
            Ok(()) => {}
            // It was there a moment ago: somebody else was faster.
            Err(error) if error.status() == Some(404) && args.ignore_missing => {}
            Err(error) if at == 0 => return Err(error),
            Err(error) => {
                let before = quoted(&names[..at]);
                return Err(error.and(format!("deleted before that: {before}")));
            }
        }
    }
    let secret = match names.as_slice() {
        [name] if args.names.is_empty() => Some(*name),
        _ => None,
    };
    let message = match (secret, names.as_slice()) {
        (Some(name), _) => format!("Secret '{name}' deleted at {reference} workspace"),
        (_, []) => format!("No secrets to delete at {reference} workspace"),
        _ => format!(
            "Secrets {} deleted at {reference} workspace",
            quoted(&names)
        ),
    };
    let deleted = Deleted {
        secret,
        workspace_ref: reference,
        secrets: secret.is_none().then_some(&names),
    };
    Output::message(&deleted, &message)
}

impl Delete {
    /// All that are to go, looked up before the first is deleted: one call.
    fn find(&self, secrets: &Secrets<'_>) -> Result<Vec<PipelineSecret>> {
        if let Some(id) = self.id {
            return match secrets.get(id) {
                Err(error) if error.kind() == ErrorKind::NotFound && self.ignore_missing => {
                    Ok(Vec::new())
                }
                found => Ok(vec![found?]),
            };
        }
        let mut there = secrets.list()?;
        let mut found: Vec<PipelineSecret> = Vec::new();
        let names = self.names.iter().map(|name| name.trim());
        for name in self.name.as_deref().into_iter().chain(names) {
            match there.iter().position(|secret| secret.name == *name) {
                Some(at) => found.push(there.swap_remove(at)),
                None if found.iter().any(|secret| secret.name == *name) => {}
                None if self.ignore_missing => {}
                None => return Err(secrets.unknown(name)),
            }
        }
        Ok(found)
    }
}
