//! Downloads from a URL. No download carries the token: its content is checked by digest and signature, so the server needn't be trusted.

use std::{sync::OnceLock, time::Duration};

use reqwest::{Client, Method, Request, StatusCode, Url, redirect};
use tw_render::text::visible;

use super::{
    attempts::Attempts,
    transfer::{Exchange, Meter, Size},
};
use crate::{
    config::{Network, Registries, Settings},
    error::{Error, ErrorKind, excerpt},
    runtime::runtime,
    service::http::{builder, cause, proxy, tls},
};

/// The largest number of redirects, as in most clients: more than this are a loop.
const MOST_REDIRECTS: usize = 10;

/// The `User-Agent` of every request.
const AGENT: &str = concat!("tw/", env!("CARGO_PKG_VERSION"));

/// Downloads with one client, which is built for the first download.
pub(crate) struct Download<'a> {
    settings: &'a Settings,
    client: OnceLock<Client>,
}

impl<'a> Download<'a> {
    pub(crate) fn new(settings: &'a Settings) -> Self {
        Self {
            settings,
            client: OnceLock::new(),
        }
    }

    /// Downloads at most `max` bytes.
    ///
    /// # Errors
    /// The server can't be reached, has nothing at the URL, or sends more.
    pub(crate) fn get(&self, url: &Url, max: u64) -> Result<Vec<u8>, Error> {
        self.find(url, max)?.ok_or_else(|| {
            Error::new(
                ErrorKind::NotFound,
                format!("there is nothing at {}", display_url(url)),
            )
            .hint("check that the address is right")
        })
    }

    /// Downloads at most `max` bytes; returns `None` if the server has nothing at the URL.
    ///
    /// # Errors
    /// The server can't be reached, or sends more.
    pub(crate) fn find(&self, url: &Url, max: u64) -> Result<Option<Vec<u8>>, Error> {
        if !may_connect(url, &self.settings.registries()?) {
            return Err(Error::new(
                ErrorKind::Refused,
                format!("{} is not encrypted", display_url(url)),
            )
            .hint("use an https address, or allow plain http with `--plain-http`"));
        }
        proxy::check(url)?;
        let place = display_url(url);
        let (client, network) = (self.client()?, self.settings.network);
        let request = Request::new(Method::GET, url.clone());
        let call = format!("GET {place}");
        let runtime = runtime().map_err(Error::system)?;
        let answer = runtime.block_on(async {
            let mut meter = Meter::start(network.read_timeout);
            let mut attempts = Attempts::begin(call, url, network.retries, self.settings);
            let exchange = Exchange {
                http: client,
                request: &request,
                server: &place,
                place: &place,
                size: Size::AtMost(max),
            };
            exchange.run(&mut meter, &mut attempts).await
        });
        let answer = answer.map_err(|broken| broken.error)?;
        match answer.status {
            status if status.is_success() => {
                let bytes = answer.body.ok_or_else(|| too_large(&place, max))?;
                Ok(Some(bytes))
            }
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(None),
            StatusCode::TOO_MANY_REQUESTS => {
                Err(too_many_requests(&place, "", answer.retry_after()))
            }
            status => Err(Error::new(
                ErrorKind::Http,
                format!("{place} answered with status {}", status.as_u16()),
            )
            .hint("try again later, or ask the server's administrator")),
        }
    }

    fn client(&self) -> Result<&Client, Error> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let redirects = redirects(self.settings.registries()?);
        let client = build_client(self.settings, &self.settings.network, redirects)?;
        Ok(self.client.get_or_init(|| client))
    }
}

/// Builds a client for downloads or a registry.
pub(super) fn build_client(
    settings: &Settings,
    network: &Network,
    redirects: redirect::Policy,
) -> Result<Client, Error> {
    let tls = tls::configuration(settings.ca_certificate.as_ref())?;
    builder(tls, network)
        .user_agent(AGENT)
        .redirect(redirects)
        // A package is compressed already, and a digest is that of the bytes that were sent.
        .no_gzip()
        .build()
        .map_err(|error| Error::system(std::io::Error::other(error)))
}

