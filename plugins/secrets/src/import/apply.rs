//! Sends the requests of an import, and looks up the outcome of those without a usable response.

use tw_plugin_api::{BatchOutcome, Response, prelude::*};

use super::plan::{Change, Outcome, Step};
use crate::{
    api::{Secrets, is_conflict, is_uncertain, parse_created_id},
    secret::index_by_name,
};

/// Writes secrets, then deletes others. A failed write prevents every deletion, so that no secret is lost before its replacement exists.
pub(super) fn apply(
    host: &Host,
    secrets: &Secrets<'_>,
    writes: &mut [Step<'_>],
    deletes: &mut [Step<'_>],
) {
    send(host, secrets, writes.iter_mut().collect());
    resolve_unknown(host, secrets, writes);
    if writes.iter().all(|step| step.outcome == Outcome::Done) {
        send(host, secrets, deletes.iter_mut().collect());
        resolve_unknown(host, secrets, deletes);
    } else {
        for step in deletes {
            step.outcome = Outcome::NotSent;
        }
    }
}

/// Sends one request for each step, several at once, and records the outcomes.
fn send(host: &Host, secrets: &Secrets<'_>, steps: Vec<&mut Step<'_>>) {
    if steps.is_empty() {
        return;
    }
    let reference = secrets.workspace.reference();
    let mut batch = host
        .http()
        .batch()
        .label(&format!("Secrets at {reference} workspace"));
    for step in &steps {
        batch = batch.add(match step.change {
            Change::Create { value } => secrets.create_request(step.name, value),
            Change::Update { id, value } => secrets.update_request(id, value),
            Change::Delete { id } => secrets.delete_request(id),
        });
    }
    let outcomes = batch.send().unwrap_or_else(|error| {
        let outcome = match error.kind() {
            ErrorKind::Cancelled => BatchOutcome::NotSent,
            _ => BatchOutcome::Unknown(error),
        };
        vec![outcome; steps.len()]
    });
    for (step, outcome) in steps.into_iter().zip(outcomes) {
        let (outcome, error) = match outcome {
            BatchOutcome::Done(response) => judge(step.change, response),
            BatchOutcome::Failed(error) => (Outcome::Failed, Some(error)),
            BatchOutcome::NotSent => (Outcome::NotSent, None),
            BatchOutcome::Unknown(error) => (Outcome::Unknown, Some(error)),
            _ => (Outcome::Unknown, None),
        };
        step.outcome = outcome;
        step.problem = error.map(|error| error.to_string());
    }
}

/// Decides from the response whether the change was made.
fn judge(change: Change<'_>, response: Response) -> (Outcome, Option<Error>) {
    let result = response.ok().and_then(|response| match change {
        Change::Create { .. } => parse_created_id(&response).map(drop),
        Change::Update { .. } | Change::Delete { .. } => response.no_content(),
    });
    let Err(error) = result else {
        return (Outcome::Done, None);
    };
    // A concurrent run can create or delete the secret first. The list of secrets then shows the outcome.
    let is_overtaken = match change {
        Change::Create { .. } => is_conflict(&error),
        Change::Update { .. } => false,
        Change::Delete { .. } => error.status() == Some(404),
    };
    match is_overtaken || is_uncertain(&error) {
        true => (Outcome::Unknown, Some(error)),
        false => (Outcome::Failed, Some(error)),
    }
}

/// Lists the secrets again to resolve creations and deletions whose outcome is unknown.
///
/// A created secret that exists gets its value with an update, which makes the outcome certain. A secret that is not in the list stays unknown,
/// because the server may still be creating the secret. A deletion is done if the secret is gone, no matter who deleted the secret.
fn resolve_unknown(host: &Host, secrets: &Secrets<'_>, steps: &mut [Step<'_>]) {
    // An update leaves no trace in the list.
    let is_open = |step: &Step<'_>| {
        step.outcome == Outcome::Unknown && !matches!(step.change, Change::Update { .. })
    };
    if !steps.iter().any(is_open) {
        return;
    }
    // If this request fails too, the outcomes stay unknown.
    let Ok(existing) = secrets.list() else {
        return;
    };
    let existing = index_by_name(&existing);
    let mut created = Vec::new();
    for step in steps.iter_mut().filter(|step| is_open(step)) {
        match (step.change, existing.get(step.name)) {
            (Change::Delete { .. }, None) => {
                step.outcome = Outcome::Done;
                step.problem = None;
            }
            (Change::Create { value }, Some(secret)) => {
                if let Some(id) = secret.id {
                    step.change = Change::Update { id, value };
                    created.push(step);
                }
            }
            _ => {}
        }
    }
    send(host, secrets, created);
}
