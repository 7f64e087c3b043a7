//! A user at a terminal: what the terminal shows, what the user types, and Ctrl-C.

use std::{
    collections::HashSet,
    fs::{File, OpenOptions},
    io::{Read, Write},
    os::unix::{ffi::OsStrExt, fs::OpenOptionsExt, process::CommandExt},
    process::{Child, Command, Stdio},
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::Instant,
};

use rustix::{
    fs::OFlags,
    process::{Pid, Signal, WaitOptions, waitpid},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{Winsize, tcsetwinsize},
};
use wait_timeout::ChildExt;

use crate::{Tw, ran::LIMIT};

/// A command that runs on a terminal.
#[derive(Debug)]
pub struct Terminal {
    keyboard: File,
    /// The side of the terminal that the command uses.
    device: File,
    screen: Arc<Screen>,
    /// The length of the screen's text that earlier calls of `until` have consumed.
    seen: usize,
    child: Child,
}

/// Everything that the terminal has shown.
#[derive(Debug, Default)]
struct Screen {
    text: Mutex<String>,
    changed: Condvar,
}

/// A command that has ended, and its terminal.
#[derive(Debug)]
pub struct Left {
    /// The exit code. `None` if a signal ended the command.
    pub code: Option<i32>,
    /// The text of standard output.
    pub stdout: String,
    /// Everything that the terminal showed.
    pub screen: String,
    device: File,
}

impl Terminal {
    /// Starts a command on a terminal. Its standard output is a pipe.
    pub fn start(tw: Tw) -> Self {
        let (keyboard, device) = pair();
        Self::start_with(tw, keyboard, device, Stdio::piped())
    }

    /// Starts a command whose standard output is the terminal too.
    pub fn start_all(tw: Tw) -> Self {
        let (keyboard, device) = pair();
        let stdout = shared(&device).into();
        Self::start_with(tw, keyboard, device, stdout)
    }

    /// Starts a command whose standard output is the terminal too. The terminal has this many columns and rows.
    pub fn start_all_at(tw: Tw, columns: u16, rows: u16) -> Self {
        let (keyboard, device) = pair();
        let size = Winsize {
            ws_col: columns,
            ws_row: rows,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&device, size).expect("a terminal has a size");
        let stdout = shared(&device).into();
        Self::start_with(tw, keyboard, device, stdout)
    }

    fn start_with(mut tw: Tw, keyboard: File, device: File, stdout: Stdio) -> Self {
        let screen = Arc::new(Screen::default());
        watch(shared(&keyboard), Arc::clone(&screen));
        let command = tw.command();
        if command.get_envs().all(|(name, _)| name != "TERM") {
            command.env("TERM", "xterm");
        }
        command
            .stdin(shared(&device))
            .stdout(stdout)
            .stderr(shared(&device))
            .process_group(0);
        let child = command.spawn().expect("tw can be started");
        Self {
            keyboard,
            device,
            screen,
            seen: 0,
            child,
        }
    }

    /// Waits until the terminal shows this text, after the texts that earlier calls waited for.
    #[track_caller]
    pub fn until(mut self, text: &str) -> Self {
        self.seen = self.screen.wait_for(text, self.seen);
        self
    }

    /// Waits until the terminal doesn't echo. Text that is typed earlier would be discarded when the prompt turns echo off.
    #[track_caller]
    pub fn until_unseen(self) -> Self {
        self.until_set("-echo")
    }

    /// Waits until the command reads single keys instead of lines.
    #[track_caller]
    pub fn until_each_key(self) -> Self {
        self.until_set("-icanon")
    }

    #[track_caller]
    fn until_set(self, setting: &str) -> Self {
        let begin = Instant::now();
        while !settings(&self.device).contains(setting) {
            let is_late = begin.elapsed() > LIMIT;
            assert!(!is_late, "the terminal never was `{setting}`");
        }
        self
    }

    /// Types this text.
    pub fn types(mut self, text: &str) -> Self {
        let typed = self.keyboard.write_all(text.as_bytes());
        typed.expect("a terminal can be typed on");
        self
    }

