//! What the user belongs to, as the Platform's API has it.

use serde::Deserialize;
use tw_plugin_api::{Host, JsonObject, Result};

/// Entries as the server sent them.
type Entry = JsonObject;

/// The user, and all that the user belongs to: two calls.
pub(crate) struct Membership {
    pub(crate) user: String,
    entries: Vec<Entry>,
}

impl Membership {
    pub(crate) fn read(host: &Host) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Body {
            orgs_and_workspaces: Vec<Entry>,
        }
        let user = host.auth().whoami()?;
        let body: Body = host
            .http()
            .get(format!("/user/{}/workspaces", user.id))
            .send()?
            .ok()?
            .json()?;
        Ok(Self {
            user: user.name,
            entries: body.orgs_and_workspaces,
        })
    }

    /// Entries with a workspace.
    pub(crate) fn workspaces(self) -> impl Iterator<Item = Entry> {
        self.entries.into_iter().filter(is_workspace)
    }

    /// Entries without: the organisations themselves.
    pub(crate) fn organizations(self) -> impl Iterator<Item = Entry> {
        self.entries
            .into_iter()
            .filter(|entry| !is_workspace(entry))
    }
}

fn is_workspace(entry: &Entry) -> bool {
    entry.get("workspaceId").is_some_and(|id| !id.is_null())
}
