//! Invalid manifests: the host finds the mistake when the plugin describes itself, not when a user types a command.

use serde_json::{Value, json};

use crate::puppet::{make_manifest, set_up_puppet, set_up_puppet_with_text};

const AUTHOR: &str = "tell its author, or remove the library";

/// Makes a manifest whose command `odd` has these arguments.
pub(crate) fn make_args_manifest(args: &Value) -> Value {
    make_manifest(&json!([{ "name": "odd", "args": args }]))
}

pub(crate) fn make_option(name: &str, more: Value) -> Value {
    let mut arg = json!({ "name": name, "kind": "option", "long": name });
    for (key, value) in more.as_object().expect("an object") {
        arg[key] = value.clone();
    }
    arg
}

/// Asserts that a plugin with this manifest is broken, and that the reason contains `reason`.
#[track_caller]
pub(crate) fn assert_refused(manifest: &Value, reason: &str) {
    let given = set_up_puppet(manifest);
    let listed = given.find("puppet");
    assert_eq!(listed["state"], "broken", "{manifest:#} is accepted");
    let problem = listed["problem"].as_str().unwrap_or_default();
    assert!(
        problem.starts_with("its commands can't be used: ") && problem.contains(reason),
        "no {reason:?} in {listed:#}"
    );
    given.refuses("puppet", reason, AUTHOR);
}

#[test]
fn an_invalid_command_name_or_alias_is_refused() {
    for name in [
        "Odd",
        "",
        "-odd",
        "--help",
        "two words",
        "übel",
        "od/d",
        "o\u{1b}[31md",
        "odd\n",
    ] {
        assert_refused(
            &make_manifest(&json!([{ "name": name }])),
            "is not the name of a command",
        );
        assert_refused(
            &make_manifest(&json!([{ "name": "odd", "aliases": [name] }])),
            "is not the name of a command",
        );
        let below = json!([{ "name": "odd", "subcommands": [{ "name": name }] }]);
        assert_refused(&make_manifest(&below), "is not the name of a command");
    }
}

#[test]
fn a_name_that_two_commands_have_is_refused() {
    assert_refused(
        &make_manifest(&json!([{ "name": "odd" }, { "name": "odd" }])),
        "odd",
    );
    let below = json!([{ "name": "odd", "subcommands": [{ "name": "list" }, { "name": "list" }] }]);
    assert_refused(&make_manifest(&below), "list");
    let alias = json!([{ "name": "odd", "subcommands": [{ "name": "list" }, { "name": "show", "aliases": ["list"] }] }]);
    assert_refused(&make_manifest(&alias), "list");
}

#[test]
fn a_manifest_without_commands_is_refused() {
    assert_refused(&make_manifest(&json!([])), "it has none");
}

#[test]
fn a_manifest_that_cannot_be_parsed_is_refused() {
    for text in [
        "",
        "null",
        "7",
        "not JSON",
        "{\"commands\":7}",
        "{\"name\":",
    ] {
        set_up_puppet_with_text(text).refuses("puppet", "its manifest can't be read", AUTHOR);
    }
    let mut deep = json!({ "name": "odd" });
    for _ in 0..200 {
        deep = json!({ "name": "odd", "subcommands": [deep] });
    }
    set_up_puppet(&make_manifest(&json!([deep]))).refuses(
        "puppet",
        "its manifest can't be read",
        AUTHOR,
    );
}

#[test]
fn a_command_cannot_take_the_name_of_a_built_in() {
    for name in ["plugin", "completion", "help"] {
        let given = set_up_puppet(&make_manifest(
            &json!([{ "name": name, "about": "Stolen" }, { "name": "odd" }]),
        ));
        let note =
            format!("its command `{name}` has the name of a built-in command and can't be run");
        let listed = given.find("puppet");
        assert_eq!(listed["state"], "ok", "{listed:#}");
        assert_eq!(listed["notes"], json!([note]));
        assert_eq!(given.read_problem("puppet"), format!("  puppet: {note}\n"));
        given.others_work(0);
        given.tw(["odd"]).exits(0).says("");
        let help = given.tw(["--help"]).exits(0).says("");
        assert!(!help.stdout.contains("Stolen"), "{help}");
        given
            .tw(["completion", "bash"])
            .exits(0)
            .prints_with("__complete");
        given.tw(["help"]).exits(0).prints_with("Usage: tw");
    }
}

#[test]
fn a_command_below_a_group_that_is_named_help_is_refused() {
    // A top-level command named `help` is ignored, like one named `plugin`.
    let below = json!([{ "name": "odd", "subcommands": [{ "name": "help" }] }]);
    assert_refused(&make_manifest(&below), "`help`");
}

#[test]
fn an_alias_with_the_name_of_a_built_in_is_ignored() {
    let given = set_up_puppet(&make_manifest(
        &json!([{ "name": "odd", "aliases": ["plugin", "healthy", "strange"] }]),
    ));
    given.accepts("puppet");
    given.tw(["strange"]).exits(0).says("");
    given
        .tw(["plugin", "info", "puppet"])
        .exits(0)
        .prints_with("tw odd");
}

#[test]
fn control_characters_in_a_manifest_are_not_printed() {
    let evil = "a\u{1b}[31mb\u{202e}c\nd\u{7}";
    let commands = json!([{
        "name": "odd", "about": evil, "details": evil,
        "args": [make_option("one", json!({ "help": evil, "details": evil, "value_name": evil, "possible": [{ "name": "x", "help": evil }] }))],
        "examples": [{ "command": evil, "about": evil }],
    }]);
    let mut all = make_manifest(&commands);
    for key in [
        "name",
        "version",
        "description",
        "vendor",
        "license",
        "homepage",
        "target",
    ] {
        all[key] = json!(evil);
    }
    let given = set_up_puppet(&all);
    let lines: [&[&str]; 7] = [
        &["--help"],
        &["odd", "--help"],
        &["odd", "-h"],
        &["odd", "--one", "y"],
        &["plugin", "list"],
        &["plugin", "info", evil],
        &["odd"],
    ];
    for line in lines {
        let ran = given.tw(line.iter().copied());
        for character in ["\u{1b}", "\u{202e}", "\u{7}"] {
            assert!(
                !ran.stdout.contains(character) && !ran.stderr.contains(character),
                "{ran}"
            );
        }
    }
    given.tw(["healthy"]).exits(0).says("");
}

#[test]
fn control_characters_in_arguments_are_not_printed() {
    let evil = "a\u{1b}[31mb\u{202e}c\u{7}";
    for arg in [
        make_option("one", json!({ "long": evil })),
        make_option("one", json!({ "aliases": [evil] })),
        make_option("one", json!({ "short": "\u{1b}" })),
        make_option(
            "one",
            json!({ "possible": [{ "name": evil }, { "name": "x" }] }),
        ),
        make_option("one", json!({ "default": [evil] })),
        make_option("one", json!({ "env": evil })),
        json!({ "name": evil, "kind": "positional", "required": true }),
    ] {
        let given = set_up_puppet(&make_args_manifest(&json!([arg])));
        for line in [
            &["odd", "--help"][..],
            &["odd", "--one", "y"],
            &["odd"],
            &["plugin", "list"],
        ] {
            let ran = given.tw(line.iter().copied());
            for character in ["\u{1b}", "\u{202e}", "\u{7}"] {
                let shown = ran.stdout.contains(character) || ran.stderr.contains(character);
                assert!(!shown, "{arg:#}: {:?}{:?}", ran.stdout, ran.stderr);
            }
        }
        given.tw(["healthy"]).exits(0).says("");
    }
}
