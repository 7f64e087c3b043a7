//! Ownership of bundled libraries: the host maps a library only if every user who could have replaced it could also have replaced `tw`.

use std::{
    fs,
    os::unix::fs::{chown, lchown, symlink},
    path::{Path, PathBuf},
    process::Command,
};

use tw_tests::{
    Tw, fixture,
    strangers::{Named, remove_access_list, set_access_list},
};

use crate::given::{Given, STRANGER, is_root, report_skip, set_mode};

/// Installs a plugin whose constructor writes to a file, and returns the paths of the library and of that file.
fn set_up_marked() -> (Given, PathBuf, PathBuf) {
    let given = Given::healthy().plugin("constructor").with_own_files();
    set_mode(&given.installation.plugins(), 0o755);
    let prefix = given
        .installation
        .prefix()
        .canonicalize()
        .expect("the path exists");
    let marks = prefix.join("marks");
    let given = given.env("TW_CONSTRUCTOR_MARKS", marks.to_string_lossy());
    let path = prefix.join("lib/tw/plugins").join(
        given
            .installation
            .plugin("constructor")
            .file_name()
            .expect("the library has a name"),
    );
    set_mode(&path, 0o755);
    (given, path, marks)
}

/// Asserts that the plugin is refused because of this path before any of its code runs, and that the hint leads to a plugin that works.
#[track_caller]
fn assert_refused_until_fixed(given: &Given, marks: &Path, place: &Path) {
    let hint = assert_refused(given, marks, place);
    let before = fs::read(marks).unwrap_or_default();
    let library = given.installation.plugin("constructor");
    match hint
        .strip_prefix('`')
        .and_then(|hint| hint.strip_suffix('`'))
    {
        Some(command) => {
            let shell = Command::new("sh")
                .args(["-c", command])
                .output()
                .expect("a shell runs");
            assert!(
                shell.status.success(),
                "`{command}`: {}",
                String::from_utf8_lossy(&shell.stderr)
            );
        }
        None => {
            let install = "install or build it again";
            assert_eq!(hint, format!("remove {}, and {install}", place.display()));
            fs::remove_file(place).expect("the file can be removed");
            fs::copy(fixture("tw-plugin-constructor"), &library).expect("a file can be copied");
            set_mode(&library, 0o755);
        }
    }
    given.accepts("constructor");
    given
        .tw(["constructed"])
        .exits(0)
        .prints("\n  It was loaded, and has run\n\n")
        .says("");
    assert!(
        fs::read(marks).is_ok_and(|marks| marks.len() > before.len()),
        "the constructor writes to the file"
    );
}

/// Asserts that the plugin is refused because of this path before any of its code runs. Returns the hint.
#[track_caller]
fn assert_refused(given: &Given, marks: &Path, place: &Path) -> String {
    let place = place.display().to_string();
    let before = fs::read(marks).unwrap_or_default();
    let listed = given.find("constructor");
    assert_eq!(listed["state"], "broken", "{listed:#}");
    let (problem, hint) = (
        listed["problem"].as_str().unwrap_or_default(),
        listed["hint"].as_str().unwrap_or_default(),
    );
    assert!(
        problem.contains("its library isn't safe") && problem.contains(&place),
        "{listed:#}"
    );
    let trouble = given.read_problem("constructor");
    assert!(
        trouble.lines().count() <= 8 && trouble.contains(hint),
        "{trouble}"
    );
    given.tw(["--help"]).exits(0);
    let ran = given.tw(["constructed"]).prints("");
    assert!(!ran.status.success(), "{ran}");
    assert_eq!(
        fs::read(marks).unwrap_or_default(),
        before,
        "the constructor has run"
    );
    hint.to_owned()
}

#[test]
fn a_world_writable_library_is_refused() {
    let (given, path, marks) = set_up_marked();
    set_mode(&path, 0o757);
    assert_refused_until_fixed(&given, &marks, &path);
}

