//! A host that runs a plugin in its own process (`inside`), or in another one with the two functions carried over a socket (`own-process`).
//!
//! usage: `process-host inside|own-process LIBRARY`
//!
//! Calls the plugin: `describe` once and `run` twice. Prints the answers, the calls that reached the host, and whether this process has mapped the
//! library.
//!
//! A message on the socket is a tag, a number, and three parts, each a length and bytes. The number is that of the run. A call has the tag 0 and the
//! parts method, payload and body. An answer has the tag 1 for a success or 2 for a failure, and the parts payload and body.
#![cfg_attr(
    not(unix),
    allow(unused, reason = "the socket between the processes is a Unix socket")
)]
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "the host of a test panics with its reason"
)]

use std::{
    io::{Read, Write},
    path::Path,
    sync::Mutex,
};

use serde_json::{Value, json};
use tw_plugin_abi::{HostRef, RResult, RSlice, RStr, Reply};
use tw_tests::Library;

/// The calls that reached the host: the number of the run, the method, and the payload.
static CALLS: Mutex<Vec<Value>> = Mutex::new(Vec::new());

/// Answers a call of the plugin: refuses methods that begin with `no`, and otherwise returns the payload and the body.
fn answer(run: u64, method: &str, payload: &[u8], body: &[u8]) -> Result<Reply, Reply> {
    let call = json!([run, method, String::from_utf8_lossy(payload)]);
    CALLS.lock().expect("no thread panicked").push(call);
    if method.starts_with("no") {
        let refused = json!({ "refused": method }).to_string();
        return Err(Reply::new(refused.into_bytes(), Vec::new()));
    }
    let payload = match payload {
        [] => b"null",
        payload => payload,
    };
    Ok(Reply::new(payload.to_vec(), body.to_vec()))
}

extern "C" fn answer_here(
    run: u64,
    method: RStr<'_>,
    payload: RSlice<'_, u8>,
    body: RSlice<'_, u8>,
) -> RResult<Reply, Reply> {
    answer(run, method.as_str(), &payload, &body).into()
}

/// A message on the socket.
struct Message {
    tag: u8,
    run: u64,
    parts: [Vec<u8>; 3],
}

impl Message {
    fn call(run: u64, method: &str, payload: &[u8], body: &[u8]) -> Self {
        Self {
            tag: 0,
            run,
            parts: [method.as_bytes().to_vec(), payload.to_vec(), body.to_vec()],
        }
    }

    fn answer(run: u64, result: Result<Reply, Reply>) -> Self {
        let (tag, reply) = match result {
            Ok(reply) => (1, reply),
            Err(reply) => (2, reply),
        };
        Self {
            tag,
            run,
            parts: [reply.payload.to_vec(), reply.body.to_vec(), Vec::new()],
        }
    }

    /// Returns the result of a call; `None` if the message is itself a call.
    fn into_result(self) -> Option<Result<Reply, Reply>> {
        let [payload, body, _] = self.parts;
        let reply = Reply::new(payload, body);
        match self.tag {
            0 => None,
            1 => Some(Ok(reply)),
            _ => Some(Err(reply)),
        }
    }

    fn write(&self, mut to: impl Write) {
        let mut bytes = vec![self.tag];
        bytes.extend(self.run.to_le_bytes());
        for part in &self.parts {
            bytes.extend((part.len() as u64).to_le_bytes());
            bytes.extend(part);
        }
        to.write_all(&bytes).expect("the socket can be written");
    }

    /// Reads the next message; `None` if the other side has closed the socket.
    fn read(mut from: impl Read) -> Option<Self> {
        let mut tag = [0];
        from.read_exact(&mut tag).ok()?;
        let mut next = |length: u64| {
            let mut bytes = vec![0; usize::try_from(length).expect("a length")];
            let read = from.read_exact(&mut bytes);
            read.expect("the message is complete");
            bytes
        };
        let number = |bytes: Vec<u8>| u64::from_le_bytes(bytes.try_into().expect("8 bytes"));
        let run = number(next(8));
        let parts = std::array::from_fn(|_| {
            let length = number(next(8));
            next(length)
        });
        Some(Self {
            tag: tag[0],
            run,
            parts,
        })
    }
}

#[cfg(unix)]
mod own_process {
    use std::{
        os::{fd::AsFd, fd::OwnedFd, unix::net::UnixStream},
        path::Path,
        process::{Child, Command},
        sync::OnceLock,
    };

    use super::*;

