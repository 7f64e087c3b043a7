//! The store: simultaneous changes, a full disk, missing permissions, and which versions each change keeps and removes.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde_json::json;
use tw_tests::{Tw, fixture};

use crate::{
    given::{FIRST, Given, HEALTHY, SECOND, THIRD, public_key},
    machine::{Mounts, Stopped, by_a_stranger, open_to_strangers, strace_works},
};

/// Returns the names in the store at this path, except the lock and the file that guards changes.
fn list_store(store: &Path) -> Vec<String> {
    let entries = fs::read_dir(store).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names
        .filter(|name| name != "plugins.lock" && name != ".busy")
        .collect();
    names.sort();
    names
}

#[test]
fn simultaneous_installs_of_different_plugins_all_succeed() {
    let given = Given::trusting();
    let packages: Vec<PathBuf> = (1..=8)
        .map(|number| given.package(number, FIRST, Some("acme")))
        .collect();
    let start = |package: &PathBuf| {
        let package = package.display().to_string();
        given.start(["plugin", "install", "--yes", &package])
    };
    let running: Vec<_> = packages.iter().map(start).collect();
    for running in running {
        running.ends().exits(0);
    }
    let lock = given.read_lock();
    for number in 1..=8 {
        assert_eq!(
            lock["plugins"][format!("fruit-{number:03}")]["version"],
            FIRST
        );
        given.runs(number, FIRST);
    }
    given.has_nothing_broken();
    assert_eq!(given.list_store().len(), 8);
    assert_eq!(given.list_store(), given.list_used_packages());
}

#[test]
fn simultaneous_installs_of_one_plugin_store_it_once() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, Some("acme")).display().to_string();
    let start = |_| given.start(["plugin", "install", "--yes", &package]);
    let running: Vec<_> = (0..8).map(start).collect();
    for running in running {
        running.ends().exits(0);
    }
    given.runs(1, FIRST);
    given.has_nothing_broken();
    assert_eq!(given.list_store().len(), 1);
}

#[test]
fn a_plugin_runs_at_every_moment_of_its_rollbacks() {
    let given = Given::trusting();
    given.installs(1, FIRST);
    given.installs(1, SECOND);
    std::thread::scope(|scope| {
        let changes = scope.spawn(|| {
            for _ in 0..60 {
                given.tw(["plugin", "rollback", "fruit-001"]).exits(0);
            }
        });
        let mut seen = Vec::new();
        while !changes.is_finished() {
            let version = given.version(1).expect("the plugin always runs");
            assert!(version == FIRST || version == SECOND, "{version}");
            seen.push(version);
            given.has_nothing_broken();
        }
        assert!(!seen.is_empty());
        changes.join().unwrap();
    });
    given.runs(1, SECOND);
}

#[test]
fn the_store_keeps_exactly_one_previous_version() {
    let given = Given::trusting();
    given.installs(1, FIRST);
    let first = given.list_store();
    given.installs(1, SECOND);
    assert_eq!(given.list_store().len(), 2);
    for version in [FIRST, SECOND, FIRST, SECOND] {
        given
            .tw(["plugin", "rollback", "fruit-001"])
            .exits(0)
            .prints(&format!("\n  Plugin 'fruit-001' is {version} again\n\n"));
        given.runs(1, version);
        assert_eq!(given.list_entry("fruit-001")["version"], version);
    }
    given.installs(1, THIRD);
    assert_eq!(given.list_store().len(), 2);
    assert!(!given.list_store().contains(&first[0]));
    given.tw(["plugin", "rollback", "fruit-001"]).exits(0);
    given.runs(1, SECOND);
    given.installs(2, FIRST);
    given.tw(["plugin", "remove", "fruit-001"]).exits(0);
    given.has_no(1);
    given.runs(2, FIRST);
    assert_eq!(given.list_store().len(), 1, "both versions are gone");
    assert_eq!(given.list_store(), given.list_used_packages());
    given
        .tw(["plugin", "rollback", "fruit-001"])
        .fails_with("no plugin `fruit-001` is installed");
    given
        .tw(["plugin", "rollback", "fruit-002"])
        .fails_with("no version before");
}

#[test]
fn the_next_change_removes_unused_packages_from_the_store() {
    let given = Given::trusting();
    given.installs(1, FIRST);
    let unused = given.store().join(format!("sha256-{}", "0".repeat(64)));
    for folder in [&unused, &given.store().join(".new-abc")] {
        fs::create_dir(folder).unwrap();
        fs::write(folder.join("file"), "old").unwrap();
    }
    fs::write(given.store().join(".new-def"), "old").unwrap();
    given.has_nothing_broken();
    // A failed command removes them too. A file that isn't the store's own stays.
    fs::write(given.store().join("mine"), "my own").unwrap();
    given.tw(["plugin", "remove", "fruit-009"]).exits(1);
    let mut expected = given.list_used_packages();
    expected.insert(0, "mine".to_owned());
    assert_eq!(given.list_store(), expected);
    given.runs(1, FIRST);
}

