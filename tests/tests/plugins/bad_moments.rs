//! Bad moments: a `tw` that can't ask a library what it is names the cause, and the next start asks again.

use std::{fs, path::Path};

use tw_sandbox::Sandbox;
use tw_tests::{Installation, Tw, World};

use crate::{
    cache::settle_cache,
    constructors::set_up_constructor,
    denied::{Denier, STARTS},
    given::{Given, HEALTHY},
    startup::strace_works,
};

/// The error numbers of Linux.
const EPERM: i32 = 1;
const EAGAIN: i32 = 11;
const ENOMEM: i32 = 12;

/// Prepares a command line of `tw` in a shell that sets a limit first.
fn limit(given: &Given, limit: &str, line: &[&str]) -> Tw {
    let installation = &given.installation;
    let tw = installation.tw();
    let script = format!("ulimit {limit} && exec \"$0\" \"$@\"");
    let shell = Tw::new(Path::new("sh"), &installation.home()).args(["-c", &script]);
    given.apply_variables(shell.args([tw.as_os_str()]).args(line))
}

/// Asserts that the bad moment has left nothing: the next command works, and the cache is the one of a good start.
#[track_caller]
fn assert_forgotten(given: &Given) {
    given.tw(["healthy"]).exits(0).prints(HEALTHY).says("");
    let cache = fs::read(given.installation.index()).expect("there is a cache");
    fs::remove_file(given.installation.index()).expect("the cache can be removed");
    assert!(
        settle_cache(&given.installation) == cache,
        "the cache is not that of a good start"
    );
}

/// System calls of a cold start, the error that each gives at a bad moment, and which call of a thread fails: the first, the last, and the step. The
/// calls before the first one are those of the system's loader.
const FAILURES: [(&str, &str, usize, usize, usize); 6] = [
    ("openat", "EMFILE", 4, 40, 3),
    ("openat", "EIO", 5, 40, 3),
    ("read", "EIO", 4, 40, 3),
    ("mmap", "ENOMEM", 30, 90, 6),
    ("pipe2", "EMFILE", 1, 4, 1),
    ("clone3", "EAGAIN", 1, 3, 1),
];

#[test]
fn a_system_call_that_fails_once_is_forgotten_and_not_blamed_on_the_plugin() {
    if !strace_works() {
        return;
    }
    let given = Given::healthy().with_own_files();
    let installation = &given.installation;
    let tw = installation.tw();
    for (call, error, first, last, step) in FAILURES {
        for number in (first..=last).step_by(step) {
            // A start that failed early has written no cache.
            let _ = fs::remove_file(installation.index());
            let inject = format!("inject={call}:error={error}:when={number}");
            let strace = Tw::new(Path::new("strace"), &installation.home());
            let line = ["-f", "-qq", "-o", "/dev/null", "-e", &inject];
            let ran = strace.args(line).args([tw.as_os_str()]);
            ran.args(["healthy"])
                .run()
                .never_shows("tell its author")
                .never_shows("please report")
                .never_shows("panicked");
            let again = given.tw(["healthy"]);
            assert!(
                again.status.success() && again.stderr.is_empty(),
                "{inject}: {again}"
            );
        }
    }
}

#[test]
fn asking_needs_no_place_for_temporary_files() {
    let given = Given::healthy().env("TMPDIR", "/proc/nope");
    given.tw(["healthy"]).exits(0).prints(HEALTHY).says("");
}

#[test]
fn a_limit_on_the_size_of_files_prevents_nothing() {
    let given = Given::healthy();
    // The cache can't be written with this limit.
    let ran = limit(&given, "-f 0", &["healthy"]).run();
    ran.exits(0).prints(HEALTHY).says("");
}

#[test]
fn a_small_stack_is_enough() {
    for size in ["-s 128", "-s 64"] {
        let given = Given::healthy().with_own_files();
        let ran = limit(&given, size, &["healthy"]).run();
        ran.exits(0).prints(HEALTHY).says("");
        assert_forgotten(&given);
    }
}

