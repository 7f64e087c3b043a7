//! The places of the access token, and the servers to which a token goes.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::json;
use tw_sandbox::Sandbox;
use tw_tests::{Tw, World};

use crate::{
    Files,
    keyring::NO_BUS,
    login::{TOKEN, login, read_all, start, tw},
};

#[test]
fn a_stored_token_never_goes_to_another_server() {
    let (world, other) = (start(), Sandbox::builder().token(TOKEN).start());
    login(&world, NO_BUS, &[]);
    world.sandbox.clear_requests();
    let message = format!(
        "There is no access token for {}: the login is for {}",
        other.url(),
        world.sandbox.url()
    );
    let hint = format!("`tw login -u {}", other.url());
    for line in [
        &["secrets", "list", "-u", other.url()][..],
        &["whoami", "-u", other.url()],
        &["-u", other.url(), "token", "status"],
    ] {
        let ran = tw(&world, line).run().exits(1);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(said.contains(&message), "{ran}");
        if line[0] != "secrets" {
            assert!(said.contains(&hint), "{ran}");
        }
    }
    let ran = tw(&world, &["secrets", "list"])
        .env("TOWER_API_ENDPOINT", other.url())
        .run();
    ran.fails_with(&message);
    // Another path of the same server is the same server, and another name or port of the machine is not.
    tw(&world, &["secrets", "list"])
        .env("TOWER_API_ENDPOINT", format!("{}/api", world.sandbox.url()))
        .run()
        .exits(0);
    let renamed = world.sandbox.url().replace("127.0.0.1", "localhost");
    tw(&world, &["secrets", "list"])
        .env("TOWER_API_ENDPOINT", renamed)
        .run()
        .fails_with("There is no access token for http://localhost");
    assert!(other.requests().is_empty());
    // Each server can have a login of its own.
    login(&world, NO_BUS, &["-u", other.url()]);
    tw(&world, &["secrets", "list", "-u", other.url()])
        .run()
        .exits(0);
    tw(&world, &["secrets", "list"]).run().exits(0);
    tw(&world, &["logout", "-u", other.url()]).run().exits(0);
    tw(&world, &["secrets", "list"]).run().exits(0);
}

#[test]
fn a_stored_token_belongs_to_its_profile() {
    let world = World::with(
        Sandbox::builder()
            .token(TOKEN)
            .token_for("t0ken-of-work", 1),
    );
    world.configure("[profile.work]\n[profile.home]\n");
    let work = ["--profile", "work"];
    let ran = tw(&world, &["login", "--token-stdin", "--profile", "work"])
        .input("t0ken-of-work")
        .run();
    ran.exits(0);
    for line in [
        &["secrets", "list"][..],
        &["--profile", "home", "secrets", "list"],
    ] {
        tw(&world, line)
            .run()
            .fails_with("Missing TOWER_ACCESS_TOKEN");
    }
    tw(&world, &[&work[..], &["secrets", "list"]].concat())
        .run()
        .exits(0);
    let ran = tw(&world, &["--profile", "home", "whoami"]).run().exits(1);
    ran.says_with("`tw login --profile home")
        .says_with("stores a token");
    let who = tw(&world, &[&work[..], &["whoami", "-o", "json"]].concat())
        .run()
        .exits(0)
        .json();
    assert_eq!(who["token"], "the file of logins (profile `work`)");
    let logins = tw(&world, &["token", "list", "-o", "json"]).run().exits(0);
    let user = who["user"].as_str().unwrap();
    let found = json!({"user": user, "origin": world.sandbox.url(), "profile": "work", "source": "login-file"});
    assert_eq!(logins.json()["logins"], json!([found]));
    tw(&world, &["logout"])
        .run()
        .fails_with("No login is stored");
    tw(&world, &["logout", "--profile", "work"]).run().exits(0);
    let logins = tw(&world, &["token", "list"]).run().exits(0);
    assert_eq!(logins.stdout, "\n  Logins:\n\n    No logins found\n");
    // Without its profile, nothing could name a login any more.
    let ran = tw(&world, &["login", "--token-stdin", "--profile", "work"])
        .input("t0ken-of-work")
        .run();
    ran.exits(0);
    tw(&world, &["profile", "remove", "work"])
        .run()
        .exits(0)
        .says("");
    assert!(!read_all(&world.installation.home().join(".local/share/tw")).contains("work"));
}

