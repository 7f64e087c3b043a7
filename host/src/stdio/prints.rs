//! The text that a plugin prints to standard output itself. It goes to standard error while the plugin runs, so that it is neither lost nor mixed with
//! the result, and takes no memory.

use std::{
    io::{PipeReader, PipeWriter, Read},
    thread::JoinHandle,
};

use rustix::event::{PollFd, PollFlags, poll};

/// The size of a piece that is read at once: 64 KiB, which is the default capacity of a pipe on Linux.
const PIECE: usize = 64 << 10;
/// The number of bytes that are read after the end of the run: 1 MiB, the largest capacity of a pipe that Linux gives to an ordinary user. A child process
/// of the plugin may go on printing without an end.
const LAST: u64 = 1 << 20;

/// A thread that reads what a plugin prints.
pub(super) struct Prints {
    /// Tells the thread that the run has ended, by being dropped.
    stop: PipeWriter,
    thread: JoinHandle<u64>,
}

impl Prints {
    /// Replaces standard output by a pipe, and starts the thread that passes on what it reads from the pipe.
    pub(super) fn redirect(pass_on: impl FnMut(&[u8]) + Send + 'static) -> std::io::Result<Self> {
        let (prints, stdout) = std::io::pipe()?;
        let (ended, stop) = std::io::pipe()?;
        let thread = std::thread::Builder::new().spawn(move || forward(prints, &ended, pass_on))?;
        rustix::stdio::dup2_stdout(&stdout)?;
        Ok(Self { stop, thread })
    }

    /// Passes on the rest of the text, and returns the number of bytes of the whole text.
    pub(super) fn end(self) -> u64 {
        // A thread of the plugin that prints later must not get an error.
        let _ = super::sink().map(rustix::stdio::dup2_stdout);
        drop(self.stop);
        self.thread.join().unwrap_or_default()
    }
}

/// Passes on everything from `prints`, until the writers have closed it or the run has ended. Returns the number of bytes.
fn forward(mut prints: PipeReader, ended: &PipeReader, pass_on: impl FnMut(&[u8])) -> u64 {
    let mut lines = Lines {
        pass_on,
        open: Vec::new(),
        is_line_open: false,
    };
    let mut piece = vec![0; PIECE];
    let (mut count, mut last) = (0, 0);
    loop {
        let (is_readable, has_ended) = wait(&prints, ended);
        if has_ended && (!is_readable || last >= LAST) {
            break;
        }
        match prints.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => {
                lines.push(&piece[..length]);
                count += length as u64;
                last += if has_ended { length as u64 } else { 0 };
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    lines.end();
    count
}

/// Waits until there is something to read or the run has ended, and returns whether each is so.
fn wait(prints: &PipeReader, ended: &PipeReader) -> (bool, bool) {
    let mut states = [
        PollFd::new(prints, PollFlags::IN),
        PollFd::new(ended, PollFlags::IN),
    ];
    loop {
        let [prints, ended] = match poll(&mut states, None) {
            Ok(_) => states.map(|state| !state.revents().is_empty()),
            Err(rustix::io::Errno::INTR) => continue,
            // Without `poll`, the thread could wait for a child process of the plugin that never ends.
            Err(_) => [false, true],
        };
        return (prints, ended);
    }
}

/// Passes on a text in whole lines, so that a secret in it is found. A line above [`PIECE`] is passed on in parts.
struct Lines<F> {
    pass_on: F,
    /// The beginning of a line whose end wasn't printed yet.
    open: Vec<u8>,
    is_line_open: bool,
}

impl<F: FnMut(&[u8])> Lines<F> {
    fn push(&mut self, piece: &[u8]) {
        self.is_line_open = !piece.ends_with(b"\n");
        self.open.extend(piece);
        let end = self.open.iter().rposition(|byte| *byte == b'\n');
        let length = match end {
            Some(end) => end + 1,
            None if self.open.len() >= PIECE => self.open.len(),
            None => return,
        };
        (self.pass_on)(&self.open[..length]);
        self.open.drain(..length);
    }

    /// Ends the text, and its last line.
    fn end(mut self) {
        if self.is_line_open {
            self.push(b"\n");
        }
    }
}
