//! Policies about indices: deny an index, pin the version of a plugin, and prescribe indices.

use std::{fs, path::Path};

use serde_json::{Map, json};
use tw_tests::Ran;

use crate::{
    given::{FIRST, Given, SECOND, THIRD, digest, pack, public_key, secret_key, signature_of},
    policy::{refusal, write},
};

/// Writes an index into a folder, with these packages of acme. The key `index` signs the index. Returns the folder.
fn write_index(folder: &Path, serial: u64, fruits: &[(u16, &str)]) -> String {
    write_index_of("index", folder, serial, fruits)
}

/// Writes an index into a folder, as [`write_index`] does. This key signs the index.
fn write_index_of(key: &str, folder: &Path, serial: u64, fruits: &[(u16, &str)]) -> String {
    fs::create_dir_all(folder).unwrap();
    let mut plugins = Map::new();
    for (number, version) in fruits {
        let package = pack(*number, version, Some("acme"));
        let file = package.file_name().unwrap().to_str().unwrap();
        for (from, to) in [
            (package.clone(), folder.join(file)),
            (signature_of(&package), signature_of(&folder.join(file))),
        ] {
            fs::copy(from, to).unwrap();
        }
        let name = format!("fruit-{number:03}");
        let plugin = plugins
            .entry(name.clone())
            .or_insert_with(|| json!({ "publisher": "acme", "versions": {} }));
        plugin["versions"][version] = json!({
            "commands": [name],
            "targets": { "x86_64-linux": { "source": file, "digest": digest(&fs::read(&package).unwrap()) } },
        });
    }
    let document = json!({
        "format": 1,
        "serial": serial,
        "publishers": { "acme": { "key": public_key("acme") } },
        "plugins": plugins,
    });
    let path = write(&folder.join("index.json"), &document.to_string());
    let given = Given::new();
    let key = secret_key(key).display().to_string();
    given
        .tw(["plugin", "sign", &path.display().to_string(), "--key", &key])
        .exits(0);
    folder.display().to_string()
}

/// Adds an index to the user's configuration.
fn add(given: &Given, name: &str, url: &str) -> Ran {
    add_with(given, name, url, "index")
}

fn add_with(given: &Given, name: &str, url: &str, key: &str) -> Ran {
    let key = public_key(key);
    given.tw(["plugin", "index", "add", name, url, "--key", &key])
}

fn install(given: &Given, source: &str) -> Ran {
    given.tw(["plugin", "install", "--yes", source])
}

#[test]
fn a_plugin_from_a_denied_index_is_neither_installed_nor_loaded() {
    let given = Given::new();
    let fruits = [(1, FIRST), (2, FIRST)];
    let shady = write_index_of("shady", &given.work().join("shady"), 1, &fruits);
    let good = write_index(&given.work().join("index"), 1, &fruits);
    add_with(&given, "shady", &shady, "shady").exits(0);
    add(&given, "good", &good).exits(0);
    install(&given, "shady/fruit-001").exits(0);
    given.runs(1, FIRST);
    let key = public_key("shady");
    // The second index has the name that a user could have given to the first.
    let prescribed =
        format!("[[deny]]\nindex = \"dark\"\n[indices.dark]\nurl = \"{shady}\"\nkey = \"{key}\"\n");
    let file = given.write_machine_policy(&prescribed);
    given.assert_refused_by(1, &file, "`deny`, rule 1");
    let file = given.write_machine_policy(&format!("[[deny]]\nindex-key = \"{key}\"\n"));
    given.assert_refused_by(1, &file, "`deny`, rule 1");
    install(&given, "shady/fruit-002").fails_with(&refusal(&file, "`deny`, rule 1"));
    install(&given, "good/fruit-002").exits(0);
    given.runs(2, FIRST);
}

#[test]
fn install_and_upgrade_stop_at_the_pinned_version() {
    let given = Given::new();
    let folder = given.work().join("index");
    let url = write_index(&folder, 1, &[(1, FIRST), (1, SECOND), (1, THIRD)]);
    add(&given, "main", &url).exits(0);
    let text = format!("[pins]\nfruit-001 = \"{SECOND}\"\n");
    let file = given.write_machine_policy(&text);
    install(&given, "main/fruit-001").exits(0);
    given.runs(1, SECOND);
    given
        .tw(["plugin", "upgrade", "--yes", "fruit-001"])
        .exits(0);
    given
        .tw(["plugin", "list", "--outdated"])
        .exits(0)
        .prints_with("All plugins are up to date");
    given.runs(1, SECOND);
    let rule = format!("`pins.fruit-001 = \"{SECOND}\"`");
    install(&given, &format!("main/fruit-001@{THIRD}")).fails_with(&refusal(&file, &rule));
    given.runs(1, SECOND);
}

