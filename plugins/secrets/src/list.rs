//! `tw secrets list`.

use jiff::Timestamp;
use serde::Serialize;
use tw_plugin_api::prelude::*;
use wildmatch::WildMatch;

use crate::{api::Secrets, duration, order::Order, secret::PipelineSecret};

/// List secrets
#[derive(Args)]
pub(crate) struct List {
    /// List only secrets whose name matches; `*` stands for any text, `?` for any character
    #[arg(long, value_name = "GLOB")]
    filter: Option<String>,
    /// Sort by name or by a date
    #[arg(long, value_name = "BY")]
    sort: Option<Order>,
    /// List only secrets that no run used for this long: 36h (hours), 90d (days), 12w (weeks)
    #[arg(long, value_name = "TIME")]
    unused_for: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed<'a> {
    workspace_ref: &'a str,
    secrets: Vec<PipelineSecret>,
}

pub(crate) fn run(args: List, host: &Host) -> Result<Output> {
    let unused_since = args.unused_since()?;
    let secrets = Secrets::open(host)?;
    let list = secrets.list_as_sent()?;
    if let Some(fault) = list.find_fault() {
        host.log().warning(&fault);
    }
    let mut found = list.pipeline_secrets;
    if let Some(glob) = &args.filter {
        let glob = WildMatch::new(glob);
        found.retain(|secret| glob.matches(&secret.name));
    }
    if let Some(time) = unused_since {
        found.retain(|secret| secret.is_unused_since(time));
    }
    let reference = secrets.workspace.reference();
    let mut table = table(reference);
    match args.sort {
        Some(order) => order.sort(&mut found),
        // As in the existing CLI, the table is sorted by ID as text. The JSON keeps the server's order.
        None => table = table.sort_as_text(0),
    }
    let listed = Listed {
        workspace_ref: reference,
        secrets: found,
    };
    Output::table(&listed, table)
}

pub(crate) fn table(reference: &str) -> Table {
    let [id, name, dates @ ..] = PipelineSecret::columns();
    let table = Table::new("/secrets")
        .heading(&format!("Secrets at {reference} workspace"))
        .empty("No secrets found")
        .column(id)
        .name_column(name);
    dates.into_iter().fold(table, Table::column)
}

impl List {
    /// Returns the time since which a secret must be unused; `None` without `--unused-for`.
    fn unused_since(&self) -> Result<Option<Timestamp>> {
        let Some(text) = &self.unused_for else {
            return Ok(None);
        };
        let duration = duration::parse(text).ok_or_else(|| {
            Error::usage(format!(
                "invalid value '{text}' for '--unused-for': expected a whole number and h, d or w, such as 90d"
            ))
            .code("invalid-value")
        })?;
        // jiff's calendar begins in the year -9999. No secret is older than that, so a duration that reaches further back matches no secret.
        let time = Timestamp::now().checked_sub(duration);
        Ok(Some(time.unwrap_or(Timestamp::MIN)))
    }
}
