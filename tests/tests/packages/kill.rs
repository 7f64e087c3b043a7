//! `tw plugin`, killed at any moment, leaves either the old state or the new one. The next change removes everything left behind.

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};

use crate::{
    given::{FIRST, Given, SECOND, THIRD, digest, public_key, secret_key, signature_of},
    machine::{kill, strace, strace_works},
};

/// A pseudorandom number generator (splitmix64).
struct Dice(u64);

impl Dice {
    /// Seeds the generator from `TW_TEST_SEED`, or from the clock. Prints the seed, so that a failed test can be repeated.
    fn new() -> Self {
        let given = std::env::var("TW_TEST_SEED").ok();
        let seed = given.and_then(|seed| seed.parse().ok()).unwrap_or_else(|| {
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            now.map_or(0, |now| u64::from(now.subsec_nanos()))
        });
        eprintln!("TW_TEST_SEED={seed}");
        Self(seed)
    }

    /// Returns a number below `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

/// A command line that is killed many times, each time at another point.
struct Victim<'a> {
    given: &'a Given,
    line: Vec<&'a str>,
    /// Restores the state before the command.
    before: Box<dyn Fn() + 'a>,
    /// Asserts what must hold after the command, at whichever point it was killed.
    after: Box<dyn Fn() + 'a>,
}

impl Victim<'_> {
    /// Kills the command `times` times, after random durations up to the time that the command takes.
    fn kill_at_random_moments(&self, times: u64) {
        let mut dice = Dice::new();
        let longest = (0..3).map(|_| {
            (self.before)();
            let begin = Instant::now();
            self.given.tw(self.line.iter().copied()).exits(0);
            begin.elapsed()
        });
        let longest = longest.max().unwrap_or_default();
        let longest = u64::try_from(longest.as_micros()).expect("the duration fits in 64 bits");
        let mut killed = 0;
        // A command that ended before the kill isn't counted.
        for time in 0..10 * times {
            (self.before)();
            let moment = Duration::from_micros(dice.below(longest.max(1)));
            eprintln!("time {time}: killed after {moment:?} of {longest} µs");
            let running = self.given.start(self.line.iter().copied());
            std::thread::sleep(moment);
            kill(running.id());
            killed += u64::from(running.ends().status.code().is_none());
            self.assert_whole(time % 2 == 0);
            if killed == times {
                return;
            }
        }
        panic!("{killed} of {times} were killed before their end");
    }

    /// Kills the command once at each system call that changes something.
    fn kill_at_each_system_call(&self) {
        if !strace_works() {
            return;
        }
        let calls = "flock mkdir openat write fsync fcntl rename renameat unlink unlinkat rmdir";
        let mut killed = 0;
        for call in calls.split(' ') {
            for number in 1.. {
                (self.before)();
                eprintln!("killed at {call} number {number}");
                let inject = format!("inject={call}:signal=SIGKILL:when={number}");
                let options = ["-e", &format!("trace={call}"), "-e", &inject];
                let log = self.given.work().join("killed.log");
                let ran = strace(self.given, &log, options, &self.line).run();
                self.assert_whole(number % 2 == 0);
                if ran.status.success() {
                    break;
                }
                assert_eq!(ran.status.code(), None, "{ran}");
                killed += 1;
            }
        }
        assert!(killed > 20, "only {killed} steps were seen");
    }

    /// Asserts that nothing is broken, before and after the next change, and that the next change removes everything left behind.
    fn assert_whole(&self, by_sync: bool) {
        let given = self.given;
        given.has_nothing_broken();
        (self.after)();
        match by_sync {
            true => given.tw(["plugin", "sync"]).exits(0),
            false if has_another(given) => given.tw(["plugin", "remove", "fruit-099"]).exits(0),
            false => given
                .install(&given.package(99, FIRST, Some("acme")))
                .exits(0),
        };
        given.has_nothing_broken();
        (self.after)();
        if given.lock_file().exists() {
            assert_eq!(given.list_store(), given.list_used_packages());
        } else {
            assert!(given.list_store().is_empty(), "{:?}", given.list_store());
        }
    }
}

