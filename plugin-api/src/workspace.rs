//! The shared option `-w/--workspace`, and what it comes to.

use tw_plugin_protocol as protocol;

use crate::Arg;

/// `-w/--workspace`, as every group that works in a workspace has it.
pub(crate) fn option() -> Arg {
    Arg::option("workspace")
        .workspace()
        .short('w')
        .long("workspace")
        .env("TOWER_WORKSPACE_ID")
        .help("Workspace numeric identifier or reference (OrganizationName/WorkspaceName)")
}

/// A workspace that the user belongs to, or the user's own.
///
/// ```
/// # use tw_plugin_api::prelude::*;
/// # fn run(host: &Host) -> Result<()> {
/// let workspace = host.workspace()?;
/// println!("secrets at {} workspace", workspace.reference()); // `user`, or `[Org / Name]`
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace(pub(crate) protocol::Workspace);

impl Workspace {
    /// The user's own.
    pub fn user() -> Self {
        Self(protocol::Workspace {
            reference: "user".to_owned(),
            ..protocol::Workspace::default()
        })
    }

    /// Its number; none for the user's own workspace.
    pub fn id(&self) -> Option<i64> {
        self.0.id
    }

    /// How it is shown: `user`, or `[Organization / Workspace]`.
    pub fn reference(&self) -> &str {
        &self.0.reference
    }

    /// Its name; none for the user's own workspace.
    pub fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// The organisation's number; none for the user's own workspace.
    pub fn organization_id(&self) -> Option<i64> {
        self.0.organization_id
    }

    /// The organisation's name; none for the user's own workspace.
    pub fn organization(&self) -> Option<&str> {
        self.0.organization.as_deref()
    }
}
