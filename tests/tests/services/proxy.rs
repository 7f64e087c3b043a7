//! Proxies that environment variables name, with and without credentials.

use std::{
    io::{BufRead, BufReader, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::json;
use tw_sandbox::{Fault, Sandbox};
use tw_tests::{Answer, Asked, Server, Tw, World};

use crate::{Probe, http::serve_pets, pick_unused_url, set_up_on};

/// The credentials of the proxy, as the variable has them.
const CREDENTIALS: &str = "someone:hunter2%20hunter2";
/// The same credentials, as the header `Proxy-Authorization` has them.
const AUTHORIZATION: &str = "Basic c29tZW9uZTpodW50ZXIyIGh1bnRlcjI=";

/// A proxy for https, which forwards encrypted bytes.
struct Proxy {
    address: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Starts a proxy that requires this `Proxy-Authorization`, or none.
    fn start(wanted: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener
            .local_addr()
            .expect("the listener has an address")
            .to_string();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let seen = Arc::clone(&seen);
                // An error means that the client has gone.
                std::thread::spawn(move || connect(client, wanted, &seen));
            }
        });
        Self { address, heads }
    }

    /// Returns the head of each request that the proxy received.
    fn heads(&self) -> Vec<String> {
        let heads = self.heads.lock().unwrap_or_else(PoisonError::into_inner);
        heads.clone()
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn url_with_credentials(&self) -> String {
        format!("http://{CREDENTIALS}@{}", self.address)
    }
}

fn connect(
    mut client: TcpStream,
    wanted: Option<&str>,
    seen: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    let shown = head
        .lines()
        .find_map(|line| {
            line.to_lowercase()
                .starts_with("proxy-authorization: ")
                .then(|| &line[21..])
        })
        .map(str::to_owned);
    let to = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let is_connect = head.starts_with("CONNECT ");
    seen.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(head);
    if wanted.is_some() && shown.as_deref() != wanted {
        // Some proxies repeat the credentials that they received.
        let shown = shown.unwrap_or_default();
        let answer =
            format!("HTTP/1.1 407 {shown}\r\nX-Shown: {shown}\r\nContent-Length: 0\r\n\r\n");
        return client.write_all(answer.as_bytes());
    }
    if !is_connect || to.starts_with("refused.") {
        return client.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    }
    if to.starts_with("broken.") {
        return client.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
    }
    let mut server = TcpStream::connect(to)?;
    client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n")?;
    let (mut back, mut forth) = (server.try_clone()?, client.try_clone()?);
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut back, &mut forth);
        let _ = forth.shutdown(Shutdown::Both);
    });
    std::io::copy(&mut reader, &mut server)?;
    server.shutdown(Shutdown::Both)
}

/// Starts a sandbox on https, and writes its CA into the home.
pub(crate) fn set_up_https() -> World {
    let world = set_up_on(Sandbox::builder().start_https());
    let ca = world.sandbox.ca_pem().expect("https has a CA");
    std::fs::write(world.installation.home().join("ca.pem"), ca).expect("the home can be written");
    world
}

/// Prepares a request for the API's `/service-info`.
pub(crate) fn ask_api(world: &World) -> Tw {
    let line = [
        "http",
        "send",
        "get",
        "/service-info",
        "--ok",
        "--cacert",
        "ca.pem",
    ];
    world.probe(line)
}

#[test]
fn https_goes_through_the_proxy_which_sees_only_the_host() {
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let (world, proxy) = (set_up_https(), Proxy::start(None));
        ask_api(&world)
            .env(name, proxy.url())
            .run()
            .exits(0)
            .says("");
        let heads = proxy.heads();
        assert_eq!(heads.len(), 1, "{name}");
        let to = format!("CONNECT {} HTTP/1.1\r\n", world.sandbox.address());
        assert!(heads[0].starts_with(&to), "{heads:?}");
        assert!(!heads[0].contains(world.sandbox.token()) && !heads[0].contains("service-info"));
        world.saw(["GET /service-info"]);
    }
}

