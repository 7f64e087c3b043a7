//! Sends the requests of an import, and looks up the outcome of those without a usable response.

use std::collections::HashMap;

use tw_plugin_api::{BatchOutcome, Response, prelude::*};

use super::plan::{Change, Outcome, Step};
use crate::{
    api::{Secrets, is_conflict, is_lost, is_uncertain, parse_created_id},
    name::shorten,
    secret::{PipelineSecret, index_by_name},
};

/// Writes secrets, then deletes others. A failed write prevents every deletion, so that no secret is lost before its replacement exists.
pub(super) fn apply(
    host: &Host,
    secrets: &Secrets<'_>,
    writes: &mut [Step<'_>],
    deletes: &mut [Step<'_>],
) {
    send(host, secrets, writes.iter_mut().collect());
    let mut names = Names::new();
    if complete_creations(host, secrets, writes, true, &mut names) {
        complete_creations(host, secrets, writes, false, &mut names);
    }
    doubt_writes(writes, &names);
    if writes.iter().all(|step| step.outcome == Outcome::Done) {
        let deletes = spare_others(writes, deletes, &mut names);
        resolve_deletions(secrets, send(host, secrets, deletes));
    } else {
        for step in deletes {
            step.outcome = Outcome::NotSent;
        }
    }
}

/// The names of secrets by ID, from the lists after the first.
type Names = HashMap<i64, String>;

/// Marks writes as unknown whose ID belongs to a secret with another name, according to a later list: the first list was wrong.
fn doubt_writes(writes: &mut [Step<'_>], names: &Names) {
    for step in writes {
        let name = step.written.and_then(|id| names.get(&id));
        if let Some(name) = name.filter(|name| *name != step.name) {
            step.outcome = Outcome::Unknown;
            step.problem = Some(contradiction(name));
        }
    }
}

/// Returns the deletions to send. A secret is not deleted if this run has written it, or if a later list gives it another name: the first list was wrong.
fn spare_others<'s, 'a>(
    writes: &[Step<'_>],
    deletes: &'s mut [Step<'a>],
    names: &mut Names,
) -> Vec<&'s mut Step<'a>> {
    let written = writes
        .iter()
        .filter_map(|step| Some((step.written?, step.name.to_owned())));
    names.extend(written);
    let is_sent = |step: &mut &mut Step<'_>| {
        let Change::Delete { id } = step.change else {
            return true;
        };
        let Some(name) = names.get(&id).filter(|name| *name != step.name) else {
            return true;
        };
        step.outcome = Outcome::NotSent;
        step.problem = Some(contradiction(name));
        false
    };
    let mut deletes: Vec<_> = deletes.iter_mut().collect();
    deletes.retain_mut(is_sent);
    deletes
}

fn contradiction(name: &str) -> Error {
    let name = shorten(name);
    Error::new(
        ErrorKind::InvalidResponse,
        format!("the server listed its ID with this name, and now gives the ID to '{name}'"),
    )
}

/// Sends one request for each step, several at once, and records the outcomes. Returns the steps.
fn send<'s, 'a>(
    host: &Host,
    secrets: &Secrets<'_>,
    mut steps: Vec<&'s mut Step<'a>>,
) -> Vec<&'s mut Step<'a>> {
    if steps.is_empty() {
        return steps;
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
    for (step, outcome) in steps.iter_mut().zip(outcomes) {
        (step.outcome, step.problem) = match outcome {
            BatchOutcome::Done(response) => match judge(step.change, response) {
                Ok(written) => {
                    step.written = written;
                    (Outcome::Done, None)
                }
                Err(error) if is_open(step.change, &error) => (Outcome::Unknown, Some(error)),
                Err(error) => (Outcome::Failed, Some(error)),
            },
            BatchOutcome::Failed(error) => (Outcome::Failed, Some(error)),
            BatchOutcome::NotSent => (Outcome::NotSent, None),
            BatchOutcome::Unknown(error) => (Outcome::Unknown, Some(error)),
            _ => (Outcome::Unknown, None),
        };
    }
    steps
}

/// Returns the ID of the secret that a successful request has written, or `None` if the request deleted the secret.
fn judge(change: Change<'_>, response: Response) -> Result<Option<i64>> {
    let response = response.ok()?;
    match change {
        Change::Create { .. } => parse_created_id(&response).map(Some),
        Change::Update { id, .. } => response.no_content().map(|()| Some(id)),
        Change::Delete { .. } => response.no_content().map(|()| None),
    }
}

/// True if a failed request may have been carried out, or if a concurrent run may have made the same change. The list of secrets then shows
/// the outcome.
fn is_open(change: Change<'_>, error: &Error) -> bool {
    is_uncertain(error)
        || match change {
            Change::Create { .. } => is_conflict(error),
            Change::Update { .. } => false,
            Change::Delete { .. } => error.status() == Some(404),
        }
}

/// Lists the secrets again to complete creations whose outcome is unknown.
///
/// A secret that exists gets its value with an update. A secret that doesn't exist is created by another request if the answer to the first was lost
/// and `resend` is true: the API never has two secrets of one name, so the server refuses the second request if it is still carrying out the
/// first. Otherwise, the outcome stays unknown. Adds the list to `names`. Returns true if a creation was sent again, and its outcome is unknown too.
fn complete_creations(
    host: &Host,
    secrets: &Secrets<'_>,
    steps: &mut [Step<'_>],
    resend: bool,
    names: &mut Names,
) -> bool {
    let is_open_creation = |step: &Step<'_>| {
        step.outcome == Outcome::Unknown && matches!(step.change, Change::Create { .. })
    };
    let mut open: Vec<_> = steps
        .iter_mut()
        .filter(|step| is_open_creation(step))
        .collect();
    if open.is_empty() {
        return false;
    }
    // If this request fails too, the outcomes stay unknown.
    let Ok(existing) = secrets.list() else {
        return false;
    };
    let named = existing
        .iter()
        .filter_map(|secret| Some((secret.id?, secret.name.clone())));
    names.extend(named);
    let existing = index_by_name(&existing);
    open.retain_mut(|step| {
        let id = existing.get(step.name).and_then(|secret| secret.id);
        match (step.change, id) {
            (Change::Create { value }, Some(id)) => {
                step.change = Change::Update { id, value };
                true
            }
            // A gateway that answered may still be waiting for the API.
            _ => resend && step.problem.as_ref().is_some_and(is_lost),
        }
    });
    let first: Vec<_> = open.iter_mut().map(|step| step.problem.take()).collect();
    let mut is_open_again = false;
    for (step, first) in send(host, secrets, open).into_iter().zip(first) {
        let (false, Some(first)) = (step.outcome == Outcome::Done, first) else {
            continue;
        };
        is_open_again |= is_open_creation(step);
        // The failure of the second request says nothing about the first, which may have been carried out.
        if is_uncertain(&first) {
            step.outcome = Outcome::Unknown;
        }
        step.problem = Some(match step.problem.take() {
            Some(second) => first.and(second),
            None => first,
        });
    }
    is_open_again
}

/// Lists the secrets again to resolve deletions whose outcome is unknown. A deletion is done if neither the name nor the ID is in the list, no matter
/// who deleted the secret.
fn resolve_deletions(secrets: &Secrets<'_>, mut steps: Vec<&mut Step<'_>>) {
    steps.retain(|step| step.outcome == Outcome::Unknown);
    if steps.is_empty() {
        return;
    }
    // If this request fails too, the outcomes stay unknown.
    let Ok(existing) = secrets.list() else {
        return;
    };
    for step in steps {
        let is_listed = |secret: &PipelineSecret| {
            let Change::Delete { id } = step.change else {
                return false;
            };
            secret.id == Some(id) || secret.name == step.name
        };
        if !existing.iter().any(is_listed) {
            step.outcome = Outcome::Done;
            step.problem = None;
        }
    }
}