    /// The process of a plugin, and the socket to it.
    pub(super) struct Process {
        child: Child,
        socket: UnixStream,
    }

    impl Process {
        pub(super) fn start(library: &Path) -> Self {
            let (socket, theirs) = UnixStream::pair().expect("sockets can be made");
            let child = Command::new(std::env::current_exe().expect("this program has a path"))
                .arg("plugin")
                .arg(library)
                .stdin(OwnedFd::from(theirs))
                .spawn()
                .expect("the process starts");
            Self { child, socket }
        }

        /// Calls the plugin, and answers the calls that it makes meanwhile over the same socket.
        pub(super) fn call(&self, run: u64, method: &str, payload: &[u8]) -> Result<Reply, Reply> {
            Message::call(run, method, payload, &[]).write(&self.socket);
            loop {
                let message = Message::read(&self.socket).expect("the plugin answers");
                let run = message.run;
                if message.tag == 0 {
                    let [method, payload, body] = &message.parts;
                    let method = std::str::from_utf8(method).expect("a method is UTF-8");
                    Message::answer(run, answer(run, method, payload, body)).write(&self.socket);
                } else if let Some(result) = message.into_result() {
                    return result;
                }
            }
        }

        /// Closes the socket, which ends the process.
        pub(super) fn end(mut self) {
            drop(self.socket);
            assert!(self.child.wait().expect("the process ends").success());
        }
    }

    /// The socket to the host, in the process of the plugin.
    static HOST: OnceLock<Mutex<UnixStream>> = OnceLock::new();

    /// Carries a call of the plugin to the host. One call at a time is on the socket.
    extern "C" fn forward(
        run: u64,
        method: RStr<'_>,
        payload: RSlice<'_, u8>,
        body: RSlice<'_, u8>,
    ) -> RResult<Reply, Reply> {
        let socket = HOST.get().expect("the socket is open");
        let socket = socket.lock().expect("no thread panicked");
        Message::call(run, method.as_str(), &payload, &body).write(&*socket);
        let message = Message::read(&*socket).expect("the host answers");
        let result = message.into_result();
        result
            .expect("the host calls no plugin during a call of it")
            .into()
    }

    /// Answers the calls of the host until it closes the socket. Standard input is the socket.
    pub(super) fn serve(library: &Path) {
        let socket = std::io::stdin().as_fd().try_clone_to_owned();
        let socket = UnixStream::from(socket.expect("the socket can be copied"));
        let copy = socket.try_clone().expect("the socket can be copied");
        HOST.set(Mutex::new(copy)).expect("this is the only call");
        let plugin = Library::open_root(library);
        while let Some(message) = Message::read(&socket) {
            let [method, payload, _] = &message.parts;
            let method = std::str::from_utf8(method).expect("a method is UTF-8");
            let result = plugin.call(HostRef::new(message.run, forward), method, payload);
            Message::answer(message.run, result).write(&socket);
        }
    }
}

/// Makes the calls, and prints the report.
fn report(library: &Path, call: impl Fn(u64, &str, &[u8]) -> Result<Reply, Reply>) {
    let calls: [(u64, &str); 3] = [(0, "describe"), (1, "run"), (2, "run")];
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let answers = calls.map(|(run, method)| {
        let (failed, reply) = match call(run, method, b"{\"protocol\":1}") {
            Ok(reply) => (false, reply),
            Err(reply) => (true, reply),
        };
        json!({ "failed": failed, "payload": text(&reply.payload), "body": text(&reply.body) })
    });
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let name = library.file_name().expect("a library has a name");
    let report = json!({
        "answers": answers,
        "calls": *CALLS.lock().expect("no thread panicked"),
        "mapped": maps.contains(&*name.to_string_lossy()),
    });
    println!("{report}");
}

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let (mode, library) = (arguments.next(), arguments.next());
    let (Some(mode), Some(library)) = (mode, library) else {
        panic!("usage: process-host inside|own-process LIBRARY");
    };
    let library = Path::new(&library);
    match mode.to_str() {
        Some("inside") => {
            let plugin = Library::open_root(library);
            report(library, |run, method, payload| {
                plugin.call(HostRef::new(run, answer_here), method, payload)
            });
        }
        #[cfg(unix)]
        Some("own-process") => {
            let process = own_process::Process::start(library);
            report(library, |run, method, payload| {
                process.call(run, method, payload)
            });
            process.end();
        }
        #[cfg(unix)]
        Some("plugin") => own_process::serve(library),
        _ => panic!("usage: process-host inside|own-process LIBRARY"),
    }
}
