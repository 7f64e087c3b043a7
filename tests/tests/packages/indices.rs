//! Indices: where an index can be, and how to search it, install from it and upgrade from it.

use std::fs;

use serde_json::Value;

use crate::{
    docker::{Docker, publish},
    given::{FIRST, Given, SECOND, THIRD, digest, public_key},
    shelf::{KEEPER, Shelf, add},
};

/// Returns the results of `tw plugin search WORDS -o json`.
#[track_caller]
fn search(given: &Given, words: &[&str]) -> Vec<Value> {
    let line = ["plugin", "search", "-o", "json"];
    let ran = given.tw(line.into_iter().chain(words.iter().copied()));
    let found = ran.exits(0).json();
    found["plugins"].as_array().unwrap().clone()
}

/// Returns the entries of `tw plugin index list -o json`.
#[track_caller]
fn list_indices(given: &Given) -> Vec<Value> {
    let list = given.tw(["plugin", "index", "list", "-o", "json"]);
    let list = list.exits(0).json();
    list["indices"].as_array().unwrap().clone()
}

fn install(given: &Given, source: &str) {
    given
        .tw(["plugin", "install", "--yes", source])
        .exits(0)
        .says_with("publisher   acme");
}

#[test]
fn an_index_in_a_folder_can_be_added_searched_and_installed_from() {
    let given = Given::new();
    let shelf = Shelf::of(&given, "a", &[(1, FIRST), (2, FIRST)]);
    add(&given, "orchard", &shelf.folder.display().to_string())
        .exits(0)
        .says("")
        .prints("\n  Index 'orchard' added: 2 plugins\n\n");
    let known = list_indices(&given);
    assert_eq!(known.len(), 1);
    assert_eq!(known[0]["name"], "orchard");
    assert_eq!(known[0]["key"], public_key(KEEPER));
    assert_eq!(known[0]["serial"], 1);
    assert_eq!(known[0]["plugins"], 2);
    // The index names acme's key, so the user doesn't have to trust it separately.
    install(&given, "orchard/fruit-001");
    given.runs(1, FIRST);
    let listed = given.list_entry("fruit-001");
    assert_eq!(listed["index"], "orchard");
    assert_eq!(listed["publisher"], "acme");
    assert_eq!(listed["key"], public_key("acme"));
}

#[test]
fn a_folder_is_stored_as_an_absolute_path_and_can_be_added_twice() {
    let given = Given::new();
    let shelf = Shelf::of(&given, "a", &[(1, FIRST)]);
    add(&given, "orchard", "./shelf-a").exits(0);
    add(&given, "orchard", "../work/shelf-a").exits(0);
    add(&given, "orchard", &shelf.folder.display().to_string()).exits(0);
    given
        .command(["plugin", "index", "update"])
        .from(&given.installation.home())
        .run()
        .exits(0);
    fs::create_dir(given.work().join("elsewhere")).unwrap();
    add(&given, "orchard", "./elsewhere").fails_with("another index is called `orchard`");
}

#[test]
fn an_index_at_a_url_can_name_packages_beside_it() {
    let given = Given::new();
    let shelf = Shelf::of(&given, "a", &[(1, FIRST)]);
    let server = shelf.serve();
    add(&given, "orchard", &format!("{}/index.json", server.url()))
        .exits(0)
        .prints_with("1 plugin\n");
    install(&given, "orchard/fruit-001");
    given.runs(1, FIRST);
    let source = &given.read_lock()["plugins"]["fruit-001"]["targets"]["x86_64-linux"]["source"];
    let source = source.as_str().unwrap();
    assert!(source.starts_with(&server.url()), "{source}");
}

#[test]
fn an_index_in_a_registry_can_name_packages_in_the_registry() {
    let given = Given::new();
    let Some(docker) = Docker::open(&given) else {
        return;
    };
    docker.publish(&given, 1, FIRST);
    let mut shelf = Shelf::of(&given, "a", &[(1, FIRST)]);
    shelf.entry_mut(1, FIRST)["source"] = docker.tagged(1, FIRST).into();
    shelf.write(&given, 1);
    let place = format!("oci://{}/plugins/index:latest", docker.host());
    publish(&given, &place, &[&shelf.file()]);
    add(&given, "orchard", &place).exits(0);
    install(&given, "orchard/fruit-001");
    given.runs(1, FIRST);

    docker.publish(&given, 1, SECOND);
    shelf.add(1, SECOND);
    shelf.entry_mut(1, SECOND)["source"] = docker.tagged(1, SECOND).into();
    shelf.write(&given, 2);
    publish(&given, &place, &[&shelf.file()]);
    given.tw(["plugin", "upgrade", "--yes", "--all"]).exits(0);
    given.runs(1, SECOND);
}