#[test]
fn a_world_writable_plugin_folder_is_refused() {
    let (given, path, marks) = set_up_marked();
    set_mode(&given.installation.plugins(), 0o757);
    // The healthy plugin is in the same folder, and is refused too.
    let folder = path.parent().expect("the library is in a folder");
    assert_eq!(given.find("healthy")["state"], "broken");
    assert_refused_until_fixed(&given, &marks, folder);
}

#[test]
fn a_world_writable_parent_folder_is_refused() {
    let (given, path, marks) = set_up_marked();
    let lib = path
        .ancestors()
        .nth(3)
        .expect("the library is in lib/tw/plugins");
    set_mode(lib, 0o757);
    assert_refused_until_fixed(&given, &marks, lib);
}

#[test]
fn a_folder_that_becomes_world_writable_is_refused_at_the_next_run() {
    let (given, path, marks) = set_up_marked();
    given.accepts("constructor");
    given.tw(["constructed"]).exits(0);
    let folder = path.parent().expect("the library is in a folder");
    set_mode(folder, 0o777);
    let before = fs::read(&marks).expect("the constructor has run");
    let ran = given.tw(["constructed"]).exits(1).prints("");
    ran.says_with("The plugin `constructor` cannot be used: its library isn't safe")
        .says_with(&format!("chmod go-w '{}'", folder.display()));
    assert_eq!(
        fs::read(&marks).expect("the constructor has run"),
        before,
        "the constructor has run"
    );
    set_mode(folder, 0o755);
    given.tw(["constructed"]).exits(0);
}

#[test]
fn a_world_writable_sticky_folder_is_accepted() {
    let (given, path, _) = set_up_marked();
    set_mode(path.parent().expect("the library is in a folder"), 0o1777);
    given.accepts("constructor");
    given.tw(["constructed"]).exits(0).says("");
}

#[test]
fn a_strangers_library_in_a_sticky_folder_is_refused() {
    let (given, path, marks) = set_up_marked();
    if !is_root() {
        return report_skip("only root can give a file away");
    }
    set_mode(path.parent().expect("the library is in a folder"), 0o1777);
    chown(&path, Some(STRANGER), None).expect("root can give a file away");
    assert_refused_until_fixed(&given, &marks, &path);
}

#[test]
fn a_world_writable_prefix_is_accepted_because_it_also_holds_tw() {
    let (given, _, _) = set_up_marked();
    set_mode(given.installation.prefix(), 0o777);
    given.accepts("constructor");
    given.tw(["constructed"]).exits(0).says("");
}

#[test]
fn a_library_or_folder_that_another_group_can_write_is_refused() {
    if !is_root() {
        return report_skip("only root can give a file to a group that it is not in");
    }
    let (given, path, marks) = set_up_marked();
    chown(&path, None, Some(STRANGER)).expect("root can give a file away");
    set_mode(&path, 0o775);
    assert_refused_until_fixed(&given, &marks, &path);
    let folder = path.parent().expect("the library is in a folder");
    chown(folder, None, Some(STRANGER)).expect("root can give a folder away");
    set_mode(folder, 0o775);
    assert_refused_until_fixed(&given, &marks, folder);
}

#[test]
fn a_library_or_folder_of_another_user_is_refused() {
    if !is_root() {
        return report_skip("only root can give a file away");
    }
    let (given, path, marks) = set_up_marked();
    chown(&path, Some(STRANGER), None).expect("root can give a file away");
    assert_refused_until_fixed(&given, &marks, &path);
    let folder = path.parent().expect("the library is in a folder");
    chown(folder, Some(STRANGER), None).expect("root can give a folder away");
    let hint = assert_refused(&given, &marks, folder);
    assert_eq!(hint, "it must be in folders that belong to root or you");
}

