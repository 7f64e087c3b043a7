//! The programs that the host starts itself don't have the secrets of `tw` in their environment.

use std::{fs, path::Path};

use tw_tests::Answer;

use crate::{
    artifact::{Artifact, reference},
    docker::{PASSWORD, USER},
    given::{Given, SECOND},
    login::{install_helper, write_script},
};

const TOKEN: &str = "SENTINEL-token";
const SIGNING: &str = "SENTINEL-password";

fn with_secrets(given: Given) -> Given {
    given
        .env("TOWER_ACCESS_TOKEN", TOKEN)
        .env("TW_SIGNING_PASSWORD", SIGNING)
}

/// Asserts that a program has written its environment to this file, and that the environment has no secret.
#[track_caller]
fn assert_holds_no_secret(file: &Path) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains("LANG=C.UTF-8"), "{text}");
    for trace in ["SENTINEL", "TOWER_ACCESS_TOKEN", "TW_SIGNING_PASSWORD"] {
        assert!(!text.contains(trace), "{text}");
    }
}

#[test]
fn a_credential_helper_gets_neither_token_nor_password() {
    let given = Given::trusting();
    let server = Artifact::of(SECOND).serve(|_, asked| {
        let challenge = r#"Basic realm="tests""#;
        let is_open = asked.headers.contains_key("authorization");
        (!is_open).then(|| Answer::status(401).header("WWW-Authenticate", challenge))
    });
    let seen = given.work().join("seen");
    let script = format!(
        r#"env > "{}"
echo "{{\"ServerURL\":\"$host\",\"Username\":\"{USER}\",\"Secret\":\"{PASSWORD}\"}}""#,
        seen.display()
    );
    let given = with_secrets(install_helper(given, &server.host(), false, &script));
    let place = reference(&server.host(), SECOND);
    given.tw(["plugin", "install", "--yes", &place]).exits(0);
    assert_holds_no_secret(&seen);
}

#[test]
fn cargo_gets_neither_token_nor_password() {
    let given = Given::trusting();
    let (seen, cargo) = (given.work().join("seen"), given.work().join("cargo"));
    write_script(&cargo, &format!("env > '{}'; exit 1", seen.display()));
    let given = with_secrets(given).env("CARGO", cargo.display().to_string());
    given
        .tw(["plugin", "pack", "."])
        .fails_with("cargo finds no crate");
    assert_holds_no_secret(&seen);
}
