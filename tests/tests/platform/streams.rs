//! Standard streams that are closed, full, or never read.

use std::{fs::File, process::Stdio};

use tw_tests::{Tw, World};

use crate::{list_stored, start_with_secret};

/// Returns the writing end of a pipe whose reading end is closed.
fn open_closed_pipe() -> std::io::PipeWriter {
    let (_, writer) = std::io::pipe().expect("a pipe can be made");
    writer
}

#[test]
fn a_closed_pipe_on_standard_output_is_not_an_error() {
    let world = start_with_secret();
    for line in [
        &["secrets", "list"][..],
        &["secrets", "list", "-o", "json"],
        &["secrets", "add", "-n", "NEW", "-v", "x"],
        &["--version"],
        &["--help"],
        &["secrets", "--help"],
        &["plugin", "list"],
    ] {
        // `--version` must be the first argument, and a world's command line begins with `--insecure`.
        let tw = match line {
            ["--version"] => world.installation.command(line.iter().copied()),
            _ => world.command(line.iter().copied()),
        };
        let output = tw.run_into(open_closed_pipe());
        assert_eq!(output.status.code(), Some(0), "{line:?}: {output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{line:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported() {
    let world = start_with_secret();
    for line in [
        &["secrets", "list"][..],
        &["secrets", "list", "-o", "json"],
        &["--version"],
        &["--help"],
        &["secrets", "--help"],
        &["plugin", "list"],
    ] {
        let tw = match line {
            ["--version"] => world.installation.command(line.iter().copied()),
            _ => world.command(line.iter().copied()),
        };
        let full = File::options()
            .write(true)
            .open("/dev/full")
            .expect("/dev/full can be opened");
        let output = tw.run_into(full);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{line:?}: {stderr}");
        assert!(
            stderr.starts_with("\n ERROR: ") && stderr.contains("No space left"),
            "{line:?}: {stderr}"
        );
        assert!(!stderr.contains("panicked"), "{line:?}: {stderr}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_after_a_change_leaves_no_doubt_about_the_change() {
    let world = start_with_secret();
    for line in [
        &["secrets", "add", "-n", "NEW", "-v", "some value"][..],
        &["secrets", "update", "-n", "NEW", "-v", "another value"],
        &["secrets", "delete", "-n", "NEW"],
    ] {
        let full = File::options().write(true).open("/dev/full");
        let tw = world.command(line.iter().copied());
        let output = tw.run_into(full.expect("/dev/full can be opened"));
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{line:?}: {stderr}");
        let message =
            "\n ERROR: The change was made, but its result cannot be written: No space left";
        assert!(stderr.starts_with(message), "{line:?}: {stderr}");
    }
    assert_eq!(list_stored(&world), ["1001 KEY=first"]);
    // `tw api` writes its result in pieces.
    let line = "api POST /pipeline-secrets -f name=NEW -f value=x";
    let full = File::options().write(true).open("/dev/full");
    let tw = world.command(line.split(' '));
    let output = tw.run_into(full.expect("/dev/full can be opened"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("ERROR: The change was made: "), "{stderr}");
}

#[cfg(unix)]
#[test]
fn list_succeeds_with_closed_standard_streams() {
    let world = start_with_secret();
    let tw = world.installation.tw();
    for (redirection, prints) in [
        ("<&-", true),
        (">&-", false),
        ("2>&-", true),
        ("<&- >&- 2>&-", false),
    ] {
        let line = format!("exec \"$0\" --insecure secrets list {redirection}");
        let shell = Tw::new("/bin/sh".as_ref(), &world.installation.home())
            .args(["-c", &line])
            .args([&tw]);
        let shell = shell
            .env("TOWER_API_ENDPOINT", world.sandbox.url())
            .env("TOWER_ACCESS_TOKEN", world.sandbox.token());
        let ran = shell.run().exits(0).says("");
        assert_eq!(ran.stdout.contains(" KEY "), prints, "{redirection}: {ran}");
    }
}

#[test]
fn add_with_a_value_ignores_standard_input() {
    let world = World::new();
    let tw = world.command(["secrets", "add", "-n", "KEY", "-v", "x"]);
    tw.input(vec![b'y'; 1 << 20]).run().exits(0).says("");
    assert_eq!(list_stored(&world), ["1001 KEY=x"]);
}

#[test]
fn a_closed_pipe_on_standard_error_keeps_the_exit_code() {
    let world = World::new();
    for (line, code) in [
        (&["secrets", "view", "-n", "NONE"][..], 1),
        (&["secrets", "add"], 2),
        (&["secrets"], 1),
        (&["nonsense"], 2),
    ] {
        let mut tw = world.command(line.iter().copied());
        let output = tw
            .command()
            .stdin(Stdio::null())
            .stderr(open_closed_pipe())
            .output()
            .expect("tw can be started");
        assert_eq!(output.status.code(), Some(code), "{line:?}");
        assert!(output.stdout.is_empty(), "{line:?}");
    }
}
