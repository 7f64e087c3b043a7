//! Versions that differ in build metadata, and pre-releases.

use std::fs;

use crate::{
    docker::{Docker, publish},
    given::{FIRST, Given, digest, pack, signature_of},
    policy::refusal,
    shelf::Shelf,
};

// The versions of fruits have eight characters.
const BUILD: &str = "1.4.2+ok";
const OTHER_BUILD: &str = "1.4.2+no";
const PRE_RELEASE: &str = "2.0.0-rc";

#[test]
fn a_pre_release_of_a_denied_or_not_allowed_version_is_refused() {
    let given = Given::trusting();
    let package = given.package(1, PRE_RELEASE, Some("acme"));
    for (text, rule) in [
        ("[[deny]]\nversion = \"<2.0.0\"\n", "`deny`, rule 1"),
        ("[[deny]]\nversion = \"=2.0.0\"\n", "`deny`, rule 1"),
        (
            "[[allow]]\nversion = \">=2.0.0\"\n",
            "none of its `allow` rules matches",
        ),
    ] {
        let file = given.write_machine_policy(text);
        given.install(&package).fails_with(&refusal(&file, rule));
    }
    given.write_machine_policy("[[allow]]\nversion = \">=2.0.0-rc\"\n");
    given.install(&package).exits(0);
    given.runs(1, PRE_RELEASE);
}

#[test]
fn a_version_is_found_by_its_number_without_build_metadata() {
    let given = Given::new();
    Shelf::of(&given, "a", &[(1, BUILD)]).add_to(&given, "orchard");
    let file = given.write_machine_policy("[pins]\nfruit-001 = \"1.4.2\"\n");
    given
        .tw(["plugin", "install", "--yes", "orchard/fruit-001@1.4.2"])
        .exits(0);
    given.runs(1, BUILD);
    let up_to_date = given
        .tw(["plugin", "upgrade", "--yes", "fruit-001"])
        .exits(0);
    up_to_date.prints_with("is up to date");
    fs::remove_file(file).unwrap();
    given.runs(1, BUILD);
}

#[test]
fn an_index_has_one_package_of_a_version() {
    let given = Given::new();
    let mut shelf = Shelf::of(&given, "a", &[(1, BUILD)]);
    shelf.add_to(&given, "orchard");
    let entry = shelf.document["plugins"]["fruit-001"]["versions"][BUILD].clone();
    shelf.document["plugins"]["fruit-001"]["versions"][OTHER_BUILD] = entry;
    fs::write(shelf.file(), shelf.document.to_string()).unwrap();
    let key = tw_tests::fruit::secret_key("keeper").display().to_string();
    let file = shelf.file().display().to_string();
    given
        .tw(["plugin", "sign", "--key", &key, &file])
        .fails_with("it has two packages of one version of `fruit-001`: 1.4.2+no and 1.4.2+ok");
}

#[test]
fn an_installed_version_is_not_replaced_by_another_build_of_it() {
    let given = Given::trusting();
    let first = given.package(1, BUILD, Some("acme"));
    given.install(&first).exits(0);
    let other = given.package(1, OTHER_BUILD, Some("acme"));
    given
        .install_with(&["--allow-downgrade"], &other)
        .fails_with("this is another package of `fruit-001` 1.4.2+ok, which is installed");
    given.runs(1, BUILD);
}

#[test]
fn a_registry_has_a_version_with_build_metadata_under_a_tag_with_an_underscore() {
    let given = Given::trusting();
    let Some(docker) = Docker::open(&given) else {
        return;
    };
    let package = given.package(1, BUILD, Some("acme"));
    let path = package.display().to_string();
    let place = |tag: &str| format!("{}:{tag}", docker.repository(1));
    given
        .tw(["plugin", "publish", &place("1.4.2"), &path])
        .fails_with("the version of `fruit-001` is 1.4.2+ok, but the tag is 1.4.2")
        .says_with("publish it as `:1.4.2_ok`");
    publish(&given, &place("1.4.2_ok"), &[&package]);
    given
        .tw(["plugin", "install", "--yes", &docker.repository(1)])
        .exits(0);
    given.runs(1, BUILD);
    let lock = given.read_lock();
    let same = given.tw(["plugin", "install", "--yes", &place("1.4.2_ok")]);
    same.exits(0).prints_with("is already installed");
    given.tw(["plugin", "upgrade", "--yes", "--all"]).exits(0);
    assert_eq!(given.read_lock(), lock);
    // Two tags of one version leave open which package is meant.
    let other = given.package(1, OTHER_BUILD, Some("acme"));
    publish(&given, &place("1.4.2_no"), &[&other]);
    given.tw(["plugin", "remove", "fruit-001"]).exits(0);
    given
        .tw(["plugin", "install", "--yes", &docker.repository(1)])
        .fails_with("has two packages of one version: 1.4.2+no and 1.4.2+ok");
    given.has_no(1);
}

