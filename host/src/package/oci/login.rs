//! Logs in to a registry. A registry names the server that issues tokens for it, its realm, and the credentials go there only if the realm belongs to
//! the registry.

use base64::{Engine, engine::general_purpose::STANDARD};
use http_auth::{ChallengeRef, parser::ChallengeParser};
use public_suffix::{DEFAULT_PROVIDER, EffectiveTLDProvider};
use reqwest::{
    Method, Request, StatusCode, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, WWW_AUTHENTICATE},
    redirect,
};
use serde::Deserialize;
use tw_render::text::visible;
use zeroize::Zeroizing;

use super::{
    client::{Access, Client},
    docker::Credentials,
    download,
    failure::{self, Failure},
};
use crate::{
    config::HostLog,
    error::{Error, ErrorKind},
    package::transfer::{Answer, Size},
};

/// The size limit for the answer of a token server, in bytes.
const LARGEST_TOKEN: u64 = 1 << 20;

/// How a registry wants to be authorized.
enum Challenge {
    Basic,
    Bearer { realm: Url, service: Option<String> },
}

/// Returns the value of the header `Authorization` for a registry that gave this answer. `None` if there are no credentials that the registry takes.
///
/// # Errors
/// The token server refuses the login, or may not have the credentials.
pub(super) async fn authorize(
    client: &mut Client<'_>,
    answer: &Answer,
) -> Result<Option<HeaderValue>, Failure> {
    let login = &client.registry.login;
    let credentials = match login.credentials(client.place) {
        // The registry didn't ask for a login, so a configuration that can't be used doesn't matter.
        Err(_) if answer.status != StatusCode::UNAUTHORIZED => return Ok(None),
        credentials => credentials?,
    };
    client.has_sent_credentials = credentials.is_some();
    let challenge = match (find_challenge(&answer.headers), &credentials) {
        (Some(challenge), _) => challenge,
        (None, Some(_)) if !answer.headers.contains_key(WWW_AUTHENTICATE) => {
            ask_for_challenge(client).await?
        }
        _ if answer.status != StatusCode::UNAUTHORIZED => return Ok(None),
        _ => return Err(failure::unreadable(&client.name(), "a request to log in").into()),
    };
    match (challenge, credentials) {
        (Challenge::Basic, Some(credentials)) if credentials.is_password() => {
            report(client, client.base());
            Ok(header("Basic", &encode(&credentials)))
        }
        (Challenge::Basic, _) => Ok(None),
        (Challenge::Bearer { realm, service }, credentials) => {
            check(client, &realm, credentials.is_some())?;
            if credentials.is_some() {
                report(client, &realm);
            }
            let token = request_token(client, realm, service, credentials).await?;
            Ok(header("Bearer", &token))
        }
    }
}

/// Asks a registry how it wants to be authorized that hides a repository instead of saying so. If all can use its API, it takes a password.
async fn ask_for_challenge(client: &mut Client<'_>) -> Result<Challenge, Failure> {
    let request = Request::new(Method::GET, client.base().clone());
    let (http, name) = (client.http.clone(), client.name());
    let retries = client.retries;
    let answer = client
        .exchange(&name, &http, &request, Size::Unread, retries)
        .await?;
    Ok(find_challenge(&answer.headers).unwrap_or(Challenge::Basic))
}

/// Returns the first challenge that can be met: a token if the registry offers that, and a password otherwise. `None` if there is no such challenge.
fn find_challenge(headers: &HeaderMap) -> Option<Challenge> {
    let texts = headers.get_all(WWW_AUTHENTICATE).iter();
    let texts: Vec<&str> = texts.filter_map(|value| value.to_str().ok()).collect();
    let challenges: Vec<ChallengeRef<'_>> = texts
        .into_iter()
        .flat_map(|text| ChallengeParser::new(text).map_while(Result::ok))
        .collect();
    let named = |scheme: &str| {
        let mut all = challenges.iter();
        all.find(|challenge| challenge.scheme.eq_ignore_ascii_case(scheme))
    };
    if let Some(bearer) = named("Bearer") {
        let parameter = |wanted: &str| {
            let mut all = bearer.params.iter();
            all.find(|(name, _)| name.eq_ignore_ascii_case(wanted))
                .map(|(_, value)| value.to_unescaped())
        };
        return Some(Challenge::Bearer {
            realm: parameter("realm")?.parse().ok()?,
            service: parameter("service"),
        });
    }
    named("Basic").map(|_| Challenge::Basic)
}

/// Checks that a token may be requested from a realm, with or without credentials.
fn check(client: &Client<'_>, realm: &Url, has_credentials: bool) -> Result<(), Error> {
    let (host, name) = (client.place.server(), client.name());
    let shown = download::display_url(realm);
    let is_safe = match realm.scheme() {
        "https" => true,
        // A registry elsewhere must not direct requests to servers of this machine.
        "http" => client.is_plain() && download::may_connect(realm, &client.registries),
        _ => false,
    };
    if !is_safe {
        let message = format!("{name} wants a login at {shown}, which is not encrypted");
        return Err(
            Error::new(ErrorKind::Refused, message).hint("ask the registry's administrator")
        );
    }
    let realm_host = realm.host_str().unwrap_or_default();
    let is_named = client.registries.realm(host).as_deref() == Some(realm_host);
    if !has_credentials || is_named || is_related(client.base(), realm) {
        return Ok(());
    }
    let message =
        format!("{name} wants its credentials to be sent to {shown}, which is another site");
    let hint = format!(
        "if that is right, write `realm = \"{}\"` under `[registry.\"{host}\"]` in config.toml",
        visible(realm_host)
    );
    Err(Error::new(ErrorKind::Refused, message).hint(hint))
}

