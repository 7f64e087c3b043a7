//! Tokens that were stored, typed or piped where something goes wrong.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use serde_json::json;
use tw_sandbox::Sandbox;
use tw_tests::{Tw, World, has_program};

use crate::{
    Files,
    keyring::{Keyring, NO_BUS},
};

/// A token of the user `demo`, which no output may show.
const TOKEN: &str = "eyJ0aWQiOjR9.c2VudGluZWw";

fn start() -> World {
    World::with(Sandbox::builder().token(TOKEN))
}

/// Prepares a command line without a token in its environment, on this bus.
fn on(world: &World, bus: &str, line: &[&str]) -> Tw {
    let tw = world.command(line.iter().copied());
    tw.without_env("TOWER_ACCESS_TOKEN")
        .env("DBUS_SESSION_BUS_ADDRESS", bus)
}

/// Asserts that the keyring doesn't have a token for the sandbox.
#[track_caller]
fn assert_not_in(world: &World, keyring: &Keyring) {
    let list = world
        .installation
        .home()
        .join(".local/share/tw/logins.json");
    let login = json!({ "profile": null, "origin": world.sandbox.url(), "user": "demo", "place": "keyring" });
    fs::write(&list, json!({ "format": 1, "logins": [login] }).to_string())
        .expect("the list can be written");
    fs::set_permissions(&list, fs::Permissions::from_mode(0o600)).expect("a mode can be set");
    on(world, &keyring.address, &["secrets", "list"])
        .run()
        .fails_with("The keyring has no token for");
}

#[test]
fn a_login_in_the_file_leaves_no_token_in_the_keyring() {
    let world = start();
    let Some(keyring) = Keyring::start(&world.installation.home()) else {
        return;
    };
    let login = |bus: &str, line: &[&str]| {
        let line = [&["login", "--token-stdin"], line].concat();
        on(&world, bus, &line)
            .input(TOKEN)
            .run()
            .exits(0)
            .never_shows(TOKEN)
    };
    login(&keyring.address, &[]);
    login(&keyring.address, &["--store", "file"]).says("");
    on(&world, &keyring.address, &["logout"]).run().exits(0);
    assert_not_in(&world, &keyring);
    // A session without the keyring can't remove the token from it, and remembers that.
    login(&keyring.address, &[]);
    login(NO_BUS, &[]).says_with("the token of the former login is still in the keyring");
    on(&world, NO_BUS, &["secrets", "list"]).run().exits(0);
    let ran = on(&world, NO_BUS, &["logout"]).run();
    ran.fails_with("The keyring can't be changed: this session has no keyring")
        .says_with("`tw logout --forget");
    on(&world, &keyring.address, &["logout"]).run().exits(0);
    assert_not_in(&world, &keyring);
    login(&keyring.address, &[]);
    on(&world, NO_BUS, &["logout", "--forget"])
        .run()
        .exits(0)
        .says_with("warning: the keyring keeps the token");
    on(&world, NO_BUS, &["logout"])
        .run()
        .fails_with("No login is stored");
}

#[test]
fn a_login_that_fails_leaves_no_token_on_the_disk() {
    let world = start();
    let folder = world.installation.home().join(".local/share/tw");
    fs::create_dir_all(&folder).expect("the folder can be made");
    if !has_program("unshare") {
        return;
    }
    // There is room for the folder, its lock, and one file.
    let script = "mount -t tmpfs -o nr_inodes=3,mode=700 none \"$1\" || exit 77; cd \"$1\"; shift; \"$@\"; code=$?; cat ./*.json; exit $code";
    let tw = Tw::new(Path::new("unshare"), &world.installation.home())
        .args(["--mount", "sh", "-c", script, "sh"])
        .args([&folder, &world.installation.tw()])
        .args(["--insecure", "login", "--token-stdin"])
        .env("TOWER_API_ENDPOINT", world.sandbox.url())
        .env("DBUS_SESSION_BUS_ADDRESS", NO_BUS)
        .input(TOKEN);
    let ran = tw.run().never_shows(TOKEN);
    if ran.status.code() != Some(1) || world.sandbox.requests().is_empty() {
        assert!(
            std::env::var_os("CI").is_none() || !rustix::process::getuid().is_root(),
            "a file system must be mounted here: {ran}"
        );
        return;
    }
    ran.exits(1).says_with("json can't be written");
}

