//! `tw plugin sync`: which plugins it keeps, removes and repairs, and which locks it refuses.

use std::fs;

use serde_json::Value;

use crate::{
    given::{FIRST, Given, SECOND},
    policy::refusal,
    refused::{edit, repack},
};

/// Returns a machine with these fruits, and the path of a copy of its lock.
fn set_up_machine(fruits: &[(u16, &str)]) -> (Given, String) {
    let given = Given::trusting();
    for (number, version) in fruits {
        given.installs(*number, version);
    }
    let copy = given.work().join("plugins.lock");
    fs::copy(given.lock_file(), &copy).unwrap();
    (given, copy.display().to_string())
}

#[test]
fn a_plugin_not_in_the_lock_is_kept_with_a_warning_and_removed_with_prune() {
    let (_first, lock) = set_up_machine(&[(1, FIRST)]);
    let (second, _) = set_up_machine(&[(2, FIRST), (3, FIRST)]);
    let line = ["plugin", "sync", "--lockfile", &lock];
    second
        .tw(line)
        .exits(0)
        .prints("\n  Installed fruit-001 70.0.100\n\n")
        .says("warning: not in the lock file, and left: fruit-002, fruit-003; `--prune` removes them\n");
    second.runs(2, FIRST);
    second
        .tw(line.into_iter().chain(["--prune"]))
        .exits(0)
        .says("")
        .prints("\n  Removed fruit-002, fruit-003\n\n");
    second.has_no(2);
    second.has_no(3);
    second.runs(1, FIRST);
    assert_eq!(second.list_store().len(), 1);
}

#[test]
fn sync_prints_its_changes_as_json() {
    let (_first, lock) = set_up_machine(&[(1, SECOND)]);
    let (second, _) = set_up_machine(&[(2, FIRST)]);
    let line = ["plugin", "sync", "-o", "json", "--lockfile", &lock];
    let told = second.tw(line).exits(0).json();
    let expected = serde_json::json!({
        "installed": [{ "name": "fruit-001", "version": SECOND }],
        "removed": [],
        "left": ["fruit-002"],
    });
    assert_eq!(told, expected);
    let told = second
        .tw(line.into_iter().chain(["--prune"]))
        .exits(0)
        .says("")
        .json();
    let expected = serde_json::json!({ "installed": [], "removed": ["fruit-002"], "left": [] });
    assert_eq!(told, expected);
}

#[test]
fn sync_neither_adds_nor_removes_links() {
    let (first, _) = set_up_machine(&[(1, FIRST)]);
    let library = |given: &Given, number: u16| {
        let path = given
            .work()
            .join(format!("libtw_plugin_fruit_{number:03}.so"));
        fs::write(&path, crate::given::library(number, SECOND)).unwrap();
        path.display().to_string()
    };
    first.tw(["plugin", "link", &library(&first, 2)]).exits(0);
    let second = Given::new();
    second.tw(["plugin", "link", &library(&second, 3)]).exits(0);
    let lock = first.lock_file().display().to_string();
    second
        .tw(["plugin", "sync", "--prune", "--lockfile", &lock])
        .exits(0);
    second.runs(1, FIRST);
    second.has_no(2);
    second.runs(3, SECOND);
}

#[test]
fn sync_without_a_lockfile_repairs_damaged_plugins() {
    let (given, _) = set_up_machine(&[(1, FIRST), (2, FIRST)]);
    given
        .tw(["plugin", "sync"])
        .exits(0)
        .prints("\n  The plugins already match the lock file\n\n");
    let lock = given.read_lock();
    let package = &lock["plugins"]["fruit-001"]["targets"]["x86_64-linux"]["package"];
    let folder = package.as_str().unwrap().replace(':', "-");
    let folder = given.store().join(folder);
    let files: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert!(files.len() > 1);
    let assert_repaired = || {
        given
            .tw(["plugin", "sync"])
            .exits(0)
            .says("")
            .prints("\n  Installed fruit-001 70.0.100\n\n");
        given.runs(1, FIRST);
        given.tw(["plugin", "verify"]).exits(0);
        assert_eq!(given.read_lock(), lock);
        assert_eq!(given.list_store().len(), 2);
    };
    for name in ["libtw_plugin_fruit_001.so", "manifest.json"] {
        let file = folder.join(name);
        assert!(files.contains(&file), "{files:?}");
        let content = fs::read(&file).unwrap();
        fs::write(&file, &content[..content.len() - 1]).unwrap();
        given
            .tw(["plugin", "verify"])
            .exits(1)
            .prints_with("`tw plugin sync` installs `fruit-001` again from its source");
        assert_repaired();
        fs::remove_file(&file).unwrap();
        assert_repaired();
    }
    fs::remove_dir_all(&folder).unwrap();
    assert_repaired();
    fs::remove_dir_all(&folder).unwrap();
    fs::write(&folder, "a file in its place").unwrap();
    assert_repaired();
}

#[test]
fn a_synced_unsigned_package_is_listed_as_unsigned() {
    let first = Given::new();
    let package = first.package(1, FIRST, None).display().to_string();
    first
        .tw(["plugin", "install", "--yes", "--allow-unsigned", &package])
        .exits(0);
    let lock = first.lock_file().display().to_string();
    let second = Given::new();
    second.tw(["plugin", "sync", "--lockfile", &lock]).exits(0);
    second.runs(1, FIRST);
    let listed = second.list_entry("fruit-001");
    assert_eq!(listed["publisher"], "(unsigned)");
    assert!(listed.get("key").is_none(), "{listed}");
    assert!(
        second.read_lock()["plugins"]["fruit-001"]
            .get("signer")
            .is_none()
    );
    second
        .tw(["plugin", "list"])
        .exits(0)
        .prints_with("(unsigned)");
}

