//! The child processes that ask libraries, as their parent sees them: started a few at a time, read until the deadline, and ended.
//!
//! A child writes a line end when it is about to map the library, and later its answer as one line of JSON. So the parent knows whether a child that
//! wrote no answer failed before the library's code ran, which is no fault of the library.

use std::{
    io::{self, Read},
    path::Path,
    process::{ChildStdout, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use super::{ARGUMENT, Answer, Inspected, NoManifest, TELL_THE_AUTHOR};
use crate::{
    error::{Error, ErrorKind},
    process::{Shortage, has_memory_limit, start},
    stdio,
    store::{PluginManifest, limits},
    trust::Held,
};

/// Time limit for libraries that are asked at the same time to return their manifests.
const DEADLINE: Duration = Duration::from_secs(5);

/// The size limit for the answer of the child process, in bytes.
const LARGEST_ANSWER: usize = 2 * limits::LARGEST;

/// The size of a part that is read at once, in bytes: the capacity of a pipe on Linux.
const PART: usize = 64 << 10;

/// A child process that asks a library.
pub(super) struct Child {
    process: std::process::Child,
    answer: ChildStdout,
    text: Vec<u8>,
    is_closed: bool,
    /// The reason why the answer can't be read. `None` if it can be.
    failure: Option<io::Error>,
}

impl Child {
    /// Starts the child.
    ///
    /// # Errors
    /// If the machine can't start another process now.
    pub(super) fn start(binary: &Path, library: Inspected) -> Result<Self, NoManifest> {
        let Held { real, file, .. } = library.held;
        let spawn = || {
            let mut command = Command::new(binary);
            command
                .arg(ARGUMENT)
                .arg(real)
                .stdin(file)
                .stdout(Stdio::piped())
                .stderr(stdio::sink()?);
            let mut process = start(&mut command)?;
            let answer = process.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
            Ok((process, answer))
        };
        let (process, answer) = spawn().map_err(|error: io::Error| {
            let shortage = Shortage::of_start(&error);
            let reason = Shortage::explain_start(&error);
            let error = Error::new(
                ErrorKind::Failure,
                format!("it can't be asked what it is: {reason}"),
            );
            NoManifest::Unasked(error.hint(shortage.map_or(CHECK_SYSTEM, Shortage::remedy)))
        })?;
        Ok(Self {
            process,
            answer,
            text: Vec::new(),
            is_closed: false,
            failure: None,
        })
    }

    /// Reads a part of the answer, which must be there.
    fn read(&mut self) {
        let begin = self.text.len();
        self.text.resize(begin + PART, 0);
        let read = self.answer.read(&mut self.text[begin..]);
        self.text.truncate(begin + read.as_ref().unwrap_or(&0));
        match read {
            Ok(length) => self.is_closed = length == 0 || self.text.len() > LARGEST_ANSWER,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => self.failure = Some(error),
        }
    }

    /// True if the child has written all that it will write. A process that the library started may keep the pipe open.
    fn is_done(&self) -> bool {
        let is_complete = self.text.len() > 1 && self.text.ends_with(b"\n");
        is_complete || self.is_closed || self.failure.is_some()
    }

    /// Ends the child, and returns what it wrote.
    pub(super) fn end(mut self) -> Result<PluginManifest, NoManifest> {
        let answer: Option<Answer> = serde_json::from_slice(&self.text).ok();
        // The child ends itself after its answer, and a child that has closed its pipe is ending.
        let mut status = match self.is_closed || cfg!(unix) {
            true => self.process.try_wait().ok().flatten(),
            // The reader has ended a child that was still running.
            false => None,
        };
        let begin = Instant::now();
        while self.is_closed && answer.is_none() && status.is_none() && begin.elapsed() < DEADLINE {
            std::thread::sleep(Duration::from_millis(1));
            status = self.process.try_wait().ok().flatten();
        }
        // Killing fails only if the process has already ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
        match (answer, self.failure) {
            (Some(Answer::Manifest(manifest)), _) => Ok(*manifest),
            (Some(Answer::None(reason)), _) => Err(reason),
            (None, Some(error)) => Err(super::unasked(&error)),
            (None, None) => Err(explain_silence(status, !self.text.is_empty())),
        }
    }
}

const RUN_AGAIN: &str = "run the command again";

const CHECK_SYSTEM: &str = "check that /dev and /proc are mounted, and run the command again";

/// Explains why a child wrote no answer. `status` is `None` if the child was still running. `is_mapped` is true if the library's code may have run.
fn explain_silence(status: Option<ExitStatus>, is_mapped: bool) -> NoManifest {
    let seconds = DEADLINE.as_secs();
    let error = |kind, message: String, hint: &str| Error::new(kind, message).hint(hint.to_owned());
    match (status, is_mapped) {
        (None, true) => NoManifest::Late(error(
            ErrorKind::Timeout,
            format!("it didn't say what it is within {seconds} seconds"),
            "run the command again; if that fails on an idle machine too, tell the plugin's author",
        )),
        (None, false) => NoManifest::Unasked(error(
            ErrorKind::Timeout,
            format!(
                "it can't be asked what it is: this machine took more than {seconds} seconds to begin"
            ),
            RUN_AGAIN,
        )),
        (Some(status), is_mapped) => {
            let (end, is_killed) = describe_end(status);
            let hint = match (is_killed, is_mapped) {
                (true, _) => {
                    "the system or another program ended it, often because memory or another limit ran out: free memory, or raise the \
                     limit, and run the command again"
                }
                (false, true) if has_memory_limit() => Shortage::Memory.remedy(),
                (false, true) => TELL_THE_AUTHOR,
                (false, false) => {
                    "check the limits of this process, which `ulimit -a` shows, and run the command again"
                }
            };
            NoManifest::Unasked(error(
                ErrorKind::Failure,
                match is_mapped {
                    true => format!("it {end} when it was loaded"),
                    false => format!("it can't be asked what it is: the process that asks {end}"),
                },
                hint,
            ))
        }
    }
}

/// Describes the end of a process: the text, and whether the process was ended from outside.
#[cfg(unix)]
fn describe_end(status: ExitStatus) -> (String, bool) {
    use std::os::unix::process::ExitStatusExt;
    let signal = match status.signal() {
        None => {
            let code = status.code().unwrap_or_default();
            return (format!("ended the process with exit code {code}"), false);
        }
        Some(libc::SIGSEGV) => "SIGSEGV",
        Some(libc::SIGBUS) => "SIGBUS",
        Some(libc::SIGABRT) => "SIGABRT",
        Some(libc::SIGILL) => "SIGILL",
        Some(libc::SIGFPE) => "SIGFPE",
        // Code doesn't raise the other signals by mistake.
        Some(libc::SIGKILL) => return ("was killed".to_owned(), true),
        Some(other) => return (format!("was ended by the signal {other}"), true),
    };
    (format!("crashed ({signal})"), false)
}

#[cfg(not(unix))]
fn describe_end(status: ExitStatus) -> (String, Option<&'static str>) {
    let code = status.code().unwrap_or_default();
    (format!("ended the process with exit code {code}"), None)
}

/// Reads the answers of children until the deadline. All are read at once, because a child can't go on while its pipe is full.
#[cfg(unix)]
pub(super) fn read_answers<'a>(children: impl Iterator<Item = &'a mut Child>) {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let deadline = Instant::now() + DEADLINE;
    let mut waiting: Vec<&mut Child> = children.collect();
    while !waiting.is_empty() {
        let left = deadline.saturating_duration_since(Instant::now());
        let left = Timespec::try_from(left).unwrap_or_default();
        let states = waiting
            .iter()
            .map(|child| PollFd::new(&child.answer, PollFlags::IN));
        let mut states: Vec<PollFd<'_>> = states.collect();
        match poll(&mut states, Some(&left)) {
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => {
                for child in waiting {
                    child.failure = Some(error.into());
                }
                return;
            }
            Ok(0) => return,
            Ok(_) => {}
        }
        let ready = states.iter().map(|state| !state.revents().is_empty());
        let ready: Vec<bool> = ready.collect();
        for (child, ready) in waiting.iter_mut().zip(ready) {
            if ready {
                child.read();
            }
        }
        waiting.retain(|child| !child.is_done());
    }
}

/// Reads the answers of children until the deadline. Each has a thread of its own, because a child can't go on while its pipe is full.
#[cfg(not(unix))]
pub(super) fn read_answers<'a>(children: impl Iterator<Item = &'a mut Child>) {
    let deadline = Instant::now() + DEADLINE;
    std::thread::scope(|scope| {
        for child in children {
            let (done, wait) = std::sync::mpsc::channel::<()>();
            let (answer, text) = (&mut child.answer, &mut child.text);
            let (process, is_closed) = (&mut child.process, &mut child.is_closed);
            scope.spawn(move || {
                let _ = answer.take(LARGEST_ANSWER as u64).read_to_end(text);
                // The other thread closes its end if it had to end the child.
                *is_closed = done.send(()).is_ok();
            });
            scope.spawn(move || {
                let left = deadline.saturating_duration_since(Instant::now());
                if wait.recv_timeout(left).is_err() {
                    drop(wait);
                    // The end of the child ends the other thread.
                    let _ = process.kill();
                }
            });
        }
    });
}
