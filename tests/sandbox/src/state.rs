//! The state of a sandbox.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::account::{Organization, User, Workspace};
use crate::clock::Clock;
use crate::secret::{Owner, Secret, StoredSecret};

/// The default token of the seeded user `demo`.
pub const DEMO_TOKEN: &str = "tw-sandbox-demo-token";

/// The id of the first new secret, unless [`Builder::first_secret_id`](crate::Builder::first_secret_id) sets another.
pub const FIRST_SECRET_ID: i64 = 1001;

/// The users, tokens, organizations, workspaces and secrets of a sandbox.
///
/// The default state is the seed: the user `demo` (1) with [`DEMO_TOKEN`], the organization `acme` (10) with the workspaces
/// `research` (100) and `production` (101), the organization `globex` (20) without a workspace, and no secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    users: Vec<User>,
    /// The id of the user for each token.
    tokens: BTreeMap<String, i64>,
    organizations: Vec<Organization>,
    workspaces: Vec<Workspace>,
    secrets: Vec<StoredSecret>,
    next_secret_id: i64,
}

impl Default for State {
    fn default() -> Self {
        let mut state = Self::empty();
        state.add_user(User::new(1, "demo"));
        state.add_token(DEMO_TOKEN, 1);
        state.add_organization(Organization::new(10, "acme").full_name("Acme Research"));
        state.add_workspace(Workspace::new(100, 10, "research").full_name("Research"));
        state.add_workspace(Workspace::new(101, 10, "production").full_name("Production"));
        state.add_organization(Organization::new(20, "globex").full_name("Globex Corporation"));
        state
    }
}

impl State {
    /// Creates an empty state.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            users: Vec::new(),
            tokens: BTreeMap::new(),
            organizations: Vec::new(),
            workspaces: Vec::new(),
            secrets: Vec::new(),
            next_secret_id: FIRST_SECRET_ID,
        }
    }

    /// Adds a user, or replaces the one with the same id.
    pub fn add_user(&mut self, user: User) {
        upsert(&mut self.users, user, |user| user.id);
    }

    /// Adds an organization, or replaces the one with the same id.
    pub fn add_organization(&mut self, organization: Organization) {
        upsert(&mut self.organizations, organization, |organization| {
            organization.id
        });
    }

    /// Adds a workspace, or replaces the one with the same id.
    pub fn add_workspace(&mut self, workspace: Workspace) {
        upsert(&mut self.workspaces, workspace, |workspace| workspace.id);
    }

    /// Adds a token for the user with this id. A user may have several tokens.
    pub fn add_token(&mut self, token: &str, user: i64) {
        self.tokens.insert(token.into(), user);
    }

    /// Removes a token, as if it had expired.
    pub fn remove_token(&mut self, token: &str) {
        self.tokens.remove(token);
    }

    /// Sets the id of the next new secret. Later ids count up from there and skip ids that are taken.
    pub fn set_next_secret_id(&mut self, id: i64) {
        self.next_secret_id = id;
    }

    /// Adds a secret, or replaces the one with the same explicit id. Returns the id.
    pub fn add_secret(&mut self, secret: Secret, clock: &Clock) -> i64 {
        self.add_secret_avoiding(secret, clock, &[])
    }

    /// Adds a secret like [`add_secret`](Self::add_secret), but never gives it one of the `reserved` ids.
    pub(crate) fn add_secret_avoiding(
        &mut self,
        secret: Secret,
        clock: &Clock,
        reserved: &[i64],
    ) -> i64 {
        let id = secret.id.unwrap_or_else(|| self.take_secret_id(reserved));
        let owner = secret
            .owner
            .unwrap_or_else(|| Owner::User(self.first_user().map_or(1, |user| user.id)));
        let stored = StoredSecret {
            id,
            owner,
            name: secret.name,
            value: secret.value,
            date_created: secret.created.resolve(|| clock.now()),
            last_updated: secret.updated.resolve(|| clock.now()),
            last_used: secret.used,
        };
        upsert(&mut self.secrets, stored, |secret| secret.id);
        id
    }

    /// Removes and returns a secret. Returns `None` if no secret has this id.
    pub fn remove_secret(&mut self, id: i64) -> Option<StoredSecret> {
        let index = self.secrets.iter().position(|secret| secret.id == id)?;
        Some(self.secrets.remove(index))
    }

    /// Returns the secret with this id, regardless of its owner. `None` if no secret has this id.
    #[must_use]
    pub fn secret(&self, id: i64) -> Option<&StoredSecret> {
        self.secrets.iter().find(|secret| secret.id == id)
    }

    /// Returns the secret with this id for changing. `None` if no secret has this id.
    pub fn secret_mut(&mut self, id: i64) -> Option<&mut StoredSecret> {
        self.secrets.iter_mut().find(|secret| secret.id == id)
    }

    /// Iterates over the secrets of an owner, in the order in which they were added.
    pub fn secrets_of(&self, owner: Owner) -> impl Iterator<Item = &StoredSecret> {
        self.secrets
            .iter()
            .filter(move |secret| secret.owner == owner)
    }

    /// Returns all users, in the order in which they were added.
    #[must_use]
    pub fn users(&self) -> &[User] {
        &self.users
    }

    /// Returns all organizations, in the order in which they were added.
    #[must_use]
    pub fn organizations(&self) -> &[Organization] {
        &self.organizations
    }

    /// Returns all workspaces, in the order in which they were added.
    #[must_use]
    pub fn workspaces(&self) -> &[Workspace] {
        &self.workspaces
    }

    /// Returns the user with this token. `None` if the token is unknown.
    #[must_use]
    pub fn user_of(&self, token: &str) -> Option<&User> {
        let id = *self.tokens.get(token)?;
        self.users.iter().find(|user| user.id == id)
    }

    /// Returns the first user, who is the default owner of seeded secrets. `None` if there are no users.
    #[must_use]
    pub fn first_user(&self) -> Option<&User> {
        self.users.first()
    }

    /// Returns the user's token that sorts first. `None` if the user has no token.
    #[must_use]
    pub fn token_of(&self, user: i64) -> Option<&str> {
        self.tokens
            .iter()
            .find(|(_, id)| **id == user)
            .map(|(token, _)| token.as_str())
    }

    fn take_secret_id(&mut self, reserved: &[i64]) -> i64 {
        while self.secret(self.next_secret_id).is_some() || reserved.contains(&self.next_secret_id)
        {
            self.next_secret_id = self.next_secret_id.wrapping_add(1);
        }
        let id = self.next_secret_id;
        self.next_secret_id = id.wrapping_add(1);
        id
    }
}

