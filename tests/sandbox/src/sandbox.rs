//! A running sandbox.

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

/// A running stand-in for the Platform. It serves from its own thread and stops when it is dropped.
#[derive(Debug)]
pub struct Sandbox {
    // The first field is dropped first, so the server stops before the rest goes away.
    server: Server,
    exchange: Arc<Exchange>,
    url: String,
    token: String,
    pems: Pems,
}

/// The certificates that an https client needs, as PEM.
#[derive(Debug, Default)]
pub(crate) struct Pems {
    pub(crate) ca: Option<String>,
    pub(crate) client: Option<String>,
}

impl Sandbox {
    /// Returns a builder with the seed of [`State::default`].
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

    /// Returns the base URL, such as `http://127.0.0.1:40123`. The same endpoints are served below `/api`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the address on which the sandbox listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Returns the first user's token. The token is empty if that user has none.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Returns the certificate authority that a client must trust, as PEM. `None` on plain http.
    #[must_use]
    pub fn ca_pem(&self) -> Option<&str> {
        self.pems.ca.as_deref()
    }

    /// Returns the client certificate and its key, as PEM. `None` unless
    /// [the builder requires one](Builder::require_client_cert).
    #[must_use]
    pub fn client_pem(&self) -> Option<&str> {
        self.pems.client.as_deref()
    }

    /// Returns the secrets of a workspace with their values. `None` means the first user's own secrets.
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

    /// Returns a copy of the state.
    #[must_use]
    pub fn state(&self) -> State {
        self.exchange.platform.read(State::clone)
    }

    /// Changes the state without a request. Simulates another user's change, or an expired token.
    ///
    /// # Panics
    ///
    /// If there is a state file and it cannot be written.
    pub fn edit<T>(&self, change: impl FnOnce(&mut State, &Clock) -> T) -> T {
        self.exchange
            .platform
            .change(|state, clock| Ok::<_, Error>(change(state, clock)))
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// Sets the clock.
    pub fn set_clock(&self, clock: Clock) {
        self.exchange.platform.set_clock(clock);
    }

    /// Adds a fault. Earlier faults take precedence.
    pub fn fault(&self, fault: Fault) {
        lock(&self.exchange.plan).add(fault);
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        lock(&self.exchange.plan).clear();
    }

    /// Returns all requests so far, in order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.exchange.journal.requests()
    }

    /// Clears the log of requests.
    pub fn clear_requests(&self) {
        self.exchange.journal.clear();
    }

    /// Counts the requests with this method and exactly this path. A leading `/api` is ignored.
    #[must_use]
    pub fn hits(&self, method: &str, path: &str) -> usize {
        self.exchange.journal.count(method, path)
    }

    /// Waits until `count` requests with this method and path have arrived, answered or not. Returns false if they have not arrived
    /// within `limit`.
    #[must_use]
    pub fn wait_for_hits(&self, method: &str, path: &str, count: usize, limit: Duration) -> bool {
        self.exchange.journal.wait_for(method, path, count, limit)
    }
}
