//! The order in which secrets are listed.

use tw_plugin_api::prelude::*;

use crate::secret::PipelineSecret;

/// The value of `--sort`.
#[derive(Choice, Clone, Copy)]
pub(crate) enum Order {
    /// By name
    Name,
    /// By date of creation, oldest first
    Created,
    /// By date of the last update, oldest first
    Updated,
    /// By date of the last use, oldest first; secrets never used come first
    Used,
}

impl Order {
    /// Sorts secrets. Secrets with equal dates are sorted by name.
    pub(crate) fn sort(self, secrets: &mut [PipelineSecret]) {
        secrets.sort_unstable_by(|a, b| self.key(a).cmp(&self.key(b)));
    }

    /// Returns the key to sort by. The API sends all dates in UTC, so sorting the texts sorts the dates.
    fn key(self, secret: &PipelineSecret) -> (Option<&str>, &str) {
        let date = match self {
            Self::Name => &None,
            Self::Created => &secret.date_created,
            Self::Updated => &secret.last_updated,
            Self::Used => &secret.last_used,
        };
        (date.as_deref(), &secret.name)
    }
}