#[test]
fn proxy_credentials_are_sent_only_to_the_proxy() {
    let (world, proxy) = (set_up_https(), Proxy::start(Some(AUTHORIZATION)));
    let tw = ask_api(&world).args(["-v"]);
    let ran = tw.env("HTTPS_PROXY", proxy.url_with_credentials()).run();
    ran.exits(0)
        .never_shows("hunter2")
        .never_shows("c29tZW9uZTpodW50ZXIy");
    let requests = world.sandbox.requests();
    assert_eq!(requests[0].header("proxy-authorization"), None);
}

#[test]
fn a_proxy_that_rejects_the_credentials_is_asked_once_and_leaks_nothing() {
    let (world, proxy) = (set_up_https(), Proxy::start(Some("Basic bm9ib2R5")));
    for address in [proxy.url(), proxy.url_with_credentials()] {
        let tw = ask_api(&world).args(["-v"]).env("HTTPS_PROXY", address);
        tw.run()
            .fails_with(&format!(
                "Cannot connect to {} through the proxy that HTTPS_PROXY names: the proxy requires a user name and password, or rejects the given ones",
                world.sandbox.url()
            ))
            .never_shows("hunter2")
            .never_shows("c29tZW9uZTpodW50ZXIy");
    }
    assert_eq!(proxy.heads().len(), 2);
    world.saw([]);
}

#[test]
fn a_refusal_by_the_proxy_is_reported_with_its_status() {
    // The client's error has no status, so the proxy is asked for it.
    for (host, status, asked) in [("refused", 403, 2), ("broken", 502, 4)] {
        let (world, proxy) = (set_up_https(), Proxy::start(None));
        let server = format!("https://{host}.example");
        let tw = ask_api(&world).env("TOWER_API_ENDPOINT", &server);
        let tw = tw.args(["--retries", "1"]);
        let ran = tw.env("HTTPS_PROXY", proxy.url_with_credentials()).run();
        ran.fails_with(&format!(
            "Cannot connect to {server} through the proxy that HTTPS_PROXY names: the proxy refuses to connect (status {status})\n"
        ));
        let heads = proxy.heads();
        assert_eq!(heads.len(), asked, "{heads:?}");
        let has_credentials =
            |head: &String| head.to_lowercase().contains("proxy-authorization: basic ");
        assert!(heads.iter().all(has_credentials), "{heads:?}");
    }
}

#[test]
fn an_unreachable_proxy_is_not_bypassed() {
    let world = set_up_https();
    let tw = ask_api(&world).env("HTTPS_PROXY", pick_unused_url());
    tw.run()
        .fails_with(" through the proxy that HTTPS_PROXY names: Connection refused");
    world.saw([]);
    let tw = ask_api(&world)
        .env("HTTPS_PROXY", pick_unused_url())
        .env("NO_PROXY", "*");
    let tw = tw.env(
        "TOWER_API_ENDPOINT",
        pick_unused_url().replace("http", "https"),
    );
    tw.run()
        .fails_with("Cannot connect to ")
        .never_shows("prox");
}