/// True if fruit 99 is installed. That fruit exists only so that installing or removing it is a change.
fn has_another(given: &Given) -> bool {
    given.lock_file().exists() && given.read_lock()["plugins"].get("fruit-099").is_some()
}

/// Removes these fruits if they are installed.
fn remove_fruits(given: &Given, numbers: &[u16]) {
    for number in numbers {
        let name = format!("fruit-{number:03}");
        let removed = given.tw(["plugin", "remove", name.as_str()]);
        assert!(
            removed.status.success() || removed.stderr.contains("is installed"),
            "{removed}"
        );
    }
}

fn prepare_install(given: &Given) -> Victim<'_> {
    let package = given.package(1, FIRST, Some("acme")).display().to_string();
    Victim {
        given,
        line: vec!["plugin", "install", "--yes", package.leak()],
        before: Box::new(|| remove_fruits(given, &[1])),
        after: Box::new(|| {
            let version = given.version(1);
            assert!(
                matches!(version.as_deref(), None | Some(FIRST)),
                "{version:?}"
            );
        }),
    }
}

#[test]
fn an_install_killed_at_a_random_moment_installs_all_or_nothing() {
    prepare_install(&Given::trusting()).kill_at_random_moments(60);
}

#[test]
fn an_install_killed_at_any_system_call_installs_all_or_nothing() {
    prepare_install(&Given::trusting()).kill_at_each_system_call();
}

/// Adds an index in the work folder with three versions of the first fruit.
fn add_index(given: &Given) {
    let folder = given.work().join("index");
    fs::create_dir_all(&folder).unwrap();
    let mut versions = serde_json::Map::new();
    for version in [FIRST, SECOND, THIRD] {
        let package = given.package(1, version, Some("acme"));
        let name = package.file_name().unwrap();
        fs::copy(&package, folder.join(name)).unwrap();
        fs::copy(signature_of(&package), signature_of(&folder.join(name))).unwrap();
        let released =
            json!({ "source": name.to_str(), "digest": digest(&fs::read(&package).unwrap()) });
        versions.insert(
            version.to_owned(),
            json!({ "targets": { "x86_64-linux": released } }),
        );
    }
    let document = json!({
        "format": 1,
        "serial": 1,
        "publishers": { "acme": { "key": public_key("acme") } },
        "plugins": { "fruit-001": { "publisher": "acme", "versions": versions } },
    });
    let file = folder.join("index.json");
    fs::write(&file, document.to_string()).unwrap();
    let key = secret_key("acme").display().to_string();
    let file = file.display().to_string();
    given.tw(["plugin", "sign", "--key", &key, &file]).exits(0);
    let folder = folder.display().to_string();
    let key = public_key("acme");
    given
        .tw(["plugin", "index", "add", "acme", &folder, "--key", &key])
        .exits(0);
}

/// Prepares an upgrade from the second version to the third. Before it, the first version is kept for a rollback; after it, the second is.
fn prepare_upgrade(given: &Given) -> Victim<'_> {
    add_index(given);
    Victim {
        given,
        line: vec!["plugin", "upgrade", "--yes", "fruit-001"],
        before: Box::new(|| {
            remove_fruits(given, &[1]);
            for version in [FIRST, SECOND] {
                let source = format!("acme/fruit-001@={version}");
                given.tw(["plugin", "install", "--yes", &source]).exits(0);
            }
        }),
        after: Box::new(|| {
            let version = given.version(1).expect("the fruit is installed");
            let before = match version.as_str() {
                SECOND => FIRST,
                THIRD => SECOND,
                _ => panic!("{version}"),
            };
            for version in [before, &version] {
                given.tw(["plugin", "rollback", "fruit-001"]).exits(0);
                given.runs(1, version);
            }
        }),
    }
}

#[test]
fn an_upgrade_killed_at_a_random_moment_leaves_the_old_or_the_new_version_with_its_rollback() {
    prepare_upgrade(&Given::trusting()).kill_at_random_moments(60);
}