/// True if the host of a realm is that of the registry, or if both belong to the same registered domain.
fn is_related(registry: &Url, realm: &Url) -> bool {
    let site = |url: &Url| {
        let site = DEFAULT_PROVIDER.effective_tld_plus_one(url.domain()?);
        site.ok().map(str::to_owned)
    };
    registry.host_str() == realm.host_str()
        || site(registry).is_some_and(|registry| site(realm) == Some(registry))
}

/// Logs where credentials go.
fn report(client: &Client<'_>, to: &Url) {
    let host = client.place.server();
    HostLog::new(client.registry.settings).write(&format!(
        "credentials of the registry {host} go to {}",
        visible(&to.origin().ascii_serialization())
    ));
}

/// Requests a token for the repository.
async fn request_token(
    client: &mut Client<'_>,
    realm: Url,
    service: Option<String>,
    credentials: Option<Credentials>,
) -> Result<Zeroizing<String>, Failure> {
    /// Registries use one of the names, or both.
    #[derive(Deserialize)]
    struct Issued {
        token: Option<String>,
        access_token: Option<String>,
    }
    let server = format!("the token server {}", download::display_url(&realm));
    let actions = match client.access {
        Access::Pull => "pull",
        Access::Push => "pull,push",
    };
    let scope = format!("repository:{}:{actions}", client.place.repository);
    let mut fields = vec![("scope", scope.as_str())];
    fields.extend(service.as_deref().map(|service| ("service", service)));
    let settings = client.registry.settings;
    let http = download::build_client(settings, &settings.network, same_origin())?;
    let request = make_request(realm.clone(), &fields, credentials.as_ref());
    let retries = client.retries;
    // A refresh token stays valid when it is exchanged, so the exchange can be repeated.
    let mut send = async |request: &Request| {
        let size = Size::AtMost(LARGEST_TOKEN);
        client
            .exchange(&server, &http, request, size, retries)
            .await
    };
    let mut answer = send(&request).await?;
    let has_no_such_method = matches!(
        answer.status,
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
    );
    // Not all token servers have the method for refresh tokens. Some take such a token as a password.
    if request.method() == Method::POST && has_no_such_method {
        let request = make_get_request(realm, &fields, credentials.as_ref());
        answer = send(&request).await?;
    }
    match answer.status {
        status if status.is_success() => {}
        StatusCode::BAD_REQUEST
        | StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::NOT_FOUND => return Err(Failure::Login),
        status => return Err(failure::of_status(&server, status, answer.retry_after()).into()),
    }
    let answer = answer.body.map(Zeroizing::new);
    let answer = answer.and_then(|answer| serde_json::from_slice::<Issued>(&answer).ok());
    let token = answer.and_then(|answer| answer.token.or(answer.access_token));
    let token = token.ok_or_else(|| failure::unreadable(&server, "an answer"))?;
    Ok(Zeroizing::new(token))
}

/// Makes the request of a token: a GET with the name and the password, or a POST with the refresh token.
fn make_request(realm: Url, fields: &[(&str, &str)], credentials: Option<&Credentials>) -> Request {
    let refresh = credentials.filter(|given| given.is_refresh_token());
    let Some(Credentials { secret: token, .. }) = refresh else {
        return make_get_request(realm, fields, credentials);
    };
    let mut form = realm.clone();
    form.set_query(None);
    form.query_pairs_mut()
        .extend_pairs(fields)
        .extend_pairs([("grant_type", "refresh_token"), ("client_id", "tw")])
        .append_pair("refresh_token", token);
    let mut request = Request::new(Method::POST, realm);
    let content = HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers_mut().insert(CONTENT_TYPE, content);
    *request.body_mut() = Some(form.query().unwrap_or_default().to_owned().into());
    request
}

fn make_get_request(
    mut realm: Url,
    fields: &[(&str, &str)],
    credentials: Option<&Credentials>,
) -> Request {
    realm.query_pairs_mut().extend_pairs(fields);
    let mut request = Request::new(Method::GET, realm);
    if let Some(value) = credentials.and_then(|given| header("Basic", &encode(given))) {
        request.headers_mut().insert(AUTHORIZATION, value);
    }
    request
}

/// Follows redirects only to the same origin, because a request for a token has credentials.
fn same_origin() -> redirect::Policy {
    redirect::Policy::custom(|attempt| {
        let from = attempt.previous().last().map(Url::origin);
        match from == Some(attempt.url().origin()) && attempt.previous().len() < 5 {
            true => attempt.follow(),
            false => attempt.stop(),
        }
    })
}

fn encode(credentials: &Credentials) -> Zeroizing<String> {
    let Credentials { name, secret } = credentials;
    let both = Zeroizing::new(format!("{name}:{}", **secret));
    Zeroizing::new(STANDARD.encode(both.as_bytes()))
}

/// Makes the value of the header `Authorization`. `None` if the text can't be the value of a header.
fn header(scheme: &str, text: &str) -> Option<HeaderValue> {
    let text = Zeroizing::new(format!("{scheme} {text}"));
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
