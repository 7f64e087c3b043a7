//! The user's workspaces and organizations as the Platform's API describes them.

use serde::Deserialize;
use tw_plugin_api::{Host, JsonObject, Result};

/// An entry as the server sent it, with all fields in the server's order.
type Entry = JsonObject;

/// The user's name, and an entry for each workspace and organization of the user.
pub(crate) struct Membership {
    pub(crate) user: String,
    entries: Vec<Entry>,
}

impl Membership {
    /// Fetches the user, then the user's entries: two requests.
    pub(crate) fn fetch(host: &Host) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Body {
            orgs_and_workspaces: Vec<Entry>,
        }
        let user = host.auth().whoami()?;
        let body: Body = host
            .http()
            .get(format!("/user/{}/workspaces", user.id()))
            .send()?
            .ok()?
            .json()?;
        Ok(Self {
            user: user.name().to_owned(),
            entries: body.orgs_and_workspaces,
        })
    }

    /// True if the user belongs to an organization of this name.
    pub(crate) fn has_organization(&self, name: &str) -> bool {
        self.entries
            .iter()
            .any(|entry| organization(entry) == Some(name))
    }

    /// Returns the entries that describe a workspace.
    pub(crate) fn workspaces(self) -> impl Iterator<Item = Entry> {
        self.entries.into_iter().filter(is_workspace)
    }

    /// Returns the entries that describe an organization itself: they have no workspace.
    pub(crate) fn organizations(self) -> impl Iterator<Item = Entry> {
        self.entries
            .into_iter()
            .filter(|entry| !is_workspace(entry))
    }
}

/// Returns the name of an entry's organization.
pub(crate) fn organization(entry: &Entry) -> Option<&str> {
    entry.get("orgName")?.as_str()
}

fn is_workspace(entry: &Entry) -> bool {
    entry.get("workspaceId").is_some_and(|id| !id.is_null())
}