/// Replaces the item with the same key in place, or appends this item.
fn upsert<T, K: PartialEq>(items: &mut Vec<T>, item: T, key: impl Fn(&T) -> K) {
    match items
        .iter_mut()
        .find(|existing| key(existing) == key(&item))
    {
        Some(existing) => *existing = item,
        None => items.push(item),
    }
}

#[cfg(test)]
mod tests {
    use super::State;
    use crate::clock::Clock;
    use crate::secret::{Owner, Secret};

    #[test]
    fn new_ids_count_up_and_skip_taken_ones() {
        let mut state = State::default();
        state.set_next_secret_id(5);
        assert_eq!(
            state.add_secret(Secret::new("taken", "v").id(6), &Clock::System),
            6
        );
        let ids: Vec<_> = ["one", "two", "three"]
            .map(|name| state.add_secret(Secret::new(name, "v"), &Clock::System))
            .into();
        assert_eq!(ids, [5, 7, 8]);
    }

    #[test]
    fn the_id_of_a_removed_secret_is_not_reused() {
        let mut state = State::default();
        let first = state.add_secret(Secret::new("one", "v"), &Clock::System);
        state.remove_secret(first);
        assert_ne!(
            state.add_secret(Secret::new("two", "v"), &Clock::System),
            first
        );
    }

    #[test]
    fn a_secret_belongs_to_the_first_user_unless_it_names_another_owner() {
        let mut state = State::default();
        let own = state.add_secret(Secret::new("own", "v"), &Clock::System);
        let shared = state.add_secret(Secret::new("shared", "v").workspace(100), &Clock::System);
        let owners = [own, shared].map(|id| state.secret(id).map(|secret| secret.owner));
        assert_eq!(owners, [Some(Owner::User(1)), Some(Owner::Workspace(100))]);
    }
}
