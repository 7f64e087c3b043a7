//! The server. It runs on its own thread and runtime, and drives connections below axum, so that a fault can reset one.

mod answer;
mod body;
mod certificate;
mod connection;
mod exchange;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::{self, Runtime};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::error::Error;
pub(crate) use certificate::Identity;
pub use certificate::ServerCertificate;
pub(crate) use exchange::Exchange;

/// A running server. Dropping it stops the server.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    /// Dropping the sender stops the server.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens on a port of 127.0.0.1 and serves in the background. Port 0 means any free port.
    pub(crate) fn start(
        port: u16,
        tls: Option<TlsAcceptor>,
        exchange: Arc<Exchange>,
    ) -> Result<Self, Error> {
        let listen = |cause| Error::Listen { port, cause };
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(listen)?;
        listener.set_nonblocking(true).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;

        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(Error::Start)?;
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("tw-sandbox".into())
            .spawn(move || run(&runtime, listener, tls, exchange, stopped))
            .map_err(Error::Start)?;
        Ok(Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // The thread's panic has already been printed. A second panic, during unwinding, would abort the process.
            let _ = thread.join();
        }
    }
}

fn run(
    runtime: &Runtime,
    listener: std::net::TcpListener,
    tls: Option<TlsAcceptor>,
    exchange: Arc<Exchange>,
    stopped: oneshot::Receiver<()>,
) {
    runtime.block_on(async {
        // This succeeds because the listener is non-blocking and the runtime has I/O enabled.
        let Ok(listener) = TcpListener::from_std(listener) else {
            return;
        };
        tokio::select! {
            () = accept(listener, tls, exchange) => {}
            _ = stopped => {}
        }
    });
}

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, exchange: Arc<Exchange>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(connection::serve(
                    stream,
                    tls.clone(),
                    Arc::clone(&exchange),
                ));
            }
            Err(error) => back_off(&error).await,
        }
    }
}

/// Waits before the next `accept`, which would fail again at once if the process is out of file descriptors. A client that left before
/// it was accepted needs no wait.
async fn back_off(error: &io::Error) {
    if error.kind() != io::ErrorKind::ConnectionAborted {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
