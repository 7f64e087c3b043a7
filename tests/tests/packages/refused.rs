//! Invalid packages: a file that is no package, or a package with a false description, is refused before any of its code runs.

use std::fs;

use crate::given::{FIRST, Given, SECOND, digest, library, pack, patch};

/// Unpacks a package, changes its files, and packs them again with tar.
pub(crate) fn repack(given: &Given, change: impl FnOnce(&std::path::Path)) -> std::path::PathBuf {
    let from = pack(1, FIRST, None);
    let folder = given.work().join("unpacked");
    fs::create_dir_all(&folder).unwrap();
    let tar = |arguments: &[&std::ffi::OsStr]| {
        let status = std::process::Command::new("tar")
            .args(arguments)
            .status()
            .unwrap();
        assert!(status.success());
    };
    tar(&[
        "xzf".as_ref(),
        from.as_os_str(),
        "-C".as_ref(),
        folder.as_os_str(),
    ]);
    change(&folder);
    let to = given.work().join("repacked.tar.gz");
    let mut names: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    let mut line = vec![
        "czf".as_ref(),
        to.as_os_str(),
        "--format=ustar".as_ref(),
        "-C".as_ref(),
        folder.as_os_str(),
    ];
    line.extend(names.iter().map(|name| name.as_os_str()));
    tar(&line);
    to
}

/// Asserts that a package with this change is refused for this reason.
#[track_caller]
fn assert_repacked_is_refused(change: impl FnOnce(&std::path::Path), reason: &str) {
    let given = Given::new();
    let package = repack(&given, change);
    let path = package.display().to_string();
    let ran = given.tw(["plugin", "install", "--yes", "--allow-unsigned", &path]);
    ran.fails_with(reason);
    given.has_no(1);
    assert_eq!(given.marks(), 0);
}

/// Replaces a text in the manifest of an unpacked package.
pub(crate) fn edit(folder: &std::path::Path, from: &str, to: &str) {
    let path = folder.join("manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn a_manifest_that_does_not_match_the_library_is_refused() {
    assert_repacked_is_refused(
        |folder| edit(folder, "70.0.100", "70.0.101"),
        "its manifest says `fruit-001` 70.0.101, but its library says `fruit-001` 70.0.100",
    );
    assert_repacked_is_refused(
        |folder| edit(folder, "\"fruit-001\"", "\"fruit-002\""),
        "its manifest is of `fruit-002`",
    );
    assert_repacked_is_refused(
        |folder| edit(folder, "sha256:", "sha256:0"),
        "manifest.json can't be read",
    );
    assert_repacked_is_refused(
        |folder| {
            let library = folder.join("libtw_plugin_fruit_001.so");
            let changed = patch(read_library(&library), FIRST.as_bytes(), SECOND.as_bytes());
            fs::write(library, changed).unwrap();
        },
        "the library in it doesn't match its digest",
    );
}

fn read_library(path: &std::path::Path) -> Vec<u8> {
    fs::read(path).unwrap()
}

#[test]
fn a_package_with_an_invalid_name_is_refused() {
    assert_repacked_is_refused(
        |folder| edit(folder, "\"fruit-001\"", "\"fruit_001\""),
        "`fruit_001` is not a valid plugin name",
    );
}

#[test]
fn a_package_for_another_target_format_or_glibc_is_refused() {
    assert_repacked_is_refused(
        |folder| edit(folder, "x86_64-linux", "riscv64-linux"),
        "has nothing for x86_64-linux",
    );
    assert_repacked_is_refused(
        |folder| edit(folder, "\"format\": 1", "\"format\": 2"),
        "it has the format 2, and this tw knows 1",
    );
    assert_repacked_is_refused(
        |folder| edit(folder, "\"glibc\": \"2.", "\"glibc\": \"92."),
        "it needs glibc 92.",
    );
}

#[test]
fn a_package_with_invalid_commands_is_refused() {
    assert_repacked_is_refused(
        |folder| {
            edit(
                folder,
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
        |folder| edit(folder, r#""protocol":1"#, needs),
        "it needs a newer tw, for `manifest.sandbox`, `http.only_if`",
    );
}

#[test]
fn a_package_with_a_library_of_another_abi_is_refused() {
    let note = |abi: u8| format!(r#""version":"{FIRST}","abi":{abi}"#);
    let newer = patch(library(1, FIRST), note(1).as_bytes(), note(2).as_bytes());
    assert_repacked_is_refused(
        |folder| {
            edit(folder, &digest(&library(1, FIRST)), &digest(&newer));
            fs::write(folder.join("libtw_plugin_fruit_001.so"), &newer).unwrap();
        },
        "is built for ABI 2, and this tw has ABI 1",
    );
}

#[test]
fn links_devices_and_folders_in_a_package_are_refused() {
    assert_repacked_is_refused(
        |folder| std::os::unix::fs::symlink("/etc/passwd", folder.join("README")).unwrap(),
        "is not a file but a link",
    );
    assert_repacked_is_refused(
        |folder| fs::create_dir(folder.join("folder")).unwrap(),
        "is not a file but a folder",
    );
    assert_repacked_is_refused(
        |folder| {
            let made = std::process::Command::new("mkfifo")
                .arg(folder.join("pipe"))
                .status()
                .unwrap();
            assert!(made.success());
        },
        "is not a file but a device",
    );
}

#[test]
fn a_package_with_an_entry_outside_of_its_folder_is_refused() {
    let given = Given::new();
    let package = pack(1, FIRST, None);
    let to = given.work().join("slip.tar.gz");
    let work = given.work();
    fs::write(work.join("evil"), "evil").unwrap();
    let made = std::process::Command::new("sh")
        .arg("-c")
        .arg(format!(
            "gunzip -c {} > {}/slip.tar && tar rPf {}/slip.tar --transform 's,^evil,../../evil,' -C {} evil && gzip -c {}/slip.tar > {}",
            package.display(), work.display(), work.display(), work.display(), work.display(), to.display()
        ))
        .status()
        .unwrap();
    assert!(made.success());
    let path = to.display().to_string();
    given
        .tw(["plugin", "install", "--yes", "--allow-unsigned", &path])
        .fails_with("is not a plain file name");
    assert!(!given.installation.home().join("evil").exists());
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
