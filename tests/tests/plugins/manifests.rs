//! Manifests that no command tree can be made of: found out when the plugin is asked, and never when somebody types a command.

use serde_json::{Value, json};

use crate::puppet::{manifest, puppet, puppet_with};

const AUTHOR: &str = "tell its author, or remove the library";

/// A command with these arguments.
fn with_args(args: Value) -> Value {
    manifest(&json!([{ "name": "odd", "args": args }]))
}

fn option(name: &str, more: Value) -> Value {
    let mut arg = json!({ "name": name, "kind": "option", "long": name });
    for (key, value) in more.as_object().expect("an object") {
        arg[key] = value.clone();
    }
    arg
}

/// The manifest is refused, for a reason with these words.
#[track_caller]
fn is_refused(manifest: &Value, reason: &str) {
    let given = puppet(manifest);
    let listed = given.listed("puppet");
    assert_eq!(listed["state"], "broken", "{manifest:#} is accepted");
    let problem = listed["problem"].as_str().unwrap_or_default();
    assert!(
        problem.starts_with("its commands can't be used: ") && problem.contains(reason),
        "no {reason:?} in {listed:#}"
    );
    given.refuses("puppet", reason, AUTHOR);
}

#[test]
fn two_options_with_one_letter() {
    let args = json!([
        option("one", json!({ "short": "x" })),
        option("two", json!({ "short": "x" }))
    ]);
    is_refused(&with_args(args), "-x");
}

#[test]
fn two_options_with_one_word() {
    let args = json!([
        option("one", json!({})),
        option("two", json!({ "long": "one" }))
    ]);
    is_refused(&with_args(args), "--one");
}

#[test]
fn two_arguments_with_one_name() {
    let args = json!([
        option("one", json!({})),
        option("one", json!({ "long": "two" }))
    ]);
    is_refused(&with_args(args), "one");
}

#[test]
fn a_required_positional_after_an_optional_one() {
    let args = json!([
        { "name": "first", "kind": "positional" },
        { "name": "second", "kind": "positional", "required": true },
    ]);
    is_refused(&with_args(args), "required positional argument");
}

#[test]
fn two_positionals_that_take_all_there_is() {
    let args = json!([
        { "name": "first", "kind": "positional", "repeated": true, "required": true },
        { "name": "second", "kind": "positional", "repeated": true, "required": true },
    ]);
    is_refused(&with_args(args), "Only one positional argument");
}

#[test]
fn a_trailing_positional_that_is_not_the_last() {
    let args = json!([
        { "name": "first", "kind": "positional", "repeated": true, "trailing": true },
        { "name": "second", "kind": "positional" },
    ]);
    is_refused(&with_args(args), "first");
}

#[test]
fn a_conflict_with_nothing() {
    is_refused(
        &with_args(json!([option("one", json!({ "conflicts": ["nothing"] }))])),
        "nothing",
    );
}

#[test]
fn a_need_of_nothing() {
    is_refused(
        &with_args(json!([option("one", json!({ "requires": ["nothing"] }))])),
        "nothing",
    );
}

#[test]
fn a_default_that_is_not_possible() {
    let arg = option(
        "one",
        json!({ "possible": [{ "name": "a" }, { "name": "b" }], "default": ["c"] }),
    );
    is_refused(&with_args(json!([arg])), "one");
}

#[test]
fn a_default_that_is_no_integer() {
    is_refused(
        &with_args(json!([option(
            "one",
            json!({ "value": "integer", "default": ["many"] })
        )])),
        "one",
    );
}

#[test]
fn a_default_outside_the_range() {
    let arg = option(
        "one",
        json!({ "value": "integer", "min": 1, "max": 5, "default": ["9"] }),
    );
    is_refused(&with_args(json!([arg])), "one");
}

#[test]
fn a_range_that_is_empty() {
    is_refused(
        &with_args(json!([option(
            "one",
            json!({ "value": "integer", "min": 5, "max": 1 })
        )])),
        "one",
    );
}

#[test]
fn a_choice_between_arguments_that_are_not_there() {
    let commands = json!([{ "name": "odd", "exactly_one_of": [["this", "that"]] }]);
    is_refused(&manifest(&commands), "this");
}

#[test]
fn a_letter_that_is_a_hyphen() {
    is_refused(
        &with_args(json!([option("one", json!({ "short": "-" }))])),
        "`-`",
    );
}

#[test]
fn a_word_that_begins_with_hyphens() {
    is_refused(
        &with_args(json!([option("one", json!({ "long": "--one" }))])),
        "one",
    );
}

#[test]
fn a_word_with_no_letters_or_with_odd_ones() {
    for word in ["", "two words", "a=b", "o\u{1b}[31m"] {
        is_refused(
            &with_args(json!([option("one", json!({ "long": word }))])),
            "one",
        );
    }
}

#[test]
fn an_option_without_a_letter_or_a_word() {
    is_refused(
        &with_args(json!([{ "name": "one", "kind": "option" }])),
        "neither a letter nor a word",
    );
}

#[test]
fn an_argument_with_the_name_of_a_root_option() {
    is_refused(
        &with_args(json!([option("tw.output", json!({ "long": "one" }))])),
        "without a name of its own",
    );
    is_refused(
        &with_args(json!([{ "name": "", "kind": "flag", "long": "one" }])),
        "without a name of its own",
    );
}

