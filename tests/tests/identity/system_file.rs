//! The configuration files of the installation and of the machine.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use serde_json::json;
use tw_tests::{Tw, World, has_program};

use crate::{Files, setting};

#[test]
fn the_file_of_the_installation_is_used_below_the_users_file() {
    let world = World::new();
    let url = world.sandbox.url();
    world.configure_prefix(&format!("endpoint = \"{url}\"\noutput = \"csv\"\n"));
    world.configure("output = \"json\"\n");
    let tw = world
        .command(["secrets", "list"])
        .without_env("TOWER_API_ENDPOINT");
    tw.run().exits(0).prints_with("\"workspaceRef\": \"user\"");
    world.saw(["GET /pipeline-secrets"]);
}

#[test]
fn a_mistake_in_the_file_of_the_installation_names_its_administrator() {
    let world = World::new();
    world.configure_prefix("url = 1\n");
    let ran = world.tw(["secrets", "list"]).exits(1);
    ran.says_with("/etc/tw/config.toml: line 1: the key `url` is unknown");
    world.configure_prefix("[http\n");
    let ran = world.tw(["secrets", "list"]).exits(1);
    ran.says_with("ask the administrator of this machine to correct the file");
}

#[test]
fn a_file_of_the_installation_that_everybody_can_write_is_refused() {
    let world = World::new();
    world.configure_prefix("output = \"json\"\n");
    let file = world.prefix_file();
    let mode = |mode| fs::set_permissions(&file, fs::Permissions::from_mode(mode));
    mode(0o666).expect("a mode can be set");
    let ran = world.tw(["secrets", "list"]).exits(1);
    ran.says_with("/etc/tw/config.toml isn't safe: everybody can write");
    world.saw([]);
    mode(0o644).expect("a mode can be set");
    world.tw(["secrets", "list"]).exits(0).says("");
}

#[test]
fn what_a_user_removes_can_still_be_in_the_file_of_the_installation() {
    let world = World::new();
    let both = "[profile.both]\noutput = \"csv\"\n[alias]\nx = \"info\"\n";
    world.configure_prefix(both);
    world.configure("[profile.both]\nworkspace = 1\n");
    let ran = world.plain(["profile", "unset", "both", "output"]).exits(1);
    ran.says_with("`output` of the profile `both` is not yours to change: it is in ")
        .says_with("/etc/tw/config.toml:2\n");
    let ran = world.plain(["profile", "remove", "both"]).exits(0);
    ran.prints_with("Profile 'both' removed from your file; it is still in ")
        .prints_with("/etc/tw/config.toml\n");
    let ran = world.plain(["alias", "delete", "x"]).exits(1);
    ran.says_with("The alias `x` is not yours to change: it is in ");
}

#[test]
fn a_profile_of_the_installation_cannot_be_changed_by_a_user() {
    let world = World::new();
    world.configure_prefix("[profile.work]\nworkspace = \"acme/research\"\n");
    for line in [
        &["profile", "remove", "work"][..],
        &["profile", "unset", "work", "workspace"],
    ] {
        let ran = world.tw(line.iter().copied()).exits(1);
        ran.says_with("The profile `work` is not yours to change: it is in ")
            .says_with("/etc/tw/config.toml")
            .says_with("`tw profile set work KEY=VALUE` takes precedence over its keys");
    }
    world.tw(["profile", "use", "work"]).exits(0);
    world
        .tw(["secrets", "list"])
        .exits(0)
        .prints_with("[acme / research]");
    world
        .tw(["profile", "set", "work", "workspace=acme/production"])
        .exits(0)
        .prints_with("changed");
    world
        .tw(["secrets", "list"])
        .exits(0)
        .prints_with("[acme / production]");
    world.tw(["profile", "remove", "work"]).exits(0);
    world.tw(["profile", "use", "--none"]).exits(0);
    world
        .tw(["secrets", "list"])
        .exits(0)
        .prints_with("user workspace");
}

#[test]
fn a_user_can_choose_no_profile_although_the_installation_chooses_one() {
    let world = World::new();
    world.configure_prefix("default-profile = \"work\"\n[profile.work]\nworkspace = 5\n");
    let used = || {
        let shown = world.plain(["config", "show", "-o", "json"]).exits(0);
        setting(&shown.json(), "default-profile").0.clone()
    };
    assert_eq!(used(), "work");
    world.plain(["profile", "use", "--none"]).exits(0);
    assert_eq!(used(), json!(null));
    world.plain(["config", "check"]).exits(0);
    world
        .plain(["profile", "set", "home", "workspace=6"])
        .exits(0);
    world.plain(["profile", "use", "home"]).exits(0);
    assert_eq!(used(), "home");
    world
        .plain(["profile", "remove", "home"])
        .exits(0)
        .prints_with("removed; profile 'work' is used now");
    assert_eq!(used(), "work");
}