#[test]
fn a_limit_on_open_files_is_named_and_forgotten() {
    let given = Given::healthy().with_own_files();
    let ran = limit(&given, "-n 5", &["healthy"]).run();
    ran.fails_with("The plugin `healthy` cannot be used: it can't be asked what it is: the limit on open files of this process is reached")
        .says_with("`ulimit -n 1024`")
        .never_shows("tell its author");
    assert_forgotten(&given);
}

#[test]
fn libraries_are_asked_one_at_a_time_if_there_is_no_room_for_several() {
    let given = Given::healthy();
    for number in 1..=8 {
        let library = crate::given::make_numbered(number, number, number);
        given
            .installation
            .add_bytes(&format!("n{number}"), &library);
    }
    // One child needs the library, the pipe and the null device, and so do the standard streams of its parent.
    limit(&given, "-n 8", &["--help"])
        .run()
        .exits(0)
        .prints_with("command-008")
        .says("");
}

#[test]
fn a_shortage_of_processes_or_memory_is_named_and_forgotten() {
    let Some(denier) = Denier::build() else {
        return;
    };
    for (error, reason, remedy) in [
        (
            EAGAIN,
            "the limit on processes and threads is reached",
            "`ulimit -u`",
        ),
        (ENOMEM, "there is not enough memory", "free memory"),
        (
            EPERM,
            "this system or container allows no new processes and threads",
            "update the container runtime",
        ),
    ] {
        let given = Given::healthy().with_own_files();
        let ran = denier.command(&given, error, &STARTS, &["healthy"]).run();
        ran.fails_with(&format!("it can't be asked what it is: {reason}"))
            .says_with(remedy)
            .never_shows("tell its author")
            .never_shows("temporary");
        assert_forgotten(&given);
    }
}

#[test]
fn a_limit_on_threads_is_named_if_a_host_name_is_looked_up() {
    let Some(denier) = Denier::build() else {
        return;
    };
    let installation = Installation::bundled().with_own_files();
    let world = World::of(Sandbox::builder().start(), installation);
    let url = world.sandbox.url().replace("127.0.0.1", "localhost");
    let list = ["--insecure", "-u", &url, "secrets", "list"];
    world.tw(list).exits(0);
    let words = denier.words(&world.installation.tw(), EAGAIN, &STARTS);
    let tw = Tw::new(denier.path(), &world.installation.home()).args(words);
    let tw = tw
        .args(list)
        .env("TOWER_ACCESS_TOKEN", world.sandbox.token());
    tw.run()
        .fails_with("Cannot start a thread: the limit on processes and threads is reached")
        .never_shows("please report it");
}

#[test]
fn a_sandbox_that_denies_only_clone3_prevents_nothing() {
    let Some(denier) = Denier::build() else {
        return;
    };
    let given = Given::healthy();
    denier
        .command(&given, EPERM, &["clone3"], &["healthy"])
        .run()
        .exits(0)
        .prints(HEALTHY);
}

#[test]
fn a_library_that_ended_the_child_process_is_asked_again() {
    for (does, reason) in [
        ("exit", "it ended the process with exit code 7"),
        ("abort", "it crashed (SIGABRT)"),
        ("kill", "it was killed"),
    ] {
        let given = set_up_constructor(does).with_own_files();
        let ran = given.tw(["constructor"]);
        ran.fails_with(&format!("cannot be used: {reason} when it was loaded"));
        let given = given.env("TW_CONSTRUCTOR", "nothing");
        given.tw(["constructed"]).exits(0).says("");
    }
}

#[test]
fn a_crash_under_a_limit_on_memory_is_not_blamed_on_the_plugin() {
    let given = set_up_constructor("abort");
    let ran = limit(&given, "-v 4000000", &["constructor"]).run();
    ran.fails_with("it crashed (SIGABRT) when it was loaded")
        .says_with("free memory, or raise the limit (`ulimit -v`")
        .never_shows("tell its author");
}

#[test]
fn a_killed_child_process_is_no_fault_of_the_plugin() {
    set_up_constructor("kill").refuses(
        "constructor",
        "it was killed when it was loaded",
        "often because memory or another limit ran out",
    );
}
