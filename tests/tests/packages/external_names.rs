//! External commands: which names are theirs, and which executables are looked for.

use std::{fs, path::Path};

use tw_tests::Tw;

use crate::given::{FIRST, Given, library, there_is};

#[test]
fn an_external_command_takes_no_name_that_tw_or_a_plugin_has() {
    let given = Given::new();
    given
        .installation
        .add_bytes("fruit-001", &library(1, FIRST));
    for name in ["plugin", "completion", "help", "fruit-001"] {
        given.program(&format!("tw-{name}"), "#!/bin/sh\necho taken\n");
    }
    for line in [
        &["plugin", "list"][..],
        &["plugin"],
        &["completion", "bash"],
        &["completion"],
        &["help"],
        &["fruit-001"],
        &["-o", "json", "fruit-001"],
    ] {
        given
            .with_path(line.iter().copied())
            .run()
            .never_shows("taken");
    }
    given
        .with_path(["fruit-001", "-o", "json"])
        .run()
        .exits(0)
        .prints_with(FIRST);
}

#[test]
fn what_cannot_be_run_is_no_external_command() {
    let given = Given::new();
    let program = given.program("tw-plain", "#!/bin/sh\necho taken\n");
    let mode = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o644);
    fs::set_permissions(program, mode).unwrap();
    fs::create_dir(given.on_path().join("tw-folder")).unwrap();
    std::os::unix::fs::symlink("nowhere", given.on_path().join("tw-nowhere")).unwrap();
    for name in ["plain", "folder", "nowhere"] {
        given.with_path([name]).run().misused(name);
    }
}

#[test]
fn folders_on_path_that_depend_on_where_one_stands_are_passed_over() {
    let given = Given::new();
    given.program("tw-greet", "#!/bin/sh\necho taken\n");
    for path in ["path", "./path", ".", "", ":", "path:/usr/bin"] {
        given
            .command(["greet"])
            .env("PATH", path)
            .run()
            .misused("greet");
        given
            .command(["greet"])
            .env("PATH", path)
            .from(&given.on_path())
            .run()
            .misused("greet");
    }
    given
        .command(["greet"])
        .without_env("PATH")
        .run()
        .misused("greet");
}

#[test]
fn a_name_that_leads_elsewhere_is_no_external_command() {
    let given = Given::new();
    given.program("tw-greet", "#!/bin/sh\necho taken\n");
    fs::create_dir(given.on_path().join("tw-")).unwrap();
    for name in [
        "../path/tw-greet",
        "/../tw-greet",
        "./greet",
        "greet/",
        "..",
        ".",
        "",
        " greet",
        "greet\n",
    ] {
        given.with_path([name]).run().exits(2).prints("");
    }
}

#[test]
fn the_first_on_path_is_run() {
    let given = Given::new();
    given.program("tw-greet", "#!/bin/sh\necho second\n");
    let second = given.work().join("second");
    fs::rename(given.on_path(), &second).unwrap();
    given.program("tw-greet", "#!/bin/sh\necho first\n");
    let path = format!(
        "/nowhere:{}:{}:/usr/bin:/bin",
        given.on_path().display(),
        second.display()
    );
    given
        .command(["greet"])
        .env("PATH", &path)
        .run()
        .exits(0)
        .prints("first\n");
    fs::remove_file(given.on_path().join("tw-greet")).unwrap();
    given
        .command(["greet"])
        .env("PATH", &path)
        .run()
        .exits(0)
        .prints("second\n");
}

#[test]
fn a_slip_of_the_hand_is_still_met_with_a_suggestion() {
    let given = Given::new();
    given.program("tw-greet", "#!/bin/sh\necho taken\n");
    given
        .with_path(["plugn", "list"])
        .run()
        .misused("unrecognized subcommand 'plugn'")
        .says_with("'plugin'");
}

#[test]
fn a_slip_below_a_group_runs_nothing_from_path() {
    let given = Given::new();
    given.program("tw-typo", "#!/bin/sh\necho taken\n");
    given.program("tw-plugin-typo", "#!/bin/sh\necho taken\n");
    for line in [
        &["plugin", "typo"][..],
        &["plugin", "index", "typo"],
        &["help", "typo"],
        &["-o", "json", "plugin", "typo"],
    ] {
        given
            .with_path(line.iter().copied())
            .run()
            .misused("typo")
            .never_shows("taken");
    }
}

#[test]
fn help_looks_for_nothing_on_path() {
    if !there_is("strace") {
        return;
    }
    let given = Given::new();
    given.program("tw-greet", "#!/bin/sh\necho taken\n");
    let path = format!("{}:/usr/bin:/bin", given.on_path().display());
    let tw = given.installation.tw().display().to_string();
    let looks = |arguments: &[&str]| {
        let log = given.work().join("strace.log");
        Tw::new(Path::new("strace"), &given.installation.home())
            .env("PATH", &path)
            .args(["-f", "-e", "trace=%file", "-o", &log.display().to_string()])
            .args([&tw])
            .args(arguments)
            .run()
            .exits(0);
        // The environment of the traced command is not shown: what has the folder's name is a look into it.
        let log = fs::read_to_string(log).expect("strace wrote its log");
        log.contains(&given.on_path().display().to_string())
    };
    for arguments in [&["--help"][..], &["plugin", "list"], &["plugin", "--help"]] {
        assert!(!looks(arguments), "{arguments:?}");
    }
    assert!(looks(&["plugin", "list", "--external"]));
}
