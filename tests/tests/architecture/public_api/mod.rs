//! The public API of the crates for plugin authors, compared with the listings in the repository, so that every change of it is a visible line in a review.
//!
//! The listing is made from the sources with `syn`. rustdoc's JSON would be more precise, but only a nightly compiler writes it, and its format changes
//! with the compiler several times a year: a listing made from it could be checked with one version of Rust only.

mod derives;
mod implementations;
mod listing;
mod render;
mod source;

use std::{collections::BTreeSet, fs};

use crate::root;
use listing::list_public_api;

/// Set this variable to write the files.
const UPDATE: &str = "UPDATE_PUBLIC_API";

/// Compares the public API of a crate with a listing, or writes the listing.
#[track_caller]
fn assert_public_api(crate_name: &'static str, listing: &str) {
    let path = root().join(listing);
    let lines = list_public_api(root(), crate_name);
    if std::env::var_os(UPDATE).is_some() {
        fs::write(&path, lines.join("\n") + "\n").expect("the listing can be written");
    }
    let text = fs::read_to_string(&path).unwrap_or_default();
    let listed: Vec<&str> = text.lines().collect();
    if listed == lines {
        return;
    }
    let new: BTreeSet<&str> = lines.iter().map(String::as_str).collect();
    let old: BTreeSet<&str> = listed.into_iter().collect();
    let removed = old.difference(&new).map(|line| format!("- {line}\n"));
    let added = new.difference(&old).map(|line| format!("+ {line}\n"));
    let changes: String = removed.chain(added).collect();
    panic!(
        "The public API of {crate_name} changed:\n\n{changes}\ndocs/stability.md says which changes a minor version may make. This writes {listing}:\n\n    \
         {UPDATE}=1 cargo test --workspace --test architecture public_api\n"
    );
}

#[test]
fn the_public_api_of_the_authors_crate_is_the_listed_one() {
    assert_public_api("tw_plugin_api", "plugin-api/public-api.txt");
}

#[test]
fn the_public_api_of_the_abi_is_the_listed_one() {
    assert_public_api("tw_plugin_abi", "plugin-api/abi/public-api.txt");
}

#[test]
fn hidden_and_private_items_are_not_listed() {
    for line in list_public_api(root(), "tw_plugin_api") {
        for hidden in [
            "__private",
            "Argument",
            "Mismatch",
            "Shape",
            "from_value(",
            "report_panic",
        ] {
            assert!(!line.contains(hidden), "{line}");
        }
    }
}
