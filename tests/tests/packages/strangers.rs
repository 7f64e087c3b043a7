//! Another local user: no file that somebody else could have written decides what runs.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown, symlink},
    path::{Path, PathBuf},
};

use tw_tests::{
    Ran, Tw,
    strangers::{Named, STRANGER, set_access_list},
};

use crate::{
    docker::Docker,
    given::{FIRST, Given, HEALTHY, library},
    login::install_helper,
    machine::{by_a_stranger, is_root, open_to_strangers, report_skip},
    shelf::Shelf,
};

/// A way in which a stranger can write a file or a folder.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Owner,
    Everybody,
    Group,
    UserInAccessList,
    GroupInAccessList,
    LinkAbove,
}

const WAYS: [Way; 6] = [
    Way::Owner,
    Way::Everybody,
    Way::Group,
    Way::UserInAccessList,
    Way::GroupInAccessList,
    Way::LinkAbove,
];

impl Way {
    /// Lets a stranger write a place. Returns how messages describe it.
    fn open(self, place: &Path) -> String {
        let shown = place.display();
        match self {
            Self::Owner => {
                chown(place, Some(STRANGER), None).unwrap();
                format!("{shown} belongs to the user {STRANGER}")
            }
            Self::Everybody => {
                set_mode(place, 0o777);
                format!("everybody can write {shown}")
            }
            Self::Group => {
                chown(place, None, Some(STRANGER)).unwrap();
                set_mode(place, 0o775);
                format!("the group {STRANGER} can write {shown}")
            }
            Self::UserInAccessList => {
                set_access_list(place, Named::User, 7);
                format!("the user {STRANGER} can write {shown}")
            }
            Self::GroupInAccessList => {
                set_access_list(place, Named::Group, 7);
                format!("the group {STRANGER} can write {shown}")
            }
            Self::LinkAbove => {
                // The place itself stays as it is, behind a link that the stranger can change.
                let real = behind(place);
                fs::rename(place, &real).unwrap();
                symlink(&real, place).unwrap();
                std::os::unix::fs::lchown(place, Some(STRANGER), None).unwrap();
                format!("{shown} belongs to the user {STRANGER}")
            }
        }
    }
}

