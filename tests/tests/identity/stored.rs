//! Stored logins where something is in the way: a profile that is gone, other readers, links, and damage.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
};

use serde_json::Value;
use tw_sandbox::Fault;
use tw_tests::World;

use crate::{
    Files,
    keyring::{Keyring, NO_BUS, SilentBus},
    login::{TOKEN, login, on, read_all, start, tw},
};

#[test]
fn a_profile_whose_login_cannot_be_removed_stays() {
    let world = start();
    let home = world.installation.home();
    let Some(keyring) = Keyring::start(&home) else {
        return;
    };
    let text = "[profile.w2]\n";
    world.configure(text);
    login(&world, &keyring.address, &["--profile", "w2"]);
    let silent = SilentBus::start(&home);
    let remove = ["profile", "remove", "w2"];
    let ran = on(&world, &silent.address, &remove).run();
    let way = format!(
        "`tw logout --profile w2 -u {} --forget`",
        world.sandbox.url()
    );
    ran.fails_with("The profile `w2` is not removed, because its login for http://127.0.0.1:")
        .says_with("The keyring can't be changed")
        .says_with(&way);
    let left = fs::read_to_string(world.user_file()).expect("the file is there");
    assert_eq!(left, text);
    let whoami = ["--profile", "w2", "whoami"];
    on(&world, &keyring.address, &whoami).run().exits(0);
    on(&world, &keyring.address, &remove)
        .run()
        .exits(0)
        .says("");
    let list = on(&world, NO_BUS, &["token", "list", "-o", "json"]).run();
    assert_eq!(list.exits(0).json()["logins"], serde_json::json!([]));
}

#[test]
fn the_login_of_a_profile_that_is_gone_can_be_removed() {
    let world = start();
    let url = world.sandbox.url();
    let logins = || read_all(&world.installation.home().join(".local/share/tw"));
    for line in [
        &["logout", "--profile", "gone"][..],
        &["logout", "--profile", "gone", "-u", url],
        &["--profile", "gone", "logout", "--forget"],
    ] {
        world.configure("[profile.gone]\n");
        login(&world, NO_BUS, &["--profile", "gone"]);
        world.configure("");
        let hint = "the profile `gone`, which is gone, has a login for this server: `tw logout --profile gone";
        tw(&world, &["whoami"]).run().exits(1).says_with(hint);
        tw(&world, &["logout"]).run().exits(1).says_with(hint);
        tw(&world, &["--profile", "gone", "whoami"])
            .run()
            .exits(2)
            .says_with("There is no profile `gone`");
        let ran = tw(&world, line).without_env("TOWER_API_ENDPOINT").run();
        ran.exits(0).prints_with(&format!("Logged out of {url}"));
        assert!(!logins().contains(TOKEN));
        let ran = tw(&world, line).run();
        ran.exits(2).says_with("There is no profile `gone`");
    }
}

#[test]
fn other_readers_of_the_tokens_are_named_until_the_next_login() {
    let world = start();
    login(&world, NO_BUS, &[]);
    let tokens = world
        .installation
        .home()
        .join(".local/share/tw/tokens.json");
    fs::set_permissions(&tokens, fs::Permissions::from_mode(0o644)).expect("a mode can be set");
    let warning = format!(
        "warning: other users can read the file of logins {0}: `chmod go-rwx '{0}'`",
        tokens.display()
    );
    tw(&world, &["whoami"]).run().exits(0).says_with(&warning);
    login(&world, NO_BUS, &[]);
    tw(&world, &["whoami"]).run().exits(0).says("");
    let mode = tokens.metadata().expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn no_token_stays_behind_a_link() {
    let world = start();
    let home = world.installation.home();
    let folder = home.join(".local/share/tw");
    for name in ["tokens.json", "logins.json"] {
        login(&world, NO_BUS, &[]);
        let (link, real) = (folder.join(name), home.join("real.json"));
        fs::rename(&link, &real).expect("a file can be moved");
        symlink(&real, &link).expect("a link can be made");
        login(&world, NO_BUS, &[]);
        assert!(link.is_symlink() && real.is_file());
        tw(&world, &["whoami"]).run().exits(0).says("");
        tw(&world, &["logout"]).run().exits(0);
        assert!(!real.exists() && !link.is_symlink());
        assert!(!read_all(&folder).contains(TOKEN));
    }
}

#[test]
fn damaged_files_of_logins_say_what_their_removal_loses() {
    let world = start();
    login(&world, NO_BUS, &[]);
    let folder = world.installation.home().join(".local/share/tw");
    let logins = folder.join("logins.json");
    let before = fs::read(&logins).expect("the file is there");
    fs::write(&logins, "{").expect("a file can be written");
    tw(&world, &["whoami"])
        .run()
        .exits(1)
        .says_with("logins.json is damaged")
        .says_with("tokens in the keyring then stay there");
    fs::write(&logins, before).expect("a file can be written");
    let tokens = folder.join("tokens.json");
    fs::remove_file(&tokens).expect("a file can be removed");
    fs::create_dir(&tokens).expect("a folder can be made");
    tw(&world, &["whoami"])
        .run()
        .exits(1)
        .says_with("tokens.json can't be read")
        .says_with("remove it, and log in again");
}

/// Returns the hint of a login with a token on standard input.
fn hint_of_login(world: &World) -> String {
    let line = ["login", "--token-stdin", "--error-format", "json"];
    let ran = tw(world, &line).input("wrong").run().exits(1);
    let error: Value = serde_json::from_str(&ran.stderr).expect("an error as JSON");
    error["error"]["hint"].as_str().expect("a hint").to_owned()
}

#[test]
fn a_login_that_is_refused_names_the_place_of_the_token_and_not_itself() {
    let world = start();
    for status in [401, 403] {
        world
            .sandbox
            .fault(Fault::on("GET", "/user-info").status(status).times(1));
        let hint = hint_of_login(&world);
        assert!(hint.contains("from standard input"), "{hint}");
        assert!(hint.contains("and log in with it"), "{hint}");
        for wrong in ["--access-token", "tw login", "tw workspaces"] {
            assert!(!hint.contains(wrong), "{hint}");
        }
    }
    let both = ["login", "--token-stdin", "-t", TOKEN];
    tw(&world, &both)
        .input(TOKEN)
        .run()
        .exits(2)
        .says_with("'--token-stdin' cannot be used with '--access-token <TOKEN>'");
}
