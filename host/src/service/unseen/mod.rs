//! Reads a secret from the terminal without showing it.
//!
//! The terminal is asked to mark what the user pastes, so that several pasted lines are one answer. Without the marks, the first line would be
//! the answer, and the shell would run the other lines as commands.

#[cfg(unix)]
mod answer;

use std::io::{self, Write};

use tw_render::text::visible;
use zeroize::Zeroizing;

#[cfg(unix)]
use self::imp::ask;
use crate::error::{Error, ErrorKind};

/// The end of a question for a secret.
pub(crate) enum Unseen {
    Answer(Zeroizing<Vec<u8>>),
    /// More lines came with the first one, and nothing marked them as one paste.
    SeveralLines,
}

impl Unseen {
    /// Returns the text of the answer.
    ///
    /// # Errors
    /// If nothing was typed, or if the answer is not a text.
    pub(crate) fn into_text(self) -> Result<Zeroizing<String>, Error> {
        let Self::Answer(bytes) = self else {
            return Err(Error::new(
                ErrorKind::Input,
                "Several lines came at once, and this terminal doesn't mark them as one paste, so none was taken",
            )
            .hint("give the value in another way, such as a file"));
        };
        match std::str::from_utf8(&bytes) {
            Ok("") => Err(Error::new(ErrorKind::Input, "Nothing was typed")),
            Ok(text) => Ok(Zeroizing::new(text.to_owned())),
            Err(_) => Err(Error::new(ErrorKind::Input, "The typed text is not UTF-8")),
        }
    }
}

/// Asks for a secret. If there is a second question, asks until both answers are equal, or nothing is typed.
///
/// # Errors
/// If the terminal can't be read, or is closed. If the user pressed Ctrl-C, the kind is `Interrupted`.
pub(crate) fn ask_for_secret(question: &str, again: Option<&str>) -> io::Result<Unseen> {
    let question = visible(question);
    let again = again.map(visible);
    loop {
        let first = ask(&question)?;
        let (Some(again), Unseen::Answer(bytes)) = (&again, &first) else {
            return Ok(first);
        };
        if bytes.is_empty() {
            return Ok(first);
        }
        match ask(again)? {
            Unseen::Answer(second) if second != *bytes => {
                writeln!(io::stderr(), "The entries do not match")?;
            }
            second => return Ok(second),
        }
    }
}

#[cfg(unix)]
mod imp {
    use std::{
        io::{Read, Write},
        os::unix::net::UnixStream,
    };

    use rustix::{
        event::{PollFd, PollFlags, Timespec, poll},
        io::Errno,
        process::{Signal, kill_current_process_group},
        stdio::stdin,
        termios::{
            InputModes, LocalModes, OptionalActions, QueueSelector, SpecialCodeIndex, Termios,
            tcflush, tcgetattr, tcsetattr,
        },
    };
    use signal_hook::{SigId, low_level};

    use super::{
        Unseen,
        answer::{Answer, Event, is_interrupt},
        io,
    };
    use crate::{process::is_ignored, service::terminal};

    /// The time in which the next line of a paste arrives, in nanoseconds. Nobody types this fast.
    const NEXT_LINE: i64 = 30_000_000;

    /// Asks once.
    pub(super) fn ask(question: &str) -> io::Result<Unseen> {
        let mut screen = io::stderr();
        let mut keyboard = Keyboard::take()?;
        write!(screen, "{question}: ")?;
        let answer = read(&mut keyboard, question, &mut screen);
        drop(keyboard);
        writeln!(screen)?;
        if matches!(&answer, Err(error) if error.kind() == io::ErrorKind::Interrupted) {
            // The terminal would send the signal to all programs in the foreground.
            let _ = kill_current_process_group(Signal::INT);
        }
        answer
    }

