//! `tw config edit`, with editors that are shell scripts.

use std::{fs, os::unix::fs::PermissionsExt};

use tw_tests::{Terminal, Tw, World};

use crate::Files;

/// Prepares `tw config edit` with an editor that runs this script. The file is `$1`.
fn edit(world: &World, script: &str) -> Tw {
    let editor = world.installation.home().join("editor");
    fs::write(&editor, format!("#!/bin/sh\n{script}\n")).expect("the home can be written");
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).expect("a mode can be set");
    let tw = world.installation.command(["config", "edit"]);
    tw.env("EDITOR", format!("{} --wait", editor.display()))
}

fn text(world: &World) -> String {
    fs::read_to_string(world.user_file()).expect("the file can be read")
}

/// Asserts that no copy of the file is left.
fn assert_no_copy(world: &World) {
    let folder = world
        .user_file()
        .parent()
        .expect("a folder")
        .read_dir()
        .expect("the folder can be read");
    let names: Vec<_> = folder.flatten().map(|entry| entry.file_name()).collect();
    let is_copy = |name: &std::ffi::OsString| name.to_string_lossy().contains("edit");
    assert!(!names.iter().any(is_copy), "{names:?}");
}

#[test]
fn a_valid_text_replaces_the_file() {
    let world = World::new();
    world.configure("# mine\n");
    let tw = edit(
        &world,
        "[ \"$1\" = --wait ] && echo 'output = \"json\"' >> \"$2\"",
    );
    let left = Terminal::start_all(tw)
        .until("Configuration changed")
        .ends();
    assert_eq!(left.code, Some(0), "{}", left.screen);
    assert_eq!(text(&world), "# mine\noutput = \"json\"\n");
    assert_no_copy(&world);
    // An editor that changes nothing leaves no file behind.
    let world = World::new();
    let left = Terminal::start_all(edit(&world, "true"))
        .until("Nothing was changed")
        .ends();
    assert_eq!(left.code, Some(0), "{}", left.screen);
    assert!(!world.user_file().exists());
}

#[test]
fn a_mistake_is_shown_and_can_be_corrected() {
    let world = World::new();
    world.configure("# mine\n");
    // The first run makes a mistake, and the second corrects it.
    let tw = edit(
        &world,
        "shift; if grep -q url \"$1\"; then echo 'workspace = 1' > \"$1\"; else echo 'url = 1' >> \"$1\"; fi",
    );
    let left = Terminal::start_all(tw)
        .until(".toml: line 2: the key `url` is unknown")
        .until("Edit again? [Y/n]")
        .types("y\n")
        .until("Configuration changed")
        .ends();
    assert_eq!(left.code, Some(0), "{}", left.screen);
    assert_eq!(text(&world), "workspace = 1\n");
    assert_no_copy(&world);
}

#[test]
fn a_text_with_a_mistake_is_kept_if_the_person_gives_up() {
    let world = World::new();
    world.configure("# mine\n");
    let tw = edit(&world, "shift; echo 'url = 1' > \"$1\"");
    let left = Terminal::start_all(tw)
        .until("Edit again? [Y/n]")
        .types("n\n")
        .ends();
    assert_eq!(left.code, Some(1), "{}", left.screen);
    assert_eq!(text(&world), "# mine\n");
    assert!(left.screen.contains("your text is in "), "{}", left.screen);
    let kept = left
        .screen
        .split("your text is in ")
        .nth(1)
        .expect("a path");
    let kept = kept.split(['\r', '\n', '\u{1b}']).next().expect("a path");
    assert_eq!(
        fs::read_to_string(kept).unwrap_or_else(|error| panic!("{kept:?}: {error}")),
        "url = 1\n"
    );
}

#[test]
fn a_file_that_changed_while_the_editor_was_open_is_not_replaced() {
    let world = World::new();
    world.configure("# mine\n");
    let tw = edit(
        &world,
        &format!(
            "shift; echo 'workspace = 1' > \"$1\"; echo '# theirs' > '{}'",
            world.user_file().display()
        ),
    );
    let left = Terminal::start_all(tw)
        .until("was changed in the meantime")
        .ends();
    assert_eq!(left.code, Some(1), "{}", left.screen);
    assert_eq!(text(&world), "# theirs\n");
}

#[test]
fn an_editor_that_fails_or_is_missing_changes_nothing() {
    let world = World::new();
    world.configure("# mine\n");
    let left = Terminal::start_all(edit(&world, "exit 3")).ends();
    assert_eq!(left.code, Some(1));
    assert!(
        left.screen.contains("ended with exit code 3"),
        "{}",
        left.screen
    );
    let missing = edit(&world, "true").env("VISUAL", "/nothing/here");
    let left = Terminal::start_all(missing).ends();
    assert_eq!(left.code, Some(1));
    for part in [
        "The configuration is unchanged",
        "can't be started",
        "VISUAL names the editor",
    ] {
        assert!(left.screen.contains(part), "{}", left.screen);
    }
    // A blank variable names no editor, and the file is no program.
    let blank = edit(&world, "exit 3").env("VISUAL", "  ");
    let left = Terminal::start_all(blank).ends();
    assert!(
        left.screen.contains("ended with exit code 3"),
        "{}",
        left.screen
    );
    assert_eq!(text(&world), "# mine\n");
    assert_no_copy(&world);
    let gone = edit(&world, "rm \"$2\"");
    let left = Terminal::start_all(gone).ends();
    assert_eq!(left.code, Some(1), "{}", left.screen);
    assert!(!left.screen.contains("your text is in"), "{}", left.screen);
    let reason = "the text that the editor left can't be read";
    assert!(left.screen.contains(reason), "{}", left.screen);
    assert_no_copy(&world);
    // Without a terminal, the path is named.
    let ran = edit(&world, "true").run().exits(1);
    ran.says_with("An editor needs a terminal")
        .says_with("config.toml");
}

#[test]
fn a_mistake_is_one_error_for_programs() {
    let world = World::new();
    let tw = edit(&world, "echo 'url = 1' > \"$2\"").args(["--error-format", "json"]);
    let left = Terminal::start_all(tw).ends();
    assert_eq!(left.code, Some(1), "{}", left.screen);
    assert_eq!(
        left.screen.matches("\"error\"").count(),
        1,
        "{}",
        left.screen
    );
    assert!(!left.screen.contains("Edit again?"), "{}", left.screen);
    assert!(left.screen.contains("your text is in"), "{}", left.screen);
}