#[test]
fn upgrade_moves_up_to_the_pinned_version() {
    let given = Given::new();
    let folder = given.work().join("index");
    let url = write_index(&folder, 1, &[(1, FIRST), (1, SECOND), (1, THIRD)]);
    add(&given, "main", &url).exits(0);
    install(&given, &format!("main/fruit-001@{FIRST}")).exits(0);
    let file = given.write_machine_policy(&format!("[pins]\nfruit-001 = \"{SECOND}\"\n"));
    let rule = format!("`pins.fruit-001 = \"{SECOND}\"`");
    given.assert_refused_by(1, &file, &rule);
    given
        .tw(["plugin", "list", "--outdated", "-o", "json"])
        .exits(0)
        .prints_with(SECOND);
    given.tw(["plugin", "upgrade", "--yes", "--all"]).exits(0);
    given.runs(1, SECOND);
}

#[test]
fn a_pinned_older_version_can_be_installed_with_allow_downgrade() {
    let given = Given::new();
    let url = write_index(&given.work().join("index"), 1, &[(1, FIRST), (1, THIRD)]);
    add(&given, "main", &url).exits(0);
    install(&given, "main/fruit-001").exits(0);
    given.runs(1, THIRD);
    let file = given.write_machine_policy(&format!("[pins]\nfruit-001 = \"{FIRST}\"\n"));
    given.assert_refused_by(1, &file, &format!("`pins.fruit-001 = \"{FIRST}\"`"));
    install(&given, "main/fruit-001").fails_with("`--allow-downgrade`");
    given
        .tw([
            "plugin",
            "install",
            "--yes",
            "--allow-downgrade",
            "main/fruit-001",
        ])
        .exits(0);
    given.runs(1, FIRST);
}

#[test]
fn only_plugins_from_prescribed_indices_are_allowed_if_the_policy_says_so() {
    let given = Given::trusting();
    let main = write_index(&given.work().join("main"), 1, &[(1, FIRST)]);
    let fruits = [(2, FIRST), (3, FIRST)];
    let other = write_index_of("other", &given.work().join("other"), 1, &fruits);
    add_with(&given, "other", &other, "other").exits(0);
    install(&given, "other/fruit-002").exits(0);
    given.installs(4, FIRST);
    given.bundles(5, FIRST);
    let key = public_key("index");
    let text =
        format!("only-indices = true\n\n[indices.main]\nurl = \"{main}\"\nkey = \"{key}\"\n");
    let file = given.write_machine_policy(&text);
    // A prescribed index doesn't have to be added.
    install(&given, "main/fruit-001").exits(0);
    given.runs(1, FIRST);
    given.runs(5, FIRST);
    let rule = "`only-indices = true`, but it came from none of them";
    given.assert_refused_by(2, &file, rule);
    given.assert_refused_by(4, &file, rule);
    install(&given, "other/fruit-003").fails_with(&refusal(&file, rule));
    let package = given.package(6, FIRST, Some("acme"));
    given.install(&package).fails_with(&refusal(&file, rule));
}

#[test]
fn a_prescribed_index_can_be_neither_removed_nor_redefined() {
    let given = Given::new();
    let main = write_index(&given.work().join("main"), 1, &[(1, FIRST)]);
    let other = write_index(&given.work().join("other"), 1, &[(1, SECOND)]);
    // The user had added another index of that name before.
    add(&given, "main", &other).exits(0);
    let key = public_key("index");
    given.write_machine_policy(&format!(
        "[indices.main]\nurl = \"{main}\"\nkey = \"{key}\"\n"
    ));
    let list = given
        .tw(["plugin", "index", "list", "-o", "json"])
        .exits(0)
        .json();
    assert_eq!(list["indices"][0]["url"], main, "{list:#}");
    assert_eq!(list["indices"][0]["prescribed"], true);
    given
        .tw(["plugin", "index", "remove", "main"])
        .fails_with("a policy prescribes the index `main`");
    add(&given, "main", &other).fails_with("another index is called `main`");
    let mine = format!("[indices.main]\nurl = \"{other}\"\nkey = \"{key}\"\n");
    given.write_own_policy(&mine);
    install(&given, "main/fruit-001").exits(0);
    given.runs(1, FIRST);
}

