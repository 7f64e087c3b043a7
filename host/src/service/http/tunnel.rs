//! The status with which a proxy refuses to connect. The client's error leaves it out, so the proxy is asked once more.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use hyper::{Request, client::conn::http1};
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use reqwest::{
    Url,
    header::{HOST, PROXY_AUTHORIZATION},
};
use tokio::{net::TcpStream, time::timeout};

use super::{cause::is_refused_by_proxy, proxy};

/// Returns the status of the proxy's answer if `error` says that the proxy refuses to connect to `url`. `None` for any other error, and if the proxy doesn't
/// answer within `limit`, or is itself reached with TLS.
pub(super) async fn find_status(url: &Url, error: &reqwest::Error, limit: Duration) -> Option<u16> {
    if !is_refused_by_proxy(error) {
        return None;
    }
    let proxy = proxy::source_for(url)?.address()?;
    match proxy.scheme() {
        "http" => timeout(limit, connect(&proxy, url)).await.ok().flatten(),
        _ => None,
    }
}

async fn connect(proxy: &Url, url: &Url) -> Option<u16> {
    let address = format!("{}:{}", proxy.host_str()?, proxy.port_or_known_default()?);
    let stream = TokioIo::new(TcpStream::connect(address).await.ok()?);
    let (mut sender, connection) = http1::handshake(stream).await.ok()?;
    let target = format!("{}:{}", url.host_str()?, url.port_or_known_default()?);
    let mut request = Request::connect(&target).header(HOST, &target);
    if !proxy.username().is_empty() {
        let decode = |text| percent_decode_str(text).decode_utf8_lossy();
        let password = decode(proxy.password().unwrap_or_default());
        let credentials = STANDARD.encode(format!("{}:{password}", decode(proxy.username())));
        request = request.header(PROXY_AUTHORIZATION, format!("Basic {credentials}"));
    }
    // The connection ends when the sender is dropped.
    tokio::spawn(connection);
    let answer = sender.send_request(request.body(String::new()).ok()?);
    Some(answer.await.ok()?.status().as_u16())
}
