//! Whose signature a package has, and what is refused because of it.

use std::fs;

use crate::given::{FIRST, Given, SECOND, signature_of};

#[test]
fn an_unsigned_package_is_an_exception_that_every_listing_shows() {
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
fn an_exception_ends_when_the_signer_is_trusted() {
    let given = Given::new();
    let package = given.package(1, FIRST, Some("acme"));
    given
        .install(&package)
        .fails_with("it isn't signed with a trusted key (the key ");
    let path = package.display().to_string();
    let unsigned = ["plugin", "install", "--yes", "--allow-unsigned", &path];
    given.tw(unsigned).exits(0);
    assert_eq!(given.listed("fruit-001")["publisher"], "(unsigned)");
    given.trusts("acme");
    given.install(&package).exits(0);
    assert_eq!(given.listed("fruit-001")["publisher"], "acme");
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
