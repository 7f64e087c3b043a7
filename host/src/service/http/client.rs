//! The HTTP clients, built once from the settings.

use std::{
    collections::HashMap,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use reqwest::{Client, ClientBuilder, redirect::Policy};
use rustls::ClientConfig;
use tower::util::MapResponseLayer;

use super::{Http, lock, proxy, resolver::Resolver, tls};
use crate::{config::Network, error::Error, timing::measure};

/// The clients of a run.
pub(super) type Clients = HashMap<Kind, Client>;

/// The differences between the clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Kind {
    /// True if the client presents the client certificate, which only the API gets: other servers need not know the user.
    has_identity: bool,
    /// True for the client that sends files. It has no read timeout.
    sends_files: bool,
    /// True if a request may use the connection of an earlier one.
    reuses_connections: bool,
}

/// The read timeout of the client that sends files: ten years, because a client's timeout can't be removed.
pub(crate) const NO_TIMEOUT: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

impl Http {
    /// Returns the client for the API or for another server. Without a client certificate, both are the same.
    pub(super) fn client(&self, to_api: bool, sends_files: bool) -> Result<Client, Error> {
        let mut clients = lock(&self.clients);
        let settings = &self.settings;
        let has_identity = settings.client_certificate.is_some() || settings.client_key.is_some();
        let kind = Kind {
            has_identity: to_api && has_identity,
            sends_files,
            reuses_connections: !self.lost_connection.load(Ordering::Relaxed),
        };
        if let Some(client) = clients.get(&kind) {
            return Ok(client.clone());
        }
        let network = &self.settings.network;
        let client = measure("client", || self.build_client(network, kind))?;
        clients.insert(kind, client.clone());
        Ok(client)
    }

    fn build_client(&self, network: &Network, kind: Kind) -> Result<Client, Error> {
        let identity = match (&self.settings.client_certificate, &self.settings.client_key) {
            _ if !kind.has_identity => None,
            (Some(certificate), key) => Some(tls::read_identity(certificate, key.as_ref())?),
            (None, Some(key)) => {
                return Err(tls::unusable_identity(
                    key,
                    "there is a key and no certificate",
                ));
            }
            (None, None) => None,
        };
        let tls = tls::configuration_with(self.settings.ca_certificate.as_ref(), identity)?;
        proxy::hide_credentials(&self.redactor);
        let connected = Arc::clone(&self.connected);
        let builder = match kind.sends_files {
            true => builder(tls, network).read_timeout(NO_TIMEOUT),
            false => builder(tls, network),
        };
        let builder = match kind.reuses_connections {
            true => builder,
            false => builder.pool_max_idle_per_host(0),
        };
        builder
            .connector_layer(MapResponseLayer::new(move |connection| {
                connected.store(true, Ordering::Relaxed);
                connection
            }))
            .user_agent(&self.agent)
            // The host follows redirects itself, because each hop must decide about the access token.
            .redirect(Policy::none())
            .build()
            .map_err(|error| Error::system(std::io::Error::other(Arc::new(error))))
    }
}

/// Returns a builder with the settings that all clients of the host share: TLS, timeouts, and the proxies that the environment names.
pub(crate) fn builder(tls: ClientConfig, network: &Network) -> ClientBuilder {
    Client::builder()
        .tls_backend_preconfigured(tls)
        .connect_timeout(network.connect_timeout)
        .read_timeout(network.read_timeout)
        .dns_resolver(Resolver::new(network.connect_timeout))
        // The host retries by its own policy, and reports each attempt.
        .retry(reqwest::retry::never())
        .no_proxy()
        .proxy(proxy::proxy())
}