#[test]
fn sync_records_the_signer_of_a_package_installed_as_unsigned() {
    let (_first, lock) = set_up_machine(&[(1, FIRST)]);
    let second = Given::new();
    let package = second.package(1, FIRST, None).display().to_string();
    second
        .tw(["plugin", "install", "--yes", "--allow-unsigned", &package])
        .exits(0);
    assert_eq!(second.list_entry("fruit-001")["publisher"], "(unsigned)");
    second.tw(["plugin", "sync", "--lockfile", &lock]).exits(0);
    assert_eq!(second.list_entry("fruit-001")["publisher"], "acme");
    second.write_machine_policy("signatures = \"required\"\n");
    second.runs(1, FIRST);
    // A rollback would bring back the unsigned package, so no version is kept for a rollback.
    second
        .tw(["plugin", "rollback", "fruit-001"])
        .fails_with("no version before 70.0.100 is kept");
}

#[test]
fn a_lock_cannot_lift_a_rule_of_a_policy() {
    let (_first, lock) = set_up_machine(&[(1, FIRST), (2, FIRST)]);
    let second = Given::new();
    let file = second.write_machine_policy("[[deny]]\nname = \"fruit-002\"\n");
    let line = ["plugin", "sync", "--lockfile", &lock];
    second
        .tw(line)
        .fails_with("`fruit-002` 70.0.100: ")
        .says_with(&refusal(&file, "`deny`, rule 1"));
    second.has_no(1);
    second.has_no(2);
    // The rule applies to an installed plugin too.
    fs::remove_file(&file).unwrap();
    second.tw(line).exits(0);
    second.write_machine_policy("[[deny]]\nname = \"fruit-002\"\n");
    second.assert_refused_by(2, &file, "`deny`, rule 1");
    second.runs(1, FIRST);
}

#[test]
fn a_lock_that_is_damaged_newer_or_missing_is_refused() {
    let (given, lock) = set_up_machine(&[(1, FIRST)]);
    let whole = fs::read_to_string(&lock).unwrap();
    let newer = whole.replacen("\"format\": 1", "\"format\": 2", 1);
    let unknown = whole.replacen("\"version\"", "\"flavor\": 1,\n \"version\"", 1);
    let no_digest = whole.replace("sha256:", "md5:");
    let path = given.work().join("other.lock");
    let path_text = path.display().to_string();
    let damaged = format!("the lock file {path_text} is damaged (line ");
    let line = ["plugin", "sync", "--lockfile", &path_text];
    for (text, part) in [
        (
            newer.as_str(),
            format!("the lock file {path_text} has the format 2, and this tw knows 1"),
        ),
        (&unknown, damaged.clone()),
        (&no_digest, damaged.clone()),
        (&whole[..whole.len() / 2], damaged.clone()),
        ("", damaged.clone()),
        ("[]", damaged.clone()),
        ("{}", damaged),
    ] {
        assert_ne!(text, whole);
        fs::write(&path, text).unwrap();
        given.tw(line).fails_with(&part);
        given.runs(1, FIRST);
    }
    fs::remove_file(&path).unwrap();
    given
        .tw(line)
        .fails_with(&format!("there is no lock file at {path_text}"))
        .says_with(&given.lock_file().display().to_string());
    fs::create_dir(&path).unwrap();
    given
        .tw(line)
        .fails_with(&format!("the lock file {path_text} can't be read"));
    given.runs(1, FIRST);
}

#[test]
fn sync_reports_a_damaged_lock_of_the_machine_itself() {
    let (given, lock) = set_up_machine(&[(1, FIRST)]);
    fs::write(given.lock_file(), "{").unwrap();
    let part = format!("the lock file {} is damaged", given.lock_file().display());
    given.tw(["plugin", "sync"]).fails_with(&part);
    given
        .tw(["plugin", "sync", "--lockfile", &lock])
        .fails_with(&part)
        .says_with("remove it and install the plugins again");
    fs::remove_file(given.lock_file()).unwrap();
    given.tw(["plugin", "sync", "--lockfile", &lock]).exits(0);
    given.runs(1, FIRST);
}

#[test]
fn sync_adds_this_target_to_another_systems_lock_or_reports_that_its_source_has_none() {
    let (first, _) = set_up_machine(&[(1, FIRST)]);
    let copy = first.work().join("other.lock");
    let path = copy.display().to_string();
    let sync = |more: &[&str]| {
        let line = ["plugin", "sync", "--lockfile", &path];
        Given::trusting().tw(line.into_iter().chain(more.iter().copied()))
    };
    let write = |change: &dyn Fn(&mut Value)| {
        let mut lock = first.read_lock();
        let plugin = &mut lock["plugins"]["fruit-001"];
        let targets = plugin["targets"].as_object_mut().unwrap();
        let here = targets.remove("x86_64-linux").unwrap();
        targets.insert("riscv64-linux".to_owned(), here);
        change(plugin);
        fs::write(&copy, lock.to_string()).unwrap();
    };
    write(&|_| {});
    sync(&["--frozen"]).fails_with("the lock file has no package for x86_64-linux");
    sync(&[]).exits(0);
    let known = fs::read_to_string(&copy).unwrap();
    assert!(known.contains("x86_64-linux") && known.contains("riscv64-linux"));
    sync(&["--frozen"]).exits(0);
    let other = repack(&first, |files| edit(files, "x86_64-linux", "riscv64-linux"));
    write(&|plugin| {
        plugin["source"] = other.display().to_string().into();
        plugin.as_object_mut().unwrap().remove("signer");
    });
    sync(&[]).fails_with("its source has nothing for x86_64-linux");
}
