//! The text that a plugin prints to standard output itself. It goes to standard error while the plugin runs, so that it is neither lost nor mixed with
//! the result, and takes no memory.

use std::{
    io::{IsTerminal, PipeReader, PipeWriter, Read, Write},
    thread::JoinHandle,
};

use rustix::event::{PollFd, PollFlags, poll};
use tw_render::text::VisibleStream;

/// The size of a piece that is read at once: 64 KiB, which is the default capacity of a pipe on Linux.
const PIECE: usize = 64 << 10;
/// The number of bytes that are read after the end of the run: 1 MiB, the largest capacity of a pipe that Linux gives to an ordinary user. A child process
/// of the plugin may go on printing without an end.
const LAST: u64 = 1 << 20;

/// A thread that passes standard output on to standard error.
pub(super) struct Prints {
    /// Tells the thread that the run has ended, by being dropped.
    stop: PipeWriter,
    thread: JoinHandle<u64>,
}

impl Prints {
    /// Replaces standard output by a pipe, and starts the thread that reads the pipe.
    pub(super) fn redirect() -> std::io::Result<Self> {
        let (prints, stdout) = std::io::pipe()?;
        let (ended, stop) = std::io::pipe()?;
        let thread = std::thread::Builder::new().spawn(move || forward(prints, &ended))?;
        rustix::stdio::dup2_stdout(&stdout)?;
        Ok(Self { stop, thread })
    }

    /// Passes on the rest of the text, and returns the number of bytes of the whole text.
    pub(super) fn end(self) -> u64 {
        // A thread of the plugin that prints later must not get an error.
        let null = std::fs::File::options().write(true).open("/dev/null");
        let _ = null.map(rustix::stdio::dup2_stdout);
        drop(self.stop);
        self.thread.join().unwrap_or_default()
    }
}

/// Copies everything from `prints` to standard error, until the writers have closed it or the run has ended. Returns the number of bytes.
fn forward(mut prints: PipeReader, ended: &PipeReader) -> u64 {
    let mut stderr = Stderr::new();
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
                stderr.write(&piece[..length]);
                count += length as u64;
                last += if has_ended { length as u64 } else { 0 };
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    stderr.end();
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

/// Standard error, as the place of a text of a plugin.
struct Stderr {
    /// Makes the text safe for the terminal. `None` if standard error is not a terminal.
    terminal: Option<VisibleStream>,
    is_line_open: bool,
}

impl Stderr {
    fn new() -> Self {
        let terminal = std::io::stderr().is_terminal();
        Self {
            terminal: terminal.then(VisibleStream::default),
            is_line_open: false,
        }
    }

    /// Writes bytes. A failure is ignored, because the plugin would wait forever if nobody read its text.
    fn write(&mut self, bytes: &[u8]) {
        self.is_line_open = !bytes.ends_with(b"\n");
        let _ = match &mut self.terminal {
            Some(visible) => std::io::stderr().write_all(visible.push(bytes).as_bytes()),
            None => std::io::stderr().write_all(bytes),
        };
    }

    /// Ends the text, and its last line.
    fn end(mut self) {
        if self.is_line_open {
            self.write(b"\n");
        }
    }
}
