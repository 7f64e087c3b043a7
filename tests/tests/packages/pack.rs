//! Packing: the same input gives the same bytes. A problem that would keep people from using the plugin is reported, with its fix, before anything
//! is packed.

use std::{fs, path::Path};

use serde_json::Value;
use tw_tests::{Ran, fixture, root};

use crate::given::{
    FIRST, Given, digest, has_program, library, patch, public_key, secret_key, signature_of,
};

/// Writes a library, a license and a readme into the work folder.
fn fill_work_folder(given: &Given, library: &[u8]) {
    let work = given.work();
    fs::write(work.join("LICENSE"), "Free.").unwrap();
    fs::write(work.join("README.md"), "# A fruit\n").unwrap();
    fs::write(work.join("input.so"), library).unwrap();
}

fn run_pack(given: &Given, more: &[&str]) -> Ran {
    let line = [&["plugin", "pack", "input.so", "-o", "json"], more].concat();
    given.tw(line)
}

/// Asserts that packing fails for this reason and that the message has this fix.
#[track_caller]
fn assert_refused(given: &Given, library: &[u8], reason: &str, fix: &str) {
    fill_work_folder(given, library);
    run_pack(given, &[]).fails_with(reason).says_with(fix);
    let made = fs::read_dir(given.work()).unwrap();
    let made = made
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().ends_with(".tar.gz"));
    assert_eq!(made.count(), 0, "a package was made");
}

/// Returns a fruit's library with this change in its manifest.
fn change_manifest(from: &str, to: &str) -> Vec<u8> {
    patch(library(1, FIRST), from.as_bytes(), to.as_bytes())
}

#[test]
fn pack_runs_no_plugin_that_a_policy_denies() {
    let given = Given::new();
    fill_work_folder(&given, &library(1, FIRST));
    let policy = given.work().join("policy.toml");
    fs::write(&policy, "[[deny]]\nname = \"fruit-*\"\n").unwrap();
    let given = given.env("TW_POLICY", policy.display().to_string());
    given.marks();
    run_pack(&given, &[]).fails_with("forbids it: `deny`, rule 1");
    assert_eq!(given.marks(), 0);
    fs::write(
        &policy,
        "signatures = \"required\"\nlinked = \"forbidden\"\n",
    )
    .unwrap();
    run_pack(&given, &[]).exits(0);
}

#[test]
fn an_endless_license_is_refused() {
    let given = Given::new();
    fill_work_folder(&given, &library(1, FIRST));
    run_pack(&given, &["--license", "/dev/zero"]).fails_with("can't be read");
}

#[test]
fn a_package_has_the_library_its_manifest_the_license_and_the_readme() {
    let given = Given::new();
    fill_work_folder(&given, &library(1, FIRST));
    let packed = run_pack(&given, &[])
        .exits(0)
        .says_with("it needs glibc 2.")
        .json();
    let path = given.work().join("fruit-001-70.0.100-x86_64-linux.tar.gz");
    assert_eq!(packed["name"], "fruit-001");
    assert_eq!(packed["version"], FIRST);
    assert_eq!(packed["target"], "x86_64-linux");
    assert_eq!(packed["digest"], digest(&fs::read(&path).unwrap()));
    assert_eq!(packed["key"], Value::Null);
    let list = std::process::Command::new("tar")
        .arg("tvzf")
        .arg(&path)
        .output()
        .unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    let names: Vec<&str> = list
        .lines()
        .filter_map(|line| line.split(' ').next_back())
        .collect();
    assert_eq!(
        names,
        [
            "manifest.json",
            "libtw_plugin_fruit_001.so",
            "LICENSE",
            "README.md"
        ]
    );
    assert!(
        list.lines()
            .all(|line| line.starts_with("-rw-r--r-- 0/0") && line.contains("1970-01-01")),
        "{list}"
    );
}

#[test]
fn a_plugin_with_a_root_options_name_is_neither_packed_nor_linked() {
    let manifest = format!(
        r#"{{"name":"puppet","version":"1.0.0","target":"{}","abi":1,"protocol":1,"license":"MIT",
            "commands":[{{"name":"puppet","args":[{{"name":"key","long":"key","aliases":["access-token"]}}]}}]}}"#,
        target_name()
    );
    let given = Given::new().env("TW_PUPPET_MANIFEST", &manifest);
    let library = fixture("tw-plugin-puppet");
    fill_work_folder(&given, &fs::read(&library).unwrap());
    let reason = "`--access-token` is an option of `tw` itself: give the option another name";
    run_pack(&given, &[]).fails_with(reason);
    let library = library.display().to_string();
    given.tw(["plugin", "link", &library]).fails_with(reason);
}

