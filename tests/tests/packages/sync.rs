//! `tw plugin sync`: installs every plugin of a lock, or changes nothing.

use std::{collections::BTreeMap, fs, path::PathBuf};

use serde_json::{Value, json};
use tw_tests::{Ran, Server};

use crate::given::{
    FIRST, Given, SECOND, THIRD, digest, pack, public_key, secret_key, signature_of,
};

/// Returns a machine with these fruits, signed by acme. Their packages are in its work folder.
fn set_up_machine(fruits: &[(u16, &str)]) -> Given {
    let given = Given::trusting();
    for (number, version) in fruits {
        given.installs(*number, version);
    }
    given
}

/// Copies a machine's lock, as a user does to put it into a repository.
fn copy_lock(given: &Given) -> PathBuf {
    let copy = given.work().join("plugins.lock");
    fs::copy(given.lock_file(), &copy).unwrap();
    copy
}

/// Copies a machine's lock with a change.
fn copy_changed_lock(given: &Given, change: impl FnOnce(&mut Value)) -> PathBuf {
    let mut lock = given.read_lock();
    change(&mut lock);
    let copy = given.work().join("changed.lock");
    fs::write(&copy, lock.to_string()).unwrap();
    copy
}

fn sync(given: &Given, lock: &std::path::Path, more: &[&str]) -> Ran {
    let lock = lock.display().to_string();
    let line = ["plugin", "sync", "--lockfile", &lock];
    given.tw(line.into_iter().chain(more.iter().copied()))
}

/// Returns the path of a fruit's package on a machine from [`set_up_machine`].
fn package_path(given: &Given, number: u16, version: &str) -> PathBuf {
    let path = pack(number, version, Some("acme"));
    given.work().join(path.file_name().unwrap())
}

/// Asserts that the sync fails with this message and changes nothing.
#[track_caller]
fn assert_refused(given: &Given, lock: &std::path::Path, more: &[&str], part: &str) {
    let state = |given: &Given| (fs::read(given.lock_file()).ok(), given.list_store());
    given.tw(["plugin", "sync"]).exits(0);
    let before = state(given);
    sync(given, lock, more)
        .fails_with("Cannot sync the plugins: ")
        .says_with(part);
    assert_eq!(state(given), before, "nothing has changed");
}

#[test]
fn sync_gives_another_machine_the_same_plugins() {
    let first = set_up_machine(&[(1, FIRST), (2, SECOND)]);
    // The lock has the publishers' keys, so this machine trusts no key of its own.
    let second = Given::new();
    sync(&second, &copy_lock(&first), &[])
        .exits(0)
        .says("")
        .prints("\n  Installed fruit-001 70.0.100, fruit-002 70.0.101\n\n");
    assert_eq!(second.marks(), 0, "nothing of them was run");
    second.runs(1, FIRST);
    second.runs(2, SECOND);
    assert_eq!(second.read_lock(), first.read_lock());
    assert_eq!(second.list_store(), first.list_store());
    assert_eq!(second.list_entry("fruit-001")["publisher"], "acme");
    sync(&second, &copy_lock(&first), &[])
        .exits(0)
        .says("")
        .prints("\n  The plugins already match the lock file\n\n");
}

#[test]
fn sync_upgrades_and_downgrades_to_the_versions_of_the_lock() {
    let first = set_up_machine(&[(1, SECOND)]);
    let second = set_up_machine(&[(1, FIRST)]);
    sync(&second, &copy_lock(&first), &[]).exits(0);
    second.runs(1, SECOND);
    // The previous version is kept for a rollback.
    second
        .tw(["plugin", "rollback", "fruit-001"])
        .exits(0)
        .prints_with(FIRST);
    second.runs(1, FIRST);
    let third = set_up_machine(&[(1, THIRD)]);
    sync(&third, &copy_lock(&first), &[]).exits(0);
    third.runs(1, SECOND);
}