    fn read(
        keyboard: &mut Keyboard,
        question: &str,
        screen: &mut impl Write,
    ) -> io::Result<Unseen> {
        let mut answer = Answer::default();
        let mut bytes = [0; 4096];
        loop {
            if keyboard.wait()? == Woken::Continued {
                write!(screen, "\r{question}: ")?;
                continue;
            }
            let length = match rustix::io::read(stdin(), &mut bytes) {
                Ok(0) => return Err(io::Error::other("it was closed")),
                Ok(length) => length,
                Err(Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            };
            for (at, byte) in bytes[..length].iter().enumerate() {
                let rest = &bytes[at + 1..length];
                // The end of a paste follows its last byte at once. If nothing follows, the end was lost, and the user pressed the key.
                let is_key = || Ok::<_, io::Error>(rest.is_empty() && !has_more()?);
                if answer.is_pasted() && is_interrupt(*byte) && is_key()? {
                    return Err(io::ErrorKind::Interrupted.into());
                }
                match answer.add(*byte) {
                    Some(Event::Ended) => {
                        let is_all = matches!((byte, rest), (_, b"") | (b'\r', b"\n"));
                        return Ok(match is_all && !has_more()? {
                            true => Unseen::Answer(answer.into_bytes()),
                            false => Unseen::SeveralLines,
                        });
                    }
                    Some(Event::Pasted(lines @ 2..)) => write!(screen, "[pasted {lines} lines] ")?,
                    Some(Event::Interrupted) if !is_ignored(libc::SIGINT) => {
                        return Err(io::ErrorKind::Interrupted.into());
                    }
                    Some(Event::Refused | Event::Interrupted) => write!(screen, "\u{7}")?,
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

    /// The reason why a wait for the terminal ended.
    #[derive(PartialEq)]
    enum Woken {
        /// The terminal has bytes.
        Ready,
        /// The process was stopped, and goes on.
        Continued,
    }

    /// The terminal while it passes on each key and shows none. Restores the terminal when it is dropped.
    struct Keyboard {
        before: Termios,
        settings: Termios,
        /// Has a byte after each SIGCONT.
        continued: UnixStream,
        handler: SigId,
    }

    impl Keyboard {
        fn take() -> io::Result<Self> {
            let before = tcgetattr(stdin())?;
            let mut settings = before.clone();
            // No key is a signal: in a paste, its byte belongs to the text.
            settings.local_modes -= LocalModes::ECHO
                | LocalModes::ECHONL
                | LocalModes::ICANON
                | LocalModes::IEXTEN
                | LocalModes::ISIG;
            settings.input_modes -= InputModes::ICRNL
                | InputModes::INLCR
                | InputModes::IGNCR
                | InputModes::IXON
                | InputModes::ISTRIP;
            settings.special_codes[SpecialCodeIndex::VMIN] = 1;
            settings.special_codes[SpecialCodeIndex::VTIME] = 0;
            let (continued, sender) = UnixStream::pair()?;
            let handler = low_level::pipe::register(libc::SIGCONT, sender)?;
            let keyboard = Self {
                before,
                settings,
                continued,
                handler,
            };
            tcsetattr(stdin(), OptionalActions::Flush, &keyboard.settings)?;
            terminal::mark_pastes();
            Ok(keyboard)
        }

        /// Waits until the terminal has bytes. After a stop, takes the terminal again, because a shell turns the echo on.
        fn wait(&mut self) -> io::Result<Woken> {
            loop {
                let stdin = stdin();
                let mut polled = [
                    PollFd::new(&stdin, PollFlags::IN),
                    PollFd::new(&self.continued, PollFlags::IN),
                ];
                match poll(&mut polled, None) {
                    Err(Errno::INTR) => continue,
                    other => other?,
                };
                if polled[1].revents().is_empty() {
                    return Ok(Woken::Ready);
                }
                let _ = self.continued.read(&mut [0; 64])?;
                tcsetattr(stdin, OptionalActions::Now, &self.settings)?;
                terminal::end_marks();
                terminal::mark_pastes();
                return Ok(Woken::Continued);
            }
        }
    }

    impl Drop for Keyboard {
        fn drop(&mut self) {
            low_level::unregister(self.handler);
            terminal::end_marks();
            // The rest of an unmarked paste must not reach the shell.
            let _ = tcflush(stdin(), QueueSelector::IFlush);
            let _ = tcsetattr(stdin(), OptionalActions::Flush, &self.before);
        }
    }
}

/// Asks once.
#[cfg(not(unix))]
fn ask(question: &str) -> io::Result<Unseen> {
    let password = dialoguer::Password::new()
        .with_prompt(question)
        .allow_empty_password(true);
    match password.interact() {
        Ok(text) => Ok(Unseen::Answer(Zeroizing::new(text.into_bytes()))),
        Err(dialoguer::Error::IO(error)) => Err(error),
    }
}
