//! Plugins of a newer version: what this `tw` must understand and doesn't is refused by name, and everything else is ignored.

use serde_json::{Value, json};
use tw_tests::{Installation, Ran};

use crate::{
    given::Given,
    puppet::{make_manifest, set_up_puppet, set_up_puppet_in},
};

const USE_NEWER: &str = "use a newer tw (this is 0.1.0)";

/// Runs the puppet's command, which makes these calls, and returns the host's answers.
fn call_host(calls: &[&str]) -> Value {
    let services = ["http", "workspace", "input", "prompt", "auth", "config"];
    let given = set_up_puppet_in(Installation::bare(), &services);
    let given = given.env("TW_PUPPET_CALLS", calls.join("\n"));
    given.tw(["puppet", "-o", "json"]).exits(0).json()
}

#[test]
fn a_manifest_that_needs_an_unknown_feature_is_refused() {
    let mut manifest = make_manifest(&json!([{ "name": "puppet" }]));
    manifest["needs"] = json!(["manifest.sandbox", "http.only_if"]);
    set_up_puppet(&manifest).refuses(
        "puppet",
        "it needs a newer tw, for `manifest.sandbox`, `http.only_if`",
        USE_NEWER,
    );
    for nothing in [json!(null), json!([])] {
        manifest["needs"] = nothing;
        set_up_puppet(&manifest).accepts("puppet");
    }
}

/// A manifest with a command that works, and `later` that doesn't because of these fields.
fn make_later(fields: &Value) -> Value {
    let mut later = json!({ "name": "later", "about": "Come later", "details": "More about it." });
    for (name, value) in fields.as_object().expect("fields") {
        later[name] = value.clone();
    }
    let today = json!({ "name": "today", "about": "Work today" });
    make_manifest(&json!([{ "name": "puppet", "about": "A group", "subcommands": [today, later] }]))
}

/// Asserts that the command `later` is shown in help, that it is refused for this reason however it is called, and that its sibling works.
#[track_caller]
fn assert_later_is_refused(fields: &Value, reason: &str) {
    let given = set_up_puppet(&make_later(fields));
    given.accepts("puppet");
    let help = given.tw(["puppet", "--help"]).exits(0);
    help.prints_with("Work today").prints_with("Come later");
    for help in [&["puppet", "later", "--help"], &["puppet", "help", "later"]] {
        let help = given.tw(*help).exits(0).says("");
        help.prints_with("More about it.")
            .prints_with(&format!("This command needs a newer tw, for {reason}."));
    }
    for arguments in [
        &[][..],
        &["-l", "foo"],
        &["foo", "--tomorrow", "--", "-x"],
        &["--unknown=1", "-o", "json"],
    ] {
        let line = [&["puppet", "later"], arguments].concat();
        let ran: Ran = given.tw(line);
        ran.fails_with(&format!(
            "`tw puppet later` needs a newer tw, for {reason}\n"
        ));
    }
    given.tw(["puppet", "today"]).exits(0).says("");
}

#[test]
fn a_command_that_needs_an_unknown_feature_stays_in_help_and_is_not_run() {
    assert_later_is_refused(
        &json!({ "needs": ["command.dry_run"] }),
        "`command.dry_run`",
    );
}

#[test]
fn a_command_with_an_argument_of_an_unknown_kind_is_not_run() {
    let toggle = json!({ "name": "level", "kind": "toggle", "short": "l", "long": "level" });
    assert_later_is_refused(&json!({ "args": [toggle] }), "`--level`");
    let rest = json!({ "name": "rest", "kind": "remainder" });
    let both = json!({ "needs": ["command.dry_run"], "args": [rest] });
    assert_later_is_refused(&both, "`command.dry_run`, `rest`");
    let kind = json!({ "name": "level", "kind": 7, "long": "level" });
    assert_later_is_refused(&json!({ "args": [kind] }), "`--level`");
}

#[test]
fn an_argument_of_an_unknown_type_is_a_text() {
    let span = json!({ "name": "span", "kind": "option", "value": "timespan", "long": "span" });
    let mut limited = span.clone();
    limited["name"] = json!("limited");
    limited["long"] = json!("limited");
    limited["min"] = json!("1 day");
    let given = set_up_puppet(&make_manifest(
        &json!([{ "name": "puppet", "args": [span, limited] }]),
    ));
    given.accepts("puppet");
    let line = ["puppet", "--span", "2 days", "--limited", "0 days"];
    given.tw(line).exits(0).says("");
}

#[test]
fn a_group_that_needs_an_unknown_feature_is_not_run() {
    let mut manifest = make_later(&json!({}));
    manifest["commands"][0]["needs"] = json!(["group.nested_options"]);
    let given = set_up_puppet(&manifest);
    given.accepts("puppet");
    let message = "`tw puppet` needs a newer tw, for `group.nested_options`";
    for line in [
        &["puppet"][..],
        &["puppet", "today"],
        &["puppet", "later", "-x"],
    ] {
        given.tw(line.to_vec()).fails_with(message);
    }
    given.tw(["--help"]).exits(0).prints_with("A group");
    given
        .tw(["puppet", "--help"])
        .exits(0)
        .prints_with("needs a newer tw");
}

#[test]
fn a_shared_argument_of_an_unknown_kind_stops_every_command_that_has_it() {
    let mut manifest = make_later(&json!({}));
    let shared = json!([{ "name": "level", "kind": "toggle", "long": "level" }]);
    manifest["commands"][0]["shared"] = shared;
    let given = set_up_puppet(&manifest);
    given.accepts("puppet");
    given
        .tw(["puppet", "today"])
        .fails_with("`tw puppet today` needs a newer tw, for `--level`\n");
}

