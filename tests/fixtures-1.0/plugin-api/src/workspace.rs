//! The workspace that a command works in.

use tw_plugin_protocol as protocol;

use crate::Arg;

/// Declares the option `-w`/`--workspace`.
pub(crate) fn option() -> Arg {
    Arg::option("workspace")
        .workspace()
        .short('w')
        .long("workspace")
        .env("TOWER_WORKSPACE_ID")
        .help("Workspace numeric identifier or reference (OrganizationName/WorkspaceName)")
}

/// A workspace of an organization, or the user's personal workspace. [`Host::workspace`](crate::Host::workspace)
/// returns it.
///
/// ```
/// use tw_plugin_api::Workspace;
///
/// let workspace = Workspace::user();
/// assert_eq!(workspace.reference(), "user");
/// assert_eq!(workspace.id(), None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace(pub(crate) protocol::Workspace);

impl Workspace {
    /// Returns the user's personal workspace.
    pub fn user() -> Self {
        Self(protocol::Workspace {
            reference: "user".to_owned(),
            ..protocol::Workspace::default()
        })
    }

    /// Returns the workspace's numeric identifier. Returns `None` for the user's personal workspace.
    pub fn id(&self) -> Option<i64> {
        self.0.id
    }

    /// Returns the name of the workspace in messages: `user` or `[Organization / Workspace]`.
    pub fn reference(&self) -> &str {
        &self.0.reference
    }

    /// Returns the workspace's name. Returns `None` for the user's personal workspace.
    pub fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// Returns the organization's numeric identifier. Returns `None` for the user's personal workspace.
    pub fn organization_id(&self) -> Option<i64> {
        self.0.organization_id
    }

    /// Returns the organization's name. Returns `None` for the user's personal workspace.
    pub fn organization(&self) -> Option<&str> {
        self.0.organization.as_deref()
    }
}
