//! The client and what it goes by: made once, from the settings.

use std::sync::Arc;

use reqwest::{Client, Url, redirect::Policy};
use tw_plugin_protocol::{ErrorMessage, HttpRequest};

use super::{
    Http, failure, lock,
    pace::{Pace, Turn},
    proxy, tls,
};
use crate::{cli::root, config::Network, error::Error, timing::measure};

/// How many calls the API at the default address takes in any second. Of another nobody knows.
const RATE_OF_DEFAULT: u32 = 20;

/// The client for the API, which may show it a certificate, and the one for all other servers, which need not know whose this is.
#[derive(Default)]
pub(super) struct Clients {
    api: Option<Client>,
    others: Option<Client>,
}

impl Http {
    /// The address of the API, parsed when it is first needed.
    pub(super) fn endpoint(&self) -> Result<&Url, ErrorMessage> {
        if let Some(url) = self.endpoint.get() {
            return Ok(url);
        }
        let endpoint = &self.settings.endpoint;
        let wrong = |reason: &str| {
            Error::Endpoint {
                endpoint: without_password(&tw_render::text::visible(endpoint)),
                reason: reason.to_owned(),
            }
            .to_message()
        };
        let url = Url::parse(endpoint).map_err(|error| wrong(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(wrong("it should begin with https://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("it has a name or a password in it"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("it has a `?` or a `#` in it, and paths go behind it"));
        }
        Ok(self.endpoint.get_or_init(|| url))
    }

    /// Time-outs, retries and rate, read when something first goes out.
    pub(super) fn network(&self) -> Result<&Network, ErrorMessage> {
        if let Some(network) = self.network.get() {
            return Ok(network);
        }
        let network = self.settings.network();
        let network = network.map_err(|error| error.to_message())?;
        Ok(self.network.get_or_init(|| network))
    }

    /// Waits until one more call to the API may go out.
    pub(super) async fn turn(&self, request: &HttpRequest) -> Result<Option<Turn>, ErrorMessage> {
        let (network, endpoint) = (self.network()?, self.endpoint()?);
        let pace = self.pace.get_or_init(|| {
            let default = Url::parse(root::DEFAULT_ENDPOINT).ok()?;
            let known = default.host() == endpoint.host();
            let rate = network.rate.or(known.then_some(RATE_OF_DEFAULT));
            rate.filter(|rate| *rate > 0).map(Pace::new)
        });
        let Some(pace) = pace else {
            return Ok(None);
        };
        if pace.is_busy() {
            self.log.verbose(|| {
                let call = failure::call(request);
                format!("* {call} waits: there were as many calls in this second as there may be")
            });
        }
        Ok(Some(pace.turn().await))
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
        Ok(client
            .insert(made.map_err(|error| error.to_message())?)
            .clone())
    }

    fn make_client(&self, network: &Network, shows: bool) -> Result<Client, Error> {
        let identity = match (&self.settings.client_certificate, &self.settings.client_key) {
            _ if !shows => None,
            (Some(certificate), key) => Some(tls::identity(certificate, key.as_ref())?),
            (None, Some(key)) => {
                return Err(Error::ClientCertificate {
                    path: key.clone(),
                    reason: "no certificate is named beside it".to_owned(),
                });
            }
            (None, None) => None,
        };
        let tls = tls::configuration_of(self.settings.ca_certificate.as_deref(), identity)?;
        proxy::hide_credentials(&self.redactor);
        let mut builder = Client::builder();
        if proxy::is_unwanted() {
            builder = builder.no_proxy();
        }
        builder
            .tls_backend_preconfigured(tls)
            .user_agent(&self.agent)
            .connect_timeout(network.connect_timeout)
            .read_timeout(network.read_timeout)
            // Redirects are followed by hand, for every hop decides anew about the token.
            .redirect(Policy::none())
            .build()
            .map_err(|error| Error::System(std::io::Error::other(Arc::new(error))))
    }
}

/// An address as an error may show it: what stands before an `@` can be a password.
fn without_password(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((_, host)) => format!("…@{host}"),
        None => address.to_owned(),
    }
}
