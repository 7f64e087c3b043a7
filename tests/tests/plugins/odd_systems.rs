//! Odd systems: read-only, without `/proc` or devices, or with a home that can't be reached. What can work works, and a message names what is missing.

use std::{fs, os::unix::fs::symlink, path::Path};

use tw_tests::{Ran, Tw, World, has_program};

use crate::{
    c::{Workshop, text},
    denied::{Denier, STARTS},
    given::{Given, HEALTHY, as_stranger, is_root, report_skip, run_as_stranger, set_mode},
};

const ENOSYS: i32 = 38;

/// Runs a command line in a mount namespace of its own, after a script of a shell. `None` if nothing can be mounted here.
fn run_after(script: &str, given: &Given, line: &[String]) -> Option<Ran> {
    if !is_root() || !has_program("unshare") {
        report_skip("only root may mount");
        return None;
    }
    let script = format!("mount --make-rprivate / && {{ {script}; }} && exec \"$@\"");
    let unshare = Tw::new(Path::new("unshare"), &given.installation.home());
    let unshare = unshare.args(["--mount", "sh", "-c", &script, "sh"]);
    let ran = given.apply_variables(unshare.args(line)).run();
    if ran.stderr.contains("unshare failed") {
        report_skip("nothing can be mounted here");
        return None;
    }
    Some(ran)
}

/// Makes every file system read-only, and asserts that nothing can be written to the folder for temporary files.
const READ_ONLY: &str = r"for at in $(cut -d' ' -f5 /proc/self/mountinfo | sort -r); do mount -o remount,bind,ro $at || true; done 2>/dev/null
! touch /tmp/written 2>/dev/null";

const NO_PROC: &str = "umount -l /proc";

/// Replaces the folder of devices by an empty one.
const NO_DEVICES: &str = "mount -t tmpfs tmpfs /dev";

/// Returns a command line of this installation.
fn line(given: &Given, arguments: &[&str]) -> Vec<String> {
    let words = arguments.iter().map(|word| (*word).to_owned());
    std::iter::once(text(&given.installation.tw()))
        .chain(words)
        .collect()
}

#[test]
fn everything_works_on_a_read_only_system_with_a_cold_cache() {
    let world = World::new();
    let given = Given::of(world.installation)
        .env("TOWER_API_ENDPOINT", world.sandbox.url())
        .env("TOWER_ACCESS_TOKEN", world.sandbox.token());
    for (arguments, result) in [
        (
            &["--insecure", "secrets", "list"][..],
            "Secrets at user workspace",
        ),
        (&["healthy"], HEALTHY),
        (&["plugin", "list"], "healthy"),
        (&["--help"], "secrets"),
    ] {
        let Some(ran) = run_after(READ_ONLY, &given, &line(&given, arguments)) else {
            return;
        };
        ran.exits(0).prints_with(result).says("");
        assert!(!given.installation.index().exists());
    }
}

#[test]
fn bundled_plugins_work_without_proc_and_without_devices() {
    for script in [NO_PROC, NO_DEVICES] {
        let given = Given::healthy();
        for _ in ["cold", "warm"] {
            let Some(ran) = run_after(script, &given, &line(&given, &["healthy"])) else {
                return;
            };
            ran.exits(0).prints(HEALTHY).says("");
        }
    }
}

#[test]
fn bundled_plugins_work_without_memory_files() {
    let Some(denier) = Denier::build() else {
        return;
    };
    let given = Given::healthy();
    let command = denier.command(&given, ENOSYS, &["memfd_create"], &["healthy"]);
    command.run().exits(0).prints(HEALTHY).says("");
}

#[test]
fn a_missing_null_device_is_named_if_nothing_can_replace_it() {
    let Some(denier) = Denier::build() else {
        return;
    };
    let given = Given::healthy();
    let tw = given.installation.tw();
    let words = denier.words(&tw, ENOSYS, &["memfd_create"]);
    let line = [&[text(denier.path())], &words[..], &["healthy".to_owned()]].concat();
    let Some(ran) = run_after(NO_DEVICES, &given, &line) else {
        return;
    };
    ran.fails_with("it can't be asked what it is: /dev/null is missing")
        .says_with("check that /dev and /proc are mounted");
    given.tw(["healthy"]).exits(0).prints(HEALTHY).says("");
}

/// Installs a plugin in C with the command `digit`, which returns 7. `None` if gcc is missing.
fn install_digit() -> Option<Given> {
    let workshop = Workshop::open()?;
    let library = text(&workshop.plugin("digit", "", "7", &[]));
    for name in ["LICENSE", "README.md"] {
        fs::write(workshop.path(name), "Text\n").expect("the file can be written");
    }
    let given = Given::healthy();
    let out = text(&workshop.path(""));
    let packed = given.tw(["plugin", "pack", &library, "--out", &out, "-o", "json"]);
    let packed = packed.exits(0).json();
    let package = packed["path"].as_str().expect("the path of the package");
    let install = ["plugin", "install", "--yes", "--allow-unsigned", package];
    given.tw(install).exits(0);
    Some(given)
}

