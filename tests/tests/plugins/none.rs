//! A `tw` that finds no plugins says where it looked and why nothing was there.

use std::{fs, path::Path};

use tw_tests::{Installation, Ran, Tw, artifacts, fixture};

/// Asserts that a plugin's command and the list of plugins both give this reason.
#[track_caller]
fn assert_explained(run: impl Fn(&[&str]) -> Ran, reason: &str) {
    let secrets = run(&["secrets", "list"]).exits(2).prints("");
    let list = run(&["plugin", "list"]).exits(0);
    for ran in [secrets, list] {
        let warning = format!("warning: no plugins came with this tw: {reason}\n");
        assert!(ran.stderr.contains(&warning), "no {warning:?} in {ran}");
    }
}

#[test]
fn a_missing_folder_is_named() {
    let installation = Installation::bare();
    fs::remove_dir(installation.plugins()).expect("the folder can be removed");
    let folder = installation.plugins();
    assert_explained(
        |line| installation.command(line.iter().copied()).run(),
        &format!("{}: there is no such folder", folder.display()),
    );
}

#[test]
fn an_empty_folder_is_named() {
    let installation = Installation::bare();
    let folder = installation.plugins();
    assert_explained(
        |line| installation.command(line.iter().copied()).run(),
        &format!(
            "{}: no file there is named libtw_plugin_*.so",
            folder.display()
        ),
    );
}

#[test]
fn a_command_of_a_missing_bundled_plugin_is_no_command_of_the_existing_cli() {
    let installation = Installation::bare();
    for (line, plugin) in [
        (&["secrets", "list"][..], "secrets"),
        (&["api", "/x"], "rest"),
        (&["organizations", "list"], "workspaces"),
    ] {
        let ran = installation.command(line.iter().copied()).run().exits(2);
        let tip =
            format!("the bundled plugin `{plugin}`, which is missing or damaged: `tw doctor`");
        ran.says_with(&tip);
    }
    // `tw api` is missing too.
    let ran = installation.command(["launch"]).run().exits(2);
    assert!(!ran.stderr.contains("tw api"), "{ran}");
}

#[test]
fn libraries_beside_a_binary_in_bin_are_not_used() {
    let installation = Installation::bare();
    fs::remove_dir(installation.plugins()).expect("the folder can be removed");
    let beside = installation.prefix().join("bin");
    let library = &artifacts().plugins["tw-plugin-secrets"];
    fs::hard_link(library, beside.join("libtw_plugin_secrets.so")).expect("it can be linked");
    let reason = format!(
        "{folder}: there is no such folder (the libraries in {} are not used, because a tw in a folder `bin` has its plugins in {folder})",
        beside.display(),
        folder = installation.plugins().display(),
    );
    assert_explained(
        |line| installation.command(line.iter().copied()).run(),
        &reason,
    );
}

#[test]
fn a_binary_that_was_copied_alone_names_its_own_folder() {
    let installation = Installation::bare();
    let folder = installation.prefix().join("alone");
    fs::create_dir(&folder).expect("a folder can be made");
    fs::hard_link(installation.tw(), folder.join("tw")).expect("it can be linked");
    let run = |line: &[&str]| {
        let tw: &Path = &folder.join("tw");
        Tw::new(tw, &installation.home())
            .args(line.iter().copied())
            .run()
    };
    assert_explained(
        run,
        &format!(
            "{}: no file there is named libtw_plugin_*.so",
            folder.display()
        ),
    );
}

#[test]
fn an_unreadable_folder_is_named_with_the_reason() {
    let installation = Installation::bare();
    let folder = installation.plugins();
    fs::remove_dir(&folder).expect("the folder can be removed");
    // A file in place of the folder is unreadable as a folder for root too.
    let lib = folder.parent().expect("the folder has a parent");
    std::os::unix::fs::symlink(lib.join("plugins"), &folder).expect("a link can be made");
    let ran = installation.command(["plugin", "list"]).run().exits(0);
    ran.says_with(&format!(
        "no plugins came with this tw: {}: ",
        folder.display()
    ))
    .says_with("symbolic links");
}

#[test]
fn with_a_linked_plugin_only_an_unknown_command_mentions_the_bundled_ones() {
    let installation = Installation::bare();
    let library = fixture("tw-plugin-healthy");
    let path = library.display().to_string();
    installation
        .command(["plugin", "link", &path])
        .run()
        .exits(0);
    for line in [&["--help"][..], &["plugin", "list"]] {
        let ran = installation.command(line.iter().copied()).run();
        ran.exits(0).says("");
    }
    let ran = installation.command(["secrets", "list"]).run().exits(2);
    ran.says_with("warning: no plugins came with this tw: ");
}
