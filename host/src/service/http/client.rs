//! The HTTP clients, built once from the settings.

use std::sync::{Arc, atomic::Ordering};

use reqwest::{Client, ClientBuilder, redirect::Policy};
use rustls::ClientConfig;
use tower::util::MapResponseLayer;

use super::{Http, lock, proxy, tls};
use crate::{config::Network, error::Error, timing::measure};

/// The clients of a run. Only the client for the API presents the client certificate, because other servers need not know the user.
#[derive(Default)]
pub(super) struct Clients {
    api: Option<Client>,
    others: Option<Client>,
}

impl Http {
    /// Returns timeouts, retries and rate, which are read when the first request is sent.
    pub(super) fn network(&self) -> Result<&Network, Error> {
        if let Some(network) = self.network.get() {
            return Ok(network);
        }
        let network = self.settings.network();
        let network = network?;
        Ok(self.network.get_or_init(|| network))
    }

    /// Returns the client for the API or for another server. Without a client certificate, both are the same.
    pub(super) fn client(&self, to_api: bool) -> Result<Client, Error> {
        let mut clients = lock(&self.clients);
        let settings = &self.settings;
        let has_identity = settings.client_certificate.is_some() || settings.client_key.is_some();
        let with_identity = to_api && has_identity;
        let client = match with_identity {
            true => &mut clients.api,
            false => &mut clients.others,
        };
        if let Some(client) = client {
            return Ok(client.clone());
        }
        let network = self.network()?;
        let built = measure("client", || self.build_client(network, with_identity));
        Ok(client.insert(built?).clone())
    }

    fn build_client(&self, network: &Network, with_identity: bool) -> Result<Client, Error> {
        let identity = match (&self.settings.client_certificate, &self.settings.client_key) {
            _ if !with_identity => None,
            (Some(certificate), key) => Some(tls::read_identity(certificate, key.as_ref())?),
            (None, Some(key)) => {
                return Err(tls::unusable_identity(
                    key,
                    "there is a key and no certificate",
                ));
            }
            (None, None) => None,
        };
        let tls = tls::configuration_with(self.settings.ca_certificate.as_deref(), identity)?;
        proxy::hide_credentials(&self.redactor);
        let connected = Arc::clone(&self.connected);
        builder(tls, network)
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
    let builder = Client::builder()
        .tls_backend_preconfigured(tls)
        .connect_timeout(network.connect_timeout)
        .read_timeout(network.read_timeout)
        // The host retries by its own policy, and reports each attempt.
        .retry(reqwest::retry::never())
        .no_proxy();
    proxy::proxies()
        .into_iter()
        .fold(builder, ClientBuilder::proxy)
}
