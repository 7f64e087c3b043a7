//! Answers that the host saves as files.

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tw_sandbox::{Fault, Sandbox};
use tw_tests::{Terminal, Tw, World, interrupt};

use crate::{LIMIT, Probe, http::serve_pets, set_up_with};

const MIB: u64 = 1 << 20;

/// Starts a sandbox that answers `GET /large` with this many bytes.
fn serve_large(size: u64) -> World {
    set_up_with(Sandbox::builder().fault(Fault::on("GET", "/large").oversized(size)))
}

/// Saves the answer as `out` in the home folder, and returns what the plugin got.
fn download(world: &World, path: &str, more: &[&str]) -> Value {
    download_to(world, path, "out", more)
}

fn download_to(world: &World, path: &str, to: &str, more: &[&str]) -> Value {
    let line = ["http", "send", "get", path, "--download", to, "--report"];
    world.probe(line).args(more).run().exits(0).json()
}

fn out(world: &World) -> PathBuf {
    world.installation.home().join("out")
}

/// Lists the temporary files in the home folder.
fn list_partial_files(world: &World) -> Vec<PathBuf> {
    let entries = fs::read_dir(world.installation.home()).expect("the home can be read");
    let paths = entries.flatten().map(|entry| entry.path());
    let is_partial = |path: &PathBuf| path.to_string_lossy().contains("/.new-");
    paths.filter(is_partial).collect()
}

/// Asserts that a download left neither a file nor a part of one.
#[track_caller]
fn assert_nothing_left(world: &World) {
    assert!(!out(world).exists());
    assert_eq!(list_partial_files(world), [""; 0].map(PathBuf::from));
}

#[test]
fn an_answer_is_saved_unchanged() {
    let all: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    for content in [all.as_slice(), b""] {
        let world = serve_pets(|pets| pets.body("text/csv", content));
        let got = download(&world, "/pets", &["--tell", "content-type"]);
        let told = (&got["status"], &got["body"], &got["headers"]);
        assert_eq!(told, (&json!(200), &json!(""), &json!(["text/csv"])));
        assert!(fs::read(out(&world)).is_ok_and(|saved| saved == content));
        assert_eq!(list_partial_files(&world).len(), 0);
    }
}

#[test]
fn a_download_replaces_a_file_and_keeps_its_permissions_and_links_to_it() {
    let world = serve_pets(|pets| pets.text("new"));
    fs::write(out(&world), "an old and longer text").expect("the home can be written");
    #[cfg(unix)]
    {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let mode = fs::Permissions::from_mode(0o600);
        fs::set_permissions(out(&world), mode).expect("the file is ours");
        let link = world.installation.home().join("link");
        symlink("out", &link).expect("the home can be written");
        download_to(&world, "/pets", "link", &[]);
        let kept = fs::metadata(out(&world)).map(|out| out.permissions().mode() & 0o777);
        assert_eq!(kept.ok(), Some(0o600));
        assert!(fs::read_link(link).is_ok());
    }
    download(&world, "/pets", &[]);
    assert_eq!(fs::read_to_string(out(&world)).ok().as_deref(), Some("new"));
}

#[test]
fn a_large_download_has_no_limit_and_is_never_held_in_memory() {
    const SIZE: u64 = 64 * MIB;
    let world = serve_large(SIZE);
    let got = download(&world, "/large", &["--memory"]);
    assert_eq!(
        fs::metadata(out(&world)).map(|out| out.len()).ok(),
        Some(SIZE)
    );
    let grown = got["grown_kb"].as_u64().unwrap_or(u64::MAX);
    assert!(grown < 16 << 10, "64 MB took {grown} KB of memory");
}

