//! The versions that crates require: of each other, and of the compiler.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::root;

fn metadata() -> Value {
    let mut cargo = std::process::Command::new(env!("CARGO"));
    let cargo = cargo.current_dir(root());
    let output = cargo
        .args(["metadata", "--format-version", "1", "--locked"])
        .output();
    serde_json::from_slice(&output.expect("cargo runs").stdout).expect("cargo prints JSON")
}

fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value[field].as_array().expect("a list")
}

/// Returns the packages by their identifiers.
fn packages(metadata: &Value) -> BTreeMap<&str, &Value> {
    let packages = list(metadata, "packages").iter();
    packages
        .map(|package| (text(&package["id"]), package))
        .collect()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn named<'a>(packages: &BTreeMap<&str, &'a Value>, name: &str) -> &'a Value {
    let mut packages = packages.values();
    packages
        .find(|package| package["name"] == name)
        .expect("the package is there")
}

/// The Rust API of the protocol may change in a minor version, and the derive expands to private items of the author's crate.
#[test]
fn the_authors_crate_requires_exactly_its_own_protocol_and_derive() {
    let metadata = metadata();
    let packages = packages(&metadata);
    let api = named(&packages, "tw-plugin-api");
    for name in ["tw-plugin-protocol", "tw-plugin-api-derive"] {
        let mut dependencies = list(api, "dependencies").iter();
        let dependency = dependencies.find(|dependency| dependency["name"] == name);
        let version = text(&named(&packages, name)["version"]);
        assert_eq!(
            dependency.expect("a dependency")["req"],
            format!("={version}"),
            "{name}"
        );
    }
}

/// Returns the version of Rust that a package needs, as numbers. A package that states none needs no version in particular.
fn rust_version(package: &Value) -> Vec<u32> {
    let version = package["rust_version"].as_str().unwrap_or("1");
    let parts = version
        .split('.')
        .map(|part| part.parse().expect("a number"));
    parts.chain([0, 0]).take(3).collect()
}

#[test]
fn no_dependency_needs_a_newer_rust_than_the_crate_that_states_its_own() {
    let metadata = metadata();
    let packages = packages(&metadata);
    let nodes = list(&metadata["resolve"], "nodes").iter();
    let nodes: BTreeMap<&str, &Value> = nodes.map(|node| (text(&node["id"]), node)).collect();
    for name in ["tw-plugin-api", "tw-plugin-secrets", "tw"] {
        let root = named(&packages, name);
        let own = rust_version(root);
        let mut open = vec![text(&root["id"])];
        let mut seen = Vec::new();
        while let Some(id) = open.pop() {
            if seen.contains(&id) {
                continue;
            }
            seen.push(id);
            let needed = rust_version(packages[id]);
            assert!(
                needed <= own,
                "{name} needs Rust {own:?}, but {id} needs {needed:?}"
            );
            // A dependency for development has no kind `null`.
            let is_built = |dependency: &&Value| {
                list(dependency, "dep_kinds")
                    .iter()
                    .any(|kind| kind["kind"] != "dev")
            };
            let dependencies = list(nodes[id], "deps").iter().filter(is_built);
            open.extend(dependencies.map(|dependency| text(&dependency["pkg"])));
        }
        assert!(
            seen.len() > 10,
            "{name} has only {} dependencies",
            seen.len()
        );
    }
}

/// Returns the dependencies of a manifest, each with the text of its declaration: those of the section, or of all sections with this end.
fn declared(manifest: &str, section: &str) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(root().join(manifest)).expect("the manifest is there");
    let mut is_inside = false;
    let mut found = BTreeMap::new();
    for line in text.lines() {
        if line.starts_with('[') {
            is_inside = line.trim_matches(['[', ']']).ends_with(section);
        } else if let Some((name, rest)) = line.split_once(['.', '=']).filter(|_| is_inside) {
            found.insert(name.trim().to_owned(), rest.to_owned());
        }
    }
    found.retain(|name, _| !name.starts_with('#'));
    found
}

#[test]
fn the_fuzzer_has_the_dependencies_of_the_host_in_the_versions_of_the_workspace() {
    let mut host = declared("host/Cargo.toml", "dependencies");
    // Not on Linux, where the fuzzer runs; and for the host's own tests.
    for absent in [
        "apple-native-keyring-store",
        "ctrlc",
        "proptest",
        "windows-native-keyring-store",
    ] {
        host.remove(absent);
    }
    let mut fuzz = declared("fuzz/Cargo.toml", "dependencies");
    assert!(fuzz.remove("libfuzzer-sys").is_some());
    assert!(host.keys().eq(fuzz.keys()), "{host:?}\n{fuzz:?}");
    let workspace = declared("Cargo.toml", "workspace.dependencies");
    let version = |text: &str| {
        let text = text.split("version = ").last().unwrap_or_default();
        text.split('"').nth(1).map(str::to_owned)
    };
    for (name, declaration) in fuzz {
        let is_ours = declaration.contains("path = ");
        assert!(
            is_ours || version(&declaration) == version(&workspace[&name]),
            "{name}: {declaration}"
        );
    }
}
