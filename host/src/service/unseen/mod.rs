//! Reads a secret from the terminal without showing it.
//!
//! The terminal is asked to mark what the user pastes, so that several pasted lines are one answer. Without the marks, the first line would be
//! the answer, and the shell would run the other lines as commands.

#[cfg(unix)]
mod answer;

use std::io;

use zeroize::Zeroizing;

/// The end of a question for a secret.
pub(super) enum Unseen {
    Answer(Zeroizing<Vec<u8>>),
    /// More lines came with the first one, and nothing marked them as one paste.
    SeveralLines,
}

#[cfg(unix)]
pub(super) use imp::ask;

#[cfg(unix)]
mod imp {
    use std::io::Write;

    use rustix::{
        event::{PollFd, PollFlags, Timespec, poll},
        io::Errno,
        stdio::stdin,
        termios::{
            InputModes, LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios,
            tcflush, tcgetattr, tcsetattr,
        },
    };

    use super::{
        Unseen,
        answer::{Answer, Event},
        io,
    };
    use crate::service::terminal;

    /// The time in which the next line of a paste arrives, in nanoseconds. Nobody types this fast.
    const NEXT_LINE: i64 = 30_000_000;

    /// Asks once.
    ///
    /// # Errors
    /// If the terminal can't be read, or is closed.
    pub(in crate::service) fn ask(question: &str) -> io::Result<Unseen> {
        let mut screen = io::stderr();
        let keyboard = Keyboard::take()?;
        write!(screen, "{question}: ")?;
        let answer = read(&mut screen);
        drop(keyboard);
        writeln!(screen)?;
        answer
    }

    fn read(screen: &mut impl Write) -> io::Result<Unseen> {
        let mut answer = Answer::default();
        let mut bytes = [0; 4096];
        loop {
            let length = match rustix::io::read(stdin(), &mut bytes) {
                Ok(0) => return Err(io::Error::other("it was closed")),
                Ok(length) => length,
                Err(Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            };
            for (at, byte) in bytes[..length].iter().enumerate() {
                match answer.add(*byte) {
                    Some(Event::Ended) => {
                        let rest = &bytes[at + 1..length];
                        let is_all = matches!((byte, rest), (_, b"") | (b'\r', b"\n"));
                        return Ok(match is_all && !has_more()? {
                            true => Unseen::Answer(answer.into_bytes()),
                            false => Unseen::SeveralLines,
                        });
                    }
                    Some(Event::Pasted(lines @ 2..)) => write!(screen, "[pasted {lines} lines] ")?,
                    Some(Event::Refused) => write!(screen, "\u{7}")?,
                    Some(Event::Pasted(_)) | None => {}
                }
            }
        }
    }

    /// True if more bytes arrive at once.
    fn has_more() -> io::Result<bool> {
        let stdin = stdin();
        let mut polled = [PollFd::new(&stdin, PollFlags::IN)];
        let wait = Timespec {
            tv_sec: 0,
            tv_nsec: NEXT_LINE,
        };
        match poll(&mut polled, Some(&wait)) {
            Ok(ready) => Ok(ready > 0),
            Err(Errno::INTR) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The terminal while it passes on each key and shows none. Restores the terminal when it is dropped.
    struct Keyboard(Termios);

    impl Keyboard {
        fn take() -> io::Result<Self> {
            let before = tcgetattr(stdin())?;
            let mut settings = before.clone();
            // Ctrl-C stays a signal.
            settings.local_modes -=
                LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::IEXTEN;
            settings.input_modes -= InputModes::ICRNL | InputModes::INLCR | InputModes::IGNCR;
            settings.special_codes[SpecialCodeIndex::VMIN] = 1;
            settings.special_codes[SpecialCodeIndex::VTIME] = 0;
            // A shell that continues a stopped `tw` turns the echo on.
            settings.special_codes[SpecialCodeIndex::VSUSP] = DISABLED;
            tcsetattr(stdin(), OptionalActions::Flush, &settings)?;
            terminal::mark_pastes();
            Ok(Self(before))
        }
    }

    /// The code of a key that is turned off.
    #[allow(clippy::unnecessary_cast)]
    const DISABLED: u8 = libc::_POSIX_VDISABLE as u8;

    impl Drop for Keyboard {
        fn drop(&mut self) {
            terminal::end_marks();
            // The rest of an unmarked paste must not reach the shell.
            let _ = tcflush(stdin(), QueueSelector::IFlush);
            let _ = tcsetattr(stdin(), OptionalActions::Flush, &self.0);
        }
    }
}

/// Asks once.
///
/// # Errors
/// If the console can't be read.
#[cfg(not(unix))]
pub(super) fn ask(question: &str) -> io::Result<Unseen> {
    let password = dialoguer::Password::new()
        .with_prompt(question)
        .allow_empty_password(true);
    match password.interact() {
        Ok(text) => Ok(Unseen::Answer(Zeroizing::new(text.into_bytes()))),
        Err(dialoguer::Error::IO(error)) => Err(error),
    }
}