    /// Sends SIGINT to the command and to its child processes, as the terminal does on Ctrl-C.
    pub fn interrupts(self) -> Self {
        self.gets(Signal::INT)
    }

    /// Sends SIGQUIT to the command and to its child processes, as the terminal does on Ctrl-\.
    pub fn quits(self) -> Self {
        self.gets(Signal::QUIT)
    }

    /// Sends a signal to the command and to its child processes.
    pub fn gets(self, signal: Signal) -> Self {
        rustix::process::kill_process_group(to_pid(self.child.id()), signal)
            .expect("the process is there");
        self
    }

    /// Stops the command, turns the echo on, as shells do, and lets the command go on.
    #[track_caller]
    pub fn pauses(self) -> Self {
        let pid = to_pid(self.child.id());
        let this = self.gets(Signal::STOP);
        let stopped = waitpid(Some(pid), WaitOptions::UNTRACED);
        let (_, status) = stopped.expect("it is a child").expect("it was waited for");
        assert!(status.stopped(), "{status:?}");
        let sane = Command::new("stty")
            .arg("sane")
            .stdin(shared(&this.device))
            .status();
        assert!(sane.expect("stty runs").success());
        this.gets(Signal::CONT)
    }

    /// Waits until the command ends. Fails the test if that takes longer than a minute.
    #[track_caller]
    pub fn ends(mut self) -> Left {
        let ended = self.child.wait_timeout(LIMIT);
        let Some(status) = ended.expect("a child can be waited for") else {
            self.child.kill().expect("a child can be killed");
            panic!("it did not end within {LIMIT:?}");
        };
        let mut stdout = String::new();
        let out = self.child.stdout.as_mut();
        let read = out.map(|out| out.read_to_string(&mut stdout));
        read.transpose().expect("tw prints UTF-8");
        // This text is written last. Once the screen shows this text, everything before it has been read.
        let written = self.device.write_all(b"\n[it ended]");
        written.expect("the terminal is there");
        self.screen.wait_for("[it ended]", self.seen);
        Left {
            code: status.code(),
            stdout,
            screen: self.screen.text().clone(),
            device: self.device,
        }
    }
}

impl Left {
    /// Asserts the exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{:?} {:?}", self.screen, self.stdout);
        self
    }

    /// Asserts that the terminal showed this text.
    #[track_caller]
    pub fn showed(self, text: &str) -> Self {
        let is_shown = self.screen.contains(text);
        assert!(is_shown, "{text:?} was never shown: {:?}", self.screen);
        self
    }

    /// Asserts that neither the terminal nor standard output showed this text.
    #[track_caller]
    pub fn never_showed(self, text: &str) -> Self {
        for shown in [&self.screen, &self.stdout] {
            assert!(!shown.contains(text), "{text:?} was shown: {shown:?}");
        }
        self
    }

    /// Returns the lines that the terminal showed, without colors and links, up to the end of the command.
    pub fn lines(&self) -> Vec<String> {
        let (shown, _) = self.screen.split_once("\r\n[it ended]").unwrap_or_default();
        let mut text = String::new();
        let mut rest = shown;
        while let Some((before, sequence)) = rest.split_once('\u{1b}') {
            text += before;
            let end = match sequence.starts_with(']') {
                true => "\u{1b}\\",
                false => "m",
            };
            rest = sequence.split_once(end).map_or("", |(_, after)| after);
        }
        text += rest;
        text.split("\r\n").map(str::to_owned).collect()
    }

    /// Returns the rows that the terminal shows at the end, without colors. A row that is wider than the terminal counts as one.
    pub fn rows(&self) -> Vec<String> {
        let (shown, _) = self.screen.split_once("\n[it ended]").unwrap_or_default();
        let mut rows = vec![Vec::new()];
        let mut column = 0;
        let mut rest = shown.chars();
        while let Some(next) = rest.next() {
            let row = rows.last_mut().expect("there is a row");
            match next {
                '\r' => column = 0,
                '\n' => rows.push(Vec::new()),
                '\u{1b}' => {
                    let sequence = rest.as_str();
                    let end = sequence.find(|c: char| c.is_ascii_alphabetic());
                    let (sequence, after) = sequence.split_at(end.map_or(0, |end| end + 1));
                    rest = after.chars();
                    match sequence {
                        "[K" => row.truncate(column),
                        "[2K" => row.clear(),
                        _ => {}
                    }
                }
                letter => {
                    row.resize(row.len().max(column + 1), ' ');
                    row[column] = letter;
                    column += 1;
                }
            }
        }
        rows.into_iter().map(String::from_iter).collect()
    }

    /// Parses standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {:?} {:?}", self.stdout, self.screen))
    }

    /// Asserts that the terminal is restored: it echoes, reads lines, passes on signals, shows its cursor, and doesn't mark what is pasted.
    #[track_caller]
    pub fn works_as_before(self) -> Self {
        let settings = settings(&self.device);
        for setting in ["echo", "icanon", "isig", "icrnl", "ixon"] {
            let is_set = settings.contains(setting);
            assert!(is_set, "the terminal has lost `{setting}`: {settings:?}");
        }
        for (set, reset) in [
            ("\u{1b}[?25l", "\u{1b}[?25h"),
            ("\u{1b}[?2004h", "\u{1b}[?2004l"),
        ] {
            let is_reset = self.screen.rfind(set) <= self.screen.rfind(reset);
            assert!(is_reset, "{set:?} is not reset: {:?}", self.screen);
        }
        self
    }
}

