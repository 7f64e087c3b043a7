//! The users, organizations and workspaces of a sandbox.

use serde::{Deserialize, Serialize};

/// A user of the simulated Platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The id, unique among users.
    pub id: i64,
    /// The name that the user signs in with.
    pub user_name: String,
    /// The email address. The default is `NAME@example.com`.
    pub email: String,
    /// The `defaultWorkspaceId` that `/user-info` reports. `None` if the user has no default workspace. The sandbox itself never
    /// uses this id.
    pub default_workspace: Option<i64>,
}

impl User {
    /// Creates a user with the email address `NAME@example.com`.
    #[must_use]
    pub fn new(id: i64, user_name: &str) -> Self {
        Self {
            id,
            user_name: user_name.into(),
            email: format!("{user_name}@example.com"),
            default_workspace: None,
        }
    }

    /// Sets the email address.
    #[must_use]
    pub fn email(mut self, email: &str) -> Self {
        self.email = email.into();
        self
    }

    /// Sets the default workspace that `/user-info` reports.
    #[must_use]
    pub fn default_workspace(mut self, workspace: i64) -> Self {
        self.default_workspace = Some(workspace);
        self
    }
}

/// An organization. Every user is a member unless [`members`](Self::members) names the members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    /// The id, unique among organizations.
    pub id: i64,
    /// The short name, as in `ORGANIZATION/WORKSPACE`.
    pub name: String,
    /// The full name.
    pub full_name: String,
    /// The ids of the members. `None` if every user is a member.
    pub members: Option<Vec<i64>>,
}

impl Organization {
    /// Creates an organization with every user as a member. The full name is the name.
    #[must_use]
    pub fn new(id: i64, name: &str) -> Self {
        Self {
            id,
            name: name.into(),
            full_name: name.into(),
            members: None,
        }
    }

    /// Sets the full name.
    #[must_use]
    pub fn full_name(mut self, full_name: &str) -> Self {
        self.full_name = full_name.into();
        self
    }

    /// Restricts the members to these users.
    #[must_use]
    pub fn members(mut self, users: impl IntoIterator<Item = i64>) -> Self {
        self.members = Some(users.into_iter().collect());
        self
    }

    pub(crate) fn has_member(&self, user: i64) -> bool {
        contains_user(self.members.as_deref(), user)
    }
}

/// A workspace of an organization. Every user is a member unless [`members`](Self::members) names the members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Workspace {
    /// The id, unique among workspaces.
    pub id: i64,
    /// The id of the organization.
    pub organization: i64,
    /// The short name, as in `ORGANIZATION/WORKSPACE`.
    pub name: String,
    /// The full name.
    pub full_name: String,
    /// The ids of the members. `None` if every user is a member.
    pub members: Option<Vec<i64>>,
}

impl Workspace {
    /// Creates a workspace with every user as a member. The full name is the name.
    #[must_use]
    pub fn new(id: i64, organization: i64, name: &str) -> Self {
        Self {
            id,
            organization,
            name: name.into(),
            full_name: name.into(),
            members: None,
        }
    }

    /// Sets the full name.
    #[must_use]
    pub fn full_name(mut self, full_name: &str) -> Self {
        self.full_name = full_name.into();
        self
    }

    /// Restricts the members to these users.
    #[must_use]
    pub fn members(mut self, users: impl IntoIterator<Item = i64>) -> Self {
        self.members = Some(users.into_iter().collect());
        self
    }

    pub(crate) fn has_member(&self, user: i64) -> bool {
        contains_user(self.members.as_deref(), user)
    }
}

fn contains_user(members: Option<&[i64]>, user: i64) -> bool {
    members.is_none_or(|members| members.contains(&user))
}
