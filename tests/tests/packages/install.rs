//! Installing a package: what is shown, what is refused, what is there afterwards.

use std::fs;

use tw_tests::Terminal;

use crate::given::{
    FIRST, Given, SECOND, digest, library, packed, patched, public_key, secret_key, signature_of,
};

#[test]
fn a_signed_package_is_shown_installed_and_run() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, Some("acme"));
    let ran = given.install(&package).exits(0);
    ran.says_with("fruit-001 70.0.100")
        .says_with(&format!("publisher   acme ({})", public_key("acme")))
        .says_with(&digest(&fs::read(&package).unwrap()))
        .says_with("commands    tw fruit-001")
        .says_with("services    http, workspace")
        .prints("\n  Plugin 'fruit-001' 70.0.100 installed\n\n");
    assert_eq!(given.marks(), 0, "installing runs no code of the plugin");
    given.runs(1, FIRST);
    assert_eq!(given.marks(), 1);
    let listed = given.listed("fruit-001");
    assert_eq!(listed["origin"], "installed");
    assert_eq!(listed["publisher"], "acme");
    assert_eq!(listed["state"], "ok");
    // Once more changes nothing, and asks nothing.
    given
        .tw(["plugin", "install", &package.display().to_string()])
        .exits(0)
        .prints("\n  Plugin 'fruit-001' 70.0.100 is installed already\n\n");
}

#[test]
fn without_a_terminal_and_without_yes_nothing_is_installed() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, Some("acme"));
    let ran = given.tw(["plugin", "install", &package.display().to_string()]);
    ran.says_with("fruit-001 70.0.100").misused("--yes");
    given.has_no(1);
}

#[test]
fn at_a_terminal_the_person_decides() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, Some("acme")).display().to_string();
    let asked = || {
        Terminal::start(given.command(["plugin", "install", &package]))
            .until("Install fruit-001 70.0.100?")
            .until_each_key()
    };
    asked()
        .types("\r")
        .ends()
        .exits(1)
        .showed("Nothing was changed")
        .works_as_before();
    given.has_no(1);
    asked().types("y\r").ends().exits(0).works_as_before();
    given.runs(1, FIRST);
}

#[test]
fn an_unsigned_package_is_an_exception_that_every_listing_shows() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, None);
    given
        .install(&package)
        .fails_with("nobody whose key is trusted has signed it")
        .says_with("`--allow-unsigned` makes an exception");
    given.has_no(1);
    let path = package.display().to_string();
    given
        .tw(["plugin", "install", "--yes", "--allow-unsigned", &path])
        .exits(0)
        .says_with("publisher   unknown");
    given.runs(1, FIRST);
    assert_eq!(given.listed("fruit-001")["publisher"], "(unsigned)");
    given
        .tw(["plugin", "list"])
        .exits(0)
        .prints_with("(unsigned)");
    given
        .tw(["plugin", "info", "fruit-001"])
        .exits(0)
        .prints_with("(unsigned)");
}

#[test]
fn a_signature_by_a_key_that_is_not_trusted_is_none() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, Some("stranger"));
    given
        .install(&package)
        .fails_with("nobody whose key is trusted has signed it");
    given.trusts("stranger");
    given
        .install(&package)
        .exits(0)
        .says_with("publisher   stranger");
}

#[test]
fn a_flipped_bit_in_the_package_or_its_signature_is_refused() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, Some("acme"));
    let good = fs::read(&package).unwrap();
    for part in 0..24 {
        let mut bad = good.clone();
        bad[good.len() * part / 24] ^= 0x10;
        fs::write(&package, bad).unwrap();
        let ran = given.install(&package);
        ran.fails_with("Cannot install");
    }
    fs::write(&package, &good).unwrap();
    let signature = signature_of(&package);
    let text = fs::read_to_string(&signature).unwrap();
    // Within each of its two signatures and within the signed comment. What a comment that nobody signs says doesn't matter.
    let line = |number: usize| {
        text.lines()
            .take(number)
            .map(|line| line.len() + 1)
            .sum::<usize>()
    };
    for at in [line(1) + 20, line(1) + 60, line(2) + 20, line(3) + 20] {
        let mut bad = text.clone().into_bytes();
        bad[at] = if bad[at] == b'A' { b'B' } else { b'A' };
        fs::write(&signature, bad).unwrap();
        given.install(&package).fails_with("Cannot install");
        given
            .tw([
                "plugin",
                "install",
                "--yes",
                "--allow-unsigned",
                &package.display().to_string(),
            ])
            .exits(1);
    }
    fs::write(&signature, "no signature").unwrap();
    given
        .install(&package)
        .fails_with("its signature can't be read");
    given.has_no(1);
    fs::write(&signature, &text).unwrap();
    given.install(&package).exits(0);
}

