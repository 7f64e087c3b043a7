//! Arguments of every kind, from the command line and the environment to the plugin's own types.

use serde_json::json;

use crate::{Probe, assert_usage_error, set_up};

#[test]
fn every_kind_of_argument_arrives_in_its_own_type() {
    let got = set_up().probe_json([
        "arguments",
        "kinds",
        "one",
        "-t",
        "some words",
        "-n",
        "-10",
        "--any",
        "5",
        "--loud",
        "--ratio",
        "-0.25",
        "--raw",
        "any text",
        "--tag",
        "a",
        "--tag",
        "b",
        "--list",
        "1,-2",
        "--list",
        "3",
        "--color",
        "red",
        "--password",
        "hunter2",
        "--setting",
        "here",
        "--inner",
        "in",
        "--flat",
        "f",
        "two",
        "three/x",
    ]);
    let expected = json!({
        "first": "one",
        "rest": ["two", "three/x"],
        "text": "some words",
        "number": -10,
        "any": 5,
        "loud": true,
        "ratio": -0.25,
        "raw": "any text",
        "tag": ["a", "b"],
        "list": [1, -2, 3],
        "color": "Red",
        "password": ["Secret(…)", 7],
        "setting": "here",
        "inner": "in",
        "flattened": "f",
        "typed": ["text", "any", "setting", "loud", "flattened"],
    });
    assert_eq!(got, expected);
}

#[test]
fn integers_cover_all_signed_64_bit_values() {
    let world = set_up();
    for number in [i64::MIN, -1, 0, i64::MAX] {
        let text = number.to_string();
        let got = world.probe_json(["arguments", "kinds", "x", "--any", &text]);
        assert_eq!(got["any"], number);
        let got = world.probe_json([
            "arguments",
            "kinds",
            "x",
            &format!("--any={number}"),
            "--list",
            &format!("{number},{number}"),
        ]);
        assert_eq!(got["any"], number);
        assert_eq!(got["list"], json!([number, number]));
    }
    for wrong in [
        "9223372036854775808",
        "-9223372036854775809",
        "1.5",
        "ten",
        "",
    ] {
        assert_usage_error(
            world.tw(["probe", "arguments", "kinds", "x", "--any", wrong]),
            "'--any <ANY>'",
        );
    }
}

#[test]
fn a_positional_number_may_be_negative() {
    let world = set_up();
    for number in [i64::MAX, 0, -5, i64::MIN] {
        let got = world.probe_json(["arguments", "number", &number.to_string()]);
        assert_eq!(got["number"], number);
    }
    assert_eq!(
        world.probe_json(["arguments", "number", "--", "-5"])["number"],
        -5
    );
}

#[test]
fn a_number_outside_its_range_is_a_usage_error() {
    let world = set_up();
    for number in ["-11", "11"] {
        assert_usage_error(
            world.tw(["probe", "arguments", "kinds", "x", "-n", number]),
            "'--number <NUMBER>': expected an integer from -10 to 10",
        );
    }
}

#[test]
fn aliases_of_commands_options_and_flags_work() {
    let world = set_up();
    let got = world.command([
        "-o",
        "json",
        "pr",
        "args",
        "sorts",
        "one",
        "--noisy",
        "--colour",
        "dark-blue",
    ]);
    let got = got.run().exits(0).says("").json();
    assert_eq!(
        (&got["loud"], &got["color"]),
        (&json!(true), &json!("DarkBlue"))
    );
}

#[test]
fn a_choice_may_ignore_case_and_yields_the_declared_variant() {
    let world = set_up();
    for (typed, color) in [
        ("RED", "Red"),
        ("Dark-Blue", "DarkBlue"),
        ("purple", "Violet"),
    ] {
        let got = world.probe_json(["arguments", "kinds", "x", "--color", typed]);
        assert_eq!(got["color"], color);
    }
    let ran = world.tw(["probe", "arguments", "kinds", "x", "--color", "green"]);
    assert_usage_error(ran.says_with("red, dark-blue, PURPLE"), "'--color <COLOR>'");
    assert_usage_error(
        world.tw(["probe", "arguments", "built", "x", "--mode", "FAST"]),
        "'--mode <MODE>'",
    );
}

#[test]
fn a_value_may_look_like_an_option() {
    let world = set_up();
    for text in ["-x", "--secret", "-", "--", "-5", "—"] {
        let got = world.probe_json(["arguments", "kinds", "one", &format!("--text={text}")]);
        assert_eq!(got["text"], text);
    }
    for text in ["-x", "--secret", "-", "-5"] {
        let got = world.probe_json(["arguments", "kinds", "one", "-t", text]);
        assert_eq!(got["text"], text);
    }
    let got = world.probe_json(["arguments", "kinds", "one", "--", "--loud", "-x"]);
    assert_eq!(
        (&got["rest"], &got["loud"]),
        (&json!(["--loud", "-x"]), &json!(false))
    );
}

#[test]
fn the_environment_provides_a_value_unless_it_is_empty() {
    let world = set_up();
    let setting = |value: &str, more: &[&str]| {
        let command = world.probe(["arguments", "kinds", "x"]).args(more);
        let got = command.env("PROBE_SETTING", value).run().exits(0).json();
        (got["setting"].clone(), got["typed"].clone())
    };
    assert_eq!(
        setting("from outside", &[]),
        (json!("from outside"), json!([]))
    );
    assert_eq!(setting("", &[]), (json!("by default"), json!([])));
    assert_eq!(
        setting("from outside", &["--setting", "typed"]),
        (json!("typed"), json!(["setting"]))
    );
    assert_eq!(
        setting("from outside", &["--setting", ""]),
        (json!(""), json!(["setting"]))
    );
}