#[test]
fn a_package_has_the_plugins_own_manifest_to_the_byte() {
    // What only a newer `tw` understands: fields, kinds, a number, and even the order and the spaces.
    let manifest = format!(
        r#"{{"came_later" : [1E400, null],  "name":"puppet","version":"1.0.0","target":"{}",
            "abi":1,"protocol":1,"description":"A puppet","vendor":"Us","license":"MIT",
            "commands":[{{"about":"Do as told","name":"puppet","args":[
                {{"kind":"toggle","name":"level","long":"level","since":{{"year":2031}}}}]}}]}}"#,
        target_name()
    );
    let given = Given::new().env("TW_PUPPET_MANIFEST", &manifest);
    fill_work_folder(&given, &fs::read(fixture("tw-plugin-puppet")).unwrap());
    let packed = run_pack(&given, &[]).exits(0).json();
    let package = given.work().join(packed["path"].as_str().unwrap());
    let unpacked = std::process::Command::new("tar")
        .arg("xzOf")
        .args([package.as_path(), Path::new("manifest.json")])
        .output()
        .unwrap();
    let text = String::from_utf8(unpacked.stdout).unwrap();
    assert!(text.contains(&manifest), "{text}");
    let package = package.display().to_string();
    given
        .tw(["plugin", "install", "--yes", "--allow-unsigned", &package])
        .exits(0);
    let installed = given
        .list_store()
        .into_iter()
        .find(|name| name.starts_with("sha256-"))
        .unwrap();
    let installed = fs::read_to_string(given.store().join(installed).join("manifest.json"));
    assert!(installed.unwrap().contains(&manifest));
    given.tw(["puppet", "--help"]).exits(0);
    let cache =
        String::from_utf8_lossy(&fs::read(given.installation.index()).unwrap()).into_owned();
    assert!(cache.contains(&manifest), "{cache}");
    given
        .tw(["puppet", "-l", "foo"])
        .fails_with("`tw puppet` needs a newer tw, for `--level`");
}

/// Returns the name of this machine's target.
fn target_name() -> String {
    format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS)
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let pack = |folder_name: &str, age: u64| {
        let given = Given::new();
        fill_work_folder(&given, &library(1, FIRST));
        let made = std::time::SystemTime::now() - std::time::Duration::from_secs(age);
        for entry in fs::read_dir(given.work()).unwrap() {
            let file = fs::File::open(entry.unwrap().path()).unwrap();
            if file.metadata().unwrap().is_file() {
                file.set_modified(made).unwrap();
            }
        }
        let packed = run_pack(&given, &["--out", folder_name]).exits(0).json();
        let path = given.work().join(packed["path"].as_str().unwrap());
        // The gzip header has a modification time.
        assert_eq!(fs::read(path).unwrap()[4..8], [0; 4]);
        packed["digest"].clone()
    };
    assert_eq!(pack("a", 0), pack("b", 90_000));
}

#[test]
#[cfg(target_os = "linux")]
fn a_folder_that_cannot_hold_the_package_is_reported_without_the_temporary_file() {
    let given = Given::new();
    fill_work_folder(&given, &library(1, FIRST));
    let ran = run_pack(&given, &["--out", "/proc"]);
    let ran = ran
        .fails_with(".tar.gz can't be written: No such file or directory\n")
        .says_with("check that its folder belongs to you");
    ran.never_shows(".new-");
}

/// Runs `tw plugin pack` on a crate, with the environment of this test, which has cargo.
fn pack_crate(given: &Given, folder: &Path) -> std::process::Output {
    std::process::Command::new(given.installation.tw())
        .args(["plugin", "pack", "-o", "json"])
        .arg(folder)
        .arg("--out")
        .arg(given.work())
        .env(
            "CARGO_TARGET_DIR",
            tw_tests::target().join("fixtures").join("packed"),
        )
        .output()
        .expect("tw runs")
}

