//! A command line of `tw` and its result.

use std::{
    ffi::OsStr,
    io::{Read, Write},
    path::Path,
    process::{Child, Command, ExitStatus, Output, Stdio},
    time::Duration,
};

use wait_timeout::ChildExt;

/// The time limit of every command. A command that takes longer fails the test.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// A command line that hasn't started.
#[derive(Debug)]
pub struct Tw {
    command: Command,
    input: Vec<u8>,
    line: String,
}

impl Tw {
    /// Prepares a command line of `binary`. Its environment has only HOME, PATH and LANG, and its working directory is `home`.
    pub fn new(binary: &Path, home: &Path) -> Self {
        handle_interrupts();
        let mut command = Command::new(binary);
        command
            .env_clear()
            .env("HOME", home)
            .env("PATH", "/usr/bin:/bin")
            .env("LANG", "C.UTF-8")
            .current_dir(home);
        Self {
            command,
            input: Vec::new(),
            line: String::from("tw"),
        }
    }

    /// Adds arguments.
    pub fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        for argument in arguments {
            self.line += &format!(" {}", argument.as_ref().to_string_lossy());
            self.command.arg(argument);
        }
        self
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Removes an environment variable.
    pub fn without_env(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Sets the content of standard input.
    pub fn input(mut self, text: impl AsRef<[u8]>) -> Self {
        self.input = text.as_ref().to_owned();
        self
    }

    /// Sets the working directory.
    pub fn from(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Returns the underlying command, for settings that have no method here.
    pub fn command(&mut self) -> &mut Command {
        &mut self.command
    }

    /// Starts the command, for tests that act while the command runs. [`Running::ends`] waits for the result.
    pub fn start(mut self) -> Running {
        let piped = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = piped
            .spawn()
            .unwrap_or_else(|error| panic!("`{}` can't be started: {error}", self.line));
        let mut stdin = child.stdin.take().expect("standard input is a pipe");
        let input = std::mem::take(&mut self.input);
        // The write fails if the command exits without reading its input. Such a failure doesn't fail the test.
        std::thread::spawn(move || stdin.write_all(&input));
        let out = reader(child.stdout.take().expect("standard output is a pipe"));
        let err = reader(child.stderr.take().expect("standard error is a pipe"));
        Running {
            line: self.line,
            child,
            out,
            err,
        }
    }

    /// Runs the command and returns its result.
    pub fn run(self) -> Ran {
        self.start().ends()
    }

    /// Runs the command with this standard output and without standard input, and returns its result.
    pub fn run_into(mut self, stdout: impl Into<Stdio>) -> Output {
        self.command
            .stdin(Stdio::null())
            .stdout(stdout)
            .output()
            .unwrap_or_else(|error| panic!("`{}` can't be started: {error}", self.line))
    }
}

/// Installs a handler for Ctrl-C in the test process. A shell that starts the tests in the background makes them ignore Ctrl-C, and child processes
/// inherit an ignored signal. A handled signal is reset to its default in a child process, so `tw` reacts to Ctrl-C as usual.
fn handle_interrupts() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let installed = ctrlc::set_handler(|| std::process::exit(130));
        installed.expect("Ctrl-C can be handled");
    });
}

fn reader(mut from: impl Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).expect("a pipe can be read");
        bytes
    })
}

/// A command line that is running.
#[derive(Debug)]
pub struct Running {
    line: String,
    child: Child,
    out: std::thread::JoinHandle<Vec<u8>>,
    err: std::thread::JoinHandle<Vec<u8>>,
}

impl Running {
    /// Returns the process ID.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the result. Fails the test if the command takes longer than a minute.
    pub fn ends(mut self) -> Ran {
        let Some(status) = self
            .child
            .wait_timeout(LIMIT)
            .expect("a child can be waited for")
        else {
            self.child.kill().expect("a child can be killed");
            panic!("`{}` did not end within {LIMIT:?}", self.line);
        };
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("tw prints UTF-8");
        Ran {
            line: self.line,
            status,
            stdout: text(self.out.join().expect("the reader ends")),
            stderr: text(self.err.join().expect("the reader ends")),
        }
    }
}

/// The result of a command line.
#[derive(Debug)]
pub struct Ran {
    line: String,
    /// The exit status.
    pub status: ExitStatus,
    /// The text of standard output.
    pub stdout: String,
    /// The text of standard error.
    pub stderr: String,
}

impl Ran {
    /// Returns what fish offers after `tw __complete fish`, without the descriptions.
    #[track_caller]
    pub fn offered(self) -> Vec<String> {
        let ran = self.exits(0).says("");
        let mut lines = ran.stdout.lines();
        assert_eq!(lines.next(), Some("values"));
        let value = |line: &str| line.split('\t').next().unwrap_or_default().to_owned();
        lines.map(value).collect()
    }

    /// Asserts the exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.status.code(), Some(code), "{self}");
        self
    }

    /// Asserts that this signal ended the command.
    #[cfg(unix)]
    #[track_caller]
    pub fn dies_of(self, signal: i32) -> Self {
        use std::os::unix::process::ExitStatusExt;
        assert_eq!(self.status.signal(), Some(signal), "{self}");
        self
    }

    /// Asserts that standard output is exactly `text`.
    #[track_caller]
    pub fn prints(self, text: &str) -> Self {
        assert_eq!(self.stdout, text, "{self}");
        self
    }

    /// Asserts that standard output contains `text`.
    #[track_caller]
    pub fn prints_with(self, text: &str) -> Self {
        assert!(
            self.stdout.contains(text),
            "standard output has no {text:?}: {self}"
        );
        self
    }

    /// Asserts that standard error is exactly `text`.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert_eq!(self.stderr, text, "{self}");
        self
    }

    /// Asserts that standard error contains `text`.
    #[track_caller]
    pub fn says_with(self, text: &str) -> Self {
        assert!(
            self.stderr.contains(text),
            "standard error has no {text:?}: {self}"
        );
        self
    }

    /// Asserts that the command failed with exactly this message and printed nothing on standard output.
    #[track_caller]
    pub fn fails(self, message: &str) -> Self {
        let error = format!("\n ERROR: {message}\n\n");
        self.exits(1).prints("").says(&error)
    }

    /// Asserts that the command failed with a message that contains `part`, and printed nothing on standard output.
    #[track_caller]
    pub fn fails_with(self, part: &str) -> Self {
        let error = self.stderr.split_once("\n ERROR: ").map(|(_, error)| error);
        assert!(
            error.is_some_and(|error| error.contains(part)),
            "no error has {part:?}: {self}"
        );
        self.exits(1).prints("")
    }

    /// Asserts a usage error: exit code 2, nothing on standard output, and `name` in the message on standard error.
    #[track_caller]
    pub fn rejects(self, name: &str) -> Self {
        self.exits(2).prints("").says_with(name)
    }

    /// Asserts that neither standard output nor standard error contains `secret`.
    #[track_caller]
    pub fn never_shows(self, secret: &str) -> Self {
        assert!(
            !self.stdout.contains(secret) && !self.stderr.contains(secret),
            "it shows {secret:?}: {self}"
        );
        self
    }

    /// Parses standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("standard output is not JSON ({error}): {self}"))
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "`{}` ended with {}\n--- stdout\n{}\n--- stderr\n{}\n---",
            self.line, self.status, self.stdout, self.stderr
        )
    }
}
