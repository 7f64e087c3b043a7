//! Secrets: as a test seeds them, and as the sandbox keeps them.

use serde::{Deserialize, Serialize};

/// Whose a secret is: the context that the API takes from `workspaceId`, or from its absence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Owner {
    /// The user of this id; no `workspaceId` was given.
    User(i64),
    /// The workspace of this id.
    Workspace(i64),
}

/// A secret as the sandbox keeps it. All of it but the owner and the value is what the API hands out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredSecret {
    /// The id, unique among all secrets of the sandbox.
    pub id: i64,
    /// Whose it is.
    pub owner: Owner,
    /// The name, unique within its owner.
    pub name: String,
    /// The value, which the API never returns.
    pub value: String,
    /// When it was created, as text that the API hands out as it stands.
    pub date_created: Option<String>,
    /// When its value was last set.
    pub last_updated: Option<String>,
    /// When a run last used it.
    pub last_used: Option<String>,
}

/// A secret to seed a sandbox with. What isn't said gets a default: the first user's own, the next free id, created
/// and updated now, never used.
///
/// The name isn't checked, so a sandbox can hold what the API wouldn't take today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) owner: Option<Owner>,
    pub(crate) id: Option<i64>,
    pub(crate) created: Seeded,
    pub(crate) updated: Seeded,
    pub(crate) used: Option<String>,
}

/// A date of a seeded secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Seeded {
    Now,
    At(String),
    Never,
}

impl Seeded {
    pub(crate) fn resolve(self, now: impl FnOnce() -> String) -> Option<String> {
        match self {
            Self::Now => Some(now()),
            Self::At(date) => Some(date),
            Self::Never => None,
        }
    }
}

impl Secret {
    /// A secret of this name and value.
    #[must_use]
    pub fn new(name: &str, value: &str) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            owner: None,
            id: None,
            created: Seeded::Now,
            updated: Seeded::Now,
            used: None,
        }
    }

    /// Makes it a secret of this workspace.
    #[must_use]
    pub fn workspace(self, id: i64) -> Self {
        self.owner(Owner::Workspace(id))
    }

    /// Makes it this user's own secret.
    #[must_use]
    pub fn user(self, id: i64) -> Self {
        self.owner(Owner::User(id))
    }

    /// Makes it this owner's secret.
    #[must_use]
    pub fn owner(mut self, owner: Owner) -> Self {
        self.owner = Some(owner);
        self
    }

    /// Gives it this id instead of the next free one.
    #[must_use]
    pub fn id(mut self, id: i64) -> Self {
        self.id = Some(id);
        self
    }

    /// Sets when it was created, in ISO 8601.
    #[must_use]
    pub fn created(mut self, date: &str) -> Self {
        self.created = Seeded::At(date.into());
        self
    }

    /// Sets when its value was last changed, in ISO 8601.
    #[must_use]
    pub fn updated(mut self, date: &str) -> Self {
        self.updated = Seeded::At(date.into());
        self
    }

    /// Sets when a run last used it, in ISO 8601.
    #[must_use]
    pub fn used(mut self, date: &str) -> Self {
        self.used = Some(date.into());
        self
    }

    /// Leaves all three dates null, as the description of the API allows.
    #[must_use]
    pub fn undated(mut self) -> Self {
        self.created = Seeded::Never;
        self.updated = Seeded::Never;
        self.used = None;
        self
    }
}
