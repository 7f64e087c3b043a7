//! Keyrings for tests: a real one on a bus of its own, one that never answers, and none.

use std::{
    io::{BufRead, BufReader},
    os::unix::net::UnixListener,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tw_tests::has_program;

/// The address of a bus that isn't there.
pub(crate) const NO_BUS: &str = "unix:path=/nothing/here";

/// A session bus with an unlocked keyring. Dropping it ends both.
#[derive(Debug)]
pub(crate) struct Keyring {
    child: Child,
    pub(crate) address: String,
}

impl Keyring {
    /// Starts the keyring of GNOME for this home. `None` if it isn't installed.
    pub(crate) fn start(home: &Path) -> Option<Self> {
        // The bus would start a second daemon, a locked one, if a program asked before the first daemon has its name.
        let has_name = "dbus-send --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets | grep -q true";
        let begin = format!(
            "printf secret | gnome-keyring-daemon --unlock --components=secrets >/dev/null; until {has_name}; do :; done"
        );
        Self::start_with(home, &begin)
    }

    /// Starts a bus whose keyring starts when it is needed, and is locked if an earlier session has made it.
    pub(crate) fn start_locked(home: &Path) -> Option<Self> {
        Self::start_with(home, "true")
    }

    fn start_with(home: &Path, begin: &str) -> Option<Self> {
        if !has_program("gnome-keyring-daemon") || !has_program("dbus-run-session") {
            return None;
        }
        let script = format!("{begin} && echo \"$DBUS_SESSION_BUS_ADDRESS\" && cat >/dev/null");
        let mut child = Command::new("dbus-run-session")
            .args(["--", "sh", "-c", &script])
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a bus can be started");
        let mut address = String::new();
        let stdout = child.stdout.take().expect("standard output is a pipe");
        let read = BufReader::new(stdout).read_line(&mut address);
        read.expect("the bus says its address");
        let address = address.trim().to_owned();
        assert!(!address.is_empty(), "the keyring started");
        Some(Self { child, address })
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        // The end of its input ends the script, and so the bus and the keyring.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// A bus that accepts connections and never answers.
#[derive(Debug)]
pub(crate) struct SilentBus {
    pub(crate) address: String,
    connections: Arc<AtomicUsize>,
}

impl SilentBus {
    pub(crate) fn start(home: &Path) -> Self {
        let path = home.join("bus");
        let listener = UnixListener::bind(&path).expect("a socket can be made");
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        std::thread::spawn(move || {
            let mut open = Vec::new();
            for connection in listener.incoming() {
                count.fetch_add(1, Ordering::SeqCst);
                open.push(connection);
            }
        });
        Self {
            address: format!("unix:path={}", path.display()),
            connections,
        }
    }

    /// Returns how often a program has connected.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}
