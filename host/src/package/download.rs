//! Bytes from a URL. The token has no place here: what is downloaded is checked by digest and signature, whoever serves it.

use std::sync::OnceLock;

use reqwest::{Client, StatusCode, Url};
use tw_render::text::visible;

use crate::{
    config::Settings,
    error::{Error, ErrorKind},
    runtime::runtime,
    service::http::{builder, innermost, proxy, tls},
};

/// More redirects than this are a loop.
const MOST_REDIRECTS: usize = 10;

/// What `tw` calls itself.
pub(super) const AGENT: &str = concat!("tw/", env!("CARGO_PKG_VERSION"));

/// Downloads with one client, which is made for the first.
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

    /// The content at this URL, at most so many bytes.
    ///
    /// # Errors
    /// It isn't there, can't be had, or is larger.
    pub(crate) fn get(&self, url: &Url, most: u64) -> Result<Vec<u8>, Error> {
        self.find(url, most)?.ok_or_else(|| {
            Error::new(
                ErrorKind::NotFound,
                format!("there is nothing at {}", shown(url)),
            )
            .hint("see that the address is right")
        })
    }

    /// The same, and none where the server says that there is nothing.
    ///
    /// # Errors
    /// It can't be had, or is larger.
    pub(crate) fn find(&self, url: &Url, most: u64) -> Result<Option<Vec<u8>>, Error> {
        if url.scheme() != "https" && !may_be_plain(url.host_str(), self.settings.insecure) {
            return Err(Error::new(
                ErrorKind::Refused,
                format!("{} is not encrypted", shown(url)),
            )
            .hint("use an https address, or `--insecure`"));
        }
        proxy::check(url)?;
        let client = self.client()?;
        let failed = |error: reqwest::Error| unreachable(&shown(url), &error);
        let runtime = runtime().map_err(Error::system)?;
        runtime.block_on(async {
            let mut response = client.get(url.clone()).send().await.map_err(failed)?;
            match response.status() {
                status if status.is_success() => {}
                StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(None),
                status => {
                    return Err(Error::new(
                        ErrorKind::Http,
                        format!("{} answered with status {}", shown(url), status.as_u16()),
                    )
                    .hint("try again later, or ask whoever runs that server"));
                }
            }
            let mut bytes = Vec::new();
            let broken_off = |error: reqwest::Error| broken_off(&shown(url), &error);
            while let Some(chunk) = response.chunk().await.map_err(broken_off)? {
                bytes.extend_from_slice(&chunk);
                if bytes.len() as u64 > most {
                    return Err(too_large(&shown(url), most));
                }
            }
            Ok(Some(bytes))
        })
    }

    fn client(&self) -> Result<&Client, Error> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let network = self.settings.network()?;
        let tls = tls::configuration(self.settings.ca_certificate.as_deref())?;
        let insecure = self.settings.insecure;
        let redirects = reqwest::redirect::Policy::custom(move |attempt| {
            let (to, from) = (attempt.url(), attempt.previous().last());
            let falls = to.scheme() != "https"
                && (from.is_some_and(|from| from.scheme() == "https")
                    || !may_be_plain(to.host_str(), insecure));
            match (falls, attempt.previous().len() > MOST_REDIRECTS) {
                (true, _) => attempt.error("it redirects to an address that is not encrypted"),
                (_, true) => attempt.error("it redirects too often"),
                _ => attempt.follow(),
            }
        });
        let client = builder(tls, &network)
            .user_agent(AGENT)
            .redirect(redirects)
            // A package is compressed already, and its digest is of that.
            .no_gzip()
            .build()
            .map_err(|error| Error::system(std::io::Error::other(error)))?;
        Ok(self.client.get_or_init(|| client))
    }
}

/// Whether a server on this host may be spoken to without encryption: where the person says so, and on this very machine.
pub(super) fn may_be_plain(host: Option<&str>, insecure: bool) -> bool {
    let address = host.map(|host| host.trim_matches(['[', ']']));
    let here = address.is_some_and(|address| {
        address == "localhost"
            || address
                .parse::<std::net::IpAddr>()
                .is_ok_and(|ip| ip.is_loopback())
    });
    here || insecure
}

/// The server couldn't be reached.
pub(super) fn unreachable(place: &str, error: &reqwest::Error) -> Error {
    Error::new(
        ErrorKind::Network,
        format!("{place} can't be reached: {}", cause(error)),
    )
    .hint("check the connection, or try again later")
}

/// The server ended before all of it came.
pub(super) fn broken_off(place: &str, error: &(dyn std::error::Error + 'static)) -> Error {
    Error::new(
        ErrorKind::Network,
        format!(
            "what {place} has can't be read to its end: {}",
            cause(error)
        ),
    )
    .hint("check the connection, or try again later")
}

/// What is below it all, as a message may show it.
fn cause(error: &(dyn std::error::Error + 'static)) -> String {
    visible(&innermost(error).to_string()).into_owned()
}

pub(super) fn too_large(place: &str, most: u64) -> Error {
    Error::new(
        ErrorKind::TooLarge,
        format!("what {place} sends has more than {most} bytes"),
    )
    .hint("see that the address is right")
}

/// The URL as a message may show it: neither a password nor a signed query.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    visible(url.as_str()).into_owned()
}
