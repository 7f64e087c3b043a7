//! One connection, from the handshake to its end, which a fault may bring about at any time.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

use super::answer::Refused;
use super::certificate::HTTP_2;
use super::exchange::Exchange;

/// Asks for the end of a connection from within one of its requests.
#[derive(Debug, Clone, Default)]
pub(super) struct Cut(Arc<Notify>);

impl Cut {
    /// Ends the connection at the next turn of its task.
    pub(super) fn now(&self) {
        self.0.notify_one();
    }

    async fn asked(&self) {
        self.0.notified().await;
    }
}

/// Which version of HTTP a connection speaks.
#[derive(Debug, Clone, Copy)]
enum Version {
    Http1,
    Http2,
}

/// Serves a connection until one of the sides ends it. What goes wrong on the way is the client's to notice.
pub(super) async fn serve(stream: TcpStream, tls: Option<TlsAcceptor>, exchange: Arc<Exchange>) {
    // Small answers shall leave at once. On a socket that can't do it they leave a little later.
    let _ = stream.set_nodelay(true);
    // hyper takes the stream, so the way to a reset is a second handle of the same socket.
    let handle = SockRef::from(&stream).try_clone();
    let cut = Cut::default();
    match tls {
        None => exchange_until_end(stream, Version::Http1, &cut, exchange, handle.ok()).await,
        Some(acceptor) => {
            let Ok(stream) = acceptor.accept(stream).await else {
                return;
            };
            let version = match stream.get_ref().1.alpn_protocol() {
                Some(HTTP_2) => Version::Http2,
                _ => Version::Http1,
            };
            exchange_until_end(stream, version, &cut, exchange, handle.ok()).await;
        }
    }
}

async fn exchange_until_end(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    version: Version,
    cut: &Cut,
    exchange: Arc<Exchange>,
    handle: Option<socket2::Socket>,
) {
    let service = service_fn(|request| {
        let (exchange, cut) = (Arc::clone(&exchange), cut.clone());
        async move {
            let response = exchange.answer(request, &cut).await;
            match response.extensions().get::<Refused>() {
                None => Ok(response),
                Some(_) => Err(h2::Error::from(h2::Reason::REFUSED_STREAM)),
            }
        }
    });
    let io = TokioIo::new(stream);
    let is_cut = match version {
        Version::Http1 => {
            let connection = pin!(http1::Builder::new().serve_connection(io, service));
            tokio::select! { _ = connection => false, () = cut.asked() => true }
        }
        Version::Http2 => {
            let builder = http2::Builder::new(TokioExecutor::new());
            let connection = pin!(builder.serve_connection(io, service));
            tokio::select! { _ = connection => false, () = cut.asked() => true }
        }
    };
    // The stream is gone by now, but the socket lives on in the handle: with no time to linger, its end is a reset.
    if let (true, Some(handle)) = (is_cut, handle) {
        let _ = handle.set_linger(Some(Duration::ZERO));
    }
}
