//! A real registry, as Debian has it, on a free port of this machine.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::there_is;

/// Who may use a registry that doesn't let everybody in.
pub const USER: &str = "keeper";
pub const PASSWORD: &str = "correct-horse";
/// Both, as they stand in a header and in docker's own file.
pub const BASIC: &str = "a2VlcGVyOmNvcnJlY3QtaG9yc2U=";
/// The same person, as `htpasswd -B` writes it.
const HTPASSWD: &str = "keeper:$2y$05$abcdefghijklmnopqrstuuZ0Fx87Pb/Aqb0E90lfvCwzXnaFKUHpS\n";

/// A registry that ends when it is dropped.
#[derive(Debug)]
pub struct Registry {
    process: Child,
    host: String,
}

impl Registry {
    /// One that lets everybody in and keeps what it has in this folder; none where the program isn't there.
    pub fn open(folder: &Path) -> Option<Self> {
        Self::start(folder, |_| String::new())
    }

    /// One that lets in only who has the password.
    pub fn locked(folder: &Path) -> Option<Self> {
        Self::start(folder, |folder| {
            let path = folder.join("htpasswd");
            fs::write(&path, HTPASSWD).unwrap();
            format!(
                "auth:\n  htpasswd:\n    realm: tests\n    path: {}\n",
                path.display()
            )
        })
    }

    fn start(folder: &Path, auth: impl FnOnce(&Path) -> String) -> Option<Self> {
        if !there_is("docker-registry") {
            return None;
        }
        fs::create_dir_all(folder).unwrap();
        let config = format!(
            "version: 0.1\nlog:\n  level: info\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: 127.0.0.1:0\n{}",
            folder.join("data").display(),
            auth(folder)
        );
        let path = folder.join("config.yml");
        fs::write(&path, config).unwrap();
        let mut process = Command::new("docker-registry")
            .arg("serve")
            .arg(&path)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the registry starts");
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        // The system chooses the port, and the registry says which it is once it listens there.
        let host = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let (_, behind) = line.split_once("listening on ")?;
            let end = behind.find(|c: char| !c.is_ascii_digit() && !".:".contains(c))?;
            Some(behind[..end].to_owned())
        });
        // What it says later must go somewhere, or it stops.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Some(Self {
            host: host.expect("the registry listens"),
            process,
        })
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
