//! A sandbox that is running.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::builder::Builder;
use crate::clock::Clock;
use crate::error::Error;
use crate::fault::Fault;
use crate::lock::lock;
use crate::request::Request;
use crate::secret::{Owner, StoredSecret};
use crate::server::{Exchange, Server};
use crate::state::State;

/// A running stand-in for the Platform. It serves from a thread of its own and stops when it is dropped.
#[derive(Debug)]
pub struct Sandbox {
    // Stopped first, so that nothing is served while the rest goes.
    server: Server,
    exchange: Arc<Exchange>,
    url: String,
    token: String,
    pems: Pems,
}

/// What a client of https needs.
#[derive(Debug, Default)]
pub(crate) struct Pems {
    pub(crate) ca: Option<String>,
    pub(crate) client: Option<String>,
}

impl Sandbox {
    /// A sandbox to describe further, with the ready-made seed of [`State::default`].
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn new(server: Server, exchange: Arc<Exchange>, token: String, pems: Pems) -> Self {
        let scheme = if pems.ca.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", server.address());
        Self {
            server,
            exchange,
            url,
            token,
            pems,
        }
    }

    /// Where it listens, such as `http://127.0.0.1:40123`. The same is served below `/api`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// The first user's token; empty if that user has none.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The certificate authority that a client has to trust, as PEM; `None` on plain http.
    #[must_use]
    pub fn ca_pem(&self) -> Option<&str> {
        self.pems.ca.as_deref()
    }

    /// A client's certificate and its key, as PEM; `None` where [nobody has to show one](Builder::asks_clients).
    #[must_use]
    pub fn client_pem(&self) -> Option<&str> {
        self.pems.client.as_deref()
    }

    /// The secrets of this workspace, or without one the first user's own, with their values.
    #[must_use]
    pub fn secrets(&self, workspace: Option<i64>) -> Vec<StoredSecret> {
        self.exchange.platform.read(|state| {
            let user = || Owner::User(state.first_user().map_or(1, |user| user.id));
            state
                .secrets_of(workspace.map_or_else(user, Owner::Workspace))
                .cloned()
                .collect()
        })
    }

    /// A copy of everything that it remembers.
    #[must_use]
    pub fn state(&self) -> State {
        self.exchange.platform.read(State::clone)
    }

    /// Changes what it remembers behind the back of its clients: another person's change, an expired token.
    ///
    /// # Panics
    ///
    /// When there is a state file and it can't be written.
    pub fn edit<T>(&self, change: impl FnOnce(&mut State, &Clock) -> T) -> T {
        self.exchange
            .platform
            .change(|state, clock| Ok::<_, Error>(change(state, clock)))
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// Sets what it takes for now.
    pub fn set_clock(&self, clock: Clock) {
        self.exchange.platform.set_clock(clock);
    }

    /// Adds a fault behind those it has.
    pub fn fault(&self, fault: Fault) {
        lock(&self.exchange.plan).add(fault);
    }

    /// Takes all faults back.
    pub fn clear_faults(&self) {
        lock(&self.exchange.plan).clear();
    }

    /// Every request so far, in the order in which they had come.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.exchange.journal.requests()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.exchange.journal.clear();
    }

    /// How many requests had this method and exactly this path, whether below `/api` or not.
    #[must_use]
    pub fn hits(&self, method: &str, path: &str) -> usize {
        self.exchange.journal.hits(method, path)
    }

    /// Waits until that many such requests have come, answered or not, but no longer than `limit`. Tells whether they
    /// have.
    #[must_use]
    pub fn wait_for_hits(&self, method: &str, path: &str, count: usize, limit: Duration) -> bool {
        self.exchange.journal.wait_for(method, path, count, limit)
    }
}
