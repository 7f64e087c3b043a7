//! `tw secrets import` and `tw secrets sync`: a workspace as a file says.
//!
//! Everything is read and checked before the first call that changes something: one call lists what is there, and then each secret is one
//! call. Values can't be read, so whatever is there already is given its value anew, and a second run after a failure converges.

use serde::Serialize;
use tw_plugin_api::{BatchOutcome, prelude::*};

use crate::{
    api::{PipelineSecret, Secrets},
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
    file: SecretsFile,
    /// Delete secrets that the file doesn't have
    #[arg(long)]
    prune: bool,
    /// Don't ask before secrets are deleted
    #[arg(long)]
    yes: bool,
    /// Show what would be done, and change nothing
    #[arg(long)]
    dry_run: bool,
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
#[serde(rename_all = "lowercase")]
enum Outcome {
    Planned,
    Done,
    Failed,
    #[serde(rename = "not done")]
    NotDone,
    Unknown,
}

#[derive(Serialize)]
struct Step {
    name: String,
    action: Action,
    outcome: Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    #[serde(skip)]
    id: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Done<'a> {
    workspace_ref: &'a str,
    secrets: &'a [Step],
}

pub(crate) fn import(args: Import, host: &Host) -> Result<Output> {
    let written = args.file.read(host)?;
    let secrets = Secrets::at(host)?;
    let there = secrets.list()?;
    let steps = plan(&written, &there)?;
    match args.dry_run {
        true => shown(&secrets, steps, "Plan"),
        false => {
            let steps = write(host, &secrets, steps, &written)?;
            shown(&secrets, steps, "Import")
        }
    }
}

pub(crate) fn sync(args: Sync, host: &Host) -> Result<Output> {
    let written = args.file.read(host)?;
    if written.is_empty() && args.prune {
        return Err(Error::usage(
            "the file has no secrets, and '--prune' would delete all there are",
        ));
    }
    let secrets = Secrets::at(host)?;
    let there = secrets.list()?;
    let mut steps = plan(&written, &there)?;
    let changes = steps.len();
    if args.prune {
        for secret in there
            .iter()
            .filter(|secret| !written.iter().any(|written| written.name == secret.name))
        {
            steps.push(step(&secret.name, Action::Delete, secret.number()?));
        }
    }
    if args.dry_run {
        return shown(&secrets, steps, "Plan");
    }
    let surplus = steps.split_off(changes);
    if !surplus.is_empty() && !args.yes {
        let question = format!(
            "Delete {} secrets that the file doesn't have?",
            surplus.len()
        );
        if !host.prompt().is_interactive()? {
            return Err(Error::usage(
                "there is no terminal to ask on; '--yes' says that '--prune' is meant",
            ));
        }
        if !host.prompt().confirm(&question, false)? {
            return Err(Error::failure("Nothing was changed"));
        }
    }
    let mut steps = write(host, &secrets, steps, &written)?;
    // What is new comes first, so that nothing is gone before its successor is there.
    let whole = steps.iter().all(|step| step.outcome == Outcome::Done);
    steps.extend(match whole {
        true => send(host, &secrets, surplus, |step| {
            Ok(secrets.delete_request(step.id))
        })?,
        false => surplus
            .into_iter()
            .map(|step| Step {
                outcome: Outcome::NotDone,
                ..step
            })
            .collect(),
    });
    shown(&secrets, steps, "Sync")
}

fn step(name: &str, action: Action, id: i64) -> Step {
    Step {
        name: name.to_owned(),
        action,
        outcome: Outcome::Planned,
        problem: None,
        id,
    }
}

/// What is to be done. Names of secrets that are to be made are checked; those that are there have whatever name they have.
fn plan(written: &[Written], there: &[PipelineSecret]) -> Result<Vec<Step>> {
    let steps = written.iter().map(|written| {
        match there.iter().find(|secret| secret.name == written.name) {
            Some(secret) => Ok(step(&written.name, Action::Update, secret.number()?)),
            None => match name::reason(&written.name) {
                None => Ok(step(&written.name, Action::Create, 0)),
                Some(reason) => {
                    let nearest = name::nearest(&written.name)
                        .map(|nearest| format!("; the nearest name is '{nearest}'"));
                    Err(Error::usage(format!(
                        "line {}: '{}' is no name of a secret: {reason}{}",
                        written.line,
                        written.name,
                        nearest.unwrap_or_default()
                    )))
                }
            },
        }
    });
    steps.collect()
}

/// Creates and updates. What became of a secret that was sent and not answered is looked up.
fn write(
    host: &Host,
    secrets: &Secrets<'_>,
    steps: Vec<Step>,
    written: &[Written],
) -> Result<Vec<Step>> {
    let mut values = written.iter();
    let mut steps = send(host, secrets, steps, |step| {
        let value = values.next().map(|written| &written.value);
        let value = value.ok_or_else(|| Error::failure("a step without a value"))?;
        Ok(match step.action {
            Action::Create => secrets.create_request(&step.name, value),
            _ => secrets.update_request(step.id, value),
        })
    })?;
    let is_uncertain =
        |step: &Step| step.outcome == Outcome::Unknown && step.action == Action::Create;
    if steps.iter().any(is_uncertain) && !host.is_cancelled() {
        let there = secrets.list()?;
        for step in steps.iter_mut().filter(|step| is_uncertain(step)) {
            let made = there.iter().any(|secret| secret.name == step.name);
            step.outcome = if made { Outcome::Done } else { Outcome::Failed };
        }
    }
    Ok(steps)
}

/// One call a step, several at once.
fn send<'a>(
    host: &'a Host,
    secrets: &Secrets<'a>,
    mut steps: Vec<Step>,
    mut request: impl FnMut(&Step) -> Result<tw_plugin_api::Request<'a>>,
) -> Result<Vec<Step>> {
    if steps.is_empty() {
        return Ok(steps);
    }
    let mut batch = host.http().batch().label(&format!(
        "Writing secrets at {} workspace",
        secrets.workspace.reference()
    ));
    for step in &steps {
        batch = batch.add(request(step)?);
    }
    for (step, outcome) in steps.iter_mut().zip(batch.send()?) {
        let (outcome, problem) = match outcome {
            BatchOutcome::Done(response) => match response.ok() {
                Ok(_) => (Outcome::Done, None),
                // It is gone, which is what was wanted.
                Err(error) if error.status() == Some(404) && step.action == Action::Delete => {
                    (Outcome::Done, None)
                }
                Err(error) => (Outcome::Failed, Some(error)),
            },
            BatchOutcome::Failed(error) => (Outcome::Failed, Some(error)),
            BatchOutcome::NotSent => (Outcome::NotDone, None),
            BatchOutcome::Unknown(error) => (Outcome::Unknown, Some(error)),
        };
        step.outcome = outcome;
        step.problem = problem.map(|error| error.to_string());
    }
    Ok(steps)
}

/// Every secret by name, with what was done and what wasn't.
fn shown(secrets: &Secrets<'_>, steps: Vec<Step>, what: &str) -> Result<Output> {
    let reference = secrets.workspace.reference();
    let table = Table::new("/secrets")
        .heading(&format!("{what} at {reference} workspace"))
        .name_column(Column::new("Name", "/name"))
        .column(Column::new("Action", "/action"))
        .column(Column::new("Outcome", "/outcome"))
        .empty("No secrets to change");
    let left = steps
        .iter()
        .filter(|step| !matches!(step.outcome, Outcome::Done | Outcome::Planned));
    let left: Vec<&Step> = left.collect();
    let table = match left.is_empty() {
        true => table,
        false => table.column(Column::new("Problem", "/problem")),
    };
    let output = Output::table(
        &Done {
            workspace_ref: reference,
            secrets: &steps,
        },
        table,
    )?;
    Ok(match left.is_empty() {
        true => output,
        false => output.exit_code(1).warning(&format!(
            "{} of {} secrets are not as the file says; run it again",
            left.len(),
            steps.len()
        )),
    })
}
