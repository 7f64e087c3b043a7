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
fn a_file_has_no_newer_version_and_nobody_says_that_it_is_the_newest() {
    let given = Given::trusting();
    given
        .tw(["plugin", "upgrade", "--all"])
        .exits(0)
        .prints_with("No plugins are installed");
    given.installs(1, FIRST);
    given
        .tw(["plugin", "upgrade", "fruit-001"])
        .exits(0)
        .prints_with("where no newer versions are looked for");
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
    assert_eq!(info["services"], serde_json::json!(["http", "workspace"]));
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
        .types("yn\r\r")
        .ends()
        .exits(1)
        .showed("type y or n")
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

#[test]
fn a_signature_that_cannot_be_read_is_not_taken_for_none() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, None);
    fs::create_dir(signature_of(&package)).unwrap();
    let path = package.display().to_string();
    given
        .tw(["plugin", "install", "--yes", "--allow-unsigned", &path])
        .fails_with("can't be read: Is a directory");
    given.has_no(1);
}
