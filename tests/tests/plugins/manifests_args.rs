//! Invalid declarations of arguments: the host finds the mistake when the plugin describes itself.

use serde_json::{Value, json};

use crate::{
    manifests::{assert_refused, make_args_manifest, make_option},
    puppet::{make_manifest, set_up_puppet},
};

#[track_caller]
fn assert_args_refused(args: &Value, reason: &str) {
    assert_refused(&make_args_manifest(args), reason);
}

#[test]
fn two_options_with_one_short_name_are_refused() {
    let args = json!([
        make_option("one", json!({ "short": "x" })),
        make_option("two", json!({ "short": "x" }))
    ]);
    assert_args_refused(&args, "-x");
}

#[test]
fn two_options_with_one_long_name_are_refused() {
    let args = json!([
        make_option("one", json!({})),
        make_option("two", json!({ "long": "one" }))
    ]);
    assert_args_refused(&args, "--one");
}

#[test]
fn two_arguments_with_one_name_are_refused() {
    let args = json!([
        make_option("one", json!({})),
        make_option("one", json!({ "long": "two" }))
    ]);
    assert_args_refused(&args, "two arguments are named `one`");
}

#[test]
fn a_required_positional_after_an_optional_one_is_refused() {
    let args = json!([
        { "name": "first", "kind": "positional" },
        { "name": "second", "kind": "positional", "required": true },
    ]);
    assert_args_refused(
        &args,
        "the required positional `second` follows the optional `first`",
    );
}

#[test]
fn two_positionals_that_take_the_remaining_values_are_refused() {
    let args = json!([
        { "name": "first", "kind": "positional", "repeated": true, "required": true },
        { "name": "second", "kind": "positional", "repeated": true, "required": true },
    ]);
    assert_args_refused(&args, "only the last positional can be repeated");
}

#[test]
fn a_trailing_positional_that_is_not_the_last_is_refused() {
    let args = json!([
        { "name": "first", "kind": "positional", "repeated": true, "trailing": true },
        { "name": "second", "kind": "positional" },
    ]);
    assert_args_refused(&args, "first");
}

#[test]
fn a_conflict_with_an_unknown_argument_is_refused() {
    let arg = make_option("one", json!({ "conflicts": ["nothing"] }));
    assert_args_refused(&json!([arg]), "nothing");
}

#[test]
fn a_requirement_of_an_unknown_argument_is_refused() {
    let arg = make_option("one", json!({ "requires": ["nothing"] }));
    assert_args_refused(&json!([arg]), "nothing");
}

#[test]
fn a_default_that_is_not_a_possible_value_is_refused() {
    let arg = make_option(
        "one",
        json!({ "possible": [{ "name": "a" }, { "name": "b" }], "default": ["c"] }),
    );
    assert_args_refused(&json!([arg]), "`c` is not one of its possible values");
}

#[test]
fn a_default_that_is_not_an_integer_is_refused() {
    let arg = make_option("one", json!({ "value": "integer", "default": ["many"] }));
    assert_args_refused(
        &json!([arg]),
        "its default `many` is invalid: expected a 64-bit integer",
    );
}

#[test]
fn a_default_outside_the_range_is_refused() {
    let arg = make_option(
        "one",
        json!({ "value": "integer", "min": 1, "max": 5, "default": ["9"] }),
    );
    assert_args_refused(
        &json!([arg]),
        "its default `9` is invalid: expected an integer from 1 to 5",
    );
}

#[test]
fn an_empty_range_is_refused() {
    let arg = make_option("one", json!({ "value": "integer", "min": 5, "max": 1 }));
    assert_args_refused(&json!([arg]), "its range is empty");
}

#[test]
fn a_choice_between_unknown_arguments_is_refused() {
    let commands = json!([{ "name": "odd", "exactly_one_of": [["this", "that"]] }]);
    assert_refused(&make_manifest(&commands), "this");
}

#[test]
fn a_hyphen_as_a_short_name_is_refused() {
    assert_args_refused(&json!([make_option("one", json!({ "short": "-" }))]), "`-`");
}

#[test]
fn a_long_name_that_begins_with_hyphens_is_refused() {
    let arg = make_option("one", json!({ "long": "--one" }));
    assert_args_refused(&json!([arg]), "`----one`");
}

