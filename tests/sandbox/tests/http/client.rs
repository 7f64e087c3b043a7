//! A minimal HTTP/1.1 client that shows the raw response, including a truncated one.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;
use tw_sandbox::Sandbox;

/// A complete response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let field = |line: &'_ str| {
            line.split_once(':')
                .map(|(name, _)| name.to_ascii_lowercase())
        };
        let line = self
            .head
            .lines()
            .find(|line| field(line).as_deref() == Some(name))?;
        line.split_once(':').map(|(_, value)| value.trim())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Returns the message of an error response.
    pub(crate) fn message(&self) -> String {
        self.json()["message"]
            .as_str()
            .expect("a message")
            .to_owned()
    }
}

/// Sends a request with the first user's token and an optional JSON body.
pub(crate) fn try_call(
    sandbox: &Sandbox,
    method: &str,
    target: &str,
    body: Option<&str>,
) -> io::Result<Answer> {
    let authorization = format!("Authorization: Bearer {}\r\n", sandbox.token());
    let content = match body {
        Some(body) => format!(
            "Content-Type: application/json\r\nContent-Length: {}\r\n",
            body.len()
        ),
        None => String::new(),
    };
    send(
        sandbox.address(),
        method,
        target,
        &(authorization + &content),
        body.unwrap_or("").as_bytes(),
    )
}

/// Sends a request like [`try_call`] and panics if there is no complete response.
pub(crate) fn call(sandbox: &Sandbox, method: &str, target: &str, body: Option<&str>) -> Answer {
    try_call(sandbox, method, target, body)
        .unwrap_or_else(|error| panic!("{method} {target}: {error}"))
}

pub(crate) fn get(sandbox: &Sandbox, target: &str) -> Answer {
    call(sandbox, "GET", target, None)
}

/// Sends a request with these header lines and reads the response until the server closes the connection.
pub(crate) fn send(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &str,
    body: &[u8],
) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    let head = format!(
        "{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n"
    );
    stream.write_all(&[head.as_bytes(), body].concat())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    parse(&answer)
}

fn parse(answer: &[u8]) -> io::Result<Answer> {
    let incomplete = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let end = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .ok_or_else(incomplete)?;
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .expect("a status");
    let mut answer = Answer {
        status,
        head,
        body: answer[end + 4..].to_vec(),
    };
    if answer.header("transfer-encoding") == Some("chunked") {
        answer.body = decode_chunks(&answer.body).ok_or_else(incomplete)?;
    }
    if answer
        .header("content-length")
        .is_some_and(|length| length.parse() != Ok(answer.body.len()))
    {
        return Err(incomplete());
    }
    Ok(answer)
}

fn decode_chunks(mut body: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let end = body.windows(2).position(|window| window == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&body[..end]).ok()?, 16).ok()?;
        if length == 0 {
            return Some(whole);
        }
        whole.extend_from_slice(body.get(end + 2..end + 2 + length)?);
        body = body.get(end + 2 + length + 2..)?;
    }
}
