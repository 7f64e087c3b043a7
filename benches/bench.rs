//! What `tw` costs: wall times by hyperfine, instructions by callgrind, sizes; always beside something measured in the same run.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a measurement that can't go on says so and ends"
)]

mod import;
mod packages;

use std::{
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;
use tw_sandbox::{Sandbox, Secret};
use tw_tests::{Installation, artifacts, fixture};

fn main() {
    let none = Installation::bare();
    let bundled = Installation::bundled();
    let hundred = Installation::bundled();
    for number in 0..100 {
        hundred.add_bytes(&format!("numbered-{number:03}"), &numbered(number));
    }
    let all = [&none, &bundled, &hundred];
    // The index is made once, by the first command of each.
    for installation in all {
        output(installation.command(["--help"]).command());
    }
    start_up(&bundled, &none, &hundred);
    list(&bundled);
    sizes();
    parts(&bundled);
    import::measure();
    packages::measure();
}

/// A copy of the fixture `numbered` with another number.
fn numbered(number: u16) -> Vec<u8> {
    let library = std::fs::read(fixture("tw-plugin-numbered")).expect("the fixture is built");
    let mut library: Vec<u8> = library;
    for what in ["numbered", "command", "alias"] {
        let (from, to) = (format!("{what}-000"), format!("{what}-{number:03}"));
        let places: Vec<usize> = library
            .windows(from.len())
            .enumerate()
            .filter(|(_, part)| *part == from.as_bytes())
            .map(|(at, _)| at)
            .collect();
        for at in places {
            library[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
    }
    library
}

fn start_up(bundled: &Installation, none: &Installation, hundred: &Installation) {
    println!("Start-up, median wall time (and to /bin/true in the same run)");
    for (name, arguments) in [
        ("--version", "--version"),
        ("secrets --help", "secrets --help"),
    ] {
        let line =
            |installation: &Installation| format!("{} {arguments}", installation.tw().display());
        let home = bundled.home();
        let lines = ["/bin/true".to_owned(), line(bundled)];
        let times = hyperfine(&lines, &home, 300);
        let over = (times[1] - times[0]) * 1000.0;
        println!(
            "  tw {name:<16} {:.2} ms, /bin/true {:.2} ms: {over:+.2} ms",
            times[1] * 1000.0,
            times[0] * 1000.0
        );
        println!(
            "  {:<19} {} instructions",
            "",
            instructions(&lines[1], &home)
        );
    }
    println!("\nStart-up with 100 more plugins, to 2 (and with none)");
    for arguments in ["--version", "plugin --help", "secrets --help"] {
        let [few, many, zero] = [bundled, hundred, none].map(|installation| {
            let line = format!("{} {arguments}", installation.tw().display());
            (line, installation.home())
        });
        // Where there is no plugin there is no `secrets`.
        let zero = (arguments != "secrets --help").then_some(zero);
        let lines: Vec<(&String, &Path)> = [Some(&few), Some(&many), zero.as_ref()]
            .into_iter()
            .flatten()
            .map(|(line, home)| (line, home.as_path()))
            .collect();
        let times = measured(&lines, 300);
        let without = times
            .get(2)
            .map(|time| format!("   (none: {:.2} ms)", time * 1000.0))
            .unwrap_or_default();
        println!(
            "  tw {arguments:<16} {:.2} ms → {:.2} ms: {:.2}×{without}",
            times[0] * 1000.0,
            times[1] * 1000.0,
            times[1] / times[0]
        );
    }
}

fn list(bundled: &Installation) {
    println!("\n`tw secrets list` beside curl, the same request, median wall time");
    let builder = || Sandbox::builder().secret(Secret::new("KEY", "value"));
    let plain = builder().start();
    let secure = builder().start_https();
    let ca = bundled.home().join("ca.pem");
    std::fs::write(&ca, secure.ca_pem().expect("https has a CA")).expect("the home can be written");
    for (sandbox, tw_flag, curl_flag) in [
        (&plain, "--insecure".to_owned(), String::new()),
        (
            &secure,
            format!("--cacert {}", ca.display()),
            format!("--cacert {}", ca.display()),
        ),
    ] {
        let url = sandbox.url();
        let lines = [
            format!(
                "curl -sSf {curl_flag} -H 'Authorization: Bearer {}' {url}/pipeline-secrets",
                sandbox.token()
            ),
            format!(
                "{} {tw_flag} -u {url} -t {} secrets list",
                bundled.tw().display(),
                sandbox.token()
            ),
        ];
        let times = hyperfine(&lines, &bundled.home(), 200);
        let scheme = url.split(':').next().unwrap_or_default();
        println!(
            "  {scheme:<6} tw {:.2} ms, curl {:.2} ms: {:.2}×",
            times[1] * 1000.0,
            times[0] * 1000.0,
            times[1] / times[0]
        );
    }
}

fn sizes() {
    println!("\nSizes");
    for (name, path) in &artifacts().plugins {
        let bytes = size(path);
        println!("  {name:<22} {} KB", bytes / 1000);
        assert!(bytes < 1 << 20, "{name} is larger than 1 MiB");
    }
    println!("  {:<22} {} KB", "tw", size(&artifacts().tw) / 1000);
}

fn size(path: &Path) -> u64 {
    path.metadata().expect("it is built").len()
}

/// The parts of one plugin command, from its own clock: the median of some runs.
fn parts(bundled: &Installation) {
    println!("\nParts of `tw secrets list` over http, median of 51 runs");
    let sandbox = Sandbox::builder()
        .secret(Secret::new("KEY", "value"))
        .start();
    let line = [
        "--insecure",
        "-u",
        sandbox.url(),
        "-t",
        sandbox.token(),
        "secrets",
        "list",
    ];
    for (name, time) in parts_of(bundled, &line) {
        println!("  {name:<16} {time} µs");
    }
}

/// What the parts of this command take, in µs, in the order in which they end: the medians of 51 runs.
fn parts_of(installation: &Installation, line: &[&str]) -> Vec<(String, u64)> {
    let mut parts: Vec<(String, Vec<u64>)> = Vec::new();
    for _ in 0..51 {
        let mut tw = installation.command(["--verbose"]).args(line);
        let ran = output(tw.command());
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        for line in said
            .lines()
            .filter_map(|line| line.strip_prefix("* ")?.strip_suffix(" µs"))
        {
            let (name, time) = line.rsplit_once(' ').expect("a name and a time");
            let time = time.parse().expect("a number of microseconds");
            match parts.iter_mut().find(|(known, _)| known == name) {
                Some((_, times)) => times.push(time),
                None => parts.push((name.to_owned(), vec![time])),
            }
        }
    }
    let median = |(name, mut times): (String, Vec<u64>)| {
        times.sort_unstable();
        (name, times[times.len() / 2])
    };
    parts.into_iter().map(median).collect()
}

/// Median wall times of these command lines, run in turn.
fn hyperfine(lines: &[String], home: &Path, runs: u32) -> Vec<f64> {
    let with_home: Vec<(&String, &Path)> = lines.iter().map(|line| (line, home)).collect();
    measured(&with_home, runs)
}

fn measured(lines: &[(&String, &Path)], runs: u32) -> Vec<f64> {
    let lines: Vec<(&String, &Path, &str)> = lines
        .iter()
        .map(|(line, home)| (*line, *home, ""))
        .collect();
    prepared(&lines, runs)
}

/// The same, where something is done before each run, which isn't measured.
fn prepared(lines: &[(&String, &Path, &str)], runs: u32) -> Vec<f64> {
    let report = tempfile::NamedTempFile::new().expect("a temporary file");
    let mut hyperfine = Command::new("hyperfine");
    hyperfine
        .args([
            "--shell=none",
            "--warmup=20",
            "--style=none",
            "--runs",
            &runs.to_string(),
            "--export-json",
        ])
        .arg(report.path());
    let clean = |home: &Path, line: &str| {
        format!("env -i HOME={} PATH=/usr/bin:/bin {line}", home.display())
    };
    if lines.iter().any(|(_, _, before)| !before.is_empty()) {
        for (_, home, before) in lines {
            let before = if before.is_empty() { "true" } else { before };
            hyperfine.args(["--prepare", &clean(home, before)]);
        }
    }
    for (line, home, _) in lines {
        hyperfine.arg(clean(home, line));
    }
    output(&mut hyperfine);
    let report: Value =
        serde_json::from_slice(&std::fs::read(report.path()).expect("hyperfine reports"))
            .expect("the report is JSON");
    let results = report["results"].as_array().expect("it has results");
    results
        .iter()
        .map(|result| result["median"].as_f64().expect("it has a median"))
        .collect()
}

fn instructions(line: &str, home: &Path) -> String {
    let mut valgrind = Command::new("valgrind");
    valgrind
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args(line.split(' '))
        .env_clear()
        .env("HOME", home)
        .env("PATH", "/usr/bin:/bin");
    let said = String::from_utf8_lossy(&output(&mut valgrind).stderr).into_owned();
    let collected = said
        .lines()
        .find_map(|line| line.split_once("Collected : "))
        .expect("callgrind counts");
    collected.1.trim().to_owned()
}

/// Runs it; one that fails ends the measurement.
fn output(command: &mut Command) -> Output {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?} failed:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}