/// Follows redirects, but never from an encrypted address to one that is not.
pub(super) fn redirects(registries: Registries) -> redirect::Policy {
    redirect::Policy::custom(move |attempt| {
        let (to, from) = (attempt.url(), attempt.previous().last());
        let was_encrypted = from.is_some_and(|from| from.scheme() == "https");
        let is_refused = to.scheme() != "https" && (was_encrypted || !may_connect(to, &registries));
        match (is_refused, attempt.previous().len() > MOST_REDIRECTS) {
            (true, _) => attempt.error("it redirects to an address that is not encrypted"),
            (_, true) => attempt.error("it redirects too often"),
            _ => attempt.follow(),
        }
    })
}

/// True if the host may connect to this address: it is encrypted, on this machine, or of a host for which the user allows plain http.
pub(super) fn may_connect(url: &Url, registries: &Registries) -> bool {
    url.scheme() == "https" || is_here(url) || registries.allow_plain_http(&host_and_port(url))
}

/// True for an address on this machine.
pub(super) fn is_here(url: &Url) -> bool {
    let host = url.host_str().map(|host| host.trim_matches(['[', ']']));
    host.is_some_and(|host| {
        host == "localhost"
            || host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|ip| ip.is_loopback())
    })
}

/// Returns the host of a URL, with the port if it is not the usual one of the scheme.
pub(super) fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Makes the error of a server that can't be reached. Names the proxy's variable if there is a proxy.
pub(super) fn unreachable(place: &str, error: &reqwest::Error) -> Error {
    let url = error.url().filter(|_| error.is_connect());
    let proxy = url
        .and_then(proxy::source_for)
        .map_or_else(String::new, |source| {
            format!(" through the proxy that {source} names")
        });
    Error::new(
        ErrorKind::Network,
        format!("{place} can't be reached{proxy}: {}", cause(error)),
    )
    .hint("check the connection, or try again later")
}

/// Makes the error of a transfer that ended early.
pub(super) fn incomplete(place: &str, cause: &str) -> Error {
    Error::new(
        ErrorKind::Network,
        format!("the download from {place} was interrupted: {cause}"),
    )
    .hint("check the connection, or try again later")
}

/// Makes the error of a download that exceeds its size limit.
pub(super) fn too_large(place: &str, max: u64) -> Error {
    Error::new(
        ErrorKind::TooLarge,
        format!("{place} sends more than {max} bytes"),
    )
    .hint("check that the address is right")
}

/// Makes the error of a server that asks for fewer requests (status 429). `text` is what the server says about it.
pub(super) fn too_many_requests(server: &str, text: &str, wait: Option<Duration>) -> Error {
    let text = match text {
        "" => String::new(),
        text => format!(": {}", excerpt(text)),
    };
    let message = format!("{server} allows no more requests for now{text}");
    let hint = match wait.filter(|wait| !wait.is_zero()) {
        Some(wait) => format!("try again in {}", render_wait(wait)),
        None => "try again later".to_owned(),
    };
    Error::new(ErrorKind::Http, message).hint(hint)
}

/// Renders how long to wait, rounded up to whole minutes, hours or days if it is long.
fn render_wait(wait: Duration) -> String {
    let seconds = wait.as_secs();
    let (number, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7200 => (seconds.div_ceil(60), "minute"),
        7200..172_800 => (seconds.div_ceil(3600), "hour"),
        _ => (seconds.div_ceil(86_400), "day"),
    };
    match number {
        1 => format!("1 {unit}"),
        _ => format!("{number} {unit}s"),
    }
}

/// Renders a URL for a message, without its password and its query, which may be a signature.
pub(super) fn display_url(url: &Url) -> String {
    let mut url = url.clone();
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    visible(url.as_str()).into_owned()
}
