//! A real shell on a real terminal, for tests of completion. The terminal is a window of `tmux`.

use std::{
    path::Path,
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
    time::Instant,
};

use crate::{has_program, ran::LIMIT};

/// A shell in a window of its own.
#[derive(Debug)]
pub struct Shell {
    /// The name of the `tmux` server that has the window.
    server: String,
    name: &'static str,
}

impl Shell {
    /// Starts an interactive shell with these words after its name, in a folder, with only these environment variables. `None` if the shell or `tmux`
    /// is missing; with `CI` set, the test fails instead.
    pub fn start(
        name: &'static str,
        words: &[&str],
        folder: &Path,
        variables: &[(&str, &str)],
    ) -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        if !has_program("tmux") || !has_program(name) {
            return None;
        }
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let shell = Self {
            server: format!("tw-{}-{number}", std::process::id()),
            name,
        };
        let mut command = shell.tmux();
        command
            .args([
                "-f",
                "/dev/null",
                "new-session",
                "-d",
                "-x",
                "120",
                "-y",
                "40",
                "-c",
            ])
            .arg(folder)
            .args(["env", "-i", "TERM=screen", "LANG=C.UTF-8"])
            .args(
                variables
                    .iter()
                    .map(|(name, value)| format!("{name}={value}")),
            )
            .arg(name)
            .args(words);
        let started = command.status().expect("tmux can be started");
        assert!(started.success(), "tmux starts {name}");
        // The echo of the command doesn't contain its output.
        Some(shell.runs("printf '%s%s\\n' rea dy", "ready"))
    }

    /// Types a command line, presses Enter, and waits until the window shows a text.
    #[track_caller]
    pub fn runs(self, line: &str, shown: &str) -> Self {
        self.types(line).presses("Enter").shows(shown)
    }

    /// Types a text.
    pub fn types(self, text: &str) -> Self {
        self.send(&["-l", "--", text])
    }

    /// Presses a key by its name in `tmux`, such as `Tab`.
    pub fn presses(self, key: &str) -> Self {
        self.send(&["--", key])
    }

    /// Waits until the window shows a text.
    #[track_caller]
    pub fn shows(self, text: &str) -> Self {
        let begin = Instant::now();
        while !self.screen().contains(text) {
            let is_late = begin.elapsed() > LIMIT;
            assert!(
                !is_late,
                "{}: {text:?} was never shown: {}",
                self.name,
                self.screen()
            );
        }
        self
    }

    /// Asserts that the window doesn't show a text now.
    #[track_caller]
    pub fn lacks(self, text: &str) -> Self {
        let screen = self.screen();
        assert!(!screen.contains(text), "{}: {text:?}: {screen}", self.name);
        self
    }

    /// Types a beginning, presses Tab, and waits until the window shows the completed text. Then removes the line.
    #[track_caller]
    pub fn completes(self, typed: &str, completed: &str) -> Self {
        let shell = self
            .types(typed)
            .shows(typed)
            .presses("Tab")
            .shows(completed);
        // In elvish, this also closes the list of candidates.
        let clear = if shell.name == "elvish" { "C-c" } else { "C-u" };
        shell.presses(clear).hides(typed)
    }

    #[track_caller]
    fn hides(self, text: &str) -> Self {
        let begin = Instant::now();
        while self.screen().contains(text) {
            let is_late = begin.elapsed() > LIMIT;
            assert!(
                !is_late,
                "{}: {text:?} stayed: {}",
                self.name,
                self.screen()
            );
        }
        self
    }

    fn send(self, words: &[&str]) -> Self {
        let sent = self.tmux().arg("send-keys").args(words).status();
        assert!(
            sent.is_ok_and(|status| status.success()),
            "tmux sends {words:?}"
        );
        self
    }

    /// Returns the text in the window.
    fn screen(&self) -> String {
        let captured = self.tmux().args(["capture-pane", "-p", "-J"]).output();
        let captured = captured.expect("tmux can be started").stdout;
        String::from_utf8_lossy(&captured).into_owned()
    }

    fn tmux(&self) -> Command {
        let mut tmux = Command::new("tmux");
        tmux.args(["-L", &self.server]).env_remove("TMUX");
        tmux
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        // The server may have ended with its shell.
        let _ = self.tmux().arg("kill-server").output();
    }
}
