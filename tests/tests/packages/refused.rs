//! Invalid packages: a file that is no package, or a package with a false description, is refused before any of its code runs.

use std::fs;

use tw_tests::archive;

use crate::given::{FIRST, Given, SECOND, digest, library, pack, patch};

/// The names and the contents of the files in a package.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// Changes the files of a package, and returns the new package.
pub(crate) fn repack(given: &Given, change: impl FnOnce(&mut Files)) -> std::path::PathBuf {
    let mut files = archive::unpack(&fs::read(pack(1, FIRST, None)).unwrap());
    change(&mut files);
    let to = given.work().join("repacked.tar.gz");
    fs::write(&to, archive::pack(&files)).unwrap();
    to
}

/// Asserts that a package with this change is refused for this reason.
#[track_caller]
fn assert_repacked_is_refused(change: impl FnOnce(&mut Files), reason: &str) {
    let given = Given::new();
    let package = repack(&given, change);
    let path = package.display().to_string();
    let ran = given.tw(["plugin", "install", "--yes", "--allow-unsigned", &path]);
    ran.fails_with(reason);
    given.has_no(1);
    assert_eq!(given.marks(), 0);
}

/// Replaces a text in the manifest of a package.
pub(crate) fn edit(files: &mut Files, from: &str, to: &str) {
    let manifest = &mut files[0].1;
    let text = std::str::from_utf8(manifest).unwrap();
    assert!(text.contains(from), "{text}");
    *manifest = text.replace(from, to).into_bytes();
}

#[test]
fn a_manifest_that_does_not_match_the_library_is_refused() {
    assert_repacked_is_refused(
        |files| edit(files, "70.0.100", "70.0.101"),
        "its manifest says `fruit-001` 70.0.101, but its library says `fruit-001` 70.0.100",
    );
    assert_repacked_is_refused(
        |files| edit(files, "\"fruit-001\"", "\"fruit-002\""),
        "its manifest is of `fruit-002`",
    );
    assert_repacked_is_refused(
        |files| edit(files, "sha256:", "sha256:0"),
        "manifest.json can't be read",
    );
    assert_repacked_is_refused(
        |files| {
            let library = std::mem::take(&mut files[1].1);
            files[1].1 = patch(library, FIRST.as_bytes(), SECOND.as_bytes());
        },
        "the library in it doesn't match its digest",
    );
}

#[test]
fn a_package_with_an_invalid_name_is_refused() {
    assert_repacked_is_refused(
        |files| edit(files, "\"fruit-001\"", "\"fruit_001\""),
        "`fruit_001` is not a valid plugin name",
    );
}

#[test]
fn a_package_for_another_target_format_or_glibc_is_refused() {
    assert_repacked_is_refused(
        |files| edit(files, "x86_64-linux", "riscv64-linux"),
        "has nothing for x86_64-linux",
    );
    assert_repacked_is_refused(
        |files| edit(files, "\"format\": 1", "\"format\": 2"),
        "it has the format 2, and this tw knows 1",
    );
    assert_repacked_is_refused(
        |files| edit(files, "\"glibc\": \"2.", "\"glibc\": \"92."),
        "it needs glibc 92.",
    );
}

#[test]
fn a_package_with_invalid_commands_is_refused() {
    assert_repacked_is_refused(
        |files| {
            edit(
                files,
                r#""name":"fruit-001","about""#,
                r#""name":"Fruit","about""#,
            )
        },
        "its commands can't be used",
    );
}

#[test]
fn a_package_that_needs_a_newer_tw_is_refused() {
    let needs = r#""protocol":1,"needs":["manifest.sandbox","http.only_if"]"#;
    assert_repacked_is_refused(
        |files| edit(files, r#""protocol":1"#, needs),
        "it needs a newer tw, for `manifest.sandbox`, `http.only_if`",
    );
}

#[test]
fn a_package_with_a_library_of_another_abi_is_refused() {
    let note = |abi: u8| format!(r#""version":"{FIRST}","abi":{abi}"#);
    let newer = patch(library(1, FIRST), note(1).as_bytes(), note(2).as_bytes());
    assert_repacked_is_refused(
        |files| {
            edit(files, &digest(&library(1, FIRST)), &digest(&newer));
            files[1].1.clone_from(&newer);
        },
        "is built for ABI 2, and this tw has ABI 1",
    );
}

#[test]
fn a_source_that_is_no_package_is_refused() {
    let given = Given::trusting();
    let work = given.work();
    for (name, content) in [
        ("empty.tar.gz", &b""[..]),
        ("text.tar.gz", b"text"),
        ("zeros.tar.gz", &[0; 4096]),
    ] {
        fs::write(work.join(name), content).unwrap();
        given
            .tw(["plugin", "install", "--yes", "--allow-unsigned", name])
            .fails_with("not a package of a plugin");
    }
    let whole = fs::read(pack(1, FIRST, None)).unwrap();
    for part in 1..8 {
        fs::write(work.join("cut.tar.gz"), &whole[..whole.len() * part / 8]).unwrap();
        given
            .tw([
                "plugin",
                "install",
                "--yes",
                "--allow-unsigned",
                "cut.tar.gz",
            ])
            .fails_with("not a package of a plugin");
    }
    given
        .tw(["plugin", "install", "--yes", "./nowhere"])
        .fails_with("nowhere can't be read");
    given
        .tw(["plugin", "install", "--yes", "hello"])
        .fails_with("`hello` is not a plugin source");
    given
        .tw(["plugin", "install", "--yes", "ftp://x/y.tar.gz"])
        .fails_with("not an address that tw supports");
    given
        .tw([
            "plugin",
            "install",
            "--yes",
            "https://me:s3cret@example.invalid/y.tar.gz",
        ])
        .never_shows("s3cret")
        .fails_with("contains a user name or a password");
    given.tw(["plugin", "install"]).rejects("<SOURCE>");
}
