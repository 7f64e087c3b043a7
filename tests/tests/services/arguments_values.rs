//! Values of arguments that are not plain text: numbers with a fraction, and texts that are not UTF-8.

use serde_json::json;

use crate::{Probe, assert_usage_error, set_up};

#[cfg(unix)]
#[test]
fn paths_and_os_texts_that_are_not_utf8_keep_their_bytes() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let odd = OsStr::from_bytes(b"a\xff");
    let world = set_up();
    let tw = world.probe(["arguments", "kinds", "one"]);
    let got = tw
        .args([odd, OsStr::new("--raw"), odd])
        .run()
        .exits(0)
        .json();
    assert_eq!(
        (&got["rest"], &got["raw"]),
        (&json!(["a\\xff"]), &json!("a\\xff"))
    );
    // An argument that is a text must be UTF-8.
    let tw = world.probe(["arguments", "kinds"]).args([odd]);
    tw.run().exits(2).says_with("UTF-8");
}

#[test]
fn a_number_with_a_fraction_is_checked() {
    let world = set_up();
    let kinds = |ratio| ["arguments", "kinds", "one", "--ratio", ratio];
    for (ratio, number) in [
        ("1", json!(1.0)),
        ("1e3", json!(1000.0)),
        (".5", json!(0.5)),
    ] {
        assert_eq!(world.probe_json(kinds(ratio))["ratio"], number);
    }
    for ratio in ["half", "1e400", "nan", "inf", ""] {
        assert_usage_error(world.probe(kinds(ratio)).run(), "--ratio");
    }
}
