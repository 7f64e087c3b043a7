//! Which secret: by number or by name.

use tw_plugin_api::prelude::*;

use crate::api::{PipelineSecret, Secrets};

/// The secret that a command is about.
#[derive(Args)]
#[args(exactly_one_of(id, name))]
pub(crate) struct Which {
    /// Secret unique identifier
    #[arg(short, long)]
    id: Option<i64>,
    /// Secret name
    #[arg(short, long)]
    name: Option<String>,
}

impl Which {
    /// Looks it up: one call.
    pub(crate) fn find(&self, secrets: &Secrets<'_>) -> Result<PipelineSecret> {
        match (self.id, &self.name) {
            (Some(id), _) => secrets.get(id),
            (None, Some(name)) => secrets.find(name)?.ok_or_else(|| secrets.unknown(name)),
            (None, None) => Err(Error::usage("one of --id and --name is needed")),
        }
    }

    /// What the person calls it.
    pub(crate) fn shown(&self) -> String {
        match (&self.name, self.id) {
            (Some(name), _) => name.clone(),
            (None, id) => id.unwrap_or_default().to_string(),
        }
    }

    /// Its number and its name, for a command that changes it.
    pub(crate) fn find_to_change(&self, secrets: &Secrets<'_>) -> Result<(i64, String)> {
        let secret = self.find(secrets)?;
        let id = secret.number()?;
        Ok((id, secret.name))
    }
}