#[test]
fn pack_builds_the_crate_of_the_readmes_first_plugin() {
    let given = Given::new();
    let output = pack_crate(&given, &root().join("examples/hello"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let packed: Value = serde_json::from_slice(&output.stdout).expect("tw prints JSON");
    assert_eq!(packed["name"], "hello");
    let package = packed["path"].as_str().unwrap().to_owned();
    given
        .tw(["plugin", "install", "--yes", "--allow-unsigned", &package])
        .exits(0);
    given.tw(["hello", "--help"]).exits(0).prints_with("--loud");
}

#[test]
fn pack_reports_all_problems_at_once() {
    let given = Given::new();
    fs::write(
        given.work().join("input.so"),
        change_manifest(
            r#""description":"One of many fruits""#,
            r#""descriptiom":"One of many fruits""#,
        ),
    )
    .unwrap();
    // A repository of its own, so that the license and readme of the folders above don't count.
    fs::create_dir(given.work().join(".git")).unwrap();
    let ran = run_pack(&given, &[]);
    insta::assert_snapshot!("several_problems", ran);
}

#[test]
fn pack_reports_a_missing_manifest_field_with_its_fix() {
    let given = Given::new();
    let lacks = |from: &str, to: &str, reason: &str, fix: &str| {
        assert_refused(&given, &change_manifest(from, to), reason, fix)
    };
    lacks(
        r#""vendor":"The fruiterers""#,
        r#""vemdor":"The fruiterers""#,
        "names no author",
        "set `authors`",
    );
    lacks(
        r#""license":"Apache-2.0""#,
        r#""licemse":"Apache-2.0""#,
        "names no license",
        "set `license`",
    );
    lacks(
        r#""about":"Say which fruit this is""#,
        r#""abomt":"Say which fruit this is""#,
        "`tw fruit-001` has no help",
        "doc comment",
    );
    lacks(
        r#"{"name":"fruit-001","about""#,
        r#"{"name":"plugin"   ,"about""#,
        "has the name of one of tw's own",
        "give it another name",
    );
}

#[test]
fn a_file_that_is_no_plugin_is_not_packed() {
    let given = Given::new();
    assert_refused(
        &given,
        b"no library",
        "the file is not a library",
        "put the library in its place",
    );
    let not_a_plugin = fs::read(fixture("tw-plugin-not-a-plugin")).unwrap();
    assert_refused(&given, &not_a_plugin, "not a tw plugin", "export_plugin!");
    let abi_two = fs::read(fixture("tw-plugin-abi-two")).unwrap();
    assert_refused(&given, &abi_two, "the ABI 2", "build it again");
    let panics = fs::read(fixture("tw-plugin-panics-registering")).unwrap();
    assert_refused(&given, &panics, "asked for its commands", "tell its author");
    run_pack(&given, &["--sign", "nowhere.key"])
        .fails_with("the secret key nowhere.key can't be read");
    given
        .tw(["plugin", "pack", "nowhere.so"])
        .fails_with("nowhere.so can't be read");
}

#[test]
fn pack_reports_a_crate_without_a_shared_library() {
    let given = Given::new();
    let crate_folder = given.work().join("empty");
    fs::create_dir_all(crate_folder.join("src")).unwrap();
    fs::write(
        crate_folder.join("Cargo.toml"),
        "[package]\nname = \"empty\"\nversion = \"1.0.0\"\nedition = \"2024\"\n[workspace]\n",
    )
    .unwrap();
    fs::write(crate_folder.join("src/lib.rs"), "").unwrap();
    let output = pack_crate(&given, &crate_folder);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("makes no shared library") && said.contains("crate-type"),
        "{said}"
    );
}

#[test]
fn signatures_are_compatible_with_minisign_both_ways() {
    if !has_program("minisign") {
        return;
    }
    let given = Given::trusting();
    let package = given.package(1, FIRST, Some("acme"));
    let minisign = |arguments: &[&str], file: &Path| {
        let output = std::process::Command::new("minisign")
            .args(arguments)
            .arg(file)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        said
    };
    let said = minisign(&["-V", "-P", &public_key("acme"), "-m"], &package);
    assert!(
        said.contains("Trusted comment: tw plugin fruit-001 70.0.100 x86_64-linux"),
        "{said}"
    );
    // In the other direction, minisign signs with a key that `tw` generated.
    fs::remove_file(signature_of(&package)).unwrap();
    minisign(
        &[
            "-S",
            "-W",
            "-s",
            &secret_key("acme").display().to_string(),
            "-m",
        ],
        &package,
    );
    given.install(&package).exits(0);
    assert_eq!(given.list_entry("fruit-001")["publisher"], "acme");
}

#[test]
fn what_a_crate_lacks_is_reported_before_it_is_compiled() {
    let given = Given::new().with_cargo();
    let folder = given.work().join("crate");
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("src/lib.rs"), "this does not compile").unwrap();
    // The search for a license and a readme ends at the root of a repository.
    fs::create_dir(given.work().join(".git")).unwrap();
    let manifest = "[package]\nname = \"tw-plugin-bare\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\
                    [lib]\ncrate-type = [\"cdylib\"]\n[workspace]\n";
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    let ran = given.tw(["plugin", "pack", "crate"]);
    let ran = ran.fails_with("5 things need to be corrected");
    for missing in ["license", "readme", "description", "author"] {
        assert!(ran.stderr.contains(missing), "{ran}");
    }
    ran.never_shows("Compiling");
}

#[test]
fn a_library_that_is_not_stripped_is_reported() {
    let given = Given::new();
    let unstripped = &tw_tests::artifacts().plugins["tw-plugin-workspaces"];
    fill_work_folder(&given, &fs::read(unstripped).unwrap());
    let packed = run_pack(&given, &[]).exits(0);
    packed.says_with("set `strip = true` under `[profile.release]`");
    fill_work_folder(&given, &library(1, FIRST));
    assert!(!run_pack(&given, &[]).exits(0).stderr.contains("strip"));
}
