//! `tw secrets import` and `tw secrets sync`: a workspace as a file says.
//!
//! Everything is read and checked before the first call that changes something: one call lists what is there, and then each secret is one
//! call. Values can't be read, so whatever is there already is given its value anew, and a second run after a failure converges.

use serde::Serialize;
use tw_plugin_api::{BatchOutcome, prelude::*};

use crate::{
    api::{PipelineSecret, Secrets, created},
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

/// Make the secrets those of a file
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
        let written = self.file.read(host)?;
        if written.is_empty() && prune {
            return Err(Error::usage(
                "the file has no secrets, and '--prune' would delete all there are",
            ));
        }
        let secrets = Secrets::at(host)?;
        let there = secrets.list()?;
        let mut steps = plan(&written, &there)?;
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
            true => send(host, &secrets, delete.iter_mut().collect()),
            false => delete
                .iter_mut()
                .for_each(|step| step.outcome = Outcome::NotSent),
        }
        shown(&secrets, &steps)
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

/// What is to be written. Names of secrets that are to be made are checked; those that are there have whatever name they have.
fn plan<'a>(written: &'a [Written], there: &[PipelineSecret]) -> Result<Vec<Step<'a>>> {
    let mut steps = Vec::new();
    for Written { name, value, line } in written {
        let found = there.iter().find(|secret| secret.name == *name);
        let (action, id) = match found {
            Some(secret) => (Action::Update, Some(secret.number()?)),
            None => match name::problem(name) {
                None => (Action::Create, None),
                Some(problem) => {
                    return Err(Error::usage(format!("line {line}: '{name}': {problem}")));
                }
            },
        };
        steps.push(Step {
            value: Some(value),
            ..step(name, action, id)
        });
    }
    Ok(steps)
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
    if !host.prompt().is_interactive()? {
        return Err(Error::usage(
            "there is no terminal to ask on; '--yes' says that '--prune' is meant",
        ));
    }
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
            .map(|_| BatchOutcome::Failed(error.clone()))
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
                    // It is gone, which is what was wanted.
                    Err(error) if error.status() == Some(404) && step.action == Action::Delete => {
                        (Outcome::Done, None)
                    }
                    Err(error) if error.kind() == ErrorKind::InvalidResponse => {
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

/// Looks up what became of secrets that were to be made and whose answers were lost. One that is there is given its value, which makes
/// certain that it has it; of one that isn't there, nothing is left to be found out.
fn settle(host: &Host, secrets: &Secrets<'_>, steps: &mut [Step<'_>]) {
    let is_open = |step: &Step<'_>| step.outcome == Outcome::Unknown && step.id.is_none();
    if !steps.iter().any(is_open) {
        return;
    }
    // When they can't be listed, what isn't known stays unknown.
    let Ok(there) = secrets.list() else {
        return;
    };
    let mut made = Vec::new();
    for step in steps.iter_mut().filter(|step| is_open(step)) {
        match there.iter().find(|secret| secret.name == step.name) {
            Some(secret) => {
                step.id = secret.id;
                made.push(step);
            }
            None => step.outcome = Outcome::Failed,
        }
    }
    send(host, secrets, made);
}

/// Every secret by name, with what was done and what wasn't.
fn shown(secrets: &Secrets<'_>, steps: &[Step<'_>]) -> Result<Output> {
    let reference = secrets.workspace.reference();
    let left = steps
        .iter()
        .filter(|step| !matches!(step.outcome, Outcome::Done | Outcome::Planned))
        .count();
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
    Ok(match left {
        0 => output,
        _ => output.failure(Error::failure(format!(
            "Not as the file says: {left} of {} secrets; the same command again does what is left",
            steps.len()
        ))),
    })
}