/// Returns where a place is that stands behind a link.
fn behind(place: &Path) -> PathBuf {
    let name = place.file_name().unwrap().to_string_lossy();
    place.with_file_name(format!("behind-{name}"))
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// True if the tests can give files away.
fn can_give_away() -> bool {
    if !is_root() {
        report_skip("only root can give files away");
    }
    is_root()
}

/// Links a fruit whose library is in a folder of the person, and runs it once.
fn linked() -> Given {
    let given = Given::new();
    let folder = given.work().join("build");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join("libtw_plugin_fruit_001.so");
    fs::write(&path, library(1, FIRST)).unwrap();
    given
        .tw(["plugin", "link", &path.display().to_string()])
        .exits(0);
    given.runs(1, FIRST);
    assert!(given.marks() > 0);
    given
}

/// Asserts that the linked fruit doesn't run, that the bundled plugin does, and that one line of warning says why.
#[track_caller]
fn assert_only_bundled_runs(given: &Given, reason: &str) {
    let healthy = given.tw([HEALTHY]).exits(0).prints_with("All is well");
    assert_eq!(healthy.stderr.lines().count(), 1, "{healthy}");
    healthy.says_with(reason);
    let ran = given.tw(["fruit-001"]).prints("");
    assert!(!ran.status.success(), "{ran}");
    assert_eq!(given.marks(), 0, "{ran}");
}

/// Returns a file in the home of the person, and the folders above it up to the home.
fn places(given: &Given, file: &Path) -> Vec<PathBuf> {
    let home = given.installation.home();
    let above = file.ancestors().take_while(|place| *place != home);
    above.map(Path::to_owned).collect()
}

#[test]
fn a_manifest_cache_that_a_stranger_could_have_written_is_ignored() {
    if !can_give_away() {
        return;
    }
    for way in WAYS {
        for at in 0.. {
            let given = Given::new();
            given.tw([HEALTHY]).exits(0).says("");
            let places = places(&given, &given.installation.index());
            let Some(place) = places.get(at) else { break };
            let reason = way.open(place);
            let ran = given.tw([HEALTHY]).exits(0).prints_with("All is well");
            // A file in a safe folder is replaced, and the next run is silent.
            ran.says_with("warning: the manifest cache")
                .says_with(&format!("isn't safe: {reason}, so it isn't used"));
            let again = given.tw([HEALTHY]).exits(0);
            assert_eq!(
                again.stderr.is_empty(),
                at == 0,
                "{way:?} {place:?}: {again}"
            );
        }
    }
}

#[test]
fn a_manifest_cache_says_only_what_a_library_is() {
    let given = linked();
    let cache = fs::read(given.installation.index()).unwrap();
    assert!(String::from_utf8_lossy(&cache).contains("fruit-001"));
    given.tw(["plugin", "unlink", "fruit-001"]).exits(0);
    given.tw(["fruit-001"]).exits(2);
    // The cache still describes the library, and the library is still there.
    fs::write(given.installation.index(), &cache).unwrap();
    given.tw(["fruit-001"]).exits(2);
    given.tw(["--help"]).exits(0);
    assert!(given.list_entries("fruit-001").is_empty());
    assert_eq!(given.marks(), 0);
}

#[test]
fn a_lock_file_that_a_stranger_could_have_written_is_not_used() {
    if !can_give_away() {
        return;
    }
    for way in WAYS {
        for at in 0.. {
            let given = linked();
            let places = places(&given, &given.lock_file());
            let Some(place) = places.get(at) else { break };
            let reason = way.open(place);
            assert_only_bundled_runs(&given, &reason);
            given
                .tw(["plugin", "unlink", "fruit-001"])
                .fails_with(&format!("isn't safe: {reason}"));
        }
    }
}

#[test]
fn a_configuration_that_a_stranger_could_have_written_is_not_used() {
    if !can_give_away() {
        return;
    }
    for way in WAYS {
        let given = Given::new();
        fs::create_dir_all(given.config()).unwrap();
        let file = given.config().join("config.toml");
        fs::write(&file, "[external.say]\ntoken = true\n").unwrap();
        let folder = given.work().join("bin");
        fs::create_dir_all(&folder).unwrap();
        let program = folder.join("tw-say");
        fs::write(
            &program,
            "#!/bin/sh\necho \"said ${TOWER_ACCESS_TOKEN-nothing}\"\n",
        )
        .unwrap();
        set_mode(&program, 0o755);
        let say = |given: &Given| -> Ran {
            let path = format!("{}:/usr/bin:/bin", folder.display());
            let command = given.command(["say"]).env("PATH", path);
            command.env("TOWER_ACCESS_TOKEN", "t0ken-of-alice").run()
        };
        say(&given).exits(0).prints("said t0ken-of-alice\n");
        for place in [&file, &given.config()] {
            let reason = way.open(place);
            say(&given)
                .exits(1)
                .prints("")
                .says_with(&format!("config.toml isn't safe: {reason}"));
            if way == Way::LinkAbove {
                break;
            }
            chown(place, Some(0), Some(0)).unwrap();
            set_mode(place, 0o700);
            let _ = rustix::fs::removexattr(place, "system.posix_acl_access");
        }
    }
}

#[test]
fn an_executable_that_a_stranger_could_have_written_does_not_run() {
    if !can_give_away() {
        return;
    }
    for way in WAYS {
        let given = Given::new();
        let folder = given.work().join("bin");
        fs::create_dir_all(&folder).unwrap();
        let program = folder.join("tw-say");
        fs::write(&program, "#!/bin/sh\necho said\n").unwrap();
        set_mode(&program, 0o755);
        let given = given.env("PATH", format!("{}:/usr/bin:/bin", folder.display()));
        given.tw(["say"]).exits(0).prints("said\n");
        let reason = way.open(&folder);
        given
            .tw(["say"])
            .exits(1)
            .prints("")
            .says_with(&format!("the executable isn't safe: {reason}"));
        let listed = given.tw(["plugin", "list", "--external"]).exits(0);
        assert!(listed.stdout.contains("forbidden"), "{listed}");
    }
}

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

/// Undoes what each way except a link does to a place.
fn close(place: &Path) {
    chown(place, Some(0), Some(0)).unwrap();
    let _ = rustix::fs::removexattr(place, "system.posix_acl_access");
    set_mode(place, 0o700);
}

#[test]
fn a_policy_that_a_stranger_could_have_written_stops_loading() {
    if !can_give_away() {
        return;
    }
    let given = Given::new().with_own_files();
    let prefix = given.installation.prefix().canonicalize().unwrap();
    let of_variable = given.work().join("more.toml");
    for policy in [
        given.config().join("policy.toml"),
        prefix.join("etc/tw/policy.toml"),
        of_variable.clone(),
    ] {
        fs::create_dir_all(policy.parent().unwrap()).unwrap();
        for way in WAYS {
            fs::write(&policy, "").unwrap();
            let run = || {
                let command = given.command([HEALTHY]);
                match of_variable.exists() {
                    true => command.env("TW_POLICY", &of_variable).run(),
                    false => command.run(),
                }
            };
            run().exits(0).says("");
            let reason = way.open(&policy);
            let ran = run().exits(1).prints("");
            ran.says_with("nothing may be loaded, because the policy")
                .says_with(&format!("isn't safe: {reason}"))
                .says_with("ask the policy's administrator");
            fs::remove_file(&policy).unwrap();
        }
    }
}

#[test]
fn a_trusted_key_that_a_stranger_could_have_written_is_not_used() {
    if !can_give_away() {
        return;
    }
    for way in WAYS {
        let given = Given::trusting();
        let folder = given.config().join("keys");
        let file = folder.join("acme.toml");
        assert!(file.exists());
        for place in [&file, &folder] {
            let reason = way.open(place);
            let reason = format!("isn't safe: {reason}");
            given.tw(["plugin", "key", "list"]).fails_with(&reason);
            given
                .install(&given.package(1, FIRST, Some("acme")))
                .fails_with(&reason);
            if way == Way::LinkAbove {
                break;
            }
            close(place);
        }
    }
}

#[test]
fn a_list_or_a_copy_of_an_index_that_a_stranger_could_have_written_is_not_used() {
    if !can_give_away() {
        return;
    }
    for way in WAYS {
        let given = Given::new();
        let shelf = Shelf::of(&given, "a", &[(1, FIRST)]);
        shelf.add_to(&given, "orchard");
        let list = given.config().join("indices.json");
        let data = given.installation.home().join(".local/share/tw");
        for place in [
            &list,
            &data.join("indices/orchard.json"),
            &data.join("indices"),
        ] {
            assert!(place.exists(), "{}", place.display());
            let reason = way.open(place);
            let reason = format!("isn't safe: {reason}");
            let install = ["plugin", "install", "--yes", "orchard/fruit-001"];
            given.tw(install).fails_with(&reason);
            if way == Way::LinkAbove {
                fs::remove_file(place).unwrap();
                fs::rename(behind(place), place).unwrap();
            }
            close(place);
        }
        given
            .tw(["plugin", "search", "fruit"])
            .exits(0)
            .prints_with("fruit-001");
    }
}

#[test]
fn a_configuration_of_docker_that_a_stranger_could_have_written_names_no_program() {
    if !can_give_away() {
        return;
    }
    for way in WAYS {
        let given = Given::trusting();
        let Some(docker) = Docker::locked(&given) else {
            return;
        };
        let host = docker.host();
        let asked = given.work().join("asked");
        let script = format!("touch '{}'; exit 1", asked.display());
        let given = install_helper(given, host, false, &script);
        let install = |given: &Given| {
            let place = docker.tagged(1, FIRST);
            given.tw(["plugin", "install", "--yes", &place])
        };
        install(&given).fails_with("the credential helper `docker-credential-vault` failed");
        fs::remove_file(&asked).unwrap();
        let reason = way.open(&given.work().join("helpers"));
        install(&given)
            .fails_with(&format!("isn't safe: {reason}"))
            .says_with("the credential helper");
        let reason = way.open(&given.work().join("docker"));
        install(&given)
            .fails_with(&format!("isn't safe: {reason}"))
            .says_with("docker's configuration");
        let config = given.work().join("docker-2");
        fs::create_dir(&config).unwrap();
        let text = r#"{"credsStore":"../evil"}"#;
        fs::write(config.join("config.json"), text).unwrap();
        let given = given.env("DOCKER_CONFIG", config.display().to_string());
        install(&given).fails_with("names a program `docker-credential-../evil`");
        assert!(!asked.exists());
    }
}

#[test]
fn a_policy_in_a_folder_that_the_user_cannot_enter_stops_loading() {
    let given = Given::new();
    if !open_to_strangers(&given) {
        return;
    }
    let folder = given.installation.prefix().join("etc/tw");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("policy.toml"), "").unwrap();
    by_a_stranger(&given, &[HEALTHY]).run().exits(0);
    set_mode(&folder, 0o700);
    by_a_stranger(&given, &[HEALTHY])
        .run()
        .exits(1)
        .prints("")
        .says_with("so nothing may be loaded");
}