#[test]
fn upgrade_moves_down_to_the_pinned_version() {
    let given = Given::new();
    let folder = given.work().join("index");
    let url = write_index(&folder, 1, &[(1, FIRST), (1, THIRD)]);
    add(&given, "main", &url).exits(0);
    install(&given, "main/fruit-001").exits(0);
    given.runs(1, THIRD);
    given.write_machine_policy(&format!("[pins]\nfruit-001 = \"{FIRST}\"\n"));
    given.tw(["plugin", "upgrade", "--yes", "--all"]).exits(0);
    given.runs(1, FIRST);
}

#[test]
fn a_persons_index_returns_when_no_policy_uses_its_name() {
    let given = Given::new();
    let url = write_index(&given.work().join("index"), 1, &[(1, FIRST)]);
    add(&given, "main", &url).exits(0);
    let other = write_index(&given.work().join("other"), 1, &[(2, FIRST)]);
    let key = public_key("index");
    let text = format!("[indices.main]\nurl = \"{other}\"\nkey = \"{key}\"\n");
    let file = given.write_machine_policy(&text);
    // Adding another index meanwhile doesn't lose the hidden one.
    add(&given, "third", &other).exits(0);
    fs::remove_file(file).unwrap();
    let list = given.tw(["plugin", "index", "list", "-o", "json"]).exits(0);
    assert_eq!(list.json()["indices"][0]["url"], url.as_str());
}

#[test]
fn a_plugin_from_an_index_with_only_the_name_of_a_prescribed_one_is_refused() {
    let given = Given::new();
    let fake = write_index_of("fake", &given.work().join("fake"), 1, &[(1, FIRST)]);
    let corp = write_index(&given.work().join("corp"), 1, &[(1, SECOND), (2, FIRST)]);
    add_with(&given, "corp", &fake, "fake").exits(0);
    install(&given, "corp/fruit-001").exits(0);
    given.runs(1, FIRST);
    let key = public_key("index");
    let prescribed = format!("[indices.corp]\nurl = \"{corp}\"\nkey = \"{key}\"\n");
    let file = given.write_machine_policy(&format!("only-indices = true\n{prescribed}"));
    given.assert_refused_by(
        1,
        &file,
        "`only-indices = true`, but it came from none of them",
    );
    let allow = format!("[[allow]]\nindex = \"corp\"\n{prescribed}");
    given.write_machine_policy(&allow);
    given.assert_refused_by(1, &file, "none of its `allow` rules matches");
    install(&given, "corp/fruit-002").exits(0);
    given.runs(2, FIRST);
    // Neither an upgrade nor an installation replaces the plugin of the other index.
    given.write_machine_policy(&prescribed);
    given
        .tw(["plugin", "upgrade", "--yes", "fruit-001"])
        .fails_with("the index `corp` has another key than when `fruit-001` was installed");
    install(&given, "corp/fruit-001")
        .fails_with("was installed from the index `corp` with the key");
    given.runs(1, FIRST);
    given.tw(["plugin", "remove", "fruit-001"]).exits(0);
    install(&given, "corp/fruit-001").exits(0);
    given.runs(1, SECOND);
    let lock = given.read_lock();
    let index = &lock["plugins"]["fruit-001"]["index"];
    assert_eq!(
        (&index["name"], &index["key"]),
        (&"corp".into(), &key.into())
    );
}

#[test]
fn a_persons_index_meets_no_rule_of_the_administrator() {
    let given = Given::new();
    let mine = write_index(&given.work().join("mine"), 1, &[(1, FIRST)]);
    let key = public_key("index");
    let own = format!("[indices.corp]\nurl = \"{mine}\"\nkey = \"{key}\"\n");
    given.write_own_policy(&own);
    install(&given, "corp/fruit-001").exits(0);
    given.runs(1, FIRST);
    given.write_machine_policy("[[allow]]\nname = \"other\"\n[[allow]]\nindex = \"corp\"\n");
    given
        .tw(["fruit-001"])
        .fails_with("can't be understood (line 4: no policy prescribes the index `corp`)");
    fs::remove_file(given.installation.prefix().join("etc/tw/policy.toml")).unwrap();
    given.write_own_policy(&format!("[[allow]]\nindex = \"corp\"\n{own}"));
    given.runs(1, FIRST);
}
