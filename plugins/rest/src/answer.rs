//! Prints an answer, or saves it as a file.

use std::{
    io::{BufWriter, Write},
    path::Path,
};

use tw_plugin_api::{Request, Response, Stdout, prelude::*};

use crate::pretty::Indenter;

/// The size of the buffer for small pieces, which are otherwise one call of the host each.
const BUFFER: usize = 32 << 10;

/// The headers whose values are credentials.
const SECRET_HEADERS: [&str; 4] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "set-cookie",
];

/// Prints the answer while it arrives. Prints the answer of a failure too, and then fails.
pub(crate) fn print(request: Request<'_>, include: bool, host: &Host) -> Result<Output> {
    let mut stream = request.open()?;
    if include {
        print_head(stream.version(), stream.status(), stream.headers(), host)?;
    }
    if !stream.is_success() {
        return print_failure(stream.into_response()?, host);
    }
    let mut writer = Writer::new(stream.header("content-type"), host);
    while let Some(piece) = stream.read()? {
        writer.send(&piece)?;
        writer.flush()?;
    }
    writer.end()
}

/// Saves the answer as a file. Prints the answer of a failure instead, and then fails.
pub(crate) fn save(
    request: Request<'_>,
    path: &Path,
    include: bool,
    host: &Host,
) -> Result<Output> {
    let response = request.download(path).label("Downloading").send()?;
    if include {
        print_response_head(&response, host)?;
    }
    print_failure(response, host)
}

/// Prints the body of a failure, and returns the failure. A success has no body here.
pub(crate) fn print_failure(response: Response, host: &Host) -> Result<Output> {
    let mut writer = Writer::new(response.header("content-type"), host);
    writer.send(response.bytes())?;
    let done = writer.end()?;
    response.ok().map(|_| done)
}

pub(crate) fn print_response_head(response: &Response, host: &Host) -> Result<()> {
    print_head(
        response.version(),
        response.status(),
        response.headers(),
        host,
    )
}

/// Prints the status line and the headers, and an empty line below them.
fn print_head<'a>(
    version: &str,
    status: u16,
    headers: impl Iterator<Item = (&'a str, &'a str)>,
    host: &Host,
) -> Result<()> {
    let mut head = format!("{version} {status}\n");
    for (name, value) in headers {
        let value = match SECRET_HEADERS.contains(&name) {
            true => "[redacted]",
            false => value,
        };
        head += &format!("{name}: {value}\n");
    }
    head.push('\n');
    host.stdout().send(head)
}

/// The writer of a body: unchanged for a pipe or a file, and with JSON indented and a line end on a terminal.
pub(crate) struct Writer<'a> {
    out: BufWriter<Stdout<'a>>,
    /// `None` if the body is printed as it is.
    indenter: Option<Indenter>,
    is_terminal: bool,
    last: Option<u8>,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(content_type: Option<&str>, host: &'a Host) -> Self {
        let is_json = content_type.is_some_and(|content_type| {
            let media_type = content_type.split(';').next().unwrap_or_default();
            media_type.trim().ends_with("json")
        });
        let is_terminal = host.is_terminal();
        Self {
            out: BufWriter::with_capacity(BUFFER, host.stdout()),
            indenter: (is_json && is_terminal).then(Indenter::default),
            is_terminal,
            last: None,
        }
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> Result<()> {
        self.last = bytes.last().copied().or(self.last);
        match &mut self.indenter {
            Some(indenter) => self.out.write_all(&indenter.push(bytes))?,
            None => self.out.write_all(bytes)?,
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(self.out.flush()?)
    }

    /// Ends the body. A body on a terminal ends with a line end, so that the prompt of the shell begins a line.
    pub(crate) fn end(mut self) -> Result<Output> {
        let is_in_line = match &self.indenter {
            Some(_) => self.last.is_some(),
            None => self.last.is_some_and(|last| last != b'\n'),
        };
        if self.is_terminal && is_in_line {
            self.out.write_all(b"\n")?;
        }
        self.flush()?;
        Ok(Output::none())
    }
}
