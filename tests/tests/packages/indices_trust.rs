//! Trust in indices: an index can't be replaced by another user's or an older one, serve other packages than it names, or take over plugins of
//! another index.

use std::fs;

use tw_tests::Ran;

use crate::{
    given::{
        FIRST, Given, SECOND, THIRD, digest, has_program, public_key, secret_key, signature_of,
    },
    shelf::{KEEPER, Shelf, add, flip},
};

fn install(given: &Given, source: &str) -> Ran {
    given.tw(["plugin", "install", "--yes", source])
}

fn update(given: &Given) -> Ran {
    given.tw(["plugin", "index", "update"])
}

/// Asserts that installing fails with this message, even with `--allow-unsigned`.
#[track_caller]
fn assert_refused(given: &Given, source: &str, part: &str) {
    install(given, source).fails_with(part);
    let line = ["plugin", "install", "--yes", "--allow-unsigned", source];
    given.tw(line).fails_with(part);
    given.has_no(1);
}

/// Asserts that no index is configured and that no copy of an index is stored.
#[track_caller]
fn assert_no_index_is_known(given: &Given) {
    let list = given.tw(["plugin", "index", "list", "-o", "json"]);
    assert_eq!(list.exits(0).json()["indices"].as_array().unwrap().len(), 0);
    assert!(!given.config().join("indices.json").exists());
    let copies = given.store().with_file_name("indices");
    assert!(!copies.exists(), "{}", copies.display());
}

#[test]
fn an_index_with_a_missing_or_foreign_signature_is_not_added() {
    let given = Given::new();
    let shelf = Shelf::of(&given, "a", &[(1, FIRST)]);
    let place = shelf.folder.display().to_string();
    let other = public_key("acme");
    given
        .tw(["plugin", "index", "add", "orchard", &place, "--key", &other])
        .fails_with("its signature was made with another key");
    fs::remove_file(signature_of(&shelf.file())).unwrap();
    add(&given, "orchard", &place).fails_with("it has no signature");
    let server = shelf.serve();
    let url = format!("{}/index.json", server.url());
    add(&given, "orchard", &url).fails_with("it has no signature");
    fs::write(signature_of(&shelf.file()), "<!doctype html>").unwrap();
    add(&given, "orchard", &url).fails_with("its signature can't be read");
    assert_no_index_is_known(&given);
}

#[test]
fn a_source_that_is_no_index_is_not_added() {
    let given = Given::new();
    let place = given.work().join("nothing").display().to_string();
    add(&given, "orchard", &place).fails_with("can't be read");
    let shelf = Shelf::of(&given, "a", &[(1, FIRST)]);
    let server = shelf.serve();
    add(&given, "orchard", &format!("{}/other.json", server.url()))
        .fails_with("there is nothing at");
    add(&given, "orchard", "http://packages.invalid/index.json").fails_with("is not encrypted");
    add(
        &given,
        "orchard",
        "https://me:s3cret@packages.invalid/index.json",
    )
    .never_shows("s3cret")
    .fails_with("contains a user name or a password");
    add(&given, "orchard", "ftp://packages.invalid/index.json")
        .fails_with("is not an address that tw supports");
    add(&given, "Orchard!", &shelf.folder.display().to_string())
        .fails_with("`Orchard!` is not a valid index name");
    let key = ["--key", "RWQnonsense"];
    let place = shelf.folder.display().to_string();
    let line = ["plugin", "index", "add", "orchard", &place];
    given
        .tw(line.into_iter().chain(key))
        .fails_with("Cannot add the index orchard");
    assert_no_index_is_known(&given);
}

