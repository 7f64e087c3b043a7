//! The options that select one secret.

use tw_plugin_api::prelude::*;

use crate::{
    api::{Secrets, complete_names},
    secret::PipelineSecret,
};

/// The secret that a command is about, by ID or by name.
#[derive(Args)]
#[args(exactly_one_of(id, name))]
pub(crate) struct Which {
    /// Secret unique identifier
    #[arg(short, long)]
    id: Option<i64>,
    /// Secret name
    #[arg(short, long, complete = complete_names)]
    name: Option<String>,
}

impl Which {
    /// Looks up the secret with one request.
    pub(crate) fn find(&self, secrets: &Secrets<'_>) -> Result<PipelineSecret> {
        match (self.id, &self.name) {
            (Some(id), _) => secrets.get(id),
            (None, Some(name)) => secrets.find(name)?.ok_or_else(|| secrets.unknown(name)),
            (None, None) => Err(Error::usage("one of --id and --name is required")),
        }
    }

    /// Returns the name or the ID that the user typed.
    pub(crate) fn describe(&self) -> String {
        match (&self.name, self.id) {
            (Some(name), _) => name.clone(),
            (None, id) => id.unwrap_or_default().to_string(),
        }
    }
}
