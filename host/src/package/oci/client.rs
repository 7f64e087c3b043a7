//! The connection to a registry: which scheme it has, and its requests and answers, with the authorization and within the limits.

use reqwest::{
    Method, RequestBuilder, Response, StatusCode, Url,
    header::{AUTHORIZATION, HeaderValue},
};

use super::{Place, Registry, download, failure::Failure, login};
use crate::{
    config::{Network, Registries},
    error::{Error, ErrorKind},
    package::transfer::Meter,
    service::http::{NO_TIMEOUT, find_tls, proxy},
};

/// What an operation does with a repository.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Access {
    Pull,
    Push,
}

/// A connection to the registry of a place, for one operation.
pub(super) struct Client<'a> {
    pub(super) registry: &'a Registry<'a>,
    pub(super) place: &'a Place,
    pub(super) access: Access,
    pub(super) registries: Registries,
    http: reqwest::Client,
    /// The address of the registry's API, `SCHEME://HOST/v2/`.
    base: Url,
    meter: Meter,
    /// The value of the header `Authorization`. `None` until the registry asks for it.
    authorization: Option<HeaderValue>,
}

impl<'a> Client<'a> {
    /// Prepares an operation on the repository of a place.
    ///
    /// # Errors
    /// The settings are invalid, or a registry on this machine has an invalid certificate.
    pub(super) async fn connect(
        registry: &'a Registry<'a>,
        place: &'a Place,
        access: Access,
    ) -> Result<Self, Error> {
        let network = registry.settings.network()?;
        let mut meter = Meter::start(network.read_timeout);
        let patient = Network {
            // The timeout would end the sending of a large package. The meter limits that time.
            read_timeout: match access {
                Access::Pull => network.read_timeout,
                Access::Push => NO_TIMEOUT,
            },
            ..network
        };
        let registries = registry.settings.registries()?;
        let redirects = download::redirects(registries.clone());
        let http = download::build_client(registry.settings, &patient, redirects)?;
        let host = place.server();
        let base = match registries.allow_plain_http(host) {
            true => address("http", host)?,
            false => address("https", host)?,
        };
        proxy::check(&base)?;
        let base = match base.scheme() == "https" && download::is_here(&base) {
            true => find_scheme(&http, &mut meter, base, place).await?,
            false => base,
        };
        Ok(Self {
            registry,
            place,
            access,
            registries,
            http,
            base,
            meter,
            authorization: None,
        })
    }

    /// Returns the name of the registry for messages.
    pub(super) fn name(&self) -> String {
        name(self.place)
    }

    /// True if the connection to the registry is not encrypted.
    pub(super) fn is_plain(&self) -> bool {
        self.base.scheme() == "http"
    }

    pub(super) fn base(&self) -> &Url {
        &self.base
    }

    /// Begins a request about the repository. `path` is what follows the repository's name.
    pub(super) fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, Error> {
        let path = format!("{}/{path}", self.place.repository);
        let url = self.base.join(&path).map_err(|_| self.unusable_address())?;
        Ok(self.http.request(method, url))
    }

    /// Begins a request to an address that the registry gave.
    ///
    /// # Errors
    /// The address is not encrypted, and the registry is.
    pub(super) fn follow(&self, method: Method, url: Url) -> Result<RequestBuilder, Error> {
        let is_plain = self.is_plain() && download::may_connect(&url, &self.registries);
        match url.scheme() == "https" || is_plain {
            true => Ok(self.http.request(method, url)),
            false => Err(self.unusable_address()),
        }
    }

    fn unusable_address(&self) -> Error {
        let message = format!("{} names an address that can't be used", self.name());
        Error::new(ErrorKind::InvalidResponse, message).hint("ask the registry's administrator")
    }

    /// Sends a request, and logs in if the registry asks for that. Returns an answer with a status of success.
    ///
    /// # Errors
    /// The registry can't be reached, refuses the request, or wants credentials that it may not have.
    pub(super) async fn send(&mut self, request: RequestBuilder) -> Result<Response, Failure> {
        let request = request.build().map_err(|_| self.unusable_address())?;
        let mut response = self.send_once(&request).await?;
        let is_to_registry = request.url().origin() == self.base.origin();
        if response.status() == StatusCode::UNAUTHORIZED && is_to_registry {
            // A token may have expired during a long operation.
            self.authorization = login::authorize(self, response.headers()).await?;
            if self.authorization.is_none() {
                return Err(Failure::Login);
            }
            response = self.send_once(&request).await?;
        }
        Failure::check(self, response).await
    }

    async fn send_once(&mut self, request: &reqwest::Request) -> Result<Response, Error> {
        // Only a body that is a stream can't be cloned.
        let mut again = request.try_clone().ok_or_else(|| self.unusable_address())?;
        if request.url().origin() == self.base.origin()
            && let Some(authorization) = &self.authorization
        {
            let headers = again.headers_mut();
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        let http = self.http.clone();
        self.exchange(&self.name(), &http, again).await
    }

    /// Sends a request with another client, within the limits of the operation. `server` names its server.
    pub(super) async fn exchange(
        &mut self,
        server: &str,
        http: &reqwest::Client,
        request: reqwest::Request,
    ) -> Result<Response, Error> {
        let body = request.body().and_then(|body| body.as_bytes());
        let sent = body.map_or(0, |body| body.len() as u64);
        let sending = http.execute(request);
        let response = self.meter.exchange(server, sent, sending).await?;
        response.map_err(|error| download::unreachable(server, &error))
    }

    /// Reads the body of an answer. `None` if it is larger than `max` bytes.
    pub(super) async fn read(
        &mut self,
        response: Response,
        max: u64,
    ) -> Result<Option<Vec<u8>>, Error> {
        let place = self.place.to_string();
        self.meter.read(&place, response, max).await
    }
}

fn name(place: &Place) -> String {
    format!("the registry {}", place.server())
}

fn address(scheme: &str, host: &str) -> Result<Url, Error> {
    format!("{scheme}://{host}/v2/").parse().map_err(|_| {
        Error::new(ErrorKind::Input, format!("`{host}` is not a host"))
            .hint("an address looks like oci://registry.example/plugins/hello:1.0.0")
    })
}

/// Finds the scheme of a registry on this machine: https if it speaks TLS, and http otherwise. Returns its address.
///
/// # Errors
/// The registry speaks TLS, and its certificate is not trusted.
async fn find_scheme(
    http: &reqwest::Client,
    meter: &mut Meter,
    base: Url,
    place: &Place,
) -> Result<Url, Error> {
    let probe = http.head(base.clone()).send();
    match meter.exchange(&name(place), 0, probe).await? {
        Err(error) if error.is_connect() => match find_tls(&error) {
            Some(rustls::Error::InvalidCertificate(_)) => {
                Err(download::unreachable(&name(place), &error))
            }
            _ => address("http", place.server()),
        },
        _ => Ok(base),
    }
}
