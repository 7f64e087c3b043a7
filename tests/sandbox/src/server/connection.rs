//! Serves one connection, which a fault may reset at any time.

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

/// A handle with which a request ends its own connection.
#[derive(Debug, Clone, Default)]
pub(super) struct Cut(Arc<Notify>);

impl Cut {
    /// Ends the connection when its task is polled next.
    pub(super) fn request(&self) {
        self.0.notify_one();
    }

    async fn wait(&self) {
        self.0.notified().await;
    }
}

/// The HTTP version of a connection.
#[derive(Debug, Clone, Copy)]
enum Version {
    Http1,
    Http2,
}

/// Serves a connection until either side ends it. Errors are not reported here, because the client sees them.
pub(super) async fn serve(stream: TcpStream, tls: Option<TlsAcceptor>, exchange: Arc<Exchange>) {
    // Small responses are sent without delay. If the option cannot be set, they are only sent later.
    let _ = stream.set_nodelay(true);
    // hyper consumes the stream, so a reset needs a second handle to the same socket.
    let handle = SockRef::from(&stream).try_clone();
    let cut = Cut::default();
    match tls {
        None => serve_http(stream, Version::Http1, &cut, exchange, handle.ok()).await,
        Some(acceptor) => {
            let Ok(stream) = acceptor.accept(stream).await else {
                return;
            };
            let version = match stream.get_ref().1.alpn_protocol() {
                Some(HTTP_2) => Version::Http2,
                _ => Version::Http1,
            };
            serve_http(stream, version, &cut, exchange, handle.ok()).await;
        }
    }
}

async fn serve_http(
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
            tokio::select! { _ = connection => false, () = cut.wait() => true }
        }
        Version::Http2 => {
            let builder = http2::Builder::new(TokioExecutor::new());
            let connection = pin!(builder.serve_connection(io, service));
            tokio::select! { _ = connection => false, () = cut.wait() => true }
        }
    };
    // The stream is dropped, but the handle keeps the socket open. Closing a socket whose linger time is zero sends a reset.
    if let (true, Some(handle)) = (is_cut, handle) {
        let _ = handle.set_linger(Some(Duration::ZERO));
    }
}
