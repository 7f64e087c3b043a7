//! A command line of `tw`, and what became of it.

use std::{
    ffi::OsStr,
    io::{Read, Write},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use wait_timeout::ChildExt;

/// No command of a test takes longer: one that hangs is a failure.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// A command line that is about to run.
#[derive(Debug)]
pub struct Tw {
    command: Command,
    input: Vec<u8>,
    line: String,
}

impl Tw {
    /// This binary, with nothing in its environment but this home and a path.
    pub fn new(binary: &Path, home: &Path) -> Self {
        heed_interrupts();
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

    /// More arguments.
    pub fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        for argument in arguments {
            self.line += &format!(" {}", argument.as_ref().to_string_lossy());
            self.command.arg(argument);
        }
        self
    }

    /// A variable of its environment.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Without this variable.
    pub fn without_env(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// What it reads from standard input.
    pub fn input(mut self, text: impl AsRef<[u8]>) -> Self {
        self.input = text.as_ref().to_owned();
        self
    }

    /// From where it is started.
    pub fn from(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// The command itself, for what this language has no word for.
    pub fn command(&mut self) -> &mut Command {
        &mut self.command
    }

    /// Starts it, for tests that do something while it runs: end with [`Running::ends`].
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
        // A command that doesn't read its input is no failure of the test.
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

    /// Runs it to its end.
    pub fn run(self) -> Ran {
        self.start().ends()
    }
}

/// Who starts the tests in the background may have them ignore Ctrl-C, and what they start would do so too: a signal that has a handler here has
/// its usual meaning there.
fn heed_interrupts() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let heeded = ctrlc::set_handler(|| std::process::exit(130));
        heeded.expect("Ctrl-C can be handled");
    });
}

fn reader(mut from: impl Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).expect("a pipe can be read");
        bytes
    })
}

/// A command line that runs.
#[derive(Debug)]
pub struct Running {
    line: String,
    child: Child,
    out: std::thread::JoinHandle<Vec<u8>>,
    err: std::thread::JoinHandle<Vec<u8>>,
}

impl Running {
    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end.
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

/// A command line that has run.
#[derive(Debug)]
pub struct Ran {
    line: String,
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed.
    pub stdout: String,
    /// What it said on standard error.
    pub stderr: String,
}

impl Ran {
    /// It ended with this code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.status.code(), Some(code), "{self}");
        self
    }

    /// It ended by this signal.
    #[cfg(unix)]
    #[track_caller]
    pub fn dies_of(self, signal: i32) -> Self {
        use std::os::unix::process::ExitStatusExt;
        assert_eq!(self.status.signal(), Some(signal), "{self}");
        self
    }

    /// Standard output is exactly this.
    #[track_caller]
    pub fn prints(self, text: &str) -> Self {
        assert_eq!(self.stdout, text, "{self}");
        self
    }

    /// Standard output has this in it.
    #[track_caller]
    pub fn prints_with(self, text: &str) -> Self {
        assert!(
            self.stdout.contains(text),
            "standard output has no {text:?}: {self}"
        );
        self
    }

    /// Standard error is exactly this.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert_eq!(self.stderr, text, "{self}");
        self
    }

    /// Standard error has this in it.
    #[track_caller]
    pub fn says_with(self, text: &str) -> Self {
        assert!(
            self.stderr.contains(text),
            "standard error has no {text:?}: {self}"
        );
        self
    }

    /// It failed with this message, and nothing on standard output.
    #[track_caller]
    pub fn fails(self, message: &str) -> Self {
        let error = format!("\n ERROR: {message}\n\n");
        self.exits(1).prints("").says(&error)
    }

    /// It failed, nothing is on standard output, and its error has this in it.
    #[track_caller]
    pub fn fails_with(self, part: &str) -> Self {
        let error = self.stderr.split_once("\n ERROR: ").map(|(_, error)| error);
        assert!(
            error.is_some_and(|error| error.contains(part)),
            "no error has {part:?}: {self}"
        );
        self.exits(1).prints("")
    }

    /// The command line can't be: it ended with 2, nothing is on standard output, and standard error names this.
    #[track_caller]
    pub fn misused(self, name: &str) -> Self {
        self.exits(2).prints("").says_with(name)
    }

    /// Neither stream has this in it.
    #[track_caller]
    pub fn never_shows(self, secret: &str) -> Self {
        assert!(
            !self.stdout.contains(secret) && !self.stderr.contains(secret),
            "it shows {secret:?}: {self}"
        );
        self
    }

    /// Standard output, parsed.
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
