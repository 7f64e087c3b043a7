//! The client and what it goes by: made once, from the settings.

use std::sync::{Arc, atomic::Ordering};

use reqwest::{Client, ClientBuilder, redirect::Policy};
use rustls::ClientConfig;
use tower::util::MapResponseLayer;
use tw_plugin_protocol::ErrorMessage;

use super::{Http, lock, proxy, tls};
use crate::{config::Network, error::Error, timing::measure};

/// The client for the API, which may show it a certificate, and the one for all other servers, which need not know whose this is.
#[derive(Default)]
pub(super) struct Clients {
    api: Option<Client>,
    others: Option<Client>,
}

impl Http {
    /// Time-outs, retries and rate, read when something first goes out.
    pub(super) fn network(&self) -> Result<&Network, ErrorMessage> {
        if let Some(network) = self.network.get() {
            return Ok(network);
        }
        let network = self.settings.network();
        let network = network?;
        Ok(self.network.get_or_init(|| network))
    }

    /// The client for the API, or for another server.
    pub(super) fn client(&self, to_api: bool) -> Result<Client, ErrorMessage> {
        let mut clients = lock(&self.clients);
        let settings = &self.settings;
        let named = settings.client_certificate.is_some() || settings.client_key.is_some();
        let shows = to_api && named;
        let client = match shows {
            true => &mut clients.api,
            false => &mut clients.others,
        };
        if let Some(client) = client {
            return Ok(client.clone());
        }
        let network = self.network()?;
        let made = measure("client", || self.make_client(network, shows));
        Ok(client.insert(made?).clone())
    }

    fn make_client(&self, network: &Network, shows: bool) -> Result<Client, Error> {
        let identity = match (&self.settings.client_certificate, &self.settings.client_key) {
            _ if !shows => None,
            (Some(certificate), key) => Some(tls::identity(certificate, key.as_ref())?),
            (None, Some(key)) => {
                return Err(tls::unusable_identity(
                    key,
                    "no certificate is named beside it",
                ));
            }
            (None, None) => None,
        };
        let tls = tls::configuration_of(self.settings.ca_certificate.as_deref(), identity)?;
        proxy::hide_credentials(&self.redactor);
        let connected = Arc::clone(&self.connected);
        builder(tls, network)
            .connector_layer(MapResponseLayer::new(move |connection| {
                connected.store(true, Ordering::Relaxed);
                connection
            }))
            .user_agent(&self.agent)
            // Redirects are followed by hand, for every hop decides anew about the token.
            .redirect(Policy::none())
            .build()
            .map_err(|error| Error::system(std::io::Error::other(Arc::new(error))))
    }
}

/// What every client of ours goes by: this TLS, these times, and the proxies of the environment.
pub(crate) fn builder(tls: ClientConfig, network: &Network) -> ClientBuilder {
    let builder = Client::builder()
        .tls_backend_preconfigured(tls)
        .connect_timeout(network.connect_timeout)
        .read_timeout(network.read_timeout)
        // How often something is sent again is ours to say, and to tell.
        .retry(reqwest::retry::never())
        .no_proxy();
    proxy::proxies()
        .into_iter()
        .fold(builder, ClientBuilder::proxy)
}
