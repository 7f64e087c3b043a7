//! Measures what `tw` costs. Wall times come from hyperfine, instruction counts from callgrind.
//!
//! A wall time depends on the machine, so each one is printed beside a reference measured in the same run, such as `/bin/true` or curl.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot continue reports why and stops"
)]

mod doors;
mod import;
mod packages;
mod timing;

use std::{
    path::Path,
    process::{Command, Output},
};

use timing::{Measured, count_instructions, measure_phases, time_commands};
use tw_sandbox::{Sandbox, Secret};
use tw_tests::{Installation, artifacts, fixture};

fn main() {
    let none = Installation::bare();
    let bundled = Installation::bundled();
    let hundred = Installation::bundled();
    for number in 0..100 {
        hundred.add_bytes(&format!("numbered-{number:03}"), &patch_number(number));
    }
    // The first command of an installation writes its cache, which is not measured.
    for installation in [&none, &bundled, &hundred] {
        run(installation.command(["--help"]).command());
    }
    report_start_up(&bundled);
    report_start_up_with_many(&none, &bundled, &hundred);
    report_list(&bundled);
    report_sizes();
    report_phases(&bundled);
    doors::report(&artifacts().plugins["tw-plugin-secrets"]);
    import::report();
    packages::report();
}

/// Returns the library of the fixture `numbered`, with `number` in the names of its plugin, command and alias.
fn patch_number(number: u16) -> Vec<u8> {
    let mut library =
        std::fs::read(fixture("tw-plugin-numbered")).expect("the fixture has been built");
    for name in ["numbered", "command", "alias"] {
        let (from, to) = (format!("{name}-000"), format!("{name}-{number:03}"));
        let offsets: Vec<usize> = library
            .windows(from.len())
            .enumerate()
            .filter(|(_, bytes)| *bytes == from.as_bytes())
            .map(|(offset, _)| offset)
            .collect();
        for offset in offsets {
            library[offset..offset + to.len()].copy_from_slice(to.as_bytes());
        }
    }
    library
}

fn report_start_up(bundled: &Installation) {
    println!("Start-up, median wall time, and the difference to /bin/true");
    for arguments in ["--version", "secrets --help"] {
        let home = bundled.home();
        let tw = format!("{} {arguments}", bundled.tw().display());
        let times = time_commands(
            &[Measured::new("/bin/true", &home), Measured::new(&tw, &home)],
            300,
        );
        println!(
            "  tw {arguments:<16} {:.2} ms, /bin/true {:.2} ms: {:+.2} ms",
            times[1] * 1000.0,
            times[0] * 1000.0,
            (times[1] - times[0]) * 1000.0
        );
        println!(
            "  {:<19} {} instructions",
            "",
            count_instructions(&tw, &home)
        );
    }
}

fn report_start_up_with_many(none: &Installation, bundled: &Installation, hundred: &Installation) {
    println!("\nStart-up with 2 plugins, with 102, and with none, median wall time");
    for arguments in ["--version", "plugin --help", "secrets --help"] {
        let mut installations = vec![bundled, hundred];
        // Without a plugin there is no command `secrets`.
        if arguments != "secrets --help" {
            installations.push(none);
        }
        let commands: Vec<Measured> = installations
            .into_iter()
            .map(|installation| {
                let command = format!("{} {arguments}", installation.tw().display());
                Measured::new(&command, &installation.home())
            })
            .collect();
        let times = time_commands(&commands, 300);
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

fn report_list(bundled: &Installation) {
    println!("\n`tw secrets list` beside curl with the same request, median wall time");
    let builder = || Sandbox::builder().secret(Secret::new("KEY", "value"));
    let plain = builder().start();
    let secure = builder().start_https();
    let ca = bundled.home().join("ca.pem");
    std::fs::write(&ca, secure.ca_pem().expect("https has a CA")).expect("the home is writable");
    let trust = format!("--cacert {}", ca.display());
    for (sandbox, tw_option, curl_option) in [(&plain, "--insecure", ""), (&secure, &trust, &trust)]
    {
        let (url, token) = (sandbox.url(), sandbox.token());
        let curl = format!(
            "curl -sSf {curl_option} -H 'Authorization: Bearer {token}' {url}/pipeline-secrets"
        );
        let tw = format!(
            "{} {tw_option} -u {url} -t {token} secrets list",
            bundled.tw().display()
        );
        let home = bundled.home();
        let times = time_commands(
            &[Measured::new(&curl, &home), Measured::new(&tw, &home)],
            200,
        );
        println!(
            "  {:<6} tw {:.2} ms, curl {:.2} ms: {:.2}×",
            url.split(':').next().unwrap_or_default(),
            times[1] * 1000.0,
            times[0] * 1000.0,
            times[1] / times[0]
        );
    }
}

fn report_sizes() {
    println!("\nSizes of the release build (.ci/run checks the limit for plugins)");
    for (name, path) in &artifacts().plugins {
        println!("  {name:<22} {} KB", size(path) / 1000);
    }
    println!("  {:<22} {} KB", "tw", size(&artifacts().tw) / 1000);
}

fn size(path: &Path) -> u64 {
    path.metadata().expect("the file has been built").len()
}

fn report_phases(bundled: &Installation) {
    println!(
        "\nPhases of `tw secrets list` over http, as `--verbose` reports them, median of 51 runs"
    );
    let sandbox = Sandbox::builder()
        .secret(Secret::new("KEY", "value"))
        .start();
    for (name, time) in measure_phases(bundled, &list_arguments(&sandbox)) {
        println!("  {name:<16} {time} µs");
    }
}

/// Returns the arguments of `tw secrets list` for this sandbox.
fn list_arguments(sandbox: &Sandbox) -> [&str; 7] {
    [
        "--insecure",
        "-u",
        sandbox.url(),
        "-t",
        sandbox.token(),
        "secrets",
        "list",
    ]
}

/// Runs a command. Panics with its output if it fails.
fn run(command: &mut Command) -> Output {
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
