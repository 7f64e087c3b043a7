//! External commands: which names they can have, and which executables count.

use std::{fs, path::Path};

use tw_tests::Tw;

use crate::given::{FIRST, Given, has_program, library};

#[test]
fn an_external_command_never_replaces_a_command_of_tw_or_of_a_plugin() {
    let given = Given::new();
    given
        .installation
        .add_bytes("fruit-001", &library(1, FIRST));
    for name in ["plugin", "completion", "help", "fruit-001"] {
        given.add_program(&format!("tw-{name}"), "#!/bin/sh\necho taken\n");
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
fn a_file_that_is_not_executable_is_no_external_command() {
    let given = Given::new();
    let program = given.add_program("tw-plain", "#!/bin/sh\necho taken\n");
    let mode = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o644);
    fs::set_permissions(program, mode).unwrap();
    fs::create_dir(given.on_path().join("tw-folder")).unwrap();
    std::os::unix::fs::symlink("nowhere", given.on_path().join("tw-nowhere")).unwrap();
    for name in ["plain", "folder", "nowhere"] {
        given.with_path([name]).run().rejects(name);
    }
}

#[test]
fn relative_folders_on_path_are_ignored() {
    let given = Given::new();
    given.add_program("tw-greet", "#!/bin/sh\necho taken\n");
    for path in ["path", "./path", ".", "", ":", "path:/usr/bin"] {
        given
            .command(["greet"])
            .env("PATH", path)
            .run()
            .rejects("greet");
        given
            .command(["greet"])
            .env("PATH", path)
            .from(&given.on_path())
            .run()
            .rejects("greet");
    }
    given
        .command(["greet"])
        .without_env("PATH")
        .run()
        .rejects("greet");
}

#[test]
fn a_name_with_a_path_in_it_is_no_external_command() {
    let given = Given::new();
    given.add_program("tw-greet", "#!/bin/sh\necho taken\n");
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
fn the_first_executable_on_path_runs() {
    let given = Given::new();
    given.add_program("tw-greet", "#!/bin/sh\necho second\n");
    let second = given.work().join("second");
    fs::rename(given.on_path(), &second).unwrap();
    given.add_program("tw-greet", "#!/bin/sh\necho first\n");
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
fn a_mistyped_command_is_still_answered_with_a_suggestion() {
    let given = Given::new();
    given.add_program("tw-greet", "#!/bin/sh\necho taken\n");
    given
        .with_path(["plugn", "list"])
        .run()
        .rejects("unrecognized subcommand 'plugn'")
        .says_with("'plugin'");
}

#[test]
fn a_mistyped_subcommand_runs_nothing_from_path() {
    let given = Given::new();
    given.add_program("tw-typo", "#!/bin/sh\necho taken\n");
    given.add_program("tw-plugin-typo", "#!/bin/sh\necho taken\n");
    for line in [
        &["plugin", "typo"][..],
        &["plugin", "index", "typo"],
        &["-o", "json", "plugin", "typo"],
    ] {
        given
            .with_path(line.iter().copied())
            .run()
            .rejects("typo")
            .never_shows("taken");
    }
    given
        .with_path(["help", "typo"])
        .run()
        .exits(0)
        .prints_with("tw-typo\n")
        .never_shows("taken");
}

#[test]
fn help_does_not_search_path() {
    if !has_program("strace") {
        return;
    }
    let given = Given::new();
    given.add_program("tw-greet", "#!/bin/sh\necho taken\n");
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
        // strace doesn't print the environment, so a line with the folder's name is an access to the folder.
        let log = fs::read_to_string(log).expect("strace wrote its log");
        log.contains(&given.on_path().display().to_string())
    };
    for arguments in [&["--help"][..], &["plugin", "list"], &["plugin", "--help"]] {
        assert!(!looks(arguments), "{arguments:?}");
    }
    assert!(looks(&["plugin", "list", "--external"]));
}