#[test]
fn a_token_file_goes_to_the_endpoint_of_its_own_place_or_below() {
    let (world, other) = (World::new(), World::new());
    let token = world.installation.home().join("token");
    crate::write(&token, "secret");
    fs::set_permissions(&token, fs::Permissions::from_mode(0o600)).expect("a mode can be set");
    let file = format!("token-file = \"{}\"\n", token.display());
    let here = format!("endpoint = \"{}\"\n", world.sandbox.url());
    let there = format!("endpoint = \"{}\"\n", other.sandbox.url());
    let work = "[profile.work]\n";
    for (prefix, user, line, is_refused) in [
        (format!("{here}{file}"), there.clone(), &[][..], true),
        (file.clone(), there.clone(), &[], true),
        (format!("{here}{file}"), String::new(), &[], false),
        (here.clone(), file.clone(), &[], false),
        (
            format!("{work}{here}{file}"),
            format!("{work}{there}"),
            &["--profile", "work"],
            true,
        ),
        (
            format!("{work}{here}"),
            format!("{work}{file}"),
            &["--profile", "work"],
            false,
        ),
        (
            format!("{work}{there}"),
            format!("{here}{file}"),
            &["--profile", "work"],
            true,
        ),
    ] {
        world.configure_prefix(&prefix);
        world.configure(&user);
        let tw = world
            .command(line.iter().chain(&["secrets", "list"]).copied())
            .without_env("TOWER_API_ENDPOINT")
            .without_env("TOWER_ACCESS_TOKEN");
        let ran = tw.run().exits(1);
        let said = ran.stderr.contains("the file of `token-file`");
        assert_eq!(said, is_refused, "{prefix}|{user}: {ran}");
        let seen = world.sandbox.requests().len();
        assert_eq!(seen > 0, !is_refused, "{prefix}|{user}: {ran}");
        world.sandbox.clear_requests();
        assert!(other.sandbox.requests().is_empty(), "{prefix}|{user}");
    }
}

/// Prepares a command line in a mount namespace of its own, in which this folder is /etc. `None` if nothing can be mounted here.
fn with_etc(world: &World, etc: &Path, line: &[&str]) -> Option<Tw> {
    if !has_program("unshare") {
        return None;
    }
    let mount = "mount --bind \"$1\" /etc";
    let tw = |script: &str| {
        let tw = Tw::new(Path::new("unshare"), &world.installation.home());
        let tw = tw.args(["--mount", "sh", "-c"]).args([script, "sh"]);
        tw.args([etc, &world.installation.tw()])
    };
    if tw(mount).run().status.success() {
        return Some(tw(&format!("{mount} && shift && exec \"$@\"")).args(line));
    }
    assert!(
        std::env::var_os("CI").is_none() || !rustix::process::getuid().is_root(),
        "a file system must be mounted here"
    );
    eprintln!("skipped: no file system can be mounted");
    None
}

#[test]
fn the_file_of_the_machine_is_used_below_all_others() {
    let world = World::new();
    let etc = world.installation.home().join("etc");
    let text = "endpoint = \"https://machine.example\"\nworkspace = \"acme/machine\"\noutput = \"csv\"\n[profile.work]\n";
    crate::write(&etc.join("tw/config.toml"), text);
    world.configure_prefix("workspace = \"acme/prefix\"\noutput = \"csv\"\n");
    world.configure("output = \"json\"\n");
    let line = ["config", "show", "--profile", "work"];
    let Some(tw) = with_etc(&world, &etc, &line) else {
        return;
    };
    let shown = tw.run().exits(0).says("").json();
    let machine = "/etc/tw/config.toml";
    let (prefix, user) = (world.prefix_file(), world.user_file());
    for (key, value, origin) in [
        (
            "endpoint",
            "https://machine.example",
            format!("{machine}:1"),
        ),
        (
            "workspace",
            "acme/prefix",
            format!("{}:1", prefix.display()),
        ),
        ("output", "json", format!("{}:1", user.display())),
    ] {
        assert_eq!(setting(&shown, key), (&json!(value), &json!(origin)));
    }
    crate::write(&etc.join("tw/config.toml"), "[htpp]\n");
    let tw = with_etc(&world, &etc, &["secrets", "list"]).expect("it was mounted before");
    tw.run()
        .fails_with("/etc/tw/config.toml: line 1: the section `[htpp]` is unknown");
}
