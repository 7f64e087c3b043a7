//! The checks of the way to the server, of the server, and of the token.

use std::{
    fmt::Display,
    net::{SocketAddr, TcpStream, ToSocketAddrs},
    sync::{Arc, mpsc},
    time::{Duration, SystemTime},
};

use reqwest::Url;
use tw_plugin_protocol::HttpResponse;

use super::{Check, State};
use crate::{
    cli::{config::mask, hints::Given},
    config::{
        Settings,
        kind::{Kind, Value},
    },
    error::Error,
    service::{
        Own,
        http::{parse_endpoint, proxy, tls},
    },
    signals::end_with_error,
};

/// The time limit for looking up a name, and for connecting.
const LIMIT: Duration = Duration::from_secs(5);

/// The difference of two clocks from which certificates and signatures begin to fail.
const SKEW: Duration = Duration::from_secs(5 * 60);

/// The checks in the order in which a request needs them.
const NAMES: [&str; 9] = [
    "endpoint",
    "certificates",
    "proxy",
    "dns",
    "connection",
    "tls",
    "api",
    "clock",
    "token",
];

/// The remedy for an encryption that fails for no reason of which the error says more.
const CHECK_ADDRESS: &str =
    "check the address, and whether a proxy or firewall of this network answers in its place";

/// The remedy for an answer that doesn't come from the API.
const CHECK_ENDPOINT: &str =
    "check the endpoint; the API of a self-hosted Platform is usually at https://HOST/api";

/// The reason why nothing is sent if the configuration can't be used.
const NO_ENDPOINT: &str = "the configuration can't be used, and it may name another endpoint";

/// Makes the checks in the order of [`NAMES`]. If one fails that the others need, they are skipped.
pub(super) fn check_all(settings: &Arc<Settings>, hints: &Given) -> Vec<Check> {
    let (mut checks, why) = match (&settings.unusable, parse_endpoint(&settings.endpoint)) {
        (Some(_), _) => (Vec::new(), NO_ENDPOINT),
        (None, Ok(endpoint)) => check_server(settings, &endpoint, hints),
        (None, Err(error)) => {
            let check = Check::of_error("endpoint", &error);
            (vec![check], "the endpoint is no address")
        }
    };
    for name in NAMES {
        if !checks.iter().any(|check| check.name == name) {
            checks.push(Check::skipped(name, why));
        }
    }
    checks.sort_by_key(|check| NAMES.iter().position(|name| *name == check.name));
    checks
}

/// Makes the checks of a server, and says why the other checks are skipped.
fn check_server(
    settings: &Arc<Settings>,
    endpoint: &Url,
    hints: &Given,
) -> (Vec<Check>, &'static str) {
    end_with_error();
    let mut checks = vec![
        check_endpoint(settings, endpoint),
        check_files(settings),
        check_proxy(endpoint),
    ];
    let can_go_on = checks.iter().all(|check| check.state == State::Ok);
    let (name, addresses) = look_up(endpoint);
    checks.push(name);
    let connection = check_connection(&addresses, proxy::source_for(endpoint).is_some());
    let is_connected = connection.state == State::Ok;
    checks.push(connection);
    let (answered, why) = match can_go_on && is_connected {
        true => ask(settings, endpoint, hints),
        false => (Vec::new(), "an earlier check failed"),
    };
    checks.extend(answered);
    (checks, why)
}

/// Asks the server, and makes the checks of its answer. Also says why the other checks are skipped.
fn ask(settings: &Arc<Settings>, endpoint: &Url, hints: &Given) -> (Vec<Check>, &'static str) {
    let is_encrypted = endpoint.scheme() == "https";
    let own = Own::new(Arc::clone(settings));
    match own.ask("/service-info") {
        Ok((answer, body)) => {
            let mut checks = vec![
                check_api(settings, &answer, &body),
                check_clock(&answer),
                check_token(&own, hints),
            ];
            if is_encrypted {
                checks.push(Check::ok("tls", "the certificate is trusted"));
            }
            (checks, "the endpoint is not encrypted")
        }
        // The machine can be connected to, so what fails before a request is sent is the encryption.
        Err(error) if is_encrypted && proxy::source_for(endpoint).is_none() => (
            vec![Check::of_error("tls", &error).or(CHECK_ADDRESS)],
            "no answer from the server",
        ),
        Err(error) => (
            vec![Check::of_error("api", &error).or(CHECK_ENDPOINT)],
            "no answer from the server",
        ),
    }
}