#[test]
fn an_invalid_proxy_variable_is_an_error_if_its_proxy_would_be_used() {
    let world = serve_pets(|pets| pets.json("{}"));
    for wrong in [
        "http://someone:hunter2@[bad",
        "http//someone:hunter2@proxy:3128",
        "proxy hunter2:3128",
        "http://someone:hunter2@proxy:99999",
        "http://someone:hun#ter2@proxy:3128",
        "http://someone:hun/ter2@proxy:3128",
        "proxy:3128x",
        "http://proxy:3128/hunter2",
        "http://",
        "ftp://hunter2:21",
        "socks://hunter2:1080",
        "socks5://",
        "socks5://proxy:1080/hunter2",
    ] {
        for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
            let tw = world
                .probe(["http", "send", "get", "/pets", "-v"])
                .env(name, wrong);
            tw.run()
                .exits(2)
                .says_with(&format!(
                    "{name} does not name a proxy: expected http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT"
                ))
                .never_shows("hunter2");
        }
    }
    world.saw([]);
    // An empty variable counts as not set.
    let proxy = Server::start(|_| Answer::ok("{}"));
    let line = ["http", "send", "get", "/pets"];
    for [empty, set] in [["HTTP_PROXY", "http_proxy"], ["ALL_PROXY", "all_proxy"]] {
        let tw = world.probe(line).env(empty, "").env(set, proxy.url());
        assert_eq!(tw.run().exits(0).json()["status"], 200);
    }
    assert_eq!(proxy.seen().len(), 2);
    let tw = world.probe(line).env("ALL_PROXY", "socks5://127.0.0.1:9");
    let proxy = Server::start(|_| Answer::ok("{}"));
    let tw = tw
        .env("HTTP_PROXY", proxy.host())
        .env("HTTPS_PROXY", proxy.url());
    assert_eq!(tw.run().exits(0).json()["status"], 200);
    // A variable whose proxy would not be used is not read.
    for needless in ["HTTPS_PROXY", "https_proxy"] {
        let tw = world.probe(line).env(needless, "no proxy");
        assert_eq!(tw.run().exits(0).json()["status"], 200);
    }
    let tw = world.probe(line).env("ALL_PROXY", "no proxy");
    let tw = tw.env("no_proxy", "127.0.0.1");
    assert_eq!(tw.run().exits(0).json()["status"], 200);
    let tw = world
        .probe(line)
        .env("HTTP_PROXY", "no proxy")
        .env("NO_PROXY", "*");
    assert_eq!(tw.run().exits(0).json()["status"], 200);
    world.saw(["GET /pets"; 4]);
}

#[test]
fn no_proxy_exempts_hosts_from_the_proxy() {
    for (none, through) in [
        ("127.0.0.1", 0),
        ("example.com,127.0.0.0/8", 0),
        ("*", 0),
        ("[::1] 127.0.0.1", 0),
        ("127.0.0.1:1", 1),
        ("example.com", 1),
        ("", 1),
    ] {
        let (world, proxy) = (set_up_https(), Proxy::start(None));
        let tw = ask_api(&world).env("HTTPS_PROXY", proxy.url());
        tw.env("NO_PROXY", none).run().exits(0).says("");
        assert_eq!(proxy.heads().len(), through, "{none}");
        world.saw(["GET /service-info"]);
    }
}

#[test]
fn plain_http_uses_its_own_proxy() {
    let proxy = Server::start(|_| Answer::ok(r#"{"of":"the proxy"}"#));
    let world = serve_pets(|pets| pets.json("{}"));
    let address = format!("http://{CREDENTIALS}@{}", proxy.host());
    let line = ["http", "send", "get", "/pets", "-v"];
    let ran = world.probe(line).env("HTTP_PROXY", &address).run();
    let ran = ran
        .exits(0)
        .never_shows("hunter2")
        .never_shows("c29tZW9uZTpodW50ZXIy");
    assert_eq!(ran.json()["body"], json!({ "of": "the proxy" }));
    assert_eq!(proxy.seen(), [format!("GET {}/pets", world.sandbox.url())]);
    world.saw([]);
    let ran = world.probe(line).env("HTTPS_PROXY", &address).run();
    assert_eq!(ran.exits(0).json()["body"], json!({}));
}

#[test]
fn credentials_that_a_proxy_repeats_are_redacted() {
    let read_credentials = |asked: &Asked| {
        let header = asked.headers.get("proxy-authorization").cloned();
        header.unwrap_or_default()
    };
    let proxy = Server::start(move |asked| {
        let message =
            json!({ "message": format!("who is {} (hunter2 hunter2)?", read_credentials(asked)) });
        Answer::With(
            407,
            vec![("X-Told".to_owned(), read_credentials(asked))],
            message.to_string().into(),
        )
    });
    let world = serve_pets(Fault::empty);
    let address = format!("http://{CREDENTIALS}@{}", proxy.host());
    let ran = world.tw(["probe", "http", "send", "get", "/pets", "--ok"]);
    ran.exits(0);
    for verbose in [&[][..], &["-v"]] {
        let line = ["probe", "http", "send", "get", "/pets", "--ok"];
        let tw = world
            .command(line)
            .args(verbose)
            .env("HTTP_PROXY", &address);
        tw.run()
            .fails_with("who is Basic [redacted]")
            .never_shows("hunter2")
            .never_shows("c29tZW9uZTpodW50ZXIy");
    }
}
