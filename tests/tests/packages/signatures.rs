//! Signatures of packages: who signed a package, and which packages are refused.

use std::fs;

use crate::given::{FIRST, Given, SECOND, signature_of};

#[test]
fn an_unsigned_package_needs_allow_unsigned_and_is_listed_as_unsigned() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, None);
    given
        .install(&package)
        .fails_with("it isn't signed with a trusted key")
        .says_with("`--allow-unsigned` makes an exception");
    given.has_no(1);
    let path = package.display().to_string();
    given
        .tw(["plugin", "install", "--yes", "--allow-unsigned", &path])
        .exits(0)
        .says_with("publisher   unknown");
    given.runs(1, FIRST);
    assert_eq!(given.list_entry("fruit-001")["publisher"], "(unsigned)");
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
fn a_package_signed_by_an_untrusted_key_counts_as_unsigned() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, Some("stranger"));
    given
        .install(&package)
        .fails_with("it isn't signed with a trusted key");
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
    // A byte of each of the two signatures and of the signed comment. The first line is an unsigned comment, so a change there doesn't matter.
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
fn a_signature_of_another_package_is_refused_even_with_allow_unsigned() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, Some("acme"));
    let other = given.package(2, FIRST, Some("acme"));
    fs::copy(signature_of(&other), signature_of(&package)).unwrap();
    given
        .install(&package)
        .fails_with("its signature doesn't match its content");
    given
        .tw([
            "plugin",
            "install",
            "--yes",
            "--allow-unsigned",
            &package.display().to_string(),
        ])
        .fails_with("its signature doesn't match its content");
    given.has_no(1);
}

#[test]
fn a_version_signed_by_another_key_cannot_replace_the_installed_one() {
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
fn installing_again_after_trusting_the_signer_records_the_publisher() {
    let given = Given::new();
    let package = given.package(1, FIRST, Some("acme"));
    given
        .install(&package)
        .fails_with("it isn't signed with a trusted key (the key ");
    let path = package.display().to_string();
    let unsigned = ["plugin", "install", "--yes", "--allow-unsigned", &path];
    given.tw(unsigned).exits(0);
    assert_eq!(given.list_entry("fruit-001")["publisher"], "(unsigned)");
    given.trusts("acme");
    given.install(&package).exits(0);
    assert_eq!(given.list_entry("fruit-001")["publisher"], "acme");
}

#[test]
fn a_package_with_an_unreadable_signature_does_not_count_as_unsigned() {
    let given = Given::trusting();
    let package = given.package(1, FIRST, None);
    fs::create_dir(signature_of(&package)).unwrap();
    let path = package.display().to_string();
    given
        .tw(["plugin", "install", "--yes", "--allow-unsigned", &path])
        .fails_with("can't be read: Is a directory");
    given.has_no(1);
}
