//! Tests of the program `tw-sandbox`.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Output, Stdio};

use crate::client::send;

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_tw-sandbox"))
}

fn output(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

/// A running program, with the URL and the token that it printed. Dropping it kills the program.
struct Running {
    child: Child,
    url: String,
    token: String,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = program()
            .arg("--print-env")
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut value = |prefix| {
            lines
                .next()
                .unwrap()
                .unwrap()
                .strip_prefix(prefix)
                .unwrap()
                .to_owned()
        };
        let url = value("export TOWER_API_ENDPOINT=");
        let token = value("export TOWER_ACCESS_TOKEN=");
        Self { child, url, token }
    }

    fn address(&self) -> SocketAddr {
        self.url.split("//").nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn print_env_prints_a_url_and_a_token_that_work() {
    let running = Running::start(&[
        "--token",
        "mine",
        "--fault",
        "GET /orgs status=500",
        "--rate",
        "20",
    ]);
    assert_eq!(running.token, "mine");
    let authorization = "Authorization: Bearer mine\r\n";
    let status = |path| {
        send(running.address(), "GET", path, authorization, b"")
            .unwrap()
            .status
    };
    assert_eq!(status("/user-info"), 200);
    assert_eq!(status("/orgs"), 500);
}

#[test]
fn ca_out_writes_the_authority_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    let running = Running::start(&["--https", "--ca-out", file.to_str().unwrap()]);
    assert!(running.url.starts_with("https://127.0.0.1:"));
    assert!(
        std::fs::read_to_string(file)
            .unwrap()
            .starts_with("-----BEGIN CERTIFICATE-----")
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_program_with_exit_code_0_and_the_log_shows_no_secrets() {
    let mut running = Running::start(&["--log", "--token", "hush-token"]);
    let body = br#"{"name":"KEY","value":"hush-value"}"#;
    let headers = format!(
        "Authorization: Bearer hush-token\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
        body.len()
    );
    send(
        running.address(),
        "POST",
        "/pipeline-secrets?workspaceId=100",
        &headers,
        body,
    )
    .unwrap();

    assert!(
        Command::new("kill")
            .args(["-INT", &running.child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    assert!(running.child.wait().unwrap().success());
    let mut log = String::new();
    running
        .child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut log)
        .unwrap();
    assert_eq!(log, "POST /pipeline-secrets?workspaceId=100 → 200\n");
}

#[test]
fn invalid_arguments_and_files_are_reported_in_one_line() {
    let wrong = output(&["--fault", "GET /orgs stauts=500"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("unknown word `stauts=500`"));

    let folder = tempfile::tempdir().unwrap();
    let wrong = output(&["--state", folder.path().to_str().unwrap()]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&wrong.stderr)
            .starts_with("tw-sandbox: Could not read the state file")
    );
}
