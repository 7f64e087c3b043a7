//! Secrets, both as a test seeds them and as the sandbox stores them.

use serde::{Deserialize, Serialize};

/// The owner of a secret. The API derives it from the `workspaceId` parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Owner {
    /// The user with this id, if there is no `workspaceId` parameter.
    User(i64),
    /// The workspace with this id.
    Workspace(i64),
}

/// A secret as the sandbox stores it. The API returns every field except the owner and the value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StoredSecret {
    /// The id, unique within the sandbox.
    pub id: i64,
    /// The owner.
    pub owner: Owner,
    /// The name, unique within its owner.
    pub name: String,
    /// The value, which the API never returns.
    pub value: String,
    /// The creation date, which the API returns unchanged. `None` is null in the API, here and in the other dates.
    pub date_created: Option<String>,
    /// The date of the last change of the value.
    pub last_updated: Option<String>,
    /// The date of the last use by a run.
    pub last_used: Option<String>,
}

/// A secret to seed a sandbox with. By default it belongs to the first user, gets the next free id, was created and updated now, and
/// was never used.
///
/// The name is not checked, so a sandbox can hold a name that the API refuses.
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
    /// Creates a secret with a name and a value.
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

    /// Sets the owner to this workspace.
    #[must_use]
    pub fn workspace(self, id: i64) -> Self {
        self.owner(Owner::Workspace(id))
    }

    /// Sets the owner to this user.
    #[must_use]
    pub fn user(self, id: i64) -> Self {
        self.owner(Owner::User(id))
    }

    /// Sets the owner.
    #[must_use]
    pub fn owner(mut self, owner: Owner) -> Self {
        self.owner = Some(owner);
        self
    }

    /// Sets the id.
    #[must_use]
    pub fn id(mut self, id: i64) -> Self {
        self.id = Some(id);
        self
    }

    /// Sets the creation date, in ISO 8601.
    #[must_use]
    pub fn created(mut self, date: &str) -> Self {
        self.created = Seeded::At(date.into());
        self
    }

    /// Sets the date of the last change, in ISO 8601.
    #[must_use]
    pub fn updated(mut self, date: &str) -> Self {
        self.updated = Seeded::At(date.into());
        self
    }

    /// Sets the date of the last use, in ISO 8601.
    #[must_use]
    pub fn used(mut self, date: &str) -> Self {
        self.used = Some(date.into());
        self
    }

    /// Sets all three dates to null, which the API allows.
    #[must_use]
    pub fn undated(mut self) -> Self {
        self.created = Seeded::Never;
        self.updated = Seeded::Never;
        self.used = None;
        self
    }
}