#[test]
fn a_signature_of_another_package_is_refused_even_as_an_exception() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, Some("acme"));
    let other = given.package(2, FIRST, Some("acme"));
    fs::copy(signature_of(&other), signature_of(&package)).unwrap();
    given
        .install(&package)
        .fails_with("its signature is not of these bytes");
    given
        .tw([
            "plugin",
            "install",
            "--yes",
            "--allow-unsigned",
            &package.display().to_string(),
        ])
        .fails_with("its signature is not of these bytes");
    given.has_no(1);
}

#[test]
fn an_older_version_is_installed_only_when_that_is_meant() {
    let given = Given::trusting();
    given.installs(1, SECOND);
    let older = given.package(1, FIRST, Some("acme"));
    given
        .install(&older)
        .fails_with("70.0.101 is installed, and 70.0.100 is older")
        .says_with("--allow-downgrade");
    given.runs(1, SECOND);
    let path = older.display().to_string();
    given
        .tw(["plugin", "install", "--yes", "--allow-downgrade", &path])
        .exits(0)
        .says_with("replaces    the installed plugin fruit-001 70.0.101");
    given.runs(1, FIRST);
}

#[test]
fn a_version_that_somebody_else_signed_does_not_follow() {
    let given = Given::trusting();
    given.trusts("stranger");
    given.installs(1, FIRST);
    let package = given.package(1, SECOND, Some("stranger"));
    given.install(&package).fails_with("was signed by acme");
    let unsigned = given.package(1, SECOND, None);
    given
        .tw([
            "plugin",
            "install",
            "--yes",
            "--allow-unsigned",
            &unsigned.display().to_string(),
        ])
        .fails_with("was signed by acme");
    given.runs(1, FIRST);
    given.tw(["plugin", "remove", "fruit-001"]).exits(0);
    let package = given.package(1, SECOND, Some("stranger"));
    given.install(&package).exits(0);
    given.runs(1, SECOND);
}

