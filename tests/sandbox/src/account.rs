//! Who and where: the users, organisations and workspaces that a sandbox is seeded with.

use serde::{Deserialize, Serialize};

/// A user of the pretended Platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The id, unique among users.
    pub id: i64,
    /// The name that the user signs in with.
    pub user_name: String,
    /// The address; made from the name unless it is set.
    pub email: String,
    /// What `user-info` reports as `defaultWorkspaceId`; nothing in the sandbox ever falls back to it.
    pub default_workspace: Option<i64>,
}

impl User {
    /// A user of this id and name, with the address `NAME@example.com`.
    #[must_use]
    pub fn new(id: i64, user_name: &str) -> Self {
        Self {
            id,
            user_name: user_name.into(),
            email: format!("{user_name}@example.com"),
            default_workspace: None,
        }
    }

    /// Gives the user another address.
    #[must_use]
    pub fn email(mut self, email: &str) -> Self {
        self.email = email.into();
        self
    }

    /// Makes `user-info` report this default workspace.
    #[must_use]
    pub fn default_workspace(mut self, workspace: i64) -> Self {
        self.default_workspace = Some(workspace);
        self
    }
}

/// An organisation. Everyone is a member unless [`members`](Self::members) says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    /// The id, unique among organisations.
    pub id: i64,
    /// The short name, as in `ORGANISATION/WORKSPACE`.
    pub name: String,
    /// The name in full.
    pub full_name: String,
    /// The ids of its members, or `None` for every user.
    pub members: Option<Vec<i64>>,
}

impl Organization {
    /// An organisation of this id and name that every user is a member of.
    #[must_use]
    pub fn new(id: i64, name: &str) -> Self {
        Self {
            id,
            name: name.into(),
            full_name: name.into(),
            members: None,
        }
    }

    /// Sets the name in full.
    #[must_use]
    pub fn full_name(mut self, full_name: &str) -> Self {
        self.full_name = full_name.into();
        self
    }

    /// Makes these users, and nobody else, members.
    #[must_use]
    pub fn members(mut self, users: impl IntoIterator<Item = i64>) -> Self {
        self.members = Some(users.into_iter().collect());
        self
    }

    pub(crate) fn has_member(&self, user: i64) -> bool {
        is_member(self.members.as_deref(), user)
    }
}

/// A workspace of an organisation. Everyone is a member unless [`members`](Self::members) says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Workspace {
    /// The id, unique among workspaces.
    pub id: i64,
    /// The id of the organisation that it belongs to.
    pub organization: i64,
    /// The short name, as in `ORGANISATION/WORKSPACE`.
    pub name: String,
    /// The name in full.
    pub full_name: String,
    /// The ids of its members, or `None` for every user.
    pub members: Option<Vec<i64>>,
}

impl Workspace {
    /// A workspace of this id and name in an organisation, that every user is a member of.
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

    /// Sets the name in full.
    #[must_use]
    pub fn full_name(mut self, full_name: &str) -> Self {
        self.full_name = full_name.into();
        self
    }

    /// Makes these users, and nobody else, members.
    #[must_use]
    pub fn members(mut self, users: impl IntoIterator<Item = i64>) -> Self {
        self.members = Some(users.into_iter().collect());
        self
    }

    pub(crate) fn has_member(&self, user: i64) -> bool {
        is_member(self.members.as_deref(), user)
    }
}

fn is_member(members: Option<&[i64]>, user: i64) -> bool {
    members.is_none_or(|members| members.contains(&user))
}
