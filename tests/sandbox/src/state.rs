//! All that a sandbox remembers between two requests.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::account::{Organization, User, Workspace};
use crate::clock::Clock;
use crate::secret::{Owner, Secret, StoredSecret};

/// The token of the seeded user `demo`.
pub const DEMO_TOKEN: &str = "tw-sandbox-demo-token";

/// The id of the first secret that gets one by itself, unless a builder says otherwise.
pub const FIRST_SECRET_ID: i64 = 1001;

/// Users, tokens, organisations, workspaces and secrets.
///
/// The default is the ready-made seed: the user `demo` (1) with [`DEMO_TOKEN`], the organisation `acme` (10) with the
/// workspaces `research` (100) and `production` (101), the organisation `globex` (20) without a workspace, and no
/// secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct State {
    users: Vec<User>,
    /// Which user a token signs in.
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
    /// A state with nobody and nothing in it.
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

    /// Adds an organisation, or replaces the one with the same id.
    pub fn add_organization(&mut self, organization: Organization) {
        upsert(&mut self.organizations, organization, |organization| {
            organization.id
        });
    }

    /// Adds a workspace, or replaces the one with the same id.
    pub fn add_workspace(&mut self, workspace: Workspace) {
        upsert(&mut self.workspaces, workspace, |workspace| workspace.id);
    }

    /// Lets a token sign this user in. A user may have several.
    pub fn add_token(&mut self, token: &str, user: i64) {
        self.tokens.insert(token.into(), user);
    }

    /// Takes a token's powers away, as if it had expired.
    pub fn remove_token(&mut self, token: &str) {
        self.tokens.remove(token);
    }

    /// Makes the ids of new secrets count up from this one; ids that are taken are skipped.
    pub fn set_next_secret_id(&mut self, id: i64) {
        self.next_secret_id = id;
    }

    /// Adds a secret, or replaces the one with the same explicit id, and tells the id it has.
    pub fn add_secret(&mut self, secret: Secret, clock: &Clock) -> i64 {
        self.add_secret_beside(secret, clock, &[])
    }

    /// The same, where some ids are for secrets that are still to come.
    pub(crate) fn add_secret_beside(
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

    /// Removes a secret and hands it over, if there was one of this id.
    pub fn remove_secret(&mut self, id: i64) -> Option<StoredSecret> {
        let index = self.secrets.iter().position(|secret| secret.id == id)?;
        Some(self.secrets.remove(index))
    }

    /// The secret of this id, whoever it belongs to.
    #[must_use]
    pub fn secret(&self, id: i64) -> Option<&StoredSecret> {
        self.secrets.iter().find(|secret| secret.id == id)
    }

    /// The same, to change it.
    pub fn secret_mut(&mut self, id: i64) -> Option<&mut StoredSecret> {
        self.secrets.iter_mut().find(|secret| secret.id == id)
    }

    /// The secrets of one user or workspace, in the order they came.
    pub fn secrets_of(&self, owner: Owner) -> impl Iterator<Item = &StoredSecret> {
        self.secrets
            .iter()
            .filter(move |secret| secret.owner == owner)
    }

    /// Every user, in the order they were added.
    #[must_use]
    pub fn users(&self) -> &[User] {
        &self.users
    }

    /// Every organisation, in the order they were added.
    #[must_use]
    pub fn organizations(&self) -> &[Organization] {
        &self.organizations
    }

    /// Every workspace, in the order they were added.
    #[must_use]
    pub fn workspaces(&self) -> &[Workspace] {
        &self.workspaces
    }

    /// The user that a token signs in.
    #[must_use]
    pub fn user_of(&self, token: &str) -> Option<&User> {
        let id = *self.tokens.get(token)?;
        self.users.iter().find(|user| user.id == id)
    }

    /// The first user, whom a test means when it names none.
    #[must_use]
    pub fn first_user(&self) -> Option<&User> {
        self.users.first()
    }

    /// A token of this user, the first in the order of the alphabet.
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

/// Replaces the item with the same key where it stands, or puts this one at the end.
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
    fn ids_count_up_and_step_over_those_that_are_taken() {
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
    fn an_id_is_not_used_twice_when_its_secret_is_gone() {
        let mut state = State::default();
        let first = state.add_secret(Secret::new("one", "v"), &Clock::System);
        state.remove_secret(first);
        assert_ne!(
            state.add_secret(Secret::new("two", "v"), &Clock::System),
            first
        );
    }

    #[test]
    fn a_secret_belongs_to_the_first_user_unless_it_says_otherwise() {
        let mut state = State::default();
        let own = state.add_secret(Secret::new("own", "v"), &Clock::System);
        let shared = state.add_secret(Secret::new("shared", "v").workspace(100), &Clock::System);
        let owners = [own, shared].map(|id| state.secret(id).map(|secret| secret.owner));
        assert_eq!(owners, [Some(Owner::User(1)), Some(Owner::Workspace(100))]);
    }
}