#[test]
fn an_upgrade_killed_at_any_system_call_leaves_the_old_or_the_new_version_with_its_rollback() {
    prepare_upgrade(&Given::trusting()).kill_at_each_system_call();
}

fn prepare_removal(given: &Given) -> Victim<'_> {
    given.installs(2, FIRST);
    Victim {
        given,
        line: vec!["plugin", "remove", "fruit-001"],
        before: Box::new(|| given.installs(1, FIRST)),
        after: Box::new(|| {
            let version = given.version(1);
            assert!(
                matches!(version.as_deref(), None | Some(FIRST)),
                "{version:?}"
            );
            given.runs(2, FIRST);
        }),
    }
}

#[test]
fn a_removal_killed_at_a_random_moment_leaves_the_whole_plugin_or_nothing() {
    prepare_removal(&Given::trusting()).kill_at_random_moments(50);
}

#[test]
fn a_removal_killed_at_any_system_call_leaves_the_whole_plugin_or_nothing() {
    prepare_removal(&Given::trusting()).kill_at_each_system_call();
}

/// Prepares a sync with a colleague's lock, which has a newer first fruit and the second fruit, but not the third.
fn prepare_sync<'a>(given: &'a Given, colleague: &Given) -> Victim<'a> {
    colleague.installs(1, SECOND);
    colleague.installs(2, FIRST);
    let lock: PathBuf = given.work().join("team.lock");
    fs::copy(colleague.lock_file(), &lock).unwrap();
    let lock = lock.display().to_string();
    Victim {
        given,
        line: vec!["plugin", "sync", "--prune", "--lockfile", lock.leak()],
        before: Box::new(|| {
            remove_fruits(given, &[1, 2]);
            given.installs(1, FIRST);
            given.installs(3, FIRST);
        }),
        after: Box::new(|| {
            let versions = [1, 2, 3].map(|number| given.version(number));
            let versions = versions.each_ref().map(Option::as_deref);
            let old = [Some(FIRST), None, Some(FIRST)];
            let new = [Some(SECOND), Some(FIRST), None];
            assert!(versions == old || versions == new, "{versions:?}");
        }),
    }
}

#[test]
fn a_sync_killed_at_a_random_moment_changes_all_or_nothing() {
    let colleague = Given::trusting();
    prepare_sync(&Given::trusting(), &colleague).kill_at_random_moments(50);
}

#[test]
fn a_sync_killed_at_any_system_call_changes_all_or_nothing() {
    let colleague = Given::trusting();
    prepare_sync(&Given::trusting(), &colleague).kill_at_each_system_call();
}

#[test]
fn a_repair_killed_at_any_system_call_never_lets_a_damaged_library_run() {
    let given = &Given::trusting();
    given.installs(1, FIRST);
    let library = given
        .store()
        .join(&given.list_store()[0])
        .join("libtw_plugin_fruit_001.so");
    if !strace_works() {
        return;
    }
    let mut killed = 0;
    for call in ["mkdir", "write", "fsync", "rename", "renameat", "unlinkat"] {
        for number in 1.. {
            eprintln!("killed at {call} number {number}");
            let mut damaged = fs::read(&library).unwrap();
            damaged[1000] ^= 1;
            fs::write(&library, damaged).unwrap();
            let inject = format!("inject={call}:signal=SIGKILL:when={number}");
            let options = ["-e", &format!("trace={call}"), "-e", &inject];
            let log = given.work().join("killed.log");
            let ran = strace(given, &log, options, &["plugin", "sync"]).run();
            given.marks();
            let state: Value = given.list_entry("fruit-001")["state"].clone();
            let runs = given.tw(["fruit-001"]);
            match state == "ok" {
                true => runs.exits(0),
                false => runs.fails_with("`tw plugin sync`"),
            };
            assert_eq!(given.marks(), usize::from(state == "ok"));
            given.tw(["plugin", "sync"]).exits(0);
            given.runs(1, FIRST);
            assert_eq!(given.list_store(), given.list_used_packages());
            if ran.status.success() {
                break;
            }
            killed += 1;
        }
    }
    assert!(killed >= 5, "killed {killed} times only");
}
