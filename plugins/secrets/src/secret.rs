//! A secret as the Platform's API describes it.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tw_plugin_api::{Column, Error, ErrorKind, Result};

use crate::name::shorten;

/// A secret without its value, which the API never returns. The JSON output has the fields in this order.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PipelineSecret {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<i64>,
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_used: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) date_created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_updated: Option<String>,
}

impl PipelineSecret {
    /// Returns the ID, for a request that needs one.
    ///
    /// # Errors
    /// Fails if the server sent no ID: the API's schema requires only the name.
    pub(crate) fn require_id(&self) -> Result<i64> {
        self.id.ok_or_else(|| {
            let name = shorten(&self.name);
            let message = format!("the server returned secret '{name}' without an ID");
            Error::new(ErrorKind::InvalidResponse, message)
        })
    }

    /// True if no run used the secret since `time`, and the secret existed before.
    ///
    /// A date that is absent or can't be read proves nothing, so such a secret doesn't count as unused.
    pub(crate) fn is_unused_since(&self, time: Timestamp) -> bool {
        let last = self.last_used.as_ref().or(self.date_created.as_ref());
        last.and_then(|date| date.parse::<Timestamp>().ok())
            .is_some_and(|last| last < time)
    }

    /// Returns the columns of a table of secrets, which are also the fields of a single secret's view.
    pub(crate) fn columns() -> [Column; 5] {
        [
            Column::new("ID", "/id").integer().optional(),
            Column::new("Name", "/name"),
            Column::new("Created", "/dateCreated").date().optional(),
            Column::new("Updated", "/lastUpdated").date().optional(),
            Column::new("Used", "/lastUsed").date().optional(),
        ]
    }
}

/// Indexes secrets by name.
pub(crate) fn index_by_name(secrets: &[PipelineSecret]) -> HashMap<&str, &PipelineSecret> {
    let named = secrets.iter().map(|secret| (secret.name.as_str(), secret));
    named.collect()
}

/// The list of secrets as the Platform's API sends it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SecretList {
    pub(crate) pipeline_secrets: Vec<PipelineSecret>,
    /// The number of secrets in JSON. A server may leave it out.
    total_size: Option<Box<RawValue>>,
}

impl SecretList {
    /// Returns what is wrong with the list, as a sentence: it is incomplete, or two secrets have the same ID or the same name, which the API
    /// rules out. `None` if nothing is wrong.
    pub(crate) fn find_fault(&self) -> Option<String> {
        let secrets = &self.pipeline_secrets;
        let sent = secrets.len();
        let total = self.total_size.as_ref().map(|total| total.get());
        // A number, perhaps with a fraction, or a text with a number.
        let total = total.map(|total| total.trim_matches('"'));
        let is_larger = |total: &&str| {
            let whole = total.split('.').next().unwrap_or_default();
            let is_number = !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit());
            // Digits that are no `u64` are a larger number.
            is_number
                && whole
                    .parse::<u64>()
                    .map_or(true, |whole| whole > sent as u64)
        };
        if let Some(total) = total.filter(is_larger) {
            let total = shorten(total);
            return Some(format!("The server sent only {sent} of {total} secrets"));
        }
        let (mut ids, mut names) = (HashMap::new(), HashMap::new());
        secrets.iter().find_map(|secret| {
            let name = secret.name.as_str();
            let other = secret.id.and_then(|id| Some((id, ids.insert(id, name)?)));
            if let Some((id, other)) = other {
                let (other, name) = (shorten(other), shorten(name));
                return Some(format!(
                    "The server sent ID {id} twice, for '{other}' and for '{name}'"
                ));
            }
            names.insert(name, secret)?;
            Some(format!(
                "The server sent two secrets with the name '{}'",
                shorten(name)
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unused_since(last_used: &str) -> bool {
        let secret = PipelineSecret {
            id: None,
            name: "KEY".to_owned(),
            last_used: Some(last_used.to_owned()),
            date_created: Some("1999-01-01T00:00:00Z".to_owned()),
            last_updated: None,
        };
        secret.is_unused_since(Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_secret_is_unused_if_its_last_use_is_earlier() {
        assert!(unused_since("1969-12-31T23:59:59Z"));
        assert!(!unused_since("1970-01-01T00:00:00Z"));
        assert!(!unused_since("2022-10-05T12:42:21.000Z"));
    }

    #[test]
    fn a_date_with_an_offset_counts_in_utc() {
        assert!(unused_since("1970-01-01T01:59:59+02:00"));
        assert!(!unused_since("1969-12-31T23:59:59-01:00"));
    }

    #[test]
    fn a_secret_with_an_unreadable_date_is_not_called_unused() {
        for date in [
            "",
            "yesterday",
            "1960-10-05",
            "1960-10-05T12:42:21",
            "1960-02-30T00:00:00Z",
        ] {
            assert!(!unused_since(date), "{date}");
        }
    }
}