#[test]
fn installed_plugins_work_without_memory_files() {
    let Some(given) = install_digit() else { return };
    let Some(denier) = Denier::build() else {
        return;
    };
    let command = denier.command(&given, ENOSYS, &["memfd_create"], &["digit", "-o", "json"]);
    command.run().exits(0).prints("7\n").says("");
}

#[test]
fn installed_plugins_name_proc_if_it_is_missing() {
    let Some(given) = install_digit() else { return };
    if let Some(ran) = run_after(NO_PROC, &given, &line(&given, &["digit"])) {
        ran.fails_with(
            "The plugin `digit` cannot be used: there is no place to map it from: /proc is missing",
        )
        .says_with("\n        mount /proc\n");
    }
}

#[test]
fn a_command_runs_without_another_thread() {
    let Some(denier) = Denier::build() else {
        return;
    };
    let given = Given::healthy().with_own_files();
    given.tw(["healthy"]).exits(0);
    // EAGAIN is what a limit on processes gives.
    let ran = denier.command(&given, 11, &STARTS, &["healthy"]).run();
    ran.exits(0)
        .prints(HEALTHY)
        .says_with("Ctrl-C can't be handled: the limit on processes and threads is reached");
}

/// Asserts that a run with this home works, and gives one warning with this reason.
#[track_caller]
fn assert_warned_once(world: &World, home: &Path, reason: &str) {
    let ran = world.command(["secrets", "list"]).env("HOME", home).run();
    let ran = ran.exits(0).prints_with("Secrets at user workspace");
    assert_eq!(ran.stderr.matches("warning: ").count(), 1, "{ran}");
    assert_eq!(ran.stderr.lines().count(), 1, "{ran}");
    ran.says_with(&format!("can't be reached ({reason})"))
        .says_with(", so it isn't used: set HOME");
}

#[test]
fn a_home_that_cant_be_reached_counts_as_absent_with_one_warning() {
    let world = World::new();
    let prefix = world.installation.prefix();
    fs::write(prefix.join("file"), "a file").expect("a file can be written");
    symlink(prefix.join("loop"), prefix.join("loop")).expect("a link can be made");
    for (home, reason) in [
        (Path::new("/dev/null"), "Not a directory"),
        (&prefix.join("file"), "Not a directory"),
        (&prefix.join("file/home"), "Not a directory"),
        (&prefix.join("loop"), "Too many levels of symbolic links"),
        (&prefix.join("n".repeat(300)), "File name too long"),
    ] {
        assert_warned_once(&world, home, reason);
    }
    // A home that doesn't exist is a home without files.
    let command = world.command(["secrets", "list"]);
    command.env("HOME", "/nonexistent").run().exits(0).says("");
}

#[test]
fn a_closed_home_of_another_user_counts_as_absent_with_one_warning() {
    if !is_root() {
        return report_skip("only root can run a command as another user");
    }
    let given = Given::healthy();
    let closed = given.installation.prefix().join("closed");
    fs::create_dir(&closed).expect("a folder can be made");
    set_mode(&closed, 0o700);
    let home = closed.join("home");
    for (line, result) in [
        (&["healthy"][..], HEALTHY),
        (&["plugin", "list"], "healthy"),
    ] {
        let Some(command) = as_stranger(&given, line) else {
            return;
        };
        let ran = command.env("HOME", &home).run();
        let ran = ran.exits(0).prints_with(result);
        assert_eq!(ran.stderr.matches("warning: ").count(), 1, "{ran}");
        ran.says_with("can't be reached (Permission denied), so it isn't used");
    }
}

#[test]
fn a_configuration_that_cant_be_parsed_or_read_stops() {
    let world = World::new();
    let folder = world.installation.home().join(".config/tw");
    fs::create_dir_all(&folder).expect("the folder can be made");
    let file = folder.join("config.toml");
    fs::write(&file, "[http\n").expect("the file can be written");
    let list = || world.tw(["secrets", "list"]);
    list().fails_with("config.toml: line 1 is not valid TOML");
    fs::write(&file, "[http]\n<<<<<<< HEAD\nretries = 0\n").expect("the file can be written");
    list().fails_with("config.toml: the file has conflict markers of a merge (line 2)");
    fs::write(&file, b"\xff\xfe[\0").expect("the file can be written");
    list().fails_with("config.toml: the file is UTF-16, not UTF-8");
    fs::write(&file, b"\xef\xbb\xbf[http]\r\nretries = 0\r\n").expect("the file can be written");
    list().exits(0).says("");
    fs::remove_file(&file).expect("the file can be removed");
    fs::create_dir(&file).expect("a folder can be made");
    list().fails_with("Cannot read the configuration");
}

#[test]
fn an_unknown_command_names_the_folder_of_plugins_that_cant_be_read() {
    let given = Given::healthy();
    let folder = given.installation.plugins();
    let closed = folder.parent().expect("the folder has a parent");
    set_mode(closed, 0o000);
    let ran = run_as_stranger(&given, &["healthy"]);
    set_mode(closed, 0o755);
    if let Some(ran) = ran {
        ran.rejects(&format!(
            "warning: no plugins came with this tw: {}: Permission denied",
            folder.display()
        ));
    }
}
