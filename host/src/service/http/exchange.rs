//! One request and its answer: where it goes, who may see the token, redirects, bounds.

use std::time::{Duration, Instant};

use reqwest::{
    Method, Response, Url,
    header::{
        self, AUTHORIZATION, COOKIE, HeaderMap, HeaderName, HeaderValue, LOCATION,
        PROXY_AUTHORIZATION,
    },
};
use tw_plugin_protocol::{ErrorKind, ErrorMessage, Header, HttpRequest, HttpResponse, Part};
use tw_render::text::visible;

use super::{Http, LARGEST_BODY, failure};
use crate::{
    error::Error,
    service::{fail, redact::REDACTED},
};

/// More redirects than this are a loop.
const MOST_REDIRECTS: usize = 10;

impl Http {
    /// The request, and the whole of its answer.
    pub(super) async fn exchange(
        &self,
        request: &HttpRequest,
        body: Option<&[u8]>,
    ) -> Result<(HttpResponse, Vec<u8>), ErrorMessage> {
        let work = async {
            let begin = Instant::now();
            let mut response = self.head(request, body).await?;
            let head = describe(&response);
            let bytes = self.body(request, &mut response).await?;
            self.redactor.add_response(request, &bytes);
            self.log.verbose(|| {
                let (status, ms) = (head.status, begin.elapsed().as_millis());
                format!(
                    "< {} {status} ({ms} ms, {} bytes)",
                    failure::call(request),
                    bytes.len()
                )
            });
            Ok((head, bytes))
        };
        match request.deadline_ms {
            None => work.await,
            Some(ms) => tokio::time::timeout(Duration::from_millis(ms), work)
                .await
                .unwrap_or_else(|_| Err(failure::of_deadline(request))),
        }
    }

    /// The request, and the head of the answer that isn't a redirect.
    pub(super) async fn head(
        &self,
        request: &HttpRequest,
        body: Option<&[u8]>,
    ) -> Result<Response, ErrorMessage> {
        let method = method(request)?;
        let mut headers = headers(request)?;
        let mut url = self.resolve(request)?;
        let to_api = url.origin() == self.endpoint()?.origin();
        for _ in 0..=MOST_REDIRECTS {
            let response = self.hop(request, &method, &url, &headers, body).await?;
            let Some(next) = redirect(request, &response, &method, &url, to_api)? else {
                return Ok(response);
            };
            if next.origin() != url.origin() {
                // Whom the plugin says it is, it says to one server.
                for name in [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION] {
                    headers.remove(name);
                }
                for name in sensitive_headers(request) {
                    headers.remove(name);
                }
            }
            url = next;
        }
        Err(fail(
            ErrorKind::InvalidResponse,
            format!(
                "{} was redirected more than {MOST_REDIRECTS} times",
                failure::call(request)
            ),
        ))
    }

    async fn hop(
        &self,
        request: &HttpRequest,
        method: &Method,
        url: &Url,
        headers: &HeaderMap,
        body: Option<&[u8]>,
    ) -> Result<Response, ErrorMessage> {
        if url.scheme() != "https" && !self.settings.insecure {
            let url = visible(url.origin().ascii_serialization().as_str()).into_owned();
            let url = if self.endpoint()?.origin().ascii_serialization() == url {
                self.settings.endpoint.clone()
            } else {
                url
            };
            return Err(Error::Insecure { url }.to_message());
        }
        let mut headers = headers.clone();
        if url.origin() == self.endpoint()?.origin() && !request.anonymous {
            let token = self
                .settings
                .token
                .as_ref()
                .ok_or_else(|| Error::NoToken.to_message())?;
            headers.insert(AUTHORIZATION, bearer(token.expose())?);
        }
        self.log
            .verbose(|| format!("> {method} {}", shown(url, request)));
        let mut call = self
            .client()?
            .request(method.clone(), url.clone())
            .headers(headers);
        match body {
            Some(body) => call = call.body(body.to_vec()),
            // A server may insist on a length, even of nothing.
            None if matches!(*method, Method::POST | Method::PUT | Method::PATCH) => {
                call = call.header(header::CONTENT_LENGTH, 0)
            }
            None => {}
        }
        call.send()
            .await
            .map_err(|error| failure::of_transport(request, &error))
    }

    /// Where the request goes: a path below the endpoint, or a whole URL; with its query.
    fn resolve(&self, request: &HttpRequest) -> Result<Url, ErrorMessage> {
        let endpoint = self.endpoint()?;
        let wrong = || {
            fail(
                ErrorKind::BadRequest,
                format!(
                    "`{}` is neither a path below the API nor a URL",
                    failure::place(request)
                ),
            )
        };
        let mut url = match request.url.starts_with('/') {
            true => Url::parse(&format!(
                "{}{}",
                endpoint.as_str().trim_end_matches('/'),
                request.url
            ))
            .map_err(|_| wrong())?,
            false => Url::parse(&request.url).map_err(|_| wrong())?,
        };
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong());
        }
        // `..` must not lead out of the API, with its token.
        let below = format!("{}/", endpoint.path().trim_end_matches('/'));
        if request.url.starts_with('/') && !url.path().starts_with(&below) {
            return Err(wrong());
        }
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        Ok(url)
    }

    /// The whole body, within its bound.
    async fn body(
        &self,
        request: &HttpRequest,
        response: &mut Response,
    ) -> Result<Vec<u8>, ErrorMessage> {
        let most = request.max_body.unwrap_or(LARGEST_BODY);
        let mut bytes = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| cut_short(request, &error))?
        {
            bytes.extend_from_slice(&chunk);
            if bytes.len() as u64 > most {
                return Err(fail(
                    ErrorKind::TooLarge,
                    format!(
                        "The server's answer to {} has more than {most} bytes",
                        failure::call(request)
                    ),
                ));
            }
        }
        Ok(bytes)
    }
}