#[test]
fn an_invalid_index_is_refused_even_with_a_valid_signature() {
    if !has_program("minisign") {
        return;
    }
    let given = Given::new();
    let mut shelf = Shelf::of(&given, "a", &[(1, FIRST)]);
    let mut unknown = shelf.document.clone();
    unknown["plugins"]["fruit-001"]["publisher"] = "nobody".into();
    let mut named = shelf.document.clone();
    named["plugins"]["../fruit"] = named["plugins"]["fruit-001"].clone();
    let mut later = shelf.document.clone();
    later["format"] = 2.into();
    let key = secret_key(KEEPER);
    for (text, part) in [
        ("these are no plugins".to_owned(), "it is not an index"),
        ("{}".to_owned(), "it is not an index"),
        (
            later.to_string(),
            "it has the format 2, and this tw knows 1",
        ),
        (unknown.to_string(), "the publisher of `fruit-001`"),
        (
            named.to_string(),
            "`../fruit` in it is not a valid plugin name",
        ),
    ] {
        fs::write(shelf.file(), &text).unwrap();
        // `tw` refuses to sign such a document, so minisign signs it.
        given
            .command(["plugin", "sign", "--key"])
            .args([key.as_os_str(), shelf.file().as_os_str()])
            .run()
            .fails_with(part);
        let signed = std::process::Command::new("minisign")
            .args(["-S", "-W", "-s"])
            .args([key.as_os_str(), "-m".as_ref(), shelf.file().as_os_str()])
            .output();
        let signed = signed.unwrap();
        assert!(signed.status.success(), "{signed:?}");
        add(&given, "orchard", &shelf.folder.display().to_string()).fails_with(part);
    }
    assert_no_index_is_known(&given);
    shelf.write(&given, 1);
    shelf.add_to(&given, "orchard");
}

#[test]
fn a_flipped_bit_in_an_index_or_its_signature_is_refused() {
    let given = Given::new();
    let mut shelf = Shelf::of(&given, "a", &[(1, FIRST)]);
    shelf.add_to(&given, "orchard");
    let length = fs::read(shelf.file()).unwrap().len();
    for at in [0, length / 3, length / 2, length - 1] {
        flip(&shelf.file(), at);
        update(&given).fails_with("its signature doesn't match its content");
        assert_refused(
            &given,
            "orchard/fruit-001",
            "its signature doesn't match its content",
        );
        flip(&shelf.file(), at);
    }
    // The first of the four lines is a comment that is not signed.
    let signature = signature_of(&shelf.file());
    let lines: Vec<usize> = {
        let text = fs::read_to_string(&signature).unwrap();
        let ends = text.match_indices('\n').map(|(at, _)| at);
        ends.skip(1).collect()
    };
    for end in lines {
        flip(&signature, end - 8);
        update(&given).fails_with("its signature");
        flip(&signature, end - 8);
    }
    update(&given).exits(0);
    shelf.write(&given, 2);
    install(&given, "orchard/fruit-001").exits(0);
    given.runs(1, FIRST);
}

#[test]
fn a_modified_copy_of_an_index_is_ignored() {
    let given = Given::new();
    Shelf::of(&given, "a", &[(1, FIRST)]).add_to(&given, "orchard");
    let copy = given.store().with_file_name("indices").join("orchard.json");
    let text = fs::read_to_string(&copy).unwrap();
    fs::write(&copy, text.replace("fruit-001", "fruit-002")).unwrap();
    given
        .tw(["plugin", "search"])
        .exits(0)
        .prints_with("No plugins found");
    given
        .tw(["fruit-002"])
        .never_shows("tw plugin install")
        .rejects("fruit-002");
    update(&given).exits(0);
    given
        .tw(["plugin", "search"])
        .exits(0)
        .prints_with("orchard/fruit-001");
}

#[test]
fn an_index_older_than_the_last_one_seen_is_refused() {
    let given = Given::new();
    let mut shelf = Shelf::of(&given, "a", &[(1, FIRST)]);
    let folder = shelf.folder.clone();
    let older = (
        fs::read(shelf.file()).unwrap(),
        fs::read(signature_of(&shelf.file())).unwrap(),
    );
    shelf.add_to(&given, "orchard");
    shelf.add(1, SECOND);
    shelf.write(&given, 2);
    update(&given).exits(0);
    fs::write(folder.join("index.json"), older.0).unwrap();
    fs::write(folder.join("index.json.minisig"), older.1).unwrap();
    let part = "it has the serial number 1, but 2 was seen before";
    update(&given).fails_with(part);
    assert_refused(&given, "orchard/fruit-001", part);
    add(&given, "orchard", &folder.display().to_string()).fails_with(part);
    // The newer copy is still in use.
    given.tw(["plugin", "search"]).exits(0).prints_with(SECOND);
    shelf.write(&given, 2);
    update(&given).exits(0);
}

