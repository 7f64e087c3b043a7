//! Describes a library: gets its manifest in a short-lived child process, so that a crash, a hang or an exit is one line in the list of plugins.
//!
//! The child is this binary with the arguments [`ARGUMENT`] and the path of the library. It inherits the open library as standard input, and a pipe for
//! the answer as standard output. It prints nothing, has no token in its environment, and needs no temporary file.

mod child;

use std::{ffi::OsString, io::Write, path::Path};

use serde::{Deserialize, Serialize};
use tw_plugin_abi::{HostRef, RResult, RSlice, RStr, Reply};
use tw_plugin_protocol::{
    Call, Describe, DescribeRequest, ErrorMessage, Manifest, PROTOCOL, feature_names,
    request_to_bytes, to_bytes,
};

use self::child::{Child, read_answers};
use super::{
    Image,
    inspect::Inspected,
    known::NoManifest,
    loader::{Library, Mapped},
};
use crate::{
    error::{Error, ErrorKind, excerpt},
    process::{Shortage, exit_now},
    stdio,
    store::{PluginManifest, limits},
    trust::Held,
};

/// The first argument of the child process.
pub(crate) const ARGUMENT: &str = "__describe";

/// The answer of the child process.
#[derive(Serialize, Deserialize)]
enum Answer {
    Manifest(Box<PluginManifest>),
    None(NoManifest),
}

const TELL_THE_AUTHOR: &str =
    "this is a fault of the plugin: tell its author, or remove the library";

/// Asks one library.
pub(crate) fn describe(binary: &Path, library: Inspected) -> Result<PluginManifest, Error> {
    let mut child = Child::start(binary, library)?;
    read_answers(std::iter::once(&mut child));
    Ok(child.end()?)
}

/// Asks `count` libraries, several at a time. `open` opens a library when its turn comes, or says why it can't be asked.
pub(super) fn describe_all(
    binary: &Path,
    count: usize,
    open: impl Fn(usize) -> Result<Inspected, NoManifest>,
) -> Vec<Result<PluginManifest, NoManifest>> {
    let at_once = std::thread::available_parallelism().map_or(2, |n| n.get() * 2);
    let mut answers = Vec::with_capacity(count);
    while answers.len() < count {
        let mut children = Vec::new();
        for number in answers.len()..count.min(answers.len() + at_once) {
            let child = open(number).and_then(|library| Child::start(binary, library));
            // A machine that has no room for several children may have room for one. A library that had to wait is opened again.
            let has_no_room = child.as_ref().is_err_and(NoManifest::is_passing);
            if has_no_room && children.iter().any(Result::is_ok) {
                break;
            }
            children.push(child);
        }
        read_answers(children.iter_mut().flatten());
        answers.extend(children.into_iter().map(|child| child?.end()));
    }
    answers
}

/// Checks the commands of a manifest. The error says what is wrong.
pub(crate) type Check = fn(&Manifest) -> Result<(), String>;

/// Answers in the child process and ends it. `arguments` are those after [`ARGUMENT`].
pub(crate) fn answer(mut arguments: impl Iterator<Item = OsString>, check: Check) -> u8 {
    let Some(path) = arguments.next() else {
        return 2;
    };
    let written = match stdio::take() {
        Ok((library, mut to)) => {
            let held = Held::inherit(Path::new(&path), library);
            let answer = match begin(&mut to).and_then(|()| ask(held, check)) {
                Ok(manifest) => Answer::Manifest(Box::new(manifest)),
                Err(reason) => Answer::None(reason),
            };
            write(&answer, &mut to)
        }
        Err(error) => write(&Answer::None(unasked(&error)), &mut std::io::stdout()),
    };
    exit_now(u8::from(written.is_err()))
}

/// Tells the parent that the library's code runs from now on.
fn begin(to: &mut impl Write) -> Result<(), NoManifest> {
    to.write_all(b"\n").map_err(|error| unasked(&error))
}

/// Writes the answer as one line. The parent treats an answer that can't be read as a crash.
fn write(answer: &Answer, to: &mut impl Write) -> std::io::Result<()> {
    to.write_all(&[&to_bytes(answer)[..], b"\n"].concat())
}

fn unasked(error: &std::io::Error) -> NoManifest {
    let message = format!("it can't be asked what it is: {error}");
    NoManifest::Unasked(
        Error::new(ErrorKind::Failure, message).hint(match Shortage::of(error) {
            Some(shortage) => shortage.remedy(),
            None => "check that /dev and /proc are mounted, and run the command again",
        }),
    )
}

fn ask(held: Held, check: Check) -> Result<PluginManifest, NoManifest> {
    // A refusal of the loader can depend on the libraries and the limits of this machine. A refusal of the host depends only on the content of the library.
    let mapped = Mapped::map(Image::File(held)).map_err(NoManifest::Unasked)?;
    let library = mapped.check().map_err(NoManifest::Fault)?;
    let reply = call(library).map_err(NoManifest::Unasked)?;
    read(&reply, check).map_err(NoManifest::Fault)
}

/// Asks for the manifest. A plugin that fails to answer may lack something on this machine.
fn call(library: Library) -> Result<Reply, Error> {
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
    reply.map_err(|reply| {
        let error = ErrorMessage::from_bytes(&reply.payload);
        Error::new(
            ErrorKind::Failure,
            format!("asked for its commands, {}", excerpt(&error.message)),
        )
        .hint(TELL_THE_AUTHOR)
    })
}

/// Reads the manifest in a reply.
fn read(reply: &Reply, check: Check) -> Result<PluginManifest, Error> {
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