impl Screen {
    /// Waits until the text at or after `from` contains `text`, and returns the position behind it.
    #[track_caller]
    fn wait_for(&self, text: &str, from: usize) -> usize {
        let (shown, wait) = self
            .changed
            .wait_timeout_while(self.text(), LIMIT, |shown| !shown[from..].contains(text))
            .unwrap_or_else(PoisonError::into_inner);
        assert!(!wait.timed_out(), "{text:?} was never shown: {:?}", *shown);
        from + shown[from..].find(text).unwrap_or_default() + text.len()
    }

    fn text(&self) -> std::sync::MutexGuard<'_, String> {
        self.text.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the settings of the terminal, in the words of `stty`.
fn settings(device: &File) -> HashSet<String> {
    let stty = Command::new("stty")
        .arg("-a")
        .stdin(shared(device))
        .output();
    let told = stty.expect("stty runs").stdout;
    let words = String::from_utf8_lossy(&told).into_owned();
    words.split([' ', ';', '\n']).map(str::to_owned).collect()
}

/// Opens a new terminal, and returns the user's side and the program's side.
fn pair() -> (File, File) {
    let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal is free");
    grantpt(&person).expect("the terminal belongs to this process");
    unlockpt(&person).expect("the terminal can be unlocked");
    let name = ptsname(&person, Vec::new()).expect("the terminal has a name");
    let name = std::ffi::OsStr::from_bytes(name.to_bytes());
    // NOCTTY: the terminal must not become the controlling terminal of the test process.
    let not_ours = OFlags::NOCTTY.bits().cast_signed();
    let program = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(not_ours)
        .open(name);
    (
        File::from(person),
        program.expect("the terminal can be opened"),
    )
}

fn shared(file: &File) -> File {
    file.try_clone().expect("a file can be shared")
}

/// Collects everything that the terminal shows, in a thread.
fn watch(mut from: File, screen: Arc<Screen>) {
    std::thread::spawn(move || {
        let mut piece = [0; 4096];
        // On Linux, the read fails with EIO once the other side is closed.
        while let Ok(length @ 1..) = from.read(&mut piece) {
            let text = String::from_utf8_lossy(&piece[..length]);
            screen.text().push_str(&text);
            screen.changed.notify_all();
        }
    });
}

/// Sends SIGINT to a process.
pub fn interrupt(process: u32) {
    rustix::process::kill_process(to_pid(process), Signal::INT).expect("the process is there");
}

fn to_pid(process: u32) -> Pid {
    let process = i32::try_from(process).expect("a process ID fits in 32 bits");
    Pid::from_raw(process).expect("a process ID is positive")
}