#[test]
fn sync_downloads_packages_from_their_recorded_source() {
    let package = pack(1, FIRST, Some("acme"));
    let files = BTreeMap::from([
        ("/fruit.tar.gz".to_owned(), fs::read(&package).unwrap()),
        (
            "/fruit.tar.gz.minisig".to_owned(),
            fs::read(signature_of(&package)).unwrap(),
        ),
    ]);
    let server = Server::of_files(files);
    let first = Given::trusting();
    let url = format!("{}/fruit.tar.gz", server.url());
    first.tw(["plugin", "install", "--yes", &url]).exits(0);
    let second = Given::new();
    sync(&second, &copy_lock(&first), &["--frozen"]).exits(0);
    second.runs(1, FIRST);
    let before = server.seen().len();
    sync(&second, &copy_lock(&first), &[]).exits(0);
    assert_eq!(
        server.seen().len(),
        before,
        "what is there isn't downloaded"
    );
    drop(server);
    assert_refused(
        &Given::trusting_with(3),
        &copy_lock(&first),
        &[],
        "`fruit-001` 70.0.100: ",
    );
}

impl Given {
    /// Returns a user with this fruit.
    fn trusting_with(number: u16) -> Self {
        set_up_machine(&[(number, FIRST)])
    }
}

#[test]
fn sync_from_a_folder_downloads_nothing_and_ignores_file_names() {
    let first = set_up_machine(&[(1, FIRST), (2, FIRST)]);
    let lock = copy_lock(&first);
    let second = Given::new();
    let folder = second.work().join("packages");
    fs::create_dir_all(&folder).unwrap();
    let from = folder.display().to_string();
    let moves = |number: u16, name: &str| {
        let path = package_path(&first, number, FIRST);
        let to = folder.join(name);
        fs::rename(signature_of(&path), signature_of(&to)).unwrap();
        fs::rename(&path, to).unwrap();
    };
    fs::write(folder.join("junk.tar.gz"), "junk").unwrap();
    moves(1, "b.tar.gz");
    let missing = digest(&fs::read(package_path(&first, 2, FIRST)).unwrap());
    let part = format!("`fruit-002` 70.0.100: none of the packages has the digest {missing}");
    assert_refused(&Given::trusting_with(3), &lock, &["--from", &from], &part);
    moves(2, "a.tar.gz");
    sync(&second, &lock, &[]).fails_with("No such file");
    sync(&second, &lock, &["--from", "packages"]).exits(0);
    second.runs(1, FIRST);
    second.runs(2, FIRST);
    sync(&Given::new(), &lock, &["--from", &from, "--frozen"]).exits(0);
    sync(&Given::new(), &lock, &["--from", "/nowhere"]).fails_with("/nowhere can't be read");
}

#[test]
fn sync_changes_nothing_if_a_package_is_unavailable() {
    let first = set_up_machine(&[(1, FIRST), (2, FIRST), (4, SECOND)]);
    let lock = copy_lock(&first);
    fs::remove_file(package_path(&first, 2, FIRST)).unwrap();
    let second = set_up_machine(&[(3, FIRST), (4, FIRST)]);
    assert_refused(&second, &lock, &["--prune"], "`fruit-002` 70.0.100: ");
    second.has_no(1);
    second.runs(3, FIRST);
    second.runs(4, FIRST);
    let third = Given::new();
    sync(&third, &lock, &[]).fails_with("`fruit-002` 70.0.100: ");
    third.has_no(1);
    assert!(!third.store().exists());
}

#[test]
fn a_package_that_does_not_match_the_lock_is_refused() {
    let first = set_up_machine(&[(1, FIRST)]);
    let lock = copy_lock(&first);
    let path = package_path(&first, 1, FIRST);
    let other = pack(1, SECOND, Some("acme"));
    let expected = digest(&fs::read(&path).unwrap());
    fs::copy(&other, &path).unwrap();
    fs::copy(signature_of(&other), signature_of(&path)).unwrap();
    let found = digest(&fs::read(&path).unwrap());
    let part = format!("expected {expected}, found {found}");
    assert_refused(&Given::trusting_with(3), &lock, &[], &part);
}

