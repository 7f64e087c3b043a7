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

/// Prepares a command line in a session without a keyring.
fn tw(world: &World, line: &[&str]) -> Tw {
    on(world, NO_BUS, line)
}

fn login(world: &World, bus: &str, line: &[&str]) {
    let line = [&["login", "--token-stdin"], line].concat();
    on(world, bus, &line)
        .input(format!("{TOKEN}\n"))
        .run()
        .exits(0)
        .never_shows(TOKEN);
}

/// Returns everything in the files below a folder.
fn read_all(folder: &std::path::Path) -> String {
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
    tw(&world, &["logout"])
        .run()
        .fails_with("No login is stored");
    tw(&world, &["logout", "--profile", "work"]).run().exits(0);
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
        let named = hint(tw(&world, line).env("TOWER_ACCESS_TOKEN", "wrong"));
        assert!(
            named.contains("the token comes from the variable TOWER_ACCESS_TOKEN;"),
            "{named}"
        );
        let named = hint(tw(&world, line).args(["-t", "wrong"]));
        assert!(
            named.contains("the token comes from the option --access-token;"),
            "{named}"
        );
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
