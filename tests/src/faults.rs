//! A server that breaks the rules of HTTP and of the API. Unlike the sandbox it writes its answers by itself, byte by byte, so they can be wrong in any
//! way. It keeps the secrets of one user, so a test sees which changes were made.

mod answers;
mod store;

use std::{
    io::{BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use self::store::Store;
pub use self::{answers::ANSWERS, store::Stored};
use crate::server::{Asked, read, wait_for_close};

/// The token that the server accepts.
pub const TOKEN: &str = "SENTINEL-token-of-the-user";

/// The server's reaction to a request that a fault hits.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Closes the connection, and does not carry out the request.
    Close,
    /// Resets the connection, and does not carry out the request.
    Reset,
    /// Carries out the request, writes these bytes, and then does this.
    Raw(Vec<u8>, Then),
    /// Carries out the request, and writes an answer with the bytes that the function makes of the right body.
    Mangled(fn(&[u8]) -> Vec<u8>, Then),
    /// Carries out the request, and answers with a body that repeats the request, with this status.
    Echo(u16),
}

/// The server's next action after it has written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// It reads the next request.
    Keep,
    /// It closes the connection.
    Close,
    /// It resets the connection.
    Reset,
    /// It writes nothing more, and keeps the connection open.
    Wait,
    /// It writes the same bytes again and again.
    Repeat,
    /// It writes the same bytes again each time this has passed.
    Again(Duration),
    /// It writes one blank each time this has passed.
    Drip(Duration),
}

/// The server. Dropping it stops it.
#[derive(Debug)]
pub struct FaultServer {
    address: std::net::SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    fault: Fault,
    /// The methods that the fault hits.
    methods: &'static [&'static str],
    /// The address of another server, for redirects.
    other: String,
    store: Mutex<Store>,
    over: AtomicBool,
}

impl FaultServer {
    /// Starts a server with the secret `KEY`, ID 1001, and value `first`. The fault hits requests of these methods. In its bytes, `{other}` stands for the
    /// address of another server.
    pub fn start(fault: Fault, methods: &'static [&'static str], other: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let shared = Arc::new(Shared {
            fault,
            methods,
            other: other.to_owned(),
            store: Mutex::new(Store::new()),
            over: AtomicBool::new(false),
        });
        let this = Self {
            address: listener.local_addr().expect("the listener has an address"),
            shared: Arc::clone(&shared),
        };
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                if shared.over.load(Ordering::SeqCst) {
                    return;
                }
                let shared = Arc::clone(&shared);
                // An error means that the client closed the connection.
                std::thread::spawn(move || shared.serve(connection));
            }
        });
        this
    }

    /// Returns `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the secrets that the server has.
    pub fn secrets(&self) -> Vec<Stored> {
        self.shared.store().secrets.clone()
    }

    /// Returns the changes that the server carried out, each as `METHOD PATH BODY`, in their order.
    pub fn changes(&self) -> Vec<String> {
        self.shared.store().changes.clone()
    }
}

impl Drop for FaultServer {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        // Wakes the listener, so that its thread sees the flag and ends.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, mut connection: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(connection.try_clone()?);
        while let Some(request) = read(&mut reader)? {
            let then = match self.methods.contains(&&*request.method) {
                true => self.fail(&request, &mut connection)?,
                false => {
                    let (status, body) = self.store().carry_out(&request);
                    connection.write_all(&answers::answer(status, "", body.as_bytes()))?;
                    Then::Keep
                }
            };
            match then {
                Then::Keep => {}
                Then::Wait => return wait_for_close(reader),
                Then::Reset => return reset(&connection),
                Then::Close | Then::Repeat | Then::Again(_) | Then::Drip(_) => return Ok(()),
            }
        }
        Ok(())
    }

    /// Does to a request what the fault says.
    fn fail(&self, request: &Asked, connection: &mut TcpStream) -> std::io::Result<Then> {
        let (bytes, then) = match &self.fault {
            Fault::Close => return Ok(Then::Close),
            Fault::Reset => return Ok(Then::Reset),
            Fault::Raw(bytes, then) => {
                self.store().carry_out(request);
                (self.complete(bytes), *then)
            }
            Fault::Mangled(mangle, then) => {
                let (_, body) = self.store().carry_out(request);
                (mangle(body.as_bytes()), *then)
            }
            Fault::Echo(status) => {
                self.store().carry_out(request);
                (answers::echo(*status, request), Then::Keep)
            }
        };
        connection.write_all(&bytes)?;
        match then {
            Then::Repeat => loop {
                connection.write_all(&bytes)?;
            },
            Then::Again(time) => loop {
                std::thread::sleep(time);
                connection.write_all(&bytes)?;
            },
            Then::Drip(time) => loop {
                std::thread::sleep(time);
                connection.write_all(b" ")?;
            },
            then => Ok(then),
        }
    }

    /// Puts the address of the other server into an answer.
    fn complete(&self, bytes: &[u8]) -> Vec<u8> {
        match std::str::from_utf8(bytes) {
            Ok(text) => text.replace("{other}", &self.other).into_bytes(),
            Err(_) => bytes.to_vec(),
        }
    }
}

/// Closes a connection with a reset.
fn reset(connection: &TcpStream) -> std::io::Result<()> {
    socket2::SockRef::from(connection).set_linger(Some(Duration::ZERO))
}
