//! Conflicts and requirements between arguments: only typed options count.

use serde_json::{Value, json};

use crate::{
    given::Given,
    puppet::{make_manifest, set_up_puppet},
};

/// Installs a command with two options that conflict, one that requires another, and a set of which exactly one must be given. The options
/// can also come from variables.
fn set_up() -> Given {
    let option = |name: &str, more: Value| {
        let variable = format!("ODD_{}", name.to_uppercase());
        let mut arg = json!({ "name": name, "kind": "option", "long": name, "env": variable });
        for (key, value) in more.as_object().expect("an object") {
            arg[key] = value.clone();
        }
        arg
    };
    set_up_puppet(&make_manifest(&json!([{
        "name": "odd",
        "args": [
            option("mine", json!({ "conflicts": ["theirs"] })),
            option("theirs", json!({})),
            option("key", json!({ "requires": ["cert"] })),
            option("cert", json!({ "default": ["by default"] })),
            option("id", json!({})),
            option("name", json!({})),
        ],
        "exactly_one_of": [["id", "name"]],
    }])))
}

/// Asserts that the line is a usage error that contains these texts.
#[track_caller]
fn assert_refused(given: &Given, line: &[&str], texts: &[&str]) {
    let ran = given.tw(line.iter().copied()).exits(2).prints("");
    for text in ["error: ", "\n\nUsage: tw odd "].iter().chain(texts) {
        assert!(ran.stderr.contains(text), "no {text:?} in {}", ran.stderr);
    }
}

#[test]
fn two_typed_options_conflict_in_either_order() {
    let given = set_up();
    let texts = ["'--mine <MINE>' cannot be used with '--theirs <THEIRS>'"];
    let line = ["odd", "--id", "1", "--mine", "a", "--theirs", "b"];
    assert_refused(&given, &line, &texts);
    let line = ["odd", "--theirs", "b", "--mine", "a", "--id", "1"];
    assert_refused(&given, &line, &texts);
}

#[test]
fn an_option_from_a_variable_conflicts_with_nothing() {
    for (variable, typed) in [("ODD_THEIRS", "--mine"), ("ODD_MINE", "--theirs")] {
        let given = set_up().env(variable, "set");
        given.tw(["odd", "--id", "1", typed, "a"]).exits(0).says("");
    }
    let given = set_up().env("ODD_THEIRS", "set").env("ODD_MINE", "set");
    given.tw(["odd", "--id", "1"]).exits(0).says("");
}

#[test]
fn a_default_does_not_satisfy_a_requirement() {
    let line = ["odd", "--id", "1", "--key", "a"];
    assert_refused(&set_up(), &line, &["--cert <CERT>"]);
    let given = set_up();
    let line = ["odd", "--id", "1", "--key", "a", "--cert", "b"];
    given.tw(line).exits(0).says("");
}

#[test]
fn a_requirement_that_only_a_variable_meets_names_the_variable() {
    let given = set_up().env("ODD_CERT", "set");
    let line = ["odd", "--id", "1", "--key", "a"];
    assert_refused(&given, &line, &["--cert <CERT>", "ODD_CERT"]);
}

#[test]
fn a_requirement_of_an_option_from_a_variable_is_not_enforced() {
    let given = set_up().env("ODD_KEY", "set");
    given.tw(["odd", "--id", "1"]).exits(0).says("");
}

#[test]
fn exactly_one_of_a_set_may_be_typed() {
    let given = set_up();
    let texts = ["'--id <ID>' cannot be used with '--name <NAME>'"];
    assert_refused(&given, &["odd", "--name", "a", "--id", "1"], &texts);
    assert_refused(&given, &["odd"], &["<--id <ID>|--name <NAME>>"]);
}

#[test]
fn a_typed_option_of_a_set_wins_over_a_variable() {
    let given = set_up().env("ODD_ID", "1");
    given.tw(["odd"]).exits(0).says("");
    given.tw(["odd", "--name", "a"]).exits(0).says("");
}

#[test]
fn two_variables_of_a_set_conflict_and_are_named() {
    let given = set_up().env("ODD_ID", "1").env("ODD_NAME", "a");
    assert_refused(&given, &["odd"], &["ODD_ID", "ODD_NAME"]);
}

#[test]
fn a_command_named_like_the_binary_keeps_values_that_look_like_options() {
    let word = json!({ "name": "word", "kind": "positional" });
    let value = json!({ "name": "value", "kind": "option", "short": "v", "long": "value" });
    let given = set_up_puppet(&make_manifest(
        &json!([{ "name": "tw", "args": [word, value] }]),
    ));
    given.tw(["tw", "hello", "-v", "-x"]).exits(0).says("");
}

#[test]
fn no_message_shows_the_value_of_a_secret_positional() {
    for more in [
        json!({ "value": "integer" }),
        json!({ "value": "integer", "required": true }),
        json!({ "value": "integer", "repeated": true }),
        json!({ "value": "integer", "repeated": true, "required": true }),
        json!({ "value": "integer", "hyphen_values": true }),
        json!({ "possible": [{ "name": "red" }] }),
    ] {
        let mut pin = json!({ "name": "pin", "kind": "positional", "sensitive": true });
        let fields = pin.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        let command = json!([{ "name": "puppet", "about": "Do as told", "args": [pin] }]);
        set_up_puppet(&make_manifest(&command))
            .tw(["puppet", "hunter2"])
            .exits(2)
            .never_shows("hunter2")
            .says_with("may be a secret");
    }
}
