//! Downloads from a URL. No download carries the token: its content is checked by digest and signature, so the server needn't be trusted.

use std::sync::OnceLock;

use reqwest::{Client, Response, StatusCode, Url, redirect};
use tw_render::text::visible;

use crate::{
    config::Settings,
    error::{Error, ErrorKind},
    runtime::runtime,
    service::http::{builder, innermost, proxy, tls},
};

/// The largest number of redirects, as in most clients: more than this are a loop.
const MOST_REDIRECTS: usize = 10;

/// The `User-Agent` of every request.
pub(super) const AGENT: &str = concat!("tw/", env!("CARGO_PKG_VERSION"));

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
        if url.scheme() != "https" && !may_be_plain(url.host_str(), self.settings.insecure) {
            return Err(Error::new(
                ErrorKind::Refused,
                format!("{} is not encrypted", display_url(url)),
            )
            .hint("use an https address, or `--insecure`"));
        }
        proxy::check(url)?;
        let client = self.client()?;
        let runtime = runtime().map_err(Error::system)?;
        runtime.block_on(async {
            let response = client.get(url.clone()).send().await;
            let response = response.map_err(|error| unreachable(&display_url(url), &error))?;
            match response.status() {
                status if status.is_success() => read(response, url, max).await.map(Some),
                StatusCode::NOT_FOUND | StatusCode::GONE => Ok(None),
                status => Err(Error::new(
                    ErrorKind::Http,
                    format!(
                        "{} answered with status {}",
                        display_url(url),
                        status.as_u16()
                    ),
                )
                .hint("try again later, or ask the server's administrator")),
            }
        })
    }

    fn client(&self) -> Result<&Client, Error> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let network = self.settings.network()?;
        let tls = tls::configuration(self.settings.ca_certificate.as_deref())?;
        let client = builder(tls, &network)
            .user_agent(AGENT)
            .redirect(redirects(self.settings.insecure))
            // A package is compressed already, and its digest is that of the compressed bytes.
            .no_gzip()
            .build()
            .map_err(|error| Error::system(std::io::Error::other(error)))?;
        Ok(self.client.get_or_init(|| client))
    }
}

/// Follows redirects, but never from an encrypted address to one that is not.
fn redirects(insecure: bool) -> redirect::Policy {
    redirect::Policy::custom(move |attempt| {
        let (to, from) = (attempt.url(), attempt.previous().last());
        let was_encrypted = from.is_some_and(|from| from.scheme() == "https");
        let is_refused =
            to.scheme() != "https" && (was_encrypted || !may_be_plain(to.host_str(), insecure));
        match (is_refused, attempt.previous().len() > MOST_REDIRECTS) {
            (true, _) => attempt.error("it redirects to an address that is not encrypted"),
            (_, true) => attempt.error("it redirects too often"),
            _ => attempt.follow(),
        }
    })
}

async fn read(mut response: Response, url: &Url, max: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let incomplete = |error: reqwest::Error| incomplete(&display_url(url), &error);
    while let Some(chunk) = response.chunk().await.map_err(incomplete)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() as u64 > max {
            return Err(too_large(&display_url(url), max));
        }
    }
    Ok(bytes)
}

/// True if the connection to a host may be unencrypted: with `--insecure`, and to this machine.
pub(super) fn may_be_plain(host: Option<&str>, insecure: bool) -> bool {
    let address = host.map(|host| host.trim_matches(['[', ']']));
    let is_here = address.is_some_and(|address| {
        address == "localhost"
            || address
                .parse::<std::net::IpAddr>()
                .is_ok_and(|ip| ip.is_loopback())
    });
    is_here || insecure
}

/// Makes the error of a server that can't be reached.
pub(super) fn unreachable(place: &str, error: &reqwest::Error) -> Error {
    Error::new(
        ErrorKind::Network,
        format!("{place} can't be reached: {}", display_cause(error)),
    )
    .hint("check the connection, or try again later")
}

/// Makes the error of a transfer that ended early.
pub(super) fn incomplete(place: &str, error: &(dyn std::error::Error + 'static)) -> Error {
    Error::new(
        ErrorKind::Network,
        format!(
            "the download from {place} was interrupted: {}",
            display_cause(error)
        ),
    )
    .hint("check the connection, or try again later")
}

/// Renders the innermost cause of an error. The outer errors only repeat the address.
fn display_cause(error: &(dyn std::error::Error + 'static)) -> String {
    visible(&innermost(error).to_string()).into_owned()
}

/// Makes the error of a download that exceeds its size limit.
pub(super) fn too_large(place: &str, max: u64) -> Error {
    Error::new(
        ErrorKind::TooLarge,
        format!("{place} sends more than {max} bytes"),
    )
    .hint("check that the address is right")
}

/// Renders a URL for a message, without its password and its query, which may be a signature.
pub(super) fn display_url(url: &Url) -> String {
    let mut url = url.clone();
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    visible(url.as_str()).into_owned()
}
