//! Describes a library: gets its manifest in a short-lived child process, so that a crash, a hang or an exit is one line in the list of plugins.
//!
//! The child is this binary with the arguments [`ARGUMENT`] and the path of the library. It inherits the open library as standard input, and a
//! file for the answer as standard output. It prints nothing and has no token in its environment.

use std::{
    ffi::OsString,
    fs::File,
    io::{Read, Seek, Write},
    path::Path,
    process::{Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use tw_plugin_abi::{HostRef, RResult, RSlice, RStr, Reply};
use tw_plugin_protocol::{
    Call, Describe, DescribeRequest, ErrorMessage, Manifest, PROTOCOL, feature_names,
    request_to_bytes, to_bytes,
};
use wait_timeout::ChildExt;

use super::{Image, Library, inspect::Inspected};
use crate::{
    error::{Error, ErrorKind, excerpt},
    process::exit_now,
    stdio,
    store::{PluginManifest, limits},
    trust::Held,
};

/// The first argument of the child process.
pub(crate) const ARGUMENT: &str = "__describe";

/// Time limit for a library to return its manifest.
const DEADLINE: Duration = Duration::from_secs(5);

/// The size limit for the answer of the child process, in bytes.
const LARGEST_ANSWER: u64 = 2 * limits::LARGEST as u64;

/// The answer of the child process.
#[derive(Serialize, Deserialize)]
enum Answer {
    Manifest(Box<PluginManifest>),
    Error(Error),
}

const TELL_THE_AUTHOR: &str =
    "this is a fault of the plugin: tell its author, or remove the library";

/// Asks one library.
pub(crate) fn describe(binary: &Path, library: Inspected) -> Result<PluginManifest, Error> {
    Child::start(binary, library)?.answer()
}

/// Asks the libraries, several at a time.
pub(super) fn describe_all(
    binary: &Path,
    libraries: Vec<Inspected>,
) -> Vec<Result<PluginManifest, Error>> {
    let at_once = std::thread::available_parallelism().map_or(2, |n| n.get() * 2);
    let mut answers = Vec::with_capacity(libraries.len());
    let mut libraries = libraries.into_iter().peekable();
    while libraries.peek().is_some() {
        let some = libraries.by_ref().take(at_once);
        let children: Vec<_> = some.map(|library| Child::start(binary, library)).collect();
        answers.extend(
            children
                .into_iter()
                .map(|child| child.and_then(Child::answer)),
        );
    }
    answers
}

struct Child {
    process: std::process::Child,
    answer: File,
    begin: Instant,
}

impl Child {
    fn start(binary: &Path, library: Inspected) -> Result<Self, Error> {
        let Held { real, file, .. } = library.held;
        let start = || {
            // The file has no name, so no other user can write the answer.
            let answer = tempfile::tempfile()?;
            let process = Command::new(binary)
                .arg(ARGUMENT)
                .arg(real)
                .stdin(file)
                .stdout(answer.try_clone()?)
                .stderr(Stdio::null())
                .spawn()?;
            Ok((process, answer))
        };
        let (process, answer) = start().map_err(|error: std::io::Error| {
            Error::new(
                ErrorKind::Failure,
                format!("it can't be asked what it is: {error}"),
            )
            .hint("check that the folder for temporary files is writable")
        })?;
        Ok(Self {
            process,
            answer,
            begin: Instant::now(),
        })
    }

    fn answer(mut self) -> Result<PluginManifest, Error> {
        let left = DEADLINE.saturating_sub(self.begin.elapsed());
        let status = self.process.wait_timeout(left).ok().flatten();
        let Some(status) = status else {
            // Killing fails only if the process has already ended.
            let _ = self.process.kill();
            let _ = self.process.wait();
            let seconds = DEADLINE.as_secs();
            return Err(Error::new(
                ErrorKind::Timeout,
                format!("it didn't say what it is within {seconds} seconds"),
            )
            .hint(TELL_THE_AUTHOR));
        };
        let mut text = Vec::new();
        let read = self.answer.rewind();
        let read = read.and_then(|()| self.answer.take(LARGEST_ANSWER).read_to_end(&mut text));
        match serde_json::from_slice(read.map_or(&[][..], |_| &text)) {
            Ok(Answer::Manifest(manifest)) => Ok(*manifest),
            Ok(Answer::Error(problem)) => Err(problem),
            Err(_) => Err(Error::new(
                ErrorKind::Failure,
                format!("it {} when it was loaded", describe_end(status)),
            )
            .hint(TELL_THE_AUTHOR)),
        }
    }
}

#[cfg(unix)]
fn describe_end(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    let signal = match status.signal() {
        None => {
            return format!(
                "ended the process with exit code {}",
                status.code().unwrap_or_default()
            );
        }
        Some(libc::SIGSEGV) => "SIGSEGV",
        Some(libc::SIGBUS) => "SIGBUS",
        Some(libc::SIGABRT) => "SIGABRT",
        Some(other) => return format!("crashed (signal {other})"),
    };
    format!("crashed ({signal})")
}

#[cfg(not(unix))]
fn describe_end(status: ExitStatus) -> String {
    format!(
        "ended the process with exit code {}",
        status.code().unwrap_or_default()
    )
}

/// Checks the commands of a manifest. The error says what is wrong.
pub(crate) type Check = fn(&Manifest) -> Result<(), String>;

/// Answers in the child process and ends it. `arguments` are those after [`ARGUMENT`].
pub(crate) fn answer(mut arguments: impl Iterator<Item = OsString>, check: Check) -> u8 {
    let (Some(path), Ok((library, mut to))) = (arguments.next(), stdio::take()) else {
        return 2;
    };
    let held = Held::inherit(Path::new(&path), library);
    let answer = match ask(held, check) {
        Ok(manifest) => Answer::Manifest(Box::new(manifest)),
        Err(problem) => Answer::Error(problem),
    };
    // The parent treats an answer that can't be read as a crash.
    let written = to.write_all(&to_bytes(&answer));
    exit_now(u8::from(written.is_err()))
}

fn ask(held: Held, check: Check) -> Result<PluginManifest, Error> {
    let library = Library::load(Image::File(held))?;
    let request = DescribeRequest {
        protocol: PROTOCOL,
        host_version: env!("CARGO_PKG_VERSION").to_owned(),
        features: feature_names(),
        ..Default::default()
    };
    let reply = library.call(
        HostRef::new(0, no_host),
        Describe::METHOD,
        &request_to_bytes::<Describe>(&request),
    );
    let reply = reply.map_err(|reply| {
        let error = ErrorMessage::from_bytes(&reply.payload);
        Error::new(
            ErrorKind::Failure,
            format!("asked for its commands, {}", excerpt(&error.message)),
        )
        .hint(TELL_THE_AUTHOR)
    })?;
    let unreadable = |reason: &str| {
        let message = format!("its manifest can't be read: {}", excerpt(reason));
        Error::new(ErrorKind::Input, message).hint(TELL_THE_AUTHOR)
    };
    if reply.payload.len() > limits::LARGEST {
        let reason = format!("it has more than {} bytes", limits::LARGEST);
        return Err(unreadable(&reason));
    }
    let manifest: PluginManifest =
        serde_json::from_slice(&reply.payload).map_err(|error| unreadable(&error.to_string()))?;
    let unusable = |reason: String| {
        let message = format!(
            "its commands can't be used: {}",
            tw_render::text::visible(&reason)
        );
        Error::new(ErrorKind::Failure, message).hint(TELL_THE_AUTHOR)
    };
    // The limits come first, because the next errors quote parts of the manifest.
    limits::check(&manifest).map_err(unusable)?;
    manifest.check_needs()?;
    check(&manifest).map_err(unusable)?;
    Ok(manifest)
}

/// Refuses every call, because no command runs while a plugin is described.
extern "C" fn no_host(
    _: u64,
    _: RStr<'_>,
    _: RSlice<'_, u8>,
    _: RSlice<'_, u8>,
) -> RResult<Reply, Reply> {
    RResult::RErr(Reply::new(
        to_bytes(&ErrorMessage::new(
            ErrorKind::Closed,
            "a plugin that says what it is has no host to call",
        )),
        Vec::new(),
    ))
}
