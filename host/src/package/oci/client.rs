//! The connection to a registry: which scheme it has, and its requests and answers, with the authorization and within the limits.

use reqwest::{
    Method, Request, RequestBuilder, StatusCode, Url,
    header::{AUTHORIZATION, HeaderValue},
};

use super::{Place, Registry, download, failure::Failure, login};
use crate::{
    config::{Network, Registries},
    error::{Error, ErrorKind},
    package::{
        attempts::Attempts,
        transfer::{Answer, Exchange, Meter, Size},
    },
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
    pub(super) http: reqwest::Client,
    /// The address of the registry's API, `SCHEME://HOST/v2/`.
    base: Url,
    pub(super) meter: Meter,
    /// The largest number of retries of a request.
    pub(super) retries: u32,
    /// The value of the header `Authorization`. `None` until the registry asks for it.
    authorization: Option<HeaderValue>,
    has_logged_in: bool,
    /// True if credentials were sent, or a token that they were exchanged for.
    pub(super) has_sent_credentials: bool,
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
        let network = registry.settings.network;
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
        let redirects = download::redirects(registries);
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
            retries: patient.retries,
            authorization: None,
            has_logged_in: false,
            has_sent_credentials: false,
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

    /// Sends an idempotent request, and logs in if the registry asks for that. Returns an answer with a status of success. Its body is
    /// `None` if it is larger than allowed.
    ///
    /// # Errors
    /// The registry can't be reached, refuses the request, or wants credentials that it may not have.
    pub(super) async fn send(
        &mut self,
        request: RequestBuilder,
        size: Size,
    ) -> Result<Answer, Failure> {
        let request = request.build().map_err(|_| self.unusable_address())?;
        let answer = self.send_authorized(&request, size, true).await?;
        Failure::check(self, answer)
    }

    /// Makes one attempt to send a request that no retry may follow by itself. Returns an answer with any status.
    ///
    /// # Errors
    /// No whole answer arrives, or the registry wants credentials that it may not have.
    pub(super) async fn send_once(&mut self, request: RequestBuilder) -> Result<Answer, Failure> {
        let request = request.build().map_err(|_| self.unusable_address())?;
        self.send_authorized(&request, Size::Unread, false).await
    }

    /// Sends a request. If the registry asks for a login, logs in and sends the request again: a token may have expired during a long operation. A
    /// registry may also hide a private repository, or forbid it, without asking for a login.
    async fn send_authorized(
        &mut self,
        request: &Request,
        size: Size,
        is_retried: bool,
    ) -> Result<Answer, Failure> {
        let answer = self.send_as(request, size, is_retried).await?;
        if request.url().origin() != self.base.origin() {
            return Ok(answer);
        }
        let is_hidden = matches!(answer.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND)
            && !self.has_logged_in;
        if answer.status != StatusCode::UNAUTHORIZED && !is_hidden {
            return Ok(answer);
        }
        self.has_logged_in = true;
        self.authorization = login::authorize(self, &answer).await?;
        match self.authorization {
            Some(_) => self.send_as(request, size, is_retried).await,
            None if is_hidden => Ok(answer),
            None => Err(Failure::Login),
        }
    }

    /// Sends a request with the authorization that the registry asked for.
    async fn send_as(
        &mut self,
        request: &Request,
        size: Size,
        is_retried: bool,
    ) -> Result<Answer, Failure> {
        let mut request = request.try_clone().ok_or_else(|| self.unusable_address())?;
        if request.url().origin() == self.base.origin()
            && let Some(authorization) = &self.authorization
        {
            let headers = request.headers_mut();
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        let http = self.http.clone();
        let retries = if is_retried { self.retries } else { 0 };
        let name = self.name();
        self.exchange(&name, &http, &request, size, retries).await
    }

    /// Sends a request with another client, within the limits of the operation. `server` names its server.
    pub(super) async fn exchange(
        &mut self,
        server: &str,
        http: &reqwest::Client,
        request: &Request,
        size: Size,
        retries: u32,
    ) -> Result<Answer, Failure> {
        let place = self.place.to_string();
        let mut attempts = self.begin_attempts(request.method(), request.url(), retries);
        let exchange = Exchange {
            http,
            request,
            server,
            place: &place,
            size,
        };
        let answer = exchange.run(&mut self.meter, &mut attempts).await;
        answer.map_err(Failure::Broken)
    }

    /// Begins the first attempt of a request.
    pub(super) fn begin_attempts(&self, method: &Method, url: &Url, retries: u32) -> Attempts {
        let call = format!("{method} {}", download::display_url(url));
        Attempts::begin(call, url, retries, self.registry.settings)
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
