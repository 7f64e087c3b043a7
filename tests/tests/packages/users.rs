//! The user of a run: the home, the umask and the groups.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown},
    path::Path,
};

use tw_tests::{Ran, Tw, strangers::STRANGER};

use crate::{
    given::{FIRST, Given, HEALTHY, library},
    machine::{open_to_strangers, report_skip},
    ways::{can_give_away, linked, set_mode},
};

#[test]
fn root_does_not_use_what_is_in_the_home_of_another_user() {
    if !can_give_away() {
        return;
    }
    let given = linked();
    let home = given.installation.home();
    let all = std::process::Command::new("chown")
        .args(["-R", &format!("{STRANGER}:{STRANGER}")])
        .arg(&home)
        .status();
    assert!(all.is_ok_and(|status| status.success()));
    let reason = format!("{} belongs to the user {STRANGER}", home.display());
    let ran = given.tw(["fruit-001"]).prints("");
    assert!(!ran.status.success(), "{ran}");
    ran.says_with(&reason);
    given
        .tw([HEALTHY])
        .exits(0)
        .prints_with("All is well")
        .says_with(&reason);
    assert_eq!(given.marks(), 0);
    // Nothing in that home becomes root's.
    let cache = given.installation.index();
    fs::remove_file(&cache).unwrap();
    given.tw([HEALTHY]).exits(0);
    assert!(!cache.exists());
}

#[test]
fn nobody_else_can_enter_the_folders_that_tw_creates() {
    let given = Given::new();
    let folder = given.work().join("build");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("libtw_plugin_fruit_001.so");
    fs::write(&path, library(1, FIRST)).unwrap();
    set_mode(&folder, 0o755);
    set_mode(&path, 0o644);
    let key = given.work().join("key");
    let tw = given.installation.tw().display().to_string();
    let script = format!(
        "umask 002 && '{tw}' plugin link '{}' && '{tw}' plugin key generate --no-password '{}' \
         && '{tw}' plugin key trust acme '{}.pub' --plugin 'acme-*' && '{tw}' fruit-001",
        path.display(),
        key.display(),
        key.display(),
    );
    let shell = Tw::new(Path::new("sh"), &given.installation.home()).args(["-c", &script]);
    given.within(shell).run().exits(0).says("");
    let home = given.installation.home();
    for folder in [
        ".cache/tw",
        ".config/tw",
        ".config/tw/keys",
        ".local/share/tw",
        ".local/share/tw/plugins",
    ] {
        let mode = fs::metadata(home.join(folder))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o7777, 0o700, "{folder}");
    }
}

/// Runs the bundled plugin as this user and group, with a home of the user that the group can write. Returns `None` if that isn't possible.
fn run_with_home_of(given: &Given, user: u32, group: u32) -> Option<Ran> {
    if !open_to_strangers(given) {
        return None;
    }
    let home = given.installation.prefix().join(format!("home-{group}"));
    fs::create_dir_all(home.join(".cache/tw")).unwrap();
    for folder in [&home, &home.join(".cache"), &home.join(".cache/tw")] {
        chown(folder, Some(user), Some(group)).unwrap();
        set_mode(folder, 0o775);
    }
    let [user, group] = [user.to_string(), group.to_string()];
    let run = || {
        let setpriv = Tw::new(Path::new("setpriv"), &home)
            .args(["--reuid", &user, "--regid", &group, "--clear-groups"])
            .args([given.installation.tw()])
            .args([HEALTHY]);
        given.within(setpriv).run().exits(0)
    };
    run();
    // The second run reads the cache of the first.
    Some(run())
}

#[test]
fn the_private_group_of_a_user_is_trusted_and_no_other_group() {
    let id = |tool: &[&str]| -> Option<u32> {
        let output = std::process::Command::new(tool[0])
            .args(&tool[1..])
            .output();
        String::from_utf8(output.ok()?.stdout)
            .ok()?
            .trim()
            .parse()
            .ok()
    };
    // Debian and most other systems have this account, with a group of its own.
    let (user, group) = (id(&["id", "-u", "games"]), id(&["id", "-g", "games"]));
    let (Some(user), Some(group)) = (user, group) else {
        return report_skip("there is no account `games`");
    };
    let given = Given::new();
    if let Some(ran) = run_with_home_of(&given, user, group) {
        ran.says("");
        let home = given.installation.prefix().join(format!("home-{group}"));
        assert!(home.join(".cache/tw/plugins.cache").exists());
        let given = Given::new();
        let ran = run_with_home_of(&given, user, STRANGER);
        let cache = ".cache/tw/plugins.cache";
        let home = given.installation.prefix().join(format!("home-{STRANGER}"));
        assert!(!home.join(cache).exists());
        // There is no cache, so there is nothing to warn of.
        ran.expect("it works here").says("");
    }
}
