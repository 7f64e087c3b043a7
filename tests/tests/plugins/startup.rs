//! A command is data until a user runs it: help, version, completion and typos open no plugin library, however many plugins are installed.

use std::path::Path;

use tw_sandbox::Sandbox;
use tw_tests::{Installation, Tw, World, fixture};

use crate::{
    cache::settle_cache,
    given::{make_numbered, report_skip},
};

/// Installs `count` plugins beside the bundled ones, and builds a manifest cache with all of them.
fn install_many(count: u16) -> Installation {
    let installation = Installation::bundled().with_own_files();
    for number in 1..=count {
        let name = format!("numbered-{number:03}");
        installation.add_bytes(&name, &make_numbered(number, number, number));
    }
    let help = installation.command(["--help"]).run().exits(0).says("");
    let commands = help.stdout.matches("command-").count();
    assert_eq!(commands, usize::from(count), "{help}");
    settle_cache(&installation);
    installation
}

/// True if strace works. Panics without it if `CI` is set, because no test may be skipped there.
pub(crate) fn strace_works() -> bool {
    let probe = std::process::Command::new("strace")
        .args(["-f", "-o", "/dev/null", "true"])
        .output();
    let works = probe.is_ok_and(|output| output.status.success());
    if !works {
        assert!(
            std::env::var_os("CI").is_none(),
            "strace is missing, or may not trace"
        );
        report_skip("strace is missing, or may not trace");
    }
    works
}

/// Runs a command under strace, and returns each line of the log in which a plugin library is opened or passed to another process.
#[track_caller]
fn trace_opens(
    installation: &Installation,
    arguments: &[&str],
    more: impl FnOnce(Tw) -> Tw,
) -> (tw_tests::Ran, Vec<String>) {
    let calls = "open,openat,openat2,execve,memfd_create";
    trace(calls, installation, arguments, more)
}

/// Runs a command under strace, and returns each line of the log in which one of these system calls names a plugin library.
#[track_caller]
fn trace(
    calls: &str,
    installation: &Installation,
    arguments: &[&str],
    more: impl FnOnce(Tw) -> Tw,
) -> (tw_tests::Ran, Vec<String>) {
    let log = installation.prefix().join("strace.log");
    let tw = installation.tw();
    let command = Tw::new(Path::new("strace"), &installation.home())
        .args(["-f", "-s", "4096", "-e", &format!("trace={calls}"), "-o"])
        .args([log.as_os_str(), tw.as_os_str()])
        .args(arguments);
    let ran = more(command).run();
    let log = std::fs::read_to_string(&log).expect("strace wrote its log");
    assert!(log.contains("exited with"), "{log}");
    let lines = log.lines().filter(|line| line.contains("libtw_plugin_"));
    (ran, lines.map(str::to_owned).collect())
}

/// True if the last traced command opened the system's root certificates.
fn has_opened_certificates(installation: &Installation) -> bool {
    let log = std::fs::read_to_string(installation.prefix().join("strace.log"))
        .expect("strace wrote its log");
    log.lines()
        .any(|line| line.contains("/ssl/") || line.contains(".pem\""))
}

#[test]
fn plain_http_reads_no_root_certificates() {
    if !strace_works() {
        return;
    }
    let world = World::new();
    let installation = &world.installation;
    installation.command(["--help"]).run().exits(0);
    let list = |sandbox: &Sandbox| {
        let line = ["--insecure", "-u", sandbox.url(), "-t", sandbox.token()];
        let line = [&line[..], &["secrets", "list"]].concat();
        trace_opens(installation, &line, |tw| tw).0
    };
    list(&world.sandbox).exits(0);
    assert!(!has_opened_certificates(installation));
    // https without `--cacert` reads the root certificates.
    list(&Sandbox::builder().start_https()).exits(1);
    assert!(has_opened_certificates(installation));
}

