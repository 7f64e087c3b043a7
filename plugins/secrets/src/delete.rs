//! `tw secrets delete`.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use tw_plugin_api::{ErrorKind, prelude::*};

use crate::{
    api::{Secrets, complete_names},
    name::quote_all,
    secret::PipelineSecret,
};

/// Delete secrets
#[derive(Args)]
#[args(exactly_one_of(id, name, names))]
pub(crate) struct Delete {
    /// Secret unique identifier
    #[arg(short, long)]
    id: Option<i64>,
    /// Secret name
    #[arg(short, long, complete = complete_names)]
    name: Option<String>,
    /// Names of several secrets, separated by commas
    #[arg(long, value_name = "NAMES", delimiter = ',', complete = complete_names)]
    names: Vec<String>,
    /// Ask before deleting
    #[arg(long)]
    confirm: bool,
    /// Succeed even if a secret does not exist
    #[arg(long)]
    ignore_missing: bool,
}

/// The JSON result. It has the field `secret` for `--id` and `--name`, and `secrets` for `--names` or if nothing was deleted.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Deleted<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'a PipelineSecret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secrets: Option<&'a [PipelineSecret]>,
    workspace_ref: &'a str,
}

pub(crate) fn run(args: Delete, host: &Host) -> Result<Output> {
    if args.names.iter().any(|name| name.trim().is_empty()) {
        let message = "one of '--names' is empty: write A,B";
        return Err(Error::usage(message).code("invalid-value"));
    }
    if args.confirm && !host.prompt().is_interactive()? {
        return Err(Error::usage("there is no terminal to ask on").code("not-interactive"));
    }
    let secrets = Secrets::open(host)?;
    let found = args.find(&secrets)?;
    let reference = secrets.workspace.reference();
    if args.confirm && !found.is_empty() {
        let question = format!("Delete {} at {reference} workspace?", quote_names(&found));
        if !host.prompt().confirm(&question, false)? {
            return Err(Error::failure("Nothing was deleted"));
        }
    }
    args.delete(&secrets, &found)?;
    let single = match found.as_slice() {
        [secret] if args.names.is_empty() => Some(secret),
        _ => None,
    };
    let message = match (single, found.as_slice()) {
        (Some(secret), _) => format!("Secret '{}' deleted at {reference} workspace", secret.name),
        (None, []) => format!("No secrets to delete at {reference} workspace"),
        (None, _) => format!(
            "Secrets {} deleted at {reference} workspace",
            quote_names(&found)
        ),
    };
    let deleted = Deleted {
        secret: single,
        secrets: single.is_none().then_some(&found),
        workspace_ref: reference,
    };
    Output::message(&deleted, &message)
}

impl Delete {
    /// Finds every secret to delete with one request, before the first is deleted.
    fn find(&self, secrets: &Secrets<'_>) -> Result<Vec<PipelineSecret>> {
        if let Some(id) = self.id {
            return match secrets.get(id) {
                Err(error) if error.kind() == ErrorKind::NotFound && self.ignore_missing => {
                    Ok(Vec::new())
                }
                found => Ok(vec![found?]),
            };
        }
        let named = |secret: PipelineSecret| (secret.name.clone(), secret);
        let mut existing: HashMap<_, _> = secrets.list()?.into_iter().map(named).collect();
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        let names = self.names.iter().map(|name| name.trim());
        for name in self.name.as_deref().into_iter().chain(names) {
            if !seen.insert(name) {
                continue;
            }
            match existing.remove(name) {
                Some(secret) => found.push(secret),
                None if self.ignore_missing => {}
                None => return Err(secrets.unknown(name)),
            }
        }
        Ok(found)
    }

    /// Deletes the secrets one by one and stops at the first failure, which says what was deleted before.
    fn delete(&self, secrets: &Secrets<'_>, found: &[PipelineSecret]) -> Result<()> {
        for (at, secret) in found.iter().enumerate() {
            match secret.require_id().and_then(|id| secrets.delete(id)) {
                Ok(()) => {}
                // The secret existed a moment ago, so somebody else has deleted it since.
                Err(error) if error.status() == Some(404) && self.ignore_missing => {}
                Err(error) if at == 0 => return Err(error),
                Err(error) => {
                    let before = quote_names(&found[..at]);
                    return Err(error.and(format!("deleted before that: {before}")));
                }
            }
        }
        Ok(())
    }
}

fn quote_names(secrets: &[PipelineSecret]) -> String {
    quote_all(secrets.iter().map(|secret| secret.name.as_str()))
}
