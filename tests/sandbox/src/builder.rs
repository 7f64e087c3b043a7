//! Configures a sandbox and starts it.

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
use crate::server::{Exchange, Identity, Server, ServerCertificate};
use crate::state::{DEMO_TOKEN, State};
use crate::state_file::StateFile;

/// The configuration of a sandbox. It starts out with the seed of [`State::default`].
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
    prints_log: bool,
    requires_client_certificate: bool,
    certificate: ServerCertificate,
}

impl Builder {
    /// Replaces the seed with this state, such as [`State::empty`].
    #[must_use]
    pub fn state(mut self, state: State) -> Self {
        self.state = state;
        self
    }

    /// Sets the token of the first user. [`DEMO_TOKEN`] is no longer valid then.
    #[must_use]
    pub fn token(mut self, token: &str) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Adds a token for the user with this id.
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

    /// Adds an organization, or replaces the one with the same id.
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

    /// Sets the id of the first new secret. Later ids count up from there.
    #[must_use]
    pub fn first_secret_id(mut self, id: i64) -> Self {
        self.state.set_next_secret_id(id);
        self
    }

    /// Stops the clock at this ISO 8601 date, so that new secrets have a known date.
    #[must_use]
    pub fn clock(mut self, now: &str) -> Self {
        self.clock = Clock::Fixed(now.into());
        self
    }

    /// Adds a fault. [`Sandbox::fault`] adds one to a running sandbox.
    #[must_use]
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Sets how many requests a token may make within any second. The rest are answered with 429.
    #[must_use]
    pub fn rate(mut self, per_second: usize) -> Self {
        self.rate = Some(per_second);
        self
    }

    /// Refuses https clients that do not present [the client certificate](Sandbox::client_pem).
    #[must_use]
    pub fn require_client_cert(mut self) -> Self {
        self.requires_client_certificate = true;
        self
    }

    /// Keeps the state in this file. If the file exists, its state replaces the seed. Every change is saved.
    #[must_use]
    pub fn state_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.state_file = Some(path.into());
        self
    }

    /// Sets the port. The default, 0, means any free port.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Prints a line to stderr for each request: method, path, query and outcome, but no header and no body.
    #[must_use]
    pub fn log(mut self) -> Self {
        self.prints_log = true;
        self
    }

    /// Starts the sandbox on plain http.
    ///
    /// # Panics
    ///
    /// If [`try_start`](Self::try_start) returns an error.
    #[must_use]
    pub fn start(self) -> Sandbox {
        self.try_start().unwrap_or_else(|error| panic!("{error}"))
    }

    /// Sets the kind of the server's certificate on https.
    #[must_use]
    pub fn certificate(mut self, kind: ServerCertificate) -> Self {
        self.certificate = kind;
        self
    }

    /// Starts the sandbox on https, with a new private certificate authority. See [`Sandbox::ca_pem`].
    ///
    /// # Panics
    ///
    /// If [`try_start_https`](Self::try_start_https) returns an error.
    #[must_use]
    pub fn start_https(self) -> Sandbox {
        self.try_start_https()
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// Starts the sandbox on plain http.
    ///
    /// # Errors
    ///
    /// - [`Error::Listen`] if the port is taken.
    /// - [`Error::StateUnreadable`] or [`Error::StateVersion`] if the state file exists but cannot be used.
    /// - [`Error::Start`] if the server's thread or runtime cannot be created.
    pub fn try_start(self) -> Result<Sandbox, Error> {
        self.launch(None)
    }

    /// Starts the sandbox on https, with a new private certificate authority.
    ///
    /// # Errors
    ///
    /// The errors of [`try_start`](Self::try_start), and [`Error::Certificate`] if no certificate can be created.
    pub fn try_start_https(self) -> Result<Sandbox, Error> {
        let identity = Identity::generate(self.certificate, self.requires_client_certificate)?;
        self.launch(Some(identity))
    }

    fn launch(self, identity: Option<Identity>) -> Result<Sandbox, Error> {
        let port = self.port;
        let (exchange, token) = self.build_exchange()?;
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

    /// Builds everything except the network. Returns the first user's token too.
    fn build_exchange(mut self) -> Result<(Arc<Exchange>, String), Error> {
        let file = self.state_file.take().map(StateFile::new);
        let mut state = match file.as_ref().map(StateFile::load).transpose()?.flatten() {
            Some(saved) => saved,
            None => self.take_seed(),
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
            Journal::new(self.prints_log),
            plan,
            self.rate.map(RateLimit::new),
        );
        Ok((Arc::new(exchange), token))
    }

    /// Returns the seed with its secrets in order. An id that one secret sets is never given to another secret.
    fn take_seed(&mut self) -> State {
        let mut state = std::mem::replace(&mut self.state, State::empty());
        let reserved: Vec<i64> = self.secrets.iter().filter_map(|secret| secret.id).collect();
        for secret in self.secrets.drain(..) {
            state.add_secret_avoiding(secret, &self.clock, &reserved);
        }
        state
    }
}
