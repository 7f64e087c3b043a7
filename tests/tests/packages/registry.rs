//! Packages in a real registry: publish, install and upgrade them.

use std::fs;

use crate::{
    docker::{Docker, publish, repack},
    given::{FIRST, Given, SECOND, THIRD, digest, public_key, signature_of},
};

/// Returns a user who trusts acme, and a registry. Returns `None` if the registry's program is missing.
fn set_up() -> Option<(Given, Docker)> {
    let given = Given::trusting();
    let docker = Docker::open(&given)?;
    Some((given, docker))
}

#[test]
fn a_published_version_is_installed_by_its_tag() {
    let Some((given, docker)) = set_up() else {
        return;
    };
    let package = given.package(1, FIRST, Some("acme"));
    let place = docker.tagged(1, FIRST);
    let published = publish(&given, &place, &[&package]);
    assert!(published.starts_with("sha256:"), "{published}");
    given
        .tw(["plugin", "install", "--yes", &place])
        .exits(0)
        .says_with("fruit-001 70.0.100")
        .says_with(&format!("publisher   acme ({})", public_key("acme")))
        .says_with(&digest(&fs::read(&package).unwrap()))
        .prints("\n  Plugin 'fruit-001' 70.0.100 installed\n\n");
    given.runs(1, FIRST);
    let listed = given.list_entry("fruit-001");
    assert_eq!(listed["publisher"], "acme");
    assert_eq!(listed["source"], docker.repository(1));
    // Installing the same version again changes nothing and needs no confirmation.
    given
        .tw(["plugin", "install", &place])
        .exits(0)
        .prints_with("already installed");
}

#[test]
fn a_version_installed_by_its_digest_is_never_upgraded() {
    let Some((given, docker)) = set_up() else {
        return;
    };
    let published = docker.publish(&given, 1, FIRST);
    docker.publish(&given, 1, SECOND);
    let place = format!("{}@{published}", docker.repository(1));
    given
        .tw(["plugin", "install", "--yes", &place])
        .exits(0)
        .says_with(&published);
    given.runs(1, FIRST);
    given
        .tw(["plugin", "list", "--outdated"])
        .exits(0)
        .prints_with("All plugins are up to date");
    given
        .tw(["plugin", "upgrade", "--yes", "--all"])
        .exits(0)
        .prints_with("All plugins are up to date");
    given.runs(1, FIRST);
}

#[test]
fn publishing_the_same_twice_gives_the_same_digest() {
    let Some((given, docker)) = set_up() else {
        return;
    };
    let first = docker.publish(&given, 1, FIRST);
    assert_eq!(docker.publish(&given, 1, FIRST), first);
}

#[test]
fn the_lock_has_the_digests_of_the_packages_for_all_targets() {
    let Some((given, docker)) = set_up() else {
        return;
    };
    let here = given.package(1, FIRST, Some("acme"));
    let elsewhere = repack(&given, (1, FIRST), "elsewhere", Some("acme"), |manifest| {
        manifest["plugin"]["target"] = "aarch64-linux".into();
    });
    let place = docker.tagged(1, FIRST);
    publish(&given, &place, &[&elsewhere, &here]);
    given
        .tw(["plugin", "install", "--yes", &place])
        .exits(0)
        .says_with("fruit-001 70.0.100");
    given.runs(1, FIRST);
    let lock = given.read_lock();
    let targets = lock["plugins"]["fruit-001"]["targets"].as_object().unwrap();
    assert_eq!(targets.len(), 2, "{targets:?}");
    for (target, package) in [("x86_64-linux", &here), ("aarch64-linux", &elsewhere)] {
        let locked = &targets[target];
        assert_eq!(locked["package"], digest(&fs::read(package).unwrap()));
        let source = locked["source"].as_str().unwrap();
        let pinned = format!("{}@sha256:", docker.repository(1));
        assert!(source.starts_with(&pinned), "{source}");
    }
}

#[test]
fn an_error_lists_the_targets_of_a_version_without_this_machines() {
    let Some((given, docker)) = set_up() else {
        return;
    };
    let elsewhere = repack(&given, (1, FIRST), "elsewhere", Some("acme"), |manifest| {
        manifest["plugin"]["target"] = "aarch64-linux".into();
    });
    let place = docker.tagged(1, FIRST);
    publish(&given, &place, &[&elsewhere]);
    given
        .tw(["plugin", "install", "--yes", &place])
        .fails_with("has nothing for x86_64-linux");
    given
        .tw(["plugin", "install", "--yes", &place])
        .fails_with("it is for aarch64-linux");
    given.has_no(1);
}

