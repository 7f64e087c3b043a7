//! SOCKS proxies.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
};

use crate::proxy::{ask_api, set_up_https};

/// A SOCKS5 proxy (RFC 1928, RFC 1929).
struct Socks {
    address: String,
    /// The requests so far: the credentials, if there are any, and the server.
    seen: Arc<Mutex<Vec<String>>>,
}

impl Socks {
    /// Starts a proxy that answers requests with this code. With 0, it connects.
    fn start(code: u8) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("the listener has an address");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let all = Arc::clone(&seen);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let seen = Arc::clone(&all);
                // An error means that the client has gone.
                std::thread::spawn(move || relay(client, code, &seen));
            }
        });
        Self {
            address: address.to_string(),
            seen,
        }
    }

    fn seen(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.clone()
    }
}

/// Reads bytes that a byte with their number precedes.
fn read_counted(client: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut count = [0];
    client.read_exact(&mut count)?;
    let mut bytes = vec![0; count[0].into()];
    client.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn read_text(client: &mut TcpStream) -> std::io::Result<String> {
    Ok(String::from_utf8_lossy(&read_counted(client)?).into_owned())
}

fn relay(mut client: TcpStream, code: u8, seen: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut version = [0];
    client.read_exact(&mut version)?;
    let methods = read_counted(&mut client)?;
    let wants_password = methods.contains(&2);
    client.write_all(&[5, if wants_password { 2 } else { 0 }])?;
    let mut request = String::new();
    if wants_password {
        client.read_exact(&mut version)?;
        let (name, password) = (read_text(&mut client)?, read_text(&mut client)?);
        request = format!("{name}:{password}@");
        client.write_all(&[1, 0])?;
    }
    let mut head = [0; 4];
    client.read_exact(&mut head)?;
    let host = if head[3] == 3 {
        read_text(&mut client)?
    } else {
        let mut address = [0; 4];
        client.read_exact(&mut address)?;
        Ipv4Addr::from(address).to_string()
    };
    let mut port = [0; 2];
    client.read_exact(&mut port)?;
    let port = u16::from_be_bytes(port);
    seen.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(format!("{request}{host}:{port}"));
    client.write_all(&[5, code, 0, 1, 0, 0, 0, 0, 0, 0])?;
    if code != 0 {
        return Ok(());
    }
    let mut server = TcpStream::connect((host.as_str(), port))?;
    let (mut back, mut forth) = (server.try_clone()?, client.try_clone()?);
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut back, &mut forth);
        let _ = forth.shutdown(Shutdown::Both);
    });
    std::io::copy(&mut client, &mut server)?;
    server.shutdown(Shutdown::Both)
}

#[test]
fn a_socks_proxy_is_used_with_its_credentials() {
    for scheme in ["socks5", "socks5h"] {
        let (world, proxy) = (set_up_https(), Socks::start(0));
        let address = format!("{scheme}://someone:hunter2%20hunter2@{}", proxy.address);
        let tw = ask_api(&world).args(["-v"]).env("ALL_PROXY", address);
        tw.run().exits(0).never_shows("hunter2");
        let expected = format!("someone:hunter2 hunter2@{}", world.sandbox.address());
        assert_eq!(proxy.seen(), [expected]);
        world.saw(["GET /service-info"]);
    }
}

#[test]
fn a_socks_proxy_for_one_scheme_has_exceptions() {
    let (world, proxy) = (set_up_https(), Socks::start(0));
    let address = format!("socks5://{}", proxy.address);
    let server = world.sandbox.address().to_string();
    for (exception, count) in [("", 1), (server.as_str(), 1), ("127.0.0.1:1", 2)] {
        let tw = ask_api(&world).env("HTTPS_PROXY", &address);
        tw.env("NO_PROXY", exception).run().exits(0);
        assert_eq!(proxy.seen().len(), count, "{exception}");
    }
}

#[test]
fn a_refusal_by_a_socks_proxy_is_reported_and_not_retried() {
    let (world, proxy) = (set_up_https(), Socks::start(2));
    let tw = ask_api(&world).env("ALL_PROXY", format!("socks5://{}", proxy.address));
    tw.run()
        .fails_with(" through the proxy that ALL_PROXY names: SOCKS error: connection not allowed");
    world.saw([]);
    assert_eq!(proxy.seen().len(), 1, "a refusal is final");
}