#[test]
fn an_index_can_neither_upgrade_nor_replace_a_plugin_of_another_index() {
    let given = Given::new();
    Shelf::of(&given, "a", &[(1, FIRST)]).add_to(&given, "orchard");
    Shelf::of(&given, "b", &[(1, FIRST), (1, THIRD)]).add_to(&given, "jungle");
    install(&given, "orchard/fruit-001").exits(0);
    given
        .tw(["plugin", "list", "--outdated"])
        .exits(0)
        .prints_with("All plugins are up to date");
    given
        .tw(["plugin", "upgrade", "--yes", "fruit-001"])
        .exits(0)
        .prints_with("Plugin 'fruit-001' is up to date");
    given.runs(1, FIRST);
    // Both a newer version and the identical package are refused.
    for source in ["jungle/fruit-001", "jungle/fruit-001@70.0.100"] {
        install(&given, source).fails_with(
            "was installed from the index `orchard`, but this package is from the index `jungle`",
        );
    }
    // A file can't replace the plugin either.
    given.trusts("acme");
    let package = given.package(1, THIRD, Some("acme"));
    given
        .install(&package)
        .fails_with("but this package is from no index");
    given.runs(1, FIRST);
    assert_eq!(given.list_entry("fruit-001")["index"], "orchard");
    given.tw(["plugin", "remove", "fruit-001"]).exits(0);
    install(&given, "jungle/fruit-001").exits(0);
    given.runs(1, THIRD);
}

#[test]
fn a_package_with_another_digest_than_in_the_index_is_refused() {
    let given = Given::new();
    let mut shelf = Shelf::of(&given, "a", &[(1, FIRST)]);
    shelf.entry_mut(1, FIRST)["digest"] = digest(b"another").into();
    shelf.write(&given, 1);
    shelf.add_to(&given, "orchard");
    assert_refused(&given, "orchard/fruit-001", "doesn't match its digest");
}

#[test]
fn a_package_signed_by_another_publisher_is_refused_even_with_allow_unsigned() {
    let given = Given::new();
    // The package is refused even if the user trusts the key that signed it.
    given.trusts("stranger");
    let mut shelf = Shelf::new(&given, "a");
    shelf.add_signed_by(1, FIRST, Some("stranger"));
    shelf.write(&given, 1);
    shelf.add_to(&given, "orchard");
    assert_refused(
        &given,
        "orchard/fruit-001",
        "its signature was made with another key",
    );
}

#[test]
fn an_unsigned_package_of_an_index_needs_allow_unsigned() {
    let given = Given::new();
    let mut shelf = Shelf::new(&given, "a");
    shelf.add_signed_by(1, FIRST, None);
    shelf.write(&given, 1);
    shelf.add_to(&given, "orchard");
    install(&given, "orchard/fruit-001").fails_with("it isn't signed with a trusted key");
    given.has_no(1);
    let line = ["plugin", "install", "--yes", "--allow-unsigned"];
    given
        .tw(line.into_iter().chain(["orchard/fruit-001"]))
        .exits(0);
    assert_eq!(given.list_entry("fruit-001")["publisher"], "(unsigned)");
}

