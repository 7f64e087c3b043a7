//! Keys and signatures of the program `minisign`. Tests are skipped if it is missing.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::given::{FIRST, Given, has_program, signature_of};

fn run_minisign(given: &Given, arguments: &[&str], file: Option<&Path>) {
    let mut command = Command::new("minisign");
    let command = command.current_dir(given.work()).args(arguments).args(file);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

/// Returns a user who trusts a key without a password, `my.key`, which minisign generated. `None` if minisign is missing.
fn set_up() -> Option<(Given, PathBuf)> {
    if !has_program("minisign") {
        return None;
    }
    let given = Given::new();
    let generate = ["-G", "-W", "-s", "my.key", "-p", "my.pub"];
    run_minisign(&given, &generate, None);
    given.trust("me", "my.pub", &["*"]).exits(0);
    let package = given.package(1, FIRST, None);
    Some((given, package))
}

#[test]
fn a_key_of_minisign_without_a_password_signs() {
    let Some((given, package)) = set_up() else {
        return;
    };
    let secret = fs::read_to_string(given.work().join("my.key")).unwrap();
    let secret = secret.lines().last().unwrap();
    let file = package.display().to_string();
    given
        .tw(["-v", "plugin", "sign", "--key", "my.key", &file])
        .exits(0)
        .never_shows(secret);
    run_minisign(&given, &["-V", "-p", "my.pub", "-m"], Some(&package));
    given.install(&package).exits(0);
    assert_eq!(given.list_entry("fruit-001")["publisher"], "me");
}

#[test]
fn a_damaged_key_without_a_password_is_reported_and_no_password_is_asked_for() {
    let Some((given, package)) = set_up() else {
        return;
    };
    let path = given.work().join("my.key");
    let text = fs::read_to_string(&path).unwrap();
    let (comment, key) = text.trim_end().split_once('\n').unwrap();
    // A letter of the secret, of the public key beside it, and of the checksum.
    for at in [94, 147, 200] {
        let mut damaged = key.to_owned();
        let letter = if &key[at..=at] == "A" { "B" } else { "A" };
        damaged.replace_range(at..=at, letter);
        fs::write(&path, format!("{comment}\n{damaged}\n")).unwrap();
        let file = package.display().to_string();
        given
            .tw(["plugin", "sign", "--key", "my.key", &file])
            .fails_with("the secret key my.key is damaged")
            .never_shows(&damaged);
        assert!(!signature_of(&package).exists());
    }
}

#[test]
fn a_legacy_signature_is_told_apart_from_a_changed_package() {
    let Some((given, package)) = set_up() else {
        return;
    };
    let legacy = ["-S", "-l", "-W", "-s", "my.key", "-m"];
    run_minisign(&given, &legacy, Some(&package));
    let file = package.display().to_string();
    let install = ["plugin", "install", "--yes", &file];
    given
        .tw(install)
        .fails_with("its signature has minisign's legacy format")
        .says_with("`minisign -S` without `-l`");
    given
        .tw([
            "plugin",
            "publish",
            "oci://127.0.0.1:1/fruit-001:70.0.100",
            &file,
        ])
        .fails_with("its signature has minisign's legacy format");
    let good = fs::read(&package).unwrap();
    fs::write(&package, [&good[..], b"x"].concat()).unwrap();
    given
        .tw(install)
        .fails_with("its signature doesn't match its content");
    fs::write(&package, good).unwrap();
    run_minisign(&given, &["-S", "-W", "-s", "my.key", "-m"], Some(&package));
    given.tw(install).exits(0);
}
