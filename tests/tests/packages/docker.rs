//! A real registry, as Debian has it, on a free port of this machine.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;

use crate::given::{Given, packed, secret_key, signature_of, there_is};

/// Who may use a registry that doesn't let everybody in.
pub(crate) const USER: &str = "keeper";
pub(crate) const PASSWORD: &str = "correct-horse";
/// Both, as they stand in a header and in docker's own file.
pub(crate) const BASIC: &str = "a2VlcGVyOmNvcnJlY3QtaG9yc2U=";
/// The same person, as `htpasswd -B` writes it.
const HTPASSWD: &str = "keeper:$2y$05$abcdefghijklmnopqrstuuZ0Fx87Pb/Aqb0E90lfvCwzXnaFKUHpS\n";

/// A registry that ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Docker {
    process: Child,
    host: String,
}

impl Docker {
    /// One that lets everybody in; none where the program isn't there.
    pub(crate) fn open(given: &Given) -> Option<Self> {
        Self::start(given, |_| String::new())
    }

    /// One that lets in only who has the password.
    pub(crate) fn locked(given: &Given) -> Option<Self> {
        Self::start(given, |folder| {
            let path = folder.join("htpasswd");
            fs::write(&path, HTPASSWD).unwrap();
            format!(
                "auth:\n  htpasswd:\n    realm: tests\n    path: {}\n",
                path.display()
            )
        })
    }

    fn start(given: &Given, auth: impl FnOnce(&Path) -> String) -> Option<Self> {
        if !there_is("docker-registry") {
            return None;
        }
        let folder = given.installation.prefix().join("registry");
        fs::create_dir_all(&folder).unwrap();
        let config = format!(
            "version: 0.1\nlog:\n  level: info\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: 127.0.0.1:0\n{}",
            folder.join("data").display(),
            auth(&folder)
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
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Where the fruit of this number is, without a version.
    pub(crate) fn repository(&self, number: u16) -> String {
        format!("oci://{}/plugins/fruit-{number:03}", self.host)
    }

    /// Where this version of it is.
    pub(crate) fn tagged(&self, number: u16, version: &str) -> String {
        format!("{}:{version}", self.repository(number))
    }

    /// Publishes this version, signed by acme, and returns its digest.
    #[track_caller]
    pub(crate) fn has(&self, given: &Given, number: u16, version: &str) -> String {
        let package = given.package(number, version, Some("acme"));
        publish(given, &self.tagged(number, version), &[&package])
    }
}

impl Drop for Docker {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Publishes these files there, and returns the digest of the whole.
#[track_caller]
pub(crate) fn publish(given: &Given, place: &str, files: &[&Path]) -> String {
    let published = given
        .command(["plugin", "publish", "-o", "json", place])
        .args(files)
        .run()
        .exits(0)
        .says("")
        .json();
    assert_eq!(published["place"], place);
    published["digest"].as_str().unwrap().to_owned()
}

/// The package of this fruit with another manifest, in a folder of the work folder; signed by the key, where there is one.
pub(crate) fn repacked(
    given: &Given,
    (number, version): (u16, &str),
    name: &str,
    key: Option<&str>,
    change: impl FnOnce(&mut Value),
) -> PathBuf {
    let folder = given.work().join(format!("{name}.d"));
    fs::create_dir_all(&folder).unwrap();
    tar(&folder, &["-xzf"], &packed(number, version, None), &[]);
    let path = folder.join("manifest.json");
    let mut manifest = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut manifest);
    fs::write(path, manifest.to_string()).unwrap();
    let package = given.work().join(format!("{name}.tar.gz"));
    let files = [
        "manifest.json".to_owned(),
        format!("libtw_plugin_fruit_{number:03}.so"),
        "LICENSE".to_owned(),
        "README.md".to_owned(),
    ];
    tar(&folder, &["--format=ustar", "-czf"], &package, &files);
    if let Some(key) = key {
        sign(given, &package, key);
    }
    package
}

fn tar(folder: &Path, options: &[&str], archive: &Path, files: &[String]) {
    let mut command = Command::new("tar");
    command.args(options).arg(archive).arg("-C").arg(folder);
    let status = command.args(files).status().expect("there is tar");
    assert!(status.success());
}

/// Signs a package or an index, and leaves the signature beside it.
#[track_caller]
pub(crate) fn sign(given: &Given, file: &Path, key: &str) {
    let _ = fs::remove_file(signature_of(file));
    given
        .command(["plugin", "sign", "--key"])
        .args([secret_key(key).as_os_str(), file.as_os_str()])
        .run()
        .exits(0)
        .says("");
}