#[test]
fn a_failed_status_is_returned_and_not_saved() {
    let world = serve_pets(|pets| pets.status(404).json(r#"{"message":"gone"}"#));
    let got = download(&world, "/pets", &[]);
    assert_eq!(got["status"], 404);
    assert_eq!(got["body"], json!({ "message": "gone" }));
    assert_nothing_left(&world);
    assert_eq!(download(&world, "/pets", &["--ok"])["message"], "gone");
    fs::write(out(&world), "old").expect("the home can be written");
    download(&world, "/pets", &[]);
    assert_eq!(fs::read_to_string(out(&world)).ok().as_deref(), Some("old"));
}

#[test]
fn a_broken_connection_leaves_no_partial_file() {
    let world = set_up_with(Sandbox::builder().fault(Fault::on("GET", "*").truncate()));
    let got = download(&world, "/service-info", &["--retries", "1"]);
    assert_eq!(got["kind"], "network", "{got}");
    let message = "The server's answer to GET /service-info is cut short";
    assert_eq!(got["message"], message);
    assert_nothing_left(&world);
}

#[test]
fn a_download_that_breaks_off_begins_again() {
    let once = Fault::on("GET", "/service-info").truncate().times(1);
    let world = set_up_with(Sandbox::builder().fault(once));
    let got = download(&world, "/service-info", &[]);
    assert_eq!((&got["status"], &got["attempts"]), (&json!(200), &json!(2)));
    let saved = fs::read(out(&world)).unwrap_or_default();
    let saved: Value = serde_json::from_slice(&saved).expect("the file is complete");
    assert!(saved["serviceInfo"].is_object(), "{saved}");
}

#[test]
fn a_file_that_cannot_be_written_is_reported_by_name_and_nothing_is_sent() {
    let world = serve_pets(|pets| pets.text("new"));
    fs::create_dir(world.installation.home().join("folder")).expect("the home can be written");
    for (path, why) in [
        ("nothing/out", "can't be written: No such file or directory"),
        ("/proc/out", "can't be written: No such file or directory"),
        ("folder", "is not a regular file, so it can't be replaced"),
    ] {
        let got = download_to(&world, "/pets", path, &[]);
        assert_eq!(got["kind"], "failure", "{got}");
        assert_eq!(got["message"], format!("{path} {why}"));
    }
    world.saw([]);
}

#[cfg(unix)]
#[test]
fn a_pipe_or_a_device_is_never_replaced() {
    use std::os::unix::fs::FileTypeExt;
    let world = serve_pets(|pets| pets.text("new"));
    // A pipe means a device: a mistake here must not replace /dev/null.
    let made = std::process::Command::new("mkfifo")
        .arg(out(&world))
        .status();
    assert!(
        made.is_ok_and(|status| status.success()),
        "mkfifo makes a pipe"
    );
    let got = download(&world, "/pets", &[]);
    let message = "out is not a regular file, so it can't be replaced";
    assert_eq!(got["message"], message);
    let kept = fs::symlink_metadata(out(&world)).map(|out| out.file_type().is_fifo());
    assert_eq!(kept.ok(), Some(true));
    world.saw([]);
}

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_no_partial_file() {
    // A limit on the size of files means a full disk. Without the trap, the signal would end the process.
    let world = serve_large(64 * MIB);
    Tw::new("/bin/sh".as_ref(), &world.installation.home())
        .args(["-c", "trap '' XFSZ; ulimit -f 2048; exec \"$0\" \"$@\""])
        .args([world.installation.tw()])
        .args(["--insecure", "probe", "http", "send", "get", "/large"])
        .args(["--download", "out"])
        .env("TOWER_API_ENDPOINT", world.sandbox.url())
        .env("TOWER_ACCESS_TOKEN", world.sandbox.token())
        .run()
        .fails_with("out can't be written: File too large");
    assert_nothing_left(&world);
}

#[test]
fn an_interrupt_leaves_no_partial_file() {
    let world = serve_large(u64::MAX);
    let running = world.probe(["http", "send", "get", "/large", "--download", "out"]);
    let running = running.start();
    let deadline = Instant::now() + LIMIT;
    let has_begun = || {
        let sizes = list_partial_files(&world).into_iter().map(fs::metadata);
        sizes.flatten().any(|file| file.len() > 0)
    };
    while !has_begun() {
        assert!(Instant::now() < deadline, "the download begins");
        std::thread::sleep(Duration::from_millis(5));
    }
    interrupt(running.id());
    running.ends().exits(130).prints("");
    assert_nothing_left(&world);
}

#[test]
fn an_answer_larger_than_its_limit_is_not_saved() {
    let world = serve_pets(|pets| pets.text("1234567890"));
    let got = download(&world, "/pets", &["--max-body", "9"]);
    assert_eq!(got["kind"], "too_large", "{got}");
    assert_nothing_left(&world);
    download(&world, "/pets", &["--max-body", "10"]);
    assert!(out(&world).exists());
}

#[test]
fn a_deadline_covers_the_whole_download() {
    let drip = Fault::on("GET", "/service-info").slow_drip(20, LIMIT / 60);
    let world = set_up_with(Sandbox::builder().fault(drip));
    let got = download(&world, "/service-info", &["--deadline", "500"]);
    assert_eq!(got["kind"], "timeout", "{got}");
    assert_nothing_left(&world);
}

#[test]
fn a_label_shows_the_progress_of_a_download() {
    let world = serve_pets(|pets| pets.text(&"x".repeat(3 * MIB as usize)));
    let line = [
        "http",
        "send",
        "get",
        "/pets",
        "--download",
        "out",
        "--label",
        "Saving",
    ];
    let left = Terminal::start(world.probe(line)).ends().exits(0);
    left.showed("Saving (MiB)").showed("/3");
    let world = serve_large(8 * MIB);
    let line = [
        "http",
        "send",
        "get",
        "/large",
        "--download",
        "out",
        "--label",
        "Saving",
    ];
    Terminal::start(world.probe(line))
        .ends()
        .exits(0)
        .showed("Saving (");
    world.probe(line).run().exits(0).says("");
}

#[test]
fn verbose_shows_a_download() {
    let world = serve_pets(|pets| pets.text("12345"));
    let line = [
        "-v",
        "probe",
        "http",
        "send",
        "get",
        "/pets",
        "--download",
        "out",
    ];
    world
        .tw(line)
        .exits(0)
        .says_with("< GET /pets: 5 bytes to a file after ");
}
