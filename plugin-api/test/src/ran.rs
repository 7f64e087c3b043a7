//! A run that has ended.

use std::{fmt, io::Write, process::Command};

use serde_json::Value;

/// A run of `tw` that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// The command line.
    line: String,
    /// The exit code; -1 if a signal ended `tw`.
    pub code: i32,
    /// Everything that went to standard output.
    pub stdout: String,
    /// Everything that went to standard error.
    pub stderr: String,
}

impl Ran {
    pub(crate) fn of(mut command: Command, input: &str) -> Self {
        let line = format!("{command:?}");
        let mut child = command.spawn().unwrap_or_else(|error| {
            panic!("tw can't be started ({error}): install it, or set TW to its path")
        });
        let stdin = child.stdin.take();
        let input = input.as_bytes().to_vec();
        // On a thread of its own, because a command may print before it has read everything.
        let writer = std::thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(&input)));
        let output = child.wait_with_output().expect("a child can be waited for");
        // A command need not read its input.
        let _ = writer.join();
        Self {
            line,
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Asserts the exit code.
    ///
    /// # Panics
    /// If the exit code is another. The message shows the whole run.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self}");
        self
    }

    /// Asserts that standard error contains a text.
    ///
    /// # Panics
    /// If standard error lacks the text. The message shows the whole run.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "no {text:?}: {self}");
        self
    }

    /// Parses standard output as JSON.
    ///
    /// # Panics
    /// If standard output is no JSON. The message shows the whole run.
    #[track_caller]
    pub fn json(&self) -> Value {
        let parsed = serde_json::from_str(&self.stdout);
        parsed.unwrap_or_else(|error| panic!("no JSON ({error}): {self}"))
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            code,
            stdout,
            stderr,
        } = self;
        write!(
            f,
            "{line} ended with {code}\n--- standard output\n{stdout}\n--- standard error\n{stderr}"
        )
    }
}
