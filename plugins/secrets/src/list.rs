//! `tw secrets list`.

use serde::Serialize;
use tw_plugin_api::prelude::*;
use wildmatch::WildMatch;

use crate::{
    api::{PipelineSecret, Secrets},
    time,
};

/// List the secrets of a workspace
#[derive(Args)]
pub(crate) struct List {
    /// Only secrets whose names match; `*` is anything, `?` any character
    #[arg(long, value_name = "GLOB")]
    filter: Option<String>,
    /// The order of the secrets
    #[arg(long, value_name = "BY")]
    sort: Option<Order>,
    /// Only secrets that no run has used for so long: 90d, 12w, 36h
    #[arg(long, value_name = "TIME")]
    unused_for: Option<String>,
}

/// The order of the secrets.
#[derive(Choice, Clone, Copy)]
pub(crate) enum Order {
    /// By name
    Name,
    /// The oldest first
    Created,
    /// The one that was changed longest ago first
    Updated,
    /// Those that were never used first, then the one that was used longest ago
    Used,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Listed<'a> {
    pub(crate) workspace_ref: &'a str,
    pub(crate) secrets: Vec<&'a PipelineSecret>,
}

pub(crate) fn run(args: List, host: &Host) -> Result<Output> {
    let unused_since = match &args.unused_for {
        None => None,
        Some(text) => {
            let time = time::length(text).ok_or_else(|| {
                Error::usage(format!("invalid value '{text}' for '--unused-for': it is a number and h, d or w, as 90d"))
            })?;
            Some(time::now() - time)
        }
    };
    let secrets = Secrets::at(host)?;
    let reference = secrets.workspace.reference();
    let [id, name, rest @ ..] = PipelineSecret::columns();
    let table = Table::new("/secrets").column(id).name_column(name);
    let table = rest.into_iter().fold(table, Table::column);
    let table = table
        .heading(&format!("Secrets at {reference} workspace"))
        .empty("No secrets found");
    let mut found = secrets.list()?;
    if let Some(glob) = &args.filter {
        let glob = WildMatch::new(glob);
        found.retain(|secret| glob.matches(&secret.name));
    }
    if let Some(since) = unused_since {
        found.retain(|secret| secret.is_unused_since(since));
    }
    let (secrets, table) = match args.sort {
        None => (found.iter().collect(), table.sort_as_text(0)),
        Some(order) => (sorted(&found, order), table),
    };
    let listed = Listed {
        workspace_ref: reference,
        secrets,
    };
    Output::table(&listed, table)
}

/// By insertion, for there are hundreds of secrets, not millions: the standard library's sort would be 6 KB of this library.
pub(crate) fn sorted(found: &[PipelineSecret], order: Order) -> Vec<&PipelineSecret> {
    let mut sorted: Vec<&PipelineSecret> = Vec::new();
    for secret in found {
        let key = secret.sort_key(order);
        let at = sorted.partition_point(|before| before.sort_key(order) <= key);
        sorted.insert(at, secret);
    }
    sorted
}
