//! Libraries that are not plugins, and plugins for another ABI.

use tw_tests::fixtures_of;

use crate::given::{Given, patch, read_fixture};

const REBUILD: &str = "build it again with the current tw-plugin-api";

#[test]
fn an_ordinary_library_is_not_a_plugin() {
    Given::healthy().plugin("not-a-plugin").refuses(
        "not-a-plugin",
        "a library, but not a tw plugin: it has no tw-plugin note",
        "`tw_plugin_api::export_plugin!`",
    );
}

#[test]
fn a_library_with_a_note_and_no_root_is_not_a_plugin() {
    Given::healthy().plugin("no-root").refuses(
        "no-root",
        "it exports no plugin root",
        "`tw_plugin_api::export_plugin!`",
    );
}

#[test]
fn a_note_with_a_newer_abi_asks_for_a_newer_tw() {
    let library = patch(
        read_fixture("tw-plugin-puppet"),
        b"\"abi\":1,\"protocol\"",
        b"\"abi\":2,\"protocol\"",
    );
    Given::healthy().file("newer", &library).refuses(
        "newer",
        "tw-plugin-puppet 1.0.0 is built for ABI 2, and this tw has ABI 1",
        "use a newer tw",
    );
}

#[test]
fn a_note_with_an_older_abi_asks_for_a_newer_plugin() {
    let library = patch(
        read_fixture("tw-plugin-puppet"),
        b"\"abi\":1,\"protocol\"",
        b"\"abi\":0,\"protocol\"",
    );
    Given::healthy().file("older", &library).refuses(
        "older",
        "is built for ABI 0, and this tw has ABI 1",
        "get a newer version of the plugin",
    );
}

#[test]
fn a_newer_protocol_asks_for_a_newer_tw() {
    let library = patch(
        read_fixture("tw-plugin-puppet"),
        b"\"protocol\":1}",
        b"\"protocol\":2}",
    );
    Given::healthy().file("newer", &library).refuses(
        "newer",
        "is built for protocol 2, and this tw has protocol 1",
        "use a newer tw",
    );
}

#[test]
fn a_root_with_another_abi_than_its_note_is_refused() {
    Given::healthy().plugin("abi-two").refuses(
        "abi-two",
        "it speaks the ABI 2, and this tw the ABI 1",
        REBUILD,
    );
}

#[test]
fn another_layout_is_refused_in_a_few_lines_and_explained_with_verbose() {
    let library = &fixtures_of("tests/fixtures/other-layout")["tw-plugin-abi"];
    let given = Given::healthy().library("other-layout", library);
    given.refuses(
        "other-layout",
        "its layout is not that of this ABI",
        REBUILD,
    );
    let detail = given
        .tw(["plugin", "list", "--verbose"])
        .exits(0)
        .prints_with("too many fields");
    assert!(detail.stdout.lines().count() > 50, "{detail}");
}

#[test]
fn a_header_without_its_layout_is_refused() {
    Given::healthy().plugin("no-layout").refuses(
        "no-layout",
        "it has no description of its layout",
        REBUILD,
    );
}

#[test]
fn a_header_of_another_abi_stable_is_refused() {
    let magic = b"abi stable library for Rust     ";
    let version = |minor: u8| [&magic[..], &[0, 0, 0, 0, minor, 0, 0, 0]].concat();
    let library = read_fixture("tw-plugin-puppet");
    let newer = patch(library.clone(), &version(11), &version(12));
    let strange = patch(library, magic, b"abi stable library for Rust v2  ");
    for library in [newer, strange] {
        Given::healthy().file("puppet", &library).refuses(
            "puppet",
            "it was built with another version of abi_stable",
            REBUILD,
        );
    }
}