#[test]
fn a_letter_that_the_groups_option_has_already() {
    let group = json!([{
        "name": "odd",
        "shared": [{ "name": "workspace", "kind": "option", "value": "workspace", "short": "w", "long": "workspace" }],
        "subcommands": [{ "name": "list", "args": [option("width", json!({ "short": "w" }))] }],
    }]);
    is_refused(&manifest(&group), "-w");
}

#[test]
fn names_that_are_no_words() {
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
        is_refused(
            &manifest(&json!([{ "name": name }])),
            "is not the name of a command",
        );
        is_refused(
            &manifest(&json!([{ "name": "odd", "aliases": [name] }])),
            "is not the name of a command",
        );
        let below = json!([{ "name": "odd", "subcommands": [{ "name": name }] }]);
        is_refused(&manifest(&below), "is not the name of a command");
    }
}

#[test]
fn names_that_two_commands_have() {
    is_refused(
        &manifest(&json!([{ "name": "odd" }, { "name": "odd" }])),
        "odd",
    );
    let below = json!([{ "name": "odd", "subcommands": [{ "name": "list" }, { "name": "list" }] }]);
    is_refused(&manifest(&below), "list");
    let alias = json!([{ "name": "odd", "subcommands": [{ "name": "list" }, { "name": "show", "aliases": ["list"] }] }]);
    is_refused(&manifest(&alias), "list");
}

#[test]
fn no_commands() {
    is_refused(&manifest(&json!([])), "it has none");
}

#[test]
fn a_manifest_that_is_none() {
    for text in [
        "",
        "null",
        "7",
        "not JSON",
        "{\"commands\":7}",
        "{\"name\":",
    ] {
        puppet_with(text).refuses("puppet", "its manifest can't be read", AUTHOR);
    }
    let mut deep = json!({ "name": "odd" });
    for _ in 0..200 {
        deep = json!({ "name": "odd", "subcommands": [deep] });
    }
    puppet(&manifest(&json!([deep]))).refuses("puppet", "its manifest can't be read", AUTHOR);
}

#[test]
fn the_names_of_built_ins_stay_theirs() {
    for name in ["plugin", "completion", "help"] {
        let given = puppet(&manifest(
            &json!([{ "name": name, "about": "Stolen" }, { "name": "odd" }]),
        ));
        let note = format!("its command `{name}` has the name of one of tw's own and can't be run");
        let listed = given.listed("puppet");
        assert_eq!(listed["state"], "ok", "{listed:#}");
        assert_eq!(listed["notes"], json!([note]));
        assert_eq!(given.trouble("puppet"), format!("  puppet: {note}\n"));
        given.others_work(0);
        given.tw(["odd"]).exits(0).says("");
        let help = given.tw(["--help"]).exits(0).says("");
        assert!(!help.stdout.contains("Stolen"), "{help}");
        given
            .tw(["completion", "bash"])
            .exits(0)
            .prints_with("COMPLETE");
        given.tw(["help"]).exits(0).prints_with("Usage: tw");
    }
}

#[test]
fn a_command_below_a_group_that_is_named_help_is_refused() {
    // At the top it has the name of one of tw's own, like `plugin`: the test above.
    let below = json!([{ "name": "odd", "subcommands": [{ "name": "help" }] }]);
    is_refused(&manifest(&below), "`help`");
}

#[test]
fn a_name_of_the_hosts_as_an_alias_is_passed_over() {
    let given = puppet(&manifest(
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
fn what_a_manifest_says_is_shown_and_never_interpreted() {
    let evil = "a\u{1b}[31mb\u{202e}c\nd\u{7}";
    let commands = json!([{
        "name": "odd", "about": evil, "details": evil,
        "args": [option("one", json!({ "help": evil, "details": evil, "value_name": evil, "possible": [{ "name": "x", "help": evil }] }))],
        "examples": [{ "command": evil, "about": evil }],
    }]);
    let mut all = manifest(&commands);
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
    let given = puppet(&all);
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
fn words_and_values_are_refused_or_shown_without_being_interpreted() {
    let evil = "a\u{1b}[31mb\u{202e}c\u{7}";
    for arg in [
        option("one", json!({ "long": evil })),
        option("one", json!({ "aliases": [evil] })),
        option("one", json!({ "short": "\u{1b}" })),
        option(
            "one",
            json!({ "possible": [{ "name": evil }, { "name": "x" }] }),
        ),
        option("one", json!({ "default": [evil] })),
        option("one", json!({ "env": evil })),
        json!({ "name": evil, "kind": "positional", "required": true }),
    ] {
        let given = puppet(&with_args(json!([arg])));
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

#[test]
fn a_plugin_whose_command_has_the_hosts_letters_keeps_them() {
    let args = json!([
        option("overwrite", json!({ "short": "o", "kind": "flag" })),
        option("value", json!({ "short": "v" })),
    ]);
    let given = puppet(&with_args(args)).env("TW_PUPPET_VALUE", "{\"a\":1}");
    given.accepts("puppet");
    let ran = given
        .tw(["odd", "-o", "-v", "x", "--output", "json"])
        .exits(0)
        .says("");
    assert_eq!(ran.json(), json!({ "a": 1 }));
}
