//! A demonstration, run by `cargo demo`. Builds everything, starts a sandbox on a free port, runs the five commands of `tw secrets` against the
//! sandbox, and leaves no files behind.
#![allow(
    clippy::expect_used,
    reason = "a failed demonstration panics with its reason"
)]

use std::process::Command;

use tw_sandbox::Sandbox;
use tw_tests::artifacts;

fn main() {
    let artifacts = artifacts();
    let home = tempfile::tempdir().expect("a temporary folder can be created");
    let sandbox = Sandbox::builder().start();
    println!("A sandbox of the Platform listens at {}\n", sandbox.url());
    let lines: [&[&str]; 7] = [
        &[
            "secrets",
            "add",
            "--name",
            "API_KEY",
            "--value",
            "a-first-value",
        ],
        &["secrets", "list"],
        &["secrets", "view", "--name", "API_KEY"],
        &[
            "secrets",
            "update",
            "--name",
            "API_KEY",
            "--value",
            "a-second-value",
        ],
        &[
            "secrets",
            "list",
            "--workspace",
            "acme/research",
            "--output",
            "json",
        ],
        &["secrets", "delete", "--name", "API_KEY"],
        &["secrets", "list"],
    ];
    let mut failed = false;
    for line in lines {
        println!("$ tw {}", line.join(" "));
        let status = Command::new(&artifacts.tw)
            .arg("--insecure")
            .args(line)
            .env("TOWER_API_ENDPOINT", sandbox.url())
            .env("TOWER_ACCESS_TOKEN", sandbox.token())
            .env("XDG_CACHE_HOME", home.path())
            .env_remove("TOWER_WORKSPACE_ID")
            .env_remove("TOWER_CLI_OUTPUT_FORMAT")
            .status()
            .expect("tw runs");
        failed |= !status.success();
    }
    println!(
        "{} and its plugins are built. The sandbox has stopped.",
        artifacts.tw.display()
    );
    if failed {
        eprintln!("One of the commands failed.");
        std::process::exit(1);
    }
}
