//! `tw login`, `tw logout`, `tw whoami` and `tw token status`.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::json;
use tw_sandbox::{Fault, Sandbox};
use tw_tests::{Terminal, Tw, World};

use crate::{
    Files,
    keyring::{Keyring, NO_BUS, SilentBus},
};

/// A token of the user `demo`, which no output may show.
pub(crate) const TOKEN: &str = "eyJ0aWQiOjR9.c2VudGluZWw";

pub(crate) fn start() -> World {
    World::with(Sandbox::builder().token(TOKEN))
}

/// Prepares a command line without a token in its environment, on this bus.
pub(crate) fn on(world: &World, bus: &str, line: &[&str]) -> Tw {
    let tw = world.command(line.iter().copied());
    tw.without_env("TOWER_ACCESS_TOKEN")
        .env("DBUS_SESSION_BUS_ADDRESS", bus)
}

/// Prepares a command line in a session without a keyring.
pub(crate) fn tw(world: &World, line: &[&str]) -> Tw {
    on(world, NO_BUS, line)
}

pub(crate) fn login(world: &World, bus: &str, line: &[&str]) {
    let line = [&["login", "--token-stdin"], line].concat();
    on(world, bus, &line)
        .input(format!("{TOKEN}\n"))
        .run()
        .exits(0)
        .never_shows(TOKEN);
}

/// Returns everything in the files below a folder.
pub(crate) fn read_all(folder: &std::path::Path) -> String {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let texts = entries.map(|entry| match entry.path() {
        path if path.is_dir() => read_all(&path),
        path => String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned(),
    });
    texts.collect()
}

#[test]
fn a_login_is_kept_in_the_keyring_and_used_by_later_commands() {
    let world = start();
    let home = world.installation.home();
    let Some(keyring) = Keyring::start(&home) else {
        return;
    };
    let bus = keyring.address.as_str();
    let origin = world.sandbox.url().to_owned();
    let ran = on(&world, bus, &["login", "--token-stdin"])
        .input(format!("{TOKEN}\n"))
        .run();
    let done = format!("\n  Logged in at {origin} as demo; the token is in the keyring\n\n");
    ran.exits(0).prints(&done).says("").never_shows(TOKEN);
    world.saw(["GET /user-info"]);
    on(&world, bus, &["secrets", "list"])
        .run()
        .exits(0)
        .says("");
    world.saw(["GET /pipeline-secrets"]);
    // The token is in no file of tw. (The keyring's own file is encrypted.)
    assert!(!read_all(&home.join(".local/share/tw")).contains(TOKEN));
    assert!(!read_all(&home.join(".config")).contains(TOKEN));
    let who = on(&world, bus, &["whoami", "-o", "json"])
        .run()
        .exits(0)
        .never_shows(TOKEN)
        .json();
    assert_eq!(
        who,
        json!({ "user": "demo", "id": 1, "email": "demo@example.com", "endpoint": origin, "profile": null, "token": "the keyring" })
    );
    let status = on(&world, bus, &["token", "status", "-o", "json"])
        .run()
        .exits(0)
        .json();
    assert_eq!(
        (&status["state"], &status["source"]),
        (&json!("accepted"), &json!("keyring"))
    );
    // An external command that may have the token gets the stored one.
    let program = home.join("bin/tw-say");
    crate::write(
        &program,
        "#!/bin/sh\necho \"said ${TOWER_ACCESS_TOKEN-nothing}\"\n",
    );
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("a mode can be set");
    let say = || {
        on(&world, bus, &["say"])
            .env(
                "PATH",
                format!("{}:/usr/bin:/bin", home.join("bin").display()),
            )
            .run()
    };
    say().exits(0).prints("said nothing\n");
    world.configure("[external.say]\ntoken = true\n");
    say().exits(0).prints(&format!("said {TOKEN}\n"));
    let ran = on(&world, bus, &["logout"]).run().exits(0);
    ran.prints_with(&format!("Logged out of {origin}"));
    let ran = on(&world, bus, &["secrets", "list"]).run();
    ran.fails("Missing TOWER_ACCESS_TOKEN environment variable or 'tw -t <token> ...' parameter");
    on(&world, bus, &["logout"])
        .run()
        .fails_with("No login is stored for http://127.0.0.1:");
}