#[test]
fn an_empty_long_name_or_one_with_special_characters_is_refused() {
    for word in ["", "two words", "a=b", "o\u{1b}[31m"] {
        let arg = make_option("one", json!({ "long": word }));
        assert_args_refused(&json!([arg]), "is not a word that can be typed");
    }
}

#[test]
fn an_option_without_a_short_or_long_name_is_refused() {
    assert_args_refused(
        &json!([{ "name": "one", "kind": "option" }]),
        "neither a letter nor a word",
    );
}

#[test]
fn an_argument_with_the_name_of_a_root_option_is_refused() {
    assert_args_refused(
        &json!([make_option("tw.output", json!({ "long": "one" }))]),
        "it has no name of its own",
    );
    assert_args_refused(
        &json!([{ "name": "", "kind": "flag", "long": "one" }]),
        "it has no name of its own",
    );
}

#[test]
fn a_short_name_that_a_shared_option_has_is_refused() {
    let group = json!([{
        "name": "odd",
        "shared": [{ "name": "workspace", "kind": "option", "value": "workspace", "short": "w", "long": "workspace" }],
        "subcommands": [{ "name": "list", "args": [make_option("width", json!({ "short": "w" }))] }],
    }]);
    assert_refused(&make_manifest(&group), "-w");
}

#[test]
fn a_command_keeps_short_names_that_the_host_has_too() {
    let args = json!([
        make_option("overwrite", json!({ "short": "o", "kind": "flag" })),
        make_option("value", json!({ "short": "v" })),
    ]);
    let given = set_up_puppet(&make_args_manifest(&args)).env("TW_PUPPET_VALUE", "{\"a\":1}");
    given.accepts("puppet");
    let ran = given
        .tw(["odd", "-o", "-v", "x", "--output", "json"])
        .exits(0)
        .says("");
    assert_eq!(ran.json(), json!({ "a": 1 }));
}

#[test]
fn a_command_keeps_names_of_root_options_that_came_later() {
    for word in ["jq", "columns", "no-headers", "wide"] {
        let named = make_option("one", json!({ "long": word }));
        let aliased = make_option("one", json!({ "long": "one", "aliases": [word] }));
        for option in [named, aliased] {
            let given = set_up_puppet(&make_args_manifest(&json!([option])));
            let given = given.env("TW_PUPPET_VALUE", "{\"a\":1}");
            given.accepts("puppet");
            let line = ["odd", &format!("--{word}"), ".[", "-o", "json"];
            assert_eq!(given.tw(line).exits(0).says("").json(), json!({ "a": 1 }));
        }
    }
}

#[test]
fn a_long_name_that_a_root_option_has_is_refused() {
    for word in [
        "access-token",
        "url",
        "output",
        "verbose",
        "insecure",
        "cacert",
        "client-cert",
        "client-key",
        "connect-timeout",
        "read-timeout",
        "retries",
        "rate",
    ] {
        let reason =
            format!("`--{word}` is an option of `tw` itself: give the option another name");
        let by_name = make_option("one", json!({ "long": word }));
        assert_args_refused(&json!([by_name]), &reason);
        let by_alias = make_option("one", json!({ "kind": "flag", "aliases": [word] }));
        assert_args_refused(&json!([by_alias]), &reason);
    }
    let shared = json!([{
        "name": "odd",
        "shared": [make_option("output", json!({ "short": "o" }))],
        "subcommands": [{ "name": "list" }],
    }]);
    assert_refused(&make_manifest(&shared), "`--output`");
}

#[test]
fn a_positional_may_have_the_name_of_a_root_option() {
    let url = json!({ "name": "url", "kind": "positional" });
    let given = set_up_puppet(&make_args_manifest(&json!([url])));
    given.accepts("puppet");
    given.tw(["odd", "https://example.com"]).exits(0).says("");
}

