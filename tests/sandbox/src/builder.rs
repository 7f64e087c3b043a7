//! Describing a sandbox before it starts.

use std::path::PathBuf;
use std::sync::Arc;

use crate::account::{Organization, User, Workspace};
use crate::clock::Clock;
use crate::error::Error;
use crate::fault::{Fault, Plan};
use crate::journal::Journal;
use crate::platform::Platform;
use crate::rate::RateLimit;
use crate::sandbox::{Pems, Sandbox};
use crate::secret::Secret;
use crate::server::{Exchange, Identity, Server};
use crate::state::{DEMO_TOKEN, State};
use crate::state_file::StateFile;

/// A sandbox that hasn't started. It begins with the ready-made seed of [`State::default`].
#[derive(Debug, Clone, Default)]
pub struct Builder {
    state: State,
    token: Option<String>,
    secrets: Vec<Secret>,
    clock: Clock,
    faults: Vec<Fault>,
    rate: Option<usize>,
    state_file: Option<PathBuf>,
    port: u16,
    is_logged: bool,
    asks_clients: bool,
}

impl Builder {
    /// Puts this state in the place of the ready-made seed; [`State::empty`] has nothing in it.
    #[must_use]
    pub fn state(mut self, state: State) -> Self {
        self.state = state;
        self
    }

    /// Sets the token of the first user, in the place of the ready-made one.
    #[must_use]
    pub fn token(mut self, token: &str) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Lets one more token sign this user in.
    #[must_use]
    pub fn token_for(mut self, token: &str, user: i64) -> Self {
        self.state.add_token(token, user);
        self
    }

    /// Adds a user, or replaces the one with the same id.
    #[must_use]
    pub fn user(mut self, user: User) -> Self {
        self.state.add_user(user);
        self
    }

    /// Adds an organisation, or replaces the one with the same id.
    #[must_use]
    pub fn organization(mut self, organization: Organization) -> Self {
        self.state.add_organization(organization);
        self
    }

    /// Adds a workspace, or replaces the one with the same id.
    #[must_use]
    pub fn workspace(mut self, workspace: Workspace) -> Self {
        self.state.add_workspace(workspace);
        self
    }

    /// Adds a secret.
    #[must_use]
    pub fn secret(mut self, secret: Secret) -> Self {
        self.secrets.push(secret);
        self
    }

    /// Makes the ids of secrets count up from this one.
    #[must_use]
    pub fn first_secret_id(mut self, id: i64) -> Self {
        self.state.set_next_secret_id(id);
        self
    }

    /// Stops the clock at this date, in ISO 8601, so that what a test creates has the date it expects.
    #[must_use]
    pub fn clock(mut self, now: &str) -> Self {
        self.clock = Clock::Fixed(now.into());
        self
    }

    /// Adds a fault; faults can also be added [later](Sandbox::fault).
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Answers 429 to a token's requests beyond this many within any second.
    #[must_use]
    pub fn rate(mut self, per_second: usize) -> Self {
        self.rate = Some(per_second);
        self
    }

    /// On https, refuses clients that don't show [a certificate of its own](Sandbox::client_pem).
    #[must_use]
    pub fn asks_clients(mut self) -> Self {
        self.asks_clients = true;
        self
    }

    /// Keeps the state in this file: what it holds takes the place of the seed, and every change is saved.
    #[must_use]
    pub fn state_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.state_file = Some(path.into());
        self
    }

    /// Listens on this port instead of any free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Prints a line to stderr for each request: method, path, query and outcome, no header and no body.
    #[must_use]
    pub fn log(mut self) -> Self {
        self.is_logged = true;
        self
    }

    /// Starts the sandbox on plain http.
    ///
    /// # Panics
    ///
    /// Where [`try_start`](Self::try_start) has an error, which in a test is the end of it.
    #[must_use]
    pub fn start(self) -> Sandbox {
        self.try_start().unwrap_or_else(|error| panic!("{error}"))
    }

    /// Starts the sandbox on https, with a new private certificate authority: [`Sandbox::ca_pem`].
    ///
    /// # Panics
    ///
    /// Where [`try_start_https`](Self::try_start_https) has an error.
    #[must_use]
    pub fn start_https(self) -> Sandbox {
        self.try_start_https()
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// Starts the sandbox on plain http.
    ///
    /// # Errors
    ///
    /// When the port is taken, or the state file is there and isn't a sandbox's.
    pub fn try_start(self) -> Result<Sandbox, Error> {
        self.launch(None)
    }

    /// Starts the sandbox on https, with a new private certificate authority.
    ///
    /// # Errors
    ///
    /// As [`try_start`](Self::try_start), and when no certificate can be made.
    pub fn try_start_https(self) -> Result<Sandbox, Error> {
        let identity = Identity::generate(self.asks_clients)?;
        self.launch(Some(identity))
    }

    fn launch(self, identity: Option<Identity>) -> Result<Sandbox, Error> {
        let port = self.port;
        let (exchange, token) = self.exchange()?;
        let (acceptor, pems) = match identity {
            Some(identity) => (
                Some(identity.acceptor),
                Pems {
                    ca: Some(identity.ca_pem),
                    client: identity.client_pem,
                },
            ),
            None => (None, Pems::default()),
        };
        let server = Server::start(port, acceptor, Arc::clone(&exchange))?;
        Ok(Sandbox::new(server, exchange, token, pems))
    }

    /// Everything but the network, and the first user's token.
    fn exchange(mut self) -> Result<(Arc<Exchange>, String), Error> {
        let file = self.state_file.take().map(StateFile::new);
        let mut state = match file.as_ref().map(StateFile::load).transpose()?.flatten() {
            Some(saved) => saved,
            None => self.seeded(),
        };
        let user = state.first_user().map_or(1, |user| user.id);
        let token = match self.token {
            Some(token) => {
                state.remove_token(DEMO_TOKEN);
                state.add_token(&token, user);
                token
            }
            None => state.token_of(user).unwrap_or_default().to_owned(),
        };

        let mut plan = Plan::default();
        self.faults.into_iter().for_each(|fault| plan.add(fault));
        let platform = Platform::new(state, self.clock, file);
        let exchange = Exchange::new(
            platform,
            Journal::new(self.is_logged),
            plan,
            self.rate.map(RateLimit::new),
        );
        Ok((Arc::new(exchange), token))
    }

    /// The seed with its secrets, in their order. None of them gets by itself an id that another one asks for.
    fn seeded(&mut self) -> State {
        let mut state = std::mem::replace(&mut self.state, State::empty());
        let taken: Vec<i64> = self.secrets.iter().filter_map(|secret| secret.id).collect();
        for secret in self.secrets.drain(..) {
            state.add_secret_beside(secret, &self.clock, &taken);
        }
        state
    }
}
