//! The steps of an import, and how they are planned from the file and the existing secrets.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use tw_plugin_api::prelude::*;

use crate::{
    file::{FileSecret, SecretsFile},
    name::{self, join_some},
    secret::PipelineSecret,
};

/// The action of an import on a secret, as the report shows it. An update that completes a lost creation does not change the action.
#[derive(Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Action {
    Create,
    Update,
    Delete,
}

/// The request that a step sends next.
#[derive(Clone, Copy)]
pub(super) enum Change<'a> {
    Create { value: &'a Secret },
    Update { id: i64, value: &'a Secret },
    Delete { id: i64 },
}

/// The state of a step.
#[derive(Clone, Copy, PartialEq, Serialize)]
pub(super) enum Outcome {
    #[serde(rename = "planned")]
    Planned,
    #[serde(rename = "done")]
    Done,
    #[serde(rename = "failed")]
    Failed,
    #[serde(rename = "not sent")]
    NotSent,
    /// The request was sent, and may or may not have had its effect.
    #[serde(rename = "unknown")]
    Unknown,
}

/// One secret of an import. The JSON output has the fields in this order.
#[derive(Serialize)]
pub(super) struct Step<'a> {
    pub(super) name: &'a str,
    pub(super) action: Action,
    pub(super) outcome: Outcome,
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "serialize_problem"
    )]
    pub(super) problem: Option<Error>,
    #[serde(skip)]
    pub(super) change: Change<'a>,
    /// The ID that the secret has after the last request. `None` if no request for the secret succeeded, or if it deleted the secret.
    #[serde(skip)]
    pub(super) written: Option<i64>,
}

fn serialize_problem<S: serde::Serializer>(
    problem: &Option<Error>,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    problem.as_ref().map(Error::to_string).serialize(serializer)
}

impl<'a> Step<'a> {
    fn new(name: &'a str, change: Change<'a>) -> Self {
        Self {
            name,
            action: match change {
                Change::Create { .. } => Action::Create,
                Change::Update { .. } => Action::Update,
                Change::Delete { .. } => Action::Delete,
            },
            outcome: Outcome::Planned,
            problem: None,
            change,
            written: None,
        }
    }
}

/// Plans a step for every secret in the file.
///
/// # Errors
/// Names the secrets that would be created with an invalid name. The name of an existing secret is not checked, because the rule may be younger
/// than the secret.
pub(super) fn plan_writes<'a>(
    file: &SecretsFile,
    wanted: &'a [FileSecret],
    existing: &HashMap<&str, &PipelineSecret>,
) -> Result<Vec<Step<'a>>> {
    let mut steps = Vec::with_capacity(wanted.len());
    let mut problems = Vec::new();
    for FileSecret { name, value, line } in wanted {
        let change = match existing.get(name.as_str()) {
            Some(secret) => Change::Update {
                id: secret.require_id()?,
                value,
            },
            None => {
                if let Some(problem) = name::find_problem(name) {
                    problems.push(format!("line {line}: '{name}': {problem}"));
                }
                Change::Create { value }
            }
        };
        steps.push(Step::new(name, change));
    }
    match problems.is_empty() {
        true => Ok(steps),
        false => Err(file.error(&join_some(&problems, "; "))),
    }
}

/// Plans the deletion of every existing secret that is not in the file.
pub(super) fn plan_deletes<'a>(
    wanted: &[FileSecret],
    existing: &'a [PipelineSecret],
) -> Result<Vec<Step<'a>>> {
    let wanted: HashSet<&str> = wanted.iter().map(|secret| secret.name.as_str()).collect();
    existing
        .iter()
        .filter(|secret| !wanted.contains(secret.name.as_str()))
        .map(|secret| {
            let id = secret.require_id()?;
            Ok(Step::new(&secret.name, Change::Delete { id }))
        })
        .collect()
}