#[test]
fn publishing_and_installing_an_unsigned_package_needs_allow_unsigned() {
    let Some((given, docker)) = set_up() else {
        return;
    };
    let place = docker.tagged(1, FIRST);
    let package = given.package(1, FIRST, None);
    let path = package.display().to_string();
    given
        .tw(["plugin", "publish", &place, &path])
        .fails_with("there is no signature beside");
    given
        .tw(["plugin", "install", "--yes", &place])
        .fails_with("there is nothing at");
    given
        .tw(["plugin", "publish", "--allow-unsigned", &place, &path])
        .exits(0);
    given
        .tw(["plugin", "install", "--yes", &place])
        .fails_with("it isn't signed with a trusted key");
    given.has_no(1);
    given
        .tw(["plugin", "install", "--yes", "--allow-unsigned", &place])
        .exits(0)
        .says_with("publisher   unknown");
    given.runs(1, FIRST);
    assert_eq!(given.list_entry("fruit-001")["publisher"], "(unsigned)");
    given
        .tw(["plugin", "list"])
        .exits(0)
        .prints_with("(unsigned)");
}

#[test]
fn a_package_signed_by_an_untrusted_key_counts_as_unsigned() {
    let Some((given, docker)) = set_up() else {
        return;
    };
    let package = given.package(1, FIRST, Some("stranger"));
    let place = docker.tagged(1, FIRST);
    publish(&given, &place, &[&package]);
    given
        .tw(["plugin", "install", "--yes", &place])
        .fails_with("it isn't signed with a trusted key");
    given.has_no(1);
    given.trusts("stranger");
    given.tw(["plugin", "install", "--yes", &place]).exits(0);
    assert_eq!(given.list_entry("fruit-001")["publisher"], "stranger");
}

#[test]
fn packages_that_do_not_match_each_other_or_the_tag_are_not_published() {
    let Some((given, docker)) = set_up() else {
        return;
    };
    let first = given.package(1, FIRST, Some("acme"));
    let again = repack(&given, (1, FIRST), "again", Some("acme"), |_| {});
    let other = given.package(2, FIRST, Some("acme"));
    let (first, again, other) = (first.display(), again.display(), other.display());
    let (first, again, other) = (first.to_string(), again.to_string(), other.to_string());
    let place = docker.tagged(1, FIRST);
    given
        .tw(["plugin", "publish", &docker.tagged(1, SECOND), &first])
        .fails_with("the version of `fruit-001` is 70.0.100, but the tag is 70.0.101");
    given
        .tw(["plugin", "publish", &docker.tagged(1, "latest"), &first])
        .fails_with("but the tag is latest");
    given
        .tw(["plugin", "publish", &docker.repository(1), &first])
        .fails_with("the address has no version");
    given
        .tw(["plugin", "publish", &place, &first, &again])
        .fails_with("two of the packages are for x86_64-linux");
    given
        .tw(["plugin", "publish", &place, &first, &other])
        .fails_with("`fruit-001` and `fruit-002` are two plugins");
    let pinned = format!("{}@{}", docker.repository(1), digest(b"x"));
    given
        .tw(["plugin", "publish", &pinned, &first])
        .fails_with("the address has no version");
    given
        .tw(["plugin", "install", "--yes", &place])
        .fails_with("there is nothing at");
}

#[test]
fn an_upgrade_takes_the_newest_version_in_the_registry() {
    let Some((given, docker)) = set_up() else {
        return;
    };
    docker.publish(&given, 1, FIRST);
    given
        .tw(["plugin", "install", "--yes", &docker.tagged(1, FIRST)])
        .exits(0);
    given
        .tw(["plugin", "list", "--outdated"])
        .exits(0)
        .prints_with("All plugins are up to date");
    docker.publish(&given, 1, THIRD);
    docker.publish(&given, 1, SECOND);
    let outdated = given.tw(["plugin", "list", "--outdated", "-o", "json"]);
    let outdated = outdated.exits(0).says("").json();
    assert_eq!(outdated["plugins"][0]["name"], "fruit-001");
    assert_eq!(outdated["plugins"][0]["version"], FIRST);
    assert_eq!(outdated["plugins"][0]["newest"], THIRD);

    let before = given.read_lock();
    let dry = given.tw(["plugin", "upgrade", "--all", "--dry-run", "-o", "json"]);
    let dry = dry.exits(0).says("").json();
    assert_eq!(dry["upgrades"][0]["from"], FIRST);
    assert_eq!(dry["upgrades"][0]["to"], THIRD);
    assert_eq!(given.read_lock(), before);
    given.runs(1, FIRST);

    given
        .tw(["plugin", "upgrade", "fruit-001"])
        .rejects("--yes");
    given.runs(1, FIRST);
    given
        .tw(["plugin", "upgrade", "--yes", "fruit-001"])
        .exits(0)
        .prints("\n  Plugin 'fruit-001' 70.0.102 installed\n\n");
    given.runs(1, THIRD);
    given.tw(["plugin", "rollback", "fruit-001"]).exits(0);
    given.runs(1, FIRST);
}

