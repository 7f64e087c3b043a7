//! Proxies that the environment names, with credentials and without.

use std::{
    io::{BufRead, BufReader, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::json;
use tw_sandbox::{Fault, Sandbox};
use tw_tests::{Answer, Asked, Server, Tw, World};

use crate::{Probe, http::pets, nobody, probe_of};

/// The credentials, as they stand in an address, and as a proxy is told.
const CREDENTIALS: &str = "someone:hunter2%20hunter2";
const TOLD: &str = "Basic c29tZW9uZTpodW50ZXIyIGh1bnRlcjI=";

/// A proxy for https: it connects whom it lets in, and sees nothing of what they say.
struct Proxy {
    address: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Lets those in who show this.
    fn start(wanted: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        let address = listener
            .local_addr()
            .expect("it has an address")
            .to_string();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let seen = Arc::clone(&seen);
                // A client that goes away is no failure of the proxy.
                std::thread::spawn(move || connect(client, wanted, &seen));
            }
        });
        Self { address, heads }
    }

    /// What clients sent before they were connected.
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
        // Some repeat what they were shown.
        let shown = shown.unwrap_or_default();
        let answer =
            format!("HTTP/1.1 407 {shown}\r\nX-Shown: {shown}\r\nContent-Length: 0\r\n\r\n");
        return client.write_all(answer.as_bytes());
    }
    if !is_connect || to.starts_with("refused.") {
        return client.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
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

/// A world on https.
pub(crate) fn secure() -> World {
    let world = probe_of(Sandbox::builder().start_https());
    let ca = world.sandbox.ca_pem().expect("https has a CA");
    std::fs::write(world.installation.home().join("ca.pem"), ca).expect("the home can be written");
    world
}

/// Asks the API what it is.
pub(crate) fn asks(world: &World) -> Tw {
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
fn https_goes_through_the_proxy_and_the_proxy_sees_where_to_and_no_more() {
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let (world, proxy) = (secure(), Proxy::start(None));
        asks(&world).env(name, proxy.url()).run().exits(0).says("");
        let heads = proxy.heads();
        assert_eq!(heads.len(), 1, "{name}");
        let to = format!("CONNECT {} HTTP/1.1\r\n", world.sandbox.address());
        assert!(heads[0].starts_with(&to), "{heads:?}");
        assert!(!heads[0].contains(world.sandbox.token()) && !heads[0].contains("service-info"));
        world.saw(["GET /service-info"]);
    }
}

#[test]
fn credentials_are_told_to_the_proxy_and_to_nobody_else() {
    let (world, proxy) = (secure(), Proxy::start(Some(TOLD)));
    let tw = asks(&world).args(["-v"]);
    let ran = tw.env("HTTPS_PROXY", proxy.url_with_credentials()).run();
    ran.exits(0)
        .never_shows("hunter2")
        .never_shows("c29tZW9uZTpodW50ZXIy");
    let requests = world.sandbox.requests();
    assert_eq!(requests[0].header("proxy-authorization"), None);
}

#[test]
fn a_proxy_that_wants_other_credentials_is_asked_once_and_repeats_nothing() {
    let (world, proxy) = (secure(), Proxy::start(Some("Basic bm9ib2R5")));
    for address in [proxy.url(), proxy.url_with_credentials()] {
        let tw = asks(&world).args(["-v"]).env("HTTPS_PROXY", address);
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
fn a_proxy_that_refuses_is_told_as_that() {
    let (world, proxy) = (secure(), Proxy::start(None));
    let tw = asks(&world).env("TOWER_API_ENDPOINT", "https://refused.example");
    tw.env("HTTPS_PROXY", proxy.url())
        .run()
        .fails_with("Cannot connect to https://refused.example through the proxy that HTTPS_PROXY names: the proxy refuses to connect");
}

#[test]
fn a_proxy_that_is_not_there_is_no_way_around_it() {
    let world = secure();
    let tw = asks(&world).env("HTTPS_PROXY", nobody());
    tw.run()
        .fails_with(" through the proxy that HTTPS_PROXY names: Connection refused");
    world.saw([]);
    let tw = asks(&world)
        .env("HTTPS_PROXY", nobody())
        .env("NO_PROXY", "*");
    let tw = tw.env("TOWER_API_ENDPOINT", nobody().replace("http", "https"));
    tw.run()
        .fails_with("Cannot connect to ")
        .never_shows("prox");
}

#[test]
fn a_variable_that_names_no_proxy_is_not_passed_over() {
    let world = pets(|pets| pets.json("{}"));
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
        "socks5://hunter2:1080",
    ] {
        for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
            let tw = world
                .probe(["http", "send", "get", "/pets", "-v"])
                .env(name, wrong);
            tw.run()
                .fails_with(&format!(
                    "{name} does not name a proxy: expected http://HOST:PORT or https://HOST:PORT"
                ))
                .never_shows("hunter2");
        }
    }
    world.saw([]);
    // What is empty is not set, and what nobody asks isn't read.
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
fn no_proxy_names_who_is_spoken_to_without() {
    for (none, through) in [
        ("127.0.0.1", 0),
        ("example.com,127.0.0.0/8", 0),
        ("*", 0),
        ("example.com", 1),
        ("", 1),
    ] {
        let (world, proxy) = (secure(), Proxy::start(None));
        let tw = asks(&world).env("HTTPS_PROXY", proxy.url());
        tw.env("NO_PROXY", none).run().exits(0).says("");
        assert_eq!(proxy.heads().len(), through, "{none}");
        world.saw(["GET /service-info"]);
    }
}

#[test]
fn plain_http_goes_through_its_own_proxy() {
    let proxy = Server::start(|_| Answer::ok(r#"{"of":"the proxy"}"#));
    let world = pets(|pets| pets.json("{}"));
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
fn a_proxy_that_repeats_its_credentials_shows_them_to_nobody() {
    let told = |asked: &Asked| {
        let told = asked.headers.get("proxy-authorization").cloned();
        told.unwrap_or_default()
    };
    let proxy = Server::start(move |asked| {
        let message = json!({ "message": format!("who is {} (hunter2 hunter2)?", told(asked)) });
        Answer::With(
            407,
            vec![("X-Told".to_owned(), told(asked))],
            message.to_string().into(),
        )
    });
    let world = pets(Fault::empty);
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