#[test]
fn help_shows_a_root_option_without_the_letter_that_a_command_takes() {
    let args = json!([
        make_option("owner", json!({ "short": "o" })),
        make_option("volume", json!({ "short": "v", "kind": "flag" })),
    ]);
    let given = set_up_puppet(&make_args_manifest(&args)).env("TW_PUPPET_VALUE", "{\"a\":1}");
    given.accepts("puppet");
    let help = given.tw(["odd", "--help"]).exits(0).says("").stdout;
    for line in [
        "  -o, --owner <OWNER>",
        "  -v, --volume",
        "      --output <FORMAT>",
        "      --verbose[=<LEVEL>]",
        "  -u, --url <URL>",
    ] {
        let mut lines = help.lines();
        assert!(
            lines.any(|shown| shown.trim_end() == line || shown.starts_with(&format!("{line} "))),
            "no {line:?} in {help}"
        );
    }
    // The letter is the root option's before the command, and the command's after it. A word is always the root option's.
    let line = ["-o", "json", "odd", "-o", "json", "-v", "--verbose"];
    let ran = given.tw(line).exits(0);
    assert_eq!(ran.json(), json!({ "a": 1 }));
    assert!(ran.stderr.contains("run"), "{}", ran.stderr);
    let line = ["odd", "-o", "json", "-v"];
    let ran = given.tw(line).exits(0).says("");
    assert_ne!(ran.stdout.lines().next(), Some("{"), "{}", ran.stdout);
}

#[test]
fn a_limit_that_is_no_value_of_the_type_is_refused() {
    for (value, more, reason) in [
        (
            "duration",
            json!({ "min": "5" }),
            "its limit `5` is not a duration",
        ),
        (
            "size",
            json!({ "max": "5s" }),
            "its limit `5s` is not a size",
        ),
        (
            "integer",
            json!({ "min": 0.5 }),
            "its limit `0.5` is not a 64-bit integer",
        ),
        (
            "float",
            json!({ "max": "NaN" }),
            "its limit `NaN` is not a number",
        ),
        (
            "duration",
            json!({ "min": "1h", "max": "59m" }),
            "its range is empty",
        ),
        (
            "text",
            json!({ "min": 1 }),
            "it has a range, but its values are no numbers",
        ),
    ] {
        let mut arg = make_option("one", more);
        arg["value"] = json!(value);
        assert_args_refused(&json!([arg]), reason);
    }
}

#[test]
fn a_limit_may_be_a_number_or_its_text() {
    for limits in [
        json!({ "min": 1, "max": 5 }),
        json!({ "min": "1", "max": "5" }),
    ] {
        let mut arg = make_option("one", limits);
        arg["value"] = json!("integer");
        let given = set_up_puppet(&make_args_manifest(&json!([arg])));
        given.accepts("puppet");
        given.tw(["odd", "--one", "5"]).exits(0);
        given
            .tw(["odd", "--one", "6"])
            .exits(2)
            .says_with("expected an integer from 1 to 5");
    }
}

#[test]
fn a_default_of_another_type_is_refused() {
    for (value, default, reason) in [
        ("boolean", "yes", "`yes` is neither true nor false"),
        (
            "duration",
            "5",
            "its default `5` is invalid: expected a duration",
        ),
        ("size", "5s", "its default `5s` is invalid: expected a size"),
        (
            "time",
            "soon",
            "its default `soon` is invalid: expected a time",
        ),
        (
            "float",
            "half",
            "its default `half` is invalid: expected a number",
        ),
    ] {
        let arg = make_option("one", json!({ "value": value, "default": [default] }));
        assert_args_refused(&json!([arg]), reason);
    }
}

#[test]
fn two_possible_values_with_one_word_are_refused() {
    let possible = json!([{ "name": "a", "aliases": ["b"] }, { "name": "b" }]);
    let arg = make_option("one", json!({ "possible": possible }));
    assert_args_refused(&json!([arg]), "two of its possible values are called `b`");
}

#[test]
fn possible_values_that_differ_only_in_case_are_refused_if_case_is_ignored() {
    let color = |ignore_case| {
        let possible = json!([{ "name": "red" }, { "name": "Red" }]);
        json!([make_option(
            "color",
            json!({ "possible": possible, "ignore_case": ignore_case })
        )])
    };
    assert_args_refused(&color(true), "two of its possible values are called `Red`");
    let given = set_up_puppet(&make_args_manifest(&color(false)));
    assert_eq!(given.find("puppet")["state"], "ok");
}