#[test]
fn the_environment_provides_values_of_every_kind() {
    let world = set_up();
    let command = world.probe(["arguments", "environment"]);
    let command = command
        .env("PROBE_NUMBER", "-12")
        .env("PROBE_COLOR", "RED")
        .env("PROBE_LIST", "a,b");
    let got = command.run().exits(0).says("").json();
    assert_eq!(
        got,
        json!({ "flag": false, "number": -12, "color": "Red", "list": ["a", "b"] })
    );
    let wrong = world
        .probe(["arguments", "environment"])
        .env("PROBE_NUMBER", "many");
    assert_usage_error(wrong.run(), "'--number <NUMBER>'");
}

#[test]
fn the_environment_sets_a_flag() {
    let world = set_up();
    let flag = |value: &str| {
        let command = world.probe(["arguments", "environment"]);
        command
            .env("PROBE_FLAG", value)
            .run()
            .exits(0)
            .says("")
            .json()["flag"]
            .clone()
    };
    assert_eq!(flag(""), false);
    assert_eq!(flag("false"), false);
    assert_eq!(flag("true"), true);
}

#[test]
fn exactly_one_of_two_must_be_given() {
    let world = set_up();
    let choose = |more: &[&str]| world.probe(["arguments", "choose"]).args(more).run();
    assert_eq!(choose(&["-i", "-3"]).exits(0).json()["id"], -3);
    assert_eq!(choose(&["--name", "x"]).exits(0).json()["name"], "x");
    assert_usage_error(choose(&[]), "<--id <ID>|--name <NAME>>");
    assert_usage_error(
        choose(&["-i", "1", "-n", "x"]),
        "'--id <ID>' cannot be used with '--name <NAME>'",
    );
}

#[test]
fn conflicting_and_missing_arguments_are_reported_by_name() {
    let world = set_up();
    let choose = |more: &[&str]| {
        world
            .probe(["arguments", "choose", "-i", "1"])
            .args(more)
            .run()
    };
    assert_usage_error(
        choose(&["--loud", "--quiet"]),
        "'--loud' cannot be used with '--quiet'",
    );
    assert_usage_error(choose(&["--quiet", "--loud"]), "cannot be used with");
    assert_usage_error(choose(&["--role", "admin"]), "--user <USER>");
    assert_eq!(
        choose(&["--role", "admin", "--user", "u"]).exits(0).json()["role"],
        "admin"
    );
}

#[test]
fn a_trailing_argument_takes_everything_after_it() {
    let world = set_up();
    let got = world.probe_json([
        "arguments",
        "trailing",
        "-t",
        "2",
        "ls",
        "-l",
        "--times",
        "3",
        "-o",
        "console",
        "--help",
    ]);
    assert_eq!(
        got,
        json!({ "times": 2, "program": ["ls", "-l", "--times", "3", "-o", "console", "--help"] })
    );
    let got = world.probe_json(["arguments", "trailing", "--", "-l", "--times"]);
    assert_eq!(got, json!({ "times": null, "program": ["-l", "--times"] }));
}

#[test]
fn groups_nest_and_share_their_arguments() {
    let world = set_up();
    let got = world.probe_json([
        "arguments",
        "deep",
        "deeper",
        "leaf",
        "-d",
        "3",
        "--side",
        "left",
        "-o",
        "own",
    ]);
    assert_eq!(
        got,
        json!({ "own": "own", "depth": 3, "side": "left", "typed": true })
    );
    let got = world
        .probe(["args", "deep", "below", "blade"])
        .env("PROBE_DEPTH", "-1");
    let got = got.run().exits(0).says("").json();
    assert_eq!(
        got,
        json!({ "own": null, "depth": -1, "side": null, "typed": false })
    );
    // Shared arguments belong to the commands of a group, not to the group itself.
    assert_usage_error(
        world.tw(["probe", "arguments", "deep", "-d", "3", "deeper", "leaf"]),
        "'-d'",
    );
    assert_usage_error(
        world.tw(["probe", "arguments", "kinds", "x", "--side", "left"]),
        "'--side'",
    );
}

#[test]
fn arguments_can_be_built_by_hand() {
    let world = set_up();
    let got = world.probe_json(["arguments", "constructed", "word"]);
    let expected = json!({ "word": "word", "times": 2, "upper": false, "mode": null, "on": ["here", "there"] });
    assert_eq!(got["values"], expected);
    assert_eq!(
        got["wrong"],
        "the value of the argument `absent` is not of the type that was declared"
    );
    let got = world.probe_json([
        "arguments",
        "built",
        "word",
        "-n",
        "9",
        "--upper",
        "--mode",
        "slow",
        "--on",
        "top",
    ]);
    let expected =
        json!({ "word": "word", "times": 9, "upper": true, "mode": "slow", "on": ["top"] });
    assert_eq!(got["values"], expected);
}

#[test]
fn a_command_line_error_names_the_argument_and_exits_2() {
    let world = set_up();
    let tw = |more: &[&str]| world.command(["probe", "arguments"]).args(more).run();
    assert_usage_error(tw(&["kinds"]), "<FIRST>");
    assert_usage_error(tw(&["kinds", "x", "--txt", "y"]), "'--text'");
    assert_usage_error(tw(&["kinds", "x", "--text"]), "'--text <WORDS>'");
    assert_usage_error(tw(&["kinds", "x", "--loud=yes"]), "`--loud` takes no value");
    assert_usage_error(
        tw(&["kinds", "x", "-t", "a", "-t", "b"]),
        "'--text <WORDS>'",
    );
    assert_usage_error(tw(&["number", "1", "2"]), "'2'");
    assert_usage_error(tw(&["knids"]), "'kinds'");
}