/// The files of a package, unpacked, and packed again by tar once they are changed.
fn repacked(given: &Given, change: impl FnOnce(&std::path::Path)) -> std::path::PathBuf {
    let from = packed(1, FIRST, None);
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

#[track_caller]
fn refuses_repacked(change: impl FnOnce(&std::path::Path), reason: &str) {
    let given = Given::new();
    let package = repacked(&given, change);
    let path = package.display().to_string();
    let ran = given.tw(["plugin", "install", "--yes", "--allow-unsigned", &path]);
    ran.fails_with(reason);
    given.has_no(1);
    assert_eq!(given.marks(), 0);
}

fn edit(folder: &std::path::Path, from: &str, to: &str) {
    let path = folder.join("manifest.json");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn a_manifest_that_is_not_the_librarys_is_refused() {
    refuses_repacked(
        |folder| edit(folder, "70.0.100", "70.0.101"),
        "its manifest says `fruit-001` 70.0.101, and its library `fruit-001` 70.0.100",
    );
    refuses_repacked(
        |folder| edit(folder, "\"fruit-001\"", "\"fruit-002\""),
        "its manifest is of `fruit-002`",
    );
    refuses_repacked(
        |folder| edit(folder, "sha256:", "sha256:0"),
        "manifest.json can't be read",
    );
    refuses_repacked(
        |folder| {
            let library = folder.join("libtw_plugin_fruit_001.so");
            let changed = patched(library_of(&library), FIRST.as_bytes(), SECOND.as_bytes());
            fs::write(library, changed).unwrap();
        },
        "the library in it is not what was meant",
    );
}

fn library_of(path: &std::path::Path) -> Vec<u8> {
    fs::read(path).unwrap()
}

#[test]
fn a_package_for_another_target_or_format_is_refused() {
    refuses_repacked(
        |folder| edit(folder, "x86_64-linux", "riscv64-linux"),
        "has nothing for x86_64-linux",
    );
    refuses_repacked(
        |folder| edit(folder, "\"format\": 1", "\"format\": 2"),
        "it has the format 2, and this tw knows 1",
    );
    refuses_repacked(
        |folder| edit(folder, "\"glibc\": \"2.", "\"glibc\": \"92."),
        "it needs glibc 92.",
    );
}

#[test]
fn a_package_with_commands_that_cannot_be_is_refused() {
    refuses_repacked(
        |folder| {
            edit(
                folder,
                "\"name\": \"fruit-001\",\n        \"about\"",
                "\"name\": \"Fruit\",\n        \"about\"",
            )
        },
        "its commands can't be used",
    );
}

#[test]
fn a_package_with_a_library_of_another_abi_is_refused() {
    let note = |abi: u8| format!(r#""version":"{FIRST}","abi":{abi}"#);
    let newer = patched(library(1, FIRST), note(1).as_bytes(), note(2).as_bytes());
    refuses_repacked(
        |folder| {
            edit(folder, &digest(&library(1, FIRST)), &digest(&newer));
            fs::write(folder.join("libtw_plugin_fruit_001.so"), &newer).unwrap();
        },
        "is built for ABI 2, and this tw has ABI 1",
    );
}

#[test]
fn links_devices_and_folders_in_a_package_are_refused() {
    refuses_repacked(
        |folder| std::os::unix::fs::symlink("/etc/passwd", folder.join("README")).unwrap(),
        "is not a file but a link",
    );
    refuses_repacked(
        |folder| fs::create_dir(folder.join("folder")).unwrap(),
        "is not a file but a folder",
    );
    refuses_repacked(
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
fn a_package_with_an_entry_that_leads_out_is_refused() {
    let given = Given::new();
    let package = packed(1, FIRST, None);
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
fn what_is_no_package_is_refused() {
    let given = Given::trusting();
    let work = given.work();
    for (name, content) in [
        ("empty.tar.gz", &b""[..]),
        ("text.tar.gz", b"text"),
        ("zeros.tar.gz", &[0; 4096]),
    ] {
        fs::write(work.join(name), content).unwrap();
        given
            .tw(["plugin", "install", "--yes", name])
            .fails_with("not a package of a plugin");
    }
    let whole = fs::read(packed(1, FIRST, None)).unwrap();
    for part in 1..8 {
        fs::write(work.join("cut.tar.gz"), &whole[..whole.len() * part / 8]).unwrap();
        given
            .tw(["plugin", "install", "--yes", "cut.tar.gz"])
            .fails_with("not a package of a plugin");
    }
    given
        .tw(["plugin", "install", "--yes", "./nowhere"])
        .fails_with("nowhere can't be read");
    given
        .tw(["plugin", "install", "--yes", "hello"])
        .fails_with("`hello` is no source of a plugin");
    given
        .tw(["plugin", "install", "--yes", "ftp://x/y.tar.gz"])
        .fails_with("no address that tw knows");
    given
        .tw([
            "plugin",
            "install",
            "--yes",
            "https://me:s3cret@example.invalid/y.tar.gz",
        ])
        .fails_with("has a name or a password in it");
    given.tw(["plugin", "install"]).misused("<SOURCE>");
}

#[test]
fn a_bundled_plugin_is_replaced_by_an_installed_one_of_its_name_until_that_is_removed() {
    let given = Given::trusting();
    given
        .installation
        .add_bytes("fruit-001", &library(1, FIRST));
    given.runs(1, FIRST);
    let package = given.package(1, SECOND, Some("acme"));
    given
        .install(&package)
        .exits(0)
        .says_with("replaces    the bundled plugin fruit-001 70.0.100");
    given.runs(1, SECOND);
    given.tw(["plugin", "remove", "fruit-001"]).exits(0);
    given.runs(1, FIRST);
    given
        .tw(["plugin", "remove", "fruit-001"])
        .fails_with("`fruit-001` came with tw");
}

#[test]
fn what_comes_into_conflict_is_said_before() {
    let given = Given::trusting();
    given.installs(1, FIRST);
    let rival = patched(
        library(2, FIRST),
        br#"{"name":"fruit-002","about""#,
        br#"{"name":"fruit-001","about""#,
    );
    fs::write(given.work().join("input.so"), rival).unwrap();
    fs::write(given.work().join("LICENSE"), "Free.").unwrap();
    fs::write(given.work().join("README.md"), "# Rival").unwrap();
    let key = secret_key("acme").display().to_string();
    let packed = given
        .tw(["plugin", "pack", "input.so", "--sign", &key, "-o", "json"])
        .exits(0)
        .json();
    given
        .tw([
            "plugin",
            "install",
            "--yes",
            packed["path"].as_str().unwrap(),
        ])
        .exits(0)
        .says_with("conflicts   another plugin has `fruit-001`");
    given
        .tw(["fruit-001"])
        .fails_with("claimed by several plugins");
    given.tw(["plugin", "remove", "fruit-002"]).exits(0);
    given.runs(1, FIRST);
}

#[test]
fn the_bundled_plugins_work_beside_installed_ones() {
    let given = Given::trusting();
    for (name, library) in &tw_tests::artifacts().plugins {
        given
            .installation
            .add(name.trim_start_matches("tw-plugin-"), library);
    }
    given.installs(1, FIRST);
    given.tw(["secrets", "--help"]).exits(0).says("");
    given.runs(1, FIRST);
}

#[test]
fn a_plugin_is_listed_verified_and_removed() {
    let given = Given::trusting();
    given
        .tw(["plugin", "verify"])
        .exits(0)
        .prints_with("No plugins are installed");
    given.installs(1, FIRST);
    let info = given
        .tw(["plugin", "info", "fruit-001", "-o", "json"])
        .exits(0)
        .json();
    let info = &info["plugin"];
    assert_eq!(info["vendor"], "The fruiterers");
    assert_eq!(info["services"], "http, workspace");
    assert_eq!(info["key"], public_key("acme"));
    assert_eq!(
        info["digest"],
        digest(&fs::read(packed(1, FIRST, Some("acme"))).unwrap())
    );
    given
        .tw(["plugin", "verify", "fruit-001"])
        .exits(0)
        .prints_with("ok");
    given
        .tw(["plugin", "verify", "fruit-002"])
        .fails_with("no plugin `fruit-002` is installed");
    given
        .tw(["plugin", "remove", "fruit-001"])
        .exits(0)
        .prints("\n  Plugin 'fruit-001' removed\n\n");
    given.has_no(1);
    given
        .tw(["plugin", "remove", "fruit-001"])
        .fails_with("no plugin `fruit-001` is installed");
    given
        .tw(["plugin", "info", "fruit-001"])
        .fails_with("There is no plugin `fruit-001`");
}

#[test]
fn a_question_that_is_interrupted_leaves_the_terminal_as_it_was() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, Some("acme")).display().to_string();
    Terminal::start(given.command(["plugin", "install", &package]))
        .until("Install fruit-001 70.0.100?")
        .until_each_key()
        .interrupts()
        .ends()
        .exits(130)
        .showed("Interrupted")
        .works_as_before();
    Terminal::start(given.command(["plugin", "key", "generate", "my.key"]))
        .until("Password of the new key")
        .until_unseen()
        .interrupts()
        .ends()
        .exits(130)
        .works_as_before();
    given.has_no(1);
}

#[test]
fn one_key_is_not_an_answer_yet() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, Some("acme")).display().to_string();
    Terminal::start(given.command(["plugin", "install", &package]))
        .until("Install fruit-001 70.0.100?")
        .until_each_key()
        .types("yn\r")
        .ends()
        .exits(1)
        .showed("Nothing was changed");
    given.has_no(1);
}

#[test]
fn an_exception_ends_when_the_signer_is_trusted() {
    let given = Given::new();
    let package = given.package(1, FIRST, Some("acme"));
    given
        .install(&package)
        .fails_with("nobody whose key is trusted has signed it (the key ");
    let path = package.display().to_string();
    let unsigned = ["plugin", "install", "--yes", "--allow-unsigned", &path];
    given.tw(unsigned).exits(0);
    assert_eq!(given.listed("fruit-001")["publisher"], "(unsigned)");
    given.trusts("acme");
    given.install(&package).exits(0);
    assert_eq!(given.listed("fruit-001")["publisher"], "acme");
}

#[test]
fn what_has_no_end_is_not_read_to_its_end() {
    let given = Given::new();
    std::os::unix::fs::symlink("/dev/zero", given.work().join("endless.tar.gz")).unwrap();
    given
        .tw(["plugin", "install", "--yes", "endless.tar.gz"])
        .fails_with("can't be read: file too large");
    given
        .tw(["plugin", "sync", "--lockfile", "/dev/zero"])
        .fails_with("file too large");
    given
        .tw(["plugin", "key", "trust", "zero", "/dev/zero"])
        .exits(1);
}