#[test]
fn an_upgrade_signed_by_another_key_is_refused() {
    let Some((given, docker)) = set_up() else {
        return;
    };
    given.trusts("stranger");
    docker.publish(&given, 1, FIRST);
    given
        .tw(["plugin", "install", "--yes", &docker.tagged(1, FIRST)])
        .exits(0);
    let package = given.package(1, SECOND, Some("stranger"));
    publish(&given, &docker.tagged(1, SECOND), &[&package]);
    given
        .tw(["plugin", "upgrade", "--yes", "--allow-unsigned", "--all"])
        .fails_with("was signed by acme");
    given.runs(1, FIRST);
}

#[test]
fn allow_unsigned_at_installation_holds_for_upgrades() {
    let Some((given, docker)) = set_up() else {
        return;
    };
    for version in [FIRST, SECOND] {
        let package = given.package(1, version, None).display().to_string();
        let place = docker.tagged(1, version);
        given
            .tw(["plugin", "publish", "--allow-unsigned", &place, &package])
            .exits(0);
    }
    let place = docker.tagged(1, FIRST);
    given
        .tw(["plugin", "install", "--yes", "--allow-unsigned", &place])
        .exits(0);
    given.tw(["plugin", "upgrade", "--yes", "--all"]).exits(0);
    given.runs(1, SECOND);
    assert_eq!(given.list_entry("fruit-001")["publisher"], "(unsigned)");
}

#[test]
fn an_unreachable_registry_fails_the_upgrade_and_changes_nothing() {
    let Some((given, docker)) = set_up() else {
        return;
    };
    docker.publish(&given, 1, FIRST);
    given
        .tw(["plugin", "install", "--yes", &docker.tagged(1, FIRST)])
        .exits(0);
    let host = docker.host().to_owned();
    drop(docker);
    let down = format!("the registry {host} can't be reached");
    given
        .tw(["plugin", "upgrade", "--yes", "--all"])
        .fails_with(&down);
    given
        .tw(["plugin", "list", "--outdated"])
        .exits(1)
        .says_with(&down);
    given.runs(1, FIRST);
}

#[test]
fn a_reference_without_a_tag_means_the_newest_version() {
    let Some((given, docker)) = set_up() else {
        return;
    };
    let place = docker.repository(1);
    given
        .tw(["plugin", "install", "--yes", &place])
        .fails_with("there is nothing at");
    docker.publish(&given, 1, FIRST);
    docker.publish(&given, 1, SECOND);
    given.tw(["plugin", "install", "--yes", &place]).exits(0);
    given.runs(1, SECOND);
    let package = given.package(1, THIRD, Some("acme")).display().to_string();
    given
        .tw(["plugin", "publish", &place, &package])
        .fails_with("the address has no version");
}

#[test]
fn a_package_with_the_signature_of_another_is_not_published() {
    let Some((given, docker)) = set_up() else {
        return;
    };
    let package = given.package(1, FIRST, Some("acme"));
    let other = given.package(2, FIRST, Some("acme"));
    fs::copy(signature_of(&other), signature_of(&package)).unwrap();
    given
        .tw([
            "plugin",
            "publish",
            &docker.tagged(1, FIRST),
            &package.display().to_string(),
        ])
        .fails_with("its signature doesn't match its content");
}

#[test]
fn a_published_version_is_replaced_only_with_force() {
    let Some((given, docker)) = set_up() else {
        return;
    };
    let first = docker.publish(&given, 1, FIRST);
    let place = docker.tagged(1, FIRST);
    let other = repack(&given, (1, FIRST), "other", Some("acme"), |manifest| {
        manifest["plugin"]["description"] = "Another fruit".into();
    });
    let other = other.display().to_string();
    given
        .tw(["plugin", "publish", &place, &other])
        .fails_with("this version is already published, with another package for x86_64-linux");
    assert_eq!(docker.publish(&given, 1, FIRST), first);
    given
        .tw(["plugin", "publish", "--force", &place, &other])
        .exits(0);
}
