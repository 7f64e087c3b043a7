//! Keys: generate, trust, list and remove them; a secret key is never printed.

use std::{fs, os::unix::fs::PermissionsExt};

use tw_tests::Terminal;

use crate::given::{FIRST, Given, public_key, secret_key, signature_of};

#[test]
fn generate_writes_a_private_secret_key_and_a_public_key() {
    let given = Given::new();
    let ran = given.tw([
        "plugin",
        "key",
        "generate",
        "--no-password",
        "my.key",
        "-o",
        "json",
    ]);
    let made = ran.exits(0).says("").json();
    let secret = fs::metadata(given.work().join("my.key")).unwrap();
    assert_eq!(secret.permissions().mode() & 0o777, 0o600);
    let public = fs::read_to_string(given.work().join("my.key.pub")).unwrap();
    assert!(public.contains(made["key"].as_str().unwrap()), "{public}");
    // A lost key can't be recovered, so no file is overwritten.
    given
        .tw(["plugin", "key", "generate", "--no-password", "my.key"])
        .fails_with("my.key already exists");
    fs::remove_file(given.work().join("my.key")).unwrap();
    given
        .tw(["plugin", "key", "generate", "--no-password", "my.key"])
        .fails_with("my.key.pub already exists");
    assert!(!given.work().join("my.key").exists(), "half a pair is left");
}

#[test]
fn a_key_password_is_typed_twice_without_echo_and_unlocks_the_key() {
    let given = Given::new();
    let typed = Terminal::start(given.command(["plugin", "key", "generate", "my.key"]))
        .until("Password of the new key")
        .until_unseen()
        .types("open sesame\n")
        .until("Repeat the password")
        .until_unseen()
        .types("open sesame\n")
        .ends()
        .exits(0);
    typed.never_showed("sesame").works_as_before();
    let package = given.package(1, FIRST, None).display().to_string();
    let sign = || given.command(["plugin", "sign", "--key", "my.key", &package]);
    sign()
        .run()
        .fails_with("no terminal to ask on: Password of my.key")
        .says_with("TW_SIGNING_PASSWORD");
    sign()
        .env("TW_SIGNING_PASSWORD", "wrong password")
        .run()
        .fails_with("can't be opened with that password")
        .never_shows("wrong password");
    sign()
        .env("TW_SIGNING_PASSWORD", "open sesame")
        .run()
        .exits(0)
        .never_shows("sesame");
    given.trust("me", "my.key.pub", &["*"]).exits(0);
    given
        .tw(["plugin", "install", "--yes", &package])
        .exits(0)
        .says_with("publisher   me");
}

#[test]
fn keys_can_be_trusted_listed_and_removed() {
    let given = Given::new();
    given
        .tw(["plugin", "key", "list"])
        .exits(0)
        .prints_with("No keys are trusted");
    given.trusts("acme");
    let list = given
        .tw(["plugin", "key", "list", "-o", "json"])
        .exits(0)
        .json();
    assert_eq!(list["keys"][0]["name"], "acme");
    assert_eq!(list["keys"][0]["key"], public_key("acme"));
    // Trusting the same key again changes nothing. Another key of the same name is refused.
    given.trusts("acme");
    given
        .trust("acme", &public_key("other"), &["*"])
        .fails_with("another key is trusted as `acme`");
    given.tw(["plugin", "key", "remove", "acme"]).exits(0);
    given
        .tw(["plugin", "key", "remove", "acme"])
        .fails_with("no key is trusted as `acme`");
    let package = given.package(1, FIRST, Some("acme"));
    given
        .install(&package)
        .fails_with("it isn't signed with a trusted key");
}

#[test]
fn an_invalid_key_or_key_name_is_refused() {
    let given = Given::new();
    given
        .trust("acme", "nowhere.pub", &["*"])
        .fails_with("nowhere.pub doesn't exist");
    for key in ["", "RWQ", &public_key("acme")[1..]] {
        given
            .trust("acme", key, &["*"])
            .fails_with("not a public key");
    }
    for name in ["", "../x", "A", "a b", "-x", "a/b"] {
        let ran = given.tw(["plugin", "key", "trust", "--", name, &public_key("acme")]);
        ran.fails_with("is not a valid key name");
    }
    let secret = secret_key("acme").display().to_string();
    given
        .trust("acme", &secret, &["*"])
        .fails_with("is a secret key");
    // minisign's comment of a signature names the secret key.
    let signature = given.installation.home().join("a.minisig");
    let text = "untrusted comment: signature from minisign secret key\nRUQ\n";
    std::fs::write(&signature, text).expect("the home can be written");
    given
        .trust("acme", &signature.display().to_string(), &["*"])
        .fails_with("not a public key");
    let package = given.package(1, FIRST, None).display().to_string();
    given
        .tw([
            "plugin",
            "sign",
            "--key",
            &format!("{secret}.pub"),
            &package,
        ])
        .fails_with("is not a secret key");
}

#[test]
fn only_packages_and_indices_are_signed() {
    let given = Given::new();
    let secret = secret_key("acme").display().to_string();
    fs::write(given.work().join("letter.txt"), "Dear Sir").unwrap();
    given
        .tw(["plugin", "sign", "--key", &secret, "letter.txt"])
        .fails_with("it is not a package of a plugin");
    fs::write(given.work().join("index.json"), "{}").unwrap();
    given
        .tw(["plugin", "sign", "--key", &secret, "index.json"])
        .fails_with("it is not an index of plugins");
    assert!(!signature_of(&given.work().join("letter.txt")).exists());
}

#[test]
fn a_secret_key_is_never_shown() {
    let given = Given::new();
    let secret = secret_key("acme");
    let text = fs::read_to_string(&secret).unwrap();
    let line = text.lines().last().unwrap().to_owned();
    let package = given.package(1, FIRST, None).display().to_string();
    given
        .tw([
            "plugin",
            "sign",
            "--verbose",
            "--key",
            &secret.display().to_string(),
            &package,
        ])
        .exits(0)
        .never_shows(&line);
}