#[test]
fn an_index_without_a_signature_is_not_published() {
    let given = Given::new();
    let Some(docker) = Docker::open(&given) else {
        return;
    };
    let shelf = Shelf::of(&given, "a", &[(1, FIRST)]);
    let place = format!("oci://{}/plugins/index:latest", docker.host());
    let file = shelf.file().display().to_string();
    fs::remove_file(shelf.folder.join("index.json.minisig")).unwrap();
    let line = ["plugin", "publish", "--allow-unsigned", &place, &file];
    given.tw(line).fails_with("there is no signature beside");
    add(&given, "orchard", &place).fails_with("there is nothing at");
    // The artifact of a plugin is not an index.
    docker.publish(&given, 1, FIRST);
    add(&given, "orchard", &docker.tagged(1, FIRST)).fails_with("not a signed index of plugins");
    assert_eq!(list_indices(&given), Vec::<Value>::new());
}

#[test]
fn search_works_offline() {
    let given = Given::new();
    let shelf = Shelf::of(&given, "a", &[(1, FIRST), (2, FIRST), (2, SECOND)]);
    let server = shelf.serve();
    add(&given, "orchard", &format!("{}/index.json", server.url())).exits(0);
    drop(server);
    fs::remove_dir_all(&shelf.folder).unwrap();
    assert_eq!(search(&given, &[]).len(), 2);
    let one = search(&given, &["FRUIT", "number 2"]);
    assert_eq!(one.len(), 1);
    assert_eq!(one[0]["name"], "orchard/fruit-002");
    assert_eq!(one[0]["version"], SECOND);
    assert_eq!(one[0]["publisher"], "acme");
    assert_eq!(search(&given, &["vegetable"]).len(), 0);
}

#[test]
fn a_search_without_an_index_says_how_to_add_one() {
    let given = Given::new();
    given
        .tw(["plugin", "search", "fruit"])
        .exits(0)
        .says_with("`tw plugin index add`")
        .prints_with("No plugins found");
}

#[test]
fn install_picks_the_newest_version_that_the_requirement_allows() {
    let shelf = |given: &Given| {
        let fruits = [(1, FIRST), (1, SECOND), (1, THIRD)];
        Shelf::of(given, "a", &fruits).add_to(given, "orchard");
    };
    for (wanted, version) in [
        ("orchard/fruit-001", THIRD),
        ("orchard/fruit-001@70.0.101", SECOND),
        ("orchard/fruit-001@=70.0.100", FIRST),
        ("orchard/fruit-001@^70.0", THIRD),
        ("orchard/fruit-001@<70.0.102", SECOND),
        ("orchard/fruit-001@>=70.0.100, <70.0.101", FIRST),
    ] {
        let given = Given::new();
        shelf(&given);
        install(&given, wanted);
        given.runs(1, version);
    }
    let given = Given::new();
    shelf(&given);
    for (wanted, part) in [
        (
            "orchard/fruit-001@^71",
            "has no version `^71` of `fruit-001`",
        ),
        (
            "orchard/fruit-001@70.0.103",
            "its versions are 70.0.100, 70.0.101, 70.0.102",
        ),
        ("orchard/fruit-001@newest", "`newest` is not a version"),
        (
            "orchard/fruit-009",
            "the index `orchard` has no plugin `fruit-009`",
        ),
        ("garden/fruit-001", "there is no index `garden`"),
    ] {
        given
            .tw(["plugin", "install", "--yes", wanted])
            .fails_with(part);
    }
    given.has_no(1);
}

