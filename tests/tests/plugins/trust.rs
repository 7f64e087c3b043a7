//! A plugin is trusted as far as the `tw` binary: when somebody who could not replace the one could replace the other, it isn't mapped.

use std::{
    fs,
    os::unix::fs::{chown, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use tw_tests::Tw;

use crate::given::{Given, STRANGER, is_root, mode, skipped};

/// A plugin with a constructor, and the file in which that leaves marks.
fn marked() -> (Given, PathBuf, PathBuf) {
    let given = Given::healthy().plugin("constructor").with_own_files();
    mode(&given.installation.plugins(), 0o755);
    let prefix = given
        .installation
        .prefix()
        .canonicalize()
        .expect("it is there");
    let marks = prefix.join("marks");
    let given = given.env("TW_CONSTRUCTOR_MARKS", marks.to_string_lossy());
    let path = prefix.join("lib/tw/plugins").join(
        given
            .installation
            .plugin("constructor")
            .file_name()
            .expect("it has a name"),
    );
    mode(&path, 0o755);
    (given, path, marks)
}

/// The plugin is refused because of this place, none of its code has run, and the command that is given mends it.
#[track_caller]
fn is_refused_until_mended(given: &Given, marks: &Path, place: &Path) {
    let place = place.display().to_string();
    let before = fs::read(marks).unwrap_or_default();
    let listed = given.listed("constructor");
    assert_eq!(listed["state"], "broken", "{listed:#}");
    let (problem, mend) = (
        listed["problem"].as_str().unwrap_or_default(),
        listed["mend"].as_str().unwrap_or_default(),
    );
    assert!(
        problem.contains("it isn't as safe as tw itself") && problem.contains(&place),
        "{listed:#}"
    );
    let trouble = given.trouble("constructor");
    assert!(
        trouble.lines().count() <= 8 && trouble.contains(mend),
        "{trouble}"
    );
    given.tw(["--help"]).exits(0);
    let ran = given.tw(["constructed"]).prints("");
    assert!(!ran.status.success(), "{ran}");
    assert_eq!(
        fs::read(marks).unwrap_or_default(),
        before,
        "its constructor has run"
    );

    let command = mend.trim_matches('`');
    let shell = Command::new("sh")
        .args(["-c", command])
        .output()
        .expect("a shell runs");
    assert!(
        shell.status.success(),
        "`{command}`: {}",
        String::from_utf8_lossy(&shell.stderr)
    );
    given.accepts("constructor");
    given
        .tw(["constructed"])
        .exits(0)
        .prints("\n  It was loaded, and has run\n\n")
        .says("");
    assert!(
        fs::read(marks).is_ok_and(|marks| marks.len() > before.len()),
        "it leaves marks"
    );
}

#[test]
fn a_library_that_everybody_can_write() {
    let (given, path, marks) = marked();
    mode(&path, 0o757);
    is_refused_until_mended(&given, &marks, &path);
}

#[test]
fn a_folder_that_everybody_can_write() {
    let (given, path, marks) = marked();
    mode(&given.installation.plugins(), 0o757);
    // The healthy plugin stands there too, and is refused with the other.
    let folder = path.parent().expect("it stands in a folder");
    assert_eq!(given.listed("healthy")["state"], "broken");
    is_refused_until_mended(&given, &marks, folder);
}

#[test]
fn a_folder_above_that_everybody_can_write() {
    let (given, path, marks) = marked();
    let lib = path
        .ancestors()
        .nth(3)
        .expect("it stands in lib/tw/plugins");
    mode(lib, 0o757);
    is_refused_until_mended(&given, &marks, lib);
}

#[test]
fn a_folder_that_becomes_writable_later() {
    let (given, path, marks) = marked();
    given.accepts("constructor");
    given.tw(["constructed"]).exits(0);
    let folder = path.parent().expect("it stands in a folder");
    mode(folder, 0o777);
    let before = fs::read(&marks).expect("it has run");
    let ran = given.tw(["constructed"]).exits(1).prints("");
    ran.says_with("The plugin `constructor` cannot be used: it isn't as safe as tw itself")
        .says_with(&format!("chmod o-w '{}'", folder.display()));
    assert_eq!(
        fs::read(&marks).expect("it has run"),
        before,
        "its constructor has run"
    );
    mode(folder, 0o755);
    given.tw(["constructed"]).exits(0);
}

#[test]
fn a_sticky_folder_is_safe() {
    let (given, path, _) = marked();
    mode(path.parent().expect("it stands in a folder"), 0o1777);
    given.accepts("constructor");
    given.tw(["constructed"]).exits(0).says("");
}

#[test]
fn a_library_of_its_own_in_a_sticky_folder_is_a_strangers() {
    let (given, path, marks) = marked();
    if !is_root() {
        return skipped("only root can give a file away");
    }
    mode(path.parent().expect("it stands in a folder"), 0o1777);
    chown(&path, Some(STRANGER), None).expect("root can give a file away");
    is_refused_until_mended(&given, &marks, &path);
}

#[test]
fn a_folder_that_whoever_could_replace_tw_can_write_is_no_worse() {
    let (given, _, _) = marked();
    mode(given.installation.prefix(), 0o777);
    given.accepts("constructor");
    given.tw(["constructed"]).exits(0).says("");
}

#[test]
fn a_library_or_a_folder_that_a_group_can_write() {
    if !is_root() {
        return skipped("only root can give a file to a group of which it isn't");
    }
    let (given, path, marks) = marked();
    chown(&path, None, Some(STRANGER)).expect("root can give a file away");
    mode(&path, 0o775);
    is_refused_until_mended(&given, &marks, &path);
    let folder = path.parent().expect("it stands in a folder");
    chown(folder, None, Some(STRANGER)).expect("root can give a folder away");
    mode(folder, 0o775);
    is_refused_until_mended(&given, &marks, folder);
}

#[test]
fn a_library_or_a_folder_of_another_user() {
    if !is_root() {
        return skipped("only root can give a file away");
    }
    let (given, path, marks) = marked();
    chown(&path, Some(STRANGER), None).expect("root can give a file away");
    is_refused_until_mended(&given, &marks, &path);
    let folder = path.parent().expect("it stands in a folder");
    chown(folder, Some(STRANGER), None).expect("root can give a folder away");
    is_refused_until_mended(&given, &marks, folder);
}

#[test]
fn an_installation_of_another_user_works_as_root() {
    if !is_root() {
        return skipped("only root can give files away");
    }
    let (given, _, _) = marked();
    let prefix = given.installation.prefix();
    let all = Command::new("chown")
        .args(["-R", &format!("{STRANGER}:{STRANGER}")])
        .arg(prefix)
        .status();
    assert!(
        all.is_ok_and(|status| status.success()),
        "root can give files away"
    );
    given.accepts("constructor");
    given.tw(["constructed"]).exits(0).says("");
}

#[test]
fn a_prefix_behind_a_link_works_and_is_looked_at_where_it_is() {
    let (given, path, marks) = marked();
    let link = given.installation.prefix().join("link");
    symlink(given.installation.prefix(), &link).expect("a link can be made");
    let through = |arguments: &[&str]| {
        given
            .within(Tw::new(&link.join("bin/tw"), &given.installation.home()).args(arguments))
            .run()
    };
    through(&["constructed"]).exits(0).says("");
    mode(&path, 0o757);
    let before = fs::read(&marks).expect("it has run");
    let ran = through(&["constructed"]).prints("");
    assert!(!ran.status.success(), "{ran}");
    through(&["plugin", "list"])
        .exits(0)
        .prints_with(&format!("chmod o-w '{}'", path.display()));
    assert_eq!(
        fs::read(&marks).expect("it has run"),
        before,
        "its constructor has run"
    );
}

#[test]
fn a_link_to_a_library_that_everybody_can_write() {
    let (given, path, marks) = marked();
    let elsewhere = given
        .installation
        .prefix()
        .canonicalize()
        .expect("it is there")
        .join("elsewhere");
    fs::create_dir(&elsewhere).expect("a folder can be made");
    let real = elsewhere.join("real.so");
    fs::rename(&path, &real).expect("it can be moved");
    symlink(&real, &path).expect("a link can be made");
    mode(&elsewhere, 0o757);
    is_refused_until_mended(&given, &marks, &elsewhere);
}

#[test]
fn a_link_that_everybody_can_replace() {
    let (given, path, marks) = marked();
    let prefix = given
        .installation
        .prefix()
        .canonicalize()
        .expect("it is there");
    let real = prefix.join("real.so");
    fs::rename(&path, &real).expect("it can be moved");
    symlink(&real, &path).expect("a link can be made");
    let folder = path.parent().expect("it stands in a folder");
    mode(folder, 0o757);
    is_refused_until_mended(&given, &marks, folder);
}

#[test]
fn a_place_with_a_quote_in_its_name_is_mended_too() {
    let (given, path, marks) = marked();
    let prefix = given
        .installation
        .prefix()
        .canonicalize()
        .expect("it is there");
    let odd = prefix.join("it's here; touch oops");
    fs::create_dir(&odd).expect("a folder can be made");
    let real = odd.join("real.so");
    fs::rename(&path, &real).expect("it can be moved");
    symlink(&real, &path).expect("a link can be made");
    mode(&odd, 0o757);
    is_refused_until_mended(&given, &marks, &odd);
}
