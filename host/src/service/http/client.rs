//! The client: made once, from the settings.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use reqwest::{Client, Url, redirect::Policy};
use tw_plugin_protocol::ErrorMessage;

use super::{Http, tls};
use crate::{error::Error, timing::measure};

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a server may say nothing.
const READ_TIMEOUT: Duration = Duration::from_secs(60);

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

    /// The client.
    pub(super) fn client(&self) -> Result<Client, ErrorMessage> {
        let mut client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = &*client {
            return Ok(client.clone());
        }
        let made = measure("client", || self.make_client()).map_err(|error| error.to_message())?;
        Ok(client.insert(made).clone())
    }

    fn make_client(&self) -> Result<Client, Error> {
        let tls = tls::configuration(self.settings.ca_certificate.as_deref())?;
        Client::builder()
            .tls_backend_preconfigured(tls)
            .user_agent(&self.agent)
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
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
