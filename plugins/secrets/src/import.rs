//! `tw secrets import` and `tw secrets sync`: a workspace as a file says.
//!
//! Everything is read and checked before the first call that changes something: one call lists what is there, and then each secret is one
//! call. Values can't be read, so whatever is there already is given its value anew, and a second run after a failure converges.

use serde::Serialize;
use tw_plugin_api::{BatchOutcome, prelude::*};

use crate::{
    api::{PipelineSecret, Secrets, created, is_there, is_uncertain},
    file::{SecretsFile, Written},
    name,
};

/// Add and update secrets as a file says
#[derive(Args)]
pub(crate) struct Import {
    #[arg(flatten)]
    file: SecretsFile,
    /// Show what would be done, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Write the secrets of a file, and with --prune delete all others
#[derive(Args)]
pub(crate) struct Sync {
    #[arg(flatten)]
    import: Import,
    /// Delete secrets that the file doesn't have, once all others are written
    #[arg(long)]
    prune: bool,
    /// Don't ask before secrets are deleted
    #[arg(long, requires = "prune")]
    yes: bool,
}

/// What is done to a secret.
#[derive(Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    Create,
    Update,
    Delete,
}

/// What became of it.
#[derive(Clone, Copy, PartialEq, Serialize)]
enum Outcome {
    #[serde(rename = "planned")]
    Planned,
    #[serde(rename = "done")]
    Done,
    #[serde(rename = "failed")]
    Failed,
    #[serde(rename = "not sent")]
    NotSent,
    #[serde(rename = "unknown")]
    Unknown,
}

#[derive(Serialize)]
struct Step<'a> {
    name: &'a str,
    action: Action,
    outcome: Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    /// Without it, it is to be made.
    #[serde(skip)]
    id: Option<i64>,
    #[serde(skip)]
    value: Option<&'a Secret>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Steps<'a> {
    workspace_ref: &'a str,
    secrets: &'a [Step<'a>],
}

pub(crate) fn import(args: Import, host: &Host) -> Result<Output> {
    args.run(host, false, false)
}

pub(crate) fn sync(args: Sync, host: &Host) -> Result<Output> {
    args.import.run(host, args.prune, args.yes)
}

impl Import {
    fn run(&self, host: &Host, prune: bool, yes: bool) -> Result<Output> {
        let mut written = self.file.read(host)?;
        if prune && written.is_empty() {
            return Err(Error::usage(
                "the file has no secrets, and '--prune' would delete all there are",
            ));
        }
        if prune && !yes && !self.dry_run && !host.prompt().is_interactive()? {
            return Err(Error::usage(
                "there is no terminal to ask on; '--yes' says that '--prune' is meant",
            ));
        }
        let secrets = Secrets::at(host)?;
        let there = secrets.list()?;
        let kept = self.file.encode(&mut written);
        let mut steps = self.plan(&written, &there)?;
        if let Some(names) = kept {
            host.log().warning(&format!(
                "values with line ends, which a pipeline run doesn't keep; `--base64` encodes those of several lines: {names}"
            ));
        }
        let writes = steps.len();
        if prune {
            for secret in &there {
                if !written.iter().any(|written| written.name == secret.name) {
                    steps.push(step(&secret.name, Action::Delete, Some(secret.number()?)));
                }
            }
        }
        if self.dry_run {
            return shown(&secrets, &steps);
        }
        let (write, delete) = steps.split_at_mut(writes);
        if !delete.is_empty() && !yes {
            agreed(host, &secrets, delete)?;
        }
        send(host, &secrets, write.iter_mut().collect());
        settle(host, &secrets, write);
        // What is new comes first, so that nothing is gone before its successor is there.
        match write.iter().all(|step| step.outcome == Outcome::Done) {
            true => {
                send(host, &secrets, delete.iter_mut().collect());
                settle(host, &secrets, delete);
            }
            false => delete
                .iter_mut()
                .for_each(|step| step.outcome = Outcome::NotSent),
        }
        shown(&secrets, &steps)
    }

    /// What is to be written. Names of secrets that are to be made are checked; those that are there have whatever name they have.
    fn plan<'a>(&self, written: &'a [Written], there: &[PipelineSecret]) -> Result<Vec<Step<'a>>> {
        let mut steps = Vec::new();
        let mut wrong: Option<Error> = None;
        for Written { name, value, line } in written {
            let found = there.iter().find(|secret| secret.name == *name);
            let mut action = Action::Create;
            let mut id = None;
            if let Some(secret) = found {
                action = Action::Update;
                id = Some(secret.number()?);
            } else if let Some(problem) = name::problem(name) {
                let what = format!("'{name}': {problem}");
                wrong = Some(match wrong {
                    None => self.file.wrong(*line, &what),
                    Some(before) => before.and(format!("line {line}: {what}")),
                });
            }
            steps.push(Step {
                value: Some(value),
                ..step(name, action, id)
            });
        }
        wrong.map_or(Ok(steps), Err)
    }
}

fn step<'a>(name: &'a str, action: Action, id: Option<i64>) -> Step<'a> {
    Step {
        name,
        action,
        outcome: Outcome::Planned,
        problem: None,
        id,
        value: None,
    }
}

