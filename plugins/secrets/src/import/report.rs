//! The result of an import: every secret by name, with what was done to it.

use serde::Serialize;
use tw_plugin_api::prelude::*;

use super::plan::{Outcome, Step};
use crate::api::Secrets;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    workspace_ref: &'a str,
    secrets: &'a [Step<'a>],
}

/// Returns the result. It is a failure if a step is neither planned nor done.
pub(super) fn report(secrets: &Secrets<'_>, steps: &[Step<'_>]) -> Result<Output> {
    let reference = secrets.workspace.reference();
    let count = |outcome| steps.iter().filter(|step| step.outcome == outcome).count();
    let failed = count(Outcome::Failed);
    let unknown = count(Outcome::Unknown);
    let not_sent = count(Outcome::NotSent);
    let is_failure = failed + unknown + not_sent > 0;
    let mut table = Table::new("/secrets")
        .heading(&format!("Secrets of the file at {reference} workspace"))
        .name_column(Column::new("Name", "/name"))
        .column(Column::new("Action", "/action"))
        .column(Column::new("Outcome", "/outcome").status([
            ("done", Status::Good),
            ("failed", Status::Bad),
            ("not sent", Status::Bad),
            ("unknown", Status::Warning),
        ]))
        .empty("No secrets to change");
    if is_failure {
        table = table.column(Column::new("Problem", "/problem"));
    }
    let report = Report {
        workspace_ref: reference,
        secrets: steps,
    };
    let output = Output::table(&report, table)?;
    if is_failure {
        let (done, all) = (count(Outcome::Done), steps.len());
        let error = Error::failure(format!(
            "{done} of {all} secrets are done; {failed} failed, {unknown} unknown, {not_sent} not sent"
        ));
        return Ok(output.failure(
            error.hint("run the same command again; writing a secret a second time does no harm"),
        ));
    }
    Ok(match steps.is_empty() {
        true => output.warning("there are no secrets in the file"),
        false => output,
    })
}