fn check_endpoint(settings: &Settings, endpoint: &Url) -> Check {
    let detail = format!("{} ({})", settings.endpoint, settings.endpoint_origin);
    match endpoint.scheme() == "https" || settings.insecure {
        true => Check::ok("endpoint", detail),
        false => Check::failed(
            "endpoint",
            format!("{detail} is not encrypted"),
            "use an https address, or `--insecure` on a network that you trust",
        ),
    }
}

/// Checks the certificate of a private CA, and the client certificate.
fn check_files(settings: &Settings) -> Check {
    let name = "certificates";
    let ca = settings.ca_certificate.as_ref();
    if let Err(error) = tls::configuration(ca) {
        return Check::of_error(name, &error);
    }
    let key = settings.client_key.as_ref();
    let identity = settings.client_certificate.as_ref();
    match identity.map(|path| tls::read_identity(path, key)) {
        Some(Err(error)) => Check::of_error(name, &error),
        Some(Ok(_)) => Check::ok(name, "the client certificate and its key can be read"),
        None if ca.is_some() => Check::ok(name, "the file of the CA can be read"),
        None => Check::ok(name, "those of the system"),
    }
}

fn check_proxy(endpoint: &Url) -> Check {
    let name = "proxy";
    let Some(source) = proxy::source_for(endpoint) else {
        return Check::ok(name, "no proxy");
    };
    if let Err(error) = proxy::check(endpoint) {
        return Check::of_error(name, &error);
    }
    let text = mask(Kind::Proxy, Value::Text(source.text().unwrap_or_default()));
    Check::ok(name, format!("{text} ({})", source.origin()))
}

/// Looks up the name of the server, or of the proxy if there is one. Returns the addresses too.
fn look_up(endpoint: &Url) -> (Check, Vec<SocketAddr>) {
    let name = "dns";
    let source = proxy::source_for(endpoint);
    let proxy = source.and_then(proxy::Source::address);
    let target = proxy.as_ref().unwrap_or(endpoint);
    let host = target.host_str().unwrap_or_default();
    let (what, remedy) = match source {
        Some(source) => (
            format!("the proxy {host} ({})", source.origin()),
            "check the address of the proxy, and the name server of this machine",
        ),
        None => (
            host.to_owned(),
            "check the name, and the name server of this machine",
        ),
    };
    let port = target.port_or_known_default().unwrap_or_default();
    let address = format!("{host}:{port}");
    let (sender, receiver) = mpsc::channel();
    let started = std::thread::Builder::new().spawn(move || {
        let found = address.to_socket_addrs();
        // The receiver has gone if the time limit has passed.
        let _ = sender.send(found.map(Iterator::collect));
    });
    let failed = |why: &dyn Display| {
        let why = why.to_string();
        // The standard library puts a sentence of its own before the reason.
        let why = why
            .strip_prefix("failed to lookup address information: ")
            .unwrap_or(&why);
        (
            Check::failed(name, format!("{what}: {why}"), remedy),
            Vec::new(),
        )
    };
    let found: Result<std::io::Result<Vec<SocketAddr>>, _> = match started {
        Ok(_) => receiver.recv_timeout(LIMIT),
        Err(error) => return failed(&error),
    };
    match found {
        Ok(Ok(addresses)) if addresses.is_empty() => failed(&"no address"),
        Ok(Ok(addresses)) => {
            let ip = addresses[0].ip();
            (Check::ok(name, format!("{host} is {ip}")), addresses)
        }
        Ok(Err(error)) => failed(&error),
        Err(_) => failed(&"no answer in time"),
    }
}