#[test]
fn a_full_disk_is_reported_and_leaves_the_store_unchanged() {
    let given = Given::new();
    let home = given.installation.home();
    let mount = format!(
        "mount -t tmpfs -o size=2m,mode=755 tmpfs {}",
        home.display()
    );
    let Some(mounts) = Mounts::create(&mount) else {
        return;
    };
    let tw = |arguments: &[&str]| mounts.tw(&given, arguments);
    let install = |number| {
        let package = given.package(number, FIRST, Some("acme"));
        tw(&["plugin", "install", "--yes", &package.display().to_string()])
    };
    let key = public_key("acme");
    tw(&["plugin", "key", "trust", "acme", &key, "--plugin", "*"]).exits(0);
    install(1).exits(0);
    let store = mounts.path(&given.store());
    let before = list_store(&store);
    let lock = fs::read(store.join("plugins.lock")).unwrap();
    let filler_path = mounts.path(&home.join("filler"));
    let mut refused = 0;
    for pages in (0..8).chain(120..200) {
        // Fill the disk except for this many pages.
        let mut filler = fs::File::create(&filler_path).unwrap();
        while filler.write_all(&[1; 4096]).is_ok() {}
        let length = filler.metadata().unwrap().len() / 4096 * 4096;
        filler.set_len(length - pages * 4096).unwrap();
        drop(filler);
        let ran = install(2);
        let fits = ran.status.success();
        if fits {
            break;
        }
        refused += 1;
        ran.says_with("make room on the disk")
            .fails_with("can't be changed: No space left on device");
        tw(&["fruit-001", "-o", "json"]).exits(0).says("");
        let list = tw(&["plugin", "list", "-o", "json"]).exits(0).json();
        let listed: Vec<_> = list["plugins"]
            .as_array()
            .unwrap()
            .iter()
            .map(|plugin| json!([plugin["name"], plugin["state"]]))
            .collect();
        assert_eq!(
            json!(listed),
            json!([[HEALTHY, "ok"], ["fruit-001", "ok"]]),
            "{list}"
        );
        assert_eq!(list_store(&store), before, "with {pages} pages left");
        assert_eq!(fs::read(store.join("plugins.lock")).unwrap(), lock);
    }
    assert!(refused > 10, "{refused}");
    tw(&["fruit-002", "-o", "json"]).exits(0);
    tw(&["fruit-001", "-o", "json"]).exits(0);
    assert_eq!(list_store(&store).len(), 2);
}

#[test]
fn plugins_in_a_read_only_store_run_but_cannot_be_changed() {
    let given = Given::trusting();
    given.installs(1, FIRST);
    let store = given.store().display().to_string();
    let mount = format!("mount --bind {store} {store} && mount -o remount,bind,ro {store}");
    let Some(mounts) = Mounts::create(&mount) else {
        return;
    };
    mounts.tw(&given, &["fruit-001"]).exits(0).says("");
    mounts.tw(&given, &["--help"]).exits(0).says("");
    let list = mounts.tw(&given, &["plugin", "list", "-o", "json"]);
    for plugin in list.exits(0).says("").json()["plugins"].as_array().unwrap() {
        assert_eq!(plugin["state"], "ok", "{plugin}");
    }
    let package = given.package(2, FIRST, Some("acme")).display().to_string();
    for line in [
        &["plugin", "install", "--yes", &package][..],
        &["plugin", "remove", "fruit-001"],
        &["plugin", "sync"],
    ] {
        let ran = mounts.tw(&given, line);
        assert_eq!(ran.stderr.matches(" ERROR: ").count(), 1, "{ran}");
        ran.says_with("check that the folder belongs to you and is writable")
            .fails_with("can't be changed: Read-only file system");
    }
    mounts.tw(&given, &["fruit-001"]).exits(0);
    drop(mounts);
    given.install(Path::new(&package)).exits(0);
    given.runs(1, FIRST);
}

/// Another user can read the whole home folder, but not write to it.
#[test]
fn plugins_in_another_users_home_run_but_cannot_be_changed() {
    let given = Given::trusting();
    given.installs(1, FIRST);
    if !open_to_strangers(&given) {
        return;
    }
    let by_a_stranger = |line: &[&str]| by_a_stranger(&given, line).run();
    let ran = by_a_stranger(&["fruit-001", "-o", "json"]);
    assert_eq!(ran.exits(0).says("").json()["version"], FIRST);
    let package = given.package(2, FIRST, Some("acme")).display().to_string();
    let ran = by_a_stranger(&["plugin", "install", "--yes", &package]);
    assert_eq!(ran.stderr.matches(" ERROR: ").count(), 1, "{ran}");
    ran.fails_with("can't be changed: Permission denied");
    given.runs(1, FIRST);
    assert_eq!(given.list_store(), given.list_used_packages());
}