#[test]
fn a_session_without_a_keyring_keeps_the_token_in_a_private_file_and_says_so() {
    let world = start();
    let ran = tw(&world, &["login", "--token-stdin"])
        .input(TOKEN)
        .run()
        .exits(0);
    ran.prints_with("the token is in the file of logins")
        .says_with("note: this session has no keyring (")
        .says_with("so the token is in a file that only you can read")
        .never_shows(TOKEN);
    let folder = world.installation.home().join(".local/share/tw");
    for name in ["tokens.json", "logins.json"] {
        let mode = folder
            .join(name)
            .metadata()
            .expect("the file is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert!(
        !fs::read_to_string(folder.join("logins.json"))
            .expect("the file is there")
            .contains(TOKEN)
    );
    tw(&world, &["secrets", "list"]).run().exits(0).says("");
    let status = tw(&world, &["token", "status", "-o", "json"])
        .run()
        .exits(0)
        .never_shows(TOKEN);
    assert_eq!(status.json()["source"], "login-file");
    tw(&world, &["logout"]).run().exits(0);
    assert!(!folder.join("tokens.json").exists());
    assert!(!read_all(&folder).contains(TOKEN));
    // A file that others could have written decides nothing.
    login(&world, NO_BUS, &[]);
    fs::set_permissions(
        folder.join("logins.json"),
        fs::Permissions::from_mode(0o666),
    )
    .expect("a mode can be set");
    tw(&world, &["secrets", "list"])
        .run()
        .fails_with("logins.json isn't safe: everybody can write");
}

#[test]
fn a_token_is_asked_for_without_echo_and_kept_only_if_the_server_accepts_it() {
    let world = start();
    let question = "made in the Platform under 'Your tokens'";
    let left = Terminal::start(tw(&world, &["login"]))
        .until(question)
        .until_unseen()
        .types(&format!("{TOKEN}\n"))
        .ends();
    assert_eq!(left.code, Some(0), "{}", left.screen);
    assert!(!left.screen.contains(TOKEN), "{}", left.screen);
    assert!(left.stdout.contains("as demo"), "{}", left.stdout);
    let wrong = "eyJ0aWQiOjV9.d3JvbmcgdG9rZW4";
    let ran = tw(&world, &["--profile", "x", "login", "--token-stdin"])
        .input(wrong)
        .run();
    ran.exits(2).says_with("There is no profile `x`");
    world.configure("[profile.x]\n");
    let ran = tw(&world, &["--profile", "x", "login", "--token-stdin"])
        .input(wrong)
        .run();
    ran.never_shows(wrong).fails_with("Unauthorized.");
    let ran = tw(&world, &["--profile", "x", "token", "status"])
        .run()
        .exits(1);
    ran.prints_with("missing");
    for (input, message) in [
        ("", "Standard input has no token"),
        (" \n", "Standard input has no token"),
    ] {
        tw(&world, &["login", "--token-stdin"])
            .input(input)
            .run()
            .fails_with(message);
    }
    let ran = tw(&world, &["login"]).run().exits(1);
    ran.says_with("there is no terminal to ask on")
        .says_with("`--token-stdin`");
}

#[test]
fn only_a_request_that_needs_the_token_touches_the_keyring() {
    let world = start();
    let home = world.installation.home();
    let Some(keyring) = Keyring::start(&home) else {
        return;
    };
    login(&world, &keyring.address, &[]);
    let bus = SilentBus::start(&home);
    for line in [
        &["--version"][..],
        &["--help"],
        &["secrets", "list", "--help"],
        &["plugin", "list"],
        &["profile", "list"],
        &["config", "show"],
        &["secrets", "list", "-t", TOKEN],
        &["api", "/service-info", "-t", TOKEN],
    ] {
        on(&world, &bus.address, line).run().exits(0);
    }
    let tw = on(&world, &bus.address, &["secrets", "list"]).env("TOWER_ACCESS_TOKEN", TOKEN);
    tw.run().exits(0);
    assert_eq!(bus.connections(), 0);
    on(&world, &bus.address, &["secrets", "list"])
        .run()
        .exits(1);
    assert_eq!(bus.connections(), 1);
}

#[test]
fn a_keyring_that_hangs_is_one_clear_error() {
    let world = start();
    let home = world.installation.home();
    let bus = SilentBus::start(&home);
    let ran = on(&world, &bus.address, &["login", "--token-stdin"])
        .input(TOKEN)
        .run();
    ran.never_shows(TOKEN)
        .fails_with("The keyring can't be written: it did not answer within 2 seconds")
        .says_with("`tw login --store file --insecure`");
    login(&world, &bus.address, &["--store", "file"]);
    on(&world, &bus.address, &["secrets", "list"])
        .run()
        .exits(0);
    let Some(keyring) = Keyring::start(&home) else {
        return;
    };
    login(&world, &keyring.address, &["--store", "keyring"]);
    assert!(!read_all(&home.join(".local/share/tw")).contains(TOKEN));
    world.sandbox.clear_requests();
    let ran = on(&world, &bus.address, &["secrets", "list"]).run();
    ran.fails("The keyring can't be read: it did not answer within 2 seconds");
    let line = ["secrets", "list", "--error-format", "json"];
    let ran = on(&world, &bus.address, &line).run().exits(1);
    ran.says_with("\"code\":\"keyring\"");
    // A login that can't be removed from the keyring is kept.
    on(&world, &bus.address, &["logout"])
        .run()
        .fails_with("The keyring can't be changed");
    let ran = tw(&world, &["secrets", "list"]).run();
    ran.fails_with("The keyring can't be read: this session has no keyring");
    world.saw([]);
    on(&world, &keyring.address, &["secrets", "list"])
        .run()
        .exits(0);
}

#[test]
fn status_tells_a_rejected_token_from_an_unreachable_server_and_from_none() {
    let world = start();
    let status = |tw: Tw, code| tw.run().exits(code).never_shows(TOKEN).json();
    let line = ["token", "status", "-o", "json"];
    let none = status(tw(&world, &line), 1);
    assert_eq!(
        (&none["state"], &none["source"], &none["user"]),
        (&json!("missing"), &json!(null), &json!(null))
    );
    let wrong = status(tw(&world, &line).env("TOWER_ACCESS_TOKEN", "wrong"), 1);
    assert_eq!(
        (&wrong["state"], &wrong["from"]),
        (&json!("rejected"), &json!("TOWER_ACCESS_TOKEN"))
    );
    let json = [&line[..], &["--error-format", "json"]].concat();
    let ran = tw(&world, &json).env("TOWER_ACCESS_TOKEN", "wrong").run();
    assert_eq!(ran.json(), wrong);
    ran.exits(1)
        .says_with("{\"error\":{\"code\":\"unauthorized\"");
    world
        .sandbox
        .fault(Fault::on("GET", "/user-info").status(500));
    let broken = status(
        tw(
            &world,
            &[&line[..], &["-t", TOKEN, "--retries", "0"]].concat(),
        ),
        1,
    );
    assert_eq!(
        (&broken["state"], &broken["source"]),
        (&json!("unknown"), &json!("option"))
    );
    let shown = tw(&world, &["token", "status"]).run().exits(1);
    shown
        .prints_with("missing")
        .prints_with("`tw login --insecure` stores a token; make a token at http://127.0.0.1")
        .says("");
}

#[test]
fn a_keyring_that_stays_locked_is_one_clear_error() {
    let world = start();
    let home = world.installation.home();
    let Some(keyring) = Keyring::start(&home) else {
        return;
    };
    login(&world, &keyring.address, &[]);
    drop(keyring);
    let keyring = Keyring::start_locked(&home).expect("it started before");
    let bus = &keyring.address;
    world.sandbox.clear_requests();
    // It can ask for its password in a window, or fail to show one.
    let ran = on(&world, bus, &["whoami"]).run().exits(1);
    ran.says_with("The keyring can't be read: it ")
        .says_with("unlock the keyring and run the command again");
    let status = on(&world, bus, &["token", "status", "-o", "json"])
        .run()
        .exits(1)
        .json();
    assert_eq!(status["state"], "unreadable");
    let ran = on(&world, bus, &["login", "--token-stdin"])
        .input(TOKEN)
        .run();
    ran.never_shows(TOKEN)
        .fails_with("The keyring can't be written: it ");
    world.saw(["GET /user-info"]);
}

#[test]
fn a_rejected_token_is_named_by_its_place() {
    let world = start();
    let file = world.installation.home().join("token");
    let write = |token: &str| {
        fs::write(&file, token).expect("the home can be written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("a mode can be set");
    };
    let hint = |tw: Tw| {
        let ran = tw.args(["--error-format", "json"]).run().exits(1);
        let error: serde_json::Value = serde_json::from_str(&ran.stderr).expect("an error as JSON");
        let error = &error["error"];
        assert_eq!(error["code"], "unauthorized");
        assert!(error["request"].is_string(), "{error}");
        error["hint"].as_str().expect("a hint").to_owned()
    };
    write("wrong");
    for line in [&["secrets", "list"][..], &["whoami"]] {
        let named = hint(tw(&world, line).env("TOWER_ACCESS_TOKEN_FILE", &file));
        let expected = format!(
            "the token comes from the file {} (TOWER_ACCESS_TOKEN_FILE)",
            file.display()
        );
        assert!(named.contains(&expected), "{named}");
        // A login would not be used.
        let remedy = "and write it into the file, or unset TOWER_ACCESS_TOKEN_FILE";
        assert!(named.contains(remedy), "{named}");
        let named = hint(tw(&world, line).env("TOWER_ACCESS_TOKEN", "wrong"));
        assert!(
            named.contains("the token comes from the variable TOWER_ACCESS_TOKEN;"),
            "{named}"
        );
        let remedy = "and set TOWER_ACCESS_TOKEN to it, or unset TOWER_ACCESS_TOKEN";
        assert!(named.contains(remedy), "{named}");
        let named = hint(tw(&world, line).args(["-t", "wrong"]));
        assert!(
            named.contains("the token comes from the option --access-token;"),
            "{named}"
        );
        assert!(!named.contains("store it with `tw login"), "{named}");
    }
    // The server withdraws the token after the login.
    login(&world, NO_BUS, &[]);
    world.sandbox.fault(Fault::on("*", "*").status(401));
    let named = hint(tw(&world, &["secrets", "list"]));
    assert!(
        named.contains("the token comes from the file of logins;"),
        "{named}"
    );
    assert!(named.contains("and store it with `tw login"), "{named}");
}