#[test]
fn a_token_that_is_typed_in_the_wrong_place_is_not_shown() {
    let world = start();
    for line in [
        &["login", TOKEN][..],
        &["login", "--token-stdin", TOKEN],
        &["login", &format!("--token-stdin={TOKEN}")],
        &["logout", TOKEN],
        &["whoami", TOKEN],
        &["token", TOKEN],
        &["token", "status", TOKEN],
    ] {
        for format in ["text", "json"] {
            let line = [line, &["--error-format", format]].concat();
            let ran = on(&world, NO_BUS, &line).run().exits(2);
            ran.never_shows(TOKEN)
                .says_with("(not shown, it may be a secret)");
        }
    }
    world.saw([]);
}

#[test]
fn an_empty_option_does_not_choose_another_token() {
    let world = start();
    for empty in ["", " "] {
        let ran = world.tw(["secrets", "list", "-t", empty]).exits(2);
        ran.says_with("the value of '--access-token <TOKEN>' is empty");
    }
    world.saw([]);
}

#[test]
fn standard_input_holds_one_token_as_a_token_file_does() {
    let world = start();
    let login = |input: String| on(&world, NO_BUS, &["login", "--token-stdin"]).input(input);
    login(format!("\u{feff}{TOKEN}\r\n")).run().exits(0);
    world.sandbox.clear_requests();
    for wrong in [
        "two words".to_owned(),
        format!("TOWER_ACCESS_TOKEN={TOKEN}"),
        "x".repeat(70 << 10),
    ] {
        login(wrong)
            .run()
            .never_shows(TOKEN)
            .fails_with("Standard input doesn't hold one token");
    }
    world.saw([]);
    // A pipe that the caller has opened is a token file too.
    let piped = on(&world, NO_BUS, &["secrets", "list"]).input(TOKEN);
    let piped = piped.env("TOWER_ACCESS_TOKEN_FILE", "/dev/fd/0");
    piped.run().exits(0).says("");
}

#[test]
fn a_login_for_another_server_than_the_token_file_is_used() {
    let (world, other) = (start(), start());
    let token = world.installation.home().join(".config/tw/token");
    crate::write(&token, TOKEN);
    fs::set_permissions(&token, fs::Permissions::from_mode(0o600)).expect("a mode can be set");
    let here = world.sandbox.url();
    world.configure(&format!("endpoint = \"{here}\"\ntoken-file = \"token\"\n"));
    let there = |line: &[&str]| {
        on(
            &world,
            NO_BUS,
            &[line, &["-u", other.sandbox.url()]].concat(),
        )
        .without_env("TOWER_API_ENDPOINT")
    };
    there(&["whoami"])
        .run()
        .fails_with("the file of `token-file`");
    there(&["login", "--token-stdin", "-q"])
        .input(TOKEN)
        .run()
        .exits(0)
        .says("");
    there(&["whoami"]).run().exits(0);
    there(&["logout"]).run().exits(0);
    there(&["whoami"])
        .run()
        .fails_with("the file of `token-file`");
}

#[test]
fn the_hints_about_logins_name_commands_that_work() {
    let world = start();
    let url = world.sandbox.url();
    world.configure(&format!(
        "[profile.work]\nendpoint = \"{url}\"\n[profile.home]\n"
    ));
    let login = |line: &[&str]| {
        let line = [&["login", "--token-stdin", "-u", url], line].concat();
        on(&world, NO_BUS, &line).input(TOKEN).run().exits(0)
    };
    let ran = login(&["--profile", "work"]);
    let ran = ran.says_with(&format!("later commands need `-u {url}`"));
    assert!(!ran.stderr.contains("profile set"), "{ran}");
    let keep = format!("`tw profile set home endpoint={url}` keeps the endpoint in the profile");
    login(&["--profile", "home"]).says_with(&keep);
    let ran = on(&world, NO_BUS, &["whoami"]).run().exits(1);
    ran.says_with("has a login for this server: `--profile ");
    let ran = on(&world, NO_BUS, &["logout"]).run().exits(1);
    ran.says_with("No login is stored for")
        .says_with("has a login for this server: `--profile ");
    login(&[]);
    let ran = on(&world, NO_BUS, &["logout", "--profile", "home"]).run();
    ran.exits(0);
    let ran = on(&world, NO_BUS, &["whoami"])
        .env("TW_PROFILE", "home")
        .run();
    ran.exits(1).says_with("has a login for this server");
    on(&world, NO_BUS, &["logout", "--profile", "work"])
        .run()
        .exits(0);
    let ran = on(&world, NO_BUS, &["whoami"])
        .env("TW_PROFILE", "home")
        .run();
    ran.exits(1)
        .says_with("there is a login for this server without a profile: unset TW_PROFILE");
}