#[test]
fn install_reports_a_missing_home_folder() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, Some("acme")).display().to_string();
    if !open_to_strangers(&given) {
        return;
    }
    let homeless = |line: &[&str]| by_a_stranger(&given, line).without_env("HOME").run();
    homeless(&["plugin", "install", "--yes", "--allow-unsigned", &package])
        .says_with("set HOME")
        .fails_with("there is no home folder to keep it in");
    for line in [&["healthy"][..], &["--help"], &["plugin", "list"]] {
        homeless(line).exits(0).says("");
    }
}

#[test]
fn packages_and_signatures_can_be_read_by_others() {
    use std::os::unix::fs::PermissionsExt;
    let given = Given::new();
    let folder = given.work().join("packing");
    fs::create_dir(&folder).unwrap();
    let library = fixture("tw-plugin-fruit-000");
    for (name, text) in [("LICENSE", "Free."), ("README.md", "# A fruit\n")] {
        fs::write(folder.join(name), text).unwrap();
    }
    fs::copy(library, folder.join("input.so")).unwrap();
    let script = "umask 022; \"$0\" plugin key generate --no-password k && exec \"$0\" plugin pack packing/input.so --sign k";
    let tw = given.installation.tw();
    let sh = Tw::new(Path::new("sh"), &given.installation.home()).args(["-c", script]);
    given.within(sh.args([tw])).run().exits(0);
    let name = format!("fruit-000-{FIRST}-x86_64-linux.tar.gz");
    for (name, mode) in [
        (name.as_str(), 0o644),
        (&format!("{name}.minisig"), 0o644),
        ("k.pub", 0o644),
        ("k", 0o600),
    ] {
        let found = fs::metadata(given.work().join(name)).unwrap().permissions();
        assert_eq!(found.mode() & 0o777, mode, "{name}");
    }
}

#[test]
fn a_running_command_finishes_after_its_plugin_is_upgraded_or_removed() {
    if !strace_works() {
        return;
    }
    let given = Given::trusting();
    given.installs(1, FIRST);
    // The only memory file is the plugin's.
    let run = || Stopped::at(&given, "memfd_create", 1, &["fruit-001", "-o", "json"]);
    let (first, second) = (run(), run());
    given.installs(1, SECOND);
    let third = run();
    given.installs(1, THIRD);
    assert_eq!(first.resume().exits(0).says("").json()["version"], FIRST);
    given.tw(["plugin", "remove", "fruit-001"]).exits(0);
    given.has_no(1);
    assert!(given.list_store().is_empty());
    assert_eq!(second.resume().exits(0).says("").json()["version"], FIRST);
    assert_eq!(third.resume().exits(0).says("").json()["version"], SECOND);
}

#[test]
fn a_pending_change_does_not_disturb_commands_and_the_next_change_waits_for_it() {
    if !strace_works() {
        return;
    }
    let given = Given::trusting();
    given.installs(1, FIRST);
    for (number, ends) in [(2, true), (3, false)] {
        let package = given.package(number, FIRST, Some("acme"));
        let line = ["plugin", "install", "--yes", &package.display().to_string()];
        let stopped = Stopped::at(&given, "fsync", 3, &line);
        given.runs(1, FIRST);
        given.has_no(number);
        given.has_nothing_broken();
        let next = given.package(number + 10, FIRST, Some("acme"));
        let next = given.start(["plugin", "install", "--yes", &next.display().to_string()]);
        wait_for_lock_contention(next.id());
        match ends {
            true => drop(stopped.resume().exits(0)),
            // Dropping a stopped command kills its process.
            false => drop(stopped),
        }
        next.ends().exits(0);
        given.runs(number + 10, FIRST);
        assert_eq!(given.version(number).is_some(), ends);
        given.has_nothing_broken();
        assert_eq!(given.list_store(), given.list_used_packages());
    }
}

/// Waits until this process waits for a file lock.
#[track_caller]
fn wait_for_lock_contention(id: u32) {
    let begin = Instant::now();
    let id = id.to_string();
    loop {
        let locks = fs::read_to_string("/proc/locks").unwrap();
        let waits = |line: &str| line.contains("->") && line.split(' ').any(|word| word == id);
        if locks.lines().any(waits) {
            return;
        }
        assert!(
            begin.elapsed() < Duration::from_secs(30),
            "the process doesn't wait for a lock: {locks}"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
}