#[test]
fn an_upgrade_takes_the_newest_version_in_the_index() {
    let given = Given::new();
    let mut shelf = Shelf::of(&given, "a", &[(1, FIRST), (2, FIRST)]);
    shelf.add_to(&given, "orchard");
    install(&given, "orchard/fruit-001");
    install(&given, "orchard/fruit-002");
    given
        .tw(["plugin", "list", "--outdated"])
        .exits(0)
        .prints_with("All plugins are up to date");
    shelf.add(1, THIRD);
    shelf.add(1, SECOND);
    shelf.write(&given, 2);
    let outdated = given.tw(["plugin", "list", "--outdated", "-o", "json"]);
    let outdated = outdated.exits(0).json();
    let outdated = outdated["plugins"].as_array().unwrap();
    assert_eq!(outdated.len(), 1);
    assert_eq!(outdated[0]["name"], "fruit-001");
    assert_eq!(outdated[0]["newest"], THIRD);
    let before = given.read_lock();
    given
        .tw(["plugin", "upgrade", "--all", "--dry-run"])
        .exits(0)
        .prints_with(THIRD);
    assert_eq!(given.read_lock(), before);
    given
        .tw(["plugin", "upgrade", "--yes", "--all"])
        .exits(0)
        .prints("\n  Plugin 'fruit-001' 70.0.102 installed\n\n");
    given.runs(1, THIRD);
    given.runs(2, FIRST);
    let rows = search(&given, &["fruit-001"]);
    assert_eq!(rows[0]["installed"], THIRD);
}

#[test]
fn a_failed_upgrade_does_not_stop_the_others() {
    let given = Given::new();
    let mut shelf = Shelf::of(&given, "a", &[(1, FIRST), (2, FIRST)]);
    shelf.add_to(&given, "orchard");
    install(&given, "orchard/fruit-001");
    install(&given, "orchard/fruit-002");
    shelf.add(1, SECOND);
    shelf.add(2, SECOND);
    shelf.entry_mut(2, SECOND)["digest"] = digest(b"another").into();
    shelf.write(&given, 2);
    given
        .tw(["plugin", "upgrade", "--yes", "--all"])
        .exits(1)
        .prints("\n  Plugin 'fruit-001' 70.0.101 installed\n\n")
        .says_with("warning: `fruit-002`: the package at");
    given.runs(1, SECOND);
    given.runs(2, FIRST);
}

#[test]
fn a_pre_release_is_installed_only_on_request() {
    let given = Given::new();
    let mut shelf = Shelf::of(&given, "a", &[(1, FIRST)]);
    // The entry points to the package of another version, so installing the pre-release would fail.
    let versions = &mut shelf.document["plugins"]["fruit-001"]["versions"];
    versions["71.0.0-rc.1"] = versions[FIRST].clone();
    shelf.write(&given, 1);
    shelf.add_to(&given, "orchard");
    install(&given, "orchard/fruit-001");
    given.runs(1, FIRST);
    given
        .tw(["plugin", "upgrade", "--yes", "--all"])
        .exits(0)
        .prints_with("All plugins are up to date");
    given
        .tw([
            "plugin",
            "install",
            "--yes",
            "orchard/fruit-001@71.0.0-rc.1",
        ])
        .fails_with("says `fruit-001` 71.0.0-rc.1");
}

#[test]
fn removing_an_index_keeps_the_plugins_installed_from_it() {
    let given = Given::new();
    Shelf::of(&given, "a", &[(1, FIRST)]).add_to(&given, "orchard");
    install(&given, "orchard/fruit-001");
    given
        .tw(["plugin", "index", "remove", "orchard"])
        .exits(0)
        .prints("\n  Index 'orchard' removed; the plugins installed from it stay\n\n");
    assert_eq!(list_indices(&given), Vec::<Value>::new());
    assert_eq!(search(&given, &[]), Vec::<Value>::new());
    given.runs(1, FIRST);
    given
        .tw(["plugin", "upgrade", "--yes", "--all"])
        .fails_with("there is no index `orchard`");
    given
        .tw(["plugin", "index", "remove", "orchard"])
        .fails_with("there is no index `orchard`");
    given
        .tw(["plugin", "install", "--yes", "orchard/fruit-001"])
        .fails_with("there is no index `orchard`");
}

#[test]
fn an_unknown_command_that_an_index_offers_is_answered_with_the_install_command() {
    let given = Given::new();
    given.tw(["fruit-001"]).rejects("fruit-001");
    let shelf = Shelf::of(&given, "a", &[(1, FIRST)]);
    shelf.add_to(&given, "orchard");
    // The suggestion comes from the local copy of the index. Nothing is fetched.
    fs::remove_dir_all(&shelf.folder).unwrap();
    for line in [&["fruit-001"][..], &["fruit-001", "eat", "--all"]] {
        given
            .tw(line.iter().copied())
            .says_with("`tw plugin install orchard/fruit-001`")
            .rejects("fruit-001");
    }
    let other = given.tw(["fruit-002"]).exits(2);
    other.never_shows("tw plugin install");
    assert_eq!(given.list_entries("fruit-001"), Vec::<Value>::new());
}
