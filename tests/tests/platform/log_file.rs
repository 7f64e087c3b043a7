//! The log file: what begins and ends a run, and which files are refused.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown, lchown, symlink},
    path::Path,
};

use tw_tests::{Tw, World, strangers::STRANGER};

use crate::start_with_secret;

/// Prepares a command line whose log goes to this file.
fn logged(world: &World, line: &[&str], file: &str) -> Tw {
    let tw = world.command(line.iter().copied());
    tw.env("TW_LOG_FILE", file).from(&world.installation.home())
}

/// Returns the lines of a log without their time, each after the ID of the process.
fn read(world: &World, file: &str) -> Vec<(u32, String)> {
    let log = fs::read_to_string(world.installation.home().join(file)).expect("the log is there");
    let lines = log.lines().map(|line| {
        let mut words = line.splitn(3, ' ').skip(1);
        let process = words.next().expect("each line has a process ID");
        let text = words.next().expect("each line has a text").to_owned();
        (process.parse().expect("an ID is a number"), text)
    });
    lines.collect()
}

#[test]
fn the_log_of_a_run_begins_with_its_command_and_ends_with_its_outcome() {
    let version = env!("CARGO_PKG_VERSION");
    for (line, end) in [
        (&["secrets", "list"][..], "0"),
        (&["profile", "list"], "0"),
        (
            &["secrets", "view", "-n", "NOPE"],
            "1: Unknown secret 'NOPE' at user workspace (secret-not-found)",
        ),
        (
            &["profile", "use", "nope"],
            "2: There is no profile `nope` (profile-not-found)",
        ),
        (
            &["secrets", "add", "-n", "9X", "--value-env", "NOPE"],
            "2: ",
        ),
    ] {
        let world = start_with_secret();
        for run in 0..2 {
            let ended = logged(&world, line, "tw.log").run();
            let code = ended.status.code().expect("it exits").to_string();
            let lines = read(&world, "tw.log");
            let own: Vec<&str> = lines
                .iter()
                .filter(|(process, _)| *process == lines[lines.len() - 1].0)
                .map(|(_, text)| text.as_str())
                .collect();
            let begin = format!("tw {version} begins: tw {} {}", line[0], line[1]);
            assert_eq!(own[0], begin, "{run}: {lines:?}");
            let last = own[own.len() - 1];
            let expected = format!("tw ends with the exit code {end}");
            assert!(last.starts_with(&expected), "{last:?} {expected:?}");
            assert!(last.contains(&format!("code {code}")), "{last:?}");
            assert_eq!(own.iter().filter(|line| line.starts_with("tw ")).count(), 2);
        }
    }
}

#[test]
fn a_log_file_that_cannot_be_opened_is_named_with_its_origin_before_anything_is_done() {
    let world = start_with_secret();
    let home = world.installation.home();
    fs::create_dir(home.join("folder")).expect("a folder can be made");
    let made = std::process::Command::new("mkfifo")
        .arg(home.join("pipe"))
        .status();
    assert!(made.expect("mkfifo runs").success());
    symlink(home.join("pipe"), home.join("link")).expect("a link can be made");
    for (file, message, hint) in [
        (
            "missing/x.log",
            "The log file missing/x.log can't be opened: the folder missing doesn't exist",
            "make the folder",
        ),
        ("folder", "The log file folder is a folder", "name a file"),
        ("pipe", "The log file pipe is a named pipe", "name a file"),
        ("link", "The log file link is a named pipe", "name a file"),
        ("-", "The log file - can't be opened", "`--verbose`"),
    ] {
        let delete = ["secrets", "delete", "-n", "KEY"];
        let ran = logged(&world, &delete, file).run().exits(1);
        ran.says_with(message)
            .says_with("TW_LOG_FILE names the log file: ")
            .says_with(hint);
        let line = [&delete[..], &["--log-file", file]].concat();
        let ran = world.command(line.iter().copied()).from(&home).run();
        ran.exits(1)
            .says_with(message)
            .says_with("--log-file names the log file: ");
    }
    world.saw([]);
}

#[test]
fn a_log_can_go_to_a_stream_and_to_the_home_folder() {
    let world = start_with_secret();
    let list = ["secrets", "list"];
    let ran = logged(&world, &list, "/dev/stderr").run().exits(0);
    ran.says_with("GET /pipeline-secrets")
        .says_with("exit code 0");
    logged(&world, &list, "/dev/null").run().exits(0).says("");
    logged(&world, &list, "~/tw.log").run().exits(0).says("");
    assert!(!read(&world, "tw.log").is_empty());
}

#[test]
fn the_file_and_the_link_of_a_stranger_are_refused_and_readers_are_named() {
    let world = start_with_secret();
    let home = world.installation.home();
    let list = ["secrets", "list"];
    let own = home.join("own.log");
    fs::write(&own, "").expect("a file can be written");
    fs::set_permissions(&own, fs::Permissions::from_mode(0o644)).expect("a mode can be set");
    let warning = format!(
        "warning: other users can read the log file {}",
        own.display()
    );
    let path = |path: &Path| path.to_str().expect("the path is UTF-8").to_owned();
    logged(&world, &list, &path(&own))
        .run()
        .exits(0)
        .says_with(&warning);
    fs::set_permissions(&own, fs::Permissions::from_mode(0o600)).expect("a mode can be set");
    logged(&world, &list, &path(&own)).run().exits(0).says("");
    let (link, dangling) = (home.join("link.log"), home.join("dangling.log"));
    symlink(&own, &link).expect("a link can be made");
    symlink(home.join("new.log"), &dangling).expect("a link can be made");
    logged(&world, &list, &path(&link)).run().exits(0).says("");
    if !rustix::process::getuid().is_root() {
        return;
    }
    for link in [&link, &dangling] {
        lchown(link, Some(STRANGER), None).expect("root can do this");
        let ran = logged(&world, &list, &path(link)).run().exits(1);
        ran.says_with("isn't safe: ")
            .says_with(&format!("belongs to the user {STRANGER}"))
            .says_with("TW_LOG_FILE names the log file: name a file of your own");
    }
    assert!(!home.join("new.log").exists());
    let before = fs::read(&own).expect("the log is there");
    chown(&own, Some(STRANGER), None).expect("root can do this");
    logged(&world, &list, &path(&own)).run().exits(1);
    assert_eq!(fs::read(&own).expect("the log is there"), before);
}