#[test]
fn an_installation_of_another_user_works_as_root() {
    if !is_root() {
        return report_skip("only root can give files away");
    }
    let (given, _, _) = set_up_marked();
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
fn a_prefix_behind_a_link_is_checked_at_its_real_path() {
    let (given, path, marks) = set_up_marked();
    let link = given.installation.prefix().join("link");
    symlink(given.installation.prefix(), &link).expect("a link can be made");
    let through = |arguments: &[&str]| {
        given
            .apply_variables(
                Tw::new(&link.join("bin/tw"), &given.installation.home()).args(arguments),
            )
            .run()
    };
    through(&["constructed"]).exits(0).says("");
    set_mode(&path, 0o757);
    let before = fs::read(&marks).expect("the constructor has run");
    let ran = through(&["constructed"]).prints("");
    assert!(!ran.status.success(), "{ran}");
    through(&["plugin", "list"])
        .exits(0)
        .prints_with(&format!("remove {}, and install", path.display()));
    assert_eq!(
        fs::read(&marks).expect("the constructor has run"),
        before,
        "the constructor has run"
    );
}

#[test]
fn a_link_into_a_world_writable_folder_is_refused() {
    let (given, path, marks) = set_up_marked();
    let elsewhere = given
        .installation
        .prefix()
        .canonicalize()
        .expect("the path exists")
        .join("elsewhere");
    fs::create_dir(&elsewhere).expect("a folder can be made");
    let real = elsewhere.join("real.so");
    fs::rename(&path, &real).expect("a file can be moved");
    symlink(&real, &path).expect("a link can be made");
    set_mode(&elsewhere, 0o757);
    assert_refused_until_fixed(&given, &marks, &elsewhere);
}

#[test]
fn a_link_in_a_world_writable_folder_is_refused() {
    let (given, path, marks) = set_up_marked();
    let prefix = given
        .installation
        .prefix()
        .canonicalize()
        .expect("the path exists");
    let real = prefix.join("real.so");
    fs::rename(&path, &real).expect("a file can be moved");
    symlink(&real, &path).expect("a link can be made");
    let folder = path.parent().expect("the library is in a folder");
    set_mode(folder, 0o757);
    assert_refused_until_fixed(&given, &marks, folder);
}

#[test]
fn a_plugin_folder_behind_a_strangers_link_is_refused() {
    if !is_root() {
        return report_skip("only root can give a link away");
    }
    // The folder that the link leads to is root's own, and the stranger can lead the link elsewhere at any moment.
    let (given, path, marks) = set_up_marked();
    let folder = path.parent().expect("the library is in a folder");
    let real = folder.with_file_name("real");
    fs::rename(folder, &real).expect("a folder can be moved");
    let link = folder.with_file_name("link");
    symlink(&real, &link).expect("a link can be made");
    symlink(&link, folder).expect("a link can be made");
    given.accepts("constructor");
    for link in [link.as_path(), folder] {
        lchown(link, Some(STRANGER), None).expect("root can give a link away");
        let hint = assert_refused(&given, &marks, link);
        let again = "install or build it again";
        assert_eq!(hint, format!("remove {}, and {again}", link.display()));
        lchown(link, Some(0), None).expect("root can take a link back");
    }
    given.accepts("constructor");
}

#[test]
fn a_library_or_folder_that_an_access_list_lets_others_write_is_refused() {
    let (given, path, marks) = set_up_marked();
    let folder = path.parent().expect("the library is in a folder");
    for named in [Named::User, Named::Group] {
        set_access_list(folder, named, 7);
        assert_refused(&given, &marks, folder);
        // The mask of the list takes the permission away.
        set_mode(folder, 0o755);
        given.accepts("constructor");
        remove_access_list(folder);
        set_access_list(&path, named, 6);
        assert_refused(&given, &marks, &path);
        set_access_list(&path, named, 5);
        given.accepts("constructor");
        remove_access_list(&path);
    }
}

#[test]
fn the_suggested_command_quotes_a_path_with_special_characters() {
    let (given, path, marks) = set_up_marked();
    let prefix = given
        .installation
        .prefix()
        .canonicalize()
        .expect("the path exists");
    let odd = prefix.join("it's here; touch oops");
    fs::create_dir(&odd).expect("a folder can be made");
    let real = odd.join("real.so");
    fs::rename(&path, &real).expect("a file can be moved");
    symlink(&real, &path).expect("a link can be made");
    set_mode(&odd, 0o757);
    assert_refused_until_fixed(&given, &marks, &odd);
}