/// Connects to the server, or to the proxy.
fn check_connection(addresses: &[SocketAddr], is_proxy: bool) -> Check {
    let name = "connection";
    let Some(first) = addresses.first() else {
        return Check::skipped(name, "the address is unknown");
    };
    let connect = |address: &SocketAddr| TcpStream::connect_timeout(address, LIMIT);
    // Some machines have an address of IPv6 and no way to use it.
    let other = addresses
        .iter()
        .find(|one| one.is_ipv4() != first.is_ipv4());
    let connected = connect(first).or_else(|error| other.map_or(Err(error), connect));
    match connected {
        Ok(_) => Check::ok(name, "accepted"),
        Err(error) => Check::failed(
            name,
            match is_proxy {
                true => format!("the proxy {first}: {error}"),
                false => format!("{first}: {error}"),
            },
            "check the address and its port; a firewall, or a proxy that this network requires (HTTPS_PROXY), can be the reason",
        ),
    }
}

/// Checks that the server is the API. If it isn't, tries the address that ends in `/api`.
fn check_api(settings: &Arc<Settings>, answer: &HttpResponse, body: &[u8]) -> Check {
    let name = "api";
    if let Some(version) = api_version(answer, body) {
        return Check::ok(name, format!("the API has the version {version}"));
    }
    if let Some(hint) = answer.explain_retry_after() {
        let detail = format!("the server answers with status {}", answer.status);
        return Check::failed(name, detail, hint);
    }
    let detail = format!(
        "the server answers with status {} and is not the API",
        answer.status
    );
    let address = format!("{}/api", settings.endpoint);
    let mut below = (**settings).clone();
    below.endpoint.clone_from(&address);
    let is_below = Own::new(Arc::new(below))
        .ask("/service-info")
        .is_ok_and(|(answer, body)| api_version(&answer, &body).is_some());
    match is_below {
        true => Check::failed(
            name,
            detail,
            format!("the API is at {address}: use this endpoint"),
        ),
        false => Check::failed(name, detail, CHECK_ENDPOINT),
    }
}

/// Returns the version of the API from an answer. `None` if the answer is not the API's.
fn api_version(answer: &HttpResponse, body: &[u8]) -> Option<String> {
    let is_success = (200..300).contains(&answer.status);
    let body: serde_json::Value = is_success.then(|| serde_json::from_slice(body).ok())??;
    let service = body.get("serviceInfo")?.as_object()?;
    let version = service
        .get("apiVersion")
        .and_then(|version| version.as_str());
    Some(version.unwrap_or("(unknown)").to_owned())
}

/// Compares the clock of this machine with the time in the answer.
fn check_clock(answer: &HttpResponse) -> Check {
    let name = "clock";
    let mut headers = answer.headers.iter();
    let date = headers.find(|header| header.name == "date");
    let Some(theirs) = date.and_then(|date| httpdate::parse_http_date(&date.value).ok()) else {
        return Check::skipped(name, "the server doesn't say the time");
    };
    let ours = SystemTime::now();
    let skew = ours
        .duration_since(theirs)
        .unwrap_or_else(|error| error.duration());
    let direction = match ours > theirs {
        true => "ahead of",
        false => "behind",
    };
    match skew > SKEW {
        true => Check::warning(
            name,
            format!("this machine is {} {direction} the server", describe(skew)),
            "set the clock of this machine, because certificates and tokens depend on the time",
        ),
        false => Check::ok(name, "the server has the same time"),
    }
}

/// Describes a time in its largest unit.
fn describe(time: Duration) -> String {
    let minutes = time.as_secs() / 60;
    match minutes {
        0..120 => format!("{minutes} minutes"),
        120..2880 => format!("{} hours", minutes / 60),
        _ => format!("{} days", minutes / 1440),
    }
}

fn check_token(own: &Own, hints: &Given) -> Check {
    let name = "token";
    let credential = match own.credential() {
        Ok(credential) => credential,
        Err(error) if error.message() == Error::no_token().message() => {
            let error = hints.improve(error);
            return Check::warning(
                name,
                "there is no token",
                error.next_step().unwrap_or_default(),
            );
        }
        Err(error) => return Check::of_error(name, &error),
    };
    let source = &credential.source;
    match own.user() {
        Ok(user) => Check::ok(
            name,
            format!("{source}: accepted, of the user {}", user.name),
        ),
        Err(error) if error.status() == Some(401) => Check::failed(
            name,
            format!("{source}: the server doesn't accept it"),
            "make a new token in the Platform under 'Your tokens', and store it with `tw login`",
        ),
        Err(error) => Check::of_error(name, &error).or(CHECK_ENDPOINT),
    }
}