#[test]
fn a_lock_that_contradicts_itself_is_refused() {
    let first = set_up_machine(&[(1, FIRST), (2, FIRST)]);
    let second = Given::trusting_with(3);
    let target = "/plugins/fruit-001/targets/x86_64-linux";
    let other = json!(digest(b"other"));
    for (field, value, part) in [
        ("package", other.clone(), "doesn't match its digest"),
        (
            "contents/library",
            other.clone(),
            "other files than the lock file says",
        ),
        (
            "contents/manifest",
            other,
            "other files than the lock file says",
        ),
    ] {
        let lock = copy_changed_lock(&first, |lock| {
            *lock.pointer_mut(&format!("{target}/{field}")).unwrap() = value;
        });
        assert_refused(&second, &lock, &[], part);
    }
    let lock = copy_changed_lock(&first, |lock| {
        lock["plugins"]["fruit-001"]["version"] = SECOND.into();
    });
    assert_refused(&second, &lock, &[], "the package is `fruit-001` 70.0.100");
    let lock = copy_changed_lock(&first, |lock| {
        lock["plugins"]["fruit-001"] = lock["plugins"]["fruit-002"].clone();
    });
    assert_refused(&second, &lock, &[], "the package is `fruit-002` 70.0.100");
}

#[test]
fn a_package_without_the_signature_in_the_lock_is_refused() {
    let first = set_up_machine(&[(1, FIRST)]);
    let path = package_path(&first, 1, FIRST);
    fs::remove_file(signature_of(&path)).unwrap();
    let part = "the lock file says that acme signed it, but it has no signature";
    assert_refused(&Given::trusting_with(3), &copy_lock(&first), &[], part);
    fs::write(signature_of(&path), "no signature").unwrap();
    let part = "its signature can't be read";
    assert_refused(&Given::trusting_with(3), &copy_lock(&first), &[], part);
}

#[test]
fn a_package_signed_by_another_key_than_in_the_lock_is_refused() {
    let first = set_up_machine(&[(1, FIRST)]);
    let path = package_path(&first, 1, FIRST).display().to_string();
    let key = secret_key("other").display().to_string();
    first.tw(["plugin", "sign", &path, "--key", &key]).exits(0);
    let second = Given::trusting_with(3);
    second.trusts("other");
    let part = "its signature was made with another key";
    assert_refused(&second, &copy_lock(&first), &[], part);
    let lock = copy_changed_lock(&first, |lock| {
        lock["plugins"]["fruit-001"]["signer"]["key"] = public_key("third").into();
    });
    assert_refused(&second, &lock, &[], part);
    let lock = copy_changed_lock(&first, |lock| {
        lock["plugins"]["fruit-001"]["signer"]["key"] = "no key".into();
    });
    assert_refused(&second, &lock, &[], "is damaged (line ");
}

#[test]
fn sync_adds_a_missing_target_to_the_lock_unless_frozen() {
    let first = set_up_machine(&[(1, FIRST)]);
    let lock = copy_changed_lock(&first, |lock| {
        let targets = lock["plugins"]["fruit-001"]["targets"]
            .as_object_mut()
            .unwrap();
        let mut here = targets.remove("x86_64-linux").unwrap();
        here["package"] = digest(b"for another").into();
        here.as_object_mut().unwrap().remove("contents");
        targets.insert("riscv64-linux".to_owned(), here);
    });
    let second = Given::trusting_with(3);
    second.trusts("acme");
    let part = "the lock file has no package for x86_64-linux";
    assert_refused(&second, &lock, &["--frozen"], part);
    let folder = first.work().display().to_string();
    assert_refused(&second, &lock, &["--from", &folder], part);
    sync(&second, &lock, &[]).exits(0);
    second.runs(1, FIRST);
    let text: Value = serde_json::from_slice(&fs::read(&lock).unwrap()).unwrap();
    let targets = &text["plugins"]["fruit-001"]["targets"];
    assert_eq!(targets["riscv64-linux"]["package"], digest(b"for another"));
    assert_eq!(
        targets["x86_64-linux"],
        first.read_lock()["plugins"]["fruit-001"]["targets"]["x86_64-linux"]
    );
    // With the added target, another machine can sync with `--frozen`.
    let third = Given::new();
    sync(&third, &lock, &["--frozen"]).exits(0);
    third.runs(1, FIRST);
}
