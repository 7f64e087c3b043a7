//! Another local user: linking and packing what somebody else could have written.

use std::{fs, os::unix::fs::chown};

use tw_tests::strangers::STRANGER;

use crate::{
    given::{FIRST, Given},
    link::{build, create_crate, link},
    ways::{can_give_away, set_mode},
};

#[test]
fn a_library_that_others_could_have_written_is_not_linked_and_does_not_run() {
    let given = Given::new();
    let folder = given.work().join("build");
    let path = build(&folder, 1, FIRST);
    set_mode(&path, 0o777);
    let message = format!(
        "its library isn't safe: everybody can write {}",
        path.display()
    );
    link(&given, &path).fails_with(&message);
    set_mode(&path, 0o755);
    link(&given, &path).exits(0);
    given.runs(1, FIRST);
    set_mode(&folder, 0o777);
    given
        .tw(["fruit-001"])
        .fails_with(&format!(
            "isn't safe: everybody can write {}",
            folder.display()
        ))
        .says_with(&format!("`chmod go-w '{}'`", folder.display()));
    set_mode(&folder, 0o755);
    given.runs(1, FIRST);
}

#[test]
fn a_crate_below_a_strangers_settings_of_cargo_is_not_linked_or_packed() {
    if !can_give_away() {
        return;
    }
    let given = Given::new().with_cargo();
    let above = given.work().join("above");
    let folder = create_crate(&above.join("fruit"), 1, "");
    build(&folder.join("target/release"), 1, FIRST);
    fs::create_dir(above.join(".cargo")).unwrap();
    for (name, content) in [
        ("Cargo.toml", "[workspace]\nmembers = [\"fruit\"]\n"),
        (".cargo/config.toml", "[build]\nrustc = \"evil\"\n"),
        (".cargo/config", "[build]\ntarget-dir = \"evil\"\n"),
        ("rust-toolchain.toml", "[toolchain]\npath = \"/evil\"\n"),
        ("rust-toolchain", "evil"),
    ] {
        let file = above.join(name);
        fs::write(&file, content).unwrap();
        chown(&file, Some(STRANGER), None).unwrap();
        let message = format!(
            "{0} isn't safe: {0} belongs to the user {STRANGER}",
            file.display()
        );
        link(&given, &folder).fails_with(&message);
        given
            .tw(["plugin", "pack", &folder.display().to_string()])
            .fails_with(&message);
        fs::remove_file(&file).unwrap();
    }
    fs::write(
        folder.join("Cargo.toml"),
        fs::read_to_string(folder.join("Cargo.toml")).unwrap() + "[workspace]\n",
    )
    .unwrap();
    link(&given, &folder).exits(0);
}

#[test]
fn cargo_does_not_run_in_a_crate_or_with_a_home_that_a_stranger_could_have_written() {
    if !can_give_away() {
        return;
    }
    let given = Given::new().with_cargo();
    let folder = create_crate(&given.work().join("fruit"), 1, "[workspace]\n");
    build(&folder.join("target/release"), 1, FIRST);
    let path = folder.display().to_string();
    let refuse = |reason: &str| {
        link(&given, &folder).fails_with(reason);
        given.tw(["plugin", "pack", &path]).fails_with(reason);
    };
    for settings in [".cargo/config.toml", ".rustup/settings.toml"] {
        let file = given.installation.home().join(settings);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "").unwrap();
        chown(&file, Some(STRANGER), None).unwrap();
        refuse(&format!("{settings} isn't safe"));
        fs::remove_file(&file).unwrap();
    }
    set_mode(&folder, 0o777);
    refuse(&format!("everybody can write {path}"));
    set_mode(&folder, 0o755);
    // Who owns a crate decides what is built from it, so it can be packed, but not linked.
    chown(&folder, Some(STRANGER), None).unwrap();
    link(&given, &folder).fails_with(&format!("{path} belongs to the user {STRANGER}"));
    let packed = given.tw(["plugin", "pack", &path]);
    assert!(!packed.stderr.contains("isn't safe"), "{packed}");
}
