//! A real OCI registry on a free local port: the program of Debian's package `docker-registry`.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::{Answer, Asked, Server, has_program};

/// The user of a registry that requires a login.
pub const USER: &str = "keeper";
/// The password of [`USER`].
pub const PASSWORD: &str = "correct-horse";
/// Name and password in base64, as in an `Authorization: Basic` header and in docker's configuration file.
pub const BASIC: &str = "a2VlcGVyOmNvcnJlY3QtaG9yc2U=";
/// Name and password as `htpasswd -B` writes them.
const HTPASSWD: &str = "keeper:$2y$05$abcdefghijklmnopqrstuuZ0Fx87Pb/Aqb0E90lfvCwzXnaFKUHpS\n";

/// A running registry. Dropping it stops the registry.
#[derive(Debug)]
pub struct Registry {
    process: Child,
    host: String,
}

impl Registry {
    /// Starts a registry that requires no login and stores its data in this folder. Returns `None` if the program is missing.
    pub fn open(folder: &Path) -> Option<Self> {
        Self::start(folder, |_| String::new())
    }

    /// Starts a registry that requires a login. Returns `None` if the program is missing.
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
        if !has_program("docker-registry") {
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
        // The system chooses the port. The registry logs the port once it listens there.
        let host = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let (_, behind) = line.split_once("listening on ")?;
            let end = behind.find(|c: char| !c.is_ascii_digit() && !".:".contains(c))?;
            Some(behind[..end].to_owned())
        });
        // The registry blocks when the pipe of its log is full, so the rest of the log is read too.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Some(Self {
            host: host.expect("the registry listens"),
            process,
        })
    }

    /// Returns `127.0.0.1:PORT`.
    pub fn host(&self) -> &str {
        &self.host
    }
}

/// Starts a server in front of a registry at `host`. It answers a request with the result of `fault`, which gets the request and a function that
/// passes the request on and returns the registry's answer.
pub fn start_faulty(
    host: &str,
    fault: impl Fn(&Asked, &dyn Fn() -> Answer) -> Answer + Send + Sync + 'static,
) -> Server {
    let host = host.to_owned();
    Server::start(move |asked| fault(asked, &|| pass_on(&host, asked)))
}

/// Sends a request to the registry at `host`, and returns the answer.
fn pass_on(host: &str, asked: &Asked) -> Answer {
    let mut connection = TcpStream::connect(host).expect("the registry listens");
    let mut head = format!(
        "{} {} HTTP/1.1\r\nConnection: close\r\n",
        asked.method, asked.path
    );
    // The header `Host` names the server in front, and so do the addresses that the registry sends.
    for (name, value) in &asked.headers {
        head += &format!("{name}: {value}\r\n");
    }
    connection
        .write_all(format!("{head}\r\n").as_bytes())
        .unwrap();
    connection.write_all(&asked.body).unwrap();
    let mut reader = BufReader::new(connection);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        if !name.eq_ignore_ascii_case("connection") {
            headers.push((name.to_owned(), value.to_owned()));
        }
    }
    let mut body = Vec::new();
    reader.read_to_end(&mut body).unwrap();
    Answer::With(status.expect("the answer has a status"), headers, body)
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