#[test]
fn an_index_with_too_many_entries_is_refused() {
    let given = Given::new();
    let mut shelf = Shelf::of(&given, "a", &[(1, FIRST)]);
    let good = shelf.document.clone();
    let entry = good["plugins"]["fruit-001"].clone();
    let version = entry["versions"][FIRST].clone();
    let package = version["targets"]["x86_64-linux"].clone();
    let refused = |document: serde_json::Value, part: &str| {
        fs::write(shelf.folder.join("index.json"), document.to_string()).unwrap();
        let file = shelf.file().display().to_string();
        let key = tw_tests::fruit::secret_key("keeper").display().to_string();
        given
            .tw(["plugin", "sign", "--key", &key, &file])
            .fails_with(part);
    };
    let mut many = good.clone();
    for number in 0..10_000 {
        many["plugins"][format!("p{number}")] =
            serde_json::json!({ "publisher": "acme", "versions": {} });
    }
    refused(many, "it has 10001 plugins, and at most 10000 are accepted");
    let mut many = good.clone();
    for number in 0..1_000 {
        many["plugins"]["fruit-001"]["versions"][format!("1.0.{number}")] = version.clone();
    }
    refused(
        many,
        "it has 1001 versions of `fruit-001`, and at most 1000 are accepted",
    );
    let mut many = good;
    for number in 0..64 {
        let targets = &mut many["plugins"]["fruit-001"]["versions"][FIRST]["targets"];
        targets[format!("m{number}-linux")] = package.clone();
    }
    refused(
        many,
        "it has 65 packages of `fruit-001` 70.0.100, and at most 64 are accepted",
    );
    shelf.write(&given, 2);
    shelf.add_to(&given, "orchard");
}

#[test]
fn an_upgrade_of_all_plugins_fetches_an_index_once() {
    let given = Given::new();
    let numbers = [1, 2, 3, 4];
    let fruits = numbers.map(|number| (number, FIRST));
    let mut shelf = Shelf::of(&given, "a", &fruits);
    let server = shelf.serve();
    crate::shelf::add(&given, "orchard", &format!("{}/index.json", server.url())).exits(0);
    for number in numbers {
        let name = format!("orchard/fruit-{number:03}");
        given.tw(["plugin", "install", "--yes", &name]).exits(0);
    }
    for number in numbers {
        shelf.add(number, crate::given::SECOND);
    }
    shelf.write(&given, 2);
    let fetched = || {
        let seen = server.seen().into_iter();
        seen.filter(|line| line.ends_with("/index.json")).count()
    };
    for line in [
        &["plugin", "list", "--outdated"][..],
        &["plugin", "upgrade", "--all", "--dry-run"],
        &["plugin", "upgrade", "--all", "--yes"],
    ] {
        let before = fetched();
        given.tw(line.iter().copied()).exits(0);
        assert_eq!(fetched() - before, 1, "{line:?}");
    }
    for number in numbers {
        given.runs(number, crate::given::SECOND);
    }
}

#[test]
fn an_untrusted_package_is_not_parsed() {
    let given = Given::trusting();
    let work = given.work();
    let bomb = work.join("bomb.tar.gz");
    fs::write(&bomb, "no archive").unwrap();
    given
        .install(&bomb)
        .fails_with("it isn't signed with a trusted key (it has no signature)");
    // The signature of another package is found before the content is read as a package.
    fs::copy(
        signature_of(&pack(1, FIRST, Some("acme"))),
        signature_of(&bomb),
    )
    .unwrap();
    given
        .install(&bomb)
        .fails_with("its signature doesn't match its content");
    let mut shelf = Shelf::of(&given, "a", &[(1, FIRST)]);
    let file = shelf.entry_mut(1, FIRST)["source"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = shelf.folder.join(file);
    fs::write(&path, "no archive").unwrap();
    shelf.entry_mut(1, FIRST)["digest"] = digest(b"no archive").into();
    shelf.write(&given, 2);
    shelf.add_to(&given, "orchard");
    let install = |given: &Given| given.tw(["plugin", "install", "--yes", "orchard/fruit-001"]);
    install(&given).fails_with("its signature doesn't match its content");
    fs::remove_file(signature_of(&path)).unwrap();
    install(&given).fails_with("it isn't signed with a trusted key");
}
