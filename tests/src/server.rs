//! A small HTTP server for tests that need another server than the sandbox: downloads, and registries that send wrong data.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// A request as it was received.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// The path with the query.
    pub path: String,
    /// The headers. Their names are in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

/// The server's reaction to a request.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Sends this status, these headers and this body.
    With(u16, Vec<(String, String)>, Vec<u8>),
    /// Announces a body that is one byte longer than this one, sends this body, and closes the connection.
    Short(Vec<u8>),
    /// Sends this status and these headers, and of this body the first bytes only, as many as the last number says. Then closes the connection.
    Cut(u16, Vec<(String, String)>, Vec<u8>, usize),
    /// Sends this body without its length, and closes the connection.
    Unmarked(Vec<u8>),
    /// Closes the connection without an answer.
    Close,
    /// Sends the beginning of a body, and then nothing. The connection stays open until the client closes it.
    Begin(Vec<u8>),
    /// Sends this status and this body again and again, without end.
    Endless(u16, Vec<u8>),
    /// Sends one space each time this duration has passed, without end.
    Drip(Duration),
    /// Sends nothing. The connection stays open until the client closes it.
    Silence,
}

impl Answer {
    /// Returns an answer with status 200 and this body.
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::With(200, Vec::new(), body.into())
    }

    /// Returns an answer with this status and an empty body.
    pub fn status(status: u16) -> Self {
        Self::With(status, Vec::new(), Vec::new())
    }

    /// Sends only the first bytes of the body, as many as `count`, and then closes the connection.
    #[must_use]
    pub fn cut(self, count: usize) -> Self {
        match self {
            Self::With(status, headers, body) => Self::Cut(status, headers, body, count),
            other => other,
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        if let Self::With(_, headers, _) | Self::Cut(_, headers, ..) = &mut self {
            headers.push((name.to_owned(), value.into()));
        }
        self
    }
}

/// A server on a free local port. Dropping it stops the server.
#[derive(Debug)]
pub struct Server {
    address: std::net::SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    over: Arc<AtomicBool>,
}

impl Server {
    /// Starts a server that answers every request with the result of `answer`.
    pub fn start(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let this = Self {
            address: listener.local_addr().expect("the listener has an address"),
            asked: Arc::default(),
            over: Arc::default(),
        };
        let (asked, over) = (Arc::clone(&this.asked), Arc::clone(&this.over));
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let (asked, answer) = (Arc::clone(&asked), Arc::clone(&answer));
                // An error here means that the client closed the connection, which is no failure of the server.
                std::thread::spawn(move || serve(connection, &asked, &*answer));
            }
        });
        this
    }

    /// Starts a server for these files, by path. Every other path is answered with status 404.
    pub fn of_files(files: BTreeMap<String, Vec<u8>>) -> Self {
        Self::start(move |asked| match files.get(&asked.path) {
            Some(content) => Answer::ok(content.clone()),
            None => Answer::status(404),
        })
    }

    /// Returns `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Returns the requests so far, each as `METHOD PATH`.
    pub fn seen(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked
            .iter()
            .map(|asked| format!("{} {}", asked.method, asked.path))
            .collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // Wakes the listener, so that its thread sees the flag and ends.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(
    mut connection: TcpStream,
    asked: &Mutex<Vec<Asked>>,
    answer: &(dyn Fn(&Asked) -> Answer + Send + Sync),
) -> std::io::Result<()> {
    let mut reader = BufReader::new(connection.try_clone()?);
    while let Some(request) = read(&mut reader)? {
        asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(request.clone());
        match answer(&request) {
            Answer::With(status, headers, body) => {
                connection.write_all(write_head(status, &headers, &body).as_bytes())?;
                if request.method != "HEAD" {
                    connection.write_all(&body)?;
                }
            }
            Answer::Cut(status, headers, body, count) => {
                connection.write_all(write_head(status, &headers, &body).as_bytes())?;
                connection.write_all(&body[..count])?;
                return connection.shutdown(Shutdown::Both);
            }
            Answer::Unmarked(body) => {
                connection.write_all(b"HTTP/1.1 200 x\r\n\r\n")?;
                connection.write_all(&body)?;
                return connection.shutdown(Shutdown::Both);
            }
            Answer::Close => return connection.shutdown(Shutdown::Both),
            Answer::Short(body) => {
                let head = format!(
                    "HTTP/1.1 200 x\r\nContent-Length: {}\r\n\r\n",
                    body.len() + 1
                );
                connection.write_all(head.as_bytes())?;
                connection.write_all(&body)?;
                return connection.shutdown(Shutdown::Both);
            }
            Answer::Endless(status, body) => {
                connection.write_all(format!("HTTP/1.1 {status} x\r\n\r\n").as_bytes())?;
                loop {
                    connection.write_all(&body)?;
                }
            }
            Answer::Drip(time) => {
                connection.write_all(b"HTTP/1.1 200 x\r\nContent-Length: 100000\r\n\r\n")?;
                loop {
                    std::thread::sleep(time);
                    connection.write_all(b" ")?;
                }
            }
            Answer::Begin(body) => {
                connection.write_all(b"HTTP/1.1 200 x\r\nContent-Length: 1000000\r\n\r\n")?;
                connection.write_all(&body)?;
                return wait_for_close(reader);
            }
            Answer::Silence => return wait_for_close(reader),
        }
    }
    Ok(())
}

fn write_head(status: u16, headers: &[(String, String)], body: &[u8]) -> String {
    // An answer to a HEAD request, which a proxy repeats, has the length of the body that a GET request gets.
    let has_length = headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let mut head = format!("HTTP/1.1 {status} x\r\n");
    if !has_length {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    head + "\r\n"
}

/// Waits until the client closes the connection.
pub(crate) fn wait_for_close(mut reader: impl Read) -> std::io::Result<()> {
    let mut rest = Vec::new();
    reader.read_to_end(&mut rest).map(drop)
}

pub(crate) fn read(reader: &mut impl BufRead) -> std::io::Result<Option<Asked>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split(' ');
    let mut asked = Asked {
        method: words.next().unwrap_or_default().to_owned(),
        path: words.next().unwrap_or_default().to_owned(),
        ..Asked::default()
    };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        asked.headers.insert(name.to_lowercase(), value.to_owned());
    }
    let length = asked.headers.get("content-length");
    let length = length.and_then(|length| length.parse().ok()).unwrap_or(0);
    asked.body = vec![0; length];
    reader.read_exact(&mut asked.body)?;
    Ok(Some(asked))
}