#[test]
fn a_line_that_runs_no_plugin_command_opens_no_plugin() {
    if !strace_works() {
        return;
    }
    let installation = install_many(100);
    let nothing = |arguments: &[&str], exit: i32| {
        let (ran, lines) = trace_opens(&installation, arguments, |tw| tw);
        assert!(lines.is_empty(), "{arguments:?}: {lines:#?}");
        ran.exits(exit)
    };
    nothing(&["--help"], 0).prints_with("command-042");
    nothing(&["-h"], 0).prints_with("command-042");
    nothing(&["--version"], 0).prints_with("tw ");
    nothing(&["secrets", "--help"], 0).prints_with("add");
    nothing(&["secrets", "add", "--help"], 0).prints_with("--name");
    nothing(&["command-042", "--help"], 0).prints_with("One of many");
    nothing(&["secrest"], 2).says_with("'secrets'");
    nothing(&["secrets", "lsit"], 2).says_with("'list'");
    nothing(&["secrets", "add", "--nmae", "x"], 2).says_with("--nmae");
    nothing(&["secrets"], 1).says_with("add");
    nothing(&[], 255).says_with("secrets");
    nothing(&["completion", "bash"], 0).prints_with("__complete");
    // These two check every library as before a run, which opens it and maps nothing.
    let runs_nothing = |arguments: &[&str]| {
        let calls = "execve,memfd_create,mmap";
        let (ran, lines) = trace(calls, &installation, arguments, |tw| tw);
        assert!(lines.is_empty(), "{arguments:?}: {lines:#?}");
        ran.exits(0)
    };
    runs_nothing(&["plugin", "list"]).prints_with("numbered-042");
    runs_nothing(&["plugin", "info", "numbered-042"]).prints_with("command-042");
    for number in [1, 50, 100] {
        let command = format!("command-{number:03}");
        let ran = installation.command([command.as_str(), "-o", "json"]).run();
        let plugin = ran.exits(0).says("").json()["plugin"].clone();
        assert_eq!(plugin, format!("numbered-{number:03}"));
    }
}

#[test]
fn a_line_that_begins_with_a_command_checks_only_its_plugin() {
    if !strace_works() {
        return;
    }
    let installation = install_many(20);
    let looked = |arguments: &[&str]| {
        let calls = "stat,lstat,statx,newfstatat,getdents64";
        let (ran, lines) = trace(calls, &installation, arguments, |tw| tw);
        ran.exits(0).says("");
        lines
    };
    let lines = looked(&["secrets", "--help"]);
    assert!(
        lines
            .iter()
            .all(|line| line.contains("libtw_plugin_secrets")),
        "{lines:#?}"
    );
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(looked(&["plugin", "--help"]).is_empty());
    assert!(looked(&["--version"]).is_empty());
    assert!(looked(&["--help"]).len() > 20);
}

#[test]
fn completion_opens_no_plugin() {
    if !strace_works() {
        return;
    }
    let installation = install_many(12);
    let completed = |words: &[&str]| {
        let line: Vec<&str> = ["__complete", "fish", "--"]
            .iter()
            .chain(words)
            .copied()
            .collect();
        let (ran, lines) = trace_opens(&installation, &line, |tw| tw);
        assert!(lines.is_empty(), "{words:?}: {lines:#?}");
        ran.offered()
    };
    assert_eq!(completed(&["tw", "sec"]), ["secrets"]);
    assert_eq!(completed(&["tw", "command-00"]).len(), 9);
    assert_eq!(completed(&["tw", "secrets", "l"]), ["list"]);
    assert!(completed(&["tw", "secrets", "add", "--na"]).contains(&"--name".to_owned()));
}

#[test]
fn a_command_opens_its_plugin_and_no_other() {
    if !strace_works() {
        return;
    }
    let world = World::of(Sandbox::builder().start(), install_many(12));
    let (ran, lines) = trace_opens(
        &world.installation,
        &["--insecure", "secrets", "list"],
        |tw| {
            tw.env("TOWER_API_ENDPOINT", world.sandbox.url())
                .env("TOWER_ACCESS_TOKEN", world.sandbox.token())
        },
    );
    ran.exits(0)
        .prints_with("Secrets at user workspace")
        .says("");
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(lines[0].contains("libtw_plugin_secrets"), "{lines:#?}");
}

#[test]
fn an_installation_works_from_any_folder_and_through_a_link() {
    let installation = Installation::bare();
    installation.add("healthy", &fixture("tw-plugin-healthy"));
    let link = installation.prefix().join("elsewhere");
    std::os::unix::fs::symlink(installation.tw(), &link).expect("a link can be made");
    Tw::new(&link, &installation.home())
        .args(["healthy"])
        .from(Path::new("/"))
        .run()
        .exits(0)
        .prints(crate::given::HEALTHY)
        .says("");
}

#[test]
fn the_list_of_plugins_reads_each_policy_once() {
    if !strace_works() {
        return;
    }
    let installation = install_many(5);
    let policy = installation.prefix().join("policy.toml");
    std::fs::write(&policy, "").expect("the file can be written");
    // The first list fills the cache, and asking a library needs the policies too.
    installation.command(["plugin", "list"]).run().exits(0);
    let (ran, _) = trace_opens(&installation, &["plugin", "list"], |tw| {
        tw.env("TW_POLICY", &policy)
    });
    ran.exits(0).says("");
    let log = std::fs::read_to_string(installation.prefix().join("strace.log"))
        .expect("strace wrote its log");
    let policy = policy.display().to_string();
    let opens = log.lines().filter(|line| line.contains(&policy));
    assert_eq!(opens.count(), 1, "{log}");
}
