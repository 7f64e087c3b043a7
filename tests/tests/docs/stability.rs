//! `docs/stability.md` names tests and files that exist, and the facts that it repeats are those of the code.

use std::{
    collections::HashSet,
    fs,
    path::{Path, PathBuf},
};

use tw_tests::root;

use crate::read_document;

/// Returns what the document has between backticks.
fn read_spans(document: &str) -> Vec<&str> {
    document.split('`').skip(1).step_by(2).collect()
}

/// Adds the names of all functions in the Rust files of a folder.
fn add_functions(folder: &Path, names: &mut HashSet<String>) {
    let entries = fs::read_dir(folder).expect("the folder is readable");
    for entry in entries {
        let path: PathBuf = entry.expect("the folder is readable").path();
        if path.is_dir() {
            add_functions(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("the file is readable");
            let lines = text.lines().map(str::trim_start);
            let found = lines.filter_map(|line| line.strip_prefix("fn ")?.split('(').next());
            names.extend(found.map(str::to_owned));
        }
    }
}

/// True for the name of a test: a clause of at least four words.
fn is_test(span: &str) -> bool {
    let is_word = |c: char| c == '_' || c.is_ascii_lowercase() || c.is_ascii_digit();
    span.matches('_').count() >= 3 && span.chars().all(is_word) && !span.starts_with("tw_")
}

#[test]
fn every_test_and_file_that_the_promises_name_exists() {
    let document = read_document("docs/stability.md");
    let mut functions = HashSet::new();
    for folder in ["plugin-api", "tests/tests"] {
        add_functions(&root().join(folder), &mut functions);
    }
    let (mut tests, mut files) = (0, 0);
    for span in read_spans(&document) {
        if is_test(span) {
            assert!(functions.contains(span), "there is no test `{span}`");
            tests += 1;
        } else if ["plugin-api/", "tests/"]
            .iter()
            .any(|top| span.starts_with(top))
        {
            assert!(root().join(span).exists(), "there is no file {span}");
            files += 1;
        }
    }
    assert!(tests > 30 && files > 5, "{tests} tests, {files} files");
}

#[test]
fn the_enums_that_may_grow_are_those_of_the_public_api() {
    let api = read_document("plugin-api/public-api.txt");
    let marked = api
        .lines()
        .filter_map(|line| line.strip_prefix("#[non_exhaustive] enum "));
    let marked: Vec<String> = marked.map(|name| format!("`{name}`")).collect();
    let (last, others) = marked.split_last().expect("there are such enums");
    let expected = format!("which {} and {last} are", others.join(", "));
    let document = read_document("docs/stability.md");
    assert!(
        document.contains(&expected),
        "not in the document: {expected}"
    );
    let grows = api
        .lines()
        .filter(|line| line.contains("{ public fields only }"));
    let grows: Vec<&str> = grows.collect();
    let expected = ["Entry", "Node"]
        .map(|name| format!("#[non_exhaustive] struct {name} {{ public fields only }}"));
    assert_eq!(grows, expected, "the document names these structs");
    let sealed = api
        .lines()
        .filter_map(|line| line.strip_prefix("sealed trait "));
    let sealed: Vec<&str> = sealed.filter_map(|line| line.split(':').next()).collect();
    assert_eq!(
        sealed,
        ["Config", "Field", "Single"],
        "the document names these traits"
    );
}

#[test]
fn the_numbers_of_the_promises_are_those_of_the_crates() {
    let document = read_document("docs/stability.md");
    let manifest = read_document("plugin-api/Cargo.toml");
    let oldest = manifest
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = "));
    let oldest = oldest
        .expect("the crate names its oldest compiler")
        .trim_matches('"');
    assert!(
        document.contains(&format!("It is Rust {oldest} now.")),
        "{oldest}"
    );
    let abi = tw_plugin_abi::ABI;
    assert!(document.contains(&format!("`ABI` = {abi}, package `tw-plugin-abi` 1.0.0")));
    let protocol = tw_plugin_protocol::PROTOCOL;
    assert!(document.contains(&format!("`PROTOCOL` = {protocol}")));
    let abi_stable = tw_plugin_abi::ABI_STABLE_VERSION;
    assert!(document.contains(&format!("`abi_stable` stays at {abi_stable}")));
    assert!(
        tw_plugin_protocol::FEATURES.is_empty(),
        "the document says that 1.0 has no features"
    );
}