/// An answer that broke off: the server had begun to say that the request was carried out, or that it wasn't.
pub(super) fn cut_short(request: &HttpRequest, error: &reqwest::Error) -> ErrorMessage {
    let transport = failure::of_transport(request, error);
    match transport.kind {
        ErrorKind::Timeout => transport,
        kind => fail(
            kind,
            format!(
                "The server's answer to {} is cut short",
                failure::call(request)
            ),
        ),
    }
}

fn method(request: &HttpRequest) -> Result<Method, ErrorMessage> {
    match request.method.as_str() {
        "" | "GET" => Ok(Method::GET),
        "HEAD" => Ok(Method::HEAD),
        "POST" => Ok(Method::POST),
        "PUT" => Ok(Method::PUT),
        "PATCH" => Ok(Method::PATCH),
        "DELETE" => Ok(Method::DELETE),
        other => Err(fail(
            ErrorKind::Unsupported,
            format!(
                "the method `{}` is not one of HTTP's that tw knows",
                visible(other)
            ),
        )),
    }
}

fn headers(request: &HttpRequest) -> Result<HeaderMap, ErrorMessage> {
    let mut headers = HeaderMap::new();
    for Header { name, value } in &request.headers {
        // Where a request goes and where it ends is the host's to say: the token goes with it.
        if OWN_HEADERS
            .iter()
            .any(|own| own.as_str().eq_ignore_ascii_case(name))
        {
            let message = format!("the header `{}` is the host's to set", visible(name));
            return Err(fail(ErrorKind::BadRequest, message));
        }
        let wrong = || {
            fail(
                ErrorKind::BadRequest,
                format!(
                    "the header `{}` is not one that HTTP can carry",
                    visible(name)
                ),
            )
        };
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
        headers.append(name, HeaderValue::from_str(value).map_err(|_| wrong())?);
    }
    Ok(headers)
}

/// Headers that no plugin sets.
const OWN_HEADERS: [HeaderName; 6] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::UPGRADE,
    header::TE,
];

/// The headers that the request marks as sensitive.
fn sensitive_headers(request: &HttpRequest) -> impl Iterator<Item = &str> {
    request.sensitive.iter().filter_map(|part| match part {
        Part::Header { name } => Some(name.as_str()),
        _ => None,
    })
}

fn bearer(token: &str) -> Result<HeaderValue, ErrorMessage> {
    let mut value = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| {
        fail(
            ErrorKind::NoToken,
            "The access token has characters in it that no token has",
        )
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// Where the answer sends us, if it does and may: https never falls to http, and what changes something is not sent elsewhere.
fn redirect(
    request: &HttpRequest,
    response: &Response,
    method: &Method,
    url: &Url,
    to_api: bool,
) -> Result<Option<Url>, ErrorMessage> {
    let status = response.status().as_u16();
    if !matches!(status, 301 | 302 | 303 | 307 | 308)
        || !matches!(*method, Method::GET | Method::HEAD)
    {
        return Ok(None);
    }
    let Some(location) = response
        .headers()
        .get(LOCATION)
        .and_then(|value| value.to_str().ok())
    else {
        return Ok(None);
    };
    let next = url.join(location).map_err(|_| {
        fail(
            ErrorKind::InvalidResponse,
            "The server redirects to what is no address",
        )
    })?;
    let refused = |what: &str| {
        let to = next.origin().ascii_serialization();
        Err(fail(
            ErrorKind::InvalidResponse,
            format!(
                "The server redirects {} to {}, {what}",
                failure::call(request),
                visible(&to)
            ),
        ))
    };
    if url.scheme() == "https" && next.scheme() != "https" {
        return refused("which is not encrypted");
    }
    // Another server's answer is not the API's, and the token stays here.
    if to_api && next.origin() != url.origin() {
        return refused("which is not the API");
    }
    Ok(Some(next))
}

/// The URL as a log may show it.
fn shown(url: &Url, request: &HttpRequest) -> String {
    let secret = |key: &str| {
        request.sensitive.iter().any(|part| {
            matches!(part, Part::Query { name } if name == key) || *part == Part::Unknown
        })
    };
    let mut shown = url.clone();
    // Neither fails where there is a host.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    if url.query_pairs().any(|(key, _)| secret(&key)) {
        let pairs = url.query_pairs().map(|(key, value)| match secret(&key) {
            true => (key, REDACTED.into()),
            false => (key, value),
        });
        shown.query_pairs_mut().clear().extend_pairs(pairs);
    }
    shown.into()
}

/// Status and headers.
pub(super) fn describe(response: &Response) -> HttpResponse {
    let headers = response.headers().iter().map(|(name, value)| Header {
        name: name.as_str().to_owned(),
        value: String::from_utf8_lossy(value.as_bytes()).into_owned(),
    });
    HttpResponse {
        status: response.status().as_u16(),
        headers: headers.collect(),
        body: None,
        attempts: 1,
    }
}
