//! Packages in a real registry: published, installed, upgraded.

use std::fs;

use crate::{
    docker::{Docker, publish, repacked},
    given::{FIRST, Given, SECOND, THIRD, digest, public_key, signature_of},
};

/// What a person has who trusts acme, and a registry.
fn given() -> Option<(Given, Docker)> {
    let given = Given::trusting();
    let docker = Docker::open(&given)?;
    Some((given, docker))
}

#[test]
fn a_version_is_published_and_installed_by_its_tag() {
    let Some((given, docker)) = given() else {
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
    let listed = given.listed("fruit-001");
    assert_eq!(listed["publisher"], "acme");
    assert_eq!(listed["source"], docker.repository(1));
    // It is there already: nothing is done, and nobody is asked.
    given
        .tw(["plugin", "install", &place])
        .exits(0)
        .prints_with("already installed");
}

#[test]
fn a_version_is_installed_by_its_digest_and_stays_that_one() {
    let Some((given, docker)) = given() else {
        return;
    };
    let published = docker.has(&given, 1, FIRST);
    docker.has(&given, 1, SECOND);
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
    let Some((given, docker)) = given() else {
        return;
    };
    let first = docker.has(&given, 1, FIRST);
    assert_eq!(docker.has(&given, 1, FIRST), first);
}

#[test]
fn the_packages_of_all_targets_are_one_version_and_the_lock_has_all_their_digests() {
    let Some((given, docker)) = given() else {
        return;
    };
    let here = given.package(1, FIRST, Some("acme"));
    let elsewhere = repacked(&given, (1, FIRST), "elsewhere", Some("acme"), |manifest| {
        manifest["plugin"]["target"] = "aarch64-linux".into();
    });
    let place = docker.tagged(1, FIRST);
    publish(&given, &place, &[&elsewhere, &here]);
    given
        .tw(["plugin", "install", "--yes", &place])
        .exits(0)
        .says_with("fruit-001 70.0.100");
    given.runs(1, FIRST);
    let lock = given.lock();
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
fn a_version_without_a_package_for_this_machine_says_what_it_has() {
    let Some((given, docker)) = given() else {
        return;
    };
    let elsewhere = repacked(&given, (1, FIRST), "elsewhere", Some("acme"), |manifest| {
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
fn a_package_that_nobody_signed_is_published_and_installed_only_as_an_exception() {
    let Some((given, docker)) = given() else {
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
    assert_eq!(given.listed("fruit-001")["publisher"], "(unsigned)");
    given
        .tw(["plugin", "list"])
        .exits(0)
        .prints_with("(unsigned)");
}

#[test]
fn a_signature_of_somebody_unknown_counts_as_none() {
    let Some((given, docker)) = given() else {
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
    assert_eq!(given.listed("fruit-001")["publisher"], "stranger");
}

#[test]
fn what_does_not_belong_together_is_not_published() {
    let Some((given, docker)) = given() else {
        return;
    };
    let first = given.package(1, FIRST, Some("acme"));
    let again = repacked(&given, (1, FIRST), "again", Some("acme"), |_| {});
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
fn an_upgrade_takes_the_newest_version_that_the_registry_has() {
    let Some((given, docker)) = given() else {
        return;
    };
    docker.has(&given, 1, FIRST);
    given
        .tw(["plugin", "install", "--yes", &docker.tagged(1, FIRST)])
        .exits(0);
    given
        .tw(["plugin", "list", "--outdated"])
        .exits(0)
        .prints_with("All plugins are up to date");
    docker.has(&given, 1, THIRD);
    docker.has(&given, 1, SECOND);
    let outdated = given.tw(["plugin", "list", "--outdated", "-o", "json"]);
    let outdated = outdated.exits(0).says("").json();
    assert_eq!(outdated["plugins"][0]["name"], "fruit-001");
    assert_eq!(outdated["plugins"][0]["version"], FIRST);
    assert_eq!(outdated["plugins"][0]["newest"], THIRD);

    let before = given.lock();
    let dry = given.tw(["plugin", "upgrade", "--all", "--dry-run", "-o", "json"]);
    let dry = dry.exits(0).says("").json();
    assert_eq!(dry["upgrades"][0]["from"], FIRST);
    assert_eq!(dry["upgrades"][0]["to"], THIRD);
    assert_eq!(given.lock(), before);
    given.runs(1, FIRST);

    given
        .tw(["plugin", "upgrade", "fruit-001"])
        .misused("--yes");
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
fn an_upgrade_that_somebody_else_signed_is_refused() {
    let Some((given, docker)) = given() else {
        return;
    };
    given.trusts("stranger");
    docker.has(&given, 1, FIRST);
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
fn an_exception_for_a_plugin_that_nobody_signed_holds_for_its_next_version() {
    let Some((given, docker)) = given() else {
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
    assert_eq!(given.listed("fruit-001")["publisher"], "(unsigned)");
}

#[test]
fn a_registry_that_is_down_fails_the_upgrade_and_leaves_what_is_there() {
    let Some((given, docker)) = given() else {
        return;
    };
    docker.has(&given, 1, FIRST);
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
fn without_a_tag_it_is_the_newest_version_that_is_there() {
    let Some((given, docker)) = given() else {
        return;
    };
    let place = docker.repository(1);
    given
        .tw(["plugin", "install", "--yes", &place])
        .fails_with("there is nothing at");
    docker.has(&given, 1, FIRST);
    docker.has(&given, 1, SECOND);
    given.tw(["plugin", "install", "--yes", &place]).exits(0);
    given.runs(1, SECOND);
    let package = given.package(1, THIRD, Some("acme")).display().to_string();
    given
        .tw(["plugin", "publish", &place, &package])
        .fails_with("the address has no version");
}

#[test]
fn a_signature_of_other_bytes_is_not_published() {
    let Some((given, docker)) = given() else {
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
fn a_version_that_is_published_stays_what_it_is_unless_that_is_forced() {
    let Some((given, docker)) = given() else {
        return;
    };
    let first = docker.has(&given, 1, FIRST);
    let place = docker.tagged(1, FIRST);
    let other = repacked(&given, (1, FIRST), "other", Some("acme"), |manifest| {
        manifest["plugin"]["description"] = "Another fruit".into();
    });
    let other = other.display().to_string();
    given
        .tw(["plugin", "publish", &place, &other])
        .fails_with("this version is already published, with another package for x86_64-linux");
    assert_eq!(docker.has(&given, 1, FIRST), first);
    given
        .tw(["plugin", "publish", "--force", &place, &other])
        .exits(0);
}