#[test]
fn a_request_that_needs_an_unknown_feature_is_unsupported() {
    let calls = [
        r#"workspace.resolve {"reference":"acme/production","needs":["workspace.reference"]}"#,
        r#"http.send {"method":"DELETE","url":"/pipeline-secrets/1","only_if":"x","needs":["http.only_if"]}"#,
        r#"clock.now {"needs":["clock.zone","clock.calendar"]}"#,
        r#"log.write {"message":"x","needs":["log.color"]}"#,
    ];
    let answers = call_host(&calls);
    for (at, (method, features)) in [
        ("workspace.resolve", "`workspace.reference`"),
        ("http.send", "`http.only_if`"),
        ("clock.now", "`clock.zone`, `clock.calendar`"),
        ("log.write", "`log.color`"),
    ]
    .into_iter()
    .enumerate()
    {
        let failed = &answers[at]["failed"];
        assert_eq!(failed["kind"], "unsupported", "{failed}");
        let message = format!("its call of `{method}` needs a newer tw, for {features}");
        assert_eq!(failed["message"], message);
        assert_eq!(failed["hint"], USE_NEWER);
    }
}

#[test]
fn a_request_whose_needs_cannot_be_read_is_refused() {
    let calls = [
        r#"clock.now {"needs":"clock.zone"}"#,
        r#"clock.now {"needs":[1]}"#,
        r#"clock.now {"needs":null}"#,
        r#"clock.now {"needs":[]}"#,
    ];
    let answers = call_host(&calls);
    for at in 0..2 {
        assert_eq!(answers[at]["failed"]["kind"], "bad_request", "{answers:#}");
    }
    for at in 2..4 {
        assert!(answers[at]["ok"].is_object(), "{answers:#}");
    }
}

#[test]
fn a_request_with_a_value_of_another_type_is_refused_by_name() {
    let calls = [
        r#"clock.sleep {"ms":1E400}"#,
        r#"clock.sleep {"ms":"1"}"#,
        r#"http.send {"url":"/x","headers":[{"name":"a","value":5}]}"#,
        r#"http.batch {"requests":[{"url":"/x"},{"url":["y"]}]}"#,
        r#"http.send {"url":"/x","anonymous":"yes"}"#,
        r#"http.send {"url":"/x","body":[]}"#,
        r#"http.send ["DELETE","/x"]"#,
        r#"input.read {"max":-1}"#,
        r#"progress.update {"done":99999999999999999999,"progress":1}"#,
    ];
    let answers = call_host(&calls);
    let expected = [
        "ms",
        "ms",
        "headers",
        "requests",
        "anonymous",
        "body",
        "list",
        "max",
    ];
    for (at, part) in expected.into_iter().enumerate() {
        let failed = &answers[at]["failed"];
        assert_eq!(failed["kind"], "bad_request", "{answers:#}");
        let message = failed["message"].as_str().unwrap_or_default();
        assert!(message.contains(part), "no {part:?} in {message}");
    }
    assert!(answers[8]["ok"].is_object(), "{answers:#}");
}

#[test]
fn null_is_a_missing_field_in_a_manifest() {
    let option = json!({
        "name": "level", "kind": "option", "value": null, "short": null, "long": "level", "aliases": null,
        "help": null, "required": null, "repeated": null, "default": null, "possible": null, "min": null,
        "conflicts": null, "requires": null, "hidden": null, "sensitive": null, "env": null,
    });
    let command = json!({
        "name": "puppet", "about": null, "aliases": null, "args": [null, option], "shared": null,
        "exactly_one_of": null, "subcommands": null, "examples": null, "hidden": null, "needs": null,
    });
    let mut manifest = make_manifest(&json!([command, null]));
    for field in [
        "description",
        "vendor",
        "license",
        "homepage",
        "services",
        "needs",
    ] {
        manifest[field] = Value::Null;
    }
    let given = set_up_puppet(&manifest);
    given.accepts("puppet");
    given.tw(["puppet", "--level", "high"]).exits(0).says("");
}

#[test]
fn a_manifest_with_a_value_of_another_type_is_refused_by_name() {
    for (field, value) in [
        ("hidden", json!("yes")),
        ("aliases", json!("other")),
        ("long", json!(5)),
    ] {
        let mut option = json!({ "name": "level", "kind": "option", "long": "level" });
        option[field] = value;
        let manifest = make_manifest(&json!([{ "name": "puppet", "args": [option] }]));
        let given = set_up_puppet(&manifest);
        given.refuses(
            "puppet",
            "its manifest can't be read: `commands[0].args",
            "tell its author",
        );
    }
    let far =
        json!({ "name": "level", "long": "level", "value": "integer", "min": -1e30, "max": 1e30 });
    let manifest = make_manifest(&json!([{ "name": "puppet", "args": [far] }]));
    set_up_puppet(&manifest).accepts("puppet");
}

#[test]
fn a_line_of_an_unknown_level_is_a_warning() {
    let given = set_up_puppet_in(Installation::bare(), &[]);
    let calls = [
        r#"log.write {"level":"fatal","message":"the roof is on fire"}"#,
        r#"log.write {"level":5,"message":"so is the cellar"}"#,
        r#"log.write {"message":"nobody needs to know"}"#,
    ];
    let given: Given = given.env("TW_PUPPET_CALLS", calls.join("\n"));
    given.tw(["puppet", "-o", "json"]).exits(0).says(
        "warning: plugin `puppet`: the roof is on fire\nwarning: plugin `puppet`: so is the cellar\n",
    );
}