/// Asks whether these are to go.
fn agreed(host: &Host, secrets: &Secrets<'_>, delete: &[Step<'_>]) -> Result<()> {
    let mut names: Vec<&str> = delete.iter().map(|step| step.name).collect();
    let more = match names.len() {
        0..=20 => String::new(),
        all => format!(" and {} more", all - 20),
    };
    names.truncate(20);
    let question = format!(
        "Delete what the file doesn't have at {} workspace: {}{more}?",
        secrets.workspace.reference(),
        names.join(", ")
    );
    match host.prompt().confirm(&question, false)? {
        true => Ok(()),
        false => Err(Error::failure("Nothing was changed")),
    }
}

/// One call a step, several at once.
fn send(host: &Host, secrets: &Secrets<'_>, steps: Vec<&mut Step<'_>>) {
    if steps.is_empty() {
        return;
    }
    let mut batch = host.http().batch().label(&format!(
        "Secrets at {} workspace",
        secrets.workspace.reference()
    ));
    for step in &steps {
        batch = batch.add(match (step.id, step.value) {
            (None, Some(value)) => secrets.create_request(step.name, value),
            (Some(id), Some(value)) => secrets.update_request(id, value),
            (id, None) => secrets.delete_request(id.unwrap_or_default()),
        });
    }
    let outcomes = match batch.send() {
        Ok(outcomes) => outcomes,
        Err(error) => steps
            .iter()
            .map(|_| match error.kind() {
                ErrorKind::Cancelled => BatchOutcome::NotSent,
                _ => BatchOutcome::Unknown(error.clone()),
            })
            .collect(),
    };
    for (step, outcome) in steps.into_iter().zip(outcomes) {
        let (outcome, problem) = match outcome {
            BatchOutcome::Done(response) => {
                let answer = response.ok().and_then(|response| match step.id {
                    None => created(&response).map(drop),
                    Some(_) => response.no_content(),
                });
                match answer {
                    Ok(()) => (Outcome::Done, None),
                    Err(error)
                        if is_uncertain(&error)
                            || (step.id.is_none() && is_there(&error))
                            || (step.action == Action::Delete && error.status() == Some(404)) =>
                    {
                        (Outcome::Unknown, Some(error))
                    }
                    Err(error) => (Outcome::Failed, Some(error)),
                }
            }
            BatchOutcome::Failed(error) => (Outcome::Failed, Some(error)),
            BatchOutcome::NotSent => (Outcome::NotSent, None),
            BatchOutcome::Unknown(error) => (Outcome::Unknown, Some(error)),
        };
        step.outcome = outcome;
        step.problem = problem.map(|error| error.to_string());
    }
}

/// Looks up what became of secrets that were to be made or deleted, where that isn't known. One that is there is given its value, which makes
/// certain that it has it; one that isn't there may still be on its way. One that is gone is deleted, whoever did it.
fn settle(host: &Host, secrets: &Secrets<'_>, steps: &mut [Step<'_>]) {
    let is_open = |step: &Step<'_>| {
        step.outcome == Outcome::Unknown && (step.id.is_none() || step.action == Action::Delete)
    };
    if !steps.iter().any(is_open) {
        return;
    }
    // When they can't be listed, what isn't known stays unknown.
    let Ok(there) = secrets.list() else {
        return;
    };
    let mut made = Vec::new();
    for step in steps.iter_mut().filter(|step| is_open(step)) {
        let found = there.iter().find(|secret| secret.name == step.name);
        match (step.action, found) {
            (Action::Delete, None) => {
                step.outcome = Outcome::Done;
                step.problem = None;
            }
            (Action::Create, Some(PipelineSecret { id: Some(id), .. })) => {
                step.id = Some(*id);
                made.push(step);
            }
            _ => {}
        }
    }
    send(host, secrets, made);
}

/// Every secret by name, with what was done and what wasn't.
fn shown(secrets: &Secrets<'_>, steps: &[Step<'_>]) -> Result<Output> {
    let reference = secrets.workspace.reference();
    let count = |outcome| steps.iter().filter(|step| step.outcome == outcome).count();
    let [done, failed, unknown, not_sent] = [
        Outcome::Done,
        Outcome::Failed,
        Outcome::Unknown,
        Outcome::NotSent,
    ]
    .map(count);
    let left = failed + unknown + not_sent;
    let table = Table::new("/secrets")
        .heading(&format!("Secrets of the file at {reference} workspace"))
        .name_column(Column::new("Name", "/name"))
        .column(Column::new("Action", "/action"))
        .column(Column::new("Outcome", "/outcome"))
        .empty("No secrets to change");
    let table = match left {
        0 => table,
        _ => table.column(Column::new("Problem", "/problem")),
    };
    let output = Output::table(
        &Steps {
            workspace_ref: reference,
            secrets: steps,
        },
        table,
    )?;
    Ok(match (left, steps.len()) {
        (0, 0) => output.warning("there are no secrets in the file"),
        (0, _) => output,
        (_, all) => output.failure(
            Error::failure(format!(
                "{done} of {all} secrets are done; {failed} failed, {unknown} unknown, {not_sent} not sent"
            ))
            .hint("the same command again writes the whole file once more, which does no harm"),
        ),
    })
}
