//! Crate attributes and profiles that an author may use.

use tw_tests::{compile_error, root};

use crate::given::{Given, HEALTHY};

#[test]
fn a_crate_that_forbids_unsafe_code_and_denies_warnings_can_be_a_plugin() {
    let source = root().join("tests/fixtures/healthy/src/lib.rs");
    let source = std::fs::read_to_string(source).expect("the fixture is there");
    assert!(source.contains("#![forbid(unsafe_code)]\n#![deny(warnings, missing_docs)]"));
    let given = Given::healthy();
    given.tw(["healthy"]).exits(0).prints(HEALTHY).says("");
    given
        .tw(["healthy", "-o", "json"])
        .exits(0)
        .prints("{\n  \"healthy\": true\n}\n")
        .says("");
}

#[test]
fn a_plugin_with_panic_abort_does_not_compile() {
    let error = compile_error("tests/fixtures/panic-abort");
    assert!(
        error.contains("a tw plugin can't be built with panic = \"abort\"")
            && error.contains("Remove the setting from the profile"),
        "{error}"
    );
}