#[test]
fn a_package_with_another_name_or_version_than_in_the_index_is_refused() {
    let given = Given::new();
    let mut shelf = Shelf::of(&given, "a", &[(1, FIRST), (1, SECOND), (2, FIRST)]);
    let second = shelf.entry_mut(1, SECOND).clone();
    let other = shelf.entry_mut(2, FIRST).clone();
    *shelf.entry_mut(1, FIRST) = other;
    shelf.document["plugins"]["fruit-001"]["versions"][THIRD] =
        shelf.document["plugins"]["fruit-001"]["versions"][SECOND].clone();
    *shelf.entry_mut(1, THIRD) = second;
    shelf.write(&given, 1);
    shelf.add_to(&given, "orchard");
    assert_refused(
        &given,
        "orchard/fruit-001@70.0.100",
        "is `fruit-002` 70.0.100, but the index `orchard` says `fruit-001` 70.0.100",
    );
    assert_refused(
        &given,
        "orchard/fruit-001",
        "is `fruit-001` 70.0.101, but the index `orchard` says `fruit-001` 70.0.102",
    );
}

#[test]
fn an_error_names_the_address_of_a_missing_package() {
    let given = Given::new();
    let shelf = Shelf::of(&given, "a", &[(1, FIRST)]);
    let server = shelf.serve();
    add(&given, "orchard", &format!("{}/index.json", server.url())).exits(0);
    fs::remove_file(shelf.folder.join("fruit-001-70.0.100-x86_64-linux.tar.gz")).unwrap();
    assert_refused(&given, "orchard/fruit-001", "there is nothing at");
}

#[test]
fn a_broken_index_does_not_stop_the_update_of_the_others() {
    let given = Given::new();
    let mut shelves = Vec::new();
    for (name, number) in [("apples", 1), ("broken", 2), ("cherries", 3)] {
        let shelf = Shelf::of(&given, name, &[(number, FIRST)]);
        shelf.add_to(&given, name);
        shelves.push((shelf, number));
    }
    for (shelf, number) in &mut shelves {
        shelf.add(*number, SECOND);
        shelf.write(&given, 2);
    }
    flip(&shelves[1].0.file(), 0);
    update(&given).fails_with("the index `broken`: its signature doesn't match its content");
    let list = given.tw(["plugin", "index", "list", "-o", "json"]);
    let list = list.exits(0).json();
    let serials: Vec<_> = list["indices"].as_array().unwrap().iter().collect();
    let serials: Vec<_> = serials
        .iter()
        .map(|index| index["serial"].clone())
        .collect();
    assert_eq!(serials, [2, 1, 2]);
    // An index can be updated alone, by its name.
    given
        .tw(["plugin", "index", "update", "apples"])
        .exits(0)
        .prints_with("apples");
    given
        .tw(["plugin", "index", "update", "garden"])
        .fails_with("there is no index `garden`");
    // The message names every broken index.
    flip(&shelves[2].0.file(), 0);
    update(&given)
        .says_with("the index `broken`: ")
        .fails_with("the index `cherries`: ");
}

#[test]
fn a_key_in_an_index_is_normalized() {
    let given = Given::new();
    let mut shelf = Shelf::of(&given, "a", &[(1, FIRST)]);
    let key = public_key("acme");
    let other = format!("untrusted comment: minisign public key\n{key}\n");
    shelf.document["publishers"]["acme"]["key"] = other.into();
    shelf.write(&given, 2);
    shelf.add_to(&given, "orchard");
    // The deny rule finds the key only if both spellings are read as the same key.
    fs::create_dir_all(given.config()).unwrap();
    let policy = given.config().join("policy.toml");
    fs::write(&policy, format!("[[deny]]\nkey = \"{key}\"\n")).unwrap();
    install(&given, "orchard/fruit-001").fails_with("`deny`, rule 1");
    fs::remove_file(policy).unwrap();
    install(&given, "orchard/fruit-001").exits(0);
    assert_eq!(given.list_entry("fruit-001")["key"], key);
    shelf.document["publishers"]["acme"]["key"] = "RWQ".into();
    fs::write(shelf.file(), shelf.document.to_string()).unwrap();
    given
        .command(["plugin", "sign", "--key"])
        .args([secret_key(KEEPER).as_os_str(), shelf.file().as_os_str()])
        .run()
        .fails_with("it is not a public key");
}