#[test]
fn the_first_place_that_has_a_token_decides() {
    let world = start();
    let file = world.installation.home().join("token");
    fs::write(&file, format!("{TOKEN}\n")).expect("the home can be written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("a mode can be set");
    let path = file.to_str().expect("UTF-8");
    let from = |tw: Tw| tw.run().json()["from"].clone();
    let line = ["token", "status", "-o", "json"];
    login(&world, NO_BUS, &[]);
    assert_eq!(from(tw(&world, &line)), "the file of logins");
    world.configure(&format!(
        "endpoint = \"{}\"\ntoken-file = \"{path}\"\n",
        world.sandbox.url()
    ));
    let config = world.user_file().display().to_string();
    let ours = |line: &[&str]| tw(&world, line).without_env("TOWER_API_ENDPOINT");
    assert_eq!(from(ours(&line)), format!("the file {path} ({config}:2)"));
    let named = || ours(&line).env("TOWER_ACCESS_TOKEN_FILE", path);
    assert_eq!(
        from(named()),
        format!("the file {path} (TOWER_ACCESS_TOKEN_FILE)")
    );
    assert_eq!(
        from(named().env("TOWER_ACCESS_TOKEN", TOKEN)),
        "TOWER_ACCESS_TOKEN"
    );
    assert_eq!(
        from(named().env("TOWER_ACCESS_TOKEN", TOKEN).args(["-t", TOKEN])),
        "--access-token"
    );
    // A wrong token of a place that takes precedence is not replaced by another.
    let ran = named().env("TOWER_ACCESS_TOKEN", "wrong").run().exits(1);
    assert_eq!(ran.json()["state"], "rejected");
    // A variable hides a login, and logging in says so.
    let tw = tw(&world, &["login", "--token-stdin"])
        .input(TOKEN)
        .env("TOWER_ACCESS_TOKEN", "other");
    tw.run()
        .exits(0)
        .says_with("warning: TOWER_ACCESS_TOKEN is set");
}

#[test]
fn a_token_file_of_the_configuration_belongs_to_the_endpoint_of_the_configuration() {
    let (world, other) = (start(), Sandbox::builder().token(TOKEN).start());
    let file = world.installation.home().join(".config/tw/token");
    crate::write(&file, TOKEN);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("a mode can be set");
    let (here, there) = (world.sandbox.url().to_owned(), other.url().to_owned());
    world.configure(&format!(
        "endpoint = \"{here}\"\ntoken-file = \"token\"\n[profile.there]\nendpoint = \"{there}\"\n[profile.own]\nendpoint = \"{there}/api\"\ntoken-file = \"token\"\n"
    ));
    let list = |line: &[&str]| {
        tw(&world, &[line, &["secrets", "list"]].concat())
            .without_env("TOWER_API_ENDPOINT")
            .run()
    };
    list(&[]).exits(0);
    list(&["--profile", "own"]).exits(0);
    other.clear_requests();
    for line in [
        &["-u", &there][..],
        &["--profile", "there"],
        &["--profile", "own", "-u", &here],
    ] {
        let ran = list(line).exits(1);
        ran.says_with("There is no access token for http://")
            .says_with("the file of `token-file` (");
    }
    let ran = tw(&world, &["secrets", "list"])
        .env("TOWER_API_ENDPOINT", &there)
        .run()
        .exits(1);
    ran.says_with(&format!("is for {here}"));
    assert!(other.requests().is_empty());
    // An address without a scheme is https, here too.
    world.configure("endpoint = \"nothing.invalid\"\ntoken-file = \"token\"\n");
    let status = tw(&world, &["token", "status", "-o", "json"]).without_env("TOWER_API_ENDPOINT");
    let status = status.run().exits(1).json();
    assert_eq!(
        (&status["state"], &status["origin"]),
        (&json!("unknown"), &json!("https://nothing.invalid"))
    );
    // A file that the variable names goes where the command goes, as the token in a variable does.
    let named =
        tw(&world, &["secrets", "list", "-u", &there]).env("TOWER_ACCESS_TOKEN_FILE", &file);
    named.run().exits(0);
}

#[test]
fn an_unusable_certificate_is_said_with_the_place_that_names_it() {
    let world = World::new();
    world.configure("[profile.w]\ncacert = \"nope.pem\"\n");
    let file = world.user_file().display().to_string();
    let assert_from = |arguments: &[&str], variable: &str, from: &str| {
        let line = [&["whoami"][..], arguments].concat();
        let tw = world.command(line).env(variable, "/nope");
        let ran = tw.run().exits(1);
        ran.says_with(&format!(
            "No such file or directory\n        it comes from {from}: "
        ));
    };
    let profile = format!("profile `w` in {file}:2");
    assert_from(&["--profile", "w"], "TW_NONE", &profile);
    assert_from(&["--cacert", "/nope"], "TW_NONE", "the option --cacert");
    assert_from(&[], "TW_CACERT", "the variable TW_CACERT");
    assert_from(&[], "TW_CLIENT_CERT", "the variable TW_CLIENT_CERT");
    let ran = world.tw(["whoami", "--profile", "w", "--cacert", "/dev/null"]);
    ran.says_with("it comes from the option --cacert: it must be a PEM file");
    world.saw([]);
}

#[test]
fn a_token_file_is_checked() {
    let world = start();
    let file = world.installation.home().join("token");
    let list = || {
        tw(&world, &["secrets", "list"])
            .env("TOWER_ACCESS_TOKEN_FILE", &file)
            .run()
    };
    list().fails_with("token doesn't exist");
    let mode = |mode| {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("a mode can be set")
    };
    for wrong in ["", " \n", "two tokens", "one\ntwo"] {
        fs::write(&file, wrong).expect("the home can be written");
        mode(0o600);
        list().fails_with("token doesn't hold one token");
    }
    fs::write(&file, format!("\u{feff}{TOKEN}\r\n")).expect("the home can be written");
    list().exits(0).says("");
    mode(0o644);
    let ran = list().exits(0).never_shows(TOKEN);
    ran.says_with("warning: other users can read the token file ")
        .says_with("chmod go-rwx ");
    mode(0o602);
    list().fails_with("token isn't safe: everybody can write");
    world.sandbox.clear_requests();
    fs::remove_file(&file).expect("the file is there");
    // A command that needs no token doesn't look for one.
    tw(&world, &["plugin", "list"])
        .env("TOWER_ACCESS_TOKEN_FILE", &file)
        .run()
        .exits(0)
        .says("");
    world.saw([]);
}
